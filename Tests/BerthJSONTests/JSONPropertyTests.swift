import BerthJSON
import Support
import Testing

@Suite("Random JSON") struct JSONPropertyTests {
    @Test("printed and parsed again is the same, byte for byte when printed once more")
    func roundTrip() throws {
        var generator = SeededGenerator.named("round trip")
        let note = generator.note
        for _ in 0..<1_000 {
            let value = try generator.value()
            var bytes: [UInt8] = []
            value.write(into: &bytes)
            let again = try JSONValue(parsing: bytes)
            #expect(again == value, "\(note)")
            #expect(again.description == value.description, "\(note)")
            #expect(Array(again.description.utf8) == bytes, "\(note)")
            #expect(try JSONValue(parsing: value.pretty).description == value.description, "\(note)")
        }
    }

    @Test("text is the same whether it is written as it is or in escapes")
    func escapes() throws {
        var generator = SeededGenerator.named("escapes")
        let note = generator.note
        for _ in 0..<1_000 {
            let text = generator.text()
            var escaped = "\""
            for unit in text.utf16 {
                let digits = String(unit, radix: 16, uppercase: Bool.random(using: &generator))
                escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
            guard case .string(let again) = try JSONValue(parsing: escaped + "\"") else {
                Issue.record("no string, \(note)")
                return
            }
            #expect(Array(again.unicodeScalars) == Array(text.unicodeScalars), "\(note)")
        }
    }

    @Test("numbers are scaled as a slow decimal does it")
    func scaling() throws {
        var generator = SeededGenerator.named("scaling")
        let note = generator.note
        var whole = 0
        for _ in 0..<5_000 {
            let lexeme = generator.number()
            let decimals = Int.random(in: -6...12, using: &generator)
            var naive = NaiveDecimal(lexeme)
            naive.shift(by: decimals)
            let scaled = try JSONNumber(parsing: lexeme).scaled(decimals: decimals)
            #expect(scaled == naive.integer, "\(lexeme) with \(decimals) decimals, \(note)")
            if let scaled {
                whole += 1
                let number = JSONNumber(scaled, decimals: max(decimals, 0))
                #expect(number.scaled(decimals: max(decimals, 0)) == scaled, "\(scaled) by \(decimals), \(note)")
            }
        }
        #expect((500...4_500).contains(whole), "the numbers should be of both kinds, \(note)")
    }

    @Test("[fuzz] mutations never crash, and what parses is printed and parsed to the same")
    func fuzz() throws {
        var generator = Fuzz.generator("mutations of JSON")
        let note = generator.note
        var documents = try (0..<100).map { _ in Array(try generator.value().description.utf8) }
        documents += (JSONCases.accepted.map(\.text) + JSONCases.refused.map(\.text)).map { Array($0.utf8) }
        let limits = JSONLimits(maxDepth: 16)
        var (accepted, refused) = (0, 0)
        for _ in Fuzz.rounds() {
            for _ in 0..<100 {
                let place = Int.random(in: documents.indices, using: &generator)
                let bytes = generator.damaged(documents[place])
                guard let value = try? JSONValue(parsing: bytes, limits: limits) else {
                    refused += 1
                    continue
                }
                accepted += 1
                try check(value, "\(note), \(bytes)")
                if bytes.count < 4_096 { documents[place] = bytes }
            }
        }
        #expect(accepted > 20 && refused > 20, "both should happen: \(accepted) and \(refused), \(note)")
    }

    private func check(_ value: JSONValue, _ note: String) throws {
        let printed = value.description
        let again = try JSONValue(parsing: printed)
        #expect(again == value && again.description == printed, "\(note)")
        #expect(try JSONValue(parsing: value.pretty) == value, "\(note)")
        #expect(throws: JSONFieldError.self, "\(note)") {
            try JSONFields.read(value) { fields throws(JSONFieldError) in
                let number = try fields.required("a", .number)
                _ = (number.int64, number.uint64, number.scaled(decimals: 3), number.double)
                throw fields.invalid("a", "is looked at only")
            }
        }
    }
}
