extension String {
    /// Hands out every line, without the white space and NUL bytes around it, that is not blank.
    ///
    /// A kernel file may be hundreds of kilobytes (`/proc/cpuinfo`) of which a few words matter, so no line becomes a
    /// string of its own. A span is valid only inside the call.
    func forEachLine(_ body: (Span<UInt8>) -> Void) {
        let bytes = utf8.span
        var start = 0
        for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") {
            let line = bytes.extracting(bytes.stripped(start..<index))
            start = index + 1
            if !line.isEmpty { body(line) }
        }
        let last = bytes.extracting(bytes.stripped(start..<bytes.count))
        if !last.isEmpty { body(last) }
    }

    /// Hands out key and value of every line of the form `key : value`, both without the white space around them.
    func forEachField(_ body: (_ key: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
        forEachLine { line in
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
            body(
                line.extracting(line.stripped(0..<colon)), line.extracting(line.stripped(colon + 1..<line.count)))
        }
    }
}

extension Span<UInt8> {
    /// The bytes as text.
    var text: String { withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) } }

    /// The decimal number that the bytes begin with, such as 2048 of `2048 kB`; nil for a sign, no digit, or a number
    /// that does not fit.
    var leadingInteger: Int? {
        var number = 0
        var digits = 0
        for index in indices {
            let digit = self[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { break }
            let (product, tooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = product.addingReportingOverflow(Int(digit))
            guard !tooLarge, !overflow else { return nil }
            number = sum
            digits += 1
        }
        return digits > 0 ? number : nil
    }

    /// The place of a byte.
    func firstIndex(of byte: UInt8) -> Int? {
        for index in indices where self[index] == byte { return index }
        return nil
    }

    /// Whether the bytes are this word.
    func equals(_ word: StaticString) -> Bool { count == word.utf8CodeUnitCount && starts(with: word) }

    /// Whether the bytes begin with this word.
    func starts(with word: StaticString) -> Bool { matches(word, at: 0) }

    /// Whether the bytes end with this word.
    func ends(with word: StaticString) -> Bool { matches(word, at: count - word.utf8CodeUnitCount) }

    /// Whether this word is somewhere in the bytes.
    func contains(_ word: StaticString) -> Bool {
        for index in indices where matches(word, at: index) { return true }
        return false
    }

    private func matches(_ word: StaticString, at start: Int) -> Bool {
        let length = word.utf8CodeUnitCount
        guard start >= 0, length <= count - start else { return false }
        for index in 0..<length where self[start + index] != word.utf8Start[index] { return false }
        return true
    }

    /// The part of a range without the white space and NUL bytes at its ends.
    fileprivate func stripped(_ range: Range<Int>) -> Range<Int> {
        var (lower, upper) = (range.lowerBound, range.upperBound)
        while lower < upper, isPadding(self[lower]) { lower += 1 }
        while lower < upper, isPadding(self[upper - 1]) { upper -= 1 }
        return lower..<upper
    }
}

/// ASCII white space and NUL: some recorders end a kernel file with NUL bytes.
private func isPadding(_ byte: UInt8) -> Bool { byte == 0 || byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
