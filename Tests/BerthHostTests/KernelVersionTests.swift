import Testing

@testable import BerthHost

@Suite("A kernel's version")
struct KernelVersionTests {
    @Test(
        "is its first two numbers",
        arguments: [
            ("6.12.9-amd64", 6, 12), ("5.15.0-rc1-00005-g4c1b4a4d90b6-dirty", 5, 15),
            ("4.18.0-553.el8_10.x86_64", 4, 18),
            ("6.1", 6, 1),
        ])
    func reading(release: String, major: Int, minor: Int) {
        #expect(KernelVersion(release: release) == KernelVersion(major, minor))
    }

    @Test("is unknown of anything else", arguments: ["", "6", "six.one", "99999999999999999999.1", "٦.١"])
    func unknown(release: String) {
        #expect(KernelVersion(release: release) == nil)
    }

    @Test("is ordered by numbers, not by letters")
    func order() {
        #expect(KernelVersion(6, 9) < KernelVersion(6, 12) && KernelVersion(5, 19) < KernelVersion(6, 0))
    }
}
