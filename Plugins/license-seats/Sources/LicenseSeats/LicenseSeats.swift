import BerthJSON
import BerthPluginKit
import Synchronization

/// Seats of licences that float: as many as the configuration says, or as a command of the admin's answers.
///
/// A type whose command fails keeps the seats that it had, and those are failed until it answers again: a licence server
/// that is down hands out none.
struct LicenseSeats: ResourceProvider {
    private let pools = Pools()
    private var asking: Task<Void, Never>?

    mutating func start(_ start: Start) throws {
        var commands: [String: Source] = [:]
        for type in start.types {
            guard let section = start.configuration[type] else {
                throw Failure(
                    "the configuration has no section for \(type)", hint: "add one with `count` or with `command`")
            }
            switch try Source(section, type) {
            case .fixed(let count): pools.set(type, .success(count))
            case .command(let words, let every):
                commands[type] = .command(words, every: every)
                pools.set(type, SeatCommand.ask(words))
            }
        }
        for allocation in start.held { pools.take(allocation) }
        let (pools, agent) = (pools, start.agent)
        asking?.cancel()
        asking = commands.isEmpty ? nil : Task.detached { await LicenseSeats.keepAsking(commands, pools, agent) }
    }

    func discover() -> [Offer] { pools.offers() }

    func allocate(_ allocation: Allocation) -> Provision {
        pools.take(allocation)
        return Provision(environment: ["LICENSE_SEATS": allocation.units.joined(separator: ",")])
    }

    func release(_ reservation: String) { pools.giveBack(reservation) }

    private static func keepAsking(_ sources: [String: Source], _ pools: Pools, _ agent: AgentLine) async {
        await withDiscardingTaskGroup { group in
            for (type, source) in sources {
                guard case .command(let words, let every) = source else { continue }
                group.addTask {
                    while !Task.isCancelled {
                        try? await Task.sleep(for: .seconds(every))
                        if pools.set(type, SeatCommand.ask(words)) { agent.changed() }
                    }
                }
            }
        }
    }
}

/// The library's one symbol.
@c(berth_plugin_entry_v1) public func entry() -> UnsafeRawPointer? { export(LicenseSeats()) }
