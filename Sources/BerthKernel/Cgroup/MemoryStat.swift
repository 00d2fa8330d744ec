package import BerthModel

/// What the memory of a group and those below it is used for, in bytes: `memory.stat`. Nil is what this kernel does not
/// count, never 0.
package struct MemoryStat: Equatable, Sendable {
    package static let file = "memory.stat"

    /// Memory without a file behind it.
    package let anon: UInt64?
    /// The cache of files, tmpfs and shared memory included.
    package let file: UInt64?
    /// Of ``file``, what has no file on a disk: tmpfs and shared memory. Only swap could take it.
    package let shmem: UInt64?
    /// Stacks of threads inside the kernel.
    package let kernelStack: UInt64?
    /// Page tables.
    package let pageTables: UInt64?
    /// The kernel's own structures that it cannot give back.
    package let slabUnreclaimable: UInt64?
    /// Buffers of network connections.
    package let sock: UInt64?

    package init(parsing text: String) throws(ParseError) {
        let lines = try FlatKeyed(parsing: text)
        anon = lines["anon"]
        file = lines["file"]
        shmem = lines["shmem"]
        kernelStack = lines["kernel_stack"]
        pageTables = lines["pagetables"]
        slabUnreclaimable = lines["slab_unreclaimable"]
        sock = lines["sock"]
    }
}

extension MemoryStat: CustomStringConvertible {
    /// The kernel's lines, of those that are kept.
    package var description: String {
        [
            ("anon", anon), ("file", file), ("kernel_stack", kernelStack), ("pagetables", pageTables), ("sock", sock),
            ("shmem", shmem), ("slab_unreclaimable", slabUnreclaimable),
        ]
        .compactMap { (key, value) in value.map { "\(key) \($0)" } }.joined(separator: "\n")
    }
}
