internal import BerthModel

/// Near to others, and apart from them, at a moment to come: what is known to be over by then is neither.
extension Plan {
    /// Who is over by a moment, as far as that is known.
    func isOver(by moment: Int64) -> (ReservationID) -> Bool {
        guard moment > now else { return { _ in false } }
        return { [ends] id in ends[id].map { $0 <= moment } ?? false }
    }

    /// What a request says of others at a moment.
    func neighbours(
        _ request: ReservationRequest, _ caller: Caller, at moment: Int64
    ) throws(Refusal) -> [Neighbours] {
        try state.neighbours(request, caller, besides: granted(until: moment), but: isOver(by: moment))
    }

    /// Those who are granted something now and have it at a moment.
    func granted(until moment: Int64) -> [Reservation] {
        granted.filter { $0.lease.map { now + $0.milliseconds > moment } ?? true }
    }

    /// Whether all that one must lie near will be over: nothing is kept for it, for its turn may never come.
    func isForsaken(_ request: ReservationRequest, _ caller: Caller) -> Bool {
        guard request.needsOthers else { return false }
        do throws(Refusal) { _ = try neighbours(request, caller, at: .max) } catch { return true }
        return false
    }

    /// The types of which anything that becomes free may make room for some requests; nil where those are what they ask for.
    /// What one must lie apart from may hold any.
    func typesAwaited(by requests: [ReservationRequest]) -> Set<ResourceType>? {
        guard requests.contains(where: { !$0.antiAffinity.isEmpty }) else { return nil }
        let ending = ends.keys.compactMap { state.reservations[$0] }.flatMap { $0.grant.holds.map(\.type) }
        return Set(ending + requests.flatMap(\.choices).flatMap(\.types)).union([.storage])
    }
}

extension ReservationRequest {
    /// Whether it must lie near others.
    var needsOthers: Bool { affinity.contains { !$0.isPreferred } }

    /// Whether it says anything of others.
    var speaksOfOthers: Bool { !affinity.isEmpty || !antiAffinity.isEmpty }
}
