internal import BerthAgent
internal import BerthCore
internal import BerthJSON
internal import BerthModel
internal import HTTPTypes
internal import NIOCore

/// The calls about reservations.
extension API {
    /// `POST /v1/reservations`
    func reserve(_ call: Call) async throws(Problem) -> Reply {
        var request = try call.read(ReservationRequest.reader)
        let retry = try call.retryKey()
        let isAsync = call.prefersAsync
        request.isDetached = isAsync || retry != nil
        let peer = request.attachesCaller ? await call.connection.peerWithProcess() : call.connection.peer
        var view: ReservationView
        var asker = Asker.now
        do throws(AgentError) {
            if !isAsync { try await agent.needToListen(peer, for: request) }
            view = try await agent.reserve(request, by: peer, retry: retry)
            if view.reservation.grantedAt == nil, !isAsync {
                asker = .waited
                view = try await turn(of: view.reservation.id, peer, call.connection)
            }
        } catch {
            throw Problem(error, for: asker)
        }
        let isPending = view.reservation.state == .pending
        var reply = Reply(view.json, status: isPending ? .accepted : .created)
        reply.headers[.location] = "/v1/reservations/\(view.reservation.id)"
        if isPending, let name = HTTPField.Name.preferenceApplied { reply.headers[name] = "respond-async" }
        return reply
    }

    /// Waits for the turn of a reservation as long as the client listens. When it has gone and nothing can bring it back to
    /// what it asked for, that is withdrawn.
    private func turn(
        of id: ReservationID, _ peer: Peer, _ connection: Connection
    ) async throws(AgentError) -> ReservationView {
        let agent = agent
        let result = await connection.wait { () async -> Result<ReservationView, AgentError> in
            do throws(AgentError) { return .success(try await agent.turn(of: id, for: peer)) } catch {
                return .failure(error)
            }
        }
        var isUnheard = connection.isOver
        // Others of its user began to wait in the same moment: this one is told that it may not.
        if case .failure(.refused(.overCap(.waits))) = result { isUnheard = true }
        if isUnheard { await agent.noteUnheard(id) }
        return try result.get()
    }

    /// `GET /v1/reservations`
    func reservations(_ call: Call) async throws(Problem) -> Reply {
        let state: Reservation.State?
        if let text = call.query["state"] {
            let states = Reservation.State.allCases.map(\.rawValue).joined(separator: ", ")
            state = Reservation.State(rawValue: text)
            if state == nil {
                throw Problem(
                    .invalid, "\(JSONValue.string(text).excerpt) is no state of a reservation", parameter: "state",
                    expected: "one of \(states)")
            }
        } else {
            state = nil
        }
        return try await API.aside { () throws(AgentError) in
            let views = try await self.agent.reservations(in: state, for: call.connection.peer)
            return Reply(["reservations": .array(views.map(\.json))])
        }
    }

    /// `GET /v1/reservations/{id}`
    func reservation(_ call: Call) async throws(Problem) -> Reply {
        let id = try call.reservation()
        let wait = try call.query["wait"].map { (text) throws(Problem) in try API.time(text, "wait", "a time to wait") }
        let (agent, peer) = (agent, call.connection.peer)
        do throws(AgentError) {
            let view = try await agent.reservation(id, for: peer)
            guard let wait, view.reservation.state == .pending else { return Reply(view.json) }
            try await agent.needToListen(peer)
            let time = TimeAmount.milliseconds(wait.milliseconds)
            _ = await call.connection.wait(atMost: time) { try? await agent.turn(of: id, for: peer) }
            return Reply(try await agent.reservation(id, for: peer).json)
        } catch {
            throw Problem(error)
        }
    }

    /// `PATCH /v1/reservations/{id}`
    func resize(_ call: Call) async throws(Problem) -> Reply {
        let id = try call.reservation()
        let (change, force, pool) = try call.read(.change)
        do throws(AgentError) {
            if let pool { return Reply(try await agent.move(id, to: pool, by: call.connection.peer).json) }
            return Reply(try await agent.resize(id, change, force: force, by: call.connection.peer).json)
        } catch {
            throw Problem(error, for: .holding)
        }
    }

