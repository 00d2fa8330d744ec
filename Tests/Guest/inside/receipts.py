"""Whether receipts tell the truth: each value against the leaf's file, and each limit against what was granted."""
import decimal
import os

from inside.leaf import Leaf, cpu_list, number_of

PAGE = os.sysconf("SC_PAGE_SIZE")
ENFORCED, ADVISORY, UNSUPPORTED = "enforced", "advisory", "unsupported"
# Files with a line a device, of which a receipt has one.
PER_DEVICE = {"io.max", "io.weight"}
RATES = {"read": "rbps", "write": "wbps", "read_iops": "riops", "write_iops": "wiops"}


def untruths(reservation, statuses=None):
    """All that is wrong with a reservation's receipts, as sentences. Every type has to be enforced, or what `statuses`
    has for it."""
    if "cgroup" not in reservation:
        return [f"the reservation has no cgroup: {reservation}"]
    leaf, statuses = Leaf(reservation["cgroup"]), statuses or {}
    if not leaf.exists():
        return [f"there is no {leaf.path}"]
    wrong = []
    if reservation["env"].get("BERTH_CGROUP") != str(leaf.path):
        wrong.append(f"BERTH_CGROUP is {reservation['env'].get('BERTH_CGROUP')}, the cgroup {leaf.path}")
    if "trusted.berth" not in os.listxattr(leaf.path):
        wrong.append(f"{leaf.path} has no trusted.berth")
    for name, grant in parts(reservation):
        found = [receipt for receipt in reservation["receipts"] if (receipt["type"], receipt.get("device")) == name]
        if len(found) != 1:
            wrong.append(f"{len(found)} receipts for {name}: {reservation['receipts']}")
            continue
        wrong += of_one(found[0], grant, leaf, statuses.get(name[0], ENFORCED))
    if len(reservation["receipts"]) != len(parts(reservation)):
        wrong.append(f"receipts for what was not granted: {reservation['receipts']}")
    return wrong


def parts(reservation):
    """What was granted, by type and device."""
    granted = []
    for kind, grant in reservation["resources"].items():
        if kind == "storage":
            granted += [((kind, entry["device"]), entry) for entry in grant]
        else:
            granted.append(((kind, None), grant))
    return granted


def of_one(receipt, grant, leaf, status):
    wrong = []
    if receipt["status"] != status:
        wrong.append(f"{receipt['type']} is {receipt['status']}, not {status}: {receipt.get('reason')}")
    if receipt["status"] != ENFORCED and not receipt.get("reason"):
        wrong.append(f"{receipt['type']} is {receipt['status']} for no reason")
    values = receipt.get("values", {})
    wrong += lies(receipt, leaf)
    if status != UNSUPPORTED:
        for file, wanted in wants(receipt["type"], grant).items():
            if file not in values:
                wrong.append(f"{receipt['type']}: the receipt says nothing of {file}: {values}")
            if not wanted(leaf):
                wrong.append(f"{file} holds {leaf.read(file)!r}, which is not what was granted: {grant}")
    return wrong


def lies(receipt, leaf):
    """The values of a receipt that the leaf's files do not hold, as sentences."""
    wrong = []
    for file, value in receipt.get("values", {}).items():
        held = leaf.read(file)
        if value != held and (file not in PER_DEVICE or not set(value.splitlines()) <= set(held.splitlines())):
            wrong.append(f"{file} holds {held!r}, and the receipt says {value!r}")
    return wrong


def wants(kind, grant):
    """What the leaf has to hold, by file."""
    limit = grant.get("limit", grant.get("amount"))
    if kind == "cpu" and "cpus" in grant:
        return {
            "cpuset.cpus": lambda leaf: cpu_list(leaf.read("cpuset.cpus")) == cpu_list(grant["cpus"]),
            "cpuset.cpus.effective":
                lambda leaf: cpu_list(leaf.read("cpuset.cpus.effective")) == cpu_list(grant["cpus"]),
        }
    if kind == "cpu":
        quota = int(decimal.Decimal(limit) * 100_000)
        weight = max(1, int(decimal.Decimal(grant["amount"]) * 100))
        return {
            "cpu.max": lambda leaf: leaf.read("cpu.max") == f"{quota} 100000",
            "cpu.weight": lambda leaf: leaf.number("cpu.weight") == min(weight, 10_000),
        }
    if kind == "memory":
        hard = {"memory.min": lambda leaf: leaf.number("memory.min") == pages(grant["amount"])}
        return {
            "memory.max": lambda leaf: leaf.number("memory.max") == pages(limit),
            "memory.low": lambda leaf: leaf.number("memory.low") == pages(grant["amount"]),
            "memory.swap.max": lambda leaf: leaf.number("memory.swap.max") == pages(grant.get("swap", 0)),
            "memory.oom.group": lambda leaf: leaf.number("memory.oom.group") == (grant.get("oom") != "process"),
            **(hard if grant.get("guarantee") == "hard" else {}),
        }
    if kind == "pids":
        return {"pids.max": lambda leaf: leaf.number("pids.max") == limit}
    if kind == "storage":
        wanted = {}
        if RATES.keys() & grant.keys():
            wanted["io.max"] = lambda leaf: holds_rates(leaf, grant)
        if "weight" in grant:
            wanted["io.weight"] = lambda leaf: holds_weight(leaf, grant)
        return wanted
    return {}


def pages(count):
    """Bytes in whole pages: never less than was asked for."""
    return -(-count // PAGE) * PAGE


def holds_rates(leaf, grant):
    held = leaf.of_device("io.max", device_of(grant))
    return all(held.get(RATES[name]) == str(grant.get(name, "max")) for name in RATES)


def holds_weight(leaf, grant):
    """Where io.cost was never on for the disk, the kernel takes no weight of it."""
    held = leaf.weight_of(device_of(grant))
    return held == grant["weight"] or held is None and not cost_is_on(device_of(grant))


def cost_is_on(device):
    """Whether the kernel goes by weights on a device."""
    with open("/sys/fs/cgroup/io.cost.qos", encoding="ascii") as file:
        return any(line.startswith(f"{number_of(device)} enable=1 ") for line in file)


def device_of(grant):
    name = grant["device"]
    return name if name.startswith("/") else f"/dev/{name}"
