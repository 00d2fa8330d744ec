internal import BerthModel

/// In what position somebody is who is told what is in the way, and by that what can be done.
enum Asker {
    /// Asks to have it now, and may wait instead.
    case now
    /// Waits for it already.
    case waiting
    /// Has waited as long as it said.
    case waited
    /// Holds something, and asks for more of it or to hold it longer: that never waits.
    case holding
    /// Asks to have it from a start on.
    case later(Timestamp)

    /// What helps beside less, where it passes by itself.
    func hint(toWait: String, whileWaiting: String) -> String {
        switch self {
        case .now: toWait
        case .waiting: whileWaiting
        case .waited: "ask for less, or \"wait\" longer"
        case .holding: "ask for less, or again when something was released"
        case .later: "ask for less, or for another \"start\""
        }
    }
}
