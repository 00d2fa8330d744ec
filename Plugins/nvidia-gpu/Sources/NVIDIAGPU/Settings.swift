import BerthJSON
import BerthPluginKit

/// The plugin's section of the configuration.
struct Settings: Hashable, Sendable {
    var library = "libnvidia-ml.so.1"
    /// How often the devices are looked at, in seconds.
    var every = 10.0
    var ignoredXids = Xids.ofPrograms

    init(_ configuration: JSONObject) throws(JSONFieldError) {
        self = try JSONReader<Settings>.fields { fields throws(JSONFieldError) in
            var settings = Settings()
            if let library = try fields.optional("library", .string) { settings.library = library }
            if let every = try fields.optional("every", .number) { settings.every = min(max(every.double, 1), 86_400) }
            if let xids = try fields.optional("ignored_xids", .array(of: .int64)) {
                settings.ignoredXids = Set(xids.compactMap { UInt64(exactly: $0) })
            }
            return settings
        }.read(.object(configuration))
    }

    private init() {}
}
