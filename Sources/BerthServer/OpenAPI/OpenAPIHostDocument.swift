internal import BerthJSON
internal import BerthModel

// The document of `GET /v1/host` and `berth host --json`: each key that `json` of `Host` and its parts can print.
extension OpenAPI {
    /// A part of the host's document. More keys may come, so that none is forbidden.
    private static func part(_ description: String, required: [String] = [], _ properties: JSONObject) -> JSONValue {
        var object: JSONObject = ["type": "object", "description": .string(description)]
        if !required.isEmpty { object["required"] = .array(required.map { .string($0) }) }
        object["properties"] = .object(properties)
        return .object(object)
    }

    private static func text(_ description: String) -> JSONValue {
        ["type": "string", "description": .string(description)]
    }

    private static func texts(_ description: String) -> JSONValue {
        ["type": "array", "items": ["type": "string"], "description": .string(description)]
    }

    private static func word(_ words: JSONValue, _ description: String) -> JSONValue {
        ["type": "string", "enum": words, "description": .string(description)]
    }

    private static func truth(_ description: String) -> JSONValue {
        ["type": "boolean", "description": .string(description)]
    }

    /// What is said only where it is so.
    private static func mark(_ description: String) -> JSONValue {
        ["const": true, "description": .string(description)]
    }

    private static func count(_ description: String) -> JSONValue {
        ["type": "integer", "minimum": 0, "description": .string(description)]
    }

    /// CPUs or NUMA nodes as the kernel lists them.
    private static func idList(_ description: String) -> JSONValue {
        ["type": "string", "pattern": .string(listPattern), "description": .string(description)]
    }

    private static func idLists(_ description: String) -> JSONValue {
        [
            "type": "array", "items": ["type": "string", "pattern": .string(listPattern)],
            "description": .string(description),
        ]
    }

    private static let listPattern = "^([0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*)?$"

    private static func pci(_ description: String) -> JSONValue {
        [
            "type": "string", "pattern": "^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]$",
            "description": .string(description),
        ]
    }

    private static func hexadecimal(_ description: String) -> JSONValue {
        ["type": "string", "pattern": "^[0-9a-f]{4,8}$", "description": .string(description)]
    }

    private static func pages(_ description: String) -> JSONValue {
        [
            "type": "object", "description": .string(description), "propertyNames": ["pattern": "^[0-9]+$"],
            "additionalProperties": ["type": "integer", "minimum": 0], "examples": [["2048": 512, "1048576": 0]],
        ]
    }

    /// A reference with words of its own.
    private static func described(_ name: String, _ description: String) -> JSONValue {
        ["allOf": [schema(name)], "description": .string(description)]
    }

    private static func array(_ name: String, _ description: String) -> JSONValue {
        ["type": "array", "items": schema(name), "description": .string(description)]
    }

    private static let deviceNumber: JSONValue = [
        "type": "string", "pattern": "^[0-9]+:[0-9]+$", "examples": ["8:0"],
        "description": "The device number, major:minor, as `io.max` wants it (`dev`; of a file system mountinfo).",
    ]

    private static let pciSwitch = pci(
        "The PCIe switch that it hangs on, by its upstream port; what hangs on the same one bypasses the host bridge.")

    private static let nearestNode = count("The NUMA node that it is on (`numa_node` of it or of what is above it).")

