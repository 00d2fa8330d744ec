package import BerthModel

/// The ceilings on a group's use of one disk: one line of `io.max`.
package struct IOMax: DiskLine, Equatable, Sendable {
    package static let file = "io.max"

    /// The disk, never a partition: the kernel refuses those.
    package let device: Host.DeviceNumber
    /// Bytes read in a second; nil means no ceiling, as everywhere here.
    package let readBytes: UInt64?
    /// Bytes written in a second.
    package let writeBytes: UInt64?
    /// Reads in a second.
    package let readOperations: UInt64?
    /// Writes in a second.
    package let writeOperations: UInt64?

    /// Rates of 0 are refused by the kernel.
    package init(
        device: Host.DeviceNumber, readBytes: UInt64? = nil, writeBytes: UInt64? = nil,
        readOperations: UInt64? = nil, writeOperations: UInt64? = nil
    ) {
        precondition(
            [readBytes, writeBytes, readOperations, writeOperations].allSatisfy { $0 != 0 }, "a rate is positive")
        self.device = device
        self.readBytes = readBytes
        self.writeBytes = writeBytes
        self.readOperations = readOperations
        self.writeOperations = writeOperations
    }

    /// Whether all rates are without a ceiling: the kernel then shows no line.
    package var isUnlimited: Bool {
        readBytes == nil && writeBytes == nil && readOperations == nil && writeOperations == nil
    }

    /// Reads one line: `8:0 rbps=max wbps=5242880 riops=max wiops=max`, in any order, each key once.
    package init(parsing line: String) throws(ParseError) {
        let refusal = ParseError(line, expected: "a line such as 8:0 rbps=max wbps=5242880 riops=max wiops=max")
        let fields = line.trimmed.split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count == 5 else { throw refusal }
        let device = try Host.DeviceNumber(parsing: fields[0])
        var rates: [Substring: UInt64?] = [:]
        for field in fields.dropFirst() {
            let halves = field.split(separator: "=", omittingEmptySubsequences: false)
            guard halves.count == 2, rates[halves[0]] == nil else { throw refusal }
            let rate = halves[1] == "max" ? nil : UInt64(digits: halves[1])
            guard halves[1] == "max" || (rate ?? 0) > 0 else { throw refusal }
            rates.updateValue(rate, forKey: halves[0])
        }
        guard let readBytes = rates["rbps"], let writeBytes = rates["wbps"], let readOperations = rates["riops"],
            let writeOperations = rates["wiops"]
        else { throw refusal }
        self.init(
            device: device, readBytes: readBytes, writeBytes: writeBytes, readOperations: readOperations,
            writeOperations: writeOperations)
    }

    /// Reads the whole file: a line a disk that has a ceiling, in the kernel's order. A group without any has none.
    /// - Throws: for a line that is none, and for a disk that comes twice
    package static func lines(parsing text: String) throws(ParseError) -> [IOMax] {
        let text = text.trimmed
        return try text.isEmpty ? [] : reading(text.split(separator: "\n", omittingEmptySubsequences: false))
    }
}

extension IOMax: CustomStringConvertible {
    /// The line to write to the kernel, with all four keys, so that what was held before is replaced whole.
    package var description: String {
        let rates = [
            ("rbps", readBytes), ("wbps", writeBytes), ("riops", readOperations), ("wiops", writeOperations),
        ]
        return rates.reduce("\(device)") { "\($0) \($1.0)=\($1.1.map(String.init) ?? "max")" }
    }
}
