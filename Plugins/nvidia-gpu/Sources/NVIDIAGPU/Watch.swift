import BerthJSON
import BerthPluginKit
import Synchronization

/// Looks at the GPUs again and again, and hears of their Xid errors meanwhile.
final class Watch: Sendable {
    private struct Content {
        var nvml: NVML?
        var events: NVML.EventSet?
        /// Which devices the events are of, with their PCI addresses.
        var devices: [NVML.Device: String] = [:]
        /// By the names of units.
        var units: [String: NVML.Device] = [:]
        /// Why there is no library, so that it is said once.
        var absence: String?
    }

    private let library: String
    private let board: Board
    private let content = Mutex(Content())

    init(_ library: String, _ board: Board) {
        self.library = library
        self.board = board
    }

    /// Looks now; true where what there is has changed.
    func look() -> Bool {
        guard let nvml = opened() else { return board.set([]) }
        let devices: [NVML.Device]
        do { devices = try nvml.devices().compactMap { $0 } } catch {
            // The driver may have been taken out and put in again: the library has to find it anew.
            print("the driver does not answer: \(error)")
            content.withLock { ($0.nvml, $0.events, $0.devices, $0.units) = (nil, nil, [:], [:]) }
            return board.set([])
        }
        var (cards, addresses, units): ([Card], [NVML.Device: String], [String: NVML.Device]) = ([], [:], [:])
        var silent: [String: String] = [:]
        let access = MIGAccess.current()
        for device in devices {
            do {
                let card = try Card(device, nvml, access)
                cards.append(card)
                addresses[device] = card.address
                units[card.address] = device
                for part in try nvml.parts(device) { units[try nvml.uuid(part)] = part }
            } catch {
                let reason = "the driver does not answer: \((error as? NVML.Refusal)?.text ?? "\(error)")"
                let address = try? nvml.address(device)
                print("of GPU \(address ?? "?") \(reason)")
                if let address { silent[address] = reason }
            }
        }
        listen(nvml, to: addresses)
        content.withLock { $0.units = units }
        return board.set(cards, silent: silent)
    }

    /// Hears of the Xid errors of these GPUs from now on. What could not be heard before is tried again.
    private func listen(_ nvml: NVML, to devices: [NVML.Device: String]) {
        let (former, known) = content.withLock { ($0.events, $0.devices) }
        guard former == nil || Set(devices.keys) != Set(known.keys) else { return }
        if let former { nvml.close(former) }
        let events = nvml.xids(of: Array(devices.keys))
        content.withLock { ($0.events, $0.devices) = (events, devices) }
    }

    /// Waits for so long, or for an Xid; true where what there is has changed.
    func wait(seconds: Double) async -> Bool {
        let (nvml, events, devices) = content.withLock { ($0.nvml, $0.events, $0.devices) }
        let deadline = ContinuousClock.now + .seconds(seconds)
        if let nvml, let events {
            while ContinuousClock.now < deadline, !Task.isCancelled {
                do {
                    guard let event = try nvml.wait(events, milliseconds: 500) else { continue }
                    guard let address = devices[event.device] else { continue }
                    print("Xid \(event.xid) of GPU \(address)")
                    if board.note(event.xid, of: address, event.instance) { return true }
                } catch {
                    // A driver that goes away says so at each call; the next look listens anew.
                    print("Xid errors are not heard: \((error as? NVML.Refusal)?.text ?? "\(error)")")
                    nvml.close(events)
                    content.withLock { $0.events = nil }
                    break
                }
            }
        }
        try? await Task.sleep(until: deadline)
        return look()
    }

    /// What units use, by name; those that do not answer are left out.
    func usage(of names: [String]) -> [String: JSONObject] {
        let (nvml, units) = content.withLock { ($0.nvml, $0.units) }
        guard let nvml else { return [:] }
        var usage: [String: JSONObject] = [:]
        for name in names {
            guard let device = units[name] else { continue }
            var facts: JSONObject = [:]
            if let busy = try? nvml.busy(device) {
                facts["utilization"] = .number(JSONNumber(Int64(busy), decimals: 2))
            }
            if let memory = try? nvml.memory(device) { facts["memory_bytes"] = JSONValue(Int64(clamping: memory.used)) }
            if let power = try? nvml.power(device) { facts["watts"] = .number(JSONNumber(Int64(power), decimals: 3)) }
            if let degrees = try? nvml.temperature(device) { facts["celsius"] = JSONValue(Int64(degrees)) }
            usage[name] = facts
        }
        return usage
    }

    private func opened() -> NVML? {
        if let nvml = content.withLock({ $0.nvml }) { return nvml }
        do {
            // Outside of the lock: the library may take as long as it likes.
            let nvml = try NVML(library)
            content.withLock { ($0.nvml, $0.absence) = (nvml, nil) }
            return nvml
        } catch {
            let reason = "\(error)"
            if content.withLock({ $0.absence }) != reason { print("no units: \(reason)") }
            content.withLock { $0.absence = reason }
            return nil
        }
    }
}
