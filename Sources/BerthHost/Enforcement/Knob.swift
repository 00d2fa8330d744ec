internal import BerthKernel
internal import BerthModel

/// One file of a leaf with the value that the kernel is to hold.
struct Knob: Equatable {
    /// The file's name.
    let file: String
    /// What is written.
    let value: String
    /// When what is read back is what was written.
    let match: Match
    /// Whether a kernel without this file, or one that will not take the value, does as well.
    let isOptional: Bool
    /// Whether it is what a new group holds by itself, so that it is written only over something else and worth no word in
    /// a receipt.
    let isInitial: Bool

    enum Match: Equatable {
        /// The same text.
        case text
        /// The same numbers: the kernel writes lists in its own way.
        case list
        /// The line of `io.max` for one device.
        case ceilings(Host.DeviceNumber)
        /// The line of `io.weight` for one device.
        case weight(Host.DeviceNumber)
        /// Whatever it says; the receipt tells.
        case any
    }

    init(
        _ file: String, _ value: String, match: Match = .text, isOptional: Bool = false, isInitial: Bool = false
    ) {
        self.file = file
        self.value = value
        self.match = match
        self.isOptional = isOptional
        self.isInitial = isInitial
    }

    /// No point from which the kernel slows down who asks for more memory: only a ceiling that comes down has one for a while.
    static let noHigh = Knob(MemoryLimit.highFile, MemoryLimit.unlimited.description, isInitial: true)

    /// Whether the file's text says what was meant.
    func isHeld(by text: String) -> Bool {
        switch match {
        case .any: true
        case .text: text == value
        case .list: (try? CPUSet(parsing: text)) == (try? CPUSet(parsing: value))
        case .ceilings(let device): Knob.ceilings(of: device, in: text) == (try? IOMax(parsing: value))
        case .weight(let device): Knob.weight(of: device, in: text) == (try? IOWeight(parsing: value))
        }
    }

    /// What of the file's text is this knob's: of a file with a line a device the device's.
    func part(of text: String) -> String {
        switch match {
        case .text, .list, .any: return text
        case .ceilings(let device): return Knob.ceilings(of: device, in: text)?.description ?? text
        case .weight(let device):
            guard let weight = Knob.weight(of: device, in: text) else { return text }
            // A device without a line has the weight that stands first, as `default 100`.
            return weight.value == nil ? String(text.prefix { $0 != "\n" }) : weight.description
        }
    }

    /// A device without a line has no ceiling; nil where the text is not what `io.max` says.
    private static func ceilings(of device: Host.DeviceNumber, in text: String) -> IOMax? {
        (try? IOMax.lines(parsing: text)).map { lines in
            lines.first { $0.device == device } ?? IOMax(device: device)
        }
    }

    /// A device without a line has no weight of its own; nil where the text is not what `io.weight` says.
    private static func weight(of device: Host.DeviceNumber, in text: String) -> IOWeight? {
        (try? IOWeight.lines(parsing: text)).map { lines in
            lines.first { $0.device == device } ?? IOWeight(device: device, value: nil)
        }
    }
}
