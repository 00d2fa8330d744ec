internal import BerthCore
internal import BerthHost
internal import BerthJSON
internal import BerthKernel
internal import BerthModel

/// The host of a simulation: what `berth host --json` printed, or one that is made up.
enum SimulatedHost {
    /// The longest document that is read.
    private static let longest = 64 << 20

    /// What can be reserved of the host that an option names: a file, or a list such as `cpu=96,memory=384GiB,gpu=8`.
    static func capacity(_ text: String) throws(CommandFailure) -> Capacity {
        guard text.contains("="), !text.contains("/") else { return try recorded(text) }
        do throws(ParseError) {
            return try Capacity(made: text)
        } catch {
            throw CommandFailure("--host: \(error)", status: 2)
        }
    }

    private static func recorded(_ path: String) throws(CommandFailure) -> Capacity {
        let document: JSONValue
        do {
            document = try JSONValue(parsing: try bytes(path), limits: JSONLimits(maxBytes: longest))
        } catch {
            throw CommandFailure("\(path): \(error)", hint: "--host wants what berth host --json prints")
        }
        do {
            return try Capacity(Host(document: document), CapacitySettings())
        } catch let error as JSONFieldError {
            throw CommandFailure("\(path): \(error)", hint: "--host wants what berth host --json prints")
        } catch {
            throw CommandFailure("\(path): its CPUs are listed wrongly: \(error)")
        }
    }

    private static func bytes(_ path: String) throws(KernelError) -> [UInt8] {
        let file = try InputFile(path)
        var bytes: [UInt8] = []
        while bytes.count <= longest {
            let more = try file.next()
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }
}
