internal import Glibc

/// What the head of a library says of it: elf(5). Read before a library is loaded, for loading one that was cut off ends
/// the process, and for another machine's the loader says that it is not there.
struct ELFHeader: Hashable, Sendable {
    /// `e_machine`.
    let machine: UInt16

    /// - Throws: why this cannot be a library of this machine
    init(_ bytes: [UInt8], fileSize: Int) throws(PluginFault) {
        guard bytes.count >= 64, bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else {
            throw .refused("it is no library: it does not begin as an ELF file does")
        }
        guard bytes[4] == 2, bytes[5] == 1 else {
            throw .refused("it is a library for another kind of machine: not 64 bits, or the other byte order")
        }
        func word(_ offset: Int, _ count: Int) -> UInt64 {
            (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << (8 * UInt64($1)) }
        }
        guard word(16, 2) == 3 else { throw .refused("it is an ELF file and no dynamic library") }
        machine = UInt16(word(18, 2))
        guard machine == ELFHeader.own else {
            throw .refused(
                "it was built for \(ELFHeader.name(machine)), and this host is \(ELFHeader.name(ELFHeader.own))")
        }
        // The section headers stand last in what linkers write, the program headers say what is mapped.
        let (start, size, count) = (word(32, 8), word(54, 2), word(56, 2))
        guard size >= 56, start <= UInt64(bytes.count), start + size * count <= UInt64(bytes.count) else {
            throw .refused("it was cut off: its program headers are not in the file")
        }
        for index in 0..<count {
            let header = Int(start + index * size)
            let (offset, length) = (word(header + 8, 8), word(header + 32, 8))
            guard length <= UInt64(fileSize), offset <= UInt64(fileSize) - length else {
                throw .refused("it was cut off: it has \(fileSize) bytes, and says that there are more")
            }
        }
    }

    /// How much of a file is looked at: the header and what can be expected of program headers.
    static let length = 16384

    #if arch(x86_64)
        static let own: UInt16 = 62
    #elseif arch(arm64)
        static let own: UInt16 = 183
    #else
        static let own: UInt16 = 0
    #endif

    private static func name(_ machine: UInt16) -> String {
        switch machine {
        case 3: "x86"
        case 21: "POWER"
        case 22: "s390"
        case 40: "32-bit Arm"
        case 62: "x86-64"
        case 183: "arm64"
        case 243: "RISC-V"
        default: "machine \(machine)"
        }
    }
}
