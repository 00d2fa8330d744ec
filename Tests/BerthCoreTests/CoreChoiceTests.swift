import BerthCore
import BerthModel
import Testing

/// A question and its answer as drawings; nil is a refusal.
struct CoreChoiceCase: CustomTestStringConvertible {
    let why: String
    let ask: Int
    let host: String
    let chosen: String?
    var testDescription: String { why }

    init(_ why: String, _ ask: Int, of host: String, _ chosen: String?) {
        (self.why, self.ask, self.host, self.chosen) = (why, ask, host, chosen)
    }

    func answer(
        _ strategy: CoreChoice.Strategy = .together, within nodes: CPUSet? = nil, distances: [[Int]]? = nil
    ) throws -> String? {
        let host = CoreChoiceDrawing(host)
        let choice = CoreChoice(try host.topology(distances: distances))
        let answer = choice.choose(ask, from: host.available, strategy: strategy, within: nodes, keeping: host.held)
        if let answer { #expect(answer.exact) }
        return answer.map { host.showing($0.cpus) }
    }
}

@Suite("Choosing exclusive CPUs") struct CoreChoiceTests {
    @Test(
        "the cores lie as near together as they can",
        arguments: [
            CoreChoiceCase("the lowest of an empty host", 3, of: "..../....|..../....", "***./....|..../...."),
            CoreChoiceCase("a cache that holds all", 3, of: ".. x... ....", ".. x*** ...."),
            CoreChoiceCase("a half-used cache before a free one", 2, of: ".... xx.. ....", ".... xx** ...."),
            CoreChoiceCase("the tightest cache", 2, of: "xx... xxx.. xx...", "xx... xxx** xx..."),
            CoreChoiceCase("the fewest caches", 6, of: ".. .. ..xx .... ..", ".. .. **xx **** .."),
            CoreChoiceCase("one node before one cache each", 4, of: "...x/.. ..", "...x/** **"),
            CoreChoiceCase("one package before two", 4, of: "xx../xxxx|..xx/..xx", "xx../xxxx|**xx/**xx"),
            CoreChoiceCase("one die before two", 3, of: "..xx+..xx+.. .x", "..xx+..xx+** *x"),
            CoreChoiceCase("a cache that two nodes share", 6, of: "....,..|....,....", "****,**|....,...."),
            CoreChoiceCase("a node of two packages", 4, of: "..xx&....", "..xx&****"),
            CoreChoiceCase("a node stays free", 2, of: "..../x...", "..../x**."),
            CoreChoiceCase("the larger node stays free", 2, of: "..../..", "..../**"),
            CoreChoiceCase("the larger cache stays free", 2, of: ".... .. ....", ".... ** ...."),
            CoreChoiceCase("the tightest node of equal caches", 1, of: "x. x../x. xx.", "x. x../x* xx."),
            CoreChoiceCase(
                "the largest cache stays free though that leaves more over", 8, of: "x...... x. ....... ...",
                "x****** x. ....... **."),
            CoreChoiceCase(
                "the largest node stays free though that leaves more over", 8, of: "x....../x./......./...",
                "x******/x./......./**."),
            CoreChoiceCase("the largest node before the largest cache", 5, of: ".... ./... ...", "**** */... ..."),
            CoreChoiceCase("all there is", 5, of: ".x.|..x/x.", "*x*|**x/x*"),
            CoreChoiceCase("more than there is", 6, of: ".x.|..x/x.", nil),
            CoreChoiceCase("nothing", 0, of: "..", ".."),
            CoreChoiceCase("less than nothing", -3, of: "..", ".."),
            CoreChoiceCase("more than any host has", .max, of: "..", nil),
            CoreChoiceCase("a host without CPUs", 1, of: "", nil),
        ])
    func together(example: CoreChoiceCase) throws {
        #expect(try example.answer() == example.chosen)
    }

    @Test(
        "cores are whole",
        arguments: [
            CoreChoiceCase("an odd number is rounded up", 3, of: ":: ::", "** ::"),
            CoreChoiceCase("a half core is left alone", 2, of: ";;: ::", ";;* ::"),
            CoreChoiceCase("though nothing else is left", 2, of: ";; XX", nil),
            CoreChoiceCase("one thread is enough for one", 1, of: "::..", "::*."),
            CoreChoiceCase("three are two cores of different kind", 3, of: "::..", "*:*."),
            CoreChoiceCase("four are the two large ones", 4, of: "..::", "..**"),
            CoreChoiceCase("five are all but a small one", 5, of: "::..", "***."),
            CoreChoiceCase("small ones where large ones are held", 2, of: "XX...", "XX**."),
            CoreChoiceCase("fewer cores before fewer CPUs", 3, of: "... ::", "... **"),
        ])
    func whole(example: CoreChoiceCase) throws {
        #expect(try example.answer() == example.chosen)
    }

