import Support
import Testing

@testable import BerthHost

@Suite("The head of a library") struct ELFHeaderTests {
    /// One of this machine with two program headers, of which the second maps 100 bytes from 200 on.
    private static func library() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 300)
        func put(_ value: UInt64, at offset: Int, _ count: Int) {
            for index in 0..<count { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))) }
        }
        put(0x0001_0102_464c_457f, at: 0, 8)
        put(3, at: 16, 2)
        put(UInt64(ELFHeader.own), at: 18, 2)
        put(64, at: 32, 8)
        put(56, at: 54, 2)
        put(2, at: 56, 2)
        put(200, at: 64 + 56 + 8, 8)
        put(100, at: 64 + 56 + 32, 8)
        return bytes
    }

    @Test("is taken where all that it maps is there")
    func whole() throws {
        _ = try ELFHeader(Self.library(), fileSize: 300)
        #expect(throws: PluginFault.self) { try ELFHeader(Self.library(), fileSize: 299) }
        #expect(throws: PluginFault.self) { try ELFHeader(Array(Self.library().prefix(100)), fileSize: 300) }
    }

    @Test(
        "is refused for another machine, other bits, or what is no library",
        arguments: [(0, 0), (4, 1), (5, 2), (16, 2), (18, 1)])
    func refused(offset: Int, value: UInt8) {
        var bytes = Self.library()
        bytes[offset] = value
        #expect(throws: PluginFault.self) { try ELFHeader(bytes, fileSize: 300) }
    }

    @Test("traps nothing, whatever is in it")
    func damaged() {
        var random = SeededGenerator.named("damaged heads of libraries")
        for _ in 0..<20_000 {
            var bytes = Array(Self.library().prefix(Int.random(in: 0...300, using: &random)))
            for _ in 0..<Int.random(in: 0...8, using: &random) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = try? ELFHeader(bytes, fileSize: Int.random(in: 0...300, using: &random))
        }
    }
}
