internal import BerthModel

/// Emphasis on a terminal, nothing elsewhere.
enum Style {
    /// Bold on a terminal that shows it.
    static func bold(_ text: String) -> String {
        text.isEmpty || !Terminal.hasColours ? text : "\u{1B}[1m\(text)\u{1B}[0m"
    }
}

extension String {
    /// The text with everything that could steer a terminal escaped: names of devices and programs come from outside.
    var printable: String {
        guard unicodeScalars.contains(where: { !$0.isPrintable }) else { return self }
        return unicodeScalars.map { $0.isPrintable ? String($0) : "\\u{\(String($0.value, radix: 16))}" }.joined()
    }
}
