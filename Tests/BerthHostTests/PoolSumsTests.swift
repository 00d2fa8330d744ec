import BerthCore
import BerthModel
import Support
import Testing

@testable import BerthHost

@Suite("What pools hold in sum")
struct PoolSumsTests {
    private let parents: [PoolName: PoolName] = [
        .named("nightly"): .named("ci"), .named("deep"): .named("nightly"), .named("other"): .named("ci"),
    ]

    @Test("a leaf counts for its pool and all above, and shares CPUs with those of its own pool alone")
    func nested() {
        var sums = PoolSums()
        sums.lie(in: parents)
        let changed = sums.set(ReservationID(bits: 1), .init(.of(cpu: 500, pages: 2), "nightly"))
        #expect(changed == [.named("nightly"), .named("ci")])
        sums.set(ReservationID(bits: 2), .init(.of(cpu: 250, pages: 1, hard: true), "ci"))
        #expect(sums[.named("ci")].all.cpu == Quantity(750) && sums[.named("ci")].sharing.cpu == Quantity(250))
        #expect(sums[.named("nightly")].all.memory == Quantity(8192))
        #expect(sums[.named("nightly")].sharing.memory == Quantity(8192))
        #expect(sums[.named("ci")].all.hardMemory == Quantity(4096))
        #expect(sums[.standard] == PoolSums.Sums() && sums.total.cpu == Quantity(750))
    }

    @Test("a leaf on its way counts in both pools, once in what both lie in, and claims CPUs in the new one alone")
    func moving() {
        var sums = PoolSums()
        sums.lie(in: parents)
        let cpus: CPUSet = [2, 3]
        sums.set(ReservationID(bits: 1), .init(.of(pages: 3), "nightly", "other"))
        sums.set(ReservationID(bits: 2), .init(.alone(cpus), "nightly", "other"))
        for name in ["nightly", "other", "ci"] {
            #expect(sums[.named(name)].all.memory == Quantity(3 * 4096), "\(name)")
        }
        #expect(sums[.named("nightly")].claimed.isEmpty && sums[.named("other")].claimed == cpus)
        #expect(sums[.named("ci")].claimed == cpus && sums.total.memory == Quantity(3 * 4096))
        sums.set(ReservationID(bits: 2), .init(.alone(cpus), "other"))
        #expect(sums[.named("ci")].claimed == cpus && sums[.named("nightly")].all.exclusiveCPUs.isEmpty)
    }

    @Test("a pool's weight is in doubt where it is worth less than is held, and more can be asked for than there is")
    func shares() throws {
        let pools = try Pools([
            .named("ci", weight: 100), .named("other", weight: 300), .named("nightly", in: "ci", weight: 100),
        ])
        func doubt(_ pool: String, ci: Int64, nightly: Int64, other: (Int64, limit: Int64)) -> String? {
            var sums = PoolSums()
            sums.lie(in: [.named("nightly"): .named("ci")])
            sums.set(ReservationID(bits: 1), .init(.of(cpu: ci), "ci"))
            sums.set(ReservationID(bits: 2), .init(.of(cpu: nightly), "nightly"))
            let grant = Grant([Hold(.cpu, amount: Quantity(other.0), limit: Quantity(other.limit))])
            sums.set(ReservationID(bits: 3), .init(grant, "other"))
            return sums.shareDoubt(of: .named(pool), in: pools, on: TreeFacts(), cpu: 4000)
        }
        // All there is, and nobody can ask for more.
        #expect(doubt("ci", ci: 2000, nightly: 0, other: (2000, limit: 2000)) == nil)
        // A quarter of 4 CPUs.
        #expect(doubt("ci", ci: 2000, nightly: 0, other: (1000, limit: 4000))?.contains("worth 1 CPUs") == true)
        #expect(doubt("ci", ci: 1000, nightly: 0, other: (1000, limit: 4000)) == nil)
        #expect(doubt("other", ci: 2000, nightly: 0, other: (2000, limit: 4000)) == nil)
        // Within the pool, beside what it holds itself.
        #expect(doubt("nightly", ci: 900, nightly: 100, other: (1000, limit: 4000)) == nil)
        #expect(doubt("nightly", ci: 0, nightly: 1500, other: (1000, limit: 4000)) != nil)
    }

    @Test("a pool's ceiling is in doubt where others in it may use it up with more than they hold")
    func ceilings() throws {
        var ci = Pool.named("ci", weight: 100)
        ci.most = [.cpu: Quantity(3000)]
        var sums = PoolSums()
        sums.lie(in: [.named("nightly"): .named("ci")])
        func doubt(_ grant: Grant, in pool: String) throws -> String? {
            let pools = try Pools([ci, .named("nightly", in: "ci", weight: 100), .named("other", weight: 100)])
            return sums.ceilingDoubt(of: grant, in: .named(pool), of: pools)
        }
        let (alone, shared) = (Grant.alone([3]), Grant.of(cpu: 2000))
        sums.set(ReservationID(bits: 1), .init(alone, "nightly"))
        sums.set(ReservationID(bits: 2), .init(shared, "ci"))
        #expect(try doubt(alone, in: "nightly") == nil && doubt(shared, in: "ci") == nil)
        let bursting = Grant([Hold(.cpu, amount: Quantity(2000), limit: Quantity(2500))])
        sums.set(ReservationID(bits: 2), .init(bursting, "ci"))
        let words = try #require(try doubt(alone, in: "nightly"))
        #expect(words.contains("has 3 CPUs together") && words.contains("may take 2.5"))
        #expect(try doubt(bursting, in: "ci") == nil && doubt(shared, in: "other") == nil)
        ci.hasCeiling = false
        #expect(try doubt(alone, in: "nightly") == nil)
    }

    /// Random leaves come, change, move and go, in pools that come to lie elsewhere.
    @Test("are at each moment those of what is held, from scratch")
    func property() {
        var generator = SeededGenerator.named("pool sums")
        let names = ["default", "ci", "nightly", "deep", "other"].map(PoolName.named)
        var sums = PoolSums()
        var held: [ReservationID: PoolSums.Held] = [:]
        var above: [PoolName: PoolName] = [:]
        for _ in 0..<20_000 {
            if Int.random(in: 0..<50, using: &generator) == 0 {
                above = parents.filter { _ in Bool.random(using: &generator) }
                sums.lie(in: above)
            }
            let id = ReservationID(bits: UInt64.random(in: 0..<12, using: &generator))
            if Int.random(in: 0..<4, using: &generator) == 0 {
                held[id] = nil
            } else {
                // CPUs are one's own: by id.
                let grant: Grant =
                    Bool.random(using: &generator)
                    ? .alone([Int(id.bits)])
                    : .of(
                        cpu: Int64.random(in: 1...9, using: &generator),
                        pages: Int64.random(in: 0...9, using: &generator), hard: Bool.random(using: &generator))
                let pools = (0..<Int.random(in: 1...2, using: &generator)).map { _ in
                    names[Int.random(in: 0..<names.count, using: &generator)]
                }
                held[id] = PoolSums.Held(grant: grant, pools: pools)
            }
            sums.set(id, held[id])
            var fresh = PoolSums()
            fresh.lie(in: above)
            for (id, each) in held { fresh.set(id, each) }
            for name in names {
                #expect(sums[name] == fresh[name], "\(name) with \(generator.note)")
                guard sums[name] == fresh[name] else { return }
            }
            #expect(sums.total == fresh.total, "\(generator.note)")
        }
    }
}
