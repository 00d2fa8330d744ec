package import BerthJSON

/// What the API asks of the agent's plugins.
package struct PluginCalls: Sendable {
    /// All of them, each an object.
    package var list: @Sendable () async -> JSONValue
    /// One with what it has written lately; nil where there is none of that name.
    package var one: @Sendable (_ name: String) async -> JSONValue?
    /// Starts one again; false where there is none of that name.
    package var reload: @Sendable (_ name: String) async -> Bool

    package init(
        list: @escaping @Sendable () async -> JSONValue, one: @escaping @Sendable (_ name: String) async -> JSONValue?,
        reload: @escaping @Sendable (_ name: String) async -> Bool
    ) {
        self.list = list
        self.one = one
        self.reload = reload
    }

    /// An agent without plugins.
    package static let none = PluginCalls(list: { [] }, one: { _ in nil }, reload: { _ in false })
}
