internal import BerthJSON
internal import BerthKernel
internal import BerthPluginKit
internal import Glibc

/// What is expected of a provider.
extension PluginCheck {
    /// What it has, as an agent takes it.
    private func offers(_ process: PluginProcess) throws -> [Offer] {
        try PluginOffers(try done(process, .discover), of: file.manifest).offers
    }

    /// Units that can be granted, with their types. A plugin that has none yet may say that it has them.
    private func available(_ process: PluginProcess) throws -> [(type: String, unit: String)] {
        while true {
            let units = try offers(process).flatMap { offer in
                offer.units.filter { $0.state == .available }.map { (type: offer.type, unit: $0.name) }
            }
            guard units.isEmpty, try becomesChanged(process) else { return units }
        }
    }

    /// Whether the plugin says within a second that what it offers has changed.
    private func becomesChanged(_ process: PluginProcess) throws -> Bool {
        let deadline = SystemClock.uptime + 1000
        while SystemClock.uptime < deadline {
            if try process.takeChanged() { return true }
            usleep(20_000)
        }
        return false
    }

    private func allocation(_ number: Int, _ type: String, _ unit: String) -> Allocation {
        Allocation(reservation: "check\(number)", type: type, units: [unit], user: 65534)
    }

    func checkOffers() throws {
        let process = try started()
        // One that says that they changed may have others.
        var (names, rounds) = (try offers(process).map { $0.units.map(\.name) }, 0)
        while true {
            let again = try offers(process).map { $0.units.map(\.name) }
            guard again != names else { return }
            rounds += 1
            guard rounds <= 3, try becomesChanged(process) else {
                throw Unexpected("the units that it offers have other names the second time")
            }
            names = again
        }
    }

    private func allocated(_ process: PluginProcess, _ allocation: Allocation) throws -> Provision {
        let call = Call.allocate(allocation)
        let answer = try done(process, call)
        let type = file.manifest.types.first { $0.name == allocation.type }
        do throws(PluginSupervisor.CallFailure) {
            let provision = try PluginProvision(answer, of: type, within: nil)
            guard provision.folders.isEmpty || box.state != nil else { throw PluginProvision.noHome }
        } catch {
            throw Unexpected(error.told.reason)
        }
        return try read(answer, call, Provision.reader)
    }

    func checkAllocate() throws {
        let process = try started()
        guard let (type, unit) = try available(process).first else { return }
        let first = try allocated(process, allocation(1, type, unit))
        let second = try allocated(process, allocation(1, type, unit))
        guard first == second else {
            throw Unexpected("the second answer is \(second.json), and the first was \(first.json)")
        }
        try done(process, .release(reservation: "check1"))
    }

    func checkRelease() throws {
        let process = try started()
        try done(process, .release(reservation: "check0"))
        guard let (type, unit) = try available(process).first else { return }
        _ = try allocated(process, allocation(1, type, unit))
        for _ in 0..<2 { try done(process, .release(reservation: "check1")) }
        _ = try allocated(process, allocation(2, type, unit))
        try done(process, .release(reservation: "check2"))
    }

    func checkRestart() throws {
        let first = try started()
        guard let (type, unit) = try available(first).first else { return }
        let held = allocation(1, type, unit)
        let before = try allocated(first, held)
        first.kill()
        let second = try started(held: [held])
        guard
            try offers(second).contains(where: { offer in
                offer.type == type && offer.units.contains { $0.name == unit }
            })
        else { throw Unexpected("the unit \(unit), which is held, is offered no more") }
        let after = try allocated(second, held)
        guard before == after else {
            throw Unexpected("what is held gets \(after.json) now, and got \(before.json) before")
        }
        try done(second, .release(reservation: held.reservation))
    }

    func checkMany() throws {
        let process = try started()
        let units = try available(process).prefix(50)
        for round in 0..<3 {
            for (number, (type, unit)) in units.enumerated() {
                _ = try allocated(process, allocation(100 * round + number, type, unit))
            }
            _ = try optional(
                process, .usage(reservations: units.indices.map { "check\(100 * round + $0)" }),
                JSONReader<[String: JSONObject]>.fields { fields throws(JSONFieldError) in
                    try fields.required("usage", .dictionary(of: .object))
                })
            for number in units.indices { try done(process, .release(reservation: "check\(100 * round + number)")) }
        }
        _ = try process.takeChanged()
    }
}
