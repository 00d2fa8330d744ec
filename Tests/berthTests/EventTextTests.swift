import BerthJSON
import Testing

@testable import berth

@Suite("An event, for people") struct EventTextTests {
    @Test("of a process names it", arguments: ["attached", "left", "returned", "exited"])
    func process(name: String) {
        let event = StreamedEvent(id: 7, name: name, data: ["reservation": "00000000000a", "pid": 1234])
        #expect(EventText.line(event) == "7  -  00000000000a  \(name)  process 1234\n")
    }

    @Test("that nobody knows yet is shown with its name")
    func unknown() {
        #expect(EventText.line(StreamedEvent(id: 8, name: "brand_new", data: ["x": 1])) == "8  -  -  brand_new\n")
    }
}
