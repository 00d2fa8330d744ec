#!/usr/bin/python3 -B
"""What a plugin narrows: the leaf's files hold it, whatever comes and goes, and receipts tell of it."""
# kernel: 6.12
import pathlib
import shutil

from inside.case import MIB, main
from inside.leaf import Leaf, number_of
from inside.plugins import FOLDER, SEAT, PluginsCase
from inside.receipts import lies

DISK = "/dev/vda"
ALL = {"cpuset.mems": "0", "pids.max": 64, "io.max": [{"device": DISK, "write": "5MiB"}]}
GRANTED = {"cpu": "0.05", "memory": 16 * MIB, "pids": 100, "storage": [{"device": DISK, "write": "10MiB", "read": "50MiB"}]}


def rates(read="max", write="max"):
    return {"rbps": str(read), "wbps": str(write), "riops": "max", "wiops": "max"}


class Narrowing(PluginsCase):
    """The plugin answers with what the parameters say."""

    def setUp(self):
        super().setUp()
        self.drop("narrows")
        self.running("narrows")
        self.wait_for(lambda: any(each["type"] == SEAT for each in self.client.get("/v1/resources").json["resources"]))

    def seat(self, narrowing, amount=1):
        return {SEAT: {"amount": amount, "parameters": {"cgroup": narrowing}}}

    def files(self, reservation):
        """What of the leaf can be narrowed, after every receipt was compared with it."""
        leaf = Leaf(reservation["cgroup"])
        for receipt in reservation["receipts"]:
            self.assertEqual(lies(receipt, leaf), [], receipt)
            if receipt["type"] == SEAT:
                self.assertEqual(receipt["status"], "enforced", receipt)
        return leaf.read("cpuset.mems"), leaf.read("pids.max"), leaf.of_device("io.max", DISK)

    def values(self, reservation):
        return next(each for each in reservation["receipts"] if each["type"] == SEAT)["values"]

    def test_what_is_granted_besides_is_narrowed(self):
        held = self.granted({**GRANTED, **self.seat(ALL)}, lease="1h", enforce="required")
        narrowed = ("0", "64", rates(50 * MIB, 5 * MIB))
        self.assertEqual(self.files(held), narrowed)
        self.assertEqual(set(self.values(held)), {"cpuset.mems", "pids.max", "io.max"})
        # A resize keeps it, and the smaller counts.
        self.assertEqual(self.files(self.resized(held, {"pids": 32})), ("0", "32", narrowed[2]))
        self.assertEqual(self.files(self.resized(held, {"pids": 200})), narrowed)
        storage = [{"device": DISK, "write": "1MiB"}]
        self.assertEqual(self.files(self.resized(held, {"storage": storage})), ("0", "64", rates(write=MIB)))
        self.assertEqual(self.files(self.resized(held, {"storage": GRANTED["storage"]})), narrowed)
        self.assertEqual(self.files(self.resized(held, {"cpu": "0.1", "memory": 32 * MIB})), narrowed)
        # What the plugin says no more is gone, and what was granted is there.
        less = self.resized(held, self.seat({"pids.max": 50}))
        self.assertEqual((self.files(less), set(self.values(less))), (("", "50", rates(50 * MIB, 10 * MIB)), {"pids.max"}))
        self.assertEqual(self.files(self.resized(held, self.seat({"cpuset.mems": "0"}, 2)))[:2], ("0", "200"))

    def test_cpus_of_its_own_make_it_another_leaf_with_the_same(self):
        # Not required: Linux 6.1 has no partition for them.
        held = self.granted({**GRANTED, **self.seat(ALL)}, lease="1h")
        narrowed = ("0", "64", rates(50 * MIB, 5 * MIB))
        self.assertEqual(self.files(held), narrowed)
        moved = self.resized(held, {"cpu": {"amount": 1, "exclusive": True}})
        self.assertNotEqual(moved["cgroup"], held["cgroup"])
        self.assertEqual(self.files(moved), narrowed)

    def test_what_nobody_asked_for_is_narrowed_and_comes_free_again(self):
        held = self.granted(self.seat(ALL), lease="1h", enforce="required")
        self.assertEqual(self.files(held), ("0", "64", rates(write=5 * MIB)))
        self.crash()
        self.client.close()
        self.assertEqual(self.files(self.look(held)), ("0", "64", rates(write=5 * MIB)))
        self.running("narrows")
        self.wait_for(lambda: self.resource(SEAT)["units"][0]["state"] == "reserved")
        self.resized(held, {SEAT: {"amount": 1, "parameters": {"why": 1}}})
        leaf = Leaf(held["cgroup"])
        self.assertEqual((leaf.read("cpuset.mems"), leaf.read("pids.max"), leaf.read("io.max")), ("", "max", ""))

    def test_it_goes_on_over_a_crash_a_lie_and_the_loss_of_the_ledger(self):
        held = self.granted({**GRANTED, **self.seat(ALL)}, lease="1h")
        narrowed = self.files(held)
        for state in (False, True):
            leaf = Leaf(held["cgroup"])
            (leaf.path / "pids.max").write_text("max")
            (leaf.path / "io.max").write_text(f"{number_of(DISK)} wbps=max")
            self.crash() if not state else self.lose_ledger()
            self.client.close()
            self.wait_for(lambda: leaf.read("pids.max") == "64" and self.look(held)["receipts"])
            self.wait_for(lambda: leaf.of_device("io.max", DISK)["wbps"] == str(5 * MIB))
            self.assertEqual(self.files(self.look(held)), narrowed)
        # Without the plugin it stays as long as the unit is held.
        (FOLDER / "narrows.so").unlink()
        self.wait_for(lambda: not self.plugins())
        self.assertEqual(self.files(self.resized(held, {"cpu": "0.1"})), narrowed)

    def lose_ledger(self):
        self.service.stop()
        for file in pathlib.Path("/var/lib/berth").iterdir():
            shutil.rmtree(file) if file.is_dir() else file.unlink()
        self.service.start()
        self.pid = self.service.pid

    def test_what_is_looser_is_no_reservation(self):
        for narrowing in ({"cpuset.mems": "1"}, {"pids.max": 101}, {"io.max": [{"device": DISK, "write": "11MiB"}]},
                          {"io.max": [{"device": "vdz", "write": 1}]}):
            answer = self.client.reserve({**GRANTED, **self.seat(narrowing)}, lease="1h")
            self.assertEqual((answer.status, answer.json["code"]), (409, "provider"), answer)
        self.wait_for(lambda: self.resource(SEAT)["held"] == 0)
        self.assert_no_leak()


del PluginsCase

if __name__ == "__main__":
    main()
