"""What a decision costs: the answer to `explain`, which decides and changes nothing, less that of the trivial endpoint.

Hosts are trees of files with so many GPUs, on up to eight NUMA nodes of 16 CPUs each.
"""
import array
import math
import pathlib
import tempfile

import programs
from figures import Table, median, p99, short
from item_socket import fill

UNITS = [8, 128, 1024, 16384]
LIVE = [10, 1000, 100_000]
STRATEGIES = ["greedy", "balanced", "optimized"]
SECONDS = 1
CPUS = 16
ASKS = '{"resources":{"cpu":{"amount":2,"exclusive":true},"gpu":%s},"strategy":"%s"}'


def measure(bench):
    table = Table(
        "Cost of a decision", "Microseconds to decide on a request for two exclusive CPUs and a GPU or a share of one: "
        "an answer of `explain` over the socket, less that of the trivial endpoint. A third of the GPUs is held in "
        "shares. Growth is the exponent of the units, fitted to the medians.",
        "strategy", "asks", "units", "live", "p50", "p99")
    growth = Table("Growth of a decision's cost with units", "1 is proportional.", "strategy", "asks", "live", "exponent")
    medians = {}
    for units in UNITS:
        with tempfile.TemporaryDirectory(prefix="bench-host-") as folder:
            write(pathlib.Path(folder), units)
            for live in LIVE:
                if live > 1000 and bench.effort < 1:
                    continue
                with bench.agent(tree=folder) as agent:
                    shares = min(units // 3, live // 2)
                    if shares:
                        fill_with(bench, agent, shares, '{"resources":{"gpu":0.7},"lease":"24h","strategy":"greedy"}')
                    fill(bench, agent, live - shares)
                    trivial = median(latencies(bench, agent, "get:/v1/health", "-"))
                    for asks in ("1", "0.3"):
                        for strategy in STRATEGIES:
                            taken = [one - trivial for one in latencies(
                                bench, agent, "post:/v1/explain", ASKS % (asks, strategy))]
                            medians.setdefault((strategy, asks, live), []).append((units, max(median(taken), 0.1)))
                            table.add(strategy, asks, f"{units:,}", f"{live:,}", short(max(median(taken), 0)),
                                      short(max(p99(taken), 0)))
    for (strategy, asks, live), points in medians.items():
        growth.add(strategy, asks, f"{live:,}", f"{exponent(points):.2f}")
    return [table, growth]


def exponent(points):
    """The slope of a straight line through the logarithms."""
    xs, ys = [math.log(x) for x, _ in points], [math.log(y) for _, y in points]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys)) / sum((a - x) ** 2 for a in xs)


def fill_with(bench, agent, count, body):
    programs.output(bench.programs / "load", agent.socket, "fill", 8, count, "-", body)


def latencies(bench, agent, mode, body):
    """Microseconds of each answer on one connection."""
    with tempfile.NamedTemporaryFile() as file:
        arguments = [] if body == "-" else [body]
        programs.output(
            bench.programs / "load", agent.socket, mode, 1, max(SECONDS * bench.effort, 0.2), file.name, *arguments)
        return list(array.array("I", file.read()))


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
