import BerthPluginKit
import Glibc

/// NVIDIA's management library, opened while the plugin runs: `nvml.h` of the CUDA toolkit has the calls.
final class NVML: Sendable {
    /// What a call answered, other than success: nvmlReturn_t.
    struct Refusal: Error, Hashable, Sendable {
        var code: Int32
        /// The code as the library says it.
        var text: String

        /// NVML_ERROR_GPU_IS_LOST: it fell off the bus, or has to be reset.
        var isLost: Bool { code == 15 }
        /// NVML_ERROR_NOT_SUPPORTED, and what the library does not have.
        var saysUnsupported: Bool { code == 3 }
    }

    /// nvmlDevice_t: a GPU, or a MIG device.
    struct Device: Hashable, Sendable {
        // A number, for it is nobody's to look into.
        fileprivate let number: UInt

        fileprivate init(_ handle: OpaquePointer) { number = UInt(bitPattern: handle) }

        fileprivate var handle: OpaquePointer? { OpaquePointer(bitPattern: number) }
    }

    /// An event of a set: nvmlEventData_t.
    struct Event: Hashable, Sendable {
        var device: Device
        /// The Xid.
        var xid: UInt64
        /// The GPU instance that it happened in; nil where it is the whole GPU's, or not known.
        var instance: UInt32?
    }

    private typealias Plain = @convention(c) () -> Int32
    private typealias NumberOut = @convention(c) (UnsafeMutablePointer<UInt32>) -> Int32
    private typealias DeviceAt = @convention(c) (UInt32, UnsafeMutablePointer<OpaquePointer?>) -> Int32
    private typealias PartAt = @convention(c) (OpaquePointer?, UInt32, UnsafeMutablePointer<OpaquePointer?>) -> Int32
    private typealias TextOf = @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>, UInt32) -> Int32
    private typealias BytesOf = @convention(c) (OpaquePointer?, UnsafeMutableRawPointer) -> Int32
    private typealias NumberOf = @convention(c) (OpaquePointer?, UnsafeMutablePointer<UInt32>) -> Int32
    private typealias PairOf =
        @convention(c) (OpaquePointer?, UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt32>) -> Int32
    private typealias SensorOf = @convention(c) (OpaquePointer?, UInt32, UnsafeMutablePointer<UInt32>) -> Int32
    private typealias ErrorsOf = @convention(c) (OpaquePointer?, UInt32, UInt32, UnsafeMutablePointer<UInt64>) -> Int32
    private typealias FourOf =
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt32>,
            UnsafeMutablePointer<UInt32>
        ) -> Int32
    private typealias SetOut = @convention(c) (UnsafeMutablePointer<OpaquePointer?>) -> Int32
    private typealias Register = @convention(c) (OpaquePointer?, UInt64, OpaquePointer?) -> Int32
    private typealias Forget = @convention(c) (OpaquePointer?) -> Int32
    private typealias WaitFor = @convention(c) (OpaquePointer?, UnsafeMutableRawPointer, UInt32) -> Int32
    private typealias TextFor = @convention(c) (Int32) -> UnsafePointer<CChar>?

    // Never closed: the driver's library keeps threads of its own.
    private let library: UInt

    /// Opens the library and has it find the driver.
    init(_ path: String) throws {
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw Failure("there is no NVML: \(dlerror().map { String(cString: $0) } ?? path)")
        }
        self.library = UInt(bitPattern: library)
        do { try call("nvmlInit_v2", Plain.self) { $0() } } catch let refusal as Refusal {
            throw Failure("NVML does not start: \(refusal.text)")
        }
    }

    /// Makes one call; one that the library does not have is answered as not supported.
    private func call<Function>(_ name: String, _ type: Function.Type, _ body: (Function) -> Int32) throws {
        guard let symbol = symbol(name) else { throw Refusal(code: 3, text: "\(name) is missing") }
        let code = body(unsafeBitCast(symbol, to: type))
        guard code == 0 else { throw Refusal(code: code, text: text(code)) }
    }

    private func symbol(_ name: String) -> UnsafeMutableRawPointer? {
        dlsym(UnsafeMutableRawPointer(bitPattern: library), name)
    }

    private func text(_ code: Int32) -> String {
        guard let symbol = symbol("nvmlErrorString") else { return "error \(code)" }
        return unsafeBitCast(symbol, to: TextFor.self)(code).map { String(cString: $0) } ?? "error \(code)"
    }
}

// MARK: - Which there are

