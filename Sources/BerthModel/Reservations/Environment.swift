internal import BerthJSON

extension Reservation {
    /// What a program that runs inside should have in its environment: its reservation, and each grant by type.
    ///
    /// The device lists of the field are set too, so that programs which know nothing of Berth use what they were
    /// given: `CUDA_VISIBLE_DEVICES` for NVIDIA and `ROCR_VISIBLE_DEVICES` for AMD, by UUID where it is known, else by
    /// the number in PCI order (with `CUDA_DEVICE_ORDER`, for CUDA counts the fastest first otherwise).
    public func environment(on capacity: Capacity?) -> [String: String] {
        var environment: [String: String] = [:]
        for variables in provisions.sorted(by: { $0.key < $1.key }).map(\.value.environment) {
            environment.merge(variables) { first, _ in first }
        }
        // What Berth itself says is nobody else's to say.
        environment["BERTH_RESERVATION"] = id.description
        for hold in grant.holds {
            // The variables of plugins' types are the plugins'.
            guard !hold.type.isProvided else { continue }
            environment["BERTH_" + hold.type.name.uppercased()] = hold.type.measure.json(hold.amount).description
            if let cpus = hold.cpus { environment["BERTH_CPUS"] = cpus.description }
            if hold.type == .network { environment["BERTH_INTERFACE"] = hold.units.first?.name }
            if hold.type == .gpu {
                let names = hold.units.map(\.name)
                environment["BERTH_GPUS"] = names.joined(separator: ",")
                let devices = capacity?.wholeUnits(.gpu).filter { $0.parent == nil } ?? []
                // Where a plugin knows the devices better it has named them.
                let named = provisions[.gpu]?.environment ?? [:]
                for (vendor, variable) in [("10de", "CUDA_VISIBLE_DEVICES"), ("1002", "ROCR_VISIBLE_DEVICES")]
                where named[variable] == nil {
                    environment[variable] = visibleDevices(names, among: devices.filter { $0.vendor == vendor })
                }
                if environment["CUDA_VISIBLE_DEVICES"] != nil { environment["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID" }
            }
        }
        if !grant.storage.isEmpty { environment["BERTH_STORAGE"] = grant.storage.map(\.device).joined(separator: ",") }
        return environment
    }

    /// The names that a vendor's runtime knows its devices by; nil when none of them is held.
    private func visibleDevices(_ names: [String], among devices: [Capacity.Unit]) -> String? {
        let held = devices.enumerated().filter { names.contains($0.element.name) }
        guard !held.isEmpty else { return nil }
        let uuids = held.compactMap { $0.element.uuid }
        return (uuids.count == held.count ? uuids : held.map { String($0.offset) }).joined(separator: ",")
    }
}

extension Capacity.Unit {
    fileprivate var vendor: String? { text("vendor") }
    fileprivate var uuid: String? { text("uuid") }

    private func text(_ capability: String) -> String? {
        guard case .string(let text)? = capabilities[capability] else { return nil }
        return text
    }
}
