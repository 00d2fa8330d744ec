/// A time in which what it covers is granted to nobody.
public struct MaintenanceWindow: Hashable, Sendable {
    /// Its name, by which it is removed.
    public var id: String
    /// When it begins.
    public var start: Timestamp
    /// When it is over.
    public var end: Timestamp
    /// Whether it comes again every seven days.
    public var isWeekly: Bool
    /// What it covers.
    public var covers: Withheld
    /// What it is for, in words for people.
    public var reason: String?

    /// - Parameters:
    ///   - id: its name
    ///   - start: when it begins
    ///   - end: when it is over
    ///   - isWeekly: whether it comes again every seven days
    ///   - covers: what it covers
    ///   - reason: what it is for
    public init(
        id: String, start: Timestamp, end: Timestamp, isWeekly: Bool = false, covers: Withheld = .everything,
        reason: String? = nil
    ) {
        self.id = id
        self.start = start
        self.end = end
        self.isWeekly = isWeekly
        self.covers = covers
        self.reason = reason
    }

    private static let week: Int64 = 7 * 86_400_000

    /// Its times from a moment on, the one that is on then first; at most so many.
    public func times(from moment: Timestamp, most: Int) -> [Range<Timestamp>] {
        guard start < end else { return [] }
        guard isWeekly else { return end > moment ? [start..<end] : [] }
        let late = moment.milliseconds - end.milliseconds
        let first = late < 0 ? 0 : late / MaintenanceWindow.week + 1
        return (first..<first + Int64(most)).map { week in
            let shift = week * MaintenanceWindow.week
            return Timestamp(
                milliseconds: start.milliseconds + shift)..<Timestamp(
                    milliseconds: end.milliseconds + shift)
        }
    }
}

/// What is not to be had though nobody holds it.
public struct Withheld: Hashable, Sendable {
    /// Whether that is all that there is.
    public var isEverything = false
    /// Whole types.
    public var types: Set<ResourceType> = []
    /// Units, by type.
    public var units: [ResourceType: Set<String>] = [:]

    /// Nothing.
    public init() {}

    /// All that there is.
    public static var everything: Withheld {
        var all = Withheld()
        all.isEverything = true
        return all
    }

    /// Whether it is nothing.
    public var isEmpty: Bool { self == Withheld() }

    /// Whether a whole type is in it.
    public func contains(_ type: ResourceType) -> Bool { isEverything || types.contains(type) }

    /// Whether a unit is in it.
    public func contains(_ unit: String, of type: ResourceType) -> Bool {
        contains(type) || units[type]?.contains(unit) == true
    }

    /// Whether a unit is in it, by its own name or as a part of one.
    public func covers(_ unit: Capacity.Unit, of type: ResourceType) -> Bool {
        contains(unit.name, of: type) || unit.parent.map { contains($0, of: type) } ?? false
    }

    /// Whether a disk is in it, by its own name or by that of a partition.
    public func covers(_ disk: Capacity.Disk) -> Bool {
        contains(disk.name, of: .storage) || disk.partitions.contains { contains($0, of: .storage) }
    }

    /// Whether anything of a type is in it.
    public func touches(_ type: ResourceType) -> Bool { contains(type) || units[type] != nil }

    /// Takes in what another is.
    public mutating func formUnion(_ other: Withheld) {
        isEverything = isEverything || other.isEverything
        types.formUnion(other.types)
        units.merge(other.units) { $0.union($1) }
    }
}

extension Capacity {
    /// The same without what is withheld: none of it is free, and units have failed.
    public func without(_ withheld: Withheld) -> Capacity {
        guard !withheld.isEmpty else { return self }
        var rest = self
        if withheld.contains(.cpu) { rest.reservedCPU = cpu }
        if withheld.contains(.memory) { rest.reservedMemory = memory }
        if withheld.contains(.pids) { rest.pids = .zero }
        func without(_ type: ResourceType, _ units: [Unit]) -> [Unit] {
            guard withheld.touches(type) else { return units }
            return units.map { unit in
                var unit = unit
                if withheld.covers(unit, of: type), unit.failure == nil { unit.failure = "under maintenance" }
                return unit
            }
        }
        rest.gpus = without(.gpu, gpus)
        rest.interfaces = without(.network, interfaces)
        for (type, units) in provided { rest.provided[type] = without(type, units) }
        if withheld.touches(.storage) {
            for index in disks.indices where withheld.covers(disks[index]) {
                for rate in StorageRates.all { rest.disks[index].rates[keyPath: rate.path] = .zero }
            }
        }
        return rest
    }
}
