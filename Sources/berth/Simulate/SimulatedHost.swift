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
    /// - Parameter settings: what a configuration says of it
    static func capacity(
        _ text: String, _ settings: CapacitySettings = CapacitySettings()
    ) throws(CommandFailure) -> Capacity {
        guard text.contains("="), !text.contains("/") else { return try recorded(text, settings) }
        do throws(ParseError) {
            var capacity = try Capacity(made: text)
            capacity.reservedCPU = settings.reservedCPU
            capacity.reservedMemory = settings.reservedMemory ?? .zero
            capacity.shapes = settings.shapes
            return capacity
        } catch {
            throw CommandFailure("--host: \(error)", status: 2)
        }
    }

    private static func recorded(_ path: String, _ settings: CapacitySettings) throws(CommandFailure) -> Capacity {
        let document: JSONValue
        do {
            document = try JSONValue(
                parsing: try InputFile.bytes(path, atMost: longest), limits: JSONLimits(maxBytes: longest))
        } catch {
            throw CommandFailure("\(path): \(error)", hint: "--host wants what berth host --json prints")
        }
        do {
            return try Capacity(Host(document: document), settings)
        } catch let error as JSONFieldError {
            throw CommandFailure("\(path): \(error)", hint: "--host wants what berth host --json prints")
        } catch {
            throw CommandFailure("\(path): its CPUs are listed wrongly: \(error)")
        }
    }
}
