import BerthModel
import Support
import Testing

@testable import BerthCore

/// What is promised beside pools, gangs, windows and those for whom others go, from a printed seed.
@Suite("Promises beside pools, gangs and preemption") struct CalendarPropertyTests {
    @Test("are granted to the letter at their start, or when the last who held it is gone, and a replay makes the same")
    func kept() throws {
        var generator = SeededGenerator.named("calendar")
        var (kept, late, went, gaveBack, together) = (0, 0, 0, 0, 0)
        for round in 0..<30 {
            let run = try CalendarRun.drawn(&generator)
            #expect(run.problems.isEmpty, "\(run.problems.prefix(2)) round \(round), \(generator.note)")
            for (reservation, promise) in run.promised where promise.granted == nil && !promise.isMissed {
                Issue.record("\(reservation) waits on for \(promise.booking.start), round \(round), \(generator.note)")
            }
            kept += run.promised.values.count { $0.delay == 0 }
            late += run.promised.values.count { $0.delay ?? 0 > 0 }
            went += run.went
            gaveBack += run.gaveBack
            together += run.together
            let replayed = try State.replaying(run.log, on: try TestHost.capacity())
            #expect(replayed.reservations == run.state.reservations && replayed.holdings == run.state.holdings)
            #expect(replayed.nextMoment(run.clock) == run.state.nextMoment(run.clock), "\(generator.note)")
        }
        #expect(
            kept > 200 && late > 20 && went > 30 && gaveBack > 2 && together > 5,
            "\(kept) \(late) \(went) \(gaveBack) \(together), \(generator.note)")
    }

    @Test("are seen to be broken where that is planted", arguments: CalendarRun.Fault.allCases)
    func planted(_ fault: CalendarRun.Fault) throws {
        var generator = SeededGenerator.named("calendar planted")
        var problems: [String] = []
        for _ in 0..<10 where problems.isEmpty {
            problems = try CalendarRun.drawn(&generator, planting: fault).problems
        }
        #expect(!problems.isEmpty, "\(fault), \(generator.note)")
    }
}
