import BerthJSON
import BerthPluginKit

/// Seats of licences that float: as many as the configuration says, or as a command of the admin's answers.
///
/// A type whose command has not answered yet has no seats. One whose command fails keeps the seats that it had, and those are
/// failed until it answers again: a licence server that is down hands out none.
struct LicenseSeats: ResourceProvider {
    private var pools = Pools()
    private var asking: [Asking] = []

    mutating func start(_ start: Start) throws {
        let sources = try start.types.map { type in
            guard let section = start.configuration[type] else {
                throw Failure(
                    "the configuration has no section for \(type)", hint: "add one with `count` or with `command`")
            }
            return (type: type, source: try Source(section, type))
        }
        for each in asking { each.stop() }
        asking = []
        pools = Pools()
        for allocation in start.held { pools.take(allocation) }
        for (type, source) in sources {
            switch source {
            case .fixed(let count):
                pools.set(type, .success(count))
                if let trouble = pools.trouble(of: type) { throw Failure("\(type): \(trouble)") }
            case .command(let words, let every):
                pools.expect(type)
                asking.append(Asking(type, words, every: every, pools, start.agent))
            }
        }
        for each in asking { try each.start() }
    }

    func discover() -> [Offer] { pools.offers() }

    func allocate(_ allocation: Allocation) -> Provision {
        pools.take(allocation)
        return Provision(environment: ["LICENSE_SEATS": allocation.units.joined(separator: ",")])
    }

    func release(_ reservation: String) { pools.giveBack(reservation) }
}

/// The library's one symbol.
@c(berth_plugin_entry_v1) public func entry() -> UnsafeRawPointer? { export(LicenseSeats()) }
