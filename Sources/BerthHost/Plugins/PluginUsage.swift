internal import BerthJSON
internal import BerthPluginKit

/// What a provider says that reservations use, held to what anybody wants to read.
struct PluginUsage {
    /// The most bytes of what is said of one reservation, and how deep it may be.
    static let longest = 16_384
    static let deepest = 8

    private let usage: [String: JSONObject]

    /// Reads the answer to `usage`.
    init(_ answer: JSONValue) throws(PluginSupervisor.CallFailure) {
        do throws(JSONFieldError) {
            usage = try JSONReader<[String: JSONObject]>.fields { fields throws(JSONFieldError) in
                try fields.required("usage", .dictionary(of: .object))
            }.read(answer)
        } catch {
            throw .failed(Failure("its answer to usage makes no sense: \("\(error)".excerpt)"))
        }
    }

    /// What one reservation uses; nil where nothing is said of it, or too much.
    subscript(reservation: String) -> JSONObject? {
        guard let object = usage[reservation], JSONValue.object(object).depth <= PluginUsage.deepest,
            JSONValue.object(object).description.utf8.count <= PluginUsage.longest
        else { return nil }
        return object
    }
}
