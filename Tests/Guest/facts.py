"""The facts on which `berth host --json` and the guest's own tools must agree: one function each, which takes Berth's
document and the tools and gives what either says. None is "unknown"; where the tool cannot tell there is no pair."""
import re

from tools import bits, numbers

FACTS = []


def fact(name, tool, within=0.0):
    """Makes a function a fact; `within` is the part by which numbers may differ."""
    def made(function):
        FACTS.append((name, tool, within, function))
        return function
    return made


def by_name(things, value, key="name"):
    """One value of each thing of a list, by its name."""
    return {thing[key]: value(thing) for thing in things}


@fact("cpu.model", "lscpu")
def cpu_model(host, tools):
    return host["cpu"].get("model"), tools.lscpu.get("Model name")


@fact("cpu.present", "lscpu")
def cpus_present(host, tools):
    return host["cpu"].get("present"), int(tools.lscpu["CPU(s)"])


@fact("cpu.online", "lscpu -e")
def cpus_online(host, tools):
    return host["cpu"].get("online"), len(tools.online())


@fact("cpu.online_list", "lscpu")
def cpus_online_list(host, tools):
    return numbers(host["cpu"].get("online_list")), numbers(tools.lscpu["On-line CPU(s) list"])


@fact("cpu.allowed_list", "taskset")
def cpus_allowed(host, tools):
    return numbers(host["cpu"].get("allowed_list")), numbers(tools.affinity)


@fact("cpu.isolated_list", "the kernel")
def cpus_isolated(host, tools):
    return numbers(host["cpu"].get("isolated_list")), numbers(tools.isolated)


@fact("cpu.packages", "lscpu -e")
def packages(host, tools):
    return host["cpu"].get("packages"), len({cpu["SOCKET"] for cpu in tools.online()})


@fact("cpu.packages", "lstopo")
def packages_by_lstopo(host, tools):
    return host["cpu"].get("packages"), len(tools.objects("Package"))


@fact("cpu.dies", "lstopo")
def dies(host, tools):
    """lstopo leaves out dies that are whole packages."""
    return host["cpu"].get("dies"), len(tools.objects("Die")) or len(tools.objects("Package"))


@fact("cpu.cores", "lscpu -e")
def cores(host, tools):
    return host["cpu"].get("cores"), len({cpu["CORE"] for cpu in tools.online()})


@fact("cpu.cores", "lstopo")
def cores_by_lstopo(host, tools):
    return host["cpu"].get("cores"), len(tools.objects("Core"))


@fact("cpu.l2_caches", "lscpu -e")
def l2_caches(host, tools):
    return host["cpu"].get("l2_caches"), tools.caches(2)


@fact("cpu.l3_caches", "lscpu -e")
def l3_caches(host, tools):
    return host["cpu"].get("l3_caches"), tools.caches(3)


@fact("cpu.l3_caches", "lstopo")
def l3_caches_by_lstopo(host, tools):
    return host["cpu"].get("l3_caches"), len(tools.objects("L3Cache")) or None


@fact("cpu.kinds", "lstopo")
def kinds(host, tools):
    """The CPUs of each kind, the kinds in no order; both leave out a kind that all are of."""
    said = [numbers(kind["cpus"]) for kind in host["cpu"].get("kinds", [])]
    found = [bits(kind.get("cpuset")) for kind in tools.lstopo.findall("cpukind")]
    return sorted(said, key=min), sorted(found, key=min)


@fact("memory.total_bytes", "/proc/meminfo")
def memory_total(host, tools):
    return host["memory"].get("total_bytes"), int(tools.meminfo["MemTotal"]) * 1024


@fact("memory.available_bytes", "/proc/meminfo", within=0.1)
def memory_available(host, tools):
    return host["memory"].get("available_bytes"), int(tools.meminfo["MemAvailable"]) * 1024


@fact("memory.allowed_nodes", "lstopo")
def memory_nodes(host, tools):
    return numbers(host["memory"].get("allowed_nodes")), bits(tools.lstopo.find("object").get("allowed_nodeset"))


@fact("memory.hugepages", "lstopo")
def hugepages(host, tools):
    total = {}
    for node in tools.objects("NUMANode"):
        for size, count in hugepages_of(node).items():
            total[size] = total.get(size, 0) + count
    return host["memory"].get("hugepages", {}), total


@fact("numa[].hugepages", "lstopo")
def hugepages_by_node(host, tools):
    """lstopo leaves out nodes without memory."""
    found = {int(node.get("os_index")): hugepages_of(node) for node in tools.objects("NUMANode")}
    said = by_name(host["numa"], lambda node: node.get("hugepages", {}), "id")
    return {number: pages for number, pages in said.items() if number in found}, found


