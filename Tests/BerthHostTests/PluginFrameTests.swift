import Testing

@testable import BerthHost

@Suite("A frame of a plugin's process") struct PluginFrameTests {
    private static let frames = [
        PluginFrame(kind: .hello, number: 0, payload: []), PluginFrame(kind: .answer, number: 7, payload: [1, 2, 3]),
        PluginFrame(kind: .pushed, number: 0, payload: Array("{}".utf8)),
    ]

    @Test("is taken as it was sent, however it arrives")
    func pieces() throws {
        let bytes = Self.frames.flatMap(\.bytes)
        for length in 1...bytes.count {
            var (received, taken): ([UInt8], [PluginFrame]) = ([], [])
            for start in stride(from: 0, to: bytes.count, by: length) {
                received += bytes[start..<min(start + length, bytes.count)]
                while let frame = try PluginFrame.take(from: &received) { taken.append(frame) }
            }
            #expect(taken == Self.frames)
            #expect(received.isEmpty)
        }
    }

    @Test(
        "that is too long, of an unknown kind, or that only an agent sends, is none",
        arguments: [(UInt32(4 << 20) + 1, UInt32(0x61)), (0, 0), (0, 0x63), (UInt32.max, UInt32.max)])
    func refused(length: UInt32, kind: UInt32) {
        var bytes: [UInt8] = [length, 1, kind].flatMap { word in withUnsafeBytes(of: word) { [UInt8]($0) } }
        #expect(throws: PluginFault.self) { try PluginFrame.take(from: &bytes) }
    }
}
