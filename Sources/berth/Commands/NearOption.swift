internal import BerthJSON
internal import BerthModel

/// What `--near` and `--apart` say: a reservation or labels, and how: `app=db,tier=1,unit,preferred`.
struct NearOption {
    /// As the API has it.
    let affinity: JSONObject

    init(_ text: String, _ option: String) throws(CommandFailure) {
        var affinity: JSONObject = [:]
        var labels: JSONObject = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            switch part {
            case "unit", "numa": affinity["by"] = .string(part)
            case "preferred": affinity["preferred"] = true
            case _ where part.contains("="):
                let (key, value) = try Assignment.split(
                    part, option, atLast: false, expected: "a label: app=db")
                labels[key] = .string(value)
            case _ where ReservationID(part) != nil: affinity["reservation"] = .string(part)
            default:
                throw CommandFailure(
                    "\(option) \(part.printable) is neither the id of a reservation nor a label such as app=db",
                    hint: "beside it may stand unit (share a GPU or an interface) and preferred: app=db,preferred",
                    status: 2)
            }
        }
        if !labels.isEmpty { affinity["labels"] = .object(labels) }
        guard (affinity["reservation"] == nil) != labels.isEmpty else {
            throw CommandFailure("\(option) \(text.printable) must name one reservation, or labels", status: 2)
        }
        self.affinity = affinity
    }
}
