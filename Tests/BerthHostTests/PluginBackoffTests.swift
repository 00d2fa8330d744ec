import Testing

@testable import BerthHost

@Suite("A plugin that fails") struct PluginBackoffTests {
    @Test("is started again later each time, and at last not any more")
    func pauses() {
        var backoff = PluginBackoff()
        let pauses = (0..<10).map { _ in backoff.fail(afterRunning: 0) }
        #expect(pauses == [200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, nil])
    }

    @Test("after it has run for long begins anew")
    func recovery() {
        var backoff = PluginBackoff()
        for _ in 0..<9 { _ = backoff.fail(afterRunning: 1000) }
        #expect(backoff.fail(afterRunning: PluginBackoff.recovery) == PluginBackoff.first)
    }
}
