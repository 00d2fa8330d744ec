package import BerthJSON
package import BerthModel

extension Host {
    /// Reads what `berth host --json` printed, as far as it tells what can be reserved: processors, memory, NUMA nodes,
    /// GPUs, disks, interfaces and limits. The rest stays empty.
    /// - Throws: where it is no such document
    package init(document: JSONValue) throws(JSONFieldError) {
        var fields = try JSONFields(document)
        let schema = try fields.required("schema", .string)
        guard schema == Host.schema else {
            throw fields.invalid("schema", "is \(JSONValue.string(schema).excerpt), not \"\(Host.schema)\"")
        }
        let nodes = try fields.optional("numa", .array(of: .numaNode)) ?? []
        let memory = try fields.optional(
            "memory",
            .document { fields throws(JSONFieldError) in
                Host.Memory(
                    total: try fields.optional("total_bytes", .count),
                    allowedNodes: try fields.optional("allowed_nodes", .cpuList))
            })
        self.init(
            cpu: try fields.required("cpu", .processors(nodes)), memory: memory ?? Host.Memory(), numa: nodes,
            gpus: try fields.optional("gpus", .array(of: .gpu)) ?? [], displays: [],
            storage: Host.Storage(
                disks: try fields.optional("disks", .array(of: .disk)) ?? [],
                volumes: try fields.optional("volumes", .array(of: .volume)) ?? []),
            filesystems: [],
            network: Host.Network(nics: try fields.optional("nics", .array(of: .nic)) ?? []),
            limits: try fields.optional("limits", .limits) ?? Host.Limits(), pressure: Host.Pressure(),
            kernel: Host.Kernel(), problems: [])
    }
}

extension JSONReader {
    /// An object of which only some members are looked at.
    fileprivate static func document(
        _ body: @escaping (inout JSONFields) throws(JSONFieldError) -> Value
    ) -> JSONReader {
        JSONReader(expecting: "an object") { value throws(JSONFieldError) in
            var fields = try JSONFields(value)
            return try body(&fields)
        }
    }
}

extension JSONReader where Value == Int {
    /// A number of things, bytes or the like.
    fileprivate static var count: JSONReader {
        JSONReader(expecting: "a whole number") { value throws(JSONFieldError) in
            let number = try JSONReader<Int64>.int64.read(value)
            guard 0...(1 << 53) ~= number else { throw .invalid("must be 0 to 2^53, not \(number)") }
            return Int(number)
        }
    }
}

extension JSONReader where Value == CPUSet {
    /// CPUs or nodes as the kernel lists them: `0-3,8`.
    fileprivate static var cpuList: JSONReader {
        JSONReader(expecting: "a list such as \"0-3,8\"") { value throws(JSONFieldError) in
            let text = try JSONReader<String>.string.read(value)
            do throws(ParseError) { return try CPUSet(parsing: text) } catch { throw .invalid("\(error)") }
        }
    }
}

extension JSONReader where Value == Host.CPU {
    fileprivate static func processors(_ nodes: [Host.NUMANode]) -> JSONReader {
        .document { fields throws(JSONFieldError) in
            let online = try fields.optional("online_list", .cpuList)
            var groups: [String: [CPUSet]] = [:]
            if let topology = try fields.optional("topology", .dictionary(of: .array(of: .cpuList))) {
                groups = topology
            }
            func number(_ thing: String, of cpu: Int) -> Int? { groups[thing]?.firstIndex { $0.contains(cpu) } }
            return Host.CPU(
                online: online, allowed: try fields.optional("allowed_list", .cpuList),
                logical: (online ?? []).map { cpu in
                    Host.CPU.Logical(
                        id: cpu, drawer: number("drawers", of: cpu), book: number("books", of: cpu),
                        package: number("packages", of: cpu), die: number("dies", of: cpu),
                        cluster: number("clusters", of: cpu),
                        core: number("cores", of: cpu), l2: number("l2", of: cpu), l3: number("l3", of: cpu),
                        node: nodes.first { $0.cpus?.contains(cpu) == true }?.id)
                })
        }
    }
}

