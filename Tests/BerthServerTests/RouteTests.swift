import Testing

@testable import BerthServer

@Suite("Routes") struct RouteTests {
    @Test("are found by their paths", arguments: Route.allCases)
    func found(route: Route) {
        let path = route.template.replacing("{id}", with: "000000000000").replacing("{name}", with: "a-b")
        let found = Route.of(path: Substring(path))
        #expect(found?.route == route)
        #expect(found?.id == (path == route.template ? "" : path.contains("a-b") ? "a-b" : "000000000000"))
    }

    @Test(
        "no other path is one",
        arguments: [
            "", "/", "/v1", "/v1/reservations/", "/v1/reservations//", "/v1/reservations/a/b",
            "/v1/reservations/a/attach/",
            "/v1/plugins/", "/v1/plugins//reload", "/v1/plugins/a/load", "/v1/reservations//attach", "v1/health",
            "/v1/health?", "/v1/reservations/a\u{301}/attachx",
        ])
    func none(path: String) { #expect(Route.of(path: Substring(path)) == nil) }
}
