public import BerthJSON

/// What a plugin begins with.
public struct Start: Sendable {
    /// The types that its manifest names; none for a validator.
    public var types: [String]
    /// The plugin's section of the agent's configuration; empty where it has none.
    public var configuration: JSONObject
    /// The folder that is the plugin's own, and stays over restarts; nil where it asked for none.
    public var state: String?
    /// What is held of this plugin's types.
    public var held: [Allocation]
    /// Tells the agent of changes.
    public var agent: AgentLine

    /// - Parameters:
    ///   - types: the types that the manifest names
    ///   - configuration: the plugin's section of the configuration
    ///   - state: the folder that is the plugin's own
    ///   - held: what is held of its types
    ///   - agent: tells the agent of changes
    public init(
        types: [String] = [], configuration: JSONObject = [:], state: String? = nil, held: [Allocation] = [],
        agent: AgentLine
    ) {
        self.types = types
        self.configuration = configuration
        self.state = state
        self.held = held
        self.agent = agent
    }
}

/// The way from a plugin to its agent, outside of answers. For any thread.
public final class AgentLine: Sendable {
    private let send: @Sendable ([UInt8]) -> Void

    /// - Parameter send: takes one message whole
    public init(_ send: @escaping @Sendable ([UInt8]) -> Void) { self.send = send }

    /// Says that what ``ResourceProvider/discover()`` answers has changed: the agent asks again.
    public func changed() { send(Array(JSONValue.object(["event": "changed"]).description.utf8)) }
}
