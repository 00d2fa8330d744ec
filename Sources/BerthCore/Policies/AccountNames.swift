package import BerthJSON

/// How a configuration's names of users and groups become numbers: those of the host for the agent, those of a trace for a
/// simulation.
package struct AccountNames {
    /// The number of a user, by name or as a number itself; nil where there is no such user.
    package let findUser: (String) -> UInt32?
    /// The number of a group; nil where there is no such group.
    package let findGroup: (String) -> UInt32?

    package init(user: @escaping (String) -> UInt32?, group: @escaping (String) -> UInt32?) {
        findUser = user
        findGroup = group
    }

    /// Takes every name for that of an account.
    package static var any: AccountNames { AccountNames(user: { _ in 0 }, group: { _ in 0 }) }

    /// Reads a user, by name or number.
    package var user: JSONReader<UInt32> { AccountNames.account("user", findUser) }

    /// Reads a group, by name or number.
    package var group: JSONReader<UInt32> { AccountNames.account("group", findGroup) }

    /// Reads the name or number of a group that there is, as it is written.
    package var groupName: JSONReader<String> {
        JSONReader(expecting: group.expected) { value throws(JSONFieldError) in
            _ = try group.read(value)
            return try AccountNames.text(value, "group")
        }
    }

    private static func account(_ noun: String, _ find: @escaping (String) -> UInt32?) -> JSONReader<UInt32> {
        JSONReader(expecting: "the name or number of a \(noun)") { value throws(JSONFieldError) in
            guard let number = find(try text(value, noun)) else { throw .invalid("is no \(noun) of this host") }
            return number
        }
    }

    private static func text(_ value: JSONValue, _ noun: String) throws(JSONFieldError) -> String {
        switch value {
        case .string(let text): text
        case .number(let number): number.lexeme
        default: throw .wrongType(expected: "the name or number of a \(noun)", found: value)
        }
    }
}
