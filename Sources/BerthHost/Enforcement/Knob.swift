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
        /// The file's line for one device.
        case device(Host.DeviceNumber)
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

    /// Whether the file's text says what was meant.
    func isHeld(by text: String) -> Bool {
        switch match {
        case .any: true
        case .text: text == value
        case .list: (try? CPUSet(parsing: text)) == (try? CPUSet(parsing: value))
        case .device(let device): Knob.line(of: device, in: text) == (try? IOMax(parsing: value))
        }
    }

    /// What of the file's text is this knob's: of `io.max` the device's line.
    func part(of text: String) -> String {
        guard case .device(let device) = match else { return text }
        return Knob.line(of: device, in: text).description
    }

    /// A device without a line has no ceiling.
    private static func line(of device: Host.DeviceNumber, in text: String) -> IOMax {
        ((try? IOMax.lines(parsing: text)) ?? []).first { $0.device == device } ?? IOMax(device: device)
    }
}
