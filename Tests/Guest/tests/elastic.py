#!/usr/bin/python3 -B
"""Elastic pools with real processes: what one does not use the other runs on, and its owner has it back, at once or when
that has ended."""
# kernel: 6.12
# shape: threads
# timeout: 900
import pathlib
import signal
import time

from inside import tree
from inside.case import CONFIG, MIB, HeldCase, main, measured
from inside.ceilings import Ceilings
from inside.leaf import Leaf
from kit.case import path

ASYNC = {"Prefer": "respond-async"}
HALF = {"kind": "elastic", "guaranteed": {"cpu": 1, "memory": "128MiB"}, "max": {"cpu": 2, "memory": "256MiB"}}
ENOUGH = pathlib.Path("/tmp/enough")
# Programs that work all the time, and on through SIGTERM, of which they tell.
BUSY = 'trap "echo TERM" TERM; echo ready; while :; do :; done'
UNTIL = f'trap "echo TERM" TERM; echo ready; while [ ! -e {ENOUGH} ]; do :; done'


class Elastic(HeldCase):
    # Two CPUs for the two pools, and two for the guest itself.
    config = CONFIG | {
        "system_reserved": CONFIG["system_reserved"] | {"cpu": 2},
        "preemption": {"grace": "2s", "most": "10s"},
        "pools": {"prod": HALF | {"give_back": "preempt"}, "batch": HALF | {"give_back": "end"}},
    }

    def setUp(self):
        super().setUp()
        ENOUGH.unlink(missing_ok=True)

    def group(self, name):
        return Leaf(self.root / f"pool-{name}")

    def pool(self, name):
        answer = self.client.get(f"/v1/pools/{name}")
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def borrowed(self, pool, script, **more):
        """A pool that has all CPU time: a reservation that is its own, with its program, and one that it has borrowed for,
        with a shell and one more program that has 96 MiB."""
        own = self.granted({"cpu": 1, "memory": "32MiB"}, lease="10m", pool=pool)
        self.assert_held(own)
        kept = self.attached(own, "spin")
        lent = self.granted({"cpu": 1, "memory": "128MiB"}, pool=pool, **more)
        self.assert_held(lent)
        program = self.shell(lent, script)
        eater = self.attached(lent, "touch", "96")
        self.wait_for(lambda: Leaf(lent["cgroup"]).counters("memory.stat")["anon"] >= 96 * MIB)
        return own, kept, lent, program, eater

    def owner(self, pool):
        """`berth run` that waits for what its pool is guaranteed."""
        return self.spawn("berth", "run", "--name", "owner", "--pool", pool, "--cpu", "1", "--memory", "128MiB", "--wait",
                          "5m", "--", "workload", "spin")

    def used(self, seconds, *groups):
        """The CPUs that each of some groups uses over so many seconds from now."""
        before, began = [group.cpu_seconds for group in groups], time.monotonic()
        time.sleep(seconds)
        after, took = [group.cpu_seconds for group in groups], time.monotonic() - began
        return [(then - first) / took for first, then in zip(before, after)]

    def assert_gone(self, *processes):
        """In no list of processes any more, neither the tree's nor the system's."""
        pids = {process.pid for process in processes}
        self.assertFalse(pids & tree.processes(self.root))
        self.assertFalse(pids & {int(each.name) for each in pathlib.Path("/proc").iterdir() if each.name.isdigit()})

    def assert_never_more(self, ceilings):
        """At no moment was something in the hands of both."""
        cpus, memory, _ = ceilings.most()
        measured(f"{len(ceilings.looks)} looks at all ceilings: the most were {cpus} CPUs and {memory / MIB:.0f} MiB")
        self.assertLessEqual(cpus, 2)
        self.assertLessEqual(memory, 160 * MIB)

    def assert_owner_has_its_own(self, owner, reservation):
        """In the files, and in what it gets while the other pool wants all."""
        leaf, group = Leaf(reservation["cgroup"]), self.group(reservation["pool"])
        self.assertEqual((leaf.path.parent, leaf.processes), (group.path / "shared", [owner.pid]))
        self.assertEqual((leaf.read("cpu.max"), leaf.number("memory.max"), leaf.number("memory.low")),
                         ("100000 100000", 128 * MIB, 128 * MIB))
        self.assertEqual(group.number("memory.low"), 128 * MIB)
        time.sleep(1)
        other = self.group("batch" if reservation["pool"] == "prod" else "prod")
        mine, others = self.used(4, leaf, other)
        measured(f"the owner {reservation['pool']} uses {mine:.3f} of its 1 CPU, the other pool {others:.3f}")
        self.assertAlmostEqual(mine, 1, delta=0.1)
        self.assertAlmostEqual(others, 1, delta=0.1)

    def test_what_one_does_not_use_the_other_runs_on(self):
        own, _, lent, program, eater = self.borrowed("batch", BUSY)
        batch, leaf = self.group("batch"), Leaf(lent["cgroup"])
        self.assertEqual(self.pool("batch")["held"], {"cpu": 2, "memory": 160 * MIB})
        self.assertEqual([Leaf(each["cgroup"]).path.parent for each in (own, lent)], [batch.path / "shared"] * 2)
        # More than it is guaranteed, and no more than its most.
        self.assertEqual((batch.read("cpu.max"), batch.number("memory.max"), batch.number("memory.low")),
                         ("200000 100000", 256 * MIB, 160 * MIB))
        self.assertEqual((leaf.read("cpu.max"), leaf.number("memory.max"), leaf.number("memory.low")),
                         ("100000 100000", 128 * MIB, 128 * MIB))
        # The kernel keeps nothing for whoever does not use it, and weighs both the same.
        prod = self.group("prod")
        self.assertEqual((prod.number("memory.low"), prod.counters("cgroup.events")["populated"]), (0, 0))
        self.assertEqual((prod.number("cpu.weight"), batch.number("cpu.weight")), (100, 100))
        self.assertEqual(set(leaf.processes), {program.pid, eater.pid})
        time.sleep(1)
        both, borrowed = self.used(4, batch, leaf)
        measured(f"a pool that is guaranteed 1 CPU uses {both:.3f}, of which {borrowed:.3f} are borrowed")
        self.assertAlmostEqual(both, 2, delta=0.2)
        self.assertAlmostEqual(borrowed, 1, delta=0.1)
        # There is no more to borrow.
        self.assertEqual(self.client.reserve({"cpu": 0.1}, pool="batch").status, 409)

    def test_the_owner_has_it_back_at_once(self):
        own, kept, lent, program, eater = self.borrowed("batch", BUSY, lease="10m")
        leaf = Leaf(lent["cgroup"])
        # Nobody goes for one that would not wait for it.
        refused = self.client.reserve({"cpu": 1}, pool="prod")
        self.assertEqual((refused.status, refused.json["code"]), (409, "insufficient"), refused)
        self.assertIsNone(self.look(lent).get("preemption"))
        with Ceilings(self.root) as ceilings:
            began = time.monotonic()
            owner = self.owner("prod")
            self.assertEqual(self.line(program), "TERM")
            # Until its notice is over it runs on, and the owner's program has not begun.
            self.assertIn(program.pid, leaf.processes)
            self.assertNotIn(owner.pid, tree.processes(self.root))
            self.assertEqual(program.wait(60), -signal.SIGKILL)
            reservation = self.wait_for(lambda: self.named("owner"))
            took = time.monotonic() - began
        measured(f"the owner has it back after {took:.2f} s")
        self.assert_never_more(ceilings)
        self.assertEqual(eater.wait(60), -signal.SIGTERM)
        self.assertFalse(leaf.exists())
        self.assert_gone(program, eater)
        self.assertEqual((self.look(lent)["state"], self.look(lent)["reason"]), ("expired", "preempted"))
        # What the borrower holds of its own stays.
        self.assertEqual((kept.poll(), self.look(own)["state"]), (None, "confirmed"))
        self.assert_owner_has_its_own(owner, reservation)

    def test_nobody_goes_for_more_than_the_owner_is_guaranteed(self):
        _, kept, lent, program, eater = self.borrowed("batch", BUSY, lease="10m")
        asked = self.client.reserve({"cpu": 1.5}, ASYNC, pool="prod", wait="5m")
        self.assertEqual(asked.status, 202, asked)
        # Longer than a notice.
        time.sleep(3)
        self.assertEqual((self.look(lent)["state"], self.look(lent).get("preemption")), ("confirmed", None))
        self.assertEqual(set(Leaf(lent["cgroup"]).processes), {program.pid, eater.pid})
        self.assertEqual([process.poll() for process in (kept, program, eater)], [None] * 3)
        self.assertEqual(self.look(asked.json)["state"], "pending")
        self.assertEqual(self.client.delete(path(asked.json)).status, 200)

    def test_the_owner_waits_until_what_was_lent_has_ended(self):
        own, kept, lent, program, eater = self.borrowed("prod", UNTIL)
        leaf = Leaf(lent["cgroup"])
        # Another of the borrower's waits already; it would only borrow.
        late = self.client.reserve({"cpu": 1}, ASYNC, pool="prod", wait="5m")
        self.assertEqual(late.status, 202, late)
        with Ceilings(self.root) as ceilings:
            owner = self.owner("batch")
            self.wait_for(lambda: self.pool("batch")["waiting"] == 1)
            # Longer than a notice.
            time.sleep(3)
            self.assertEqual((self.look(lent)["state"], self.look(lent).get("preemption")), ("confirmed", None))
            self.assertEqual(set(leaf.processes), {program.pid, eater.pid})
            self.assertNotIn(owner.pid, tree.processes(self.root))
            ENOUGH.touch()
            self.assertEqual(program.wait(60), 0)
            # Not before the last of it has ended.
            self.assertNotIn(owner.pid, tree.processes(self.root))
            eater.kill()
            eater.wait()
            reservation = self.wait_for(lambda: self.named("owner"))
        self.assert_never_more(ceilings)
        # It was never told to go.
        self.assertEqual(program.stdout.read(), b"")
        self.assertFalse(leaf.exists())
        self.assert_gone(program, eater)
        self.assertEqual(self.look(lent)["reason"], "last_process")
        self.assertEqual(self.look(late.json)["state"], "pending")
        self.assertEqual((kept.poll(), self.look(own)["state"]), (None, "confirmed"))
        self.assert_owner_has_its_own(owner, reservation)
        self.assertEqual(self.client.delete(path(late.json)).status, 200)


if __name__ == "__main__":
    main()
