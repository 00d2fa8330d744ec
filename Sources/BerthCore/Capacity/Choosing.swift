internal import BerthModel

/// Chooses what is granted for one set of resources: as much as there is, then as near to others as that can be.
///
/// Placement finds units for exact amounts, all or nothing. This is what tries it: at the full amounts, and where that is
/// too much, type by type in their order the most that leaves those after it their minimum.
struct Choosing {
    /// Finds units beside what others hold.
    let placement: Placement
    /// What the user may hold in all.
    let caps: Caps
    /// What the user holds besides.
    let rest: Holdings
    /// What its pool may take; nil is all that is free.
    let rooms: PoolRooms?
    /// Others that it lies near to, or apart from.
    let neighbours: [Neighbours]
    /// The hard quota that a grant would pass; nil for none.
    var excess: (Grant) -> Excess? = { _ in nil }

    /// - Throws: what is short at the least that will do
    func choose(_ resources: Resources) throws(Refusal) -> Choice {
        let misplaced = neighbours.compactMap { $0.violation(in: resources) }
        guard misplaced.isEmpty else { throw .invalid(misplaced) }
        let required = neighbours.filter { !$0.affinity.isPreferred }
        var bounds = required.reduce(Bounds()) { $1.narrow($0) }
        var choice: Choice
        var found = resources
        do throws(Refusal) {
            choice = Choice(try fit(resources, bounds), placement.strategy)
        } catch {
            let least = resources.least
            guard error.free != nil, least != resources else { throw unmet(error, resources, required) }
            do throws(Refusal) { _ = try fit(least, bounds) } catch {
                throw unmet(error.asking(resources), least, required)
            }
            found = most(of: resources, from: least, bounds)
            choice = Choice(try fit(found, bounds), placement.strategy)
            choice.short = error
        }
        for neighbours in neighbours where neighbours.affinity.isPreferred {
            let narrower = neighbours.narrow(bounds)
            do throws(Refusal) { choice.take(try fit(found, narrower), placement.strategy) } catch { continue }
            bounds = narrower
        }
        choice.grant.note(resources)
        return choice
    }

    private func fit(_ resources: Resources, _ bounds: Bounds) throws(Refusal) -> Placed {
        var placement = placement
        placement.bounds = bounds
        // Before, for what the pool never has; after, for whole cores are more than was asked.
        let lacking = rooms?.shortfalls(Amounts(resources), keeping: placement.current) ?? []
        let placed: Placed
        do throws(Refusal) { placed = try placement.placed(resources) } catch { throw error.with(lacking) }
        let short = rooms?.shortfalls(Amounts(placed.grant), keeping: placement.current) ?? []
        guard short.isEmpty else { throw Refusal.insufficient(short, ever: true).with([]) }
        var asked = Holdings()
        if !caps.quantities.isEmpty { asked.add(placed.grant) }
        for (type, cap) in caps.quantities.sorted(by: { $0.key < $1.key }) {
            guard asked[type] > .zero, rest[type] + asked[type] > cap else { continue }
            throw .overCap(.quantity(type, cap: cap, held: rest[type], asked: asked[type]))
        }
        if let excess = excess(placed.grant) { throw .overQuota(excess) }
        return placed
    }

    /// What would fit elsewhere is short for what the request says of others.
    private func unmet(_ refusal: Refusal, _ resources: Resources, _ required: [Neighbours]) -> Refusal {
        guard case .insufficient(let shortfalls, _) = refusal, !required.isEmpty else { return refusal }
        do throws(Refusal) { _ = try fit(resources, Bounds()) } catch { return refusal }
        return .unmet(shortfalls, required.map(\.violation))
    }
}

// MARK: - As much as there is

extension Choosing {
    private func most(of resources: Resources, from least: Resources, _ bounds: Bounds) -> Resources {
        var found = least
        for (index, ask) in resources.asks.enumerated() where ask.minimum != nil {
            found.asks[index].amount = most(of: ask, at: index, in: found, bounds)
        }
        return found
    }

