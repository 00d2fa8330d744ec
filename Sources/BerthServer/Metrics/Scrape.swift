internal import BerthAgent
internal import BerthJSON
internal import BerthModel
internal import Synchronization

/// `GET /metrics`
extension API {
    /// Everything that Prometheus is told, as one text.
    func scrape(_ call: Call) async throws(Problem) -> Reply {
        let reports = try await reports(call)
        let (_, lastEvent) = await agent.position()
        var text = MetricsText()
        text.family("berth_build_info", .gauge, "The version of the agent.")
        text.sample("1", [("version", version)])
        text.requests(metrics)
        text.resources(reports)
        try await text.reservations(call, agent)
        text.decisions(await agent.decisionTimes)
        text.family("berth_events_total", .counter, "Events in the ledger since it was begun.")
        text.sample("\(lastEvent)")
        text.family("berth_connections", .gauge, "Connections that are open.")
        text.sample("\(admission.open)")
        text.family("berth_event_streams", .gauge, "Streams of events that are open.")
        text.sample("\(metrics.streams.load(ordering: .relaxed))")
        return Reply(type: MetricsText.mediaType, bytes: Array(text.text.utf8))
    }
}

extension MetricsText {
    fileprivate mutating func requests(_ metrics: RequestMetrics) {
        let (rows, times) = metrics.now
        family("berth_http_requests_total", .counter, "Requests answered, by path, method and status.")
        let sorted = rows.sorted {
            ($0.key.route?.rawValue ?? -1, $0.key.method.rawValue, $0.key.status)
                < ($1.key.route?.rawValue ?? -1, $1.key.method.rawValue, $1.key.status)
        }
        for (row, count) in sorted {
            sample(
                "\(count)",
                [
                    ("route", row.route?.template ?? "none"), ("method", row.method.rawValue),
                    ("code", "\(row.status)"),
                ])
        }
        family(
            "berth_http_request_duration_seconds", .histogram,
            "From the end of a request's header to its answer, streams left out.")
        for (route, times) in zip(Route.allCases, times) {
            histogram(times, ("route", route.template))
        }
    }

    /// The samples of one histogram.
    private mutating func histogram(_ times: TimeHistogram, _ label: (String, String)) {
        var count = 0
        for (bound, more) in zip(times.bounds, times.counts) {
            count += more
            sample("\(count)", [label, ("le", JSONNumber(bound, decimals: 6).lexeme)], suffix: "_bucket")
        }
        count += times.counts.last ?? 0
        sample("\(count)", [label, ("le", "+Inf")], suffix: "_bucket")
        sample(JSONNumber(times.nanoseconds, decimals: 9).lexeme, [label], suffix: "_sum")
        sample("\(count)", [label], suffix: "_count")
    }

    fileprivate mutating func decisions(_ times: DecisionTimes) {
        family(
            "berth_decision_duration_seconds", .histogram,
            "How long the agent took to decide, by what: nothing else is decided meanwhile.")
        for (kind, times) in times.all {
            histogram(times, ("decision", kind.rawValue))
        }
    }

    /// Those that the caller may see; for an administrator all.
    fileprivate mutating func reservations(_ call: Call, _ agent: Agent) async throws(Problem) {
        let views = try await API.aside { () throws(AgentError) in
            try await agent.reservations(in: nil, for: call.connection.peer)
        }
        family("berth_reservations", .gauge, "Live reservations that the caller may see, by state.")
        for state in Reservation.State.allCases {
            let count = views.count { $0.reservation.state == state }
            if count > 0 || state == .confirmed { sample("\(count)", [("state", state.rawValue)]) }
        }
        family(
            "berth_reservations_promised", .gauge,
            "Those of the pending ones that were promised a start, and do not wait in the queue.")
        sample("\(views.count { $0.reservation.waiting?.booking != nil })")
    }

    fileprivate mutating func resources(_ reports: [ResourceReport]) {
        let families: [(String, String, (ResourceReport) -> Quantity?)] = [
            ("capacity", "What the host has, in the unit that the label names.", { $0.capacity }),
            ("held", "What is held by reservations, in the unit that the label names.", { $0.held }),
            ("used", "What runs in reservations uses, in the unit that the label names.", { $0.used }),
            (
                "unmanaged", "What runs outside of reservations uses, in the unit that the label names.",
                { $0.unmanaged }
            ),
            ("free", "What can still be granted, in the unit that the label names.", { $0.free }),
        ]
        for (name, help, value) in families {
            family("berth_resource_\(name)", .gauge, help)
            for report in reports {
                guard let quantity = value(report) else { continue }
                let measure = report.type.measure
                sample(
                    JSONNumber(quantity.units, decimals: measure.decimals).lexeme,
                    [("type", report.type.name), ("unit", measure.rawValue)])
            }
        }
    }
}
