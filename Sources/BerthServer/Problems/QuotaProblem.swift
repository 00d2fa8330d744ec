internal import BerthAgent
internal import BerthCore
internal import BerthJSON
internal import BerthModel

extension Problem {
    /// A quota that a request would pass.
    init(_ excess: Excess, for asker: Asker) {
        let text = excess.quota.bound.text
        let each = "each \(excess.subject.kind.rawValue)" + (excess.subject.pool.map { " in the pool \($0)" } ?? "")
        let whose = excess.quota.scope.isEach ? each : excess.subject.text
        self.init(
            .quota,
            "the quota of \(text(excess.quota.bound.most)) for \(whose) would be passed: "
                + "\(excess.subject.text) has \(text(excess.had)), and \(text(excess.asked)) more is asked",
            hint: excess.hint(for: asker), members: ["quota": excess.json, "ever": .bool(excess.passes)])
    }
}

extension Excess {
    fileprivate func hint(for asker: Asker) -> String {
        guard passes else { return "ask for less: the quota is smaller than this request" }
        let renewed = renewedAt.map(Timestamp.init(milliseconds:))
        let again = renewed.map { "ask again after \($0)" } ?? "release something"
        if case .holding = asker { return again }
        return asker.hint(
            toWait: again + ", or say how long to \"wait\"",
            whileWaiting: renewed.map { "its turn comes after \($0)" } ?? "its turn comes when something is released")
    }
}

extension Quota.Scope {
    fileprivate var isEach: Bool { if case .each = self { true } else { false } }
}

extension Quota.Bound {
    fileprivate func text(_ units: Int128) -> String {
        switch self {
        case .amount(let type, _): "\(type.measure.text(Quantity(Int64(clamping: units)))) of \(type)"
        case .reservations: "\(units) reservations"
        case .hours(let type, _, let period):
            "\(type.measure.text(Quantity(Int64(clamping: units / 3_600_000)))) of \(type) for an hour in "
                + Duration.milliseconds(period).text
        }
    }
}

extension Subject {
    fileprivate var text: String {
        switch self {
        case .user(let user): "user \(user)"
        case .group(let name?): "group \(name)"
        case .group(nil): "everybody in no group"
        case .workflow(let name): "workflow \(JSONValue.string(name).excerpt)"
        case .within(let pool, let subject): "\(subject.text) in the pool \(pool)"
        }
    }
}