    static let hostDocumentSchemas: JSONObject = [
        "Host": part(
            """
            What discovery found of the host; `berth host --json` prints the same. The number in `schema` changes when \
            a key is taken away or means something else; keys may be added. What is unknown has no key, 0 is zero, \
            and null stands nowhere. CPUs and NUMA nodes are listed as the kernel lists them: `0-3,8`, an empty \
            text for none. PCI functions are written `0000:06:00.0`. Names in brackets are files of the kernel, or \
            lines of one.
            """,
            required: [
                "schema", "cpu", "memory", "numa", "gpus", "displays", "disks", "volumes", "filesystems", "nics",
                "virtual_nics", "limits", "pressure", "kernel", "problems",
            ],
            [
                "schema": ["const": .string(Host.schema), "description": "What document this is, and its version."],
                "cpu": schema("HostCPU"),
                "memory": schema("HostMemory"),
                "numa": array("HostNUMANode", "NUMA nodes by number; empty where the kernel shows none."),
                "gpus": array("HostGPU", "GPUs and accelerators that can be given to work, a partition as one."),
                "displays": array("HostDisplay", "Adapters that only show a picture, and compute nothing."),
                "disks": array("HostDisk", "Whole disks by name, each once however many paths lead to it."),
                "volumes": array(
                    "HostVolume", "Every other block device; their sizes are contained in those of disks or memory."),
                "filesystems": array("HostFilesystem", "Mounted file systems, each once, but none in memory."),
                "nics": array("HostNIC", "Network interfaces that are hardware as this machine sees it."),
                "virtual_nics": array("HostNIC", "Interfaces that the kernel makes: bridges, VLANs, tunnels, `lo`."),
                "limits": schema("HostLimits"),
                "pressure": schema("HostPressure"),
                "kernel": schema("HostKernel"),
                "problems": texts("What could not be read or understood, each a sentence that names the file."),
            ])
    ]

    static let hostComputeSchemas: JSONObject = [
        "HostCPU": part(
            "Processors: `/sys/devices/system/cpu`, else `/proc/cpuinfo`. Counts are of things with an online CPU.",
            required: ["kinds"],
            [
                "architecture": text("As `uname -m` says it: `x86_64`, `aarch64`, `s390x`."),
                "model": text("The processor's name, of the fastest kind where there are several."),
                "machine": text("The machine, where `/proc/cpuinfo` names one beside the processor (POWER)."),
                "online": count("How many logical CPUs can run something now."),
                "online_list": idList("The logical CPUs that can run something now (`online`)."),
                "present": count("How many logical CPUs are plugged in, online or not."),
                "present_list": idList("The logical CPUs that are plugged in, online or not (`present`)."),
                "offline_list": idList("CPUs that are present and not online."),
                "allowed_list": idList("Online CPUs that the process's own cpuset and affinity leave to it."),
                "isolated_list": idList("CPUs kept out of the scheduler's balancing (`isolated`, else `isolcpus=`)."),
                "isolation_flags": texts("The flags of `isolcpus=`: `domain`, `nohz`, `managed_irq`. Absent for none."),
                "drawers": count("Drawers of a mainframe."),
                "books": count("Books in the drawers of a mainframe."),
                "packages": count("Physical packages, as they sit in sockets."),
                "dies": count("Dies in the packages."),
                "clusters": count("Clusters: cores within a die that share something below the L3 cache."),
                "cores": count("Cores; the CPUs of one core are SMT siblings."),
                "l2_caches": count("Level 2 caches; of split ones the data halves."),
                "l3_caches": count("Level 3 caches."),
                "frequency_hz": described(
                    "HostFrequency", "The lowest and highest clock of all CPUs, and the base of the fastest kind."),
                "kinds": array("HostCPUKind", "Kinds of CPU, the fastest first; empty where all are alike."),
                "topology": schema("HostTopology"),
            ]),
        "HostCPUKind": part(
            "CPUs that are alike, on a machine where not all are.", required: ["name", "cpus"],
            [
                "name": text(
                    "`performance`, `efficient`, between them `medium`, `medium_1`, `low_power`; else `kind_1`, …"),
                "cpus": idList("The online CPUs of this kind."),
                "model": text("The core's name, where each CPU tells its own (ARM)."),
                "capacity": count("The highest `cpu_capacity` of them; 1024 is the fastest CPU of the machine."),
                "frequency_hz": described("HostFrequency", "The clock of this kind."),
            ]),
        "HostFrequency": part(
            "Limits of a clock, in hertz.",
            [
                "min": count("The lowest that a CPU runs at, in hertz (`cpuinfo_min_freq`)."),
                "base": count("What it is sold at, in hertz (`base_frequency`, `nominal_freq`, `/proc/cpuinfo`)."),
                "max": count("The highest, boost included, in hertz (`cpuinfo_max_freq`)."),
            ]),
        "HostTopology": part(
            "Which online CPUs share a thing: of each thing that is known a list of sets of CPUs, by their lowest CPU.",
            [
                "drawers": idLists("The CPUs of each drawer (`drawer_siblings`)."),
                "books": idLists("The CPUs of each book (`book_siblings`)."),
                "packages": idLists("The CPUs of each package (`package_cpus`, `core_siblings`)."),
                "dies": idLists("The CPUs of each die (`die_cpus`)."),
                "clusters": idLists("The CPUs of each cluster (`cluster_cpus`)."),
                "cores": idLists("The CPUs of each core (`core_cpus`, `thread_siblings`)."),
                "l2": idLists("The CPUs of each level 2 cache (`shared_cpu_map`)."),
                "l3": idLists("The CPUs of each level 3 cache (`shared_cpu_map`)."),
            ]),
        "HostMemory": part(
            "Memory, swap and huge pages of the whole host.",
            [
                "total_bytes": count("`MemTotal` of `/proc/meminfo`, else the sum over the NUMA nodes; in bytes."),
                "available_bytes": count("What can be had without swapping, in bytes (`MemAvailable`)."),
                "swap_total_bytes": count("Swap space in bytes (`SwapTotal`)."),
                "swap_free_bytes": count("Swap space not in use, in bytes (`SwapFree`)."),
                "hugepages": pages("Huge pages set aside, in use or not, by their size in KiB (`nr_hugepages`)."),
                "hugepages_free": pages("Huge pages that nothing uses, by their size in KiB (`free_hugepages`)."),
                "allowed_nodes": idList("NUMA nodes that the process's own cpuset lets it take memory from."),
            ]),
        "HostNUMANode": part(
            "A NUMA node: `/sys/devices/system/node/nodeN`. Numbers may have gaps.", required: ["id"],
            [
                "id": count("The kernel's number."),
                "cpulist": idList("Its online CPUs; empty for memory alone."),
                "memory_bytes": count("Its memory in bytes (`MemTotal` of its `meminfo`), 0 for CPUs alone."),
                "memory_free_bytes": count("Its free memory in bytes (`MemFree`)."),
                "hugepages": pages("Huge pages set aside on it, by their size in KiB."),
                "hugepages_free": pages("Those of them that nothing uses, by their size in KiB."),
                "distance": [
                    "type": "array", "items": ["type": "integer", "minimum": 0, "maximum": 255],
                    "description": "To each node, itself included, in the order of their ids; 10 is near (`distance`).",
                ],
                "memory_of": word(["gpu", "dax"], "Of a device whose memory it is; absent for the host's own."),
                "gpu_pci": text("With `gpu`: the GPU's PCI function, as NVIDIA's driver writes it (`numa_status`)."),
                "dax_devices": texts("With `dax`: the devices of the driver `kmem`: persistent, CXL or other memory."),
            ]),
    ]

