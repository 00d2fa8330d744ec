import BerthJSON
import BerthModel
import Testing

@Suite("A reservation request")
struct RequestReadingTests {
    private func read(_ text: String) throws -> ReservationRequest {
        try ReservationRequest.reader.read(try JSONValue(parsing: text))
    }

    @Test("is read whole")
    func whole() throws {
        let request = try read(
            """
            {"name": "build", "resources": {"cpu": "1.5", "memory": {"amount": "4GiB", "limit": 8589934592,
             "where": {"numa": 1}}, "pids": 200, "gpu": 1, "network": "100Mbit",
             "storage": [{"device": "/dev/vda", "write": "50MiB", "read_iops": 1000}]},
             "lease": "10m", "end": "released", "labels": {"team": "a"}, "enforce": "required", "attach": "caller",
             "strategy": "balanced"}
            """)
        #expect(request.name == "build")
        #expect(request.resources[.cpu] == Ask(.cpu, amount: Quantity(1500)))
        #expect(request.resources[.memory]?.limit == Quantity(8 << 30))
        #expect(request.resources[.memory]?.constraints == ["numa": 1])
        #expect(request.resources[.gpu]?.amount == Quantity(1000))
        #expect(request.resources[.network]?.amount == Quantity(100_000_000))
        #expect(request.resources.storage.map(\.device) == ["vda"])
        #expect(request.resources.storage.first?.rates.write == Quantity(50 << 20))
        #expect(request.lease == .seconds(600))
        #expect(request.end == .released)
        #expect(request.enforce == .required)
        #expect(request.attachesCaller)
        #expect(request.strategy == .balanced)
    }

    @Test("says what else will do, and what it lies near to and apart from; validators see it as it is written")
    func wishes() throws {
        let request = try read(
            """
            {"resources": {"cpu": {"amount": 8, "minimum": "2"}, "gpu": {"amount": 2, "prefer": {"model": "~*A100*"}}},
             "alternatives": [{"cpu": 4}, {"memory": {"amount": 2, "minimum": 2}}],
             "affinity": {"labels": {"app": "db"}},
             "anti_affinity": [{"reservation": "00000000000a", "by": "unit", "preferred": true}]}
            """)
        #expect(request.resources[.cpu] == Ask(.cpu, amount: Quantity(8000), minimum: Quantity(2000)))
        #expect(request.resources[.gpu]?.preferences == ["model": "~*A100*"])
        #expect(request.choices.count == 3)
        #expect(request.alternatives[1] == Resources([Ask(.memory, amount: Quantity(2))]))
        #expect(request.takesLess)
        #expect(request.affinity == [Affinity(.labels(["app": "db"]))])
        let id = try #require(ReservationID("00000000000a"))
        #expect(request.antiAffinity == [Affinity(.reservation(id), by: .unit, isPreferred: true)])
        #expect(try ReservationRequest.reader.read(.object(request.json)) == request)
    }

    @Test(
        "ends when it is empty, by default, where it attaches its caller or has no lease",
        arguments: [
            ("", ReservationRequest.End.empty), (", \"lease\": 60", .released),
            (", \"lease\": 60, \"attach\": \"caller\"", .empty), (", \"end\": \"released\"", .released),
        ])
    func end(rest: String, end: ReservationRequest.End) throws {
        #expect(try read("{\"resources\": {\"cpu\": 1}\(rest)}").end == end)
    }

