internal import ArgumentParser
internal import BerthJSON

/// What a person asks of the host. The quantities are the agent's to read; its answer names the option.
struct ResourceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "CPUs, shared with others: 2, 1.5 or 250m; 2..8 for the most there is between.", valueName: "n"))
    var cpu: String?

    @Option(help: ArgumentHelp("Whole CPU cores for this reservation alone, counted in logical CPUs.", valueName: "n"))
    var exclusiveCpu: String?

    @Option(help: ArgumentHelp("The most CPU time that it may take; default: what --cpu says.", valueName: "n"))
    var limitCpu: String?

    @Option(help: ArgumentHelp("Memory: 4GiB, 4Gi, 4G or a number of bytes.", valueName: "size"))
    var memory: String?

    @Option(help: ArgumentHelp("The most memory that it may take; default: what --memory says.", valueName: "size"))
    var limitMemory: String?

    @Option(
        help: ArgumentHelp(
            "How firmly --memory is kept: soft (taken back last, the default) or hard (never).", valueName: "word"))
    var memoryGuarantee: String?

    @Option(help: ArgumentHelp("The most memory that may be swapped out; default: none.", valueName: "size"))
    var swap: String?

    @Option(
        help: ArgumentHelp(
            "What dies at the memory limit: group (all of it, the default) or process (one).", valueName: "word"))
    var oom: String?

    @Option(help: ArgumentHelp("Processes and threads.", valueName: "n"))
    var pids: String?

    @Option(help: ArgumentHelp("Whole GPUs: 2; or a part of one that others share: 0.5.", valueName: "n"))
    var gpu: String?

    @Option(help: ArgumentHelp("Network bandwidth: 100Mbit.", valueName: "rate"))
    var network: String?

    @Option(
        help: ArgumentHelp(
            "The most that it may read from a disk in a second: /dev/vda=50MiB; or from any: any=50MiB.",
            valueName: "disk=rate"))
    var ioRead: [String] = []

    @Option(help: ArgumentHelp("The most that it may write to a disk in a second.", valueName: "disk=rate"))
    var ioWrite: [String] = []

    @Option(help: ArgumentHelp("The most reads from a disk in a second: /dev/vda=1k.", valueName: "disk=count"))
    var ioReadIops: [String] = []

    @Option(help: ArgumentHelp("The most writes to a disk in a second.", valueName: "disk=count"))
    var ioWriteIops: [String] = []

    @Option(
        help: ArgumentHelp(
            "Its weight among those who use a disk, 1 to 10000: /dev/vda=500. Others have 100.",
            valueName: "disk=weight"))
    var ioWeight: [String] = []

    @Option(
        help: ArgumentHelp(
            "Units of a type that a plugin provides: acme.example/seat=1. May be given again.", valueName: "type=n"))
    var resource: [String] = []

    @Option(
        help: ArgumentHelp(
            "What the units of a type must be: cpu.numa=0, 'gpu.vram>=40GiB'. May be given again: all must hold.",
            discussion: """
                = and != tell whether it is that; <, <=, > and >= compare numbers, such as 40GiB or 25Gbit; ~ is a \
                pattern with * and ?, such as 'gpu.model~*A100*'. Put it in quotes, for shells know these signs too. The \
                type may be left out where only one type of units is asked for: --gpu 1 --where 'vram>=40GiB', \
                --io-write any=50MiB --where rotational=false.
                """,
            valueName: "type.fact=value"))
    var `where`: [String] = []

    @Option(
        help: ArgumentHelp(
            "What they should rather be: 'gpu.model~*A100*'. Those that are come first; nothing is refused for it.",
            valueName: "type.fact=value"))
    var prefer: [String] = []

    /// The options as the `resources` of a request.
    /// - Throws: where options make no sense together, or an assignment is none
    func json(isRequired: Bool = true) throws(CommandFailure) -> JSONValue {
        if cpu != nil, exclusiveCpu != nil {
            throw CommandFailure(
                "--cpu and --exclusive-cpu exclude each other: a core is shared or it is not", status: 2)
        }
        var asks: [String: JSONObject] = [:]
        func set(_ type: String, _ member: String, _ value: JSONValue?) {
            if let value { asks[type, default: [:]][member] = value }
        }
        func setAmount(_ type: String, _ option: String, _ text: String?) throws(CommandFailure) {
            guard let text else { return }
            for (member, value) in try AmountOption(text, option).members { set(type, member, value) }
        }
        try setAmount("cpu", exclusiveCpu == nil ? "--cpu" : "--exclusive-cpu", exclusiveCpu ?? cpu)
        set("cpu", "limit", limitCpu.map { .string($0) })
        set("cpu", "exclusive", exclusiveCpu == nil ? nil : true)
        try setAmount("memory", "--memory", memory)
        set("memory", "limit", limitMemory.map { .string($0) })
        set("memory", "guarantee", memoryGuarantee.map { .string($0) })
        set("memory", "swap", swap.map { .string($0) })
        set("memory", "oom", oom.map { .string($0) })
        try setAmount("pids", "--pids", pids)
        try setAmount("gpu", "--gpu", gpu)
        try setAmount("network", "--network", network)
        for text in resource {
            let (type, amount) = try Assignment.split(
                text, "--resource", expected: "a plugin's type and a number: acme.example/seat=1")
            guard asks[type]?["amount"] == nil else {
                throw CommandFailure("--resource is given more than once for \(type.printable)", status: 2)
            }
            try setAmount(type, "--resource", amount)
        }
        var storage = try storage()
        let open = storage.firstIndex { $0["device"]?.text == ResourceOptions.anyDisk }
        let types = Set(asks.keys).union(open == nil ? [] : ["storage"])
        let facts = try WhereOption.constraints(self.where, of: types)
        let wishes = try WhereOption.constraints(prefer, "--prefer", of: types)
        guard wishes["storage"] == nil else {
            throw CommandFailure(
                "--prefer says nothing of disks", hint: "say what a disk must be: --where storage.rotational=false",
                status: 2)
        }
        for (type, facts) in facts where type != "storage" { set(type, "where", .object(facts)) }
        if let open {
            let rest = storage[open].members.filter { $0.key != "device" }.map { ($0.key, $0.value) }
            storage[open] = .object(JSONObject([("where", .object(facts["storage"] ?? [:]))] + rest))
        } else if facts["storage"] != nil {
            throw CommandFailure(
                "--where says what a disk must be, and no disk is left open",
                hint: "ask for one in the place of a name: --io-write \(ResourceOptions.anyDisk)=50MiB", status: 2)
        }
        for (type, facts) in wishes { set(type, "prefer", .object(facts)) }
        var resources = JSONObject()
        for (type, ask) in asks.sorted(by: { $0.key < $1.key }) {
            // A bare quantity where nothing else is said: the shorter form reads better in a refusal.
            let amount = ask.count == 1 ? ask["amount"] : nil
            resources[type] = amount ?? .object(ask)
        }
        if !storage.isEmpty { resources["storage"] = .array(storage) }
        guard !resources.isEmpty || !isRequired else {
            throw CommandFailure(
                "no resource is named", hint: "name at least one, such as --cpu 2 or --memory 4GiB", status: 2)
        }
        return .object(resources)
    }

    /// What stands for any disk, of which `--where storage.FACT` says what it must be.
    private static let anyDisk = "any"

    /// One entry a disk, with all that is said of it.
    private func storage() throws(CommandFailure) -> [JSONValue] {
        let rate = "a disk and a rate: /dev/vda=50MiB"
        let options = [
            ("read", "--io-read", ioRead, rate), ("write", "--io-write", ioWrite, rate),
            ("read_iops", "--io-read-iops", ioReadIops, rate), ("write_iops", "--io-write-iops", ioWriteIops, rate),
            ("weight", "--io-weight", ioWeight, "a disk and a weight: /dev/vda=500"),
        ]
        var disks: [(name: String, ask: JSONObject)] = []
        for (member, option, texts, expected) in options {
            for text in texts {
                let (name, value) = try Assignment.split(text, option, expected: expected)
                let index = disks.firstIndex { $0.name == name } ?? disks.count
                if index == disks.count { disks.append((name, ["device": .string(name)])) }
                guard disks[index].ask[member] == nil else {
                    throw CommandFailure("\(option) is given more than once for \(name.printable)", status: 2)
                }
                disks[index].ask[member] = .string(value)
            }
        }
        return disks.map { .object($0.ask) }
    }
}

/// `NAME=VALUE`, as options have it.
enum Assignment {
    /// Splits at the first or the last equals sign; both sides have something.
    static func split(
        _ text: String, _ option: String, atLast: Bool = true, expected: String
    ) throws(CommandFailure) -> (name: String, value: String) {
        guard let sign = atLast ? text.lastIndex(of: "=") : text.firstIndex(of: "="), sign > text.startIndex,
            text.index(after: sign) < text.endIndex
        else { throw CommandFailure("\(option) \(text.printable) is not \(expected)", status: 2) }
        return (String(text[..<sign]), String(text[text.index(after: sign)...]))
    }
}