extension JSONReader where Value == Host.NUMANode {
    fileprivate static var numaNode: JSONReader {
        .document { fields throws(JSONFieldError) in
            let gpu = try fields.optional("gpu_pci", .string)
            let isDevice = try fields.optional("memory_of", .string) != nil
            return Host.NUMANode(
                id: try fields.required("id", .count), cpus: try fields.optional("cpulist", .cpuList),
                memory: try fields.optional("memory_bytes", .count),
                distance: try fields.optional("distance", .array(of: .count)),
                device: gpu.map { .gpu(pci: $0) } ?? (isDevice ? .dax(names: []) : nil))
        }
    }
}

extension JSONReader where Value == Host.GPU {
    fileprivate static var gpu: JSONReader {
        .document { fields throws(JSONFieldError) in
            var gpu = Host.GPU(pci: try fields.optional("pci", .string))
            gpu.vendor = try fields.optional("vendor", .string)
            gpu.device = try fields.optional("device", .string)
            gpu.model = try fields.optional("model", .string)
            gpu.driver = try fields.optional("driver", .string)
            gpu.vramBytes = try fields.optional("vram_bytes", .count)
            gpu.renderMinor = try fields.optional("render_minor", .count)
            gpu.uuid = try fields.optional("uuid", .string)
            gpu.numaNode = try fields.optional("numa", .count)
            gpu.pcieSwitch = try fields.optional("pcie_switch", .string)
            return gpu
        }
    }
}

extension JSONReader where Value == Host.Disk {
    fileprivate static var disk: JSONReader {
        .document { fields throws(JSONFieldError) in
            var disk = Host.Disk(
                name: try fields.required("name", .string), sizeBytes: try fields.optional("size_bytes", .count),
                rotational: try fields.optional("rotational", .bool), model: try fields.optional("model", .string),
                numaNode: try fields.optional("numa", .count))
            disk.readOnly = try fields.optional("read_only", .bool)
            disk.pcieSwitch = try fields.optional("pcie_switch", .string)
            return disk
        }
    }
}

extension JSONReader where Value == Host.Volume {
    fileprivate static var volume: JSONReader {
        .document { fields throws(JSONFieldError) in
            let kind = try fields.required("kind", .string)
            return Host.Volume(
                name: try fields.required("name", .string), kind: Host.Volume.Kind(rawValue: kind) ?? .virtual,
                on: try fields.optional("on", .array(of: .string)) ?? [])
        }
    }
}

extension JSONReader where Value == Host.NIC {
    fileprivate static var nic: JSONReader {
        .document { fields throws(JSONFieldError) in
            var nic = Host.NIC(
                name: try fields.required("name", .string), link: try fields.optional("link", .string),
                driver: try fields.optional("driver", .string), numaNode: try fields.optional("numa", .count),
                bitsPerSecond: try fields.optional("bits_per_second", .count),
                state: try fields.optional("state", .string), carrier: try fields.optional("carrier", .bool))
            nic.master = try fields.optional("master", .string)
            nic.pcieSwitch = try fields.optional("pcie_switch", .string)
            return nic
        }
    }
}

extension JSONReader where Value == Host.Limits {
    fileprivate static var limits: JSONReader {
        .document { fields throws(JSONFieldError) in
            let by = try fields.optional("by", .dictionary(of: .string)) ?? [:]
            func bound<Bounded>(_ value: Bounded?, _ name: String) -> Host.Limits.Bound<Bounded>? {
                value.map { Host.Limits.Bound($0, by: by[name] ?? "host") }
            }
            return Host.Limits(
                cpus: bound(try fields.optional("cpus", .cpuList), "cpus"),
                cpuMillicores: bound(try fields.optional("cpu_millicores", .count), "cpu_millicores"),
                memoryNodes: bound(try fields.optional("memory_nodes", .cpuList), "memory_nodes"),
                memory: bound(try fields.optional("memory_bytes", .count), "memory_bytes"),
                memoryHigh: bound(try fields.optional("memory_high_bytes", .count), "memory_high_bytes"),
                processes: bound(try fields.optional("pids", .count), "pids"))
        }
    }
}