    /// `DELETE /v1/reservations/{id}`
    func release(_ call: Call) async throws(Problem) -> Reply {
        let id = try call.reservation()
        let grace = try call.query["grace"].map { (text) throws(Problem) in
            try API.time(text, "grace", "a grace period")
        }
        do throws(AgentError) {
            return Reply(try await agent.release(id, grace: grace, by: call.connection.peer).json)
        } catch {
            throw Problem(error)
        }
    }

    /// No client can wait longer than this for an answer about what is there already.
    private static let longestTime: Duration = .seconds(3600)

    static func time(_ text: String, _ parameter: String, _ what: String) throws(Problem) -> Duration {
        if let time = try? Duration(parsing: text), time <= longestTime { return time }
        throw Problem(
            .invalid, "\(JSONValue.string(text).excerpt) is not \(what)", parameter: parameter,
            expected: "a duration of 0s to \(longestTime.text) in whole numbers, such as 10s or 1m30s")
    }

    /// `POST /v1/reservations/{id}/attach`
    func attach(_ call: Call) async throws(Problem) -> Reply {
        let id = try call.reservation()
        let pid = try call.read(.pid, empty: [:])
        let peer = pid == nil ? await call.connection.peerWithProcess() : call.connection.peer
        do throws(AgentError) {
            return Reply(try await agent.attach(pid, to: id, by: peer).json)
        } catch {
            throw Problem(error)
        }
    }

    /// `POST /v1/reservations/{id}/renew`
    func renew(_ call: Call) async throws(Problem) -> Reply {
        let id = try call.reservation()
        let lease = try call.read(.lease)
        do throws(AgentError) {
            return Reply(try await agent.renew(id, lease, by: call.connection.peer).json)
        } catch {
            throw Problem(error, for: .holding)
        }
    }

    /// `POST /v1/explain`
    func explain(_ call: Call) async throws(Problem) -> Reply {
        let request = try call.read(ReservationRequest.reader)
        do throws(AgentError) {
            let explanation = try await agent.explain(request, by: call.connection.peer)
            guard let json = explanation.json(at: await agent.now()) else {
                throw AgentError.unavailable("the agent knows nothing of its host yet")
            }
            return Reply(json)
        } catch {
            throw Problem(error)
        }
    }
}

extension JSONReader where Value == (change: ResourceChange, force: Bool, pool: PoolName?) {
    /// The body of `PATCH /v1/reservations/{id}`.
    fileprivate static var change: JSONReader {
        .fields { fields throws(JSONFieldError) in
            guard let pool = try fields.optional("pool", .poolName) else {
                return (
                    try fields.required("resources", ResourceChange.reader),
                    try fields.optional("force", .bool) ?? false, nil
                )
            }
            if fields.others.contains("resources") {
                throw fields.invalid("resources", "cannot be changed together with the pool", expected: "one at a time")
            }
            return (ResourceChange(parts: [], storage: []), false, pool)
        }
    }
}

extension JSONReader where Value == Int32? {
    /// The body of `POST /v1/reservations/{id}/attach`: nil is the caller itself.
    fileprivate static var pid: JSONReader {
        .fields { fields throws(JSONFieldError) in
            guard let number = try fields.optional("pid", .int64) else { return nil }
            guard let pid = Int32(exactly: number), pid > 0 else {
                throw fields.invalid("pid", "must be 1 to 2147483647, not \(number)", expected: "a process number")
            }
            return pid
        }
    }
}

extension JSONReader where Value == Duration {
    /// The body of `POST /v1/reservations/{id}/renew`.
    fileprivate static var lease: JSONReader {
        .fields { fields throws(JSONFieldError) in try fields.required("lease", .duration) }
    }
}
