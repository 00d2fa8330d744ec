internal import BerthAgent
internal import BerthCore
internal import BerthJSON
internal import BerthModel
internal import HTTPTypes

/// The calls about pools.
extension API {
    /// `GET /v1/pools`
    func pools(_ call: Call) async throws(Problem) -> Reply {
        do throws(AgentError) {
            return Reply(["pools": .array(try await agent.pools(for: call.connection.peer).map(\.json))])
        } catch {
            throw Problem(error)
        }
    }

    /// `GET`, `PUT` and `DELETE /v1/pools/{name}`
    func pool(_ call: Call) async throws(Problem) -> Reply {
        guard let name = PoolName(call.id) else {
            throw Problem(
                .unknown, "\(JSONValue.string(call.id).excerpt) is no name of a pool",
                expected: "1 to 64 of A-Z, a-z, 0-9, \".\", \"_\" and \"-\"")
        }
        let peer = call.connection.peer
        let drain = try call.query["drain"].map { (text) throws(Problem) in
            if let drain = Bool(text) { return drain }
            throw Problem(
                .invalid, "\(JSONValue.string(text).excerpt) is not whether to drain", parameter: "drain",
                expected: "true or false")
        }
        let pool = call.method == .put ? try call.read(Pool.reader(name, names)) : nil
        if call.method == .delete, name == .standard { throw .standardPool }
        do throws(AgentError) {
            if let pool { return Reply(try await agent.setPool(pool, by: peer).json) }
            guard call.method == .delete else { return Reply(try await agent.pool(name, for: peer).json) }
            return Reply(try await agent.removePool(name, drain: drain ?? false, by: peer).json)
        } catch {
            if case .refused(.unknownPool(let name)) = error { throw .unknownPool(name.text) }
            throw Problem(error)
        }
    }
}

extension Problem {
    /// No pool of this name.
    fileprivate static func unknownPool(_ name: String) -> Problem {
        Problem(.unknown, "there is no pool \(JSONValue.string(name).excerpt)", hint: "see `berth pools`")
    }

    /// The default pool has what no other has, so there is always one.
    fileprivate static var standardPool: Problem {
        Problem(
            .invalid, "the pool \(PoolName.standard) is always there, for what names no other",
            hint: "to take back what was said of it: `berth pools --set \(PoolName.standard) --max cpu=none`, or PUT {}"
        )
    }
}
