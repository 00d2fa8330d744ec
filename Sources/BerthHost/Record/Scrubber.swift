internal import BerthModel

/// Takes out of a recording what identifies one machine: serial numbers, MAC addresses, UUIDs, the host's name and the
/// values of the kernel's command line.
///
/// Equal secrets become equal stand-ins, so that what discovery learns by comparing (two paths to one disk) stays true.
struct Scrubber {
    /// The host's name, as the kernel knows it, and its first label; taken out of paths and contents wherever they stand as words.
    private let hostNames: [String]
    private var standIns: [String: Int] = [:]

    init(hostName: String?) {
        let labels = hostName.map { [$0] + ($0.split(separator: ".").first.map { [String($0)] } ?? []) } ?? []
        hostNames = labels.filter { name in
            // node1, cpu0, sda: the kernel numbers its things so.
            let word = String(name.reversed().drop(while: \.isNumber).reversed())
            return !word.isEmpty && !Scrubber.commonWords.contains(word) && !(word.hasPrefix("sd") && word.count < 5)
        }
    }

    /// Words that are the kernel's own where discovery reads: a host of such a name is not known by it, and a recording without
    /// them could not be read.
    private static let commonWords = Set(
        """
        block bus c card cgroup cgroup2 class core cpu cpuinfo cpus cpuset dev device devices die disk dm
        driver eth fs gpu host index io kernel loop max md memory mmcblk model module name net node none
        nvidia nvme nvme0n online package pci physical pids proc processor queue root run rx self siblings
        size slave swap sys system topology tx udev unknown user vd vendor virtual vm zram
        """.split(whereSeparator: \.isWhitespace).map(String.init))

    /// Files that hold nothing but an identity.
    private static let identities: Set<String> = [
        "serial", "wwid", "uuid", "unique_id", "vpd_pg80", "vpd_pg83", "eui", "nguid", "product_serial",
        "product_uuid", "board_serial", "chassis_serial", "serial_number",
    ]

    /// A path or the target of a link, which a group may have from the host; interfaces are named for their MAC address where
    /// nothing better is known.
    mutating func path(_ path: String) -> String {
        withoutHostNames(path).split(separator: "/", omittingEmptySubsequences: false).map { part in
            guard part.utf8.count == 15, part.hasPrefix("enx") || part.hasPrefix("wlx") || part.hasPrefix("wwx"),
                part.dropFirst(3).allSatisfy(\.isHexDigit)
            else { return String(part) }
            let number = String(standIn(for: String(part.dropFirst(3))), radix: 16)
            return part.prefix(3) + String(repeating: "0", count: 12 - number.count) + number
        }.joined(separator: "/")
    }

    /// The content of a file.
    mutating func content(of path: String, _ text: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        if name == "cmdline" { return Scrubber.commandLine(text) }
        if Scrubber.identities.contains(name), !text.trimmed.isEmpty {
            return identity(text, isMap: path.hasSuffix("dm/uuid"))
        }
        var scrubbed = Scrubber.withoutPatterns(text)
        if path.contains("udev/data/") { scrubbed = udevRecord(scrubbed) }
        if path.contains("kfd/topology"), name == "properties" { scrubbed = deviceProperties(scrubbed) }
        if path.contains("driver/nvidia"), name == "information" { scrubbed = Scrubber.withoutUUIDLine(scrubbed) }
        if name == "mountinfo" || name == "mounts" { scrubbed = lines(scrubbed) }
        return withoutHostNames(scrubbed)
    }

    private func withoutHostNames(_ text: String) -> String {
        hostNames.reduce(text) { Scrubber.replacing($1, in: $0) }
    }

    /// Keeps the kind of an identity (`naa.`, `LVM-`, `CRYPT-VERITY-`), for it says what the thing is.
    private mutating func identity(_ text: String, isMap: Bool) -> String {
        let bare = String(text.trimmed)
        let end: String.Index?
        if isMap {
            let first = bare.firstIndex(of: "-")
            end =
                bare.hasPrefix("CRYPT-") ? first.flatMap { bare[bare.index(after: $0)...].firstIndex(of: "-") } : first
        } else {
            end = bare.firstIndex(of: ".")
        }
        let kind = end.map { bare[...$0] } ?? ""
        return "\(kind)\(standIn(for: bare))\n"
    }

    private mutating func standIn(for secret: String) -> Int {
        if let number = standIns[secret] { return number }
        standIns[secret] = standIns.count + 1
        return standIns.count
    }

