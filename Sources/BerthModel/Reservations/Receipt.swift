/// What the kernel really holds for one type of one reservation, read back after the last change.
public struct Receipt: Hashable, Sendable {
    /// The type, or `storage` with ``device``.
    public var type: ResourceType
    /// The device, for storage.
    public var device: String?
    /// How far it is held.
    public var status: Status
    /// Why it is not enforced; nil where it is.
    public var reason: String?
    /// What the files of the leaf said when they were read back, by file name: `["cpu.max": "50000 100000"]`.
    public var values: [String: String]
    /// Devices that the reservation may open and others may not; empty where the type has none.
    public var devices: [DeviceNode] = []
    /// The kernel's number of the BPF program that keeps it from the devices of others; nil where there is none.
    public var program: Int64?
    /// Folders that a project quota holds to their size; empty where the type has none.
    public var folders: [Folder] = []
    /// Memory that attached processes had before, which stays charged to where they came from; in bytes.
    public var chargedElsewhere: Int64?

    /// A folder that a project of its file system holds to its size, as it was read back.
    public struct Folder: Hashable, Sendable {
        /// Where it lies below the plugin's own folder.
        public var name: String
        /// The most bytes of all that is in it.
        public var bytes: Int64
        /// The number of the project.
        public var project: Int64

        /// - Parameters:
        ///   - name: where it lies below the plugin's own folder
        ///   - bytes: the most bytes
        ///   - project: the number of the project
        public init(name: String, bytes: Int64, project: Int64) {
            self.name = name
            self.bytes = bytes
            self.project = project
        }
    }

    /// How far the kernel holds a reservation to its part.
    public enum Status: String, Hashable, Sendable, CaseIterable {
        /// The kernel holds it; read back.
        case enforced
        /// It is set or agreed, and a program can exceed it.
        case advisory
        /// Nothing holds it.
        case unsupported
    }

    /// - Parameters:
    ///   - type: the type
    ///   - device: the device, for storage
    ///   - status: how far it is held
    ///   - reason: why it is not enforced
    ///   - values: what the files of the leaf say
    ///   - chargedElsewhere: memory of attached processes that is charged to where they came from
    public init(
        _ type: ResourceType, device: String? = nil, status: Status, reason: String? = nil,
        values: [String: String] = [:], chargedElsewhere: Int64? = nil
    ) {
        self.type = type
        self.device = device
        self.status = status
        self.reason = reason
        self.values = values
        self.chargedElsewhere = chargedElsewhere
    }
}
