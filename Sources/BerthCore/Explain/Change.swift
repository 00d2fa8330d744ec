package import BerthJSON
package import BerthModel

/// A change of a request with which it would be granted.
package struct Change: Hashable, Sendable {
    /// What is changed.
    package enum What: Hashable, Sendable {
        /// Less of some types, each as much as fits with the others as they are.
        case less([Less])
        /// Another NUMA node for these types.
        case node([ResourceType], asked: Constraint, node: Int)
        /// Units of a type of which a fact is otherwise, or anything where nothing is named instead; and what it is of
        /// those that would be granted.
        case fact(ResourceType, String, asked: Constraint, instead: Constraint?, there: [JSONValue])
        /// Shared CPU time, and no whole cores.
        case shared
        /// Not all of it on one NUMA node.
        case same
        /// Elsewhere than near these, or not apart from them.
        case near(Affinity, isApart: Bool)
        /// So short a lease.
        case lease(Duration)
        /// So low a priority.
        case priority(Int)
        /// At this moment of CLOCK_BOOTTIME, when these of the caller's leases end; none where it is something else.
        case later(Int64, after: [ReservationID])
        /// Others have to go for it: these that the caller may know of, and so many besides. The notice of the last of them
        /// is over at this moment of CLOCK_BOOTTIME.
        case preempt([ReservationID], others: Int, by: Int64)
    }

    /// Less of one type.
    package struct Less: Hashable, Sendable {
        package var type: ResourceType
        /// The disk and its rate, for storage.
        package var disk: DiskRate?
        package var measure: Measure
        /// What was asked: the least that would have done.
        package var asked: Quantity
        /// As much as fits.
        package var fits: Quantity

        package init(_ type: ResourceType, disk: DiskRate? = nil, _ measure: Measure, asked: Quantity, fits: Quantity) {
            self.type = type
            self.disk = disk
            self.measure = measure
            self.asked = asked
            self.fits = fits
        }
    }

    package var what: What
    /// The request with the change.
    package var request: ReservationRequest
    /// Which of the request's choices is changed; 0 is its resources.
    package var choice = 0

    init(_ what: What, _ request: ReservationRequest, choice: Int = 0) {
        self.what = what
        self.request = request
        self.choice = choice
    }

    /// What is set in the request, each with its place as a JSON pointer; `null` is left out.
    package func edits(of asked: ReservationRequest) -> [(pointer: String, value: JSONValue)] {
        Change.differences(.object(asked.json), .object(request.json), JSONPointer([]), ["resources", "alternatives"])
    }

    /// Members that differ; some of them are looked into.
    private static func differences(
        _ old: JSONValue, _ new: JSONValue, _ place: JSONPointer, _ inner: Set<String>
    ) -> [(pointer: String, value: JSONValue)] {
        switch (old, new) {
        case (.object(let before), .object(let after)):
            let names = before.map(\.key) + after.map(\.key).filter { before[$0] == nil }
            return names.flatMap { name -> [(pointer: String, value: JSONValue)] in
                guard before[name] != after[name] else { return [] }
                let place = place.appending(name)
                if inner.contains(name), let before = before[name], let after = after[name] {
                    return differences(before, after, place, [])
                }
                return [(place.description, after[name] ?? .null)]
            }
        case (.array(let before), .array(let after)):
            return zip(before, after).enumerated().flatMap { index, pair in
                differences(pair.0, pair.1, place.appending(String(index)), [])
            }
        default: return old == new ? [] : [(place.description, new)]
        }
    }
}

extension Change {
    /// How much is given up, for the order: the fewer things the better, then the less of them, then the sooner.
    func cost(against asked: ReservationRequest) -> [Int64] {
        switch what {
        case .less(let parts):
            return [
                Int64(parts.count), parts.reduce(0) { $0 + Change.part(of: $1.asked.units, left: $1.fits.units) }, 0,
            ]
        case .node(let types, _, _): return [Int64(types.count), 0, 0]
        case .fact, .shared, .same, .near: return [1, 0, 0]
        case .lease(let lease):
            let lost = asked.lease.map { Change.part(of: $0.milliseconds, left: lease.milliseconds) }
            return [1, lost ?? Change.whole, 0]
        case .priority(let priority): return [1, 0, Int64(asked.priority - priority)]
        case .later(let at, _): return [1, 0, at]
        // Who goes loses all that it has.
        case .preempt(let known, let others, let by): return [Int64(known.count + others), Change.whole, by]
        }
    }

    private static let whole: Int64 = 1_000_000

    /// Which part is lost, in millionths.
    private static func part(of asked: Int64, left: Int64) -> Int64 {
        whole - Int64(clamping: Int128(left) * Int128(whole) / Int128(max(asked, 1)))
    }
}
