#!/usr/bin/python3 -B
"""Resizing a reservation that runs: live, both ways, and never below what is in use without saying so."""
import time

from inside.case import MIB, HeldCase, main, measured
from inside.leaf import Leaf
from kit.case import path


class Resize(HeldCase):
    def test_cpu_up_and_down(self):
        reservation = self.granted({"cpu": "0.2"}, lease="10m")
        self.attached(reservation, "spin")
        for cpus in (0.6, 0.1):
            self.assert_held(self.resized(reservation, {"cpu": cpus}))
            leaf = Leaf(reservation["cgroup"])
            time.sleep(0.5)
            used = leaf.cpus_used(4)
            measured(f"resized to {cpus} CPUs: {used:.3f} used")
            self.assertAlmostEqual(used, cpus, delta=0.05)

    def test_memory_up(self):
        reservation = self.granted({"memory": "64MiB"}, lease="10m")
        self.attached(reservation, "touch", "40")
        self.assert_held(self.resized(reservation, {"memory": "160MiB"}))
        second = self.attached(reservation, "touch", "100")
        leaf = Leaf(reservation["cgroup"])
        self.wait_for(lambda: leaf.number("memory.current") > 140 * MIB)
        self.assertIsNone(second.poll())

    def test_memory_down_to_what_is_free(self):
        reservation = self.granted({"memory": "128MiB"}, lease="10m")
        process = self.attached(reservation, "touch", "40")
        self.wait_for(lambda: Leaf(reservation["cgroup"]).number("memory.current") > 40 * MIB)
        self.assert_held(self.resized(reservation, {"memory": "64MiB"}))
        self.assertIsNone(process.poll())
        self.assertEqual(Leaf(reservation["cgroup"]).read("memory.high"), "max")

    def test_memory_down_over_page_cache(self):
        """What the kernel can take back is no reason to refuse."""
        with open("/var/tmp/cached", "wb") as file:
            file.write(b"c" * (90 * MIB))
        reservation = self.granted({"memory": "128MiB"}, lease="10m")
        process = self.attached(reservation, "cache", "/var/tmp/cached")
        leaf = Leaf(reservation["cgroup"])
        time.sleep(1)
        shrunk = self.resized(reservation, {"memory": "48MiB"})
        self.assert_held(shrunk)
        self.assertLessEqual(leaf.number("memory.current"), 48 * MIB)
        self.assertIsNone(process.poll())
        self.assertEqual(leaf.counters("memory.events")["oom_kill"], 0)

    def test_memory_below_use_is_refused_and_nothing_changes(self):
        reservation = self.granted({"memory": "128MiB"}, lease="10m")
        process = self.attached(reservation, "touch", "100")
        leaf = Leaf(reservation["cgroup"])
        self.wait_for(lambda: leaf.number("memory.current") > 100 * MIB)
        limits = leaf.limits()
        answer = self.client.patch(path(reservation), {"resources": {"memory": "64MiB", "pids": 10}})
        self.assertEqual((answer.status, answer.json["code"]), (409, "in_use"), answer)
        measured(f"a shrink below use is refused: {answer.json['detail']!r}")
        self.assertEqual(leaf.limits(), limits)
        self.assertIsNone(process.poll())
        self.assertEqual(leaf.counters("memory.events")["oom_kill"], 0)
        now = self.look(reservation)
        self.assertEqual(now["resources"], reservation["resources"])
        self.assert_held(now)

    def test_memory_below_use_by_force(self):
        reservation = self.granted({"memory": "128MiB"}, lease="10m", end="released")
        process = self.attached(reservation, "touch", "100")
        leaf = Leaf(reservation["cgroup"])
        self.wait_for(lambda: leaf.number("memory.current") > 100 * MIB)
        answer = self.client.patch(path(reservation), {"resources": {"memory": "64MiB"}, "force": True})
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(process.wait(60), -9)
        now = self.look(reservation)
        if now["state"] == "confirmed":
            self.assertEqual(leaf.number("memory.max"), 64 * MIB)
        else:
            self.assertEqual(now["reason"], "out_of_memory")

    def test_pids_below_use(self):
        reservation = self.granted({"pids": 20}, lease="10m")
        for _ in range(5):
            self.attached(reservation, "wait")
        answer = self.client.patch(path(reservation), {"resources": {"pids": 3}})
        if answer.status == 409:
            self.assertEqual(answer.json["code"], "in_use")
            self.assertEqual(Leaf(reservation["cgroup"]).number("pids.max"), 20)
        else:
            self.assertEqual(answer.status, 200, answer)
            self.assert_held(answer.json)
        self.assertEqual(len(Leaf(reservation["cgroup"]).processes), 5)

    def test_others_are_served_during_a_shrink(self):
        reservation = self.granted({"memory": "128MiB"}, lease="10m")
        self.attached(reservation, "touch", "100")
        self.wait_for(lambda: Leaf(reservation["cgroup"]).number("memory.current") > 100 * MIB)
        shrink = self.spawn("berth", "resize", reservation["id"], "--memory", "64MiB")
        while shrink.poll() is None:
            other = self.granted({"memory": "1MiB"}, lease="10m")
            self.assertEqual(self.client.delete(path(other)).status, 200)
        self.assertNotEqual(shrink.returncode, 0)


if __name__ == "__main__":
    main()
