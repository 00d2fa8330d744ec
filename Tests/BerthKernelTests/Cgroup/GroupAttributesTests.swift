import BerthKernel
import Foundation
import Testing

@Suite("The attributes of a group")
struct GroupAttributesTests {
    @Test(
        "are read back as they were set, the last one",
        arguments: [[], [0], Array("a lease".utf8), .init(repeating: 7, count: 2000)])
    func roundTrip(value: [UInt8]) throws {
        let fake = try FakeGroup()
        let group = try fake.group()
        #expect(try group.attribute("user.berth") == nil)
        try group.setAttribute("user.berth", [1, 2, 3])
        try group.setAttribute("user.berth", value)
        #expect(try fake.group().attribute("user.berth") == value)
    }

    @Test("an error names the attribute and the group")
    func refusal() throws {
        let fake = try FakeGroup()
        let error = try #require(throws: KernelError.self) { try fake.group().setAttribute("berth", [1]) }
        #expect(
            error.description == "write attribute berth of \(fake.folder.path): EOPNOTSUPP (Operation not supported)")
    }
}
