internal import BerthModel

/// What all of a gang are granted, one beside the other.
extension State {
    /// What each of a gang is granted, beside what others hold and those of it before.
    /// - Parameters:
    ///   - members: all of it, in the order in which they choose
    ///   - own: what their user has
    ///   - held: what all hold
    ///   - closed: types of which nothing is to be had
    ///   - strategy: how units are chosen; nil is as each of them says
    func choose(
        together members: [Reservation], having own: Holdings, beside held: Holdings,
        without closed: Set<ResourceType> = [], by strategy: Strategy? = nil
    ) throws(Refusal) -> [Choice] {
        var (own, held) = (own, held)
        var placed: [Reservation] = []
        var choices: [Choice] = []
        for member in members {
            guard let waiting = member.waiting else { continue }
            var request = waiting.request
            request.strategy = strategy ?? request.strategy
            let caller = Caller(user: member.user, isAdmin: waiting.isAdmin, caps: waiting.caps)
            let choice = try choose(
                request, caller, having: own, beside: held, without: closed,
                near: try neighbours(request, caller, among: placed))
            own.add(choice.grant)
            held.add(choice.grant)
            choices.append(choice)
            var taken = member
            taken.grant = choice.grant
            taken.state = Reservation.State(holding: choice.grant)
            placed.append(taken)
        }
        return choices
    }
}

extension Plan {
    /// Gives a gang its moment: the first at which all of it can be granted, each beside those before it, so that they delay
    /// nobody before them. Nothing is held for some of them while others wait, so gangs never wait for each other.
    /// - Parameters:
    ///   - gang: all of it, the first of it first
    ///   - mayHold: whether quotas let them have this now
    mutating func turn(of gang: [Reservation], mayHold: ([Choice]) -> Bool) -> Turn {
        guard let user = gang.first?.user else { return .barred }
        let requests = gang.compactMap(\.waiting?.request)
        for request in requests { know(request) }
        let own = users[user] ?? state.users[user]?.holdings ?? Holdings()
        let length = gang.contains { $0.lease == nil } ? nil : gang.compactMap(\.lease?.milliseconds).max()
        let found: (at: Int64, found: [Choice])?
        do throws(Refusal) {
            found = try moment(for: gang, requests, room(for: Amounts(leastOf: requests)), own, length)
        } catch {
            return .barred
        }
        if case (let at, var choices)? = found {
            if at <= now { choices = best(for: gang, own, length, instead: choices) }
            guard mayHold(choices) else { return .barred }
            for (member, choice) in zip(gang, choices) {
                hold(choice.grant, from: at, until: member.lease.map { at + $0.milliseconds })
            }
            guard at <= now else { return .later(at) }
            var held = own
            for choice in choices { held.add(choice.grant) }
            users[user] = held
            return .together(Array(zip(gang, choices)))
        }
        do throws(Refusal) {
            let choices = try state.choose(together: gang, having: own, beside: Holdings(), by: .greedy)
            guard mayHold(choices) else { return .barred }
        } catch {
            return .barred
        }
        for resources in requests.flatMap(\.choices) { keep(resources.least) }
        return .unknown
    }

    /// What they are granted each by its own strategy, where all of them fit so too.
    private func best(
        for gang: [Reservation], _ own: Holdings, _ length: Int64?, instead choices: [Choice]
    ) -> [Choice] {
        do throws(Refusal) {
            return try state.choose(together: gang, having: own, beside: timeline.mostFromTheFirst(for: length))
        } catch {
            return choices
        }
    }

    private func moment(
        for gang: [Reservation], _ requests: [ReservationRequest], _ room: Room, _ own: Holdings, _ length: Int64?
    ) throws(Refusal) -> (at: Int64, found: [Choice])? {
        let open = try moment(for: gang, requests, room, own, length, without: Set(closed.keys))
        guard open == nil, !closed.isEmpty, let length else { return open }
        let types = requests.flatMap(\.choices).flatMap(\.types)
        let until = types.compactMap { closed[$0] }.min() ?? now
        return try moment(for: gang, requests, room, own, length, without: []).flatMap {
            $0.at + length <= until ? $0 : nil
        }
    }

    private func moment(
        for gang: [Reservation], _ requests: [ReservationRequest], _ room: Room, _ own: Holdings, _ length: Int64?,
        without closed: Set<ResourceType>
    ) throws(Refusal) -> (at: Int64, found: [Choice])? {
        guard requests.allSatisfy({ $0.choices.contains { closed.isDisjoint(with: $0.types) } }) else { return nil }
        var barred: Refusal?
        let found = timeline.earliest(for: length, within: [room]) { held -> [Choice]? in
            guard barred == nil else { return nil }
            do throws(Refusal) {
                return try state.choose(together: gang, having: own, beside: held, without: closed, by: .greedy)
            } catch {
                // What is over a cap at one moment is so at every other.
                if !error.isInsufficient { barred = error }
                return nil
            }
        }
        if let barred { throw barred }
        return found
    }
}

extension Amounts {
    /// The sums of the least that some requests will do with.
    fileprivate init(leastOf requests: [ReservationRequest]) {
        self.init()
        for part in requests.flatMap({ Amounts(leastOf: $0).parts }) { add(part.units, of: part.type) }
    }
}