    static let hostDeviceSchemas: JSONObject = [
        "HostGPU": part(
            "A GPU or accelerator, or a partition or virtual function of one: from PCI, DRM, KFD and NVIDIA's driver.",
            required: ["kind"],
            [
                "kind": word(["gpu", "accelerator"], "Whether it draws, or is of a maker of such, or only computes."),
                "pci": pci("Its PCI function; absent for a part of a chip without PCI."),
                "pcie_switch": pciSwitch,
                "parent": pci("The card that it is a partition or virtual function of; absent for a whole card."),
                "partition": text("Which partition: `0`, `1`, … of amdgpu, `gi1/ci0` of an NVIDIA MIG instance."),
                "vendor": hexadecimal("The PCI vendor in hexadecimal: `10de` NVIDIA, `1002` AMD, `8086` Intel."),
                "device": hexadecimal("The PCI device in hexadecimal."),
                "model": text("Its name, where the driver tells it."),
                "driver": text("The driver that holds it: `amdgpu`, `nvidia`, `i915`, `vfio-pci`; absent for none."),
                "integrated": truth("Whether it is part of the processor and has no memory of its own."),
                "virtual_function": mark("It is an SR-IOV virtual function."),
                "vram_bytes": count("Its own memory in bytes."),
                "card": text("Its DRM card: `card0`."),
                "render_minor": count("The number of its DRM render node: 128 is `/dev/dri/renderD128`."),
                "nvidia_minor": count("The number of the NVIDIA device: 0 is `/dev/nvidia0`."),
                "kfd_node": count("The number of its node in the topology of amdgpu's compute driver (KFD)."),
                "uuid": text("What `CUDA_VISIBLE_DEVICES` or `ROCR_VISIBLE_DEVICES` calls it: `GPU-…`."),
                "compute_partition": text("How the card is partitioned: `SPX`, `CPX` (`current_compute_partition`)."),
                "nodes": texts("The device files by which it is used."),
                "numa": nearestNode,
                "local_cpulist": idList("The CPUs nearest to it (`local_cpulist`)."),
                "health": schema("HostGPUHealth"),
            ]),
        "HostGPUHealth": part(
            "How well a GPU is, as far as the kernel counts it. The link of one that is switched off is not asked.",
            [
                "correctable_errors": count("PCIe errors that the link repaired (`aer_dev_correctable`)."),
                "nonfatal_errors": count("PCIe errors that lost a transaction (`aer_dev_nonfatal`)."),
                "fatal_errors": count("PCIe errors after which the link cannot be trusted (`aer_dev_fatal`)."),
                "replays": count("PCIe packets sent again (amdgpu's `pcie_replay_count`)."),
                "repaired_errors": count("Memory and logic errors that were repaired (`ras/*_err_count`, `ce`)."),
                "unrepaired_errors": count("Memory and logic errors that were not repaired (`ue`)."),
                "resets": count("How often it was reset (Habana's `hard_reset_cnt` and `soft_reset_cnt` together)."),
                "status": text("What the driver says of it: `Operational` (Habana's `status`)."),
                "link_megatransfers_per_second": count(
                    "Speed of a lane now, in megatransfers a second (`current_link_speed`); it may rest when idle."),
                "full_link_megatransfers_per_second": count(
                    "Speed of a lane at most, in megatransfers a second (`max_link_speed`)."),
                "link_width": count("Lanes in use (`current_link_width`)."),
                "full_link_width": count("Lanes at most (`max_link_width`)."),
                "power_state": text("`D0` is on, `D3cold` is off until used (`power_state`)."),
            ]),
        "HostDisplay": part(
            "An adapter that only shows a picture: a server's management screen, a guest's virtual screen.",
            [
                "pci": pci("Its PCI function; absent for one without PCI."),
                "vendor": hexadecimal("The PCI vendor in hexadecimal."),
                "device": hexadecimal("The PCI device in hexadecimal."),
                "driver": text("The driver that holds it: `ast`, `mgag200`, `virtio-pci`; absent for none."),
                "name": text("What it is: `ASPEED`, `QXL`, `virtio`."),
            ]),
        "HostNIC": part(
            "A network interface: `/sys/class/net`. Its hardware address is not told.", required: ["name"],
            [
                "name": text("Its name: `eth0`."),
                "link": text("Its link layer: `ethernet`, `infiniband`, `loopback`, …, else `type 821` (`type`)."),
                "kind": text("What made it, where it is virtual: `bridge`, `bond`, `vlan`, `veth`, `tun`, …"),
                "driver": text("The driver of the device behind it (`device/driver`)."),
                "bus": text("The bus of that device: `pci`, `virtio`, `usb`, `vmbus`, `xen` (`device/subsystem`)."),
                "pci": pci("The PCI function behind it."),
                "pcie_switch": pciSwitch,
                "numa": nearestNode,
                "bits_per_second": count("The speed of its link in bits a second (`speed`, else InfiniBand's `rate`)."),
                "duplex": text("`full` or `half` (`duplex`)."),
                "state": text("`up`, `down`, `dormant`, … (`operstate`)."),
                "carrier": truth("Whether it has a link (`carrier`); absent while it is switched off."),
                "mtu_bytes": count("The largest packet in bytes (`mtu`)."),
                "receive_queues": count("Its receive queues (`queues/rx-*`)."),
                "transmit_queues": count("Its transmit queues (`queues/tx-*`)."),
                "master": text("The bridge, bond or team that it is a part of (`master`)."),
                "on": texts("The interfaces that it lies on (`lower_*`)."),
                "virtual_function": mark("It is an SR-IOV virtual function."),
                "physical_function": pci("The card that it is a virtual function of (`device/physfn`)."),
                "virtual_functions": count("How many virtual functions are switched on (`device/sriov_numvfs`)."),
            ]),
    ]

