#!/usr/bin/python3 -B
"""A process that steps out of its cgroup is told of, and the receipts are honest while it is outside."""
import pathlib
import time

from inside.case import HeldCase, main
from inside.leaf import Leaf
from inside.receipts import ADVISORY, ENFORCED
from inside.service import command
from kit.case import path
from kit.stream import log

EVERYTHING = {"cpu": "0.1", "memory": "64MiB", "pids": 20}


class Leaving(HeldCase):
    def setUp(self):
        super().setUp()
        # Where a user's own manager or a container engine would bring it.
        self.elsewhere = pathlib.Path("/sys/fs/cgroup/elsewhere")
        self.elsewhere.mkdir()
        self.addCleanup(self.elsewhere.rmdir)
        self.began = self.client.get("/v1/health").json["last_event"]

    def told(self, reservation):
        """The names of what happened to a reservation since its last process came. (Asking this makes nobody look.)"""
        names = [event.name for event in log(self.service, self.began)
                 if event.data.get("reservation") == reservation["id"]]
        return names[len(names) - names[::-1].index("attached"):]

    def move(self, process, group):
        (pathlib.Path(group) / "cgroup.procs").write_text(str(process.pid))

    def assert_outside(self, reservation, *processes):
        now = self.look(reservation)
        self.assertEqual((now["state"], now.get("left", [])), ("confirmed", [process.pid for process in processes]))
        self.assertEqual({receipt["status"] for receipt in now["receipts"]}, {ADVISORY if processes else ENFORCED})
        for receipt in now["receipts"] if processes else []:
            self.assertIn(f"process {processes[0].pid} ", receipt["reason"])

    def test_the_reservation_waits_for_it(self):
        reservation = self.granted(EVERYTHING)
        process = self.attached(reservation, "wait")
        self.move(process, self.elsewhere)
        self.wait_for(lambda: self.told(reservation) == ["left"])
        self.assertEqual(Leaf(reservation["cgroup"]).processes, [])
        self.assert_outside(reservation, process)
        time.sleep(1)
        self.assert_outside(reservation, process)
        self.assertEqual(self.told(reservation), ["left"])
        process.kill()
        process.wait()
        self.wait_for(lambda: self.look(reservation)["state"] == "released")
        self.assertEqual(self.look(reservation)["reason"], "last_process")
        self.wait_for(lambda: self.told(reservation) == ["left", "exited", "ended", "freed"])
        self.assertFalse(Leaf(reservation["cgroup"]).exists())

    def test_an_end_is_no_leaving(self):
        """The kernel calls a leaf empty a moment before it says that the last process has ended."""
        reservation = self.granted(EVERYTHING, lease="10m")
        for _ in range(20):
            process = self.attached(reservation, "wait")
            process.kill()
            process.wait()
        def names():
            return [event.name for event in log(self.service, self.began)]
        self.wait_for(lambda: names().count("exited") == 20)
        self.assertEqual((names().count("attached"), names().count("left")), (20, 0))

    def test_one_of_two(self):
        """What leaves while others stay is found at the next look: a reload of systemd, or the five minutes."""
        reservation = self.granted(EVERYTHING, lease="10m")
        stays, leaves = self.attached(reservation, "wait"), self.attached(reservation, "wait")
        before = self.look(reservation)
        self.move(leaves, self.elsewhere)
        command("systemctl", "daemon-reload")
        self.wait_for(lambda: self.told(reservation) == ["left"])
        self.assert_outside(reservation, leaves)
        self.move(leaves, reservation["cgroup"])
        command("systemctl", "daemon-reload")
        self.wait_for(lambda: self.told(reservation) == ["left", "returned"])
        self.assertEqual(self.look(reservation) | {"usage": None}, before | {"usage": None})
        self.move(stays, self.elsewhere)
        # Who asks is told what is so now.
        self.assert_outside(reservation, stays)
        self.wait_for(lambda: self.told(reservation) == ["left", "returned", "left"])

    def test_a_group_below_the_leaf_is_inside(self):
        reservation = self.granted(EVERYTHING, lease="10m")
        process = self.attached(reservation, "wait")
        below = pathlib.Path(reservation["cgroup"]) / "below"
        below.mkdir()
        self.move(process, below)
        self.assert_outside(reservation)
        self.assert_held(self.look(reservation))
        command("systemctl", "daemon-reload")
        time.sleep(1)
        self.assertEqual(self.told(reservation), [])
        self.assertEqual(self.client.delete(path(reservation) + "?grace=0s").json["state"], "released")
        self.assertLess(process.wait(), 0)

    def test_required_enforcement_and_a_second_attach(self):
        """Nothing ends for one that left, and it may be brought back."""
        reservation = self.granted(EVERYTHING, lease="10m", enforce="required")
        stays, leaves = self.attached(reservation, "wait"), self.attached(reservation, "wait")
        self.move(leaves, self.elsewhere)
        self.assert_outside(reservation, leaves)
        command("systemctl", "daemon-reload")
        time.sleep(1)
        self.assert_outside(reservation, leaves)
        self.assertEqual((stays.poll(), leaves.poll()), (None, None))
        answer = self.client.post(path(reservation, "/attach"), {"pid": leaves.pid})
        self.assertEqual((answer.status, "left" in answer.json), (200, False), answer)
        self.assertEqual(sorted(Leaf(reservation["cgroup"]).processes), sorted([stays.pid, leaves.pid]))
        self.assert_held(self.look(reservation))

    def test_a_new_agent_knows_it(self):
        reservation = self.granted(EVERYTHING, lease="10m")
        process = self.attached(reservation, "wait")
        self.move(process, self.elsewhere)
        self.wait_for(lambda: self.told(reservation) == ["left"])
        self.service.restart()
        self.client.close()
        self.assert_outside(reservation, process)
        self.assertEqual(self.told(reservation), ["left"])
        self.move(process, reservation["cgroup"])
        self.assert_outside(reservation)


if __name__ == "__main__":
    main()
