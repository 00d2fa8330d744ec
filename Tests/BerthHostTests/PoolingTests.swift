import BerthCore
import BerthJSON
import BerthKernel
import BerthModel
import Testing

@testable import BerthHost

@Suite("Holding pools")
struct PoolingTests {
    private let id = ReservationID(bits: 1)

    private func reservation(in pool: String) -> Reservation {
        var reservation = Reservation(
            id: id, user: 0, request: ReservationRequest(resources: .init()), grant: .of(pages: 1), retry: nil,
            createdAt: Timestamp(milliseconds: 0), expiresAt: nil, deadline: nil)
        reservation.pool = .named(pool)
        return reservation
    }

    @Test("has what is noted at a leaf fit into an attribute, however many processes a reservation has")
    func note() throws {
        var reservation = reservation(in: "ci")
        let few = CgroupEnforcer.note(of: reservation)
        reservation.attached = (1...10_000 as ClosedRange<Int32>).map {
            ProcessIdentity(pid: $0, startTicks: UInt64($0), boot: "b")
        }
        reservation.left = reservation.attached
        #expect(CgroupEnforcer.note(of: reservation) == few && few.count < 65_536)
        let noted = try Reservation.storedReader.read(JSONValue(parsing: few))
        #expect(noted.id == reservation.id && noted.grant == reservation.grant && noted.attached.isEmpty)
    }

    private func enforcer(_ planted: PlantedPools) throws -> (CgroupEnforcer, KernelWatch) {
        let watch = try KernelWatch { _ in }
        return (
            CgroupEnforcer(
                treeRoot: planted.root, thread: try KernelThread(), slowThread: try KernelThread(), watch: watch,
                live: try Root(folder: planted.tree.folder), memoryScope: nil), watch
        )
    }

    @Test("sets each pool's ceiling, takes it away again, and tells what the kernel holds")
    func ceiling() async throws {
        let planted = try PlantedPools(["pool-ci", "pool-ci/pool-nightly"])
        let (enforcer, watch) = try enforcer(planted)
        defer { watch.stop() }
        let most: [ResourceType: Int64] = [.cpu: 2000, .memory: 1 << 20]
        await enforcer.use(
            try Pools([.named("ci", most: most), .named("nightly", in: "ci", most: [.pids: 5])]))
        #expect(try await enforcer.start { _ in }.isEmpty)
        #expect(try planted.read("pool-ci/cpu.max") == "200000 100000")
        #expect(try planted.read("pool-ci/memory.max") == "1048576")
        #expect(try planted.read("pool-ci/pool-nightly/pids.max") == "5")
        let receipts = await enforcer.receipts(of: .named("ci"))
        #expect(receipts.map(\.status) == [.enforced, .enforced, .enforced])
        #expect(receipts.first?.values["cpu.max"] == "200000 100000")
        await enforcer.use(try Pools([.named("ci"), .named("nightly", in: "ci")]))
        #expect(try planted.read("pool-ci/cpu.max") == "max 100000")
        #expect(try planted.read("pool-ci/memory.max") == "max")
        #expect(await enforcer.receipts(of: .named("nobody")).first?.status == .unsupported)
    }

    @Test("tells by the pool's receipts what could not be set, or is not so any more")
    func failures() async throws {
        let planted = try PlantedPools(["pool-ci"], ["pool-ci/memory.current": "100000000"])
        let (enforcer, watch) = try enforcer(planted)
        defer { watch.stop() }
        _ = try await enforcer.start { _ in }
        await enforcer.use(try Pools([.named("ci", most: [.memory: 1 << 20, .cpu: 1000])]))
        let receipts = await enforcer.receipts(of: .named("ci"))
        let memory = try #require(receipts.first { $0.type == .memory })
        #expect(memory.status == .advisory && memory.values["memory.max"] == "max")
        #expect(memory.reason?.contains("100000000") == true, "\(memory)")
        #expect(try planted.read("pool-ci/memory.high") == "max")
        #expect(receipts.first { $0.type == .cpu }?.status == .enforced)
        try Group(at: "\(planted.tree.folder)/pool-ci").write("5000 100000", to: "cpu.max")
        let changed = await enforcer.receipts(of: .named("ci")).first { $0.type == .cpu }
        #expect(changed?.status == .advisory && changed?.reason?.contains("5000 100000") == true)
    }

    @Test("says where a leaf lies, before the tree is opened and after")
    func places() async throws {
        let planted = try PlantedPools(["pool-ci", "pool-ci/pool-nightly"])
        let (enforcer, watch) = try enforcer(planted)
        defer { watch.stop() }
        let pools = try Pools([.named("ci"), .named("nightly", in: "ci")])
        for _ in 0..<2 {
            await enforcer.use(pools)
            let nightly = enforcer.path(of: reservation(in: "nightly"))
            #expect(nightly == "\(planted.tree.folder)/pool-ci/pool-nightly/shared/r-\(id)")
            // What is in no pool that there is, is in the default one.
            let lost = enforcer.path(of: reservation(in: "lost"))
            #expect(lost == "\(planted.tree.folder)/pool-default/shared/r-\(id)")
            _ = try await enforcer.start { _ in }
        }
    }

    @Test("leaves a leaf where it is whose programs have made groups of their own, and says which")
    func groupsInside() async throws {
        let leaf = "pool-ci/shared/r-\(id)"
        let planted = try PlantedPools(["pool-ci", "pool-other", leaf, leaf + "/made"])
        let (enforcer, watch) = try enforcer(planted)
        defer { watch.stop() }
        await enforcer.use(try Pools([.named("ci"), .named("other")]))
        #expect(try await enforcer.start { _ in }.map(\.id) == [id])
        do {
            _ = try await enforcer.move(reservation(in: "ci"), from: .named("ci"), to: .named("other"))
            Issue.record("it was moved")
        } catch {
            #expect(error.reason.contains("made"), "\(error.reason)")
        }
        #expect(planted.has(leaf + "/made") && !planted.has("pool-other/shared/r-\(id)"))
    }
}