def hugepages_of(node):
    """Huge pages of lstopo's NUMA node, by their size in KiB."""
    return {str(int(page.get("size")) // 1024): int(page.get("count"))
            for page in node.findall("page_type") if page.get("size") != "4096"}


@fact("numa[].id", "numactl")
def nodes(host, tools):
    return {node["id"] for node in host["numa"]}, set(tools.nodes())


@fact("numa[].cpulist", "numactl")
def cpus_of_nodes(host, tools):
    found = {number: {int(cpu) for cpu in said["cpus"]} for number, said in tools.nodes().items()}
    return by_name(host["numa"], lambda node: numbers(node.get("cpulist")), "id"), found


@fact("numa[].memory_bytes, in MiB", "numactl")
def memory_of_nodes(host, tools):
    def mib(node):
        return None if node.get("memory_bytes") is None else node["memory_bytes"] >> 20
    found = {number: int(said["size"][0]) for number, said in tools.nodes().items()}
    return by_name(host["numa"], mib, "id"), found


@fact("numa[].distance", "numactl")
def distances(host, tools):
    return by_name(host["numa"], lambda node: node.get("distance"), "id"), tools.distances()


@fact("disks[].size_bytes", "lsblk")
def disk_sizes(host, tools):
    found = {disk["name"]: int(disk["size"]) for disk in tools.lsblk if disk["type"] == "disk"}
    return by_name(host["disks"], lambda disk: disk.get("size_bytes")), found


@fact("disks[].rotational", "lsblk")
def disk_rotation(host, tools):
    found = {disk["name"]: disk["rota"] for disk in tools.lsblk if disk["type"] == "disk"}
    return by_name(host["disks"], lambda disk: disk.get("rotational")), found


@fact("disks[].numa", "lstopo")
def disk_nodes(host, tools):
    """On a machine of one node lstopo hangs everything on it, whatever the firmware says."""
    if len(tools.objects("NUMANode")) < 2:
        return None
    return by_name(host["disks"], lambda disk: disk.get("numa")), tools.nodes_of_disks()


@fact("nics[].name", "lstopo")
def nics(host, tools):
    return {nic["name"] for nic in host["nics"]}, tools.devices(2)


@fact("virtual_nics[].name", "ip")
def virtual_nics(host, tools):
    """But for the loopback, which is a matter of taste."""
    return {nic["name"] for nic in host["virtual_nics"]} - {"lo"}, set(tools.links) - tools.devices(2) - {"lo"}


@fact("nics[].bits_per_second, in Mbit/s", "ethtool")
def nic_speeds(host, tools):
    def megabits(nic):
        return None if nic.get("bits_per_second") is None else nic["bits_per_second"] // 1_000_000
    return by_name(host["nics"], megabits), {name: tools.megabits(name) for name in tools.devices(2)}


@fact("nics[].receive_queues, transmit_queues", "ethtool")
def nic_queues(host, tools):
    said = by_name(host["nics"], lambda nic: [nic.get("receive_queues"), nic.get("transmit_queues")])
    return said, {name: tools.queues(name) for name in tools.devices(2)}


@fact("gpus[].pci", "lstopo")
def gpus(host, tools):
    """Display controllers (class 03) of PCI, as far as lstopo shows them."""
    displays = [device for device in tools.objects("PCIDev") if device.get("pci_type", "").startswith("03")]
    return {gpu.get("pci") for gpu in host["gpus"]}, {device.get("pci_busid") for device in displays}


@fact("schema", "this harness")
def schema(host, _):
    return host.get("schema"), "berth.host/1"


def agree(said, found, within):
    """Whether both say the same; two numbers, nearly."""
    if within and isinstance(said, (int, float)) and isinstance(found, (int, float)):
        return abs(said - found) <= within * abs(found)
    return said == found


def shown(value):
    """A value for the table, sets and lists of CPUs shortened as the kernel does."""
    if value is None:
        return "unknown"
    if isinstance(value, set) and all(isinstance(number, int) for number in value):
        return ranges(sorted(value)) or "none"
    if isinstance(value, set):
        return ", ".join(sorted(map(shown, value))) or "none"
    if isinstance(value, list):
        return ", ".join(map(shown, value)) or "none"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {shown(value[name])}" for name in sorted(value, key=str))
    return re.sub(r"\s+", " ", str(value))


def ranges(ordered):
    """0, 1, 2, 5 as 0-2,5."""
    parts = []
    for number in ordered:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)
