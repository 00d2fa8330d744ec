import BerthJSON
import Testing

@testable import BerthModel

@Suite("What one was promised") struct BookingTests {
    private let booking = Booking(
        start: Timestamp(milliseconds: 0), end: .last, grant: Grant([Hold(.cpu, amount: Quantity(1500), limit: nil)]),
        alternative: 2, choice: UnitChoice(strategy: .balanced, isExact: false, nodes: 1))

    @Test("is kept by the ledger as it is")
    func roundTrip() throws {
        for alternative in [nil, 0, 2] {
            var booking = booking
            booking.alternative = alternative
            #expect(try Booking.storedReader.read(try JSONValue(parsing: booking.stored.description)) == booking)
        }
    }

    @Test(
        "is not read where its times are none",
        arguments: [
            ("start_ms", -1), ("end_ms", Timestamp.last.milliseconds + 1), ("end_ms", .max), ("start_ms", .min),
        ] as [(String, Int64)])
    func refusal(member: String, milliseconds: Int64) throws {
        guard case .object(var object) = booking.stored else { return }
        object[member] = JSONValue(milliseconds)
        let error = #expect(throws: JSONFieldError.self) { try Booking.storedReader.read(.object(object)) }
        #expect(error?.pointer.description == "/\(member)")
    }
}
