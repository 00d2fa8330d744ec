internal import BerthJSON

/// A folder that a plugin has made for the programs of a reservation, and the most bytes of all that is in it.
public struct SizedFolder: Hashable, Sendable {
    /// The plugin's own folder.
    public var home: String
    /// Where the folder lies below ``home``.
    public var name: String
    /// The most bytes, as they were read back; where nothing holds them, as the plugin asked.
    public var bytes: Int64
    /// The project of the file system by which the size is held; nil where nothing holds it.
    public var project: Int64?
    /// Why nothing holds the size, or how a program can pass it; nil where none can.
    public var doubt: String?

    /// - Parameters:
    ///   - home: the plugin's own folder
    ///   - name: where the folder lies below it
    ///   - bytes: the most bytes
    ///   - project: the project of the file system by which that is held; nil where nothing holds it
    ///   - doubt: why nothing holds it, or how a program can pass it
    public init(home: String, name: String, bytes: Int64, project: Int64? = nil, doubt: String? = nil) {
        self.home = home
        self.name = name
        self.bytes = bytes
        self.project = project
        self.doubt = doubt
    }

    /// The folder as the ledger keeps it.
    var json: JSONValue {
        var object: JSONObject = ["home": .string(home), "name": .string(name), "bytes": JSONValue(bytes)]
        object["project"] = project.map { JSONValue($0) }
        object["doubt"] = doubt.map { .string($0) }
        return .object(object)
    }

    /// Reads what ``json`` prints.
    static var reader: JSONReader<SizedFolder> {
        .fields { fields throws(JSONFieldError) in
            SizedFolder(
                home: try fields.required("home", .string), name: try fields.required("name", .string),
                bytes: try fields.required("bytes", .int64), project: try fields.optional("project", .int64),
                doubt: try fields.optional("doubt", .string))
        }
    }
}

extension SizedFolder {
    /// How far the size is held.
    var status: Receipt.Status {
        if project == nil { .unsupported } else if doubt == nil { .enforced } else { .advisory }
    }
}

extension [Receipt] {
    /// The receipts with what holds the folders that plugins have made.
    public func telling(of provisions: [ResourceType: Provision]) -> [Receipt] {
        map { receipt in
            guard receipt.device == nil, let folders = provisions[receipt.type]?.folders, !folders.isEmpty else {
                return receipt
            }
            return receipt.telling(of: folders)
        }
    }
}

extension Receipt {
    /// The receipt with what holds folders. Where nothing else is held for the type they are all that it tells of, and
    /// otherwise it is held as far as what is held least.
    fileprivate func telling(of sized: [SizedFolder]) -> Receipt {
        var told = values.isEmpty && devices.isEmpty ? Receipt(type, status: .enforced) : self
        told.folders = sized.compactMap { folder in
            folder.project.map { Folder(name: folder.name, bytes: folder.bytes, project: $0) }
        }
        for folder in sized where folder.status.rank > told.status.rank {
            told.status = folder.status
            told.reason = folder.doubt
        }
        return told
    }
}

extension Receipt.Status {
    /// The more, the less is held.
    fileprivate var rank: Int {
        switch self {
        case .enforced: 0
        case .advisory: 1
        case .unsupported: 2
        }
    }
}
