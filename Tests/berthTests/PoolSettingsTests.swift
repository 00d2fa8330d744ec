import BerthJSON
import Testing

@testable import berth

@Suite("What is said of a pool") struct PoolSettingsTests {
    private let elastic: JSONValue = [
        "name": "ci", "kind": "elastic", "parent": "org", "guaranteed": ["cpu": 4], "max": ["cpu": 8], "weight": 200,
        "ceiling": false, "give_back": "preempt", "users": [7], "configured": false, "held": [:],
    ]

    @Test("changes that of the pool that is said, and nothing else")
    func merge() throws {
        var settings = PoolSettings()
        settings.set("weight", 300)
        try settings.set("max", amounts: "cpu=none,memory=8GiB")
        try settings.set("users", accounts: "none")
        settings.set("parent", "/")
        #expect(
            settings.body(over: elastic)
                == [
                    "kind": "elastic", "guaranteed": ["cpu": 4], "max": ["memory": "8GiB"], "weight": 300,
                    "ceiling": false, "give_back": "preempt", "users": [],
                ])
        #expect(PoolSettings().body(over: nil) == [:])
    }

    @Test("leaves out what another kind does not have, unless it is said")
    func kind() throws {
        var settings = PoolSettings()
        settings.set("kind", "static")
        let body = settings.body(over: elastic)
        #expect(body["max"] == nil && body["give_back"] == nil && body["guaranteed"] == ["cpu": 4])
        try settings.set("max", amounts: "cpu=2")
        settings.set("give_back", "end")
        #expect(settings.body(over: elastic)["max"] == ["cpu": "2"])
        #expect(settings.body(over: elastic)["give_back"] == "end")
    }

    @Test("is refused by the option that says it", arguments: ["cpu", "cpu=", "=4", "", "cpu=1,cpu=2", "cpu=1,"])
    func amounts(text: String) {
        var settings = PoolSettings()
        let failure = #expect(throws: CommandFailure.self) { try settings.set("max", amounts: text) }
        #expect(failure?.status == 2 && failure?.message.hasPrefix("--max ") == true)
    }

    @Test("names users and groups, by number or name")
    func accounts() throws {
        var settings = PoolSettings()
        try settings.set("users", accounts: "7,ann")
        #expect(settings.body(over: nil) == ["users": [7, "ann"]])
    }

    @Test("says who goes first in a word, as JSON, or not at all any more")
    func policy() throws {
        func said(_ text: String) throws -> JSONValue? {
            var settings = PoolSettings()
            try settings.set(policy: text)
            return settings.body(over: ["policy": ["kind": "weighted"]])["policy"]
        }
        #expect(try said("fair") == ["kind": "fair"])
        #expect(try said(#"{"kind": "fair", "half_life": "1d"}"#) == ["kind": "fair", "half_life": "1d"])
        #expect(try said("none") == nil)
        #expect(PoolSettings().body(over: ["policy": ["kind": "weighted"]])["policy"] == ["kind": "weighted"])
        #expect(throws: CommandFailure.self) { try said("{") }
    }

    @Test("names them one by one", arguments: ["", "1,", ",ann", "1, 2"])
    func empty(text: String) {
        var settings = PoolSettings()
        let failure = #expect(throws: CommandFailure.self) { try settings.set("users", accounts: text) }
        #expect(failure?.status == 2 && failure?.message.hasPrefix("--users ") == true)
    }
}
