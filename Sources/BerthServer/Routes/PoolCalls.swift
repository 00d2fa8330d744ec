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
        guard let name = PoolName(String(call.id)) else { throw .unknownPool(String(call.id)) }
        let peer = call.connection.peer
        let pool = call.method == .put ? try call.read(Pool.reader(name)) : nil
        do throws(AgentError) {
            if let pool { return Reply(try await agent.setPool(pool, by: peer).json) }
            guard call.method == .delete else { return Reply(try await agent.pool(name, for: peer).json) }
            return Reply(try await agent.removePool(name, drain: call.query["drain"] == "true", by: peer).json)
        } catch {
            if case .refused(.unknownPool(let name)) = error { throw .unknownPool(name.text) }
            throw Problem(error)
        }
    }
}

extension Problem {
    /// No pool of this name.
    fileprivate static func unknownPool(_ name: String) -> Problem {
        Problem(.unknown, "there is no pool \(JSONValue.string(name).excerpt)", hint: "see GET /v1/pools")
    }
}
