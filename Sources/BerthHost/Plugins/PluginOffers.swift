internal import BerthJSON
internal import BerthModel
internal import BerthPluginKit

/// What a provider says that there is, held to what its manifest says.
struct PluginOffers {
    /// The most units of all its types.
    static let mostUnits = 20_000
    /// The most facts of a unit, and the most of one, in bytes.
    static let mostFacts = 32
    static let longestFact = 256
    /// The most devices of a unit.
    static let mostDevices = 16
    /// The longest name of a unit, in bytes.
    static let longestName = 128

    let offers: [Offer]

    /// Reads the answer to `discover`.
    init(_ answer: JSONValue, of manifest: Manifest) throws(PluginFault) {
        do throws(JSONFieldError) {
            offers = try JSONReader<[Offer]>.fields { fields throws(JSONFieldError) in
                try fields.required("offers", .array(of: Offer.reader))
            }.read(answer)
        } catch {
            throw .broken("what it says that there is makes no sense: \("\(error)".excerpt)")
        }
        var types = Set(manifest.types.map(\.name))
        for offer in offers {
            guard types.remove(offer.type) != nil else {
                throw .broken("it offers \(offer.type), which its manifest does not name, or offers it twice")
            }
            var names: Set<String> = []
            for unit in offer.units {
                guard !unit.name.isEmpty, unit.name.utf8.count <= PluginOffers.longestName,
                    unit.name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ",") })
                else {
                    throw .broken(
                        "a unit of \(offer.type) has no name: 1 to \(PluginOffers.longestName) plain characters")
                }
                guard unit.capabilities.count <= PluginOffers.mostFacts,
                    unit.capabilities.allSatisfy({ PluginOffers.isFact($0.key, $0.value) })
                else {
                    throw .broken(
                        "the facts of \(offer.type) \(unit.name) are more than \(PluginOffers.mostFacts), or too long, or no "
                            + "texts, numbers and booleans")
                }
                guard names.insert(unit.name).inserted else {
                    throw .broken("two units of \(offer.type) have the name \(unit.name)")
                }
            }
            try PluginOffers.checkParts(offer)
            try PluginOffers.checkDevices(offer)
        }
        let count = offers.reduce(0) { $0 + $1.units.count }
        guard count <= PluginOffers.mostUnits else {
            throw .broken("it offers \(count) units, and \(PluginOffers.mostUnits) are the most")
        }
    }

    /// A part has a whole of the same type, which is no part itself, and a fact to be asked for by.
    private static func checkParts(_ offer: Offer) throws(PluginFault) {
        let wholes = Set(offer.units.filter { $0.parent == nil }.map(\.name))
        for unit in offer.units {
            guard let parent = unit.parent else { continue }
            guard wholes.contains(parent) else {
                throw .broken("\(offer.type) \(unit.name) is a part of what it does not offer as a whole")
            }
            guard unit.capabilities["partition"] != nil else {
                throw .broken("\(offer.type) \(unit.name) is a part and lacks the fact partition")
            }
        }
    }

    private static func checkDevices(_ offer: Offer) throws(PluginFault) {
        for unit in offer.units {
            guard unit.devices.count <= mostDevices, unit.devices.allSatisfy({ DeviceNode($0) != nil }) else {
                throw .broken(
                    "\(offer.type) \(unit.name) has more than \(mostDevices) devices, or such as there cannot be")
            }
        }
    }

    private static func isFact(_ name: String, _ value: JSONValue) -> Bool {
        guard (1...64).contains(name.utf8.count) else { return false }
        return switch value {
        case .string(let text): text.utf8.count <= longestFact
        case .number(let number): number.lexeme.utf8.count <= longestFact
        case .bool: true
        default: false
        }
    }
}
