/// What a PCI function is: its class and who made it.
struct PCIFunction: Equatable {
    /// The folder that its attributes are read from.
    let path: String
    var address: PCIAddress?
    /// Base class, class and programming interface, 8 bits each: 0x030200 is a 3D controller.
    var classCode: Int?
    /// Four hexadecimal digits.
    var vendor: String?
    /// Four hexadecimal digits.
    var device: String?
    var driver: String?
    /// The card that this is an SR-IOV virtual function of.
    var physicalFunction: PCIAddress?

    /// 3 is a display controller, 0x12 a processing accelerator.
    var baseClass: Int? { classCode.map { $0 >> 16 } }
}

extension PCIFunction {
    /// Every function of the classes that compute: display controllers and processing accelerators.
    static func candidates(_ reader: HostReader) -> [PCIFunction] {
        reader.names("sys/bus/pci/devices").compactMap { name in
            guard let address = PCIAddress(name) else { return nil }
            var function = PCIFunction(path: "sys/bus/pci/devices/\(name)", address: address)
            function.classCode = reader.hexadecimal("\(function.path)/class")
            if function.classCode == nil { function.readModalias(reader) }
            guard function.baseClass == 0x03 || function.baseClass == 0x12 else { return nil }
            function.readRest(reader)
            return function
        }
    }

    /// The function behind a device of another class, such as a DRM card.
    /// - Parameter path: the folder with the function's attributes; nil when they are not there
    init?(_ reader: HostReader, path: String, address: PCIAddress?) {
        self.init(path: path, address: address)
        classCode = reader.hexadecimal("\(path)/class")
        readRest(reader)
        guard vendor != nil || classCode != nil else { return nil }
    }

    private mutating func readRest(_ reader: HostReader) {
        vendor = vendor ?? reader.hexadecimal("\(path)/vendor").map { hex($0, digits: 4) }
        device = device ?? reader.hexadecimal("\(path)/device").map { hex($0, digits: 4) }
        driver = reader.linkName("\(path)/driver")
        physicalFunction = reader.linkName("\(path)/physfn").flatMap { PCIAddress($0) }
        guard vendor == nil || device == nil || classCode == nil || address == nil else { return }
        guard let uevent = Uevent(reader, in: path) else { return }
        address = address ?? uevent["PCI_SLOT_NAME"].flatMap { PCIAddress($0) }
        classCode = classCode ?? uevent["PCI_CLASS"].flatMap { PCIFunction.number($0) }
        driver = driver ?? uevent["DRIVER"]
        let identity = uevent["PCI_ID"]?.split(separator: ":").map { PCIFunction.number($0) } ?? []
        guard identity.count == 2 else { return }
        vendor = vendor ?? identity[0].map { hex($0, digits: 4) }
        device = device ?? identity[1].map { hex($0, digits: 4) }
    }

    /// `pci:v000010DEd000015F8sv000010DEsd0000118Fbc03sc02i00`, for recordings that have nothing else.
    private mutating func readModalias(_ reader: HostReader) {
        guard let text = reader.text("\(path)/modalias"), text.hasPrefix("pci:v"), text.utf8.count >= 53 else { return }
        let digits = Array(text.utf8)
        func number(at start: Int, count: Int) -> Int? {
            PCIFunction.number(String(decoding: digits[start..<start + count], as: UTF8.self))
        }
        vendor = number(at: 5, count: 8).map { hex($0, digits: 4) }
        device = number(at: 14, count: 8).map { hex($0, digits: 4) }
        guard let base = number(at: 44, count: 2), let sub = number(at: 48, count: 2),
            let interface = number(at: 51, count: 2)
        else { return }
        classCode = base << 16 | sub << 8 | interface
    }

    /// A hexadecimal number of at most 32 bits, with or without `0x`.
    static func number(_ text: some StringProtocol) -> Int? {
        let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
        guard !digits.isEmpty, digits.utf8.count <= 8, digits.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }) else {
            return nil
        }
        return Int(digits, radix: 16)
    }
}

extension HostReader {
    /// A file that holds one hexadecimal number of at most 32 bits: `0x10de`. An empty file is unknown.
    func hexadecimal(_ path: String) -> Int? {
        guard let text = text(path), !text.isEmpty else { return nil }
        if let number = PCIFunction.number(text) { return number }
        noteWrong(path, text, expected: "a hexadecimal number")
        return nil
    }
}
