#!/usr/bin/python3 -B
"""Preemption and warnings with real processes: what they are sent, and when the kernel has ended them."""
# kernel: 6.12
import signal
import subprocess
import threading
import time

from inside.case import CONFIG, main, measured
from inside.crash import CrashCase
from inside.leaf import Leaf

# Tells of each signal with the time of the system's clock, with a child that hears nothing.
DEAF = """
sh -c 'trap "" TERM USR1; while :; do sleep 0.1; done' &
trap 'echo USR1 $(cut -d" " -f1 /proc/uptime)' USR1
trap 'echo TERM $(cut -d" " -f1 /proc/uptime)' TERM
echo ready
while :; do sleep 0.1; done
"""
POLITE = 'trap "echo told; exit 3" TERM; echo ready; while :; do sleep 0.1; done'


def uptime():
    with open("/proc/uptime", encoding="ascii") as file:
        return float(file.read().split()[0])


class Preemption(CrashCase):
    config = CONFIG | {"preemption": {"grace": "2s", "most": "10s"}}

    def test_who_goes_is_told_then_asked_then_killed_with_all_its_children(self):
        cpus = self.resource("cpu")["capacity"]
        low = self.granted({"cpu": cpus, "pids": 50}, lease="10m", priority=-1, signal={"name": "USR1", "before": "3s"})
        process = self.shell(low, DEAF)
        leaf = Leaf(low["cgroup"])
        self.wait_for(lambda: len(leaf.processes) >= 3)
        began = uptime()
        high, reservation = self.berth_run("--cpu", "1", "--strategy", "priority", "--", "workload", "wait", name="high")
        ended = uptime()
        words = {}
        while len(words) < 2:
            name, at = self.line(process).split()
            words[name] = float(at) - began
        # Its own signal at once, SIGTERM when its three seconds are over, and the kill ten seconds later.
        self.assertLess(words["USR1"], 3)
        self.assertAlmostEqual(words["TERM"] - words["USR1"], 3, delta=1.5)
        self.assertAlmostEqual(ended - began, 13, delta=3)
        measured(f"USR1 after {words['USR1']:.2f} s, TERM after {words['TERM']:.2f} s, granted after {ended - began:.2f} s")
        self.assertEqual(process.wait(), -signal.SIGKILL)
        self.assertFalse(leaf.exists())
        self.assertIn(high.pid, Leaf(reservation["cgroup"]).processes)
        self.assertEqual((self.look(low)["state"], self.look(low)["reason"]), ("expired", "preempted"))
        self.assert_held(reservation)

    def test_who_heeds_the_notice_makes_room_at_once(self):
        cpus = self.resource("cpu")["capacity"]
        low = self.granted({"cpu": cpus, "pids": 50}, priority=-1)
        process = self.shell(low, POLITE)
        high = self.granted({"cpu": 1}, strategy="priority", lease="1m")
        self.assertEqual((self.line(process), process.wait()), ("told", 3))
        went = self.look(low)
        self.assertLess(went["ended_at"], went["preemption"]["ends_at"])
        self.assertEqual((went["reason"], Leaf(low["cgroup"]).exists()), ("preempted", False))
        self.assertTrue(Leaf(high["cgroup"]).exists())

    def test_who_does_not_listen_is_killed_when_its_notice_is_over(self):
        cpus = self.resource("cpu")["capacity"]
        low = self.granted({"cpu": cpus, "pids": 50}, lease="10m", priority=-1)
        process = self.attached(low, "stubborn")
        time.sleep(0.5)
        began = time.monotonic()
        waiting = threading.Thread(target=self.granted_by_another)
        waiting.start()
        time.sleep(1)
        # Until then it keeps all that it has.
        self.assertEqual((Leaf(low["cgroup"]).processes, self.look(low)["state"]), ([process.pid], "confirmed"))
        self.assertEqual(process.wait(30), -signal.SIGKILL)
        self.assertAlmostEqual(time.monotonic() - began, 2, delta=1)
        waiting.join(10)
        self.assertFalse(waiting.is_alive())
        self.assertFalse(Leaf(low["cgroup"]).exists())

    def granted_by_another(self):
        with self.service.client() as client:
            client.reserve({"cpu": 1}, strategy="priority", lease="1m")

    def test_a_watcher_tells_of_it_and_others_stay(self):
        cpus = self.resource("cpu")["capacity"]
        kept = self.granted({"pids": 20}, lease="10m", priority=-5)
        other = self.shell(kept, POLITE)
        low, reservation = self.berth_run(
            "--cpu", str(cpus), "--priority", "-1", "--", "workload", "wait", name="low", stderr=subprocess.PIPE)
        self.granted({"cpu": 1}, strategy="priority", lease="1m")
        self.assertEqual(low.wait(30), -signal.SIGTERM)
        told = low.stderr.read().decode()
        self.assertIn("another was to have", told)
        self.assertEqual(self.look(reservation)["reason"], "preempted")
        # It has nothing that was needed.
        self.assertEqual((other.poll(), self.look(kept)["state"]), (None, "confirmed"))

    def test_a_lease_warns_before_it_ends(self):
        reservation = self.granted({"pids": 50}, lease="4s", signal={"name": "USR1", "before": "2s"})
        began = uptime()
        process = self.shell(reservation, DEAF)
        name, at = self.line(process).split()
        self.assertEqual(name, "USR1")
        self.assertAlmostEqual(float(at) - began, 2, delta=1)
        name, at = self.line(process).split()
        self.assertEqual(name, "TERM")
        self.assertAlmostEqual(float(at) - began, 4, delta=1)
        self.assertEqual(process.wait(), -signal.SIGKILL)

    def test_a_crash_of_the_agent_forgets_no_notice(self):
        cpus = self.resource("cpu")["capacity"]
        low = self.granted({"cpu": cpus, "pids": 50}, lease="10m", priority=-1)
        process = self.attached(low, "stubborn")
        time.sleep(0.5)
        high = self.client.reserve({"cpu": 1}, {"Prefer": "respond-async"}, strategy="priority", wait="1m").json
        self.assertEqual(self.look(low)["preemption"]["by"], high["id"])
        self.client.close()
        self.crash()
        self.assertEqual(process.wait(30), -signal.SIGKILL)
        self.wait_for(lambda: self.look(high)["state"] == "confirmed")
        self.assertEqual(self.look(low)["reason"], "preempted")


if __name__ == "__main__":
    main()
