import BerthJSON
import BerthPluginKit

/// Folders for what programs need while they run: one for each reservation, as large as its units are together.
///
/// The plugin makes the folder, the agent gives it to the reservation's user, holds it to its size and empties it in the end,
/// and then the plugin removes it.
struct ScratchSpace: ResourceProvider {
    private var type = ""
    private var size: Int64 = 0
    private var count = 0
    private var folders: Folders?
    private var held: [String: Allocation] = [:]

    mutating func start(_ start: Start) throws {
        guard let state = start.state else { throw Failure("its manifest lacks needs.state") }
        guard start.types.count == 1 else {
            throw Failure("its manifest has to name one type, not \(start.types.count)")
        }
        guard let size = start.configuration["size"] else {
            throw Failure("the configuration has no size", hint: "add `size: 10GiB`, say, and `count`")
        }
        guard case .number(let number)? = start.configuration["count"], let count = number.int64 else {
            throw Failure("the configuration has no count", hint: "add `count`: how many units there are")
        }
        (type, self.size, self.count) = (start.types[0], try Size.bytes(size), Int(count))
        held = Dictionary(start.held.map { ($0.reservation, $0) }) { $1 }
        let folders = try Folders(state)
        folders.removeAll(but: Set(held.keys))
        self.folders = folders
    }

    /// Units are numbered from 1. Those that are held and there no more are offered as failed until they are given back.
    func discover() -> [Offer] {
        let highest = held.values.flatMap(\.units).compactMap { Int($0) }.max() ?? 0
        let units = (0..<max(count, highest)).map { index in
            index < count
                ? Unit("\(index + 1)") : Unit("\(index + 1)", state: .failed, reason: "there are \(count) units now")
        }
        return [Offer(type, units: units)]
    }

    func check(_ ask: Ask) -> [Violation] {
        for name in ask.parameters.map(\.key) where name != "size" {
            return [Violation("unknown", at: "/\(name)", "there is no parameter \(name)", hint: "there is `size`")]
        }
        guard let asked = ask.parameters["size"] else { return [] }
        do {
            let bytes = try Size.bytes(asked)
            let most = Size.times(size, ask.amount)
            guard bytes > most else { return [] }
            return [
                Violation(
                    "size", at: "/size", "\(bytes) bytes are more than \(ask.amount) units have, which is \(most)",
                    hint: "ask for more units: one has \(size) bytes")
            ]
        } catch {
            return [Violation("size", at: "/size", "\(error)")]
        }
    }

    mutating func allocate(_ allocation: Allocation) throws -> Provision {
        guard let folders else { throw Failure("it was not started") }
        let bytes =
            if let asked = allocation.parameters["size"] { try Size.bytes(asked) } else {
                Size.times(size, Int64(allocation.units.count))
            }
        let path = try folders.make(allocation.reservation)
        held[allocation.reservation] = allocation
        return Provision(environment: ["SCRATCH": path], quotas: [allocation.reservation: bytes])
    }

    mutating func release(_ reservation: String) throws {
        held[reservation] = nil
        try folders?.remove(reservation)
    }
}

/// The library's one symbol.
@c(berth_plugin_entry_v1) public func entry() -> UnsafeRawPointer? { export(ScratchSpace()) }