    static let hostStorageSchemas: JSONObject = [
        "HostDisk": part(
            "A whole disk, as below `/sys/class/block`. Serial numbers and world-wide names are not told.",
            required: ["name"],
            [
                "name": text("Its name without `/dev/`: `sda`, `nvme0n1`. Of several paths the first."),
                "device": deviceNumber,
                "size_bytes": count("Its size in bytes (`size`, which counts 512 bytes)."),
                "rotational": truth("Whether the driver says that it has spinning platters (`queue/rotational`)."),
                "read_only": truth("Whether it cannot be written (`ro`)."),
                "model": text("The model's name (`device/model`)."),
                "vendor": text("The maker's name (`device/vendor`)."),
                "transport": text("How it is attached: `sata`, `sas`, `nvme`, `nvme-tcp`, `fc`, `iscsi`, `usb`, …"),
                "state": text("The state of a SCSI or NVMe device: `running`, `offline`, `live` (`device/state`)."),
                "pci": pci("The PCI function that it hangs on; absent where its paths differ."),
                "pcie_switch": pciSwitch,
                "numa": nearestNode,
                "paths": texts("All paths to it, itself included; absent where there is just one."),
                "multipath": text("The device that joins the paths: `dm-0`."),
                "queue": schema("HostDiskQueue"),
            ]),
        "HostDiskQueue": part(
            "What the request queue of a disk takes: `/sys/class/block/NAME/queue`.",
            [
                "logical_block_bytes": count("The smallest unit to be addressed, in bytes (`logical_block_size`)."),
                "physical_block_bytes": count(
                    "The smallest unit that is written without reading first, in bytes (`physical_block_size`)."),
                "requests": count("How many requests of each direction are queued at most (`nr_requests`)."),
                "largest_request_bytes": count("The largest request that is sent, in bytes (`max_sectors_kb`)."),
                "scheduler": text("The I/O scheduler in use: `none`, `mq-deadline`, `bfq` (`scheduler`)."),
                "schedulers": texts("The I/O schedulers to choose from; `io.bfq.weight` needs `bfq`."),
                "discard": truth("Whether blocks can be given back (`discard_max_bytes`, else `discard_granularity`)."),
                "zoned": text("`host-managed` or `host-aware` (`zoned`); absent for disks without zones."),
            ]),
        "HostVolume": part(
            "A block device that is no whole disk: a part of one, something made of several, or no disk at all.",
            required: ["name", "kind"],
            [
                "name": text("Its name without `/dev/`: `sda1`, `dm-0`, `md127`."),
                "kind": word(
                    [
                        "partition", "lvm", "crypt", "verity", "multipath", "dmraid", "dm", "md", "loop", "ram", "zram",
                        "network", "bcache", "zvol", "pmem", "flash", "boot", "cdrom", "floppy", "removable", "virtual",
                    ],
                    """
                    What it is. `dm` is another map of the device mapper, `md` a software RAID, `network` on another \
                    machine (nbd, rbd, drbd), `boot` an area of an eMMC, `virtual` another one without hardware.
                    """),
                "device": deviceNumber,
                "size_bytes": count("Its size in bytes (`size`)."),
                "rotational": truth("Whether there are spinning platters below it (`queue/rotational`)."),
                "read_only": truth("Whether it cannot be written (`ro`)."),
                "map_name": text("Its name below `/dev/mapper` (`dm/name`)."),
                "level": text("The level of a RAID: `raid1` (`md/level`)."),
                "missing_members": count("How many members a RAID lacks (`md/degraded`)."),
                "on": texts("What it lies on: the disk of a partition, the members of a map or RAID (`slaves`)."),
            ]),
        "HostFilesystem": part(
            "A mounted file system, once however often it is mounted: `/proc/1/mountinfo`. Sizes are by statvfs(3).",
            required: ["mount_point", "source", "type", "read_only", "project_quota"],
            [
                "mount_point": text("Where; of several places one that shows its root, then the shortest."),
                "source": text("What is mounted, as it was named then: `/dev/mapper/vg-home`, `server:/export`."),
                "type": text("The kind of file system: `ext4`, `xfs`, `nfs4`."),
                "device": deviceNumber,
                "block_device": text("The kernel's name of its device: `dm-1`, `sda2`."),
                "read_only": truth("Whether it is mounted read-only, there or altogether."),
                "project_quota": truth("Whether it has project quotas (`prjquota`), which give a folder a size."),
                "network": mark("Another machine or a process serves it; it is never asked for its size."),
                "size_bytes": count("All its blocks, in bytes."),
                "free_bytes": count("What is not used, in bytes, what is kept for root included."),
                "available_bytes": count("What an ordinary user can still write, in bytes."),
                "inodes": count("All its inodes; 0 where they are made as needed."),
                "free_inodes": count("The inodes not used."),
            ]),
    ]

