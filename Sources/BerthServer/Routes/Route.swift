internal import HTTPTypes

/// The calls of the API, by path.
///
/// Not Hummingbird's router: it cannot tell a path that is missing from a method that is, and the set is small.
enum Route: Int, Hashable, Sendable, CaseIterable {
    case reservations
    case reservation
    case attach
    case renew
    case barrier
    case arrive
    case resources
    case host
    case events
    case health
    case explain
    case accounts
    case pools
    case pool
    case maintenance
    case maintenanceWindow
    case plugins
    case plugin
    case reloadPlugin
    case scalePlugin
    case document
    case metrics

    /// The path as the API's document and the metrics name it.
    var template: String {
        switch self {
        case .reservations: "/v1/reservations"
        case .reservation: "/v1/reservations/{id}"
        case .attach: "/v1/reservations/{id}/attach"
        case .renew: "/v1/reservations/{id}/renew"
        case .barrier: "/v1/barriers/{id}"
        case .arrive: "/v1/barriers/{id}/arrive"
        case .resources: "/v1/resources"
        case .host: "/v1/host"
        case .events: "/v1/events"
        case .health: "/v1/health"
        case .explain: "/v1/explain"
        case .accounts: "/v1/accounts"
        case .pools: "/v1/pools"
        case .pool: "/v1/pools/{name}"
        case .maintenance: "/v1/maintenance"
        case .maintenanceWindow: "/v1/maintenance/{name}"
        case .plugins: "/v1/plugins"
        case .plugin: "/v1/plugins/{name}"
        case .reloadPlugin: "/v1/plugins/{name}/reload"
        case .scalePlugin: "/v1/plugins/{name}/scale"
        case .document: "/openapi.json"
        case .metrics: "/metrics"
        }
    }

    /// The methods that the path has. HEAD goes with every GET.
    var methods: [HTTPRequest.Method] {
        switch self {
        case .reservations, .maintenance: [.get, .head, .post]
        case .maintenanceWindow: [.delete]
        case .reservation: [.get, .head, .patch, .delete]
        case .attach, .renew, .arrive, .explain, .reloadPlugin, .scalePlugin: [.post]
        case .pool: [.get, .head, .put, .delete]
        case .barrier, .accounts, .pools, .plugins, .plugin, .resources, .host, .events, .health, .document, .metrics:
            [.get, .head]
        }
    }

    /// The query parameters that a call knows.
    func parameters(of method: HTTPRequest.Method) -> [String] {
        switch (self, method) {
        case (.reservations, .get), (.reservations, .head): ["state"]
        case (.reservation, .get), (.reservation, .head): ["wait"]
        case (.reservation, .delete): ["grace"]
        case (.pool, .delete): ["drain"]
        case (.arrive, _): ["wait"]
        case (.events, _): ["since", "epoch", "reservation"]
        default: []
        }
    }

    private static let collection = "/v1/reservations/"
    private static let poolCollection = "/v1/pools/"
    private static let barrierCollection = "/v1/barriers/"
    private static let maintenanceCollection = "/v1/maintenance/"
    private static let pluginCollection = "/v1/plugins/"

    /// The call of a path without its query, with the id in it; nil where there is none.
    static func of(path: Substring) -> (route: Route, id: Substring)? {
        if path.hasPrefix(collection) {
            let rest = path.dropFirst(collection.utf8.count)
            let id = rest.prefix { $0 != "/" }
            guard !id.isEmpty else { return nil }
            switch rest[id.endIndex...] {
            case "": return (.reservation, id)
            case "/attach": return (.attach, id)
            case "/renew": return (.renew, id)
            default: return nil
            }
        }
        if path.hasPrefix(poolCollection) {
            let name = path.dropFirst(poolCollection.utf8.count)
            return name.isEmpty || name.contains("/") ? nil : (.pool, name)
        }
        if path.hasPrefix(maintenanceCollection) {
            let id = path.dropFirst(maintenanceCollection.utf8.count)
            return id.isEmpty || id.contains("/") ? nil : (.maintenanceWindow, id)
        }
        if path.hasPrefix(barrierCollection) {
            let rest = path.dropFirst(barrierCollection.utf8.count)
            let name = rest.prefix { $0 != "/" }
            guard !name.isEmpty else { return nil }
            switch rest[name.endIndex...] {
            case "": return (.barrier, name)
            case "/arrive": return (.arrive, name)
            default: return nil
            }
        }
        if path.hasPrefix(pluginCollection) {
            let rest = path.dropFirst(pluginCollection.utf8.count)
            let name = rest.prefix { $0 != "/" }
            guard !name.isEmpty else { return nil }
            switch rest[name.endIndex...] {
            case "": return (.plugin, name)
            case "/reload": return (.reloadPlugin, name)
            case "/scale": return (.scalePlugin, name)
            default: return nil
            }
        }
        return fixed[path].map { ($0, "") }
    }

    private static let fixed: [Substring: Route] = Dictionary(
        uniqueKeysWithValues: [
            reservations, resources, host, events, health, explain, accounts, pools, maintenance, plugins, document,
            metrics,
        ]
        .map { (Substring($0.template), $0) })
}
