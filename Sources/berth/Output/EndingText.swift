/// Why a reservation ended, for people.
enum EndingText {
    /// A clause for the agent's word.
    static func clause(_ reason: String) -> String {
        switch reason {
        case "released": "it was released"
        case "last_process": "its last process has ended"
        case "never_attached": "no process came in time"
        case "lease": "its lease is over"
        case "preempted": "a request of higher priority took its place"
        case "out_of_memory": "it used more memory than it has"
        case "rebooted": "the host was started anew"
        case "enforcement": "what it holds could not be kept up"
        case "": "the agent does not say why"
        default: reason
        }
    }
}
