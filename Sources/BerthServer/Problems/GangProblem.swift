internal import BerthCore
internal import BerthJSON
internal import BerthModel

extension Problem {
    /// Why a request cannot be of its gang.
    init(_ refusal: GangRefusal) {
        switch refusal {
        case .mismatch(let gang, let pointer, let theirs):
            self.init(
                .gangMismatch, "the others of the gang \"\(gang.id)\" say \(theirs) here",
                pointer: pointer, expected: theirs,
                hint: "all of a gang have the same size, pool, priority and label \"workflow\"",
                members: ["gang": gang.json])
        case .full(let gang):
            self.init(
                .gangFull, "the gang \"\(gang.id)\" has all its \(gang.size) members, and not all of them are over",
                pointer: "/gang/id", hint: "use another id, or wait until all of them are over",
                members: ["gang": gang.json])
        case .elsewhere(let id, let barrier):
            self.init(
                .atBarrier, "reservation \(id) waits at the barrier \"\(barrier)\", which has not opened",
                pointer: "/reservation", hint: "arrive at one barrier after the other")
        case .waiting(let gang, let others):
            self.init(
                .gangIncomplete,
                "the gang \"\(gang.id)\" is granted all together or not at all, and "
                    + "\(others == 1 ? "1 other" : "\(others) others") of its \(gang.size) \(others == 1 ? "has" : "have") "
                    + "not asked yet",
                hint: "have all \(gang.size) ask while the first of them waits", members: ["gang": gang.json])
        case .incomplete(let gang):
            self.init(
                .gangIncomplete,
                "the gang \"\(gang.id)\" is granted all together or not at all, and it was not whole: fewer than "
                    + "\(gang.size) asked in time, or one of them could not be brought to hold what it was granted",
                hint: "have all \(gang.size) ask while the first of them waits, each with a longer \"wait\"",
                members: ["gang": gang.json])
        }
    }
}
