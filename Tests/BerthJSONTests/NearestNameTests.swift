import BerthJSON
import Testing

@Suite("The nearest name") struct NearestNameTests {
    private static let known = ["name", "cpu", "memory", "lease", "end", "labels", "attach", "attach_timeout", "id"]

    @Test(
        "is the one that was most likely meant",
        arguments: [
            ("memroy", "memory"), ("memor", "memory"), ("memoryy", "memory"), ("mmory", "memory"), ("nemorx", "memory"),
            ("Memory", "memory"), ("CPU", "cpu"), ("cup", "cpu"), ("cpus", "cpu"), ("mem", "memory"),
            ("memory_limit", "memory"), ("label", "labels"), ("attachTimeout", "attach_timeout"), ("attach", "attach"),
            ("names", "name"), ("ids", "id"),
        ])
    func found(name: String, nearest: String) {
        #expect(nearestName(to: name, among: NearestNameTests.known) == nearest)
    }

    @Test(
        "is none where nothing is near",
        arguments: [
            "", "x", "xy", "priority", "me", "l", "éé", "mxmxrx", String(repeating: "memory", count: 1_000_000),
        ])
    func notFound(name: String) { #expect(nearestName(to: name, among: NearestNameTests.known) == nil) }

    @Test("is the first of two that are equally near")
    func ties() {
        #expect(nearestName(to: "cat", among: ["bat", "car"]) == "bat")
        #expect(nearestName(to: "cat", among: []) == nil)
    }
}
