import BerthModel
import Testing

@testable import BerthCore

@Suite("The figures of a replay") struct ReplayFiguresTests {
    private static let host = HostFree(cpu: Quantity(4000), memory: Quantity(100), gpus: [1000, 1000])

    private func task(user: Int, cpus: Int64, gpus: Int = 0) -> TracedTask {
        TracedTask(
            name: "t", user: user, arrival: 0,
            shape: TaskShape(cpu: Quantity(cpus * 1000), memory: Quantity(10), gpus: gpus))
    }

    private func fate(_ arrived: Int64, _ started: Int64?, _ ended: Int64?, refused: Bool = false) -> Fate {
        var fate = Fate(arrived: arrived * 1000)
        fate.started = started.map { $0 * 1000 }
        fate.ended = ended.map { $0 * 1000 }
        fate.refused = refused
        return fate
    }

    @Test("are means over the time from the first arrival to the last end")
    func means() {
        let tasks = [task(user: 0, cpus: 2, gpus: 1), task(user: 1, cpus: 4), task(user: 0, cpus: 9)]
        let fates = [fate(0, 0, 50), fate(10, 50, 100), fate(20, nil, nil, refused: true)]
        let figures = ReplayFigures(ReplayFiguresTests.host, tasks, fates, fragmentation: 0.25)
        #expect([figures.tasks, figures.ran, figures.refused, figures.waited] == [3, 2, 1, 1])
        #expect([figures.cpu, figures.memory, figures.gpu, figures.fragmentation] == [0.75, 0.1, 0.25, 0.25])
        #expect([figures.span, figures.longestWait] == [100_000, 40_000])
        #expect([figures.medianWait, figures.p95Wait] == [20_000, 40_000])
        #expect([figures.meanWait, figures.slowdown] == [20_000, 1.4])
    }

    @Test("have the wait that nineteen of twenty did not exceed, and the middle one")
    func waits() {
        func figures(_ waits: [Int64]) -> ReplayFigures {
            ReplayFigures(
                ReplayFiguresTests.host, waits.map { _ in task(user: 0, cpus: 1) }, waits.map { fate(0, $0, $0 + 10) },
                fragmentation: nil)
        }
        let twenty = figures((0..<20).map { $0 * 10 })
        #expect([twenty.p95Wait, twenty.medianWait, twenty.longestWait] == [180_000, 95_000, 190_000])
        #expect(figures([0, 0, 90, 120]).medianWait == 45_000 && figures([0, 30, 90]).medianWait == 30_000)
        #expect(figures([7]).p95Wait == 7000)
    }

    @Test("count the time of a task that was ended for another and began anew as the time that it was there")
    func lostRuns() {
        var twice = fate(0, 460, 1460)
        twice.lost = [0..<110_000]
        let figures = ReplayFigures(ReplayFiguresTests.host, [task(user: 0, cpus: 1)], [twice], fragmentation: nil)
        #expect(figures.slowdown == 1.46 && figures.meanWait == 350_000)
    }

    @Test("of nothing that ran are none")
    func nothing() {
        let figures = ReplayFigures(ReplayFiguresTests.host, [], [], fragmentation: nil)
        #expect(figures.ran == 0 && figures.span == 0)
        #expect([figures.cpu, figures.meanWait, figures.slowdown] == [0, 0, 1])
        #expect(figures.fairness == nil)
    }

    @Test("count short runs as ten seconds")
    func shortRuns() {
        let fates = [fate(0, 10, 11)]
        let figures = ReplayFigures(ReplayFiguresTests.host, [task(user: 0, cpus: 1)], fates, fragmentation: nil)
        #expect(figures.slowdown == 1.1)
    }

    @Test("are fair where users have as much while they wait for more")
    func fairness() {
        let tasks = [
            task(user: 0, cpus: 1), task(user: 0, cpus: 1), task(user: 1, cpus: 1, gpus: 1), task(user: 1, cpus: 1),
        ]
        // Both wait for ten seconds: the one has a quarter of the CPUs then, the other half of the GPUs.
        let fates = [fate(0, 0, 10), fate(0, 10, 20), fate(0, 0, 10), fate(0, 10, 20)]
        #expect(Fairness.index(ReplayFiguresTests.host, tasks, fates) == Fairness.jain([0.25, 0.5]))
        #expect(Fairness.jain([0.25, 0.5]) == 0.9 && Fairness.jain([2, 2, 2]) == 1 && Fairness.jain([1, 0]) == 0.5)
        // Who never waits is not compared.
        #expect(
            Fairness.index(
                ReplayFiguresTests.host, tasks, [fate(0, 0, 9), fate(0, 0, 9), fate(0, 0, 9), fate(0, 1, 9)]) == nil)
    }

    @Test("are drawn as well-formed XML whatever the names")
    func drawing() throws {
        let users = ["<&>\"", "\u{1B}[31m", "a", "b", "c", "d", "e", "f", "g", "h"]
        let tasks = users.indices.map { task(user: $0, cpus: 1) }
        let fates = users.indices.map { fate(Int64($0), 20, 30 + Int64($0)) }
        let chart = ReplayChart(
            ReplayFiguresTests.host, Trace(tasks: tasks, users: users, notes: []), fates, span: 40_000)
        #expect(chart.bands.count == ReplayChart.mostUsers + 1 && chart.bands.last == "others")
        // Ten tasks of a quarter each from second 20 to 30.
        #expect(chart.cpu.reduce(0) { $0 + $1[ReplayChart.columns * 5 / 8] } == 2.5)
        #expect(chart.waiting[ReplayChart.columns / 4 + 6] == 10 && chart.waiting.last == 0)
        let text = ReplaySVG([(title: "a < b", chart: chart)]).description
        #expect(text.contains("a &lt; b") && !text.contains("\u{1B}"))
        #expect(ReplaySVG.escaped("<&>\"\u{1B}ä") == "&lt;&amp;&gt;&quot;\u{FFFD}ä")
    }
}