    /// Names of interfaces, and of the servers of network file systems (`server:/export`, `//server/share`).
    private mutating func lines(_ text: String) -> String {
        Scrubber.mapLines(text) { line in
            path(
                line.split(separator: " ", omittingEmptySubsequences: false).map { word in
                    if word.hasPrefix("//") { return "//server/share" }
                    guard let colon = word.firstIndex(of: ":"), word[colon...].hasPrefix(":/"), colon > word.startIndex
                    else { return String(word) }
                    return "server" + word[colon...]
                }.joined(separator: " "))
        }
    }

    /// What udev keeps of a device: serial numbers and world-wide names become stand-ins, links by them go.
    private mutating func udevRecord(_ text: String) -> String {
        Scrubber.mapLines(text) { line in
            guard !line.hasPrefix("S:") else { return "" }
            guard let equals = line.firstIndex(of: "="),
                ["SERIAL", "WWN", "UUID", "IDENT"].contains(where: line[..<equals].contains)
            else { return String(line) }
            return line[...equals] + String(standIn(for: String(line[equals...])))
        }
    }

    /// A KFD node's properties: its `unique_id` becomes a stand-in.
    private mutating func deviceProperties(_ text: String) -> String {
        Scrubber.mapLines(text) { line in
            line.hasPrefix("unique_id ") ? "unique_id \(standIn(for: String(line)))" : String(line)
        }
    }

    private static func mapLines(_ text: String, _ body: (Substring) -> String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(body).joined(separator: "\n")
    }

    /// The names of the parameters; the values of `isolcpus` alone are kept, for they name CPUs and discovery reads them. Blanks
    /// within double quotes are a part of a word, and what follows `--` is for init alone: parse_args() of kernel/params.c.
    private static func commandLine(_ text: String) -> String {
        var isQuoted = false
        let words = text.split { character in
            if character == "\"" { isQuoted.toggle() }
            return character.isWhitespace && !isQuoted
        }
        return words.prefix { $0 != "--" }.map { word in
            guard !word.hasPrefix("isolcpus=") else { return String(word) }
            let name = word.prefix { $0 != "=" }.filter { $0 != "\"" }
            return word.contains("=") ? "\(name)=" : String(name)
        }.joined(separator: " ") + "\n"
    }

    private static func withoutUUIDLine(_ text: String) -> String {
        mapLines(text) { line in
            guard line.contains("UUID") else { return String(line) }
            return line.prefix { $0 != ":" } + ": \t GPU-00000000-0000-0000-0000-000000000000"
        }
    }

    /// UUIDs (8-4-4-4-12 hexadecimal digits) and MAC addresses (six pairs or more, with colons) become zeros.
    static func withoutPatterns(_ text: String) -> String {
        var bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            let isStart = index == 0 || !bytes[index - 1].isWordByte
            if isStart, let end = uuidEnd(bytes, index) ?? macEnd(bytes, index) {
                for place in index..<end where bytes[place].isHexByte { bytes[place] = UInt8(ascii: "0") }
                index = end
            } else {
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func uuidEnd(_ bytes: [UInt8], _ start: Int) -> Int? {
        var index = start
        for (group, length) in [8, 4, 4, 4, 12].enumerated() {
            if group > 0 {
                guard index < bytes.count, bytes[index] == UInt8(ascii: "-") else { return nil }
                index += 1
            }
            guard index + length <= bytes.count, bytes[index..<index + length].allSatisfy(\.isHexByte) else {
                return nil
            }
            index += length
        }
        return index < bytes.count && bytes[index].isHexByte ? nil : index
    }

    private static func macEnd(_ bytes: [UInt8], _ start: Int) -> Int? {
        var index = start
        var pairs = 0
        while index + 2 <= bytes.count, bytes[index].isHexByte, bytes[index + 1].isHexByte {
            pairs += 1
            index += 2
            guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else { break }
            index += 1
        }
        return pairs >= 6 ? index : nil
    }

    /// The name as a word only: a host called `vm` must not change `vmlinuz`.
    static func replacing(_ name: String, in text: String) -> String {
        let word = Array(name.utf8)
        guard !word.isEmpty else { return text }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let end = index + word.count
            let isWord =
                end <= bytes.count && bytes[index..<end].elementsEqual(word)
                && (index == 0 || !bytes[index - 1].isWordByte) && (end == bytes.count || !bytes[end].isWordByte)
            result += isWord ? Array("host".utf8) : [bytes[index]]
            index = isWord ? end : index + 1
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var isHexByte: Bool {
        (self >= 0x30 && self <= 0x39) || (self >= 0x41 && self <= 0x46) || (self >= 0x61 && self <= 0x66)
    }

    fileprivate var isWordByte: Bool {
        (self >= 0x30 && self <= 0x39) || (self >= 0x41 && self <= 0x5A) || (self >= 0x61 && self <= 0x7A)
    }
}
