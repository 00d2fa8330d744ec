internal import BerthModel

/// Numbers the groups of online CPUs that share one thing, as each CPU's own file names its group.
///
/// Groups are told apart by their members, for the kernel's ids repeat (`core_id` within each package) or are missing.
/// On a large host most CPUs repeat a text that another had, so each text is understood once.
struct CPUSharing {
    private let online: CPUSet
    private var numberOfText: [Text: Int?] = [:]
    private var numberOfSet: [CPUSet: Int] = [:]
    private var sets: [CPUSet] = []
    private var complained = false

    /// A list and a mask may be the same text.
    private struct Text: Hashable {
        let isList: Bool
        let text: String
    }

    init(online: CPUSet) { self.online = online }

    /// The number of the group that a CPU's file names, from 0 in the order of appearance.
    /// - Parameters:
    ///   - file: the path and text of the file; a name that ends in `_list` holds a list, any other a mask
    ///   - cpu: the CPU whose file it is
    /// - Returns: nil when the file is absent, malformed, or does not name the CPU itself
    mutating func number(_ file: (path: String, text: String)?, of cpu: Int, _ reader: HostReader) -> Int? {
        guard let file else { return nil }
        let text = Text(isList: file.path.hasSuffix("_list"), text: file.text)
        let number: Int?
        if let seen = numberOfText[text] {
            number = seen
        } else {
            number = understand(text, file.path, reader)
            numberOfText.updateValue(number, forKey: text)
        }
        guard let number else { return nil }
        guard sets[number].contains(cpu) else {
            // Once is enough: a recording with one such fault mostly has it everywhere.
            if !complained { reader.noteWrong(file.path, file.text, expected: "a set that has CPU \(cpu) itself") }
            complained = true
            return nil
        }
        return number
    }

    private mutating func understand(_ text: Text, _ path: String, _ reader: HostReader) -> Int? {
        do throws(ParseError) {
            let all = try text.isList ? CPUSet(parsing: text.text) : CPUSet(parsingMask: text.text)
            let set = all.intersection(online)
            if let seen = numberOfSet[set] { return seen }
            numberOfSet[set] = sets.count
            sets.append(set)
            return sets.count - 1
        } catch {
            reader.noteWrong(path, error)
            return nil
        }
    }
}

/// Numbers things from 0 in the order of appearance.
struct Numbering<Key: Hashable> {
    private var numbers: [Key: Int] = [:]

    mutating func number(_ key: Key) -> Int {
        if let known = numbers[key] { return known }
        let number = numbers.count
        numbers[key] = number
        return number
    }
}