    @Test(
        "the lowest numbers settle what is equal",
        arguments: [
            CoreChoiceCase("of caches", 2, of: ".... .... ....", "**.. .... ...."),
            CoreChoiceCase("of nodes", 6, of: "..../..../....", "****/**../...."),
            CoreChoiceCase("of equally used places", 1, of: "x.x.|xx..", "x*x.|xx.."),
        ])
    func lowest(example: CoreChoiceCase) throws {
        #expect(try example.answer() == example.chosen)
    }

    @Test("where caches and nodes cross each other, a free cache stays free")
    func crossing() throws {
        // The cache of CPU 1 reaches into the next node, where CPU 2 is taken; CPU 0 has its own.
        let rows = [(0, 0, 0), (1, 1, 0), (2, 1, 1)].map { cpu, l3, node in
            CPUTopology.Place(cpu: cpu, core: cpu, l3: l3, die: 0, package: 0, node: node)
        }
        let answer = CoreChoice(try CPUTopology(rows)).choose(1, from: [0, 1])
        #expect(answer?.cpus == [1] && answer?.exact == true)
    }

    @Test(
        "cores of one cluster go before others of the same cache, and a cluster that is used before one that is not",
        arguments: [
            ([4], 4, [4, 5, 6, 7]), ([4], 2, [2, 3]), ([4], 6, [2, 3, 4, 5, 6, 7]), ([4], 5, [2, 4, 5, 6, 7]),
            ([4, 8], 8, [4, 5, 6, 7, 8, 9, 10, 11]), ([1], 4, [4, 8, 12, 5]), ([1], 3, [4, 8, 12]),
        ] as [([Int], Int, [Int])])
    func clusters(width: [Int], ask: Int, chosen: [Int]) throws {
        // Of the first clusters CPUs 0 and 1 are not to be had; a width of 1 has them interleaved.
        let isInterleaved = width == [1]
        let places = (0..<16).map { cpu in
            CPUTopology.Place(
                cpu: cpu, core: cpu, l3: 0, die: 0, package: 0, node: 0, cluster: isInterleaved ? cpu % 4 : cpu / 4)
        }
        let choice = CoreChoice(try CPUTopology(places))
        let available = CPUSet(2..<16).subtracting(isInterleaved ? [2, 3] : [])
        let answer = try #require(choice.choose(ask, from: available))
        #expect(answer.cpus == CPUSet(chosen))
    }

    @Test("a reservation that grows does so in its own cluster")
    func growing() throws {
        let places = (0..<16).map { cpu in
            CPUTopology.Place(cpu: cpu, core: cpu, l3: 0, die: 0, package: 0, node: 0, cluster: cpu / 4)
        }
        let choice = CoreChoice(try CPUTopology(places))
        #expect(choice.choose(3, from: CPUSet(0..<16), keeping: [9])?.cpus == [8, 9, 10])
    }

    @Test("nodes are kept within", arguments: [([1], ".../***"), ([0], nil), ([0, 1], "x../***"), ([7], nil)])
    func within(nodes: [Int], chosen: String?) throws {
        let example = CoreChoiceCase("", 3, of: "x../...", nil)
        let expected = chosen.map { _ in "x../***" }
        #expect(try example.answer(within: CPUSet(nodes)) == expected)
    }

    @Test("nodes that are near go before those that are far")
    func near() throws {
        let ring = [[10, 31, 21, 31], [31, 10, 31, 21], [21, 31, 10, 31], [31, 21, 31, 10]]
        let example = CoreChoiceCase("", 4, of: "..|..|..|..", nil)
        #expect(try example.answer(distances: ring) == "**|..|**|..")
        #expect(try example.answer() == "**|**|..|..")
        let taken = CoreChoiceCase("", 4, of: "x.|..|x.|..", nil)
        #expect(try taken.answer(distances: ring) == "x.|**|x.|**")
    }

    @Test("nodes that are near go first, of those that are as good for others")
    func nearAndFree() throws {
        let near = (0..<5).map { one in (0..<5).map { one == $0 ? 10 : (one < 2) == ($0 < 2) ? 12 : 32 } }
        // Nodes 1 and 2 are in use already; of 0, 3 and 4 one stays free, and 0 is the one that is far from most.
        let example = CoreChoiceCase("", 4, of: ".,.x/.x,.,.", nil)
        #expect(try example.answer(distances: near) == ".,*x/*x,*,*")
    }

    @Test(
        "a reservation that grows keeps its cores and adds the nearest",
        arguments: [
            CoreChoiceCase("of its cache", 4, of: ".... .hh. ....", ".... **** ...."),
            CoreChoiceCase("of its cache, the lowest", 3, of: ".... .hh. ....", ".... ***. ...."),
            CoreChoiceCase("of its node", 4, of: "..../xxhh ..../....", "..../xx** **../...."),
            CoreChoiceCase("of its package", 4, of: "....|hhxx/..xx|....", "....|**xx/**xx|...."),
            CoreChoiceCase("from both sides", 5, of: "hx.. ....|hx.. ....", "*x** ....|*x*. ...."),
            CoreChoiceCase("rounded up", 3, of: "H:::", "**::"),
            CoreChoiceCase("nothing when that is enough", 2, of: "hh..", "**.."),
            CoreChoiceCase("nor when it is more", 1, of: "hh..", "**.."),
            CoreChoiceCase("all or nothing", 6, of: "hh.x ..xx x", nil),
        ])
    func grow(example: CoreChoiceCase) throws {
        #expect(try example.answer() == example.chosen)
    }

