import BerthModel
import Testing

@testable import BerthHost

@Suite("The plan of a pool")
struct PoolPlanTests {
    private func texts(_ pool: Pool, _ tree: TreeFacts = TreeFacts()) -> [String] {
        PoolPlan(pool, on: tree).parts.flatMap { ($0.knobs + $0.cleared).map { "\($0.file)=\($0.value)" } }
    }

    private let free = ["cpu.max=max 100000", "memory.max=max", "memory.high=max", "pids.max=max"]

    @Test("is a ceiling of the most it may hold, in whole pages, and of nothing else")
    func ceiling() {
        let pool = Pool.named("ci", most: [.cpu: 2500, .memory: 5000, .pids: 30, .gpu: 1000])
        #expect(texts(pool) == ["cpu.max=250000 100000", "memory.max=8192", "memory.high=max", "pids.max=30"])
        #expect(texts(Pool.named("ci")) == free)
        #expect(texts(Pool.named("ci", most: [.cpu: 1])) == ["cpu.max=1000 100000"] + free.dropFirst())
    }

    @Test("of a static pool has what it is guaranteed, and none where the kernel is to hold none")
    func kinds() {
        var pool = Pool(.named("ci"), .static)
        pool.guaranteed = [.memory: Quantity(4096)]
        #expect(texts(pool) == ["cpu.max=max 100000", "memory.max=4096", "memory.high=max", "pids.max=max"])
        pool.hasCeiling = false
        #expect(texts(pool) == free)
    }

    @Test("says what cannot be held where a controller is missing, and nothing of what nobody asked for")
    func missing() {
        var tree = TreeFacts()
        tree.missing = ["cpu": "no cpu here", "memory": "no memory here"]
        let plan = PoolPlan(.named("ci", most: [.cpu: 1000]), on: tree)
        #expect(plan.parts.map(\.type) == [.cpu, .pids] && plan.parts[0].unsupported == "no cpu here")
    }
}
