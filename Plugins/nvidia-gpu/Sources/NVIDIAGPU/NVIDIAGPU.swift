import BerthJSON
import BerthPluginKit
import Synchronization

/// What NVIDIA's own library knows of the host's GPUs: UUID, memory, MIG devices, health and use.
///
/// Where there is no library or no driver there are no units, and it is looked for again.
final class NVIDIAGPU: ResourceProvider {
    private var board = Board(ignoredXids: Xids.ofPrograms)
    private var watch: Watch?
    private var held: [String: [String]] = [:]
    private var watching: Task<Void, Never>?

    func start(_ start: Start) throws {
        let settings = try Settings(start.configuration)
        let board = Board(ignoredXids: settings.ignoredXids)
        self.board = board
        let watch = Watch(settings.library, board)
        self.watch = watch
        held = Dictionary(start.held.map { ($0.reservation, $0.units) }) { first, _ in first }
        _ = watch.look()
        let agent = start.agent
        watching?.cancel()
        watching = Task.detached {
            while !Task.isCancelled {
                if await watch.wait(seconds: settings.every) { agent.changed() }
            }
        }
    }

    func discover() -> [Offer] { [Offer("nvidia.com/gpu", units: board.units)] }

    func allocate(_ allocation: Allocation) throws -> Provision {
        let visible = try board.visible(allocation.units)
        held[allocation.reservation] = allocation.units
        return Provision(environment: ["CUDA_VISIBLE_DEVICES": visible, "NVIDIA_VISIBLE_DEVICES": visible])
    }

    func release(_ reservation: String) { held[reservation] = nil }

    func usage(of reservations: [String]) -> [String: JSONObject] {
        var usage: [String: JSONObject] = [:]
        for reservation in reservations {
            guard let units = held[reservation], let measured = watch?.usage(of: units), !measured.isEmpty else {
                continue
            }
            usage[reservation] = JSONObject(measured.sorted { $0.key < $1.key }.map { ($0.key, .object($0.value)) })
        }
        return usage
    }
}

/// The library's one symbol.
@c(berth_plugin_entry_v1) public func entry() -> UnsafeRawPointer? { export(NVIDIAGPU()) }
