internal import BerthJSON

/// What berth-plugin-host says when it has loaded the library.
struct PluginHello: Hashable, Sendable {
    /// What the host could not take away from the plugin here, as sentences.
    let open: [String]
    /// What the library was built with, as it says.
    let builtWith: String

    static var reader: JSONReader<PluginHello> {
        .fields { fields throws(JSONFieldError) in
            _ = try fields.required("abi_major", .int64)
            _ = try fields.required("abi_minor", .int64)
            return PluginHello(
                open: try fields.required("open", .array(of: .string)),
                builtWith: try fields.required("built_with", .string))
        }
    }
}
