package import BerthJSON
internal import BerthModel

extension CapacitySettings {
    /// Takes up what a configuration says of capacity: its keys `system_reserved`, `disks` and `shapes`, as far as they are
    /// there.
    package mutating func read(_ fields: inout JSONFields) throws(JSONFieldError) {
        if let reserved = try fields.optional("system_reserved", .systemReserved) {
            // All of the key: what an earlier file said of its other part is gone with it.
            (reservedCPU, reservedMemory) = (reserved.cpu ?? .zero, reserved.memory)
        }
        if let disks = try fields.optional("disks", .dictionary(of: .diskRates)) { diskRates = disks }
        if let shapes = try fields.optional("shapes", .shapes) { self.shapes = shapes }
    }
}

extension JSONReader where Value == (cpu: Quantity?, memory: Quantity?) {
    fileprivate static var systemReserved: JSONReader {
        .fields { fields throws(JSONFieldError) in
            (
                try fields.optional("cpu", .quantity(.cpus, least: .zero)),
                try fields.optional("memory", .quantity(.bytes, least: .zero))
            )
        }
    }
}

extension JSONReader where Value == StorageRates {
    fileprivate static var diskRates: JSONReader {
        .fields { fields throws(JSONFieldError) in
            var rates = StorageRates()
            for rate in StorageRates.all {
                rates[keyPath: rate.path] = try fields.optional(rate.name, .quantity(rate.measure))
            }
            return rates
        }
    }
}
