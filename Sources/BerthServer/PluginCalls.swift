package import BerthJSON

/// What the API asks of the agent's plugins.
package struct PluginCalls: Sendable {
    /// All of them, each an object.
    package var list: @Sendable () async -> JSONValue
    /// One with what it has written lately; nil where there is none of that name.
    package var one: @Sendable (_ name: String) async -> JSONValue?
    /// Starts one again; false where there is none of that name.
    package var reload: @Sendable (_ name: String) async -> Bool
    /// Has one bring a type to so many units.
    package var scale: @Sendable (_ name: String, _ type: String, _ target: Int64) async -> Scaled

    /// What came of scaling.
    package enum Scaled: Hashable, Sendable {
        /// It was done, as far as the plugin could.
        case done
        /// There is no plugin of that name that is run.
        case unknown
        /// The plugin did not, and why.
        case failed(reason: String, hint: String?)
    }

    package init(
        list: @escaping @Sendable () async -> JSONValue, one: @escaping @Sendable (_ name: String) async -> JSONValue?,
        reload: @escaping @Sendable (_ name: String) async -> Bool,
        scale: @escaping @Sendable (_ name: String, _ type: String, _ target: Int64) async -> Scaled
    ) {
        self.list = list
        self.one = one
        self.reload = reload
        self.scale = scale
    }

    /// An agent without plugins.
    package static let none = PluginCalls(
        list: { [] }, one: { _ in nil }, reload: { _ in false }, scale: { _, _, _ in .unknown })
}
