import BerthCore
import BerthModel

/// A host with so many GPUs on up to eight NUMA nodes of 16 CPUs each, on which so many reservations are live: a part of a GPU
/// on a third of them, as far as half of the reservations go, and a little memory for all others.
final class FilledHost {
    private let state: State
    private let capacity: Capacity
    private var number: UInt64 = 0

    private static let now = Now(wall: Timestamp(milliseconds: 1_000_000), uptime: 1_000_000)
    private static let caller = Caller(user: 1000, isAdmin: false, caps: Caps())

    /// What was not granted, and should have been.
    struct Refused: Error {
        var request: ReservationRequest
    }

    init(units: Int, live: Int) throws {
        capacity = try FilledHost.capacity(units)
        var state = State()
        state.apply(.booted(boot: "b"), at: FilledHost.now.wall)
        state.apply(.capacityChanged(capacity), at: FilledHost.now.wall)
        let shares = min(units / 3, live / 2)
        for index in 0..<live {
            let ask =
                index < shares ? Ask(.gpu, amount: Quantity(700)) : Ask(.memory, amount: Quantity(1 << 20))
            let request = ReservationRequest(
                resources: Resources([ask]), lease: .seconds(86_400), strategy: .greedy)
            number += 1
            let id = ReservationID(bits: number)
            let decision = state.decide(.reserve(id, request, FilledHost.caller, nil), FilledHost.now)
            guard case .done = decision.answer else { throw Refused(request: request) }
            for change in decision.changes { state.apply(change, at: FilledHost.now.wall) }
        }
        self.state = state
    }

    private static func capacity(_ gpus: Int) throws -> Capacity {
        let nodes = max(1, min(8, gpus / 8))
        let places = (0..<nodes * 16).map { cpu in
            CPUTopology.Place(
                cpu: cpu, core: cpu, l3: cpu / 16, die: cpu / 16, package: cpu / 16, node: cpu / 16)
        }
        return Capacity(
            topology: try CPUTopology(places), cpu: Quantity(Int64(places.count) * 1000), memory: Quantity(1 << 50),
            nodeMemory: Dictionary(uniqueKeysWithValues: (0..<nodes).map { ($0, Quantity((1 << 50) / Int64(nodes))) }),
            gpus: (0..<gpus).map { gpu in
                Capacity.Unit(name: "gpu\(gpu)", capacity: Quantity(1000), node: gpu * nodes / gpus)
            })
    }

    /// Decides on one more.
    func decide(_ gpu: Int64, _ strategy: Strategy) throws {
        let asks = [
            Ask(.cpu, amount: Quantity(2000), exclusive: true), Ask(.gpu, amount: Quantity(gpu)),
        ]
        let request = ReservationRequest(resources: Resources(asks), lease: .seconds(60), strategy: strategy)
        number += 1
        let id = ReservationID(bits: number)
        let decision = state.decide(.reserve(id, request, FilledHost.caller, nil), FilledHost.now)
        guard case .done = decision.answer else { throw Refused(request: request) }
    }

    /// So many units have room, found by going over all of them once.
    @discardableResult
    func countFree() -> Int {
        let held = state.holdings.gpus
        return capacity.gpus.count { unit in (held[unit.name] ?? .zero) < Quantity(1000) }
    }
}
