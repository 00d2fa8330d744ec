import Testing

@testable import BerthServer

@Suite("Admission") struct AdmissionTests {
    private func admission(_ connections: Int, perUser: Int) -> Admission {
        var limits = Limits()
        limits.connections = connections
        limits.connectionsPerUser = perUser
        return Admission(limits: limits)
    }

    private func isRefused(_ verdict: Admission.Verdict, _ code: ProblemCode) -> Bool {
        if case .refused(let problem) = verdict { problem.code == code } else { false }
    }

    @Test("a user has its share, gets it back, and root has no share but the whole")
    func share() {
        let admission = admission(100, perUser: 2)
        #expect(admission.enter(1) == .admitted)
        #expect(admission.enter(1) == .admitted)
        let third = admission.enter(1)
        #expect(isRefused(third, .tooMany))
        #expect(admission.enter(2) == .admitted)
        for _ in 0..<10 { #expect(admission.enter(0) == .admitted) }
        admission.leave(1, .admitted)
        admission.leave(1, third)
        #expect(admission.enter(1) == .admitted)
        #expect(admission.open == 13)
    }

    @Test("past the cap users are refused and root gets in, to an end")
    func cap() {
        let admission = admission(3, perUser: 64)
        for user in 1...3 as ClosedRange<UInt32> { #expect(admission.enter(user) == .admitted) }
        #expect(isRefused(admission.enter(4), .unavailable))
        for _ in 0..<64 { #expect(admission.enter(0) == .admitted) }
        #expect(isRefused(admission.enter(0), .unavailable))
    }

    @Test("refusals have an end too")
    func refusals() {
        let admission = admission(0, perUser: 1)
        for _ in 0..<64 { #expect(isRefused(admission.enter(1), .unavailable)) }
        let problem = Problem(.foreign, "foreign")
        #expect(admission.enter(1) == .turnedAway)
        #expect(admission.enterRefused(problem) == .turnedAway)
        admission.leave(1, .turnedAway)
        #expect(admission.enterRefused(problem) == .turnedAway)
        admission.leave(1, .refused(problem))
        #expect(admission.enterRefused(problem) == .refused(problem))
    }
}
