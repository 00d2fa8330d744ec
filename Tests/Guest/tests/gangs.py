#!/usr/bin/python3 -B
"""Gangs of real processes: granted together, and what those at a barrier lend to the others, as the kernel has it."""
# kernel: 6.12
import threading
import time

from inside.case import HeldCase, main, measured
from inside.leaf import Leaf
from kit.case import path

PERIOD = 100_000
ASYNC = {"Prefer": "respond-async"}


class Gangs(HeldCase):
    def gang(self, size, cpu, name="train"):
        """A gang that runs, with its cgroups."""
        request = {"wait": "1m", "lease": "10m", "end": "released", "gang": {"id": name, "size": size}}
        members = [self.client.reserve({"cpu": cpu}, ASYNC, **request).json for _ in range(size)]
        self.wait_for(lambda: all(self.look(member).get("receipts") for member in members))
        return [self.look(member) for member in members]

    def ceilings(self, members):
        """The CPUs that `cpu.max` of each allows."""
        return [int(Leaf(member["cgroup"]).read("cpu.max").split()[0]) / PERIOD for member in members]

    def arrive(self, member, query="?wait=0s"):
        answer = self.client.post(f"/v1/barriers/train/arrive{query}", {"reservation": member["id"]})
        self.assertIn(answer.status, (200, 202), answer)
        return answer.json

    def test_cpu_max_is_raised_and_given_back(self):
        members = self.gang(3, 0.3)
        self.assertEqual(self.ceilings(members), [0.3, 0.3, 0.3])
        for member in members:
            self.attached(member, "spin")
        self.arrive(members[0])
        self.wait_for(lambda: self.ceilings(members) == [0.1, 0.4, 0.4])
        leaf = Leaf(members[1]["cgroup"])
        time.sleep(0.5)
        used = leaf.cpus_used(3)
        measured(f"0.3 CPUs with half of 0.2 lent: {used:.3f} used")
        self.assertAlmostEqual(used, 0.4, delta=0.05)
        self.arrive(members[1])
        self.wait_for(lambda: self.ceilings(members) == [0.1, 0.1, 0.7])
        self.assertTrue(self.arrive(members[2], query="")["open"])
        # All of it is back before anybody is told.
        self.assertEqual(self.ceilings(members), [0.3, 0.3, 0.3])
        for member in members:
            self.assert_held(self.look(member))

    def test_the_sum_of_all_ceilings_never_grows(self):
        members = self.gang(4, 0.25)
        stop = threading.Event()
        sums = []

        def watch():
            while not stop.is_set():
                # Read twice the same: nothing moved between the files.
                first, second = self.ceilings(members), self.ceilings(members)
                if first == second:
                    sums.append(round(sum(first), 3))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            for _ in range(5):
                for member in members[:-1]:
                    self.arrive(member)
                self.assertTrue(self.arrive(members[-1], query="")["open"])
        finally:
            stop.set()
            watcher.join()
        measured(f"{len(sums)} looks at the ceilings of four: the most was {max(sums)} CPUs")
        self.assertLessEqual(max(sums), 1.0)
        self.assertEqual(self.ceilings(members), [0.25] * 4)

    def test_what_is_lent_outlives_a_crash_and_goes_back_when_one_ends(self):
        members = self.gang(2, 0.4)
        for member in members:
            self.attached(member, "spin")
        self.arrive(members[0])
        self.wait_for(lambda: self.ceilings(members) == [0.1, 0.7])
        self.service.kill()
        self.client.close()
        self.service.start()
        self.wait_for(lambda: self.ceilings(members) == [0.1, 0.7])
        self.assertEqual(self.client.delete(f"{path(members[0])}?grace=0s").status, 200)
        self.wait_for(lambda: self.ceilings(members[1:]) == [0.4])

    def test_programs_begin_together_and_meet_at_a_barrier(self):
        script = "echo begun $(date +%s%N); berth barrier arrive shell; echo met $(date +%s%N)"
        programs = []
        for _ in range(3):
            asked = time.time()
            programs.append(self.spawn(
                "berth", "run", "--quiet", "--gang", "shell:3", "--wait", "1m", "--cpu", "0.3", "--", "sh", "-c", script,
                stdout=-1))
            time.sleep(0.3)
        lines = [program.communicate(timeout=60)[0].decode().split() for program in programs]
        begun, met = ([int(line[place]) / 1e9 for line in lines] for place in (1, 3))
        self.assertGreaterEqual(min(met), max(begun))
        measured(f"three programs began within {max(begun) - min(begun):.3f} s and met within {max(met) - min(met):.3f} s")
        # None of them before the last had asked.
        self.assertGreaterEqual(min(begun), asked)


if __name__ == "__main__":
    main()
