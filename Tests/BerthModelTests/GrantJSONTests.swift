import BerthJSON
import Testing

@testable import BerthModel

@Suite("The JSON of a grant")
struct GrantJSONTests {
    @Test("of disks is a list with the rates and weights that were given, and is read back the same")
    func storage() throws {
        let grant = Grant(storage: [
            StorageAsk(device: "a", rates: StorageRates(read: Quantity(5)), weight: 500),
            StorageAsk(device: "b", weight: 1), StorageAsk(device: "c", rates: StorageRates(write: Quantity(7))),
        ])
        let text =
            #"{"storage":[{"device":"a","read":5,"weight":500},{"device":"b","weight":1},{"device":"c","write":7}]}"#
        #expect(grant.json.description == text)
        #expect(try Grant.reader.read(JSONValue(parsing: text)) == grant)
    }

    @Test("that is a part of what was asked says what was asked and what would have done, and is read back the same")
    func partial() throws {
        let grant = Grant([
            Hold(.cpu, amount: Quantity(4000), limit: Quantity(4000), asked: Quantity(8000), minimum: Quantity(2000)),
            Hold(.gpu, amount: Quantity(1000), limit: nil, preferences: ["model": "~*A100*"]),
        ])
        let text = #"""
            {"cpu":{"amount":4,"limit":4,"asked":8,"minimum":2},"gpu":{"amount":1,"prefer":{"model":"~*A100*"}}}
            """#
        #expect(grant.json.description == text)
        #expect(try Grant.reader.read(JSONValue(parsing: text)) == grant)
        #expect(grant.isPartial)
        #expect(grant.resources[.cpu] == Ask(.cpu, amount: Quantity(8000), minimum: Quantity(2000)))
        #expect(!Grant([Hold(.cpu, amount: Quantity(4000), limit: nil, asked: Quantity(3000))]).isPartial)
    }

    @Test("of a reservation keeps what it lies near to and apart from, and one of an older release has nothing of that")
    func reservation() throws {
        var request = ReservationRequest(resources: Resources())
        request.affinity = [Affinity(.labels(["app": "db"]), by: .unit)]
        request.antiAffinity = [Affinity(.reservation(ReservationID(bits: 5)), isPreferred: true)]
        let reservation = Reservation(
            id: ReservationID(bits: 1), user: 1, request: request,
            grant: Grant([Hold(.pids, amount: Quantity(5), limit: nil, asked: Quantity(9), minimum: Quantity(2))]),
            alternative: 3, retry: nil, createdAt: Timestamp(milliseconds: 0), expiresAt: nil, deadline: nil)
        #expect(reservation.state == .partial)
        let stored = try JSONValue(parsing: reservation.stored.description)
        #expect(try Reservation.storedReader.read(stored) == reservation)
        let older = """
            {"id":"000000000001","user":1,"state":"confirmed","grant":{"cpu":{"amount":1,"asked":0.5}},"end":"empty",\
            "enforce":"preferred","created_ms":0}
            """
        let read = try Reservation.storedReader.read(JSONValue(parsing: older))
        #expect(read.affinity.isEmpty && read.antiAffinity.isEmpty && read.alternative == nil)
        #expect(read.grant[.cpu]?.minimum == nil)
    }
}