extension NVML {
    /// Every GPU; nil in the place of one that does not answer.
    func devices() throws -> [Device?] {
        var count: UInt32 = 0
        try call("nvmlDeviceGetCount_v2", NumberOut.self) { $0(&count) }
        return (0..<count).map { index in
            var handle: OpaquePointer?
            try? call("nvmlDeviceGetHandleByIndex_v2", DeviceAt.self) { $0(index, &handle) }
            return handle.map(Device.init)
        }
    }

    /// The PCI address as the kernel writes it: nvmlPciInfo_t has it after 36 bytes, with a domain of eight digits.
    func address(_ device: Device) throws -> String {
        var info = [UInt8](repeating: 0, count: 256)
        try call("nvmlDeviceGetPciInfo_v3", BytesOf.self) { $0(device.handle, &info) }
        return NVML.address(String(decoding: info[36..<68].prefix { $0 != 0 }, as: UTF8.self))
    }

    /// NVML writes the domain in eight digits, the kernel in at least four: `00000000:17:00.0` is `0000:17:00.0`.
    static func address(_ text: String) -> String {
        let text = text.lowercased()
        let domain = text.prefix { $0 != ":" }
        let digits = domain.drop { $0 == "0" }
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + text[domain.endIndex...]
    }

    /// The number of its device file: 0 is `/dev/nvidia0`; nil where it is not known.
    func minor(_ device: Device) -> UInt32? {
        var minor: UInt32 = 0
        do { try call("nvmlDeviceGetMinorNumber", NumberOf.self) { $0(device.handle, &minor) } } catch { return nil }
        return minor
    }

    /// `GPU-…` or `MIG-…`: what CUDA_VISIBLE_DEVICES takes.
    func uuid(_ device: Device) throws -> String { try text("nvmlDeviceGetUUID", of: device) }

    /// The product's name; a MIG device's ends in its profile.
    func name(_ device: Device) throws -> String { try text("nvmlDeviceGetName", of: device) }

    private func text(_ name: String, of device: Device) throws -> String {
        var text = [CChar](repeating: 0, count: 256)
        try call(name, TextOf.self) { $0(device.handle, &text, UInt32(text.count)) }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The MIG devices of a GPU; none where it has none, or cannot have any.
    /// - Throws: where that is not known: a GPU that is cut must not be taken for a whole one
    func parts(_ device: Device) throws -> [Device] {
        var (current, pending, most): (UInt32, UInt32, UInt32) = (0, 0, 0)
        do { try call("nvmlDeviceGetMigMode", PairOf.self) { $0(device.handle, &current, &pending) } } catch let refusal
            as Refusal
        {
            guard refusal.saysUnsupported else { throw refusal }
        }
        guard current == 1 else { return [] }
        try call("nvmlDeviceGetMaxMigDeviceCount", NumberOf.self) { $0(device.handle, &most) }
        return try (0..<min(most, 64)).compactMap { index in
            var handle: OpaquePointer?
            do {
                try call("nvmlDeviceGetMigDeviceHandleByIndex", PartAt.self) { $0(device.handle, index, &handle) }
            } catch let refusal as Refusal where refusal.code == 6 {
                // NVML_ERROR_NOT_FOUND: no device has this number.
                return nil
            }
            return handle.map(Device.init)
        }
    }

    /// The GPU instance that a MIG device is in; nil where it is not known.
    func instance(_ part: Device) -> UInt32? {
        var number: UInt32 = 0
        do { try call("nvmlDeviceGetGpuInstanceId", NumberOf.self) { $0(part.handle, &number) } } catch { return nil }
        return number
    }

    /// The number of a MIG device's compute instance in its GPU instance; nil where it is not known.
    func computeInstance(_ part: Device) -> UInt32? {
        var number: UInt32 = 0
        do { try call("nvmlDeviceGetComputeInstanceId", NumberOf.self) { $0(part.handle, &number) } } catch {
            return nil
        }
        return number
    }
}

// MARK: - How they are

extension NVML {
    /// Memory in bytes, all of it and what is in use: nvmlMemory_v2_t, which does not count what the driver keeps for itself
    /// as used; nvmlMemory_t where the driver is older.
    func memory(_ device: Device) throws -> (total: UInt64, used: UInt64) {
        // The first is its own size and version.
        var second: [UInt64] = [40 | 2 << 24, 0, 0, 0, 0]
        do {
            try call("nvmlDeviceGetMemoryInfo_v2", BytesOf.self) { $0(device.handle, &second) }
            return (second[1], second[4])
        } catch let refusal as Refusal {
            guard !refusal.isLost else { throw refusal }
        }
        var memory: [UInt64] = [0, 0, 0]
        try call("nvmlDeviceGetMemoryInfo", BytesOf.self) { $0(device.handle, &memory) }
        return (memory[0], memory[2])
    }

