import BerthModel

/// A host drawn as text, one character a core, numbered from the left; the CPUs of a core follow one another.
///
///     .  a free core with one thread     :  with two     ;  with two, one of them not available
///     x  a core that others hold         X  with two
///     h  a core that the request holds   H  with two     *  a core that was chosen
///
/// Between cores: a blank starts a new L3 cache, `,` a new NUMA node in the same cache, `/` a new node and cache,
/// `+` a new die in the same node, `|` a new package, `&` a new package in the same node.
struct CoreChoiceDrawing {
    let text: String
    private(set) var places: [CPUTopology.Place] = []
    private(set) var available = CPUSet()
    private(set) var held = CPUSet()
    /// By core, which of the characters it is.
    private var characters: [Int] = []
    private var cpus: [CPUSet] = []

    init(_ text: String) {
        self.text = text
        var (l3, node, die, package) = (0, 0, 0, 0)
        var gap = false
        for (offset, character) in text.enumerated() {
            switch character {
            case " ": gap = true
            case ",": node += 1
            case "/": (node, gap) = (node + 1, true)
            case "+": (die, gap) = (die + 1, true)
            case "|": (node, die, package, gap) = (node + 1, die + 1, package + 1, true)
            case "&": (die, package, gap) = (die + 1, package + 1, true)
            default:
                if gap { l3 += 1 }
                gap = false
                let core = cpus.count
                let threads = ":;XH".contains(character) ? 2 : 1
                let numbers = (0..<threads).map { places.count + $0 }
                for cpu in numbers {
                    places.append(.init(cpu: cpu, core: core, l3: l3, die: die, package: package, node: node))
                }
                if ".:".contains(character) { for cpu in numbers { available.insert(cpu) } }
                if character == ";" { available.insert(numbers[1]) }
                if "hH".contains(character) { for cpu in numbers { held.insert(cpu) } }
                characters.append(offset)
                cpus.append(CPUSet(numbers))
            }
        }
    }

    func topology(distances: [[Int]]? = nil) throws -> CPUTopology {
        try CPUTopology(places, distances: distances)
    }

    /// The drawing with the cores of a set as `*`; `?` where only part of a core is in it.
    func showing(_ chosen: CPUSet) -> String {
        var drawn = Array(text)
        for (core, cpus) in cpus.enumerated() where !cpus.isDisjoint(with: chosen) {
            drawn[characters[core]] = cpus.isSubset(of: chosen) ? "*" : "?"
        }
        return String(drawn)
    }
}
