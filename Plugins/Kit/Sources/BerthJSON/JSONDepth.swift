extension JSONValue {
    /// How many objects and arrays stand within one another: 0 for a value that is neither.
    public var depth: Int {
        switch self {
        case .object(let object): 1 + (object.lazy.map(\.value.depth).max() ?? 0)
        case .array(let elements): 1 + (elements.lazy.map(\.depth).max() ?? 0)
        default: 0
        }
    }
}
