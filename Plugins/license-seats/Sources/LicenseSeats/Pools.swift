import BerthPluginKit
import Synchronization

/// How many seats there are of each type, and which are held.
final class Pools: Sendable {
    /// The most units that an agent takes of a plugin, all types together.
    static let mostSeats = 20_000

    private struct Pool {
        var count = 0
        /// Why the seats cannot be had; nil where they can.
        var trouble: String? = "its command has not answered yet"
    }

    private struct Content {
        var pools: [String: Pool] = [:]
        var held: [String: [Allocation]] = [:]
    }

    private let content = Mutex(Content())

    /// Offers a type from now on, without seats until its source has answered.
    func expect(_ type: String) { content.withLock { $0.pools[type] = Pool() } }

    /// Takes what a source answered; true where that changes what is offered.
    @discardableResult
    func set(_ type: String, _ answer: Result<Int, Failure>) -> Bool {
        content.withLock { content in
            let former = content.pools[type] ?? Pool()
            var pool = former
            let others = content.pools.filter { $0.key != type }.reduce(0) { $0 + $1.value.count }
            switch answer {
            // More than an agent takes would be the end of the other types too.
            case .success(let count) where count > Pools.mostSeats - others:
                pool.trouble =
                    "\(count) seats, and \(others) of other types, are more than the \(Pools.mostSeats) units that an agent "
                    + "takes of a plugin"
            case .success(let count): pool = Pool(count: count, trouble: nil)
            case .failure(let failure): pool.trouble = failure.description
            }
            content.pools[type] = pool
            return pool.count != former.count || pool.trouble != former.trouble
        }
    }

    /// Why the seats of a type cannot be had; nil where they can.
    func trouble(of type: String) -> String? { content.withLock { $0.pools[type]?.trouble } }

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
                let lost = Set(held.filter { $0 > pool.count }).sorted()
                return Offer(
                    type,
                    units: ((0..<pool.count).map { $0 + 1 } + lost).map { number in
                        let reason = pool.trouble ?? (number > pool.count ? "there are \(pool.count) seats now" : nil)
                        return Unit("\(number)", state: reason == nil ? .available : .failed, reason: reason)
                    })
            }
        }
    }
}
