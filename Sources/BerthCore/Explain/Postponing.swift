internal import BerthModel

/// For a shorter time, and later.
extension Explaining {
    /// The longest lease with which it is granted now, in whole seconds: before somebody who waits.
    mutating func shorten() {
        func fits(_ seconds: Int64) -> Bool {
            var changed = request
            changed.lease = .seconds(seconds)
            return trial.grant(changed) != nil
        }
        var most = request.lease
        for case .overCap(.lease(let cap)) in refusals { most = cap }
        let asked = most.map { $0.milliseconds / 1000 }
        // A signal comes within the lease.
        let least = (request.warning?.before.milliseconds ?? 0) / 1000 + 1
        guard asked ?? .max > least, fits(least) else { return }
        var (low, high): (Int64, Int64) = (least, asked ?? 2 * least)
        if asked == nil {
            while high < Explaining.longestLease, fits(high) { (low, high) = (high, high * 2) }
        } else if fits(high) {
            // Only what is over a cap, or what is left of a second, is too much.
            (low, high) = (high, high + 1)
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if fits(middle) { low = middle } else { high = middle }
        }
        guard !trial.isCut else { return }
        var changed = request
        changed.lease = .seconds(low)
        found.append(Change(.lease(.seconds(low)), changed))
    }

    /// In seconds; who asks for no lease is told of none that is longer.
    private static let longestLease: Int64 = 30 * 86_400

    /// When it would be granted if it waited, as far as that is known. What a cap leaves beside the caller's own reservations is
    /// taken to stay as it is, as the queue does: one that waits for its own user holds up nobody, and is given no moment.
    mutating func postpone() {
        for case .overQuota(let excess) in refusals {
            guard let renewedAt = excess.renewedAt else { continue }
            let wait = max(renewedAt - now.wall.milliseconds, 0)
            let then = Now(wall: now.wall + .milliseconds(wait), uptime: now.uptime + wait)
            guard trial.isGranted(request, at: then) else { continue }
            found.append(Change(.later(then.uptime, after: []), waiting(until: then.uptime)))
        }
        // What a cap forbids is forbidden later too; and those that it must be near may be gone by then.
        guard !refusals.contains(where: \.isAboutCap), request.affinity.allSatisfy(\.isPreferred),
            case .later(let at) = trial.turn(of: request)
        else { return }
        found.append(Change(.later(at, after: state.leases(endingAt: at, of: caller)), waiting(until: at)))
    }

    /// The first time after its start at which one would be promised it.
    func startingLater() -> [Change] {
        for case .notThen(_, _, let first?) in refusals {
            var changed = request
            changed.start = first
            let promised = state.decide(.reserve(id, changed, caller, nil), now)
            guard case .done = promised.answer else { continue }
            return [Change(.later(now.uptime(of: first), after: []), changed)]
        }
        return []
    }

    /// The request with a wait that is long enough: processes have some seconds to end when a lease does.
    private func waiting(until moment: Int64) -> ReservationRequest {
        let minutes = (moment - now.uptime + 30_000 + 59_999) / 60_000
        var waiting = request
        waiting.wait = max(request.wait ?? .zero, .seconds(minutes * 60))
        return waiting
    }
}

extension State {
    /// The reservations whose leases end at a moment, as far as the caller may know of them.
    fileprivate func leases(endingAt moment: Int64, of caller: Caller) -> [ReservationID] {
        leases.soonest(Plan.horizon).filter { end in
            end.at == moment && (caller.isAdmin || reservations[end.id]?.user == caller.user)
        }.map(\.id)
    }
}

extension Refusal {
    fileprivate var isAboutCap: Bool {
        if case .overCap = self { true } else { false }
    }
}
