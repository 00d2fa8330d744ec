"""The cgroup of one reservation, as the kernel shows it."""
import math
import os
import pathlib
import time


class Leaf:
    """Reads the files of a cgroup."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def exists(self):
        return self.path.is_dir()

    def read(self, file):
        return (self.path / file).read_text().strip()

    def number(self, file):
        """A file of one number; `max` is more than any."""
        text = self.read(file)
        return math.inf if text == "max" else int(text)

    def counters(self, file):
        """A file of names and numbers: cpu.stat, memory.events, memory.stat, pids.events, cgroup.events."""
        return {name: int(value) for name, value in (line.split() for line in self.read(file).splitlines())}

    def of_device(self, file, device):
        """The line of a device (`/dev/vda`) in io.stat or io.max, by name; empty where it has none."""
        for line in self.read(file).splitlines():
            first, *pairs = line.split()
            if first == number_of(device):
                return dict(pair.split("=") for pair in pairs)
        return {}

    def weight_of(self, device):
        """The weight on a device in io.weight; None where it has no line there, but the group's default."""
        lines = dict(line.split() for line in self.read("io.weight").splitlines())
        return int(lines[number_of(device)]) if number_of(device) in lines else None

    @property
    def processes(self):
        return [int(line) for line in self.read("cgroup.procs").split()]

    @property
    def cpu_seconds(self):
        return self.counters("cpu.stat")["usage_usec"] / 1e6

    def cpus_used(self, seconds):
        """The CPUs that are used over so many seconds from now."""
        before, began = self.cpu_seconds, time.monotonic()
        time.sleep(seconds)
        return (self.cpu_seconds - before) / (time.monotonic() - began)

    def limits(self):
        """Every limit as it stands, by file: what must be the same after a crash."""
        files = ["cpu.max", "cpu.weight", "cpuset.cpus", "cpuset.cpus.effective", "cpuset.cpus.partition", "cpuset.mems",
                 "memory.max", "memory.low", "memory.high", "memory.swap.max", "memory.oom.group", "pids.max", "io.max",
                 "io.weight"]
        return {file: self.read(file) for file in files if (self.path / file).exists()}


def number_of(device):
    """The number of a device as cgroup files have it: `254:0` of `/dev/vda`."""
    number = os.stat(device).st_rdev
    return f"{os.major(number)}:{os.minor(number)}"


def cpu_list(text):
    """The CPUs of `0-2,5`."""
    cpus = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        cpus.update(range(int(first), int(last or first) + 1))
    return cpus


def kernel():
    """The kernel's version as two numbers."""
    return tuple(map(int, os.uname().release.split(".")[:2]))
