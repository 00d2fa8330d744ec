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
            if case .overQuota(let first) = refusal {
                let all = excesses(of: waiter(id, request, caller, nil, now, .zero), now)
                found += all.filter { $0.quota != first.quota || $0.subject != first.subject }.map { .overQuota($0) }
            } else if refusal.isInsufficient {
                found += personal(id, request, caller, now)
                found += [inTheCalendar(request, caller, now)].compactMap { $0 }
            }
            break
        }
        return found
    }

    /// What is promised to others, or under maintenance, that would be in its way though nobody held anything and nobody waited.
    private func inTheCalendar(_ request: ReservationRequest, _ caller: Caller, _ now: Now) -> Refusal? {
        guard hasCalendar, request.start == nil, request.gang == nil else { return nil }
        var empty = self
        (empty.reservations, empty.leases, empty.users) = ([:], Deadlines(), [:])
        (empty.holdings, empty.poolHoldings) = (Holdings(), PoolHoldings())
        let anybody = Caller(user: caller.user, isAdmin: caller.isAdmin, caps: Caps())
        var quick = request
        quick.strategy = .greedy
        let near: [Neighbours]
        do throws(Refusal) { near = try neighbours(request, caller) } catch { return nil }
        func fits(_ held: Holdings, _ rooms: PoolRooms?) -> Bool {
            do throws(Refusal) {
                _ = try empty.choose(quick, anybody, having: Holdings(), beside: held, in: rooms, near: near)
                return true
            } catch {
                return false
            }
        }
        guard fits(Holdings(), wholeRooms(for: request.pool)) else { return nil }
        let plan = Plan(empty, now)
        let end = request.lease.map { now.uptime + $0.milliseconds }
        return empty.inTheWay(of: plan, from: now.uptime, until: end, caller, now) { held, steps in
            fits(held, plan.rooms(for: request.pool, at: steps))
        }
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
                guard caller.caps.lift(error) else {
                    // The host or the pool has not so much: a cap may be passed all the same.
                    found += caller.caps.passed(by: Amounts(leastOf: request), beside: own)
                    break
                }
                found.append(error)
            }
        }
        return found + excesses(of: waiter(id, request, caller, nil, now, .zero), now).map { .overQuota($0) }
    }
}

extension Caps {
    /// The caps on amounts that are passed by having so much more.
    fileprivate func passed(by asked: Amounts, beside own: Holdings) -> [Refusal] {
        quantities.sorted { $0.key < $1.key }.compactMap { type, cap in
            let more = Quantity(Int64(clamping: asked[type]))
            guard more > .zero, own[type] + more > cap else { return nil }
            return .overCap(.quantity(type, cap: cap, held: own[type], asked: more))
        }
    }

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
