#!/usr/bin/python3 -B
"""Pools in the kernel: a ceiling on all that runs in one, weights between two, a move from one to another under a program
that runs, pools in pools, and all of it found again."""
# shape: threads
# timeout: 900
import os
import pathlib
import time

from inside import receipts
from inside.case import CONFIG, MIB, HeldCase, main, measured
from inside.leaf import Leaf, cpu_list, kernel
from inside.service import command
from kit.case import path

HAS_PARTITIONS = kernel() >= (6, 7)
CEILINGS = ("cpu.max", "memory.max", "pids.max", "cpu.weight")


class Pools(HeldCase):
    config = {**CONFIG, "pools": {"light": {"weight": 100}, "heavy": {"weight": 300}}}

    def tearDown(self):
        """What a test has made goes with it."""
        super().tearDown()
        for reservation in self.live():
            self.client.delete(f"{path(reservation)}?grace=0s")
        for name in ("nightly", "ci", "other"):
            self.assertIn(self.client.delete(f"/v1/pools/{name}").status, (200, 204, 404))
        self.assertEqual({each.name for each in self.root.iterdir() if each.name.startswith("pool-")},
                         {"pool-default", "pool-light", "pool-heavy"})

    def pool(self, name, **what):
        """Makes or changes a pool, and returns what is said of it."""
        answer = self.client.request("PUT", f"/v1/pools/{name}", what)
        self.assertIn(answer.status, (200, 201), answer)
        return answer.json

    def group(self, *names):
        return Leaf(self.root.joinpath(*(f"pool-{name}" for name in names)))

    def receipts_of(self, name):
        """What the agent says that the kernel holds of a pool, by type."""
        answer = self.client.get(f"/v1/pools/{name}")
        self.assertEqual(answer.status, 200, answer)
        return {receipt["type"]: receipt for receipt in answer.json["receipts"]}

    def moved(self, reservation, pool):
        answer = self.client.patch(path(reservation), {"pool": pool})
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def test_a_ceiling_on_cpu_time(self):
        self.pool("ci", max={"cpu": 0.5})
        for _ in range(2):
            self.attached(self.granted({"cpu": {"amount": 0.2, "limit": 2}}, lease=600, pool="ci"), "spin")
        group = self.group("ci")
        self.assertEqual(group.read("cpu.max"), "50000 100000")
        self.assertEqual(self.receipts_of("ci")["cpu"]["status"], receipts.ENFORCED)
        time.sleep(1)
        used = group.cpus_used(8)
        measured(f"two programs that may use 2 CPUs each use {used:.4f} CPUs together in a pool of 0.5")
        self.assertAlmostEqual(used, 0.5, delta=0.04)
        # Changed while they run.
        self.pool("ci", max={"cpu": 1})
        self.assertEqual(group.read("cpu.max"), "100000 100000")
        time.sleep(1)
        used = group.cpus_used(8)
        measured(f"and {used:.4f} when the pool may use 1")
        self.assertAlmostEqual(used, 1, delta=0.08)
        self.pool("ci")
        self.assertEqual(group.read("cpu.max"), "max 100000")

    def test_a_ceiling_that_somebody_took_away(self):
        """The receipt says so at once, and it comes back when the agent looks again."""
        self.pool("ci", max={"pids": 50})
        group = self.group("ci")
        (group.path / "pids.max").write_text("max")
        receipt = self.receipts_of("ci")["pids"]
        self.assertEqual((receipt["status"], receipt["values"]["pids.max"]), (receipts.ADVISORY, "max"))
        self.assertIn("not", receipt["reason"])
        command("systemctl", "daemon-reload")
        self.wait_for(lambda: group.read("pids.max") == "50")
        self.assertEqual(self.receipts_of("ci")["pids"]["status"], receipts.ENFORCED)

    def test_a_ceiling_on_memory(self):
        self.pool("ci", max={"memory": "96MiB"})
        held = [self.granted({"memory": {"amount": "40MiB", "limit": "96MiB"}}, lease=600, pool="ci", end="released")
                for _ in range(2)]
        keeper = self.attached(held[0], "touch", "30")
        self.wait_for(lambda: Leaf(held[0]["cgroup"]).counters("memory.stat")["anon"] >= 30 * MIB)
        eater = self.attached(held[1], "touch", "90")
        group = self.group("ci")
        self.assertEqual(eater.wait(120), -9)
        events = group.counters("memory.events")
        measured(f"a pool of 96 MiB: events {events}, {group.number('memory.current') / MIB:.0f} MiB in it")
        self.assertGreater(events["oom_kill"], 0)
        self.assertIsNone(keeper.poll(), "within its guarantee")
        self.assertGreaterEqual(Leaf(held[0]["cgroup"]).counters("memory.stat")["anon"], 30 * MIB)

    def test_a_ceiling_below_what_is_used(self):
        """Nothing is killed: the pool keeps the ceiling that it had, and says so."""
        self.pool("ci", max={"memory": "128MiB"})
        process = self.attached(self.granted({"memory": "80MiB"}, lease=600, pool="ci"), "touch", "60")
        self.wait_for(lambda: self.group("ci").counters("memory.stat")["anon"] >= 60 * MIB)
        self.pool("ci", max={"memory": "32MiB"})
        receipt = self.receipts_of("ci")["memory"]
        measured(f"a ceiling of 32 MiB over 60 MiB in use: {receipt['status']}, {receipt.get('reason')}")
        self.assertEqual((receipt["status"], self.group("ci").number("memory.max")), (receipts.ADVISORY, 128 * MIB))
        self.assertEqual(self.group("ci").read("memory.high"), "max")
        self.assertIsNone(process.poll())

    def test_weights(self):
        for name in ("light", "heavy"):
            process = self.attached(self.granted({"cpu": {"amount": 0.1, "limit": 1}}, lease=600, pool=name), "spin")
            os.sched_setaffinity(process.pid, {0})
        light, heavy = self.group("light"), self.group("heavy")
        self.assertEqual((light.number("cpu.weight"), heavy.number("cpu.weight")), (100, 300))
        time.sleep(1)
        before = light.cpu_seconds, heavy.cpu_seconds
        time.sleep(12)
        one, three = light.cpu_seconds - before[0], heavy.cpu_seconds - before[1]
        measured(f"weights 100 and 300 on one CPU: {one:.2f} s and {three:.2f} s, 1 to {three / one:.2f}")
        self.assertAlmostEqual(three / one, 3, delta=0.5)

    def test_a_move(self):
        self.pool("ci", max={"memory": "512MiB"})
        self.pool("other")
        reservation = self.granted({"cpu": 0.3, "memory": "64MiB", "pids": 20}, lease=600, pool="ci", end="released")
        old = Leaf(reservation["cgroup"])
        # What forks is the last: what is attached when it has filled the leaf is there too many, for the kernel lets it in.
        processes = [self.attached(reservation, *words) for words in (("touch", "24"), ("spin",), ("fork",))]
        self.wait_for(lambda: old.number("pids.current") == 20 and old.counters("memory.stat")["anon"] > 24 * MIB)
        inside, used = set(old.processes), self.look(reservation)["usage"]["cpu_seconds"]
        self.assertEqual(old.path.parent, self.root / "pool-ci/shared")
        now = self.moved(reservation, "other")
        new = Leaf(now["cgroup"])
        self.assertEqual((now["pool"], new.path.parent), ("other", self.root / "pool-other/shared"))
        self.assertEqual((set(new.processes), old.exists()), (inside, False))
        self.assertEqual([process.poll() for process in processes], [None] * 3)
        memory = next(each for each in now["receipts"] if each["type"] == "memory")
        measured(f"a move of {len(inside)} processes: {memory['status']}, {memory.get('charged_elsewhere_bytes')} bytes stay "
                 f"charged to the old pool, which has {self.group('ci').number('memory.current')}")
        self.assert_held(now, memory=receipts.ADVISORY)
        self.assertGreater(memory["charged_elsewhere_bytes"], 24 * MIB)
        self.assertGreaterEqual(self.look(reservation)["usage"]["cpu_seconds"], used)
        self.assertEqual((self.group("ci").number("memory.low"), self.group("other").number("memory.low")), (0, 64 * MIB))
        time.sleep(1)
        self.assertAlmostEqual(new.cpus_used(5), 0.3, delta=0.05)
        self.assertIsNone(self.look(reservation).get("left"))
        self.client.delete(f"{path(reservation)}?grace=0s")
        self.assertEqual([process.wait(60) for process in processes], [-9] * 3)

    def test_a_move_of_cpus(self):
        self.pool("ci")
        status = receipts.ENFORCED if HAS_PARTITIONS else receipts.ADVISORY
        reservation = self.granted({"cpu": {"amount": 1, "exclusive": True}}, lease=600, pool="ci")
        process = self.attached(reservation, "spin")
        self.assert_held(reservation, cpu=status)
        cpus = cpu_list(reservation["resources"]["cpu"]["cpus"])
        for pool in ("default", "ci"):
            now = self.moved(reservation, pool)
            self.assertEqual(now["resources"]["cpu"]["cpus"], reservation["resources"]["cpu"]["cpus"])
            self.assert_held(now, cpu=status)
            self.assertEqual(Leaf(now["cgroup"]).processes, [process.pid])
            self.assertEqual(os.sched_getaffinity(process.pid), cpus)
            for name in ("default", "ci", "light"):
                shared = cpu_list(self.group(name).path.joinpath("shared/cpuset.cpus.effective").read_text().strip())
                self.assertFalse(shared & cpus, f"the shared part of {name}")

    def test_a_program_with_groups_of_its_own(self):
        self.pool("ci")
        reservation = self.granted({"cpu": 0.3}, lease=600)
        process = self.attached(reservation, "wait")
        own = pathlib.Path(reservation["cgroup"]) / "made"
        own.mkdir()
        answer = self.client.patch(path(reservation), {"pool": "ci"})
        measured(f"a move of a leaf with a group below is {answer.status} {answer.json.get('detail')}")
        self.assertEqual(answer.status, 409)
        self.assertIn("made", answer.json["detail"])
        self.assertEqual(self.look(reservation)["pool"], "default")
        self.assertIsNone(process.poll())
        own.rmdir()
        self.assert_held(self.moved(reservation, "ci"))

    def test_pools_in_pools(self):
        self.pool("ci", max={"cpu": 1, "memory": "256MiB"})
        self.pool("nightly", parent="ci", max={"cpu": 2})
        held = [self.granted({"cpu": {"amount": 0.2, "limit": 2}, "memory": "32MiB"}, lease=600, pool=name)
                for name in ("ci", "nightly", "nightly")]
        nightly = self.group("ci", "nightly")
        self.assertEqual(Leaf(held[1]["cgroup"]).path.parent, nightly.path / "shared")
        self.assertEqual([self.group("ci").number("memory.low"), nightly.number("memory.low"),
                          Leaf(nightly.path / "shared").number("memory.low")], [96 * MIB, 64 * MIB, 64 * MIB])
        # Alone it may take what it likes; beside others that may take two CPUs it may not have its part of one.
        self.assert_held(self.look(held[0]))
        for reservation in held[1:]:
            self.assert_held(self.look(reservation), cpu="advisory")
            self.attached(reservation, "spin")
        time.sleep(1)
        used = nightly.cpus_used(6)
        measured(f"a pool of 2 CPUs within one of 1 uses {used:.3f}")
        self.assertAlmostEqual(used, 1, delta=0.08)
        self.assertNotEqual(self.client.delete("/v1/pools/ci").status, 200)

    def test_found_again(self):
        self.pool("ci", max={"cpu": 3, "memory": "256MiB"}, weight=200)
        self.pool("nightly", parent="ci", max={"pids": 50})
        held = [self.granted({"cpu": 0.2, "memory": "32MiB"}, lease=600, pool=name) for name in ("ci", "nightly", "default")]
        alone = self.granted({"cpu": {"amount": 1, "exclusive": True}}, lease=600, pool="nightly")
        processes = [self.attached(reservation, "spin") for reservation in [*held, alone]]
        groups = [self.group("ci"), self.group("ci", "nightly"), self.group("default"), self.group("heavy")]
        leaves = [Leaf(each["cgroup"]) for each in [*held, alone]]

        def seen():
            files = [[group.read(file) for file in (*CEILINGS, "memory.low")] for group in groups]
            return files, [leaf.limits() for leaf in leaves], [leaf.processes for leaf in leaves]
        before = seen()
        for _ in range(2):
            pid = self.service.pid
            self.service.kill()
            self.wait_for(lambda: self.service.pid not in (0, pid))
            self.service.wait_until_serving()
            self.client.close()
            self.wait_for(lambda: all(self.look(each)["receipts"] == each["receipts"] for each in held))
            self.assertEqual(seen(), before)
        self.assertEqual([process.poll() for process in processes], [None] * 4)
        self.assertEqual(self.receipts_of("ci")["memory"]["status"], receipts.ENFORCED)

    def test_a_crash_in_a_move(self):
        """A leaf that is in two pools is put together where the ledger has it."""
        self.pool("ci")
        reservation = self.granted({"cpu": 0.2, "memory": "32MiB"}, lease=600, pool="ci")
        processes = [self.attached(reservation, "wait") for _ in range(2)]
        self.service.stop()
        other = self.root / "pool-default/shared" / pathlib.Path(reservation["cgroup"]).name
        other.mkdir()
        (other / "cgroup.procs").write_text(str(processes[0].pid))
        self.service.start()
        self.client.close()
        leaf = Leaf(reservation["cgroup"])
        self.wait_for(lambda: not other.exists())
        self.wait_for(lambda: leaf.exists() and set(leaf.processes) == {process.pid for process in processes})
        self.wait_for(lambda: not receipts.untruths(self.look(reservation), {}))

    def test_a_pool_that_goes(self):
        self.pool("ci")
        reservation = self.granted({"cpu": 0.2}, lease=600, pool="ci")
        process = self.attached(reservation, "wait")
        self.assertEqual(self.client.delete("/v1/pools/ci").status, 409)
        self.assertIn(self.client.delete("/v1/pools/ci?drain=true").status, (200, 202, 204))
        self.assertTrue(Leaf(reservation["cgroup"]).exists())
        self.assertIsNone(process.poll())
        self.client.delete(f"{path(reservation)}?grace=0s")
        self.wait_for(lambda: not self.group("ci").exists())


if __name__ == "__main__":
    main()
