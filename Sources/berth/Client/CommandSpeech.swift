/// What a command says in other words than `berth reserve` does, where the agent names members of a body.
struct CommandSpeech {
    /// Members that it has as arguments: no option says them.
    var arguments: Set<String> = []
    /// Its own options, by the pointer of the member that they say; what is below that too.
    var options: [String: String] = [:]
    /// What helps it where something is short, promised to another or under maintenance; nil for what can wait in the queue.
    var instead: String?
    /// Whether it asks for a start: that does not wait, and the agent says what helps.
    var hasStart = false

    /// The option of its own by which a person says what stands at a place of the body; nil where it has none for it.
    func option(at pointer: String) -> String? {
        options[pointer]
            ?? options.filter { pointer.hasPrefix("\($0.key)/") }.max { $0.key.count < $1.key.count }?.value
    }
}
