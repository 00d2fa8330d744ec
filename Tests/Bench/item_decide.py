"""What a decision costs, in process: `time-decisions` says it, beside going over all units once."""
import json
import math

import programs
from figures import Table, short

CPUS = 16


def measure(bench):
    table = Table(
        "Cost of a decision", "Microseconds to decide on a request for two exclusive CPUs and a GPU or a part of one, in "
        "process. A part is held of a third of the GPUs. Beside it, going over all GPUs once to see which are free.",
        "strategy", "GPU", "units", "live", "p50", "p99", "over a scan")
    growth = Table(
        "Growth of a decision's cost", "The exponent fitted to the medians; 1 is proportional.", "strategy", "GPU",
        "with units", "with live ones")
    lines = [json.loads(line) for line in
             programs.output(bench.folder / "time-decisions", min(bench.effort, 10)).splitlines()]
    for one in lines:
        table.add(one["strategy"], one["gpu_millis"] / 1000, f"{one['units']:,}", f"{one['live']:,}", short(one["p50_us"]),
                  short(one["p99_us"]), f"{short(one['p50_us'] / one['scan_us'])} x")
    for kind in dict.fromkeys((one["strategy"], one["gpu_millis"]) for one in lines):
        of_kind = [one for one in lines if (one["strategy"], one["gpu_millis"]) == kind]
        growth.add(kind[0], kind[1] / 1000, *(exponent([(one[over], one["p50_us"]) for one in of_kind])
                                              for over in ("units", "live")))
    return [table, growth]


def exponent(points):
    """The slope of a straight line through the logarithms."""
    xs, ys = [math.log(x) for x, _ in points], [math.log(y) for _, y in points]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    slope = sum((a - x) * (b - y) for a, b in zip(xs, ys)) / sum((a - x) ** 2 for a in xs)
    return f"{slope:.2f}"


def write(root, gpus):
    """A tree of a host as the kernel would show it."""
    nodes = max(1, min(8, gpus // 8))
    cpus = {cpu: cpu // CPUS for cpu in range(nodes * CPUS)}
    everything = f"0-{len(cpus) - 1}"

    def file(path, text):
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{text}\n")

    def link(path, target):
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)

    file("proc/meminfo", f"MemTotal: {nodes << 28} kB\nMemFree: {nodes << 28} kB\nMemAvailable: {nodes << 28} kB")
    file("proc/self/status", f"Name:\tberthd\nCpus_allowed_list:\t{everything}\nMems_allowed_list:\t0-{nodes - 1}")
    file("proc/sys/kernel/pid_max", 4_000_000)
    file("proc/sys/kernel/random/boot_id", "00000000-0000-4000-8000-000000000002")
    for name in ("online", "present", "possible"):
        file(f"sys/devices/system/cpu/{name}", everything)
        file(f"sys/devices/system/node/{name}", f"0-{nodes - 1}")
    for cpu, node in cpus.items():
        place = f"sys/devices/system/cpu/cpu{cpu}"
        file(f"{place}/topology/physical_package_id", node)
        file(f"{place}/topology/core_id", cpu % CPUS)
        file(f"{place}/topology/thread_siblings_list", cpu)
        link(f"{place}/node{node}", f"../../node/node{node}")
    for node in range(nodes):
        place = f"sys/devices/system/node/node{node}"
        file(f"{place}/cpulist", f"{node * CPUS}-{node * CPUS + CPUS - 1}")
        file(f"{place}/meminfo", f"Node {node} MemTotal: {1 << 28} kB\nNode {node} MemFree: {1 << 28} kB")
    for number in range(gpus):
        address = f"{number >> 13:04x}:{number >> 5 & 255:02x}:{number & 31:02x}.0"
        place = f"sys/devices/pci{address[:7]}/{address}"
        link(f"sys/bus/pci/devices/{address}", f"../../../devices/pci{address[:7]}/{address}")
        file(f"{place}/class", "0x030200")
        file(f"{place}/vendor", "0x1002")
        file(f"{place}/device", "0x740f")
        file(f"{place}/numa_node", number * nodes // gpus)
