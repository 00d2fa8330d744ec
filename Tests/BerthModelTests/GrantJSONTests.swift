import BerthJSON
import Testing

@testable import BerthModel

@Suite("The JSON of a grant")
struct GrantJSONTests {
    @Test("of disks is a list with the rates and weights that were given, and is read back the same")
    func storage() throws {
        let grant = Grant(storage: [
            StorageAsk(device: "a", rates: StorageRates(read: Quantity(5)), weight: 500),
            StorageAsk(device: "b", weight: 1), StorageAsk(device: "c", rates: StorageRates(write: Quantity(7))),
        ])
        let text =
            #"{"storage":[{"device":"a","read":5,"weight":500},{"device":"b","weight":1},{"device":"c","write":7}]}"#
        #expect(grant.json.description == text)
        #expect(try Grant.reader.read(JSONValue(parsing: text)) == grant)
    }
}
