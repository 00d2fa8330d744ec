internal import BerthJSON
internal import Yams

/// A YAML file as a JSON value that remembers its lines, so that the strict field reader can read it and an error can
/// say where in the file it is.
struct YAMLDocument {
    /// The file's content; an empty file is an empty object.
    let value: JSONValue
    /// The line of every value, counted from 1.
    private let lines: [JSONPointer: Int]

    /// - Parameters:
    ///   - text: the file's text
    ///   - file: its path, for errors
    init(parsing text: String, file: String) throws(ConfigurationError) {
        let node: Node?
        do {
            node = try compose(yaml: text)
        } catch let error as YamlError {
            throw ConfigurationError(file: file, line: error.line, reason: error.reason)
        } catch {
            throw ConfigurationError(file: file, line: nil, reason: "\(error)")
        }
        var lines: [JSONPointer: Int] = [:]
        value =
            try node.map { node throws(ConfigurationError) in
                try YAMLDocument.value(node, at: .root, in: file, &lines, depth: 0)
            } ?? .object([:])
        self.lines = lines
    }

    /// The line of a value, or of what it would stand in.
    func line(of pointer: JSONPointer) -> Int? {
        var tokens = pointer.tokens
        while true {
            if let line = lines[JSONPointer(tokens)] { return line }
            guard tokens.popLast() != nil else { return nil }
        }
    }

    private static func value(
        _ node: Node, at pointer: JSONPointer, in file: String, _ lines: inout [JSONPointer: Int], depth: Int
    ) throws(ConfigurationError) -> JSONValue {
        lines[pointer] = node.mark?.line
        guard depth < 32 else {
            throw ConfigurationError(file: file, line: node.mark?.line, reason: "is nested more than 32 deep")
        }
        switch node {
        case .scalar(let scalar): return value(of: node, scalar)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for (index, element) in sequence.enumerated() {
                elements.append(try value(element, at: pointer.appending(index), in: file, &lines, depth: depth + 1))
            }
            return .array(elements)
        case .mapping(let mapping):
            var object = JSONObject()
            for (key, member) in mapping {
                guard let name = key.string else {
                    throw ConfigurationError(file: file, line: key.mark?.line, reason: "a key must be a text")
                }
                object.append(
                    try value(member, at: pointer.appending(name), in: file, &lines, depth: depth + 1), for: name)
            }
            return .object(object)
        case .alias:
            throw ConfigurationError(file: file, line: node.mark?.line, reason: "aliases are not supported here")
        }
    }

    /// A plain scalar is what YAML's core schema says; a quoted one is a text.
    private static func value(of node: Node, _ scalar: Node.Scalar) -> JSONValue {
        guard scalar.style == .plain else { return .string(scalar.string) }
        if node.null != nil { return .null }
        if let bool = node.bool, ["true", "false"].contains(scalar.string.lowercased()) { return .bool(bool) }
        if let number = try? JSONNumber(parsing: scalar.string) { return .number(number) }
        return .string(scalar.string)
    }
}

extension YamlError {
    fileprivate var line: Int? {
        switch self {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        default: nil
        }
    }

    fileprivate var reason: String {
        switch self {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _): problem
        default: "\(self)"
        }
    }
}
