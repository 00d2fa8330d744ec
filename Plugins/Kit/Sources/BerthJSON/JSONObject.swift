/// The members of a JSON object in the order they were written, duplicates and all.
///
/// RFC 8259 lets a name stand twice and says what follows is unpredictable. Here reading a name gives the last of its
/// values, as ECMAScript, Python and Go do; `JSONFields` refuses such an object, and everything that decides from
/// outside input should read through it. Names are compared as Swift compares texts, so names that are no duplicates
/// here can be the keys of a `Dictionary`.
///
/// Looking a name up walks the members: objects are small, and a hostile big one is refused by `JSONFields` in one go.
public struct JSONObject: Sendable {
    /// A name and its value.
    public typealias Member = (key: String, value: JSONValue)

    private var members: [Member]

    /// An object with these members, kept as they are.
    public init(_ members: [Member] = []) { self.members = members }

    /// The last value of a name, nil where the name does not occur.
    ///
    /// Setting puts the value at the name's first place, or at the end, and takes further values of the name away;
    /// setting nil removes the name. The JSON `null` is set with `.some(.null)`.
    public subscript(key: String) -> JSONValue? {
        get { members.last { $0.key == key }?.value }
        set {
            guard let place = members.firstIndex(where: { $0.key == key }) else {
                if let newValue { members.append((key, newValue)) }
                return
            }
            members[place...].removeAll { $0.key == key }
            if let newValue { members.insert((key, newValue), at: place) }
        }
    }

    /// Puts a member at the end without looking whether the name is there already.
    public mutating func append(_ value: JSONValue, for key: String) { members.append((key, value)) }

    /// The first name that occurs a second time, nil where every name is alone. Takes time in proportion to the
    /// members, however many there are.
    public var firstDuplicate: String? {
        if members.count <= 8 {
            for index in members.indices.dropFirst() {
                let key = members[index].key
                if members[..<index].contains(where: { $0.key == key }) { return key }
            }
            return nil
        }
        var seen = Set<String>(minimumCapacity: members.count)
        return members.first { !seen.insert($0.key).inserted }?.key
    }
}

extension JSONObject: RandomAccessCollection {
    /// The place of the first member.
    public var startIndex: Int { 0 }
    /// One past the place of the last member.
    public var endIndex: Int { members.count }
    /// The member at a place.
    public subscript(position: Int) -> Member { members[position] }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object in the order written.
    public init(dictionaryLiteral members: (String, JSONValue)...) { self.init(members.map { (key: $0, value: $1) }) }
}

extension JSONObject: Hashable {
    /// Equal are objects with equal members in the same order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.elementsEqual(right.members) { $0.key == $1.key && $0.value == $1.value }
    }

    /// Mixes in every member in order.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(members.count)
        for (key, value) in members {
            hasher.combine(key)
            hasher.combine(value)
        }
    }
}
