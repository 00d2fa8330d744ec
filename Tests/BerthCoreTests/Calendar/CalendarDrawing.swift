import BerthCore
import BerthModel
import Support

extension CalendarRun {
    /// One run: pools and windows, then what is asked, one after the other.
    static func drawn(_ generator: inout SeededGenerator, planting fault: Fault? = nil) throws -> CalendarRun {
        var run = CalendarRun(
            TestHost.state(try TestHost.capacity()), SeededGenerator(seed: generator.next()), planting: fault)
        let pools = drawnPools(&generator, planting: fault)
        run.take(.configurePools(pools))
        for number in 0..<Int.random(in: 0...2, using: &generator) { run.take(.addWindow(window(number, &generator))) }
        for number in 1...120 as ClosedRange<UInt64> {
            run.pass(to: run.now + .random(in: 0...3000, using: &generator))
            run.step(number, pools, &generator)
        }
        run.pass(to: run.now + 10_000_000)
        return run
    }

    /// No less of CPU time can be asked for.
    private static let least = Quantity(10)

    /// None, any, or two that lend to each other and want back what is theirs.
    private static func drawnPools(_ generator: inout SeededGenerator, planting fault: Fault?) -> [Pool] {
        switch Int.random(in: fault == .forgetsPools ? 1...1 : 0...2, using: &generator) {
        case 0: return []
        case 1: return PoolDrawing.pools(&generator)
        default:
            return ["a", "b"].map { name in
                var pool = Pool.of(name, .elastic, guaranteed: [.cpu: 4000, .memory: 500, .gpu: 1000])
                pool.giveBack = .preempt
                return pool
            }
        }
    }

    /// Before anything is asked, so that nothing is in its way.
    private static func window(_ number: Int, _ generator: inout SeededGenerator) -> MaintenanceWindow {
        let start = Timestamp(milliseconds: 1_000_000 + .random(in: 0...150_000, using: &generator))
        var covers = Withheld()
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: covers = .everything
        case 1: covers.types = [.gpu]
        case 2: covers.units = [.gpu: ["gpu0"]]
        default: covers.types = [.memory]
        }
        return MaintenanceWindow(
            id: "w\(number)", start: start,
            end: start + .milliseconds(Int64.random(in: 1000...15_000, using: &generator)), covers: covers)
    }

    private mutating func step(_ number: UInt64, _ pools: [Pool], _ generator: inout SeededGenerator) {
        var request = request(pools, &generator)
        let caller = [user, other].randomElement(using: &generator) ?? user
        let some = state.kept.map(\.id).sorted().randomElement(using: &generator) ?? id(0)
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<6:
            request.wait = nil
            request.isRequeued = Bool.random(using: &generator)
            request.start = start(&generator)
            if Bool.random(using: &generator) { lessen(&request, &generator) }
            if Int.random(in: 0..<3, using: &generator) == 0 {
                request.alternatives = [self.request(pools, &generator).resources]
            }
            take(.reserve(id(number), request, caller, nil))
        case 6..<9:
            if Bool.random(using: &generator) { request.lease = nil }
            request.priority = .random(in: -2...0, using: &generator)
            request.isRequeued = Bool.random(using: &generator)
            take(.reserve(id(number), request, caller, nil))
        case 9..<12:
            request.strategy = .priority
            request.priority = .random(in: 0...3, using: &generator)
            if Bool.random(using: &generator) { request.lease = nil }
            take(.reserve(id(number), request, caller, nil))
        case 12:
            request.wait = .seconds(30)
            request.gang = Gang(id: "g\(number)", size: 2)
            take(.reserve(id(number), request, user, nil))
            take(.reserve(id(number + 10_000), request, user, nil))
        case 13: take(.renew(some, .milliseconds(Int64.random(in: 500...20_000, using: &generator)), admin))
        case 14: take(.move(some, to: pools.randomElement(using: &generator)?.name ?? .standard, admin))
        case 15..<18: takeBack(number, pools, &generator)
        default: take(.release(some, admin))
        }
        settle()
    }

    private func request(_ pools: [Pool], _ generator: inout SeededGenerator) -> ReservationRequest {
        var request = PoolDrawing.request(pools, &generator)
        for index in request.resources.asks.indices {
            let ask = request.resources.asks[index]
            request.resources.asks[index].minimum = ask.minimum.map { min(max($0, Self.least), ask.amount) }
        }
        request.lease = .milliseconds(Int64.random(in: 500...20_000, using: &generator))
        return request
    }

    /// Some time to come; often just when something else ends, so that it may not be freed yet.
    private func start(_ generator: inout SeededGenerator) -> Timestamp {
        let ends = state.kept.compactMap { held -> Timestamp? in
            if let booking = held.waiting?.booking { return booking.end }
            return held.isLive && held.lease != nil ? held.expiresAt : nil
        }
        let next = ends.filter { $0 > clock.wall }.sorted().randomElement(using: &generator)
        if let next, Bool.random(using: &generator) { return next }
        return clock.wall + .milliseconds(Int64.random(in: 1...60_000, using: &generator))
    }

    /// It will do with a part of what can be had in parts.
    private func lessen(_ request: inout ReservationRequest, _ generator: inout SeededGenerator) {
        for index in request.resources.asks.indices {
            let ask = request.resources.asks[index]
            guard ask.type == .memory || ask.type == .cpu && !ask.exclusive else { continue }
            request.resources.asks[index].minimum = Quantity(
                .random(in: min(Self.least, ask.amount).units...ask.amount.units, using: &generator))
        }
    }

    /// A pool asks for what it is guaranteed and has lent.
    private mutating func takeBack(_ number: UInt64, _ pools: [Pool], _ generator: inout SeededGenerator) {
        let lenders = pools.filter { $0.kind == .elastic && $0.giveBack == .preempt }
        guard let pool = lenders.randomElement(using: &generator) else { return }
        let asks = [ResourceType.cpu, .memory, .gpu].compactMap { type -> Ask? in
            let free = Int128(pool.guaranteed[type]?.units ?? 0) - state.poolHoldings[pool.name][type]
            return free >= (type == .gpu ? 1000 : 10) ? Ask(type, amount: Quantity(Int64(free))) : nil
        }
        guard !asks.isEmpty else { return }
        let lease: Duration? = Bool.random(using: &generator) ? .seconds(15) : nil
        var request = ReservationRequest(resources: Resources(asks), lease: lease, wait: .seconds(60))
        request.pool = pool.name
        take(.reserve(id(number), request, user, nil))
    }
}
