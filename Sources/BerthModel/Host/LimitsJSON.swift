public import BerthJSON

extension Host.Limits {
    /// `{"cgroup": "v2", "group", "cpus": "0-3", "cpu_millicores": 1500, "memory_bytes", …, "by": {"cpus": …}}`.
    ///
    /// `by` has the same keys as the limits and says which file of which ancestor set each, or `affinity` or `host`.
    public var json: JSONValue {
        var json = HostJSON()
        var by = HostJSON()
        json.add("cgroup", cgroup?.rawValue)
        json.add("group", group)
        json.add("group_folder", groupFolder)
        json.add("affinity", affinity)
        json.add("cpus", cpus?.value)
        json.add("cpu_millicores", cpuMillicores?.value)
        json.add("memory_nodes", memoryNodes?.value)
        json.add("memory_bytes", memory?.value)
        json.add("memory_high_bytes", memoryHigh?.value)
        json.add("swap_bytes", swap?.value)
        json.add("pids", processes?.value)
        by.add("cpus", cpus?.by)
        by.add("cpu_millicores", cpuMillicores?.by)
        by.add("memory_nodes", memoryNodes?.by)
        by.add("memory_bytes", memory?.by)
        by.add("memory_high_bytes", memoryHigh?.by)
        by.add("swap_bytes", swap?.by)
        by.add("pids", processes?.by)
        json.addUnlessEmpty("by", by)
        return json.value
    }
}
