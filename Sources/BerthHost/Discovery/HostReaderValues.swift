internal import BerthKernel

/// Files that hold one value of a kind.
extension HostReader {
    /// The text of a file that says something; nil when it is absent or empty.
    func word(_ path: String) -> String? { text(path).flatMap { $0.isEmpty ? nil : $0 } }

    /// The same, and nil where the driver says `unknown`.
    func known(_ path: String) -> String? { word(path).flatMap { $0.lowercased() == "unknown" ? nil : $0 } }

    /// A file that holds a number of things, which is never negative.
    func count(_ path: String) -> Int? {
        guard let number = integer(path) else { return nil }
        guard number >= 0 else {
            noteWrong(path, "\(number)", expected: "a number that is not negative")
            return nil
        }
        return number
    }

    /// A file that holds 0 or 1.
    func flag(_ path: String) -> Bool? {
        guard let number = integer(path) else { return nil }
        guard number == 0 || number == 1 else {
            noteWrong(path, "\(number)", expected: "0 or 1")
            return nil
        }
        return number == 1
    }
}
