import BerthModel
import Support
import Testing

/// Texts that people and kernels write, damaged.
@Suite("Damaged texts") struct ModelFuzzTests {
    private static let quantities = [
        "1.5", "250m", "4GiB", "1.5KiB", "50MiB/s", "1k", "100Mbit", "9007199254740991", "0.01",
    ]
    private static let quantityWords = [
        "0", "9", ".", "-", "+", "e9", "m", "k", "Ki", "GiB", "Gbit", "/s", " ", "\u{0}", "٤", "99999999999999999999",
    ]
    private static let lists = ["0-3,8", "0", "", "0-479", "1,3,5-7\n", "0-8191", "ff,ffffffff", "00000000,0000000f"]
    private static let listWords = [
        "-", ",", "0", "9", "f", "\n", "\u{0}", " ", "4294967295", "9223372036854775807", "-1", "0-", "8192", ":", "/",
    ]
    private static let times = ["90", "90s", "10m", "1h30m", "2d", "500ms", "3660d"]
    private static let timeWords = ["0", "9", "s", "m", "h", "d", "ms", "-", ".", " ", "999999999999", "٣"]

    @Test("[fuzz] quantities are refused, or printed and read to the same")
    func fuzzQuantities() throws {
        var generator = Fuzz.generator("quantities")
        var accepted = 0
        for _ in Fuzz.rounds() {
            let text = pick(ModelFuzzTests.quantities, ModelFuzzTests.quantityWords, &generator)
            for measure in Measure.allCases {
                guard let quantity = try? measure.quantity(parsing: text) else { continue }
                accepted += 1
                let note = "\(text) of \(measure), \(generator.note)"
                #expect(quantity.units >= 0 && quantity <= Quantity.largest, "\(note)")
                #expect(try measure.quantity(parsing: measure.text(quantity)) == quantity, "\(note)")
                #expect(try measure.quantity(measure.json(quantity)) == quantity, "\(note)")
            }
        }
        #expect(accepted > 10, "\(generator.note)")
    }

    @Test("[fuzz] lists and masks of CPUs are refused, or printed and read to the same")
    func fuzzLists() throws {
        var generator = Fuzz.generator("lists of CPUs")
        var accepted = 0
        for _ in Fuzz.rounds() {
            let text = pick(ModelFuzzTests.lists, ModelFuzzTests.listWords, &generator)
            for set in [try? CPUSet(parsing: text), try? CPUSet(parsingMask: text)] {
                guard let set else { continue }
                accepted += 1
                #expect(try CPUSet(parsing: set.description) == set, "\(text), \(generator.note)")
                #expect(CPUSet(Array(set)) == set, "\(text), \(generator.note)")
            }
        }
        #expect(accepted > 10, "\(generator.note)")
    }

    @Test("[fuzz] durations and device numbers are refused, or printed and read to the same")
    func fuzzDurations() throws {
        var generator = Fuzz.generator("durations")
        for _ in Fuzz.rounds() {
            let text = pick(ModelFuzzTests.times, ModelFuzzTests.timeWords, &generator)
            if let time = try? Duration(parsing: text) {
                #expect(try Duration(parsing: time.text) == time, "\(text), \(generator.note)")
            }
            let number = pick(["8:0", "259:1"], ModelFuzzTests.listWords, &generator)
            if let device = try? Host.DeviceNumber(parsing: number) {
                #expect(try Host.DeviceNumber(parsing: device.description) == device, "\(number), \(generator.note)")
            }
        }
    }

    private func pick(_ texts: [String], _ words: [String], _ generator: inout SeededGenerator) -> String {
        let text = texts.randomElement(using: &generator) ?? ""
        return String(decoding: generator.damaged(Array(text.utf8), words: words), as: UTF8.self)
    }
}