    @Test("a reservation that grows adds the node that is nearest")
    func growNear() throws {
        let line = [[10, 12, 32, 32], [12, 10, 32, 32], [32, 32, 10, 12], [32, 32, 12, 10]]
        let example = CoreChoiceCase("", 3, of: ".x|xx|.x|hh", nil)
        #expect(try example.answer(distances: line) == ".x|xx|*x|**")
    }

    @Test(
        "a reservation that shrinks keeps what lies nearest together",
        arguments: [
            CoreChoiceCase("the fuller cache", 3, of: "hhxx hhhx", "hhxx ***x"),
            CoreChoiceCase("one node", 2, of: "hxhx|xhhh|hxxx", "*x*x|xhhh|hxxx"),
            CoreChoiceCase("one package", 4, of: "hhxx|hhxx/hhxx", "hhxx|**xx/**xx"),
            CoreChoiceCase("whole cores", 3, of: "HHH", "**H"),
            CoreChoiceCase("so that a node is free again", 2, of: "hh../hhxx", "hh../**xx"),
            CoreChoiceCase("all when it is no less", 4, of: "hhhh", "****"),
            CoreChoiceCase("none", 0, of: "hh", "hh"),
        ])
    func shrink(example: CoreChoiceCase) throws {
        let host = CoreChoiceDrawing(example.host)
        let choice = CoreChoice(try host.topology())
        let answer = choice.shrink(host.held, to: example.ask, free: host.available)
        #expect(answer.exact)
        #expect(host.showing(answer.cpus) == example.chosen)
    }

    @Test(
        "a balanced request has as many CPUs on each of the fewest nodes",
        arguments: [
            CoreChoiceCase("one node where one is enough", 3, of: "x.../..../xx..", "x.../***./xx.."),
            CoreChoiceCase("halves", 6, of: "....x/....x", "***.x/***.x"),
            CoreChoiceCase(
                "halves, the emptiest nodes of a package", 6, of: "...x/....|xx../....|...x/....",
                "***x/***.|xx../....|...x/...."),
            CoreChoiceCase("thirds where halves do not fit", 6, of: "..../..xx/..xx", "**../**xx/**xx"),
            CoreChoiceCase("give or take a core", 5, of: "..xx/...x", "**xx/***x"),
            CoreChoiceCase("whole cores", 5, of: "::/::", "**/*:"),
            CoreChoiceCase("whole cores, leaving the nodes alike", 10, of: ":::/::::", "**:/***:"),
            CoreChoiceCase("whole cores, where the smallest node has to give more", 12, of: ":::/:::", "***/***"),
            CoreChoiceCase("leaving the nodes alike", 6, of: "x..../...../x....", "x***./***../x...."),
            CoreChoiceCase(
                "leaving the nodes alike, in one package", 8, of: "......./....|....../......",
                "......./....|****../****.."),
            CoreChoiceCase("as many on each where cores differ", 9, of: ":: .../.../...", ":: ***/***/***"),
            CoreChoiceCase("as even as it can where it cannot", 6, of: "..../..xx", "****/**xx"),
            CoreChoiceCase("more than there is", 7, of: "..../..xx", nil),
        ])
    func balanced(example: CoreChoiceCase) throws {
        #expect(try example.answer(.balanced) == example.chosen)
    }

    @Test(
        "a balanced reservation that grows evens out",
        arguments: [
            CoreChoiceCase("on its node", 4, of: "..../hh..", "..../****"),
            CoreChoiceCase("onto another", 6, of: "hhxx/....", "**xx/****"),
            CoreChoiceCase("and takes no more than is asked", 8, of: "hhhhh/..../....", "*****/***./...."),
            CoreChoiceCase("beside a node that holds more than its share", 8, of: "hhhhhh/..xxxx", "******/**xxxx"),
            CoreChoiceCase("as far as it can", 8, of: "hhhh/hx../....", "****/*x*./**.."),
        ])
    func growBalanced(example: CoreChoiceCase) throws {
        #expect(try example.answer(.balanced) == example.chosen)
    }

    @Test("CPUs that the host does not have are left out")
    func unknown() throws {
        let host = CoreChoiceDrawing("..")
        let choice = CoreChoice(try host.topology())
        #expect(choice.choose(2, from: [0, 1, 900], keeping: [700])?.cpus == [0, 1])
        #expect(choice.choose(3, from: [0, 1, 900]) == nil)
    }

    @Test("without a budget there is an answer still")
    func noBudget() throws {
        let host = CoreChoiceDrawing("..|..|..|..")
        let choice = CoreChoice(try host.topology())
        for strategy in [CoreChoice.Strategy.together, .balanced] {
            #expect(choice.choose(4, from: host.available, strategy: strategy, budget: 0)?.cpus.count == 4)
        }
    }
}
