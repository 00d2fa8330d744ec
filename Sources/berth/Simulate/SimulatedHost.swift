internal import BerthCore
internal import BerthHost
internal import BerthJSON
internal import BerthKernel
internal import BerthModel

/// The host of a simulation: what `berth host --json` printed, or one that is made up.
enum SimulatedHost {
    /// Made up: `cpu=96,memory=384GiB,gpu=8`.
    case made(Capacity)
    /// Discovered, and printed into this file.
    case recorded(Host, path: String)

    /// The longest document that is read.
    private static let longest = 64 << 20

    private static let hint = "--host wants what berth host --json prints"

    /// - Parameter text: what the option names: a file, or a list of amounts
    init(_ text: String) throws(CommandFailure) {
        guard text.contains("="), !text.contains("/") else {
            self = .recorded(try SimulatedHost.read(text), path: text)
            return
        }
        do throws(ParseError) {
            self = .made(try Capacity(made: text))
        } catch {
            throw CommandFailure("--host: \(error)", status: 2)
        }
    }

    private static func read(_ path: String) throws(CommandFailure) -> Host {
        do {
            return try Host(
                document: try JSONValue(
                    parsing: try InputFile.bytes(path, atMost: longest), limits: JSONLimits(maxBytes: longest)))
        } catch let error as KernelError {
            throw CommandFailure("\(error)", hint: hint)
        } catch {
            throw CommandFailure("\(path): \(error)", hint: hint)
        }
    }

    /// All of it: what shares are of.
    func whole() throws(CommandFailure) -> HostFree {
        HostFree(try capacity(CapacitySettings(reservedMemory: .zero)))
    }

    /// What can be reserved of it.
    /// - Parameter settings: what a configuration says of it; nil where there is none: then nothing is kept back of what is made up
    func capacity(_ settings: CapacitySettings?) throws(CommandFailure) -> Capacity {
        switch self {
        case .made(var capacity):
            guard let settings else { return capacity }
            capacity.reservedCPU = settings.reservedCPU
            capacity.reservedMemory = settings.reservedMemory ?? CapacitySettings.standardReserve(of: capacity.memory)
            capacity.shapes = settings.shapes
            return capacity
        case .recorded(let host, let path):
            do {
                return try Capacity(host, settings ?? CapacitySettings())
            } catch {
                throw CommandFailure("\(path): its CPUs are listed wrongly: \(error)")
            }
        }
    }
}