    static let hostKernelSchemas: JSONObject = [
        "HostLimits": part(
            """
            What the own affinity, cpuset and cgroups of the agent, or of `berth host`, leave of the host. Every \
            ancestor that can be seen is counted. A limit that is not set is absent.
            """,
            [
                "cgroup": word(["v1", "hybrid", "v2"], "Which cgroup file systems are mounted; absent where none is."),
                "group": text("The process's own cgroup, as `/proc/self/cgroup` or `/proc/self/cpuset` names it."),
                "group_folder": text("The folder of that cgroup, if the mounts show it."),
                "affinity": idList("The online CPUs of its affinity (`Cpus_allowed_list` of `/proc/self/status`)."),
                "cpus": idList("The online CPUs that are left."),
                "cpu_millicores": count("CPU time left, in thousandths of a CPU: the least quota, or all `cpus`."),
                "memory_nodes": idList("NUMA nodes whose memory is left."),
                "memory_bytes": count("Memory left, in bytes: of the host, allowed nodes, each `memory.max`."),
                "memory_high_bytes": count("The smallest `memory.high` in bytes, where that is below `memory_bytes`."),
                "swap_bytes": count("The smallest `memory.swap.max` in bytes."),
                "pids": count("The smallest `pids.max`: how many processes and threads."),
                "by": schema("HostLimitsBy"),
            ]),
        "HostLimitsBy": part(
            """
            Who sets each limit: a file, `affinity`, several with `and` between them, or `host` where nothing narrows \
            what the host has.
            """,
            [
                "cpus": text("Who sets `cpus`."),
                "cpu_millicores": text("Who sets `cpu_millicores`."),
                "memory_nodes": text("Who sets `memory_nodes`."),
                "memory_bytes": text("Who sets `memory_bytes`."),
                "memory_high_bytes": text("Who sets `memory_high_bytes`."),
                "swap_bytes": text("Who sets `swap_bytes`."),
                "pids": text("Who sets `pids`."),
            ]),
        "HostPressure": part(
            "Pressure stall information of the whole host: `/proc/pressure`. Empty where the kernel tells none.",
            [
                "cpu": described("HostStall", "Waiting for a CPU."),
                "memory": described("HostStall", "Waiting for memory: reclaim, swap, refaults."),
                "io": described("HostStall", "Waiting for a disk."),
            ]),
        "HostStall": part(
            "How much time is lost waiting for something.",
            [
                "some": described("HostStallShare", "Time in which at least one task waited."),
                "full": described("HostStallShare", "Time in which every task that was not idle waited."),
            ]),
        "HostStallShare": part(
            "A share of time.", required: ["avg10", "avg60", "avg300", "total_usec"],
            [
                "avg10": ["type": "number", "minimum": 0, "description": "Over the last 10 seconds, in per cent."],
                "avg60": ["type": "number", "minimum": 0, "description": "Over the last minute, in per cent."],
                "avg300": ["type": "number", "minimum": 0, "description": "Over the last 5 minutes, in per cent."],
                "total_usec": count("The time lost since the start of the host, in microseconds."),
            ]),
        "HostKernel": part(
            "The kernel, what of it enforcement needs, and where it runs.", required: ["features"],
            [
                "release": text("`6.12.9-amd64` (`/proc/sys/kernel/osrelease`)."),
                "version": text("`#1 SMP PREEMPT_DYNAMIC …` (`/proc/sys/kernel/version`)."),
                "architecture": text("`x86_64`, as uname(2) calls it (`/proc/sys/kernel/arch`, from kernel 6.1)."),
                "page_bytes": count("The size of a memory page in bytes; absent for a recorded host."),
                "container": text("The container this is in: `docker`, `podman`, `lxc`, …; absent for none."),
                "hypervisor": text("The hypervisor below: `kvm`, `xen`, …, or `unknown`; absent for none."),
                "machine_vendor": text("Who made the machine, or the virtual one (`/sys/class/dmi/id/sys_vendor`)."),
                "machine_model": text("What the machine is called (`/sys/class/dmi/id/product_name`)."),
                "cgroup_mount": text("Where the cgroup v2 tree is mounted; absent where it is not."),
                "cgroup_options": texts("Options of that mount: `nsdelegate`, `favordynmods`, `memory_recursiveprot`."),
                "cgroup_controllers": texts("Controllers of the topmost cgroup to be seen (`cgroup.controllers`)."),
                "transparent_hugepages": text("`always`, `madvise` or `never` (`transparent_hugepage/enabled`)."),
                "security_modules": texts("The security modules in force (`/sys/kernel/security/lsm`)."),
                "features": schema("HostFeatures"),
            ]),
        "HostFeature": part(
            "Something that the kernel can do, or cannot.", required: ["present", "shown_by"],
            [
                "present": truth("Whether the kernel can do it."),
                "shown_by": text("The file or mount option that was there or was missing."),
            ]),
        "HostFeatures": part("What enforcement asks of the kernel, by name. What cannot be told is absent.", features),
    ]

