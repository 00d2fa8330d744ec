internal import BerthAgent
internal import HTTPTypes
internal import Synchronization

/// What the server counts of its requests.
final class RequestMetrics: Sendable {
    /// The methods that are told apart; clients must not be able to make more.
    enum Method: String, Hashable, Sendable, CaseIterable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case patch = "PATCH"
        case put = "PUT"
        case delete = "DELETE"
        case other

        init(_ method: HTTPRequest.Method) { self = Method(rawValue: method.rawValue) ?? .other }
    }

    /// One row of the count: a path, nil for those that are none, a method and a status.
    struct Row: Hashable, Sendable {
        var route: Route?
        var method: Method
        var status: Int
    }

    /// Upper ends of the buckets of how long requests took, in microseconds.
    private static let bounds: [Int64] = [
        100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
        10_000_000,
    ]

    /// Streams of events that are open.
    let streams = Atomic(0)

    private struct Counts {
        var rows: [Row: Int] = [:]
        var times = Route.allCases.map { _ in TimeHistogram(RequestMetrics.bounds) }
    }

    private let counts = Mutex(Counts())

    /// Counts a request that was answered; streams have no time.
    func count(_ route: Route?, _ method: Method, _ status: Int, _ time: Duration? = nil) {
        counts.withLock { counts in
            counts.rows[Row(route: route, method: method, status: status), default: 0] += 1
            if let route, let time { counts.times[route.rawValue].add(time) }
        }
    }

    /// Everything counted until now.
    var now: (rows: [Row: Int], times: [TimeHistogram]) { counts.withLock { ($0.rows, $0.times) } }
}
