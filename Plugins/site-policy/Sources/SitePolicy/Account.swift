import BerthJSON
import BerthPluginKit
import Glibc

/// Users and groups by name or number.
enum Account {
    static func user(_ value: JSONValue) throws -> Int64 {
        try number(value, "user") { name in getpwnam(name).map { Int64($0.pointee.pw_uid) } }
    }

    static func group(_ value: JSONValue) throws -> Int64 {
        try number(value, "group") { name in getgrnam(name).map { Int64($0.pointee.gr_gid) } }
    }

    private static func number(_ value: JSONValue, _ noun: String, _ find: (String) -> Int64?) throws -> Int64 {
        switch value {
        case .number(let number):
            if let number = number.int64 { return number }
        case .string(let name):
            if let number = Int64(name) ?? find(name) { return number }
        default: break
        }
        throw Failure(
            "there is no \(noun) \(value)",
            hint: "name one of /etc/\(noun == "user" ? "passwd" : "group"), or its number")
    }
}
