#!/usr/bin/python3 -B
"""A reservation keeps the memory that it holds for its files too, while others read and take memory."""
import pathlib
import subprocess

from inside.case import MIB, HeldCase, main, measured
from inside.leaf import Leaf

OUTSIDE = ["systemd-run", "--quiet", "--scope", "-p", "OOMPolicy=continue", "choom", "-n", "1000", "--", "workload"]
GENERATIONS = pathlib.Path("/sys/kernel/mm/lru_gen/enabled")


class PageCache(HeldCase):
    """Page cache is what the kernel takes first, for it costs it nothing."""

    def test_never_taken_back(self):
        """memory.min keeps it, however the kernel ages memory."""
        held = self.kept({"amount": "100MiB", "guarantee": "hard"})
        self.assertGreaterEqual(held, 79 * MIB)

    def test_taken_back_last(self):
        """memory.low keeps it where the kernel does not age memory by generations; `berth doctor` tells where it does."""
        if self.ages_by_generations():
            GENERATIONS.write_text("n")
            self.addCleanup(GENERATIONS.write_text, "y")
        self.assertGreaterEqual(self.kept("100MiB"), 79 * MIB)

    def test_the_doctor_tells(self):
        said = subprocess.run(["berth", "doctor"], stdout=subprocess.PIPE, text=True, check=False).stdout
        measured(f"memory is aged by generations: {self.ages_by_generations()}")
        self.assertEqual("aged by generations" in said, self.ages_by_generations(), said)

    def ages_by_generations(self):
        return GENERATIONS.exists() and int(GENERATIONS.read_text(), 16) & 1 == 1

    def kept(self, memory):
        """The bytes of 80 MiB of page cache that a reservation keeps under a pressure by which others lose theirs."""
        for name, size in {"inside": 80, "outside": 80, "stream": 300}.items():
            with open(f"/var/tmp/{name}", "wb") as file:
                for _ in range(size):
                    file.write(b"b" * MIB)
        subprocess.run("sync; echo 3 > /proc/sys/vm/drop_caches", shell=True, check=True)
        reservation = self.granted({"memory": memory}, lease="10m")
        self.assert_held(reservation)
        leaf = Leaf(reservation["cgroup"])
        keeper = self.attached(reservation, "cache", "/var/tmp/inside")
        self.wait_for(lambda: leaf.counters("memory.stat")["file"] >= 80 * MIB)
        # The same outside is what shows that there was pressure.
        reader = self.spawn("systemd-run", "--quiet", "--scope", "--unit=reader", "workload", "cache", "/var/tmp/outside")
        outside = Leaf("/sys/fs/cgroup/system.slice/reader.scope")
        self.wait_for(lambda: outside.exists() and outside.counters("memory.stat")["file"] >= 80 * MIB)
        eater = self.spawn(*OUTSIDE, "touch", str(available() // MIB - 220), stdout=subprocess.PIPE)
        self.line(eater)
        stream = self.spawn(*OUTSIDE, "cache", "/var/tmp/stream", stdout=subprocess.PIPE)
        self.line(stream)
        held, lost = leaf.counters("memory.stat")["file"], outside.counters("memory.stat")["file"]
        measured(f"with {memory}, of 80 MiB of page cache {held / MIB:.0f} MiB are kept inside and {lost / MIB:.0f} MiB "
                 f"outside")
        self.assertLess(lost, 40 * MIB, "the neighbour never pressed")
        self.assertIsNone(keeper.poll())
        for process in (stream, eater, reader):
            process.kill()
            process.wait()
        self.wait_for(lambda: not outside.exists())
        return held


def available():
    """The bytes that programs can still have."""
    line = next(line for line in pathlib.Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemAvailable"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
