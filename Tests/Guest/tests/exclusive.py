#!/usr/bin/python3 -B
"""--exclusive-cpu: a whole core for one reservation, and no other on it; as a partition where the kernel has one."""
# shape: threads
import pathlib
import time

from inside import receipts
from inside.case import HeldCase, main, measured
from inside.leaf import Leaf, cpu_list, kernel

CPU = pathlib.Path("/sys/devices/system/cpu")
HAS_PARTITIONS = kernel() >= (6, 7)
STATUS = receipts.ENFORCED if HAS_PARTITIONS else receipts.ADVISORY


class Exclusive(HeldCase):
    def test_runs_alone_on_a_whole_core(self):
        outside = self.spawn("systemd-run", "--quiet", "--scope", "--slice=system.slice", "workload", "spin")
        shared = [self.berth_run("--cpu", "0.5", "--", "workload", "spin", name=f"shared{number}")[1]
                  for number in range(2)]
        _, alone = self.berth_run("--exclusive-cpu", "1", "--", "workload", "spin", name="alone")
        _, late = self.berth_run("--cpu", "0.5", "--", "workload", "spin", name="late")
        self.assert_held(alone, cpu=STATUS)
        cpus = cpu_list(alone["resources"]["cpu"]["cpus"])
        siblings = cpu_list((CPU / f"cpu{min(cpus)}/topology/thread_siblings_list").read_text().strip())
        self.assertEqual(cpus, siblings, "a whole core")
        self.assertEqual((alone["resources"]["cpu"]["asked"], alone["resources"]["cpu"]["amount"]), (1, len(siblings)))
        leaf = Leaf(alone["cgroup"])
        self.assertEqual(leaf.path.parent, self.root / "pool-default")
        self.assertEqual(leaf.read("cpu.max").split()[0], "max")
        everybody = set(range(4))
        for other in [*shared, late]:
            allowed = cpu_list(Leaf(other["cgroup"]).read("cpuset.cpus.effective"))
            self.assertEqual(allowed, everybody - cpus, other["name"])
            for process in other["processes"]:
                self.assertEqual(allowed_of(process), everybody - cpus)
        self.assertEqual(allowed_of(alone["processes"][0]), cpus)
        partition = leaf.read("cpuset.cpus.partition")
        seen = self.cpus_of([*shared, late], 4)
        used = leaf.cpus_used(4)
        measured(f"{alone['receipts'][0]}: partition {partition!r}, CPUs {sorted(cpus)}, {used:.3f} CPUs used alone; "
                 f"others ran on {sorted(seen)}")
        self.assertFalse(seen & cpus)
        self.assertGreater(used, 0.85)
        if HAS_PARTITIONS:
            self.assertIn(partition, ("root", "isolated"))
            self.assertFalse(allowed_of(outside.pid) & cpus, "a program outside Berth may run there")
        else:
            self.assertNotIn(partition, ("root", "isolated"))

    def cpus_of(self, reservations, seconds):
        """The CPUs that any process of these was seen on."""
        seen, until = set(), time.monotonic() + seconds
        while time.monotonic() < until:
            for reservation in reservations:
                for process in reservation["processes"]:
                    stat = pathlib.Path(f"/proc/{process}/stat").read_text()
                    seen.add(int(stat.rsplit(")", 1)[1].split()[36]))
            time.sleep(0.02)
        return seen

    def test_two_never_share_and_the_rest_comes_back(self):
        first, second = self.granted({"cpu": {"amount": 1, "exclusive": True}}, lease=600), None
        answer = self.client.reserve({"cpu": {"amount": 1, "exclusive": True}}, lease=600)
        if answer.status == 201:
            second = answer.json
            self.assertFalse(cpu_list(first["resources"]["cpu"]["cpus"]) & cpu_list(second["resources"]["cpu"]["cpus"]))
            # The kernel keeps a last CPU for what is in no partition.
            self.assert_held(second, cpu=receipts.ADVISORY)
        self.assert_held(self.look(first), cpu=STATUS)
        self.assertEqual(self.client.reserve({"cpu": {"amount": 1, "exclusive": True}}).status, 409)
        for reservation in filter(None, [first, second]):
            self.client.delete(f"/v1/reservations/{reservation['id']}?grace=0s")
        shared = self.granted({"cpu": 1}, lease=600)
        self.assertEqual(cpu_list(Leaf(shared["cgroup"]).read("cpuset.cpus.effective")), set(range(4)))
        self.assertEqual(cpu_list(pathlib.Path("/sys/fs/cgroup/system.slice/cpuset.cpus.effective").read_text().strip()
                                  if HAS_PARTITIONS else "0-3"), set(range(4)))

    def test_required_where_the_kernel_cannot(self):
        answer = self.client.reserve({"cpu": {"amount": 1, "exclusive": True}}, lease=600, enforce="required")
        if HAS_PARTITIONS:
            self.assertEqual(answer.status, 201, answer)
            self.assert_held(answer.json)
        else:
            self.assertEqual((answer.status, answer.json["code"]), (409, "unenforceable"), answer)
            self.assertEqual(self.live(), [])

    def test_a_resize_keeps_what_is_held(self):
        reservation = self.granted({"cpu": {"amount": 2, "exclusive": True}}, lease=600)
        process = self.attached(reservation, "spin")
        before = cpu_list(reservation["resources"]["cpu"]["cpus"])
        grown = self.client.patch(f"/v1/reservations/{reservation['id']}", {"resources": {"cpu": {"amount": 4}}})
        if grown.status == 200:
            self.assertLess(before, cpu_list(grown.json["resources"]["cpu"]["cpus"]))
            # All there are: the kernel keeps a last CPU for what is in no partition.
            self.assert_held(grown.json, cpu=receipts.ADVISORY)
            self.assertEqual(allowed_of(process.pid), cpu_list(grown.json["resources"]["cpu"]["cpus"]))
            self.resized(reservation, {"cpu": {"amount": 2}})
        self.assert_held(self.look(reservation), cpu=STATUS)


def allowed_of(process):
    """The CPUs that a process may run on."""
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    return cpu_list(next(line for line in status.splitlines() if line.startswith("Cpus_allowed_list:")).split()[1])


if __name__ == "__main__":
    main()
