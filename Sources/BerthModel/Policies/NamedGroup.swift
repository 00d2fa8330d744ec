/// A group of the host whose members count together.
package struct NamedGroup: Hashable, Sendable {
    /// The name as it was said: accounts go by it.
    package var name: String
    /// The number that the host had for it when it was said.
    package var number: UInt32

    package init(name: String, number: UInt32) {
        self.name = name
        self.number = number
    }
}
