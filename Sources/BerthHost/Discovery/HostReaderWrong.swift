internal import BerthKernel
internal import BerthModel

extension HostReader {
    /// Notes that a file holds something else than it should.
    /// - Parameters:
    ///   - path: without a leading slash
    ///   - text: what it holds
    ///   - expected: what would have been understood, as a noun phrase
    func noteWrong(_ path: String, _ text: some StringProtocol, expected: String) {
        note("\(root.shown(path)): \(ParseError(text, expected: expected))")
    }

    /// Notes that a file could not be read as what it should be.
    func noteWrong(_ path: String, _ error: ParseError) { note("\(root.shown(path)): \(error)") }
}
