import BerthJSON
import HTTPTypes
import Testing

@testable import BerthServer

@Suite("The API's description") struct OpenAPITests {
    private static let document = OpenAPI.document(version: "1.2.3")

    /// Every value in a document with its place.
    private static func walk(_ value: JSONValue, _ body: (JSONObject) -> Void) {
        switch value {
        case .object(let object):
            body(object)
            for (_, value) in object { walk(value, body) }
        case .array(let elements):
            for element in elements { walk(element, body) }
        default: break
        }
    }

    @Test("every reference leads somewhere")
    func references() throws {
        var count = 0
        Self.walk(Self.document) { object in
            guard case .string(let reference)? = object["$ref"] else { return }
            count += 1
            let pointer = try? JSONPointer(parsing: String(reference.dropFirst()))
            #expect(reference.hasPrefix("#/") && pointer.flatMap { Self.document[$0] } != nil, "\(reference)")
        }
        #expect(count > 100)
    }

    @Test("no name stands twice")
    func duplicates() {
        Self.walk(Self.document) { #expect($0.firstDuplicate == nil) }
    }

    @Test("every call is described, with what any request may be answered", arguments: Route.allCases)
    func calls(route: Route) throws {
        for method in route.methods where method != .head {
            let call = try #require(
                Self.document[JSONPointer(["paths", route.template, method.rawValue.lowercased()])],
                "\(method.rawValue) \(route.template)")
            guard case .object(let responses)? = call[JSONPointer(["responses"])] else {
                Issue.record("no responses")
                return
            }
            let statuses = Set(responses.map(\.key))
            #expect(statuses.isSuperset(of: ["400", "403", "405", "408", "413", "422", "429", "431", "503"]))
        }
    }

    @Test("every field that a request may have is described, and no other")
    func fields() async throws {
        guard
            case .object(let properties)? =
                Self.document[JSONPointer(["components", "schemas", "ReservationRequest", "properties"])]
        else {
            Issue.record("no properties")
            return
        }
        try await TestServer.run { server in
            let reply = try TestClient(server.path).call("POST", "/v1/explain", #"{"resources":{"cpu":1},"x":1}"#)
            guard case .string(let expected)? = reply["expected"] else {
                Issue.record("nothing expected")
                return
            }
            for (name, _) in properties { #expect(expected.contains("\"\(name)\""), "\(name)") }
            #expect(expected.split(separator: ",").count == properties.count)
        }
    }

    @Test("is served as it is")
    func served() async throws {
        try await TestServer.run { server in
            let reply = try TestClient(server.path).call("GET", "/openapi.json")
            #expect(reply.headers["content-type"] == "application/json")
            #expect(reply.json == Self.document)
        }
    }
}
