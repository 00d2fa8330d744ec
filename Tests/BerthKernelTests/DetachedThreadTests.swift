import BerthKernel
import Synchronization
import Testing

@Suite("A thread of its own")
struct DetachedThreadTests {
    @Test("runs what it was given, once")
    func runs() async throws {
        let count = Mutex(0)
        await withCheckedContinuation { continuation in
            do throws(KernelError) {
                try DetachedThread.start("a test") {
                    count.withLock { $0 += 1 }
                    continuation.resume()
                }
            } catch {
                Issue.record(error)
                continuation.resume()
            }
        }
        #expect(count.withLock { $0 } == 1)
    }
}
