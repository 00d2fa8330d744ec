"""What the guest's own tools say of its machine: util-linux, hwloc, numactl, ethtool, iproute2 and the kernel."""
import json
import re
import xml.etree.ElementTree

from failure import GuestFailure


class Tools:
    """Runs them all once in a guest."""

    def __init__(self, guest):
        def text(command):
            return guest.ask(command).decode()

        self.lscpu = dict(fields(document(guest, "lscpu --json")["lscpu"]))
        # One row a CPU, offline ones too; for those lscpu's JSON is not JSON.
        titles, *rows = text("lscpu --all --extended=CPU,CORE,SOCKET,ONLINE,CACHE").splitlines()
        self.cpus = [dict(zip(titles.split(), row.split())) for row in rows]
        self.affinity = text("taskset --cpu-list --pid $$").rsplit(":", 1)[1]
        self.isolated = text("cat /sys/devices/system/cpu/isolated")
        self.lstopo = xml.etree.ElementTree.fromstring(text("lstopo-no-graphics --of xml"))
        self.numactl = text("numactl --hardware")
        self.lsblk = document(guest, "lsblk --json --bytes --nodeps --output NAME,SIZE,ROTA,TYPE")["blockdevices"]
        self.meminfo = dict(re.findall(r"^(\w+):\s+(\d+) kB$", text("cat /proc/meminfo"), re.MULTILINE))
        self.links = [link["ifname"] for link in document(guest, "ip -json link")]
        self.ethtool = {name: text(f"ethtool {name} 2>&1; ethtool --show-channels {name} 2>&1; true")
                        for name in self.links}

    # lscpu

    def online(self):
        """Rows of the online CPUs."""
        return [cpu for cpu in self.cpus if cpu["ONLINE"] == "yes"]

    def caches(self, level):
        """How many caches of a level (2 or 3) the online CPUs have; None where lscpu shows none of it."""
        for name in self.cpus[0]:
            levels = name.split(":")
            if f"L{level}" in levels:
                return len({cpu[name].split(":")[levels.index(f"L{level}")] for cpu in self.online()})
        return None

    # lstopo

    def objects(self, kind):
        """The objects of a type: Package, Die, NUMANode, OSDev, ..."""
        return self.lstopo.findall(f".//object[@type='{kind}']")

    def devices(self, kind):
        """The names of block devices (0) or network cards (2)."""
        return {device.get("name") for device in self.objects("OSDev") if device.get("osdev_type") == str(kind)}

    def nodes_of_disks(self):
        """The NUMA node each disk hangs on; None for one that hangs on no single node."""
        everything = bits(self.lstopo.find("object").get("nodeset"))
        found = {}

        def walk(thing, near):
            near = bits(thing.get("nodeset")) if thing.get("nodeset") else near
            if thing.get("type") == "OSDev" and thing.get("osdev_type") == "0":
                # lstopo shows the path nvme0c0n1 of the disk nvme0n1.
                name = re.sub(r"^(nvme\d+)c\d+(n\d+)$", r"\1\2", thing.get("name"))
                found[name] = next(iter(near)) if len(near) == 1 and near != everything else None
            for child in thing.findall("object"):
                walk(child, near)

        walk(self.lstopo.find("object"), everything)
        return found

    # numactl

    def nodes(self):
        """The number of each NUMA node, and what numactl says of it: the words after `cpus`, the MiB after `size`."""
        lines = re.findall(r"^node (\d+) (cpus|size):(.*)$", self.numactl, re.MULTILINE)
        said = {int(number): {} for number, _, _ in lines}
        for number, word, rest in lines:
            said[int(number)][word] = rest.split()
        return said

    def distances(self):
        """The row of distances of each NUMA node."""
        table = self.numactl.split("node distances:", 1)[1]
        return {int(number): [int(distance) for distance in row.split()]
                for number, row in re.findall(r"^\s*(\d+):(.*)$", table, re.MULTILINE)}

    # ethtool

    def megabits(self, name):
        """The speed of a link that is there."""
        speed = re.search(r"Speed: (\d+)Mb/s", self.ethtool[name])
        return int(speed[1]) if speed and "Link detected: yes" in self.ethtool[name] else None

    def queues(self, name):
        """Receive and transmit queues in use; a combined one is both."""
        settings = self.ethtool[name].partition("Current hardware settings:")[2]
        found = re.findall(r"^(RX|TX|Combined):\s+(\d+)$", settings, re.MULTILINE)
        counts = {word: int(count) for word, count in found}
        both = counts.get("Combined", 0)
        return [counts.get("RX", 0) + both, counts.get("TX", 0) + both] if counts else None


def document(guest, command):
    """The JSON that a command prints in the guest."""
    printed = guest.ask(command)
    try:
        return json.loads(printed)
    except ValueError as error:
        raise GuestFailure(f"{command} printed no JSON: {error}\n{printed.decode(errors='replace')[:1000]}") from None


def fields(entries):
    """lscpu's fields without their colons; newer versions nest them."""
    for entry in entries:
        yield entry["field"].rstrip(":"), entry["data"]
        yield from fields(entry.get("children", []))


def numbers(text):
    """The numbers of a list like "0-3,8"; None for no list."""
    if text is None:
        return None
    found = set()
    for part in filter(None, text.strip().split(",")):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found


def bits(mask):
    """The numbers of hwloc's mask: 0x0000000b is 0, 1 and 3; words of 32 bits, the highest first."""
    value = 0
    for word in mask.split(","):
        value = value << 32 | int(word or "0", 16)
    return {bit for bit in range(value.bit_length()) if value >> bit & 1}
