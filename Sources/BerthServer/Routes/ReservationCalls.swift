internal import BerthAgent
internal import BerthCore
internal import BerthJSON
internal import BerthModel
internal import HTTPTypes

/// The calls about reservations.
extension API {
    /// `POST /v1/reservations`
    func reserve(_ call: Call) async throws(Problem) -> Reply {
        let request = try call.read(ReservationRequest.reader)
        let retry = try call.retryKey()
        let peer = request.attachesCaller ? await call.connection.peerWithProcess() : call.connection.peer
        let view: ReservationView
        do throws(AgentError) {
            view = try await agent.reserve(request, by: peer, retry: retry)
        } catch {
            throw Problem(error)
        }
        var reply = Reply(view.json, status: .created)
        reply.headers[.location] = "/v1/reservations/\(view.reservation.id)"
        return reply
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
        do throws(AgentError) {
            return Reply(try await agent.reservation(id, for: call.connection.peer).json)
        } catch {
            throw Problem(error)
        }
    }

    /// `PATCH /v1/reservations/{id}`
    func resize(_ call: Call) async throws(Problem) -> Reply {
        let id = try call.reservation()
        let (change, force) = try call.read(.change)
        do throws(AgentError) {
            return Reply(try await agent.resize(id, change, force: force, by: call.connection.peer).json)
        } catch {
            throw Problem(error)
        }
    }

    /// `DELETE /v1/reservations/{id}`
    func release(_ call: Call) async throws(Problem) -> Reply {
        let id = try call.reservation()
        let grace = try call.query["grace"].map { (text) throws(Problem) in try API.grace(text) }
        do throws(AgentError) {
            return Reply(try await agent.release(id, grace: grace, by: call.connection.peer).json)
        } catch {
            throw Problem(error)
        }
    }

    /// No client can wait longer than this for processes that do not end.
    private static let longestGrace: Duration = .seconds(3600)

    private static func grace(_ text: String) throws(Problem) -> Duration {
        if let grace = try? Duration(parsing: text), grace <= longestGrace { return grace }
        throw Problem(
            .invalid, "\(JSONValue.string(text).excerpt) is no grace period", parameter: "grace",
            expected: "a duration of 0s to \(longestGrace.text), such as 10s")
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
            throw Problem(error)
        }
    }

    /// `POST /v1/explain`
    func explain(_ call: Call) async throws(Problem) -> Reply {
        let request = try call.read(ReservationRequest.reader)
        let decision: Decision
        do throws(AgentError) {
            decision = try await agent.explain(request, by: call.connection.peer)
        } catch {
            throw Problem(error)
        }
        switch decision.answer {
        case .refused(let refusal): return Reply(["granted": false, "problem": Problem(refusal).json])
        case .done, .nothing:
            for case .granted(let reservation) in decision.changes {
                let json = reservation.json
                var members: JSONObject = [
                    "granted": true, "state": json["state"] ?? .null, "resources": json["resources"] ?? [:],
                    "units": json["units"] ?? [],
                ]
                members["alternative"] = json["alternative"]
                if !decision.passed.isEmpty {
                    members["passed"] = .array(decision.passed.map { Problem($0).json })
                }
                members["short"] = decision.short.map { Problem($0).json }
                members["amendments"] = json["amendments"]
                return Reply(.object(members))
            }
            throw Problem(.unavailable, "the agent knows nothing of its host yet", retryAfter: 1)
        }
    }
}

extension JSONReader where Value == (change: ResourceChange, force: Bool) {
    /// The body of `PATCH /v1/reservations/{id}`.
    fileprivate static var change: JSONReader {
        .fields { fields throws(JSONFieldError) in
            (try fields.required("resources", ResourceChange.reader), try fields.optional("force", .bool) ?? false)
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