    /// The most of one ask that fits beside the others as they are; its minimum is known to fit. Less always fits where
    /// more does.
    private func most(of ask: Ask, at index: Int, in resources: Resources, _ bounds: Bounds) -> Quantity {
        let step = ask.step
        func amount(_ steps: Int64) -> Quantity { min(Quantity(steps * step), ask.amount) }
        /// Why so many do not fit; nil where they do.
        func refusal(_ steps: Int64) -> Refusal? {
            var resources = resources
            resources.asks[index].amount = amount(steps)
            do throws(Refusal) { _ = try fit(resources, bounds) } catch { return error }
            return nil
        }
        var fits = (resources.asks[index].amount.units + step - 1) / step
        var fails = (ask.amount.units + step - 1) / step
        guard fails > fits, var reason = refusal(fails) else { return ask.amount }
        // What is said to be free mostly is what fits.
        for _ in 0..<4 {
            guard let free = reason.free?[ask.type], fits..<fails ~= free.units / step else { break }
            let guess = free.units / step
            guard let next = refusal(guess) else {
                fits = guess
                if fails - fits > 1, refusal(fits + 1) != nil { fails = fits + 1 }
                break
            }
            (fails, reason) = (guess, next)
        }
        while fails - fits > 1 {
            let middle = fits + (fails - fits) / 2
            if refusal(middle) == nil { fits = middle } else { fails = middle }
        }
        return amount(fits)
    }
}

extension Ask {
    /// What it can be more or less by: whole units of what is held whole, whole CPUs of what is exclusive, and anything of a
    /// share of one GPU.
    fileprivate var step: Int64 {
        switch type {
        case .cpu: exclusive ? 1000 : 1
        case .memory, .pids, .network: 1
        default: minimum.map { $0 < type.whole } ?? false ? 1 : type.whole.units
        }
    }
}

extension Resources {
    /// The least that will do of everything.
    var least: Resources {
        var least = self
        for index in asks.indices { least.asks[index].amount = asks[index].minimum ?? asks[index].amount }
        return least
    }
}

extension Grant {
    /// Notes what was asked where it is not what is held.
    mutating func note(_ resources: Resources) {
        for index in holds.indices {
            guard let ask = resources[holds[index].type], ask.minimum != nil else { continue }
            holds[index].minimum = ask.minimum
            holds[index].asked = ask.amount == holds[index].amount ? nil : ask.amount
        }
    }
}

extension Refusal {
    /// The same with what a pool is short of besides: of each type what is shorter.
    fileprivate func with(_ others: [Shortfall]) -> Refusal {
        guard case .insufficient(let own, let ever) = self else { return self }
        let hidden = own.filter { one in others.contains { $0.type == one.type && $0.free <= one.free } }.map(\.type)
        let kept = own.filter { !hidden.contains($0.type) }
        let all = kept + others.filter { other in !kept.contains { $0.type == other.type } }
        return .insufficient(all, ever: ever && (own + others).allSatisfy { $0.pool == nil || $0.asked <= $0.capacity })
    }

    /// How much of each type there would have been, where that is why.
    fileprivate var free: [ResourceType: Quantity]? {
        switch self {
        case .insufficient(let shortfalls, _):
            Dictionary(shortfalls.map { ($0.type, $0.free) }, uniquingKeysWith: min)
        case .overCap(.quantity(let type, let cap, let held, _)): [type: cap > held ? cap - held : .zero]
        case .overQuota(let excess):
            switch excess.quota.bound {
            case .amount(let type, let most): [type: Quantity(Int64(clamping: max(Int128(most.units) - excess.had, 0)))]
            // Less for as long takes fewer hours.
            case .hours: [:]
            case .reservations: nil
            }
        default: nil
        }
    }

    /// The same of a request for these resources that would have been content with less.
    fileprivate func asking(_ resources: Resources) -> Refusal {
        guard case .insufficient(var shortfalls, let ever) = self else { return self }
        for index in shortfalls.indices {
            guard let ask = resources[shortfalls[index].type], ask.minimum != nil else { continue }
            shortfalls[index].minimum = ask.minimum
            shortfalls[index].asked = ask.amount
        }
        return .insufficient(shortfalls, ever: ever)
    }
}
