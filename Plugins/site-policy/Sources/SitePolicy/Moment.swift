import BerthJSON
import BerthPluginKit
import Glibc

/// A moment of a request, in seconds since 1970.
enum Moment {
    /// Reads one as RFC 3339 has it: `2026-12-01T02:00:00.000Z`, or with `+01:00` in place of the Z. Nil for anything else.
    static func seconds(_ text: String) -> time_t? {
        let form = Array("dddd-dd-ddTdd:dd:dd".utf8)
        let bytes = Array(text.utf8.prefix(form.count))
        guard bytes.count == form.count, zip(bytes, form).allSatisfy(fits) else { return nil }
        func number(_ place: Range<Int>) -> Int32 { bytes[place].reduce(0) { $0 * 10 + Int32($1 & 15) } }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (number(0..<4) - 1900, number(5..<7) - 1, number(8..<10))
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (number(11..<13), number(14..<16), number(17..<19))
        var rest = text.dropFirst(form.count)
        if rest.first == "." { rest = rest.dropFirst().drop { $0.isASCII && $0.isNumber } }
        guard let offset = offset(rest) else { return nil }
        return timegm(&parts) - offset
    }

    /// Whether a byte may stand where a form has this one.
    private static func fits(_ byte: UInt8, _ form: UInt8) -> Bool {
        switch form {
        case UInt8(ascii: "d"): (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        case UInt8(ascii: "T"): "Tt ".utf8.contains(byte)
        default: byte == form
        }
    }

    /// Seconds east of UTC.
    private static func offset(_ zone: Substring) -> time_t? {
        if zone == "Z" || zone == "z" { return 0 }
        let parts = zone.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        guard let sign = zone.first, sign == "+" || sign == "-", parts.count == 2,
            let hours = UInt8(parts[0]), let minutes = UInt8(parts[1]), hours < 24, minutes < 60
        else { return nil }
        return (sign == "+" ? 60 : -60) * (time_t(hours) * 60 + time_t(minutes))
    }
}

extension Question {
    /// When what is asked for is to begin; nil where the request does not say.
    var start: time_t? {
        guard case .string(let text)? = request["start"] else { return nil }
        return Moment.seconds(text)
    }
}