    /// All of its memory in bytes; nil where it counts none of its own.
    func totalMemory(_ device: Device) throws -> UInt64? {
        do { return try memory(device).total } catch let refusal as Refusal {
            guard !refusal.isLost else { throw refusal }
            return nil
        }
    }

    /// The part of the last moment in which something was computed, in percent: nvmlUtilization_t.
    func busy(_ device: Device) throws -> UInt32 {
        var rates: [UInt32] = [0, 0]
        try call("nvmlDeviceGetUtilizationRates", BytesOf.self) { $0(device.handle, &rates) }
        return rates[0]
    }

    /// Power that it draws, in milliwatts.
    func power(_ device: Device) throws -> UInt32 {
        var power: UInt32 = 0
        try call("nvmlDeviceGetPowerUsage", NumberOf.self) { $0(device.handle, &power) }
        return power
    }

    /// Its temperature in degrees Celsius.
    func temperature(_ device: Device) throws -> UInt32 {
        var degrees: UInt32 = 0
        try call("nvmlDeviceGetTemperature", SensorOf.self) { $0(device.handle, 0, &degrees) }
        return degrees
    }

    /// Errors of its memory since the driver was loaded that were not mended; nil where nothing counts them.
    func unmendedErrors(_ device: Device) throws -> UInt64? {
        var count: UInt64 = 0
        do {
            // NVML_MEMORY_ERROR_TYPE_UNCORRECTED, NVML_VOLATILE_ECC
            try call("nvmlDeviceGetTotalEccErrors", ErrorsOf.self) { $0(device.handle, 1, 0, &count) }
        } catch let refusal as Refusal {
            guard !refusal.isLost else { throw refusal }
            return nil
        }
        return count
    }

    /// Whether rows of its memory wait for a reset to be replaced, and whether that has failed.
    func remapping(_ device: Device) -> (isPending: Bool, hasFailed: Bool) {
        var (corrected, uncorrected, pending, failed): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
        try? call("nvmlDeviceGetRemappedRows", FourOf.self) {
            $0(device.handle, &corrected, &uncorrected, &pending, &failed)
        }
        return (pending != 0, failed != 0)
    }
}

// MARK: - What happens to them

extension NVML {
    /// A set of events to wait at.
    struct EventSet: Hashable, Sendable {
        fileprivate let number: UInt

        fileprivate var handle: OpaquePointer? { OpaquePointer(bitPattern: number) }
    }

    /// A set of the Xid errors of these GPUs; nil where none of them tells any.
    func xids(of devices: [Device]) -> EventSet? {
        var handle: OpaquePointer?
        try? call("nvmlEventSetCreate", SetOut.self) { $0(&handle) }
        guard let handle else { return nil }
        let set = EventSet(number: UInt(bitPattern: handle))
        let registered = devices.filter { device in
            do {
                // nvmlEventTypeXidCriticalError
                try call("nvmlDeviceRegisterEvents", Register.self) { $0(device.handle, 8, handle) }
                return true
            } catch {
                let name = (try? address(device)) ?? "?"
                print("Xid errors of GPU \(name) are not heard: \((error as? Refusal)?.text ?? "\(error)")")
                return false
            }
        }
        guard registered.isEmpty else { return set }
        close(set)
        return nil
    }

    /// Forgets a set.
    func close(_ set: EventSet) {
        try? call("nvmlEventSetFree", Forget.self) { $0(set.handle) }
    }

    /// The next event; nil where none comes in time.
    func wait(_ set: EventSet, milliseconds: UInt32) throws -> Event? {
        // nvmlEventData_t: a pointer, the type and the data of eight bytes each, two instances of four.
        var data: [UInt64] = [0, 0, 0, 0]
        do {
            try call("nvmlEventSetWait_v2", WaitFor.self) { $0(set.handle, &data, milliseconds) }
        } catch let refusal as Refusal where refusal.code == 10 {
            return nil
        }
        guard let handle = OpaquePointer(bitPattern: UInt(data[0])) else { return nil }
        let instance = UInt32(truncatingIfNeeded: data[3])
        return Event(device: Device(handle), xid: data[2], instance: instance == .max ? nil : instance)
    }
}