    @Test(
        "that makes no sense is refused with its place",
        arguments: [
            ("[]", ""), ("{}", "/resources"), (#"{"resources": {}}"#, "/resources"),
            (#"{"resources": {"cpuu": 1}}"#, "/resources/cpuu"), (#"{"resources": {"cpu": 0}}"#, "/resources/cpu"),
            (#"{"resources": {"cpu": -1}}"#, "/resources/cpu"), (#"{"resources": {"cpu": null}}"#, "/resources/cpu"),
            (#"{"resources": {"cpu": 0.001}}"#, "/resources/cpu"), (#"{"resources": {"cpu": 1e99}}"#, "/resources/cpu"),
            (#"{"resources": {"cpu": 1, "cpu": 2}}"#, "/resources/cpu"),
            (#"{"resources": {"cpu": {}}}"#, "/resources/cpu/amount"),
            (#"{"resources": {"cpu": {"amount": 2, "limit": 1}}}"#, "/resources/cpu/limit"),
            (#"{"resources": {"cpu": {"amount": 2, "limit": 3, "exclusive": true}}}"#, "/resources/cpu/limit"),
            (#"{"resources": {"memory": {"amount": 2, "exclusive": true}}}"#, "/resources/memory/exclusive"),
            (#"{"resources": {"memory": {"amount": 2, "where": {"numa": -1}}}}"#, "/resources/memory/where/numa"),
            (#"{"resources": {"memory": {"amount": 2, "where": {"numa": [[1]]}}}}"#, "/resources/memory/where/numa/0"),
            (#"{"resources": {"cpu": 1}, "strategy": "best"}"#, "/strategy"),
            (#"{"resources": {"cpu": 1}, "start": "2026-12-01T02:00:00Z"}"#, "/start"),
            (#"{"resources": {"cpu": 1}, "lease": 5, "start": "+2h"}"#, "/start"),
            (#"{"resources": {"cpu": 1}, "lease": 5, "start": "2026-12-01T02:00:00Z", "wait": 5}"#, "/wait"),
            (
                #"{"resources": {"cpu": 1}, "lease": 5, "start": "2026-12-01T02:00:00Z", "strategy": "priority"}"#,
                "/strategy"
            ),
            (
                #"""
                {"resources": {"cpu": 1}, "lease": 5, "start": "2026-12-01T02:00:00Z", "wait": 5,
                "gang": {"id": "a", "size": 2}}
                """#, "/start"
            ),
            (#"{"resources": {"cpu": 1}, "signal": "USR1"}"#, "/signal"),
            (#"{"resources": {"cpu": 1}, "signal": {"name": "KILL"}}"#, "/signal/name"),
            (#"{"resources": {"cpu": 1}, "signal": {"name": "USR1", "before": "0.5s"}}"#, "/signal/before"),
            (#"{"resources": {"cpu": 1}, "signal": {"name": "USR1", "before": "25h"}}"#, "/signal/before"),
            (#"{"resources": {"cpu": 1}, "lease": "1m", "signal": {"name": "USR1"}}"#, "/signal"),
            (#"{"resources": {"cpu": 1}, "attach": "caller", "requeue": true}"#, "/requeue"),
            (#"{"resources": {"gpu": 0.009}}"#, "/resources/gpu"), (#"{"resources": {"gpu": 1.5}}"#, "/resources/gpu"),
            (#"{"resources": {"gpu": "1001m"}}"#, "/resources/gpu"),
            (#"{"resources": {"gpu": {"amount": 0.0005}}}"#, "/resources/gpu/amount"),
            (#"{"resources": {"pids": 1.5}}"#, "/resources/pids"),
            (#"{"resources": {"storage": {}}}"#, "/resources/storage"),
            (#"{"resources": {"storage": [{"device": "vda"}]}}"#, "/resources/storage/0/read"),
            (#"{"resources": {"storage": [{"read": 1}]}}"#, "/resources/storage/0/device"),
            (
                #"{"resources": {"storage": [{"device": "vda", "where": {"rotational": false}, "read": 1}]}}"#,
                "/resources/storage/0/where"
            ),
            (#"{"resources": {"storage": [{"where": {"rotational": false}}]}}"#, "/resources/storage/0/read"),
            (
                #"{"resources": {"storage": [{"where": {"size": "> x"}, "read": 1}]}}"#,
                "/resources/storage/0/where/size"
            ),
            (#"{"resources": {"storage": [{"device": "vda", "weight": 0}]}}"#, "/resources/storage/0/weight"),
            (#"{"resources": {"storage": [{"device": "vda", "weight": 10001}]}}"#, "/resources/storage/0/weight"),
            (#"{"resources": {"storage": [{"device": "vda", "weight": 1.5}]}}"#, "/resources/storage/0/weight"),
            (#"{"resources": {"storage": [{"device": "vda", "weight": "much"}]}}"#, "/resources/storage/0/weight"),
            (#"{"resources": {"storage": [{"device": "vda", "weight": [1]}]}}"#, "/resources/storage/0/weight"),
            (
                #"{"resources": {"storage": [{"device": "vda", "read": 1}, {"device": "/dev/vda", "read": 1}]}}"#,
                "/resources/storage/1/device"
            ),
            (#"{"resources": {"cpu": {"amount": 2, "minimum": 3}}}"#, "/resources/cpu/minimum"),
            (#"{"resources": {"gpu": {"amount": 2, "minimum": 0.5}}}"#, "/resources/gpu/minimum"),
            (#"{"resources": {"pids": {"amount": 2, "prefer": {"a": 1}}}}"#, "/resources/pids/prefer"),
            (#"{"resources": {"gpu": {"amount": 2, "prefer": {"a": []}}}}"#, "/resources/gpu/prefer/a"),
            (#"{"resources": {"cpu": 1}, "alternatives": {}}"#, "/alternatives"),
            (#"{"resources": {"cpu": 1}, "alternatives": [{"cpu": 1}, {}]}"#, "/alternatives/1"),
            (#"{"resources": {"cpu": 1}, "alternatives": [{"cpu": 0}]}"#, "/alternatives/0/cpu"),
            (
                #"{"resources": {"cpu": 1}, "alternatives": [{"cpu": {"amount": 1, "limit": 0.5}}]}"#,
                "/alternatives/0/cpu/limit"
            ),
            (#"{"resources": {"cpu": 1}, "alternatives": [{},{},{},{},{},{},{},{},{}]}"#, "/alternatives"),
            (#"{"resources": {"cpu": 1}, "affinity": "x"}"#, "/affinity"),
            (#"{"resources": {"cpu": 1}, "affinity": {}}"#, "/affinity/reservation"),
            (#"{"resources": {"cpu": 1}, "affinity": {"label": {"a": "b"}}}"#, "/affinity/label"),
            (#"{"resources": {"cpu": 1}, "affinity": [{"reservation": "x"}]}"#, "/affinity/0/reservation"),
            (#"{"resources": {"cpu": 1}, "affinity": {"labels": {}}}"#, "/affinity/labels"),
            (
                #"{"resources": {"cpu": 1}, "anti_affinity": {"reservation": "00000000000a", "labels": {"a": "b"}}}"#,
                "/anti_affinity/labels"
            ),
            (#"{"resources": {"cpu": 1}, "affinity": {"labels": {"a": "b"}, "by": "rack"}}"#, "/affinity/by"),
            (#"{"resources": {"cpu": 1}, "lease": "soon"}"#, "/lease"),
            (#"{"resources": {"cpu": 1}, "lease": 0}"#, "/lease"),
            (#"{"resources": {"cpu": 1}, "lease": 1e30}"#, "/lease"),
            (#"{"resources": {"cpu": 1}, "name": ""}"#, "/name"),
            (#"{"resources": {"cpu": 1}, "name": "a\u001bb"}"#, "/name"),
            (#"{"resources": {"cpu": 1}, "labels": {"a b": "c"}}"#, "/labels/a b"),
            (#"{"resources": {"cpu": 1}, "labels": {"a": 1}}"#, "/labels/a"),
            (#"{"resources": {"cpu": 1}, "end": "never"}"#, "/end"),
            (#"{"resources": {"cpu": 1}, "attach": true}"#, "/attach"),
            (#"{"resources": {"cpu": 1}, "leese": 1}"#, "/leese"),
        ])
    func refusal(text: String, pointer: String) throws {
        let error = try #require(throws: JSONFieldError.self) { try read(text) }
        #expect(error.pointer.description == pointer, "\(error)")
    }

    @Test("may give a disk a weight, alone or beside its rates", arguments: ["1", "\"500\"", "1e4"])
    func weight(text: String) throws {
        let weight = ["1": 1, "\"500\"": 500, "1e4": 10_000][text]
        for rates in ["", #", "read": 5"#] {
            let storage = try read(#"{"resources": {"storage": [{"device": "vda", "weight": \#(text)\#(rates)}]}}"#)
                .resources.storage
            #expect(storage.map(\.weight) == [weight] && storage.first?.rates.isEmpty == rates.isEmpty)
        }
    }

    @Test("a name of 128 characters is taken, one of 129 is not")
    func name() throws {
        let name = String(repeating: "n", count: 128)
        #expect(try read(#"{"resources": {"cpu": 1}, "name": "\#(name)"}"#).name == name)
        #expect(throws: JSONFieldError.self) { try read(#"{"resources": {"cpu": 1}, "name": "\#(name)n"}"#) }
        // A letter and its accent are two, as JSON Schema counts.
        let accents = String(repeating: "e\u{301}", count: 64)
        #expect(try read(#"{"resources": {"cpu": 1}, "name": "\#(accents)"}"#).name == accents)
        #expect(throws: JSONFieldError.self) { try read(#"{"resources": {"cpu": 1}, "name": "\#(accents)n"}"#) }
        let value = String(repeating: "e\u{301}", count: 128)
        #expect(try read(#"{"resources": {"cpu": 1}, "labels": {"a": "\#(value)"}}"#).labels["a"] == value)
        #expect(throws: JSONFieldError.self) { try read(#"{"resources": {"cpu": 1}, "labels": {"a": "\#(value)n"}}"#) }
    }
}

@Suite("A large request")
struct LargeRequestTests {
    private func read(_ resources: String, labels: String = "{}") throws -> ReservationRequest {
        try ReservationRequest.reader.read(
            try JSONValue(parsing: #"{"resources": {"cpu": 1\#(resources)}, "labels": \#(labels)}"#))
    }

    private func devices(_ count: Int) -> String {
        #", "storage": [\#((0..<count).map { #"{"device": "d\#($0)", "read": 1}"# }.joined(separator: ","))]"#
    }

    private func facts(_ count: Int) -> String {
        #", "gpu": {"amount": 1, "where": {\#((0..<count).map { #""k\#($0)": 1"# }.joined(separator: ","))}}"#
    }

    private func labels(_ count: Int, value: String = "v") -> String {
        "{\((0..<count).map { "\"k\($0)\": \"\(value)\"" }.joined(separator: ","))}"
    }

    @Test("is taken as far as a person or an engine may mean it")
    func taken() throws {
        #expect(try read(devices(256)).resources.storage.count == 256)
        #expect(try read(facts(64)).resources[.gpu]?.constraints.count == 64)
        #expect(try read("", labels: labels(64, value: String(repeating: "v", count: 256))).labels.count == 64)
    }

    @Test("is refused at once beyond that, in few words")
    func refused() throws {
        let accents = "e" + String(repeating: "\u{301}", count: 600)
        for (resources, labels, pointer) in [
            (devices(257), "{}", "/resources/storage"), (facts(65), "{}", "/resources/gpu/where"),
            ("", labels(65), "/labels"), ("", labels(1, value: accents), "/labels/k0"),
            (devices(30_000), "{}", "/resources/storage"), (facts(60_000), "{}", "/resources/gpu/where"),
        ] {
            var error: JSONFieldError?
            let time = ContinuousClock().measure {
                error = #expect(throws: JSONFieldError.self) { try read(resources, labels: labels) }
            }
            #expect(error?.pointer.description == pointer)
            #expect(error?.description.contains("at most") == true)
            #expect(error?.description.utf8.count ?? .max < 200)
            #expect(time < .seconds(10))
        }
    }

    @Test("keeps the number of a node, and not how it was written")
    func node() throws {
        let zeros = String(repeating: "0", count: 100_000)
        let request = try read(#", "memory": {"amount": 1, "where": {"numa": 1.\#(zeros)}}"#)
        #expect(request.resources[.memory]?.constraints == ["numa": 1])
    }

    @Test("names a device that is given twice in short")
    func twice() throws {
        let name = String(repeating: "d", count: 100_000)
        let error = try #require(throws: JSONFieldError.self) {
            try read(#", "storage": [{"device": "\#(name)", "read": 1}, {"device": "\#(name)", "read": 1}]"#)
        }
        #expect(error.description.utf8.count < 200)
    }

    @Test("with a rate that is misspelt is told of it")
    func misspelt() throws {
        let error = try #require(throws: JSONFieldError.self) {
            try read(#", "storage": [{"device": "vda", "raed": 1}]"#)
        }
        #expect(error.pointer.description == "/resources/storage/0/raed")
        #expect(error.message == "unknown field \"raed\"; did you mean \"read\"?")
    }

    @Test("a duration of many parts is not read to its end")
    func duration() {
        let text = String(repeating: "1ms", count: 21)
        #expect(throws: Never.self) { try Duration(parsing: text) }
        #expect(throws: ParseError.self) { try Duration(parsing: text + "1ms") }
    }
}

@Suite("A change of resources")
struct ResourceChangeTests {
    private func change(_ text: String, over current: Resources) throws -> Resources {
        try ResourceChange.reader.read(try JSONValue(parsing: text)).resolved(over: current)
    }

    private let current = Resources([
        Ask(.cpu, amount: Quantity(2000), exclusive: true, constraints: ["numa": 1]),
        Ask(.memory, amount: Quantity(100), limit: Quantity(200)),
    ])

    @Test("keeps what it does not name")
    func merge() throws {
        let result = try change(#"{"cpu": 4}"#, over: current)
        #expect(result[.cpu] == Ask(.cpu, amount: Quantity(4000), exclusive: true, constraints: ["numa": 1]))
        #expect(result[.memory] == current[.memory])
        #expect(try change(#"{"memory": {"limit": 300}}"#, over: current)[.memory]?.limit == Quantity(300))
        #expect(try change(#"{"pids": 5}"#, over: current).asks.count == 3)
    }

    @Test(
        "that makes no sense over what is held is refused",
        arguments: [
            (#"{"cpu": {"exclusive": false}}"#, "/resources/cpu/exclusive"),
            (#"{"memory": 300}"#, "/resources/memory/limit"), (#"{"pids": {"limit": 3}}"#, "/resources/pids/amount"),
        ])
    func refusal(text: String, pointer: String) throws {
        let error = try #require(throws: JSONFieldError.self) { try change(text, over: current) }
        #expect(error.pointer.description == pointer)
    }
}
