import BerthJSON
import BerthModel
import Testing

@Suite("What is said of a pool") struct PoolJSONTests {
    private func read(_ text: String) throws -> Pool {
        try Pool.reader(try #require(PoolName("ci")), .numbers).read(try JSONValue(parsing: text))
    }

    @Test("is read, and what is left out is as if it had never been said")
    func reading() throws {
        let name = try #require(PoolName("ci"))
        #expect(try read("{}") == Pool(name))
        let pool = try read(
            #"{"kind": "elastic", "guaranteed": {"cpu": 1.5, "memory": "1GiB", "gpu": 2, "license.example/seat": 3}, "#
                + #""max": {"cpu": 4}, "give_back": "preempt", "weight": 300, "ceiling": false, "users": [7], "groups": [8], "#
                + #""strategy": "balanced"}"#
        )
        #expect(pool.guaranteed[.cpu] == Quantity(1500) && pool.guaranteed[.gpu] == Quantity(2000))
        #expect(pool.guaranteed[.memory] == Quantity(1 << 30) && pool.most == [.cpu: Quantity(4000)])
        #expect(pool.kind == .elastic && pool.giveBack == .preempt && pool.weight == 300 && !pool.hasCeiling)
        #expect(pool.users == [7] && pool.groups == [8] && pool.strategy == .balanced)
    }

    @Test(
        "is refused where it makes no sense",
        arguments: [
            #"{"kind": "rubber"}"#, #"{"kind": "static", "max": {"cpu": 1}}"#, #"{"give_back": "end"}"#,
            #"{"guaranteed": {"network": 1}}"#, #"{"guaranteed": {"gpu": 0.5}}"#, #"{"guaranteed": {"cpu": -1}}"#,
            #"{"weight": 0}"#, #"{"strategy": "best"}"#,
            #"{"weight": 10001}"#, #"{"parent": "a b"}"#, #"{"guarantee": {"cpu": 1}}"#,
        ])
    func refusal(text: String) { #expect(throws: JSONFieldError.self) { try read(text) } }

    @Test("is kept by the ledger as it is")
    func stored() throws {
        let outer = try #require(PoolName("org"))
        var pool = try read(#"{"kind": "static", "parent": "org", "guaranteed": {"cpu": 1}, "users": [7]}"#)
        pool.isDraining = true
        var parent = Pool(outer, .elastic)
        parent.guaranteed = [.cpu: Quantity(2000)]
        parent.isConfigured = true
        parent.strategy = .greedy
        let pools = try Pools([pool, parent])
        let text = pools.stored.description
        #expect(try Pools.storedReader.read(try JSONValue(parsing: text)) == pools)
        #expect(pools.path(of: pool.name).map(\.name) == [pool.name, outer])
        var request = ReservationRequest(resources: Resources())
        #expect(pools.strategy(for: request) == nil)
        request.pool = pool.name
        #expect(pools.strategy(for: request) == .greedy)
        request.strategy = .balanced
        #expect(pools.strategy(for: request) == .balanced)
    }

    @Test(
        "has a policy, which is shown as it is read, and kept with the numbers of its groups",
        arguments: [
            #"{"kind": "priority", "ageing": "1h"}"#, #"{"kind": "fair", "over": "groups", "groups": ["physics", 7]}"#,
            #"{"kind": "fair", "half_life": "none", "patience": "2h"}"#, #"{"kind": "fair", "half_life": "1d12h"}"#,
            #"{"kind": "weighted", "weights": {"groups": {"physics": 3, "arts": 1}, "others": 2, "users": {"7": 4}}}"#,
            #"{"kind": "weighted", "weights": {"users": {"7": 4}}, "groups": ["arts"]}"#,
            #"{"kind": "quota", "quotas": [{"each": "user", "hard": {"resources": {"cpu": 1.5, "memory": "8GiB"}}, "#
                + #""soft": {"reservations": 3, "hours": {"gpu": 0.5, "cpu": 2}, "per": "7d"}}, "#
                + #"{"group": "physics", "hard": {"reservations": 0}}, {"user": 7, "soft": {"resources": {"gpu": 1}}}, "#
                + #"{"workflow": "night ly", "hard": {"hours": {"license.example/seat": 3}, "per": "1m"}}]}"#,
        ])
    func policies(text: String) throws {
        let names = AccountNames(user: { UInt32($0) }) { ["physics": 61, "arts": 62][$0] ?? UInt32($0) }
        let name = try #require(PoolName("ci"))
        let pool = try Pool.reader(name, names).read(try JSONValue(parsing: #"{"policy": \#(text)}"#))
        let policy = try #require(pool.policy)
        let shown = try JSONValue(parsing: policy.json.description)
        #expect(try Policy.reader(names).read(shown) == policy)
        let pools = try Pools([pool])
        #expect(try Pools.storedReader.read(try JSONValue(parsing: pools.stored.description)) == pools)
        #expect(pools.groups == policy.groups)
    }

    @Test("says with its policy which groups count, those of the host first and each once")
    func groups() throws {
        let names = AccountNames(user: { UInt32($0) }) { ["physics": 61, "arts": 62, "chess": 63][$0] }
        func pool(_ name: PoolName, _ groups: String) throws -> Pool {
            try Pool.reader(name, names).read(try JSONValue(parsing: #"{"policy": {"groups": \#(groups)}}"#))
        }
        let (a, b) = (try #require(PoolName("a")), try #require(PoolName("b")))
        let pools = try Pools([
            pool(b, #"["chess"]"#), pool(a, #"["arts", "physics"]"#), pool(.standard, #"["physics"]"#),
        ])
        #expect(pools.groups.map(\.name) == ["physics", "arts", "chess"])
        #expect(pools.groups.map(\.number) == [61, 62, 63])
    }

    @Test("is refused where pools do not fit into one another")
    func trees() throws {
        let (a, b) = (try #require(PoolName("a")), try #require(PoolName("b")))
        #expect(throws: PoolError.self) { try Pools([Pool(a), Pool(a)]) }
        #expect(throws: PoolError.self) { try Pools([Pool(a, parent: b)]) }
        #expect(throws: PoolError.self) { try Pools([Pool(a, parent: b), Pool(b, parent: a)]) }
        #expect(throws: PoolError.self) { try Pools([Pool(a, parent: .standard)]) }
        #expect(throws: PoolError.self) { try Pools([Pool(.standard, parent: a), Pool(a)]) }
        let deep = try ["a", "b", "c", "d", "e"].map { try #require(PoolName($0)) }
        let chain = deep.indices.map { Pool(deep[$0], parent: $0 == 0 ? nil : deep[$0 - 1]) }
        #expect(throws: PoolError.self) { try Pools(chain) }
        #expect(try Pools(Array(chain.dropLast())).all.count == 5)
    }
}
