internal import BerthJSON
internal import BerthPluginABI

/// Makes a provider the one of this library:
/// ```swift
/// @c(berth_plugin_entry_v1) public func entry() -> UnsafeRawPointer? { export(Seats()) }
/// ```
public func export(_ provider: some ResourceProvider) -> UnsafeRawPointer? { table(ProviderPlugin(provider)) }

/// Makes a validator the one of this library.
public func export(_ validator: some Validator) -> UnsafeRawPointer? { table(ValidatorPlugin(validator)) }

/// What the host's pointers lead back to.
private final class Exported {
    let plugin: Plugin
    var agent = AgentLine { _ in }

    init(_ plugin: Plugin) { self.plugin = plugin }

    /// Answers one request in bytes.
    func answer(_ request: UnsafeRawBufferPointer) -> (status: Int, answer: JSONValue) {
        do {
            let limits = JSONLimits(maxBytes: Int(BERTH_PLUGIN_LONGEST))
            let message = try JSONValue(parsing: request, limits: limits)
            guard let call = try Call(reading: message), let answer = try plugin.answer(call, agent) else {
                return (BERTH_PLUGIN_UNKNOWN_CALL, [:])
            }
            return (BERTH_PLUGIN_OK, answer)
        } catch {
            return (BERTH_PLUGIN_FAILED, (error as? Failure ?? Failure("\(error)")).json)
        }
    }
}

/// Where the host takes messages; a function and its context, which the host keeps valid until the end.
private struct Sink: @unchecked Sendable {
    let take: berth_plugin_sink
    let context: UnsafeMutableRawPointer?

    func send(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { take(context, $0.baseAddress, $0.count) }
    }
}

private func table(_ plugin: Plugin) -> UnsafeRawPointer? {
    let table = UnsafeMutablePointer<berth_plugin_v1>.allocate(capacity: 1)
    table.initialize(
        to: berth_plugin_v1(
            magic: BERTH_PLUGIN_MAGIC, struct_size: UInt32(MemoryLayout<berth_plugin_v1>.size),
            abi_major: UInt16(BERTH_PLUGIN_ABI_MAJOR), abi_minor: UInt16(BERTH_PLUGIN_ABI_MINOR), reserved: 0,
            built_with: nil, context: Unmanaged.passRetained(Exported(plugin)).toOpaque(),
            start: { context, push, pushContext in
                guard let context, let push else { return }
                let sink = Sink(take: push, context: pushContext)
                Unmanaged<Exported>.fromOpaque(context).takeUnretainedValue().agent = AgentLine { sink.send($0) }
            },
            handle: { context, request, count, reply, replyContext in
                guard let context, let reply else { return Int32(BERTH_PLUGIN_FAILED) }
                let exported = Unmanaged<Exported>.fromOpaque(context).takeUnretainedValue()
                let (status, answer) = exported.answer(UnsafeRawBufferPointer(start: request, count: count))
                var bytes: [UInt8] = []
                answer.write(into: &bytes)
                Sink(take: reply, context: replyContext).send(bytes)
                return Int32(status)
            },
            shutdown: nil))
    return UnsafeRawPointer(table)
}
