internal import BerthCore
internal import BerthJSON
internal import BerthModel

/// What is told of one reservation, or of one request.
extension Problem {
    static func pending(_ id: ReservationID) -> Problem {
        Problem(
            .pending, "reservation \(id) waits, and holds nothing yet",
            hint: "ask for it with ?wait=10m to be answered when its turn has come")
    }

    static func preempted(_ id: ReservationID) -> Problem {
        Problem(
            .preempted, "reservation \(id) has to go for one of higher priority",
            hint: "save what is to be kept: it ends at the `ends_at` of its preemption")
    }

    /// - Parameter count: how many wait before it
    static func wouldDelay(_ count: Int, for asker: Asker) -> Problem {
        guard count > 0 else {
            return Problem(
                .wouldDelay, "there is room for this only now", hint: "ask again", members: ["waiting": 0])
        }
        return Problem(
            .wouldDelay,
            "there is room for this, and it would be taken from those who wait before it: \(count) in the queue",
            hint: asker.hint(
                toWait:
                    "say \"wait\": \"10m\" to wait in turn, or a \"lease\" short enough to be over before theirs begins",
                whileWaiting: "its turn comes; with a \"lease\" that is over before theirs begins it may begin sooner"),
            members: ["waiting": JSONValue(count)])
    }

    /// - Parameter count: how many wait before it
    static func wouldKeepWaiting(_ count: Int) -> Problem {
        Problem(
            .wouldDelay,
            "it was let past others because it would be over by then, and held for so long it would delay those who wait "
                + "before it: \(count) in the queue",
            hint: "renew it for less, or let it end and ask anew with a \"wait\"",
            members: ["waiting": JSONValue(count)])
    }

    static func keyReused(_ key: String) -> Problem {
        Problem(
            .keyReused, "the key \(JSONValue.string(key).excerpt) was used for another body",
            parameter: "Idempotency-Key", hint: "use a new key for a new request")
    }

    static func unenforceable(_ receipts: [Receipt]) -> Problem {
        Problem(
            .unenforceable, "the request has \"enforce\": \"required\", and the host cannot enforce all of it",
            hint: "see the receipts; leave out \"enforce\" to be held as far as the host can",
            members: ["receipts": .array(receipts.map(\.json))])
    }

    static func enforcement(_ reason: String, _ receipts: [Receipt]) -> Problem {
        Problem(
            .enforcement, reason, hint: "nothing was changed; `berth doctor` tells what this host can enforce",
            members: ["receipts": .array(receipts.map(\.json))])
    }

    static func provider(_ type: ResourceType, _ reason: String, _ hint: String?) -> Problem {
        Problem(
            .provider, "the plugin of \(type): \(reason)",
            pointer: JSONPointer(["resources", type.name]).description, hint: hint)
    }

    static func inUse(_ type: ResourceType, _ used: Quantity, _ asked: Quantity) -> Problem {
        let text = type.measure.text
        return Problem(
            .inUse, "\(text(used)) of \(type) are in use, more than the \(text(asked)) asked for",
            pointer: JSONPointer(["resources", type.name]).description,
            hint: "ask for at least what is in use, or say \"force\": true, by which processes may be killed",
            members: ["used": type.measure.json(used), "asked": type.measure.json(asked)])
    }
}

/// What is told of a pool.
extension Problem {
    static func poolDenied(_ pool: PoolName) -> Problem {
        Problem(
            .poolDenied, "the pool \(pool) is for others", pointer: "/pool",
            hint: "ask the administrator to name your user or group among those that may use it")
    }

    static func unknownPool(_ pool: PoolName) -> Problem {
        Problem(.invalid, "there is no pool \(pool) that takes anybody", pointer: "/pool", hint: "see `berth pools`")
    }

    static func poolConfigured(_ pool: PoolName) -> Problem {
        Problem(
            .poolConfigured, "the pool \(pool) is one of the configuration",
            hint: "change it under \"pools\" in the configuration, and have the agent read that again")
    }

    static func poolInUse(_ pool: PoolName, _ count: Int) -> Problem {
        Problem(
            .inUse, "the pool \(pool) holds reservations, or some wait for it: \(count)",
            hint: "move or release them, or say ?drain=true to have it go with the last")
    }
}

/// What is told of a maintenance window.
extension Problem {
    static func windowExists(_ id: String) -> Problem {
        Problem(.invalid, "there is a maintenance \(id) already", pointer: "/id", hint: "give it another name")
    }

    static func windowConfigured(_ id: String) -> Problem {
        Problem(
            .invalid, "the maintenance \(id) is one of the configuration's",
            hint: "take it out of berth.yaml and reload berthd")
    }

    static func windowUnknown(_ id: String) -> Problem {
        Problem(
            .unknown, "there is no maintenance \(JSONValue.string(id).excerpt)",
            hint: "berth maintenance list shows them")
    }
}
