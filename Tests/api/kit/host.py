"""A small host for `berthd --host-root`: 8 CPUs, 2 NUMA nodes, 4 GPUs, a disk and a network interface."""
import pathlib

GIB = 1 << 30

#: cpu: (package, core, node); every core has two threads, every package is a node and has one L3 cache.
CPUS = {cpu: (cpu // 4, cpu // 2, cpu // 4) for cpu in range(8)}
CORES = [{0, 1}, {2, 3}, {4, 5}, {6, 7}]
NODE_BYTES = 16 * GIB
MEMORY = 2 * NODE_BYTES
PIDS = 32768
#: PCI address: NUMA node.
GPUS = {"0000:01:00.0": 0, "0000:02:00.0": 0, "0000:81:00.0": 1, "0000:82:00.0": 1}
#: PCI address: memory in GiB, model.
GPU_FACTS = {
    "0000:01:00.0": (32, "AMD Instinct MI100"), "0000:02:00.0": (64, "AMD Instinct MI210"),
    "0000:81:00.0": (64, "AMD Instinct MI210"), "0000:82:00.0": (128, "AMD Instinct MI250X"),
}
INTERFACE, SPEED = "eth0", 10_000_000_000
DISK = "vda"
BOOT = "00000000-0000-4000-8000-000000000001"


def write(folder):
    """Writes the host's /proc and /sys below `folder`, and returns the folder."""
    tree = Tree(folder)
    _proc(tree)
    _cpus(tree)
    _nodes(tree)
    _cgroup(tree)
    _devices(tree)
    return folder


class Tree:
    """A folder that files and links are put into."""

    def __init__(self, folder):
        self.root = pathlib.Path(folder)

    def file(self, path, text):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")

    def link(self, path, target):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)


def ranges(cpus):
    """CPUs as the kernel lists them, without joining neighbours: the kernel's own reader takes that too."""
    return ",".join(str(cpu) for cpu in sorted(cpus))


def _proc(tree):
    kib = MEMORY >> 10
    tree.file("proc/meminfo", f"MemTotal: {kib} kB\nMemFree: {kib} kB\nMemAvailable: {kib} kB\nSwapTotal: 0 kB")
    tree.file(
        "proc/cpuinfo",
        "\n\n".join(
            f"processor\t: {cpu}\nvendor_id\t: GenuineIntel\nmodel name\t: Model CPU\nphysical id\t: {package}\n"
            f"core id\t\t: {core}\nflags\t\t: fpu ht lm" for cpu, (package, core, _) in CPUS.items()))
    tree.file(
        "proc/self/mountinfo",
        "22 1 0:21 / /sys rw - sysfs sysfs rw\n23 1 0:22 / /proc rw - proc proc rw\n"
        "30 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate")
    tree.file("proc/self/cgroup", "0::/system.slice/berthd.service")
    tree.file("proc/self/status", f"Name:\tberthd\nCpus_allowed_list:\t{ranges(CPUS)}\nMems_allowed_list:\t0-1")
    tree.file("proc/sys/kernel/osrelease", "6.12.0")
    tree.file("proc/sys/kernel/pid_max", PIDS)
    tree.file("proc/sys/kernel/threads-max", PIDS * 4)
    tree.file("proc/sys/kernel/random/boot_id", BOOT)


def _cpus(tree):
    base = "sys/devices/system/cpu"
    for name in ("online", "present", "possible"):
        tree.file(f"{base}/{name}", ranges(CPUS))
    for cpu, (package, core, node) in CPUS.items():
        siblings = {other for other, place in CPUS.items() if place[1] == core}
        neighbours = {other for other, place in CPUS.items() if place[0] == package}
        place = f"{base}/cpu{cpu}/topology"
        tree.file(f"{place}/physical_package_id", package)
        tree.file(f"{place}/die_id", 0)
        tree.file(f"{place}/core_id", core % 2)
        tree.file(f"{place}/thread_siblings_list", ranges(siblings))
        tree.file(f"{place}/core_cpus_list", ranges(siblings))
        tree.file(f"{place}/package_cpus_list", ranges(neighbours))
        cache = f"{base}/cpu{cpu}/cache/index3"
        tree.file(f"{cache}/level", 3)
        tree.file(f"{cache}/type", "Unified")
        tree.file(f"{cache}/id", package)
        tree.file(f"{cache}/size", "16384K")
        tree.file(f"{cache}/shared_cpu_list", ranges(neighbours))
        tree.link(f"{base}/cpu{cpu}/node{node}", f"../../node/node{node}")


def _nodes(tree):
    base = "sys/devices/system/node"
    for name in ("online", "possible", "has_cpu", "has_memory"):
        tree.file(f"{base}/{name}", "0-1")
    for node in (0, 1):
        place = f"{base}/node{node}"
        tree.file(f"{place}/cpulist", ranges(cpu for cpu, at in CPUS.items() if at[2] == node))
        tree.file(f"{place}/distance", "10 21" if node == 0 else "21 10")
        tree.file(f"{place}/meminfo", f"Node {node} MemTotal: {NODE_BYTES >> 10} kB\nNode {node} MemFree: 0 kB")


def _cgroup(tree):
    base = "sys/fs/cgroup"
    for folder in (base, f"{base}/system.slice", f"{base}/system.slice/berthd.service"):
        tree.file(f"{folder}/cgroup.controllers", "cpuset cpu io memory pids")
        tree.file(f"{folder}/cgroup.subtree_control", "cpuset cpu io memory pids")
        tree.file(f"{folder}/cpuset.cpus.effective", ranges(CPUS))
        tree.file(f"{folder}/cpuset.mems.effective", "0-1")
        if folder == base:
            continue
        tree.file(f"{folder}/cpu.max", "max 100000")
        tree.file(f"{folder}/memory.max", "max")
        tree.file(f"{folder}/pids.max", "max")


def _devices(tree):
    for number, (address, node) in enumerate(GPUS.items()):
        place = f"sys/devices/pci0000:{address[5:7]}/{address}"
        tree.link(f"sys/bus/pci/devices/{address}", f"../../../devices/pci0000:{address[5:7]}/{address}")
        tree.file(f"{place}/class", "0x030200")
        tree.file(f"{place}/vendor", "0x1002")
        tree.file(f"{place}/device", "0x740f")
        tree.file(f"{place}/numa_node", node)
        vram, model = GPU_FACTS[address]
        tree.file(f"{place}/mem_info_vram_total", vram * GIB)
        tree.file(f"{place}/product_name", model)
        tree.file(f"{place}/drm/card{number}/dev", f"226:{number}")
        tree.link(f"sys/class/drm/card{number}", f"../../devices/pci0000:{address[5:7]}/{address}/drm/card{number}")
    place = "sys/devices/pci0000:00/0000:00:03.0"
    tree.file(f"{place}/numa_node", 0)
    tree.file(f"{place}/net/{INTERFACE}/type", 1)
    tree.file(f"{place}/net/{INTERFACE}/operstate", "up")
    tree.file(f"{place}/net/{INTERFACE}/carrier", 1)
    tree.file(f"{place}/net/{INTERFACE}/speed", SPEED // 1_000_000)
    tree.link(f"sys/class/net/{INTERFACE}", f"../../devices/pci0000:00/0000:00:03.0/net/{INTERFACE}")
    place = f"sys/devices/pci0000:00/0000:00:04.0/virtio1/block/{DISK}"
    tree.file(f"{place}/dev", "254:0")
    tree.file(f"{place}/size", 64 * GIB // 512)
    tree.file(f"{place}/ro", 0)
    tree.file(f"{place}/queue/rotational", 0)
    tree.file(f"{place}/{DISK}1/dev", "254:1")
    tree.file(f"{place}/{DISK}1/partition", 1)
    tree.file(f"{place}/{DISK}1/size", 32 * GIB // 512)
    for name, target in ((DISK, place), (f"{DISK}1", f"{place}/{DISK}1")):
        tree.link(f"sys/class/block/{name}", f"../../{target.removeprefix('sys/')}")
    tree.link(f"sys/block/{DISK}", f"../{place.removeprefix('sys/')}")
