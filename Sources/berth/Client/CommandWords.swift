/// The agent's sentences say what to do in members of a request. On the command line the same is an option.
enum CommandWords {
    /// What the agent says, and what a person types. Each is long enough to be nobody's own text.
    private static let phrases: [(agent: String, person: String)] = [
        (#"say "size": 4"#, "say --size 4"), (#"say "force": true"#, "say --force"),
        (#"say "wait": "10m""#, "say --wait 10m"),
        (#"how long to "wait""#, "how long to wait: --wait 10m"), (#"a longer "wait""#, "a longer --wait"),
        (#"or "wait" longer"#, "or a longer --wait"),
        (#"renew it with a "lease" that"#, "renew it with a --lease that"),
        (#"or a "lease" short"#, "or a --lease short"), ("say ?drain=true", "say --drain"),
        (#"say a "lease" that"#, "say a --lease that"), (#"or "wait" until"#, "or --wait 10h until"),
        (#"so "wait" helps only with a "lease""#, "so --wait helps only with a --lease"),
        (#"another "start""#, "another --start"), (#"{"cpu": "all"}"#, "--type cpu"),
        (#"{"memory": "all"}"#, "--type memory"), (#"{"pids": "all"}"#, "--type pids"),
        (#""wait" until it is over, or"#, "--wait 10h until it is over, or"),
        (#"whole cores with "exclusive": true"#, "whole cores with --exclusive-cpu"),
        (#"leave out "enforce""#, "leave out --enforce"),
        (#"the request has "enforce": "required""#, "the request has --enforce"),
        (#"say "preferred": true"#, "say ,preferred behind it"), (#"say "by": "numa""#, "leave out ,unit"),
        (#"for memory with "where": {"numa": ">=0"}"#, "for memory with --where 'memory.numa>=0'"),
    ]

    /// The sentence in the words of the command line.
    static func text(_ sentence: String) -> String {
        phrases.reduce(sentence) { text, phrase in
            text.contains("\"") || text.contains("?") ? text.replacing(phrase.agent, with: phrase.person) : text
        }
    }
}
