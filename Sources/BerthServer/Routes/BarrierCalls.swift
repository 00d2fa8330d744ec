internal import BerthAgent
internal import BerthJSON
internal import BerthModel
internal import HTTPTypes
internal import NIOCore

/// The calls about barriers.
extension API {
    /// `GET /v1/barriers/{id}`
    func barrier(_ call: Call) async throws(Problem) -> Reply {
        let name = try call.barrier()
        let view: BarrierView?
        do throws(AgentError) {
            view = try await agent.barrier(name, for: call.connection.peer)
        } catch {
            throw Problem(error)
        }
        guard let view else {
            throw Problem(
                .unknown, "nobody of the caller's has arrived at a barrier \"\(name)\", and no gang of it runs",
                hint: "the first to arrive makes it: `berth barrier arrive`")
        }
        return Reply(view.json)
    }

    /// `POST /v1/barriers/{id}/arrive`
    func arrive(_ call: Call) async throws(Problem) -> Reply {
        let name = try call.barrier()
        let body = try call.read(.arriving)
        let wait = try call.query["wait"].map { (text) throws(Problem) in try API.time(text, "wait", "a time to wait") }
        let (agent, peer, connection) = (agent, call.connection.peer, call.connection)
        do throws(AgentError) {
            let view = try await agent.arrive(
                body.reservation, at: name, size: body.size, generation: body.generation, by: peer)
            guard !view.isOpen, wait != .zero, let generation = view.generation else { return API.reply(view) }
            let time = wait.map { TimeAmount.milliseconds($0.milliseconds) }
            let result = await connection.wait(atMost: time) { () async -> Result<BarrierView, AgentError> in
                do throws(AgentError) {
                    return .success(try await agent.opening(generation, of: body.reservation, at: name, for: peer))
                } catch {
                    return .failure(error)
                }
            }
            return API.reply(try result.get())
        } catch {
            throw Problem(error)
        }
    }

    private static func reply(_ view: BarrierView) -> Reply { Reply(view.json, status: view.isOpen ? .ok : .accepted) }
}

extension Call {
    /// The barrier in the path.
    fileprivate func barrier() throws(Problem) -> String {
        guard JSONReader<String>.isKey(id) else {
            throw Problem(
                .unknown, "\(JSONValue.string(id).excerpt) is no name of a barrier",
                expected: "1 to 64 of A-Z, a-z, 0-9, \".\", \"_\" and \"-\"")
        }
        return id
    }
}

/// The body of `POST /v1/barriers/{id}/arrive`.
private struct Arriving {
    let reservation: ReservationID
    let size: Int?
    let generation: Int?
}

extension JSONReader where Value == Arriving {
    fileprivate static var arriving: JSONReader {
        .fields { fields throws(JSONFieldError) in
            let generation = try fields.optional("generation", .int64)
            if let generation, generation < 1 {
                throw fields.invalid("generation", "must be at least 1, not \(generation)")
            }
            return Arriving(
                reservation: try fields.required("reservation", .reservationID),
                size: try fields.optional("size", .int(in: Gang.sizes)), generation: generation.map { Int($0) })
        }
    }
}
