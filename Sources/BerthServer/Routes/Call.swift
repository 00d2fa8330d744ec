internal import BerthAgent
internal import BerthJSON
internal import BerthModel
internal import HTTPTypes
internal import NIOCore

/// One request, as far as every call reads it the same way.
struct Call: Sendable {
    let route: Route
    let method: HTTPRequest.Method
    let headers: HTTPFields
    let query: Query
    let body: ByteBuffer
    let connection: Connection
    /// What stands in the path's place for a name, decoded as far as it can be; empty where there is none.
    let id: String

    init(
        _ route: Route, id: Substring, _ head: HTTPRequest, query: Substring, body: ByteBuffer,
        on connection: Connection
    ) throws(Problem) {
        self.route = route
        self.id = PercentEncoding.decoded(id, plusIsSpace: false) ?? String(id)
        method = head.method
        headers = head.headerFields
        self.body = body
        self.connection = connection
        self.query = try Query(query, known: route.parameters(of: head.method))
    }

    /// The reservation in the path.
    func reservation() throws(Problem) -> ReservationID {
        guard let id = ReservationID(id) else { throw .unknown(id) }
        return id
    }

    /// The body, read by a reader.
    /// - Parameter empty: what stands for a body that is not there; nil where one must be
    func read<Value>(_ reader: JSONReader<Value>, empty: JSONValue? = nil) throws(Problem) -> Value {
        if body.readableBytes == 0, let empty { return try read(empty, reader) }
        try checkType()
        let parsed = body.withUnsafeReadableBytes { bytes in
            Result { () throws(JSONParseError) in try JSONValue(parsing: bytes) }
        }
        switch parsed {
        case .success(let value): return try read(value, reader)
        case .failure(let error): throw Problem(error)
        }
    }

    private func read<Value>(_ value: JSONValue, _ reader: JSONReader<Value>) throws(Problem) -> Value {
        do throws(JSONFieldError) { return try reader.read(value) } catch { throw Problem(error) }
    }

    private func checkType() throws(Problem) {
        if let coding = headers[.contentEncoding], coding.lowercased() != "identity" {
            throw Problem(
                .contentType, "the body has the encoding \(JSONValue.string(coding).excerpt)",
                parameter: "Content-Encoding", expected: "identity")
        }
        guard let type = headers[.contentType] else { return }
        let media = type.prefix { $0 != ";" }.drop { $0 == " " }.lowercased().split(separator: " ").first
        // What `curl -d` says of whatever it sends; no browser can reach a Unix socket and mean a form by it.
        if media == "application/x-www-form-urlencoded" { return }
        guard media == "application/json" else {
            throw Problem(
                .contentType, "the body is \(JSONValue.string(type).excerpt)", parameter: "Content-Type",
                expected: "application/json", hint: "with curl: -H 'Content-Type: application/json'")
        }
    }

    /// Whether the client wants an answer at once though what it asks for may take long (RFC 7240).
    var prefersAsync: Bool {
        guard let name = HTTPField.Name.prefer else { return false }
        return headers[values: name].contains { field in
            field.split(separator: ",").contains { preference in
                preference.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased() == "respond-async"
            }
        }
    }

    /// The retry key of the request; nil where it has none.
    func retryKey() throws(Problem) -> RetryKey? {
        guard let name = HTTPField.Name.idempotencyKey else { return nil }
        let keys = headers[values: name]
        guard let key = keys.first else { return nil }
        guard keys.count == 1, 1...255 ~= key.utf8.count, key.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) else {
            throw Problem(
                .invalid, "the header field Idempotency-Key is no key", parameter: "Idempotency-Key",
                expected: "one field of 1 to 255 printable ASCII characters")
        }
        return RetryKey(key: key, body: body.readableBytesView)
    }
}
