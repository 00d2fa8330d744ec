#!/usr/bin/python3 -B
"""Quotas on users and groups with their real processes: over a hard one nothing runs, over a soft one runs what nobody else
wants."""
# kernel: 6.12
# shape: threads
# timeout: 900
import os
import pathlib
import signal
import subprocess
import time

from inside import tree
from inside.case import CONFIG, MIB, HeldCase, as_named, main, measured, user
from inside.ceilings import PERIOD, Ceilings
from inside.leaf import Leaf
from inside.service import command
from kit.case import path

REFUSED = 125
RAN = pathlib.Path("/tmp/ran")
QUOTAS = [
    {"each": "user", "hard": {"resources": {"cpu": 1, "memory": "128MiB"}, "reservations": 3}},
    {"user": "root", "hard": {"resources": {"cpu": 1000, "memory": "1TiB"}, "reservations": 1000}},
    {"user": "dan", "soft": {"resources": {"cpu": 0.5}}, "hard": {"resources": {"cpu": 2}}},
    # 7.2 seconds of one CPU.
    {"user": "eve", "hard": {"hours": {"cpu": 0.002}, "per": "1m"}},
    {"group": "lab", "hard": {"resources": {"cpu": 1.2}}},
]


class Quotas(HeldCase):
    # Two CPUs for reservations, and two for the guest itself.
    config = CONFIG | {
        "system_reserved": CONFIG["system_reserved"] | {"cpu": 2},
        "pools": {"default": {"policy": {"kind": "quota", "quotas": QUOTAS}}},
    }

    @classmethod
    def setUpClass(cls):
        # Before the agent, which looks up the names in its configuration.
        cls.numbers = {name: user(name).pw_uid for name in ("ann", "bob", "cas", "dan", "eve", "ray")}
        command("groupadd", "lab")
        for name in ("cas", "ray"):
            command("usermod", "--append", "--groups", "lab", name)
        super().setUpClass()

    def identity(self, who):
        """How a process becomes a user's."""
        account = user(who)
        return {"user": account.pw_uid, "group": account.pw_gid,
                "extra_groups": os.getgrouplist(who, account.pw_gid)}

    def running(self, who, *options, name):
        """`berth run` of a user, with a program that works all the time."""
        return self.berth_run(*options, "--", "workload", "spin", name=name, **self.identity(who))

    def waiting(self, who, *options, name):
        """The same where it has to wait."""
        before = self.pending()
        process = self.spawn("berth", "run", "--name", name, "--wait", "5m", *options, "--", "workload", "spin",
                             **self.identity(who))
        self.wait_for(lambda: self.pending() == before + 1)
        return process

    def pending(self):
        return sum(each["state"] == "pending" for each in self.live())

    def refused(self, who, *options):
        """What a user is told whose `berth run` is refused; of its program nothing has run, and nothing else is changed."""
        before = self.seen()
        process = self.spawn("berth", "run", *options, "--", "touch", str(RAN), stderr=subprocess.PIPE,
                             **self.identity(who))
        told = process.stderr.read().decode()
        self.assertEqual(process.wait(), REFUSED, told)
        self.assertFalse(RAN.exists())
        self.assertEqual(self.seen(), before)
        return told

    def seen(self):
        """Each leaf with its limits and processes, as the kernel has them."""
        return {leaf: (Leaf(leaf).limits(), Leaf(leaf).processes) for leaf in tree.leaves(self.root)}

    def cpus(self, *reservations):
        """The sum of what `cpu.max` of each allows, in CPUs."""
        return sum(int(Leaf(each["cgroup"]).read("cpu.max").split()[0]) for each in reservations) / PERIOD

    def test_over_a_hard_one_nothing_runs(self):
        process, first = self.running("ann", "--cpu", "0.6", "--memory", "64MiB", name="first")
        told = self.refused("ann", "--cpu", "0.6")
        measured(f"over a quota of CPUs one is told: {told.strip()!r}")
        self.assertIn("the quota of 1 of cpu for each user would be passed", told)
        self.assertIn(f"user {self.numbers['ann']} has 0.6 of cpu, and 0.6 of cpu more is asked", told)
        self.assertIn("--wait 10m", told)
        self.assertIn("the quota of 128MiB of memory for each user", self.refused("ann", "--memory", "96MiB"))
        # Nobody waits for what does not come.
        self.assertIn("the quota is smaller than this request", self.refused("ann", "--cpu", "1.2", "--wait", "1m"))
        # Up to it all is there, and for another user as much again.
        _, second = self.running("ann", "--cpu", "0.4", "--memory", "64MiB", name="second")
        _, other = self.running("bob", "--cpu", "1", "--memory", "128MiB", name="other")
        self.assertEqual((self.cpus(first, second), self.cpus(other)), (1, 1))
        self.assertEqual([Leaf(each["cgroup"]).number("memory.max") for each in (first, second, other)],
                         [64 * MIB, 64 * MIB, 128 * MIB])
        self.assertEqual((Leaf(first["cgroup"]).processes, process.poll()), ([process.pid], None))

    def test_a_program_that_runs_grows_to_it_and_no_further(self):
        process, reservation = self.running("ann", "--cpu", "0.6", name="growing")
        self.assertEqual(self.grown("ann", reservation, 1.1), (409, "quota"))
        self.assertEqual((self.cpus(reservation), process.poll()), (0.6, None))
        self.assertEqual(self.grown("ann", reservation, 1), (200, None))
        self.assertEqual((self.cpus(reservation), process.poll()), (1, None))

    def grown(self, who, reservation, cpu):
        def act():
            with self.service.client() as client:
                answer = client.patch(path(reservation), {"resources": {"cpu": cpu}})
                return answer.status, answer.json.get("code")
        return as_named(who, act)

    def test_so_many_reservations_and_no_more(self):
        held = [self.running("ann", "--pids", "5", name=f"number-{number}") for number in range(3)]
        self.assertIn("the quota of 3 reservations for each user would be passed", self.refused("ann", "--pids", "5"))
        waiting = self.waiting("ann", "--pids", "5", name="fourth")
        self.assertEqual(tree.processes(self.root), {process.pid for process, _ in held})
        self.running("bob", "--pids", "5", name="other")
        # Where one ends the next begins.
        gone, reservation = held[0]
        gone.kill()
        gone.wait()
        fourth = self.wait_for(lambda: self.named("fourth"))
        self.assertEqual(Leaf(fourth["cgroup"]).processes, [waiting.pid])
        self.assertFalse(Leaf(reservation["cgroup"]).exists())

    def test_users_of_a_group_share_its_quota(self):
        _, first = self.running("cas", "--cpu", "0.8", name="first")
        told = self.refused("ray", "--cpu", "0.8")
        self.assertIn("the quota of 1.2 of cpu for group lab would be passed: group lab has 0.8 of cpu", told)
        _, second = self.running("ray", "--cpu", "0.4", name="second")
        self.assertEqual(self.cpus(first, second), 1.2)
        self.assertIn("for group lab", self.refused("cas", "--cpu", "0.1"))
        # Who is not of it is not bound by it.
        self.running("bob", "--cpu", "0.8", name="other")
        time.sleep(1)
        leaves = [Leaf(each["cgroup"]) for each in (first, second)]
        before, began = sum(leaf.cpu_seconds for leaf in leaves), time.monotonic()
        time.sleep(4)
        used = (sum(leaf.cpu_seconds for leaf in leaves) - before) / (time.monotonic() - began)
        measured(f"two users of a group with a quota of 1.2 CPUs use {used:.3f}")
        self.assertAlmostEqual(used, 1.2, delta=0.12)

    def test_sums_never_pass_it_while_many_ask(self):
        who = ["ann", "bob"] * 5
        with Ceilings(self.root) as ceilings:
            programs = [self.spawn("berth", "run", "--quiet", "--cpu", "0.4", "--memory", "48MiB", "--wait", "5m", "--",
                                   "sh", "-c", "timeout 1 workload spin; exit 7", **self.identity(name)) for name in who]
            self.assertEqual([program.wait(300) for program in programs], [7] * len(who))
        for name in ("ann", "bob"):
            cpus, memory, leaves = ceilings.most(self.numbers[name])
            measured(f"{len(ceilings.looks)} looks at the ceilings of {name}: the most were {cpus} CPUs, "
                     f"{memory / MIB:.0f} MiB and {leaves} leaves")
            self.assertLessEqual(cpus, 1)
            self.assertLessEqual(memory, 128 * MIB)
            self.assertLessEqual(leaves, 3)
            # They did run.
            self.assertGreaterEqual(leaves, 1)

    def test_over_a_soft_one_runs_what_nobody_else_wants(self):
        _, within = self.running("dan", "--cpu", "0.4", name="within")
        _, over = self.running("dan", "--cpu", "0.6", name="over")
        self.assertEqual((within.get("surplus"), over.get("surplus")), (None, True))
        time.sleep(1)
        used = Leaf(over["cgroup"]).cpus_used(4)
        measured(f"over a soft quota 0.6 CPUs that are idle are used: {used:.3f}")
        self.assertAlmostEqual(used, 0.6, delta=0.06)
        rest = self.granted({"cpu": 1}, lease="10m")
        # Whoever is within goes first, though it asks later; there is not enough for both.
        late = self.waiting("dan", "--cpu", "0.6", name="late")
        soon = self.waiting("bob", "--cpu", "0.6", name="soon")
        self.assertEqual(self.client.delete(path(rest)).status, 200)
        reservation = self.wait_for(lambda: self.named("soon"))
        # Longer than the agent takes to look at all who wait.
        time.sleep(3)
        self.assertEqual(Leaf(reservation["cgroup"]).processes, [soon.pid])
        self.assertNotIn(late.pid, tree.processes(self.root))
        self.assertEqual(self.cpus(within, over, reservation), 1.6)
        soon.kill()
        self.assertEqual(soon.wait(60), -signal.SIGKILL)
        surplus = self.wait_for(lambda: self.named("late"))
        self.assertEqual((Leaf(surplus["cgroup"]).processes, surplus.get("surplus")), ([late.pid], True))
        # Its hard ones stand all the same.
        self.assertIn("the quota of 3 reservations for each user would be passed", self.refused("dan", "--cpu", "0.1"))

    def test_hours_that_are_used_up_are_there_again_in_the_next_period(self):
        into = time.time() % 60
        if into > 15:
            # All of it within one minute.
            time.sleep(60.5 - into)
        period = time.time() // 60
        process, reservation = self.running("eve", "--cpu", "0.9", name="using")
        time.sleep(9)
        used = Leaf(reservation["cgroup"]).cpu_seconds
        told = self.refused("eve", "--cpu", "0.1")
        measured(f"after {used:.1f} CPU seconds of 7.2 in a minute one is told: {told.strip()!r}")
        self.assertIn("the quota of 0.002 of cpu for an hour in 1m", told)
        # What runs is left alone.
        self.assertEqual((Leaf(reservation["cgroup"]).processes, process.poll()), ([process.pid], None))
        process.kill()
        process.wait()
        self.wait_for(lambda: not Leaf(reservation["cgroup"]).exists())
        self.assertIn("ask again after", self.refused("eve", "--cpu", "0.1"))
        waiting = self.waiting("eve", "--cpu", "0.1", name="next")
        self.assertEqual(time.time() // 60, period, "slow: the period was over before the test had asked")
        granted = self.wait_for(lambda: self.named("next"), 120)
        self.assertGreater(time.time() // 60, period)
        self.assertEqual(Leaf(granted["cgroup"]).processes, [waiting.pid])


if __name__ == "__main__":
    main()
