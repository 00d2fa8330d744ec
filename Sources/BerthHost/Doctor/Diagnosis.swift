package import BerthJSON
package import BerthModel

/// What the doctor says of a host and its agent: computed from what was read, and nothing else.
package struct Diagnosis: Hashable, Sendable {
    /// The version of the document: the number changes when a key is taken away or means something else.
    package static let schema = "berth.doctor/1"

    /// Everything that was looked at, in the order of ``Finding/Area``.
    package let findings: [Finding]

    /// - Parameters:
    ///   - host: as discovery read it
    ///   - facts: what discovery leaves out
    ///   - agent: what was met at the socket; nil for a recorded host, which has none
    package init(_ host: Host, _ facts: DoctorFacts, agent: AgentFacts?) {
        let all =
            CgroupFindings.all(host, facts) + SurroundingsFindings.all(host, facts, agent)
            + KernelFindings.all(host, facts) + MemoryFindings.all(host, facts) + StorageFindings.all(host, facts)
            + (agent.map { AgentFindings.all(host, $0, facts) } ?? [])
        findings = Finding.Area.allCases.flatMap { area in all.filter { $0.code.area == area } }
    }

    /// - Parameter findings: in the order of ``Finding/Area``
    package init(_ findings: [Finding]) { self.findings = findings }

    /// How many findings are of a level.
    package func count(_ level: Finding.Level) -> Int { findings.count { $0.level == level } }

    /// Whether nothing is a problem.
    package var isHealthy: Bool { count(.problem) == 0 }

    /// The document of `berth doctor --json`, described key by key in `etc/doctor.schema.json`.
    package var json: JSONValue {
        .object([
            "schema": .string(Diagnosis.schema), "healthy": .bool(isHealthy),
            "counts": .object(
                JSONObject(Finding.Level.allCases.map { ($0.rawValue, JSONValue(count($0))) })),
            "findings": .array(findings.map(\.json)),
        ])
    }
}
