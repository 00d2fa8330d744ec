import BerthJSON
import BerthPluginKit
import Synchronization

/// The GPUs of the host, as they were looked at last. One that was there once stays, for somebody may hold it.
final class Board: Sendable {
    private struct Content {
        var cards: [Card] = []
        var xids: Xids
    }

    private let content: Mutex<Content>

    init(ignoredXids: Set<UInt64>) {
        content = Mutex(
            Content(
                xids: { () -> Xids in
                    var xids = Xids()
                    xids.ignored = ignoredXids
                    return xids
                }()))
    }

    /// Takes what NVML shows now; true where that is other than before.
    /// - Parameter silent: GPUs of which it does not answer, by PCI address, each with the reason
    func set(_ found: [Card], silent: [String: String] = [:]) -> Bool {
        content.withLock { content in
            var cards = found
            for former in content.cards where !found.contains(where: { $0.address == former.address }) {
                var lost = former
                let reason = silent[former.address] ?? "the driver has lost it"
                lost.trouble = Card.Trouble(state: .failed, reason: reason)
                cards.append(lost)
            }
            for (address, reason) in silent where !cards.contains(where: { $0.address == address }) {
                let trouble = Card.Trouble(state: .failed, reason: reason)
                cards.append(Card(address: address, uuid: "", model: "", trouble: trouble))
            }
            cards.sort { $0.address < $1.address }
            defer { content.cards = cards }
            return cards != content.cards
        }
    }

    /// Notes an Xid; true where that changes what is granted.
    func note(_ xid: UInt64, of address: String, _ instance: UInt32?) -> Bool {
        content.withLock { $0.xids.note(xid, of: address, instance) }
    }

    var units: [Unit] {
        content.withLock { content in content.cards.flatMap { $0.units(content.xids) } }
    }

    /// What CUDA_VISIBLE_DEVICES takes for these units. A GPU that is cut into parts is used by its parts.
    func visible(_ units: [String]) throws -> String {
        try content.withLock { content in
            try units.flatMap { unit -> [String] in
                if let card = content.cards.first(where: { $0.address == unit }) {
                    return card.parts.isEmpty ? [card.uuid] : card.parts.map(\.uuid)
                }
                guard content.cards.contains(where: { card in card.parts.contains { $0.uuid == unit } }) else {
                    throw Failure("there is no GPU \(unit)")
                }
                return [unit]
            }.joined(separator: ",")
        }
    }
}
