internal import BerthModel

/// Everything that stands in the way of a request, not only what is met first: what refuses it is lifted, and the rest is
/// decided again.
extension State {
    /// So often something is lifted.
    private static let mostLifted = 16

    /// Why a request is not granted now; empty where it is.
    /// - Parameter first: what is known already: why it was refused
    func refusals(
        _ id: ReservationID, _ request: ReservationRequest, _ caller: Caller, first: Refusal?, _ now: Now
    ) -> [Refusal] {
        var (request, caller) = (request, caller)
        request.wait = nil
        // What is in its way as long as nobody goes for it.
        if pools.strategy(for: request) == .priority { request.strategy = .optimized }
        var found: [Refusal] = []
        var known = first
        for _ in 0..<State.mostLifted {
            let refusal: Refusal
            if let known {
                refusal = known
            } else if case .refused(let next) = decide(.reserve(id, request, caller, nil), now).answer {
                refusal = next
            } else {
                break
            }
            known = nil
            found.append(refusal)
            if caller.caps.lift(refusal) { continue }
            if case .gang(.waiting) = refusal {
                // What its own part needs is in its way beside that.
                request.gang = nil
                continue
            }
            if refusal.isInsufficient { found += personal(id, request, caller, now) }
            break
        }
        return found
    }

    /// What a user may not have however much there is.
    private func personal(
        _ id: ReservationID, _ request: ReservationRequest, _ caller: Caller, _ now: Now
    ) -> [Refusal] {
        var caller = caller
        var found: [Refusal] = []
        let own = users[caller.user]?.holdings ?? Holdings()
        for _ in 0..<State.mostLifted {
            do throws(Refusal) {
                _ = try choose(
                    request, caller, having: own, beside: Holdings(), in: wholeRooms(for: request.pool))
                break
            } catch {
                guard caller.caps.lift(error) else { break }
                found.append(error)
            }
        }
        let candidate = waiter(id, request, caller, nil, now, .zero)
        if case .over(let excess) = standing(of: candidate, now) { found.append(.overQuota(excess)) }
        return found
    }
}

extension Caps {
    /// Takes away the cap that refuses something; false where it is none.
    fileprivate mutating func lift(_ refusal: Refusal) -> Bool {
        guard case .overCap(let cap) = refusal else { return false }
        switch cap {
        case .reservations: reservations = nil
        case .waits: return false
        case .lease: lease = nil
        case .priority: priority = nil
        case .quantity(let type, _, _, _): quantities[type] = nil
        }
        return true
    }
}
