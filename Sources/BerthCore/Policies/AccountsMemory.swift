package import BerthJSON
package import BerthModel

extension Accounts {
    /// What no present reservation tells: what a snapshot must carry.
    package struct Memory: Hashable, Sendable {
        /// What was remembered.
        package var accounting: Accounting
        var entries: [Subject: Entry]

        struct Entry: Hashable, Sendable {
            var at: Int64
            var average: Double
            var used: [Int64: Amounts]
        }
    }

    /// What must be kept beside the reservations.
    package var memory: Memory {
        var entries: [Subject: Memory.Entry] = [:]
        for subject in subjects {
            guard let account = self[subject] else { continue }
            entries[subject] = Memory.Entry(at: account.at, average: account.average, used: account.used)
        }
        return Memory(accounting: accounting, entries: entries)
    }
}

extension Accounts.Memory {
    /// The memory as the ledger keeps it. Fractions are texts, so that not a bit of them is lost.
    package var stored: JSONValue {
        let accounts = entries.map { subject, entry -> JSONValue in
            var object: JSONObject = [:]
            object["pool"] = subject.pool.map { .string($0.text) }
            switch subject.anywhere {
            case .user(let user): object["user"] = JSONValue(Int64(user))
            case .group(let name?): object["group"] = .string(name)
            case .group(nil), .within: object["others"] = true
            case .workflow(let name): object["workflow"] = .string(name)
            }
            object["at_ms"] = JSONValue(entry.at)
            object["average"] = .string(String(entry.average))
            if !entry.used.isEmpty {
                object["used"] = .array(
                    entry.used.sorted { $0.key < $1.key }.map { period, amounts in
                        ["period_ms": JSONValue(period), "amounts": amounts.stored]
                    })
            }
            return .object(object)
        }
        return ["accounting": accounting.stored, "accounts": .array(accounts)]
    }

    /// Reads what ``stored`` prints.
    package static var storedReader: JSONReader<Accounts.Memory> {
        .fields { fields throws(JSONFieldError) in
            let accounting = try fields.required("accounting", Accounting.storedReader)
            let accounts = try fields.required("accounts", .array(of: .account))
            return Accounts.Memory(
                accounting: accounting, entries: Dictionary(accounts, uniquingKeysWith: { first, _ in first }))
        }
    }
}

extension Amounts {
    /// By type, in units that may be more than a number of JSON holds exactly.
    fileprivate var stored: JSONValue {
        .object(JSONObject(parts.map { ($0.type.name, .string(String($0.units))) }))
    }

    fileprivate static var storedReader: JSONReader<Amounts> {
        JSONReader(expecting: "amounts by type") { value throws(JSONFieldError) in
            var amounts = Amounts()
            for (name, text) in try JSONReader<[String: String]>.dictionary(of: .string).read(value) {
                guard let type = ResourceType(name), let units = Int128(text) else {
                    throw .invalid("are no amounts by type")
                }
                amounts.add(units, of: type)
            }
            return amounts
        }
    }
}

extension JSONReader where Value == (Subject, Accounts.Memory.Entry) {
    fileprivate static var account: JSONReader {
        .fields { fields throws(JSONFieldError) in
            let user = try fields.optional("user", .int64).flatMap { UInt32(exactly: $0) }
            let workflow = try fields.optional("workflow", .string)
            let group = try fields.optional("group", .string)
            _ = try fields.optional("others", .bool)
            let pool = try fields.optional("pool", .poolName)
            let used = try fields.optional("used", .array(of: .used)) ?? []
            guard let average = Double(try fields.required("average", .string)), average.isFinite else {
                throw fields.invalid("average", "is no number")
            }
            let entry = Accounts.Memory.Entry(
                at: try fields.required("at_ms", .int64), average: average,
                used: Dictionary(used, uniquingKeysWith: { first, _ in first }))
            let subject = user.map { Subject.user($0) } ?? workflow.map { .workflow($0) } ?? .group(group)
            return (subject.within(pool), entry)
        }
    }
}

extension JSONReader where Value == (Int64, Amounts) {
    fileprivate static var used: JSONReader {
        .fields { fields throws(JSONFieldError) in
            (try fields.required("period_ms", .int64), try fields.required("amounts", Amounts.storedReader))
        }
    }
}
