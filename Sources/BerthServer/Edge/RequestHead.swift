internal import HTTPTypes
internal import NIOHTTP1

extension HTTPRequest {
    /// The header fields that some call reads; the others are not even copied.
    private static let read: [String: HTTPField.Name] = [
        "content-type": .contentType, "content-length": .contentLength, "content-encoding": .contentEncoding,
        "idempotency-key": .idempotencyKey, "last-event-id": .lastEventID, "prefer": .prefer,
    ].compactMapValues { $0 }

    /// A request as it was parsed; nil where its target is no path and no URI (RFC 9112, section 3.2).
    init?(_ head: HTTPRequestHead) {
        guard let method = HTTPRequest.Method(head.method.rawValue) else { return nil }
        var path = Substring(head.uri)
        if !path.hasPrefix("/") {
            guard head.method != .CONNECT, let rest = path.afterScheme else { return nil }
            path = rest.drop { $0 != "/" && $0 != "?" }
            if !path.hasPrefix("/") { path = "/" + path }
        }
        var fields = HTTPFields()
        for (name, value) in head.headers {
            if let known = HTTPRequest.read[name] ?? HTTPRequest.read[name.lowercased()] {
                fields.append(HTTPField(name: known, value: value))
            }
        }
        self.init(method: method, scheme: nil, authority: nil, path: String(path), headerFields: fields)
    }
}

extension Substring {
    /// What stands after the `://` of a URI; nil where it has none near its beginning.
    fileprivate var afterScheme: Substring? {
        let scheme = prefix(16).prefix { $0 != ":" }
        let rest = self[scheme.endIndex...]
        return rest.hasPrefix("://") ? rest.dropFirst(3) : nil
    }
}

extension HTTPField.Name {
    /// The header field that makes a retry safe; nil never, for its name is one.
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")
    /// What the client would rather have: RFC 7240.
    static let prefer = HTTPField.Name("Prefer")
    static let preferenceApplied = HTTPField.Name("Preference-Applied")
    /// Where a stream of server-sent events goes on; nil never, for its name is one.
    static let lastEventID = HTTPField.Name("Last-Event-ID")
}
