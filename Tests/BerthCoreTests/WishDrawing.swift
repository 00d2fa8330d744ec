import BerthCore
import BerthJSON
import BerthModel
import Support

/// Draws requests that take less than they would like, and say where they want to lie.
struct WishDrawing {
    /// A host of two nodes with two GPUs of two models and an interface each.
    static func capacity(reservedCPU: Int64 = 0, cpu: Int64 = 8000) throws -> Capacity {
        var capacity = try TestHost.capacity(reservedCPU: reservedCPU, cpu: cpu)
        capacity.gpus = (0..<4).map { (number: Int) in
            Capacity.Unit(
                name: "gpu\(number)", capacity: Quantity(1000), node: number / 2,
                capabilities: ["model": number % 2 == 0 ? "A" : "B"])
        }
        capacity.interfaces = (0..<2).map { (number: Int) in
            Capacity.Unit(name: "eth\(number)", capacity: Quantity(1000), node: number)
        }
        return capacity
    }

    private static func odds(_ odds: Int, _ generator: inout SeededGenerator) -> Bool {
        Int.random(in: 0..<odds, using: &generator) == 0
    }

    static func request(_ generator: inout SeededGenerator, _ state: State) -> ReservationRequest {
        var request = ReservationRequest(resources: resources(&generator), lease: .seconds(3600))
        if odds(3, &generator) {
            request.alternatives = (0..<Int.random(in: 1...3, using: &generator)).map { _ in resources(&generator) }
        }
        if odds(2, &generator) { request.labels["app"] = odds(2, &generator) ? "a" : "b" }
        if odds(4, &generator) { request.affinity = [affinity(&generator, state)] }
        if odds(4, &generator) { request.antiAffinity = [affinity(&generator, state)] }
        return request
    }

    private static func affinity(_ generator: inout SeededGenerator, _ state: State) -> Affinity {
        let target: Affinity.Target =
            if odds(2, &generator), let id = state.reservations.keys.sorted().randomElement(using: &generator) {
                .reservation(id)
            } else {
                .labels(["app": odds(2, &generator) ? "a" : "b"])
            }
        return Affinity(target, by: odds(3, &generator) ? .unit : .numa, isPreferred: odds(2, &generator))
    }

    private static func resources(_ generator: inout SeededGenerator) -> Resources {
        let types: [ResourceType] = [.cpu, .memory, .pids, .network, .gpu]
        let wanted = types.filter { _ in odds(2, &generator) }
        return Resources((wanted.isEmpty ? [.cpu] : wanted).map { ask($0, &generator) })
    }

    static func ask(_ type: ResourceType, _ generator: inout SeededGenerator) -> Ask {
        let most: [ResourceType: Int64] = [.cpu: 5000, .memory: 500, .pids: 300, .network: 900, .gpu: 4]
        let isShare = type == .gpu && odds(2, &generator)
        let step: Int64 = type == .gpu && !isShare ? 1000 : 1
        let amount = Int64.random(in: 1...(isShare ? 1000 : most[type] ?? 1), using: &generator)
        var ask = Ask(type, amount: Quantity(amount * step))
        if !odds(3, &generator) { ask.minimum = Quantity(.random(in: 1...amount, using: &generator) * step) }
        if ask.minimum == ask.amount { ask.minimum = nil }
        if type == .cpu { ask.exclusive = odds(2, &generator) }
        if type == .memory || type == .cpu && ask.exclusive, odds(2, &generator) {
            ask.constraints["numa"] = ([0, 1, ">=0"] as [Constraint]).randomElement(using: &generator)
        }
        if type == .gpu, odds(2, &generator) { ask.preferences["model"] = odds(2, &generator) ? "A" : "~B*" }
        return ask
    }
}
