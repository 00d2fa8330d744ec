extension JSONValue {
    /// Puts a value at a place: a member, present or not, of an object that is there, or an element of an array that is
    /// there. False, and nothing is changed, where there is no such place.
    public mutating func set(_ value: JSONValue, at pointer: JSONPointer) -> Bool {
        set(value, at: pointer.tokens[...])
    }

    private mutating func set(_ value: JSONValue, at tokens: ArraySlice<String>) -> Bool {
        guard let first = tokens.first else {
            self = value
            return true
        }
        let rest = tokens.dropFirst()
        switch self {
        case .object(var object):
            if rest.isEmpty {
                object[first] = value
            } else {
                guard var member = object[first], member.set(value, at: rest) else { return false }
                object[first] = member
            }
            self = .object(object)
            return true
        case .array(var elements):
            guard let index = Int(first), elements.indices.contains(index), String(index) == first,
                elements[index].set(value, at: rest)
            else { return false }
            self = .array(elements)
            return true
        default: return false
        }
    }
}
