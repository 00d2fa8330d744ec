import BerthJSON
import BerthModel
import Testing

@Suite("The receipts that are shown")
struct ShownReceiptsTests {
    private static let receipts = [
        Receipt(.cpu, status: .enforced, values: ["cpu.max": "50000 100000"]),
        Receipt(.memory, status: .advisory, reason: "some of it is elsewhere", chargedElsewhere: 7),
        Receipt(.gpu, status: .unsupported, reason: "nothing limits it"),
    ]

    private func reservation(left: [Int32]) -> Reservation {
        var reservation = Reservation(
            id: ReservationID(bits: 1), user: 1, request: ReservationRequest(resources: Resources()), grant: Grant([]),
            retry: nil, createdAt: Timestamp(milliseconds: 0), expiresAt: nil, deadline: nil)
        reservation.receipts = ShownReceiptsTests.receipts
        reservation.attached = ([5] + left).map { ProcessIdentity(pid: $0, startTicks: 1, boot: "b") }
        reservation.left = Array(reservation.attached.dropFirst())
        return reservation
    }

    @Test("are those of the leaf while every process is in it")
    func inside() {
        let reservation = reservation(left: [])
        #expect(reservation.shownReceipts == ShownReceiptsTests.receipts)
        #expect(reservation.json["left"] == nil)
    }

    @Test("are advisory, with what they were for, while a process is outside; what nothing holds stays unsupported")
    func outside() {
        let shown = reservation(left: [1234]).shownReceipts
        let doubt = "process 1234 is outside of the reservation's cgroup: what it uses is not held"
        #expect(shown.map(\.status) == [.advisory, .advisory, .unsupported])
        #expect(shown.map(\.reason) == [doubt, "some of it is elsewhere; \(doubt)", "nothing limits it"])
        #expect(shown.map(\.values) == ShownReceiptsTests.receipts.map(\.values))
        #expect(shown.map(\.chargedElsewhere) == [nil, 7, nil])
    }

    @Test("name one of many")
    func many() {
        let reason = reservation(left: [7, 8, 9]).shownReceipts[0].reason
        #expect(reason?.hasPrefix("process 7 and 2 more are outside") == true)
    }

    @Test("are those of the document, and are not stored")
    func documents() throws {
        let reservation = reservation(left: [1234])
        #expect(reservation.json["left"] == [1234])
        #expect(reservation.json["receipts"] == .array(reservation.shownReceipts.map(\.json)))
        let stored = try JSONValue(parsing: reservation.stored.description)
        #expect(try Reservation.storedReader.read(stored) == reservation)
    }

    @Test("of a reservation that was stored before processes were known to leave are read")
    func former() throws {
        let text = """
            {"id":"000000000001","user":1,"state":"confirmed","grant":{},"end":"empty","enforce":"preferred",\
            "created_ms":0,"attached":[{"pid":5,"start_ticks":1,"boot":"b"}],"was_attached":true}
            """
        let read = try Reservation.storedReader.read(try JSONValue(parsing: text))
        #expect(read.attached.map(\.pid) == [5] && read.left.isEmpty)
    }
}
