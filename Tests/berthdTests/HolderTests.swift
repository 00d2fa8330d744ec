import BerthKernel
import BerthModel
import CHolder
import Glibc
import Testing

@testable import berthd

@Suite("The holder")
struct HolderTests {
    /// One field of /proc/PID/status.
    private func field(_ name: String, of pid: pid_t) throws -> String {
        let lines = try Root.live().text("proc/\(pid)/status").split(separator: "\n")
        return lines.first { $0.hasPrefix("\(name):") }.map { String(String($0.dropFirst(name.count + 1)).trimmed) }
            ?? ""
    }

    @Test("it is small, has nothing open and no rights, and belongs to nobody of ours")
    func small() async throws {
        let heap = [UInt8](repeating: 1, count: 32 << 20)
        let holder = berth_holder_start()
        try #require(holder > 0)
        defer { kill(holder, SIGKILL) }
        for _ in 0..<500 where try field("NoNewPrivs", of: holder) != "1" {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(try field("Name", of: holder) == "berth-holder")
        #expect(try field("CapPrm", of: holder) == "0000000000000000")
        #expect(try field("CapEff", of: holder) == "0000000000000000")
        #expect(try field("PPid", of: holder) != "\(getpid())")
        #expect(try field("SigIgn", of: holder) == "0000000000000000")
        #expect(try Root.live().text("proc/\(holder)/cmdline").hasPrefix("berth-holder\0"))
        if geteuid() == 0 { #expect(try field("Uid", of: holder) == "65534\t65534\t65534\t65534") }
        _ = heap.count
    }

    @Test("SIGTERM ends it")
    func ends() async throws {
        let holder = berth_holder_start()
        try #require(holder > 0)
        defer { kill(holder, SIGKILL) }
        let process = try LiveProcess(holder, boot: "")
        for _ in 0..<500 where try field("NoNewPrivs", of: holder) != "1" {
            try await Task.sleep(for: .milliseconds(10))
        }
        kill(holder, SIGTERM)
        for _ in 0..<500 where process.isAlive { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!process.isAlive)
    }
}
