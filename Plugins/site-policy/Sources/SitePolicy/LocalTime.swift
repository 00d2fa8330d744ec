import BerthPluginKit
import Glibc

/// The time of day and the day of the week, as people here count them.
struct LocalTime: Equatable, Sendable {
    /// Minutes since midnight.
    var minutes: Int
    /// `mon` to `sun`.
    var day: String

    /// - Parameter moment: in seconds since 1970
    init(_ moment: time_t) {
        var moment = moment
        var parts = tm()
        localtime_r(&moment, &parts)
        minutes = Int(parts.tm_hour) * 60 + Int(parts.tm_min)
        day = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"][Int(parts.tm_wday) % 7]
    }
}

/// A part of each day: `08:00-18:00`, or over midnight `22:00-06:00`. The end is not in it.
struct Hours: Equatable, Sendable {
    let from: Int
    let to: Int

    init(_ text: String) throws {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Hours.minutes($0) }
        guard ends.count == 2, let from = ends[0], let to = ends[1], from != to else {
            throw Failure("\"\(text)\" is no part of a day", hint: "write it as 22:00-06:00")
        }
        (self.from, self.to) = (from, to)
    }

    func contains(_ minutes: Int) -> Bool {
        from < to ? (from..<to).contains(minutes) : minutes >= from || minutes < to
    }

    private static func minutes(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 }), let hour = Int(parts[0]),
            let minute = Int(parts[1]),
            (0..<24).contains(hour) || (hour == 24 && minute == 0), (0..<60).contains(minute)
        else { return nil }
        return hour * 60 + minute
    }
}
