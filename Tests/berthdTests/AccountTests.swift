import Glibc
import Testing

@testable import berthd

@Suite("Users and groups by name") struct AccountTests {
    @Test("are looked up with as much room as their entry needs", arguments: [1, 20_000, 5_000_000])
    func room(needed: Int) {
        var rooms: [Int] = []
        let isFound = Account.look { _, room in
            rooms.append(room)
            return room < needed ? ERANGE : 0
        }
        #expect(isFound && rooms.last.map { $0 >= needed } == true && rooms == rooms.sorted())
    }

    @Test("are not there where the look fails, or no room is enough")
    func none() {
        #expect(!Account.look { _, _ in EIO })
        #expect(!Account.look { _, _ in ERANGE })
        #expect(Account.user("root") == 0 && Account.user("12") == 12 && Account.user("no such user") == nil)
        #expect(Account.group("root") == 0 && Account.group("no such group") == nil)
    }
}
