internal import BerthJSON

extension JSONObject {
    /// The members of a dictionary in the order of their names, so that the same is always written the same.
    init(sorted members: [String: JSONValue]) {
        self.init(members.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) })
    }

    /// The same of a dictionary of something else.
    init<Value>(_ members: [String: Value], _ json: (Value) -> JSONValue) {
        self.init(sorted: members.mapValues(json))
    }
}
