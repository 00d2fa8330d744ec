internal import BerthModel

/// The wall clock as HTTP writes it.
enum HTTPDate {
    private static let days: [Substring] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// IMF-fixdate of RFC 9110, section 5.6.7: `Mon, 23 Nov 2026 22:13:05 GMT`.
    static func text(_ time: Timestamp) -> String {
        // 2026-11-23T22:13:05.250Z; 1970 began on a Thursday.
        let fields = time.description.split { "-T.".contains($0) }
        guard fields.count == 5, let month = Int(fields[1]), 1...12 ~= month else { return "" }
        let weekday = Int((time.milliseconds / 86_400_000) % 7)
        guard days.indices ~= weekday else { return "" }
        return "\(days[weekday]), \(fields[2]) \(months[month - 1]) \(fields[0]) \(fields[3]) GMT"
    }
}
