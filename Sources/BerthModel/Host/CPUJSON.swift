public import BerthJSON

extension Host.CPU {
    /// `{"online": 24, "online_list": "0-23", "cores": 12, "topology": {"cores": ["0,12", …]}, …}`.
    ///
    /// Counts are of things with an online CPU. `topology` has one list for each thing that is known, of the sets of
    /// CPUs that share it, so that its size is that of the CPU numbers in it and no more.
    public var json: JSONValue {
        var json = HostJSON()
        json.add("architecture", architecture)
        json.add("model", model)
        json.add("machine", machine)
        json.add("online", online?.count)
        json.add("online_list", online)
        json.add("present", present?.count)
        json.add("present_list", present)
        json.add("offline_list", offline)
        json.add("allowed_list", allowed)
        json.add("isolated_list", isolated)
        if !isolationFlags.isEmpty { json.add("isolation_flags", isolationFlags.map { .string($0) }) }
        var topology = HostJSON()
        for (name, count, thing) in Host.CPU.things {
            let sets = sets(thing)
            json.add(count, sets?.count)
            topology.add(name, sets?.map { .string($0.description) })
        }
        json.addUnlessEmpty("frequency_hz", frequency.json)
        json.add("kinds", kinds.map(\.json))
        json.addUnlessEmpty("topology", topology)
        return json.value
    }

    /// What CPUs share: the name of its sets, of its count, and where it stands.
    private static var things: [(String, String, KeyPath<Logical, Int?>)] {
        [
            ("drawers", "drawers", \.drawer), ("books", "books", \.book),
            ("packages", "packages", \.package), ("dies", "dies", \.die), ("clusters", "clusters", \.cluster),
            ("cores", "cores", \.core), ("l2", "l2_caches", \.l2), ("l3", "l3_caches", \.l3),
        ]
    }
}

extension Host.CPU.Kind {
    /// `{"name": "performance", "cpus": "0-11", …}`.
    public var json: JSONValue {
        var json = HostJSON()
        json.add("name", name)
        json.add("cpus", cpus)
        json.add("model", model)
        json.add("capacity", capacity)
        json.addUnlessEmpty("frequency_hz", frequency.json)
        return json.value
    }
}

extension Host.CPU.Frequency {
    /// `{"min", "base", "max"}`, each where it is known.
    var json: HostJSON {
        var json = HostJSON()
        json.add("min", minimum)
        json.add("base", base)
        json.add("max", maximum)
        return json
    }
}
