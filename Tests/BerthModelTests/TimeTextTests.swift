import BerthModel
import Testing

@Suite("Times and durations in text")
struct TimeTextTests {
    @Test(
        "a duration is read and printed",
        arguments: [
            ("90", 90_000, "1m30s"), ("90s", 90_000, "1m30s"), ("10m", 600_000, "10m"), ("10min", 600_000, "10m"),
            ("1h30m", 5_400_000, "1h30m"), ("2d", 172_800_000, "2d"), ("250ms", 250, "250ms"), ("0", 0, "0s"),
            ("1s500ms", 1500, "1s500ms"),
        ] as [(String, Int64, String)])
    func duration(text: String, milliseconds: Int64, printed: String) throws {
        let duration = try Duration(parsing: text)
        #expect(duration.milliseconds == milliseconds)
        #expect(duration.text == printed)
        #expect(try Duration(parsing: printed) == duration)
    }

    @Test(
        "anything else is no duration",
        arguments: ["", "s", "-1s", "1.5s", "1y", "10 m", "1h30", "4000d", "99999999999999999999", "1s;", "١s"])
    func noDuration(text: String) {
        let error = #expect(throws: ParseError.self) { try Duration(parsing: text) }
        #expect(error?.expected.contains("in whole numbers") == true)
    }

    @Test(
        "a time is printed as RFC 3339 in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_795_472_100_250, "2026-11-23T22:15:00.250Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (4_102_444_800_000, "2100-01-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func timestamp(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
    }

    @Test(
        "a time is read as RFC 3339 has it",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-23T22:15:00.250Z", 1_795_472_100_250),
            ("2026-11-24t00:15:00.2509+02:00", 1_795_472_100_250), ("2000-02-29 00:00:00z", 951_782_400_000),
            ("2100-01-01T00:00:00.000Z", 4_102_444_800_000), ("2099-12-31T18:30:00-05:30", 4_102_444_800_000),
            ("9999-12-31T23:59:59.999Z", Timestamp.last.milliseconds),
        ] as [(String, Int64)])
    func reading(text: String, milliseconds: Int64) throws {
        #expect(try Timestamp(parsing: text).milliseconds == milliseconds)
    }

    @Test("every day from 1970 to 2400 is read as it is printed")
    func everyDay() throws {
        for day in 0..<157_000 as Range<Int64> where day % 7 == 0 || day % 365 < 3 {
            let time = Timestamp(milliseconds: day * 86_400_000 + day)
            #expect(try Timestamp(parsing: time.description) == time)
        }
    }

    @Test(
        "anything else is no time",
        arguments: [
            "", "2026-11-23", "2026-11-23T22:15:00", "2026-02-29T00:00:00Z", "1969-12-31T23:59:59Z",
            "2026-13-01T00:00:00Z",
            "2026-11-23T24:00:00Z", "2026-11-23T22:15Z", "2026-11-23T22:15:00Zz", "2026-11-23T22:15:00.Z", "+2h",
            "٢026-11-23T22:15:00Z",
            "1970-01-01T00:00:00+01:00", "9999-12-31T23:59:59-00:01",
        ])
    func noTime(text: String) { #expect(throws: ParseError.self) { try Timestamp(parsing: text) } }
}

@Suite("A reservation's id")
struct ReservationIDTests {
    @Test("is printed as 12 characters and read back", arguments: [0, 1, 31, 32, 0xFFF_FFFF_FFFF_FFFF] as [UInt64])
    func roundTrip(bits: UInt64) {
        let id = ReservationID(bits: bits)
        #expect(id.description.utf8.count == 12)
        #expect(ReservationID(id.description) == id)
    }

    @Test("is nothing else", arguments: ["", "0", "../../../etc", "00000000000w", "00000000000A", "0000000000000"])
    func refusal(text: String) { #expect(ReservationID(text) == nil) }
}
