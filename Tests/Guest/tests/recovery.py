#!/usr/bin/python3 -B
"""kill -9 of the agent under fifty reservations that run: each goes on, held as before, and can be given back."""
import os
import time

from inside.case import MIB, main, measured
from inside.crash import CrashCase
from inside.leaf import Leaf
from kit.case import path


class Recovery(CrashCase):
    def test_fifty_workloads(self):
        held = [self.granted({"cpu": "0.02", "memory": 4 * MIB, "pids": 5}, lease="1h", name=f"w{number}")
                for number in range(50)]
        processes = [self.attached(reservation, "spin") for reservation in held]
        before = {each["id"]: ({**each, "usage": None}, Leaf(each["cgroup"]).limits()) for each in self.live()}
        self.assertEqual(len(before), 50)
        free = self.resource("cpu")["free"]
        self.crash()
        self.client.close()
        after = self.live()
        self.assertEqual({each["id"]: ({**each, "usage": None}, Leaf(each["cgroup"]).limits()) for each in after}, before)
        self.assert_no_leak()
        used, throttled = self.use_of(held, 5)
        measured(f"after kill -9 of the agent: {len(after)} of 50 reservations, {max(used):.4f} CPUs used by the busiest "
                 f"of --cpu 0.02, {throttled} of them throttled")
        self.assertLess(max(used), 0.03)
        self.assertEqual(throttled, 50)
        for process, reservation in zip(processes, held):
            self.assertIsNone(process.poll())
            self.assertEqual(Leaf(reservation["cgroup"]).processes, [process.pid])
            self.assert_held(self.look(reservation))
        self.assertEqual(self.resource("cpu")["free"], free)
        self.assertEqual(self.client.reserve({"cpu": free + 1}).status, 409)
        for reservation in held:
            self.assertEqual(self.client.delete(path(reservation) + "?grace=0s").status, 200)
        self.assertEqual([process.wait(60) for process in processes], [-9] * 50)
        self.assertEqual((self.live(), self.resource("cpu")["held"], self.resource("memory")["held"]), ([], 0, 0))
        self.assert_no_leak()

    def test_a_leaf_that_was_not_marked_yet(self):
        reservation = self.granted({"cpu": "0.02"}, lease="1h")
        for found in [None, b"the lease before this one"]:
            os.removexattr(reservation["cgroup"], "trusted.berth")
            if found:
                os.setxattr(reservation["cgroup"], "trusted.berth", found)
            self.crash()
            self.client.close()
            self.wait_for(lambda: reservation["id"].encode() in self.mark_of(reservation))
            self.assert_held(self.look(reservation))

    def mark_of(self, reservation):
        try:
            return os.getxattr(reservation["cgroup"], "trusted.berth")
        except OSError:
            return b""

    def use_of(self, held, seconds):
        leaves = [Leaf(reservation["cgroup"]) for reservation in held]
        before, began = [leaf.counters("cpu.stat") for leaf in leaves], time.monotonic()
        time.sleep(seconds)
        after, seconds = [leaf.counters("cpu.stat") for leaf in leaves], time.monotonic() - began
        return ([(new["usage_usec"] - old["usage_usec"]) / 1e6 / seconds for old, new in zip(before, after)],
                sum(new["nr_throttled"] > old["nr_throttled"] for old, new in zip(before, after)))


if __name__ == "__main__":
    main()
