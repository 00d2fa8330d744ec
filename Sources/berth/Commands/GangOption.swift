internal import BerthJSON

/// What `--gang` says: a gang of so many requests, `train:4`.
struct GangOption {
    /// As the API has it.
    let gang: JSONObject

    init(_ text: String) throws(CommandFailure) {
        guard let colon = text.lastIndex(of: ":"), colon != text.startIndex,
            let size = Int64(text[text.index(after: colon)...])
        else {
            throw CommandFailure(
                "--gang \(text.printable) is no gang and its size", hint: "say how many requests it is: train:4",
                status: 2)
        }
        gang = ["id": .string(String(text[..<colon])), "size": JSONValue(size)]
    }
}