    private static let features = JSONObject(
        Host.KernelFeature.Name.allCases.map { ($0.rawValue, described("HostFeature", use(of: $0))) })

    private static func use(of feature: Host.KernelFeature.Name) -> String {
        switch feature {
        case .cgroup2: "A cgroup v2 tree is mounted."
        case .cgroupKill: "`cgroup.kill` ends a whole group at once (5.14)."
        case .cgroupFreeze: "`cgroup.freeze` stops a whole group (5.2)."
        case .cpusetPartition: "`cpuset.cpus.partition` gives a group CPUs of its own (5.0)."
        case .cpusetExclusive: "`cpuset.cpus.exclusive` allows that below a group that is no partition (6.7)."
        case .memoryReclaim: "`memory.reclaim` takes memory back on request (5.19)."
        case .memoryPeak: "`memory.peak` keeps the most that was used (5.19)."
        case .cgroupPressure: "A group's pressure can be read and watched (`cpu.pressure`, 4.20)."
        case .pressure: "The host's pressure can be read (`/proc/pressure`, 4.20)."
        case .ioCost: "`io.cost.qos` at the real root makes `io.weight` work (5.4)."
        case .favorDynamicModification: "The tree is mounted with `favordynmods`: moving a process is quick (6.0)."
        case .recursiveProtection: "The tree is mounted so that a group's protection covers those below it (5.7)."
        case .btf: "The kernel describes its own types, as portable BPF programs need."
        case .zswap: "Swap compressed in memory is on."
        case .seccomp: "System calls can be filtered."
        case .landlock: "Programs can confine themselves to files."
        case .systemd: "systemd is the init of this host."
        case .cgroupNamespace: "The topmost cgroup that can be seen is not the real root."
        }
    }
}
