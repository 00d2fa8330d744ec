internal import CSystemd

/// A message of D-Bus, written or read from its beginning to its end.
final class BusMessage {
    let handle: OpaquePointer
    /// What an error says was tried.
    private let tried: String

    /// - Parameter handle: a message whose reference this takes over
    init(owning handle: OpaquePointer, _ tried: String) {
        self.handle = handle
        self.tried = tried
    }

    deinit { sd_bus_message_unref(handle) }

    /// Throws where a function of libsystemd did not do it.
    private func check(_ answer: Int32) throws(ScopeError) {
        if answer < 0 { throw ScopeError(tried, answer: answer) }
    }
}

/// Writing. The letters are the types of D-Bus: sd_bus_message_append(3).
extension BusMessage {
    /// Writes a string.
    func append(_ text: String) throws(ScopeError) {
        try check(text.withCString { sd_bus_message_append_basic(handle, letter("s"), $0) })
    }

    /// Writes a boolean.
    func append(_ flag: Bool) throws(ScopeError) {
        var value: Int32 = flag ? 1 : 0
        try check(sd_bus_message_append_basic(handle, letter("b"), &value))
    }

    /// Writes a number of 64 bits.
    func append(_ number: UInt64) throws(ScopeError) {
        var value = number
        try check(sd_bus_message_append_basic(handle, letter("t"), &value))
    }

    /// Writes an array of numbers of 32 bits.
    func append(_ numbers: [UInt32]) throws(ScopeError) {
        try check(
            numbers.withUnsafeBytes { sd_bus_message_append_array(handle, letter("u"), $0.baseAddress, $0.count) })
    }

    /// Writes what lies in an array, a structure or a variant.
    /// - Parameters:
    ///   - kind: `a`, `r` or `v`
    ///   - contents: the types of what lies in it
    func append(
        _ kind: Unicode.Scalar, of contents: String, _ body: () throws(ScopeError) -> Void = {}
    ) throws(ScopeError) {
        try check(sd_bus_message_open_container(handle, letter(kind), contents))
        try body()
        try check(sd_bus_message_close_container(handle))
    }

    /// Writes properties of a unit: `a(sv)`.
    func append(_ properties: [UnitProperty]) throws(ScopeError) {
        try append("a", of: "(sv)") { () throws(ScopeError) in
            for property in properties {
                try append("r", of: "sv") { () throws(ScopeError) in
                    try append(property.name)
                    try append("v", of: property.value.signature) { () throws(ScopeError) in
                        switch property.value {
                        case .text(let text): try append(text)
                        case .flag(let flag): try append(flag)
                        case .number(let number): try append(number)
                        case .processes(let processes): try append(processes)
                        }
                    }
                }
            }
        }
    }
}

/// Reading.
extension BusMessage {
    /// Reads a string, or with `o` the path of an object.
    func text(_ kind: Unicode.Scalar = "s") throws(ScopeError) -> String {
        var pointer: UnsafePointer<CChar>?
        try check(sd_bus_message_read_basic(handle, letter(kind), &pointer))
        return pointer.map { String(cString: $0) } ?? ""
    }

    /// Reads a boolean.
    func flag() throws(ScopeError) -> Bool {
        var value: Int32 = 0
        try check(sd_bus_message_read_basic(handle, letter("b"), &value))
        return value != 0
    }

    /// Goes into a variant with these contents.
    func enterVariant(of contents: String) throws(ScopeError) {
        let answer = sd_bus_message_enter_container(handle, letter("v"), contents)
        guard answer != 0 else { throw ScopeError("\(tried): the answer has no variant") }
        try check(answer)
    }
}

private func letter(_ kind: Unicode.Scalar) -> CChar { CChar(truncatingIfNeeded: kind.value) }
