import BerthKernel
import BerthModel
import Foundation
import Support
import Testing

/// Runs for BERTH_FUZZ_SECONDS, one second if that is not set.
@Suite("Kernel texts")
struct KernelTextFuzzTests {
    /// Reads a text and prints it, with nil where it is refused.
    private typealias Reader = @Sendable (String) -> String?

    private static func reader<Value: CustomStringConvertible & SendableMetatype>(
        _ parse: @escaping @Sendable (String) throws(ParseError) -> Value
    ) -> Reader {
        { text in
            do throws(ParseError) { return try parse(text).description } catch { return nil }
        }
    }

    /// Every reader with texts of kernels to start from.
    private static let readers: [(read: Reader, texts: [String])] = [
        (reader(CPUMax.init(parsing:)), ["max 100000\n", "50000 100000\n"]),
        (reader(CPUWeight.init(parsing:)), ["100\n", "10000\n"]),
        (reader(CPUSetPartition.init(parsing:)), ["root\n", "isolated invalid (Parent is not a partition root)\n"]),
        (reader(MemoryLimit.init(parsing:)), ["max\n", "18446744073709551615\n"]),
        (reader(PidsMax.init(parsing:)), ["max\n", "512\n"]),
        (
            reader { (text) throws(ParseError) in
                try IOMax.lines(parsing: text).map(\.description).joined(separator: "\n")
            },
            ["8:0 rbps=max wbps=5242880 riops=max wiops=max\n259:1 rbps=1 wbps=2 riops=3 wiops=4\n"]
        ),
        (
            reader { (text) throws(ParseError) in
                try IOWeight.lines(parsing: text).map(\.description).joined(separator: "\n")
            }, ["default 100\n8:0 500\n259:1 10000\n"]
        ),
        (reader(IOCost.init(parsing:)), ["8:0 enable=1 ctrl=auto rpct=0.00 rlat=250000 min=1.00 max=10000.00\n"]),
        (reader(CgroupEvents.init(parsing:)), ["populated 1\nfrozen 0\n"]),
        (reader(MemoryEvents.init(parsing:)), ["low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\noom_group_kill 6\n"]),
        (reader(CPUStat.init(parsing:)), ["usage_usec 9\nuser_usec 5\nnr_throttled 2\nthrottled_usec 1\n"]),
        (reader(MemoryStat.init(parsing:)), ["anon 1\nfile 2\nkernel_stack 3\nsock 5\nshmem 6\n"]),
    ]

    /// Texts of a process that are read and never printed.
    private static let processTexts = [
        "7 (a b) c) (d\n) R 1 7 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 12345 100 200",
        "Name:\tsh\nUid:\t1\t2\t3\t4\nGid:\t0\t0\t0\t0\n",
    ]

    @Test("[fuzz] damaged ones never trap, and what is read is printed and read to the same")
    func fuzz() throws {
        var generator = SeededGenerator.named("kernel texts")
        let seconds = try #require(Double(ProcessInfo.processInfo.environment["BERTH_FUZZ_SECONDS"] ?? "1"))
        let end = ContinuousClock.now + .seconds(seconds)
        var (accepted, refused) = (0, 0)
        repeat {
            for (read, texts) in KernelTextFuzzTests.readers {
                for text in texts {
                    let damaged = KernelTextFuzzTests.damaged(text, &generator)
                    guard let printed = read(damaged) else {
                        refused += 1
                        continue
                    }
                    accepted += 1
                    #expect(read(printed) == printed, "\(damaged.debugDescription), \(generator.note)")
                }
            }
            for text in KernelTextFuzzTests.processTexts {
                let damaged = KernelTextFuzzTests.damaged(text, &generator)
                _ = try? ProcessStat(parsing: damaged)
                _ = try? ProcessStatus(parsing: damaged)
                _ = try? FlatKeyed(parsing: damaged)
            }
        } while ContinuousClock.now < end
        #expect(accepted > 20 && refused > 20, "both should happen: \(accepted) and \(refused), \(generator.note)")
    }

    /// One to four bytes are changed, left out or put in; now and then by what a reader is most likely to trip over.
    private static func damaged(_ text: String, _ generator: inout SeededGenerator) -> String {
        let likely = ["\n", " ", "\0", "-", "max", "99999999999999999999", "\u{301}", "\r\n", ")", "(", "=", ":", "\t"]
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let place = Int.random(in: 0...bytes.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0 where place < bytes.count: bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
            case 1 where place < bytes.count: bytes.remove(at: place)
            case 2 where place < bytes.count: bytes[place] = UInt8.random(in: 0x30...0x39, using: &generator)
            case 3: bytes.removeSubrange(place...)
            default: bytes.insert(contentsOf: (likely.randomElement(using: &generator) ?? "").utf8, at: place)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
