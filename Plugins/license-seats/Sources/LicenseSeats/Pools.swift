import BerthPluginKit
import Synchronization

/// How many seats there are of each type, and which are held.
final class Pools: Sendable {
    private struct Pool {
        var count = 0
        /// Why the seats cannot be had; nil where they can.
        var trouble: String?
    }

    private struct Content {
        var pools: [String: Pool] = [:]
        var held: [String: [Allocation]] = [:]
    }

    private let content = Mutex(Content())

    /// Takes what a source answered; true where that changes what is offered.
    @discardableResult
    func set(_ type: String, _ answer: Result<Int, Failure>) -> Bool {
        content.withLock { content in
            let former = content.pools[type] ?? Pool()
            var pool = former
            switch answer {
            case .success(let count): pool = Pool(count: count)
            case .failure(let failure): pool.trouble = failure.description
            }
            content.pools[type] = pool
            return pool.count != former.count || pool.trouble != former.trouble
        }
    }

    func take(_ allocation: Allocation) {
        content.withLock { content in
            content.held[allocation.reservation, default: []].removeAll { $0.type == allocation.type }
            content.held[allocation.reservation, default: []].append(allocation)
        }
    }

    func giveBack(_ reservation: String) { content.withLock { _ = $0.held.removeValue(forKey: reservation) } }

    /// Seats are numbered from 1. Those that are held and there no more are offered as failed until they are given back.
    func offers() -> [Offer] {
        content.withLock { content in
            content.pools.sorted { $0.key < $1.key }.map { type, pool in
                let held = content.held.values.joined().filter { $0.type == type }.flatMap(\.units).compactMap {
                    Int($0)
                }
                let seats = (1...max(pool.count, held.max() ?? 0, 1)).prefix(max(pool.count, held.max() ?? 0))
                return Offer(
                    type,
                    units: seats.map { number in
                        let reason = pool.trouble ?? (number > pool.count ? "there are \(pool.count) seats now" : nil)
                        return Unit("\(number)", state: reason == nil ? .available : .failed, reason: reason)
                    })
            }
        }
    }
}
