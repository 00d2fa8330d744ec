#!/usr/bin/python3 -B
"""A program gets what it reserved and no more: CPU time, memory, disk writes, processes."""
import subprocess
import time

from inside.case import MIB, HeldCase, main, measured
from inside.leaf import Leaf
from kit.case import path


class Limits(HeldCase):
    def test_half_a_cpu(self):
        _, reservation = self.berth_run("--cpu", "0.5", "--", "workload", "spin", name="spinner")
        self.assert_held(reservation)
        leaf = Leaf(reservation["cgroup"])
        # A group may begin with a period to spare.
        time.sleep(1)
        before, began = leaf.counters("cpu.stat"), time.monotonic()
        time.sleep(10)
        after, seconds = leaf.counters("cpu.stat"), time.monotonic() - began
        used = (after["usage_usec"] - before["usage_usec"]) / 1e6 / seconds
        measured(f"--cpu 0.5 uses {used:.4f} CPUs over {seconds:.1f} s")
        self.assertAlmostEqual(used, 0.5, delta=0.03)
        self.assertGreater(after["nr_throttled"], before["nr_throttled"])

    def test_a_limit_above_the_amount(self):
        _, reservation = self.berth_run("--cpu", "0.25", "--limit-cpu", "0.75", "--", "workload", "spin", name="burst")
        self.assert_held(reservation)
        leaf = Leaf(reservation["cgroup"])
        self.assertEqual((leaf.read("cpu.max"), leaf.read("cpu.weight")), ("75000 100000", "25"))

    def test_too_much_memory(self):
        neighbour = self.granted({"memory": "64MiB"})
        survivor = self.attached(neighbour, "touch", "32")
        process = self.spawn("berth", "run", "--name", "eater", "--memory", "64MiB", "--", "workload", "touch", "128",
                             stderr=subprocess.PIPE)
        told = process.stderr.read().decode()
        self.assertEqual(process.wait(), -9, told)
        self.wait_for(lambda: not any(each.get("name") == "eater" for each in self.live()))
        ended = self.ended("eater")
        measured(f"a program killed at its limit is told: {told.strip()!r}; usage {ended['usage']}")
        self.assertEqual(ended["reason"], "out_of_memory")
        # To the page: what the kernel charges comes in batches of them.
        self.assertLess(abs(ended["usage"]["memory_peak_bytes"] - 64 * MIB), MIB // 2)
        lines = told.splitlines()
        self.assertEqual(len(lines), 1, told)
        self.assertRegex(lines[0], r"64 ?MiB")
        self.assertIn("peak", lines[0])
        self.assertIsNone(survivor.poll())
        events = Leaf(neighbour["cgroup"]).counters("memory.events")
        self.assertEqual((events["oom"], events["oom_kill"]), (0, 0))
        self.assertGreater(Leaf(neighbour["cgroup"]).number("memory.current"), 32 * MIB)

    def test_a_kill_is_counted_in_the_leaf(self):
        reservation = self.granted({"memory": "64MiB"}, lease="10m", end="released")
        leaf, process = Leaf(reservation["cgroup"]), self.attached(reservation, "touch", "128")
        self.assertEqual(process.wait(), -9)
        now = self.look(reservation)
        if now["state"] == "confirmed":
            events = leaf.counters("memory.events")
            self.assertGreaterEqual(events["oom_kill"], 1)
            self.assertEqual(events["oom_group_kill"], 1)
        else:
            self.assertEqual(now["reason"], "out_of_memory")

    def ended(self, name):
        """The ended reservation of a name."""
        answer = self.client.get("/v1/reservations?state=released").json["reservations"]
        answer += self.client.get("/v1/reservations?state=failed").json["reservations"]
        found = [each for each in answer if each.get("name") == name]
        self.assertEqual(len(found), 1, answer)
        return self.look(found[0])

    def test_disk_writes(self):
        _, reservation = self.berth_run(
            "--io-write", "/dev/vda=5MiB", "--", "workload", "write", "/var/tmp/written", name="writer")
        self.assert_held(reservation)
        leaf = Leaf(reservation["cgroup"])
        time.sleep(2)
        before, began = leaf.of_device("io.stat", "/dev/vda"), time.monotonic()
        time.sleep(10)
        after, seconds = leaf.of_device("io.stat", "/dev/vda"), time.monotonic() - began
        rate = (int(after["wbytes"]) - int(before["wbytes"])) / seconds
        measured(f"--io-write 5MiB writes {rate / MIB:.3f} MiB/s over {seconds:.1f} s")
        self.assertAlmostEqual(rate, 5 * MIB, delta=0.5 * MIB)

    def test_a_fork_bomb(self):
        neighbour = self.granted({"pids": 5})
        process, reservation = self.berth_run("--pids", "50", "--", "workload", "fork", name="bomb")
        self.assert_held(reservation)
        leaf = Leaf(reservation["cgroup"])
        self.wait_for(lambda: leaf.counters("pids.events")["max"] > 0)
        time.sleep(2)
        processes = leaf.number("pids.current")
        measured(f"a fork bomb under --pids 50 has {processes} processes, refused {leaf.counters('pids.events')['max']}")
        self.assertEqual((processes, len(leaf.processes)), (50, 50))
        self.attached(neighbour, "wait")
        self.assertEqual(self.client.delete(path(reservation) + "?grace=0s").status, 200)
        self.assertEqual(process.wait(), -9)


if __name__ == "__main__":
    main()
