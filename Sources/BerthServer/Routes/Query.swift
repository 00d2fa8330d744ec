internal import BerthJSON

/// The query of a request's target, read as strictly as a body: known names, each once.
struct Query {
    private var values: [String: String] = [:]

    /// - Parameters:
    ///   - text: what stands after the question mark
    ///   - known: the names that the call knows
    init(_ text: Substring, known: [String]) throws(Problem) {
        for pair in text.split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Query.decoded(halves[0]), let value = Query.decoded(halves.count > 1 ? halves[1] : "")
            else {
                throw Problem(.malformed, "the query has a % without two hexadecimal digits, or is not UTF-8")
            }
            guard known.contains(name) else {
                let nearest = nearestName(to: name, among: known)
                throw Problem(
                    .invalid, "unknown query parameter \(JSONValue.string(name).excerpt)",
                    parameter: String(name.prefix(64)),
                    expected: known.isEmpty ? "no query parameters" : "one of \(known.joined(separator: ", "))",
                    hint: nearest.map { "did you mean \"\($0)\"?" })
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw Problem(.invalid, "the query parameter \"\(name)\" is given more than once", parameter: name)
            }
        }
    }

    /// The value of a parameter; nil where it is not given.
    subscript(name: String) -> String? { values[name] }

    /// What a client wrote as `application/x-www-form-urlencoded`; nil where it is broken.
    private static func decoded(_ text: Substring) -> String? {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(text)
        }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
