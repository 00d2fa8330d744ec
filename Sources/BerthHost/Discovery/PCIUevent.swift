/// What the kernel tells udev of a device: the lines `KEY=VALUE` of its `uevent` file.
struct Uevent {
    private var values: [Substring: Substring] = [:]

    /// - Parameter folder: the device's folder
    init?(_ reader: HostReader, in folder: String) {
        guard let text = reader.text("\(folder)/uevent") else { return nil }
        for line in text.split(separator: "\n") {
            guard let equals = line.utf8.firstIndex(of: UInt8(ascii: "=")) else { continue }
            values[line[..<equals]] = line[line.utf8.index(after: equals)...]
        }
    }

    /// The value of a key; nil where it is not there or empty.
    subscript(key: String) -> String? {
        guard let value = values[key[...]], !value.isEmpty else { return nil }
        return String(value)
    }
}
