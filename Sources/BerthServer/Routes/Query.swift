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
    private static func decoded(_ text: Substring) -> String? { PercentEncoding.decoded(text, plusIsSpace: true) }
}
