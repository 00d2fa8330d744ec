package import BerthKernel
internal import Glibc

/// One thread of its own for calls that block, as the executor of an actor.
///
/// The shared pool has as many threads as the host has cores; one read of a slow file there would hold up every grant.
/// The thread lives as long as the process: an executor must outlive every job of its actor.
package final class KernelThread: SerialExecutor {
    private let queue = JobQueue()

    /// Starts the thread.
    /// - Throws: where the system has no room for another one
    package init() throws(KernelError) {
        try DetachedThread.start("a thread for blocking calls") { self.run() }
    }

    package func enqueue(_ job: consuming ExecutorJob) { queue.add(UnownedJob(job)) }

    private func run() {
        while true {
            for job in queue.take() { job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }
}

/// Jobs that wait for the thread. A mutex and a condition of pthread(7) must stay where they are, so they are allocated;
/// what they guard is touched under the lock alone, which the compiler cannot see.
private final class JobQueue: @unchecked Sendable {
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let filled = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [UnownedJob] = []

    init() {
        pthread_mutex_init(lock, nil)
        pthread_cond_init(filled, nil)
    }

    deinit {
        pthread_cond_destroy(filled)
        pthread_mutex_destroy(lock)
        filled.deallocate()
        lock.deallocate()
    }

    func add(_ job: UnownedJob) {
        pthread_mutex_lock(lock)
        jobs.append(job)
        pthread_cond_signal(filled)
        pthread_mutex_unlock(lock)
    }

    /// Everything that waits; sleeps while nothing does.
    func take() -> [UnownedJob] {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while jobs.isEmpty { pthread_cond_wait(filled, lock) }
        defer { jobs = [] }
        return jobs
    }
}
