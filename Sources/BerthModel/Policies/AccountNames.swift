public import BerthJSON

/// How names of users and groups become numbers: those of the host for the agent, those of a trace for a simulation.
package struct AccountNames: Sendable {
    /// The number of a user, by name or as a number itself; nil where there is no such user.
    package let findUser: @Sendable (String) -> UInt32?
    /// The number of a group; nil where there is no such group.
    package let findGroup: @Sendable (String) -> UInt32?

    package init(
        user: @escaping @Sendable (String) -> UInt32?, group: @escaping @Sendable (String) -> UInt32?
    ) {
        findUser = user
        findGroup = group
    }

    /// Knows no names, and takes every number.
    package static var numbers: AccountNames { AccountNames(user: { UInt32($0) }, group: { UInt32($0) }) }

    /// Takes every name for that of an account.
    package static var any: AccountNames { AccountNames(user: { _ in 0 }, group: { _ in 0 }) }

    /// Reads a user, by name or number.
    package var user: JSONReader<UInt32> { AccountNames.account("user", findUser) }

    /// Reads a group, by name or number.
    package var group: JSONReader<UInt32> { AccountNames.account("group", findGroup) }

    /// Reads a group, by name or number, and keeps what it is called.
    package var namedGroup: JSONReader<NamedGroup> {
        JSONReader(expecting: group.expected) { value throws(JSONFieldError) in
            NamedGroup(name: try AccountNames.text(value, "group"), number: try group.read(value))
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

extension JSONReader where Value == UInt32 {
    /// The number of a user or group.
    public static var accountNumber: JSONReader {
        JSONReader(expecting: "the number of a user or group") { value throws(JSONFieldError) in
            guard let number = UInt32(exactly: try JSONReader<Int64>.int64.read(value)) else {
                throw .invalid("is no number of a user or group")
            }
            return number
        }
    }
}
