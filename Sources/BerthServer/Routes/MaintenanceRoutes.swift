internal import BerthAgent
internal import BerthJSON
internal import BerthModel
internal import HTTPTypes

/// The calls about maintenance.
extension API {
    /// `GET /v1/maintenance`
    func maintenance(_ call: Call) async throws(Problem) -> Reply {
        do throws(AgentError) {
            return Reply(["maintenance": .array(try await agent.maintenance(for: call.connection.peer))])
        } catch {
            throw Problem(error)
        }
    }

    /// `POST /v1/maintenance`
    func addMaintenance(_ call: Call) async throws(Problem) -> Reply {
        let window = try call.read(MaintenanceWindow.reader)
        do throws(AgentError) {
            return Reply(try await agent.addMaintenance(window, by: call.connection.peer), status: .created)
        } catch {
            throw Problem(error)
        }
    }

    /// `DELETE /v1/maintenance/{name}`
    func removeMaintenance(_ call: Call) async throws(Problem) -> Reply {
        do throws(AgentError) {
            return Reply(try await agent.removeMaintenance(String(call.id), by: call.connection.peer))
        } catch {
            throw Problem(error)
        }
    }
}
