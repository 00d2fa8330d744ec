import BerthJSON
import BerthModel
import Testing

@Suite("A type that a plugin provides") struct ProvidedTypeTests {
    @Test("has a vendor and a name", arguments: ["acme.example/seat", "a.b.c/d-1", "0.1/2"])
    func named(name: String) {
        #expect(ResourceType(name)?.name == name)
        #expect(ResourceType(name)?.isProvided == true)
    }

    @Test(
        "is none of any other form",
        arguments: [
            "", "/", "a/b", "acme.example", "acme.example/", "/seat", "acme..example/seat", ".a/b", "a./b", "A.b/c",
            "a.b/C",
            "a.b/c/d", "a.b/c d", "-a.b/c", "a.b/-c", "a.b/c\n", String(repeating: "a", count: 126) + ".b/c",
        ])
    func refused(name: String) { #expect(ResourceType(name) == nil) }

    @Test("is asked for by a number or an object, and held as it was asked")
    func request() throws {
        let text = #"{"resources":{"a.b/c":2,"a.b/d":{"amount":1,"where":{"k":"v"},"parameters":{"p":[1]}},"cpu":1}}"#
        let request = try ReservationRequest.reader.read(try JSONValue(parsing: text))
        #expect(request.resources.asks.map(\.type.name) == ["cpu", "a.b/c", "a.b/d"])
        #expect(request.resources.asks.last?.parameters == ["p": [1]])
        #expect(throws: JSONFieldError.self) {
            try ReservationRequest.reader.read(["resources": ["a.b/c": ["amount": 1, "limit": 2]]])
        }
        #expect(throws: JSONFieldError.self) { try ReservationRequest.reader.read(["resources": ["a.b/c": "half"]]) }
    }

    @Test("comes back from the ledger with what is held of it and what there is of it")
    func stored() throws {
        let type = try #require(ResourceType("a.b/c"))
        let device = try DeviceNode(parsing: "b 8:16")
        for type in [type, .gpu] {
            let unit = Capacity.Unit(
                name: "u", capacity: type.whole, node: 1, capabilities: ["k": "v"], failure: "broken", parent: "w",
                devices: [device])
            let change = Event.Change.unitsChanged(type, [unit], gone: ["w"], isProvided: true)
            #expect(try Event.Change(named: "units_changed", reservation: nil, stored: change.stored) == change)
        }
        let id = ReservationID(bits: 1)
        let folders = [
            SizedFolder(home: "/h", name: "a/b", bytes: 1 << 40, project: 7, doubt: "d"),
            SizedFolder(home: "/h", name: "c", bytes: 1),
        ]
        for provision in [
            Provision(), Provision(environment: ["A": "1"]), Provision(devices: [device]), Provision(folders: folders),
            Provision(
                cgroup: Narrowing(
                    nodes: [0, 2], pids: Quantity(7),
                    storage: [StorageAsk(device: "vda", rates: StorageRates(write: Quantity(5)))])),
        ] {
            let provided = Event.Change.provided(id, [type: provision])
            #expect(try Event.Change(named: "provided", reservation: id, stored: provided.stored) == provided)
        }
        // As the first ledgers kept it.
        let old = try Event.Change(named: "provided", reservation: id, stored: ["provisions": ["a.b/c": ["A": "1"]]])
        #expect(old == .provided(id, [type: Provision(environment: ["A": "1"])]))
        let hold = Hold(
            type, amount: Quantity(1), limit: Quantity(1), units: [.init(name: "u", quantity: Quantity(1))],
            parameters: ["p": 1])
        let resized = Event.Change.resized(id, Grant([hold]))
        #expect(try Event.Change(named: "resized", reservation: id, stored: resized.stored) == resized)
    }
}
