#!/usr/bin/python3 -B
"""A reservation keeps the memory that it holds for its files too, while others read and take memory."""
import pathlib
import subprocess
import time

from inside.case import MIB, HeldCase, main, measured
from inside.leaf import Leaf

OUTSIDE = ["systemd-run", "--quiet", "--scope", "-p", "OOMPolicy=continue", "choom", "-n", "1000", "--", "workload"]


class PageCache(HeldCase):
    def test_page_cache_under_pressure(self):
        """What the kernel takes first, for it costs it nothing. (At the brink of an OOM kill it takes even what
        memory.low protects, so the pressure here stays short of that.)"""
        for name, size in {"inside": 80, "outside": 80, "stream": 300}.items():
            with open(f"/var/tmp/{name}", "wb") as file:
                for _ in range(size):
                    file.write(b"b" * MIB)
        subprocess.run("sync; echo 3 > /proc/sys/vm/drop_caches", shell=True, check=True)
        reservation = self.granted({"memory": "100MiB"}, lease="10m")
        self.assert_held(reservation)
        leaf = Leaf(reservation["cgroup"])
        keeper = self.attached(reservation, "cache", "/var/tmp/inside")
        self.wait_for(lambda: leaf.counters("memory.stat")["file"] >= 80 * MIB)
        # The same outside is what shows that there was pressure.
        self.spawn("systemd-run", "--quiet", "--scope", "--unit=reader", "workload", "cache", "/var/tmp/outside")
        outside = Leaf("/sys/fs/cgroup/system.slice/reader.scope")
        self.wait_for(lambda: outside.exists() and outside.counters("memory.stat")["file"] >= 80 * MIB)
        eater = self.spawn(*OUTSIDE, "touch", str(available() // MIB - 220), stdout=subprocess.PIPE)
        self.line(eater)
        reader = self.spawn(*OUTSIDE, "cache", "/var/tmp/stream", stdout=subprocess.PIPE)
        self.line(reader)
        held, lost = leaf.counters("memory.stat")["file"], outside.counters("memory.stat")["file"]
        measured(f"of 80 MiB of page cache {held / MIB:.0f} MiB are kept inside and {lost / MIB:.0f} MiB outside")
        self.assertLess(lost, 40 * MIB, "the neighbour never pressed")
        above = {group.name: (group / "memory.low").read_text().strip() for group in [leaf.path, *leaf.path.parents][:5]}
        self.assertGreaterEqual(held, 79 * MIB, f"memory.low is {above}")
        self.assertIsNone(keeper.poll())


def available():
    """The bytes that programs can still have."""
    line = next(line for line in pathlib.Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemAvailable"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
