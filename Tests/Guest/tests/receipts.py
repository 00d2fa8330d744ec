#!/usr/bin/python3 -B
"""Receipts tell the truth: every kind of request, after every kind of change, against the leaf's files."""
import pathlib
import struct
import subprocess

from inside import receipts
from inside.case import MIB, HeldCase, main
from inside.leaf import Leaf, number_of
from inside.service import command
from kit.case import path

COST = pathlib.Path("/sys/fs/cgroup/io.cost.qos")

REQUESTS = {
    "cpu": {"cpu": "1.5"},
    "a little cpu": {"cpu": "0.01"},
    "cpu with a limit": {"cpu": {"amount": "0.5", "limit": 2}},
    "memory": {"memory": "64MiB"},
    "memory off the page": {"memory": 64 * MIB + 1},
    "memory with a limit": {"memory": {"amount": "32MiB", "limit": "96MiB"}},
    "memory that is never taken back": {"memory": {"amount": "32MiB", "guarantee": "hard"}},
    "memory with swap, of which one process dies": {"memory": {"amount": "32MiB", "swap": "16MiB", "oom": "process"}},
    "pids": {"pids": 20},
    "a disk": {"storage": [{"device": "/dev/vda", "write": "5MiB"}]},
    "a disk, all four": {"storage": [
        {"device": "/dev/vda", "read": "50MiB", "write": "5MiB", "read_iops": 1000, "write_iops": 100}]},
    "all": {"cpu": "0.5", "memory": "64MiB", "pids": 20, "storage": [{"device": "/dev/vda", "read": "50MiB"}]},
}


def make_fat(file):
    """An empty FAT12 of 2 MiB; the guest has no mkfs for it."""
    sectors, reserved, fats, sectors_of_fat = 4096, 1, 2, 12
    boot = bytearray(512)
    boot[:11] = b"\xeb\x3c\x90BERTH   "
    # Bytes a sector, sectors a cluster, reserved sectors, tables, entries of the root, sectors, medium, sectors a table.
    struct.pack_into("<HBHBHHBH", boot, 11, 512, 4, reserved, fats, 512, sectors, 0xF8, sectors_of_fat)
    boot[510:] = b"\x55\xaa"
    with file.open("wb") as image:
        image.truncate(sectors * 512)
        image.write(boot)
        for table in range(fats):
            image.seek((reserved + table * sectors_of_fat) * 512)
            image.write(b"\xf8\xff\xff")


class Receipts(HeldCase):
    def test_of_every_request(self):
        for name, resources in REQUESTS.items():
            with self.subTest(name):
                reservation = self.granted(resources, lease="10m")
                self.assert_held(reservation)
                self.assertEqual(self.look(reservation)["receipts"], reservation["receipts"])
                self.assertEqual(self.client.delete(path(reservation)).status, 200)
                self.assertFalse(Leaf(reservation["cgroup"]).exists())

    def test_the_checker_sees_a_lie(self):
        """A limit changed by hand: the receipt that was right is wrong now, and the agent mends it or says so."""
        reservation = self.granted(REQUESTS["all"], lease="10m")
        leaf = Leaf(reservation["cgroup"])
        for file, lie in {"cpu.max": "max", "memory.max": "max", "pids.max": "max", "memory.low": "0"}.items():
            before = leaf.read(file)
            (leaf.path / file).write_text(lie)
            self.assertNotEqual(receipts.untruths(reservation), [], file)
            (leaf.path / file).write_text(before)
        self.assert_held(reservation)

    def test_a_weight(self):
        """Advisory until the kernel goes by weights of the disk, which is a choice for the whole host."""
        number, weight = number_of("/dev/vda"), {"storage": [{"device": "/dev/vda", "weight": 500}]}
        reservation = self.granted({"storage": [{"device": "/dev/vda", "read": "50MiB", "weight": 500}]}, lease="10m")
        leaf = Leaf(reservation["cgroup"])
        self.assert_held(reservation, storage=receipts.ADVISORY)
        switch = f'echo "{number} enable=1" > {COST}'
        self.assertTrue(reservation["receipts"][0]["reason"].endswith(switch), reservation)
        refused = self.client.reserve(weight, lease="10m", enforce="required")
        self.assertEqual((refused.status, refused.json["code"]), (409, "unenforceable"), refused)
        self.addCleanup(COST.write_text, f"{number} enable=0")
        command("sh", "-c", switch)
        self.wait_for_status(reservation, receipts.ENFORCED)
        self.assert_held(self.look(reservation))
        self.assertEqual(leaf.weight_of("/dev/vda"), 500)
        self.assert_held(self.granted(weight, lease="10m", enforce="required"))
        # Each entry takes the place of the former one, and nothing of that is left behind.
        self.assert_held(self.resized(reservation, {"storage": [{"device": "/dev/vda", "weight": 7}]}))
        self.assertEqual((leaf.weight_of("/dev/vda"), leaf.of_device("io.max", "/dev/vda")), (7, {}))
        self.assert_held(self.resized(reservation, {"storage": [{"device": "/dev/vda", "write": "5MiB"}]}))
        self.assertIsNone(leaf.weight_of("/dev/vda"))
        # Switched off again, it stands there and holds nothing.
        held = self.granted(weight, lease="10m")
        COST.write_text(f"{number} enable=0")
        self.wait_for_status(held, receipts.ADVISORY)
        self.assert_held(self.look(held), storage=receipts.ADVISORY)

    def test_buffered_writes_in_nobodys_name(self):
        """A file system without cgroup writeback lies on the disk, if only in a file: a ceiling on writes is advisory."""
        write = self.granted({"storage": [{"device": "/dev/vda", "write": "5MiB"}]}, lease="10m")
        read = self.granted({"storage": [{"device": "/dev/vda", "read": "50MiB"}]}, lease="10m")
        self.assert_held(write)
        file, place = pathlib.Path("/var/tmp/fat.img"), pathlib.Path("/mnt/fat")
        self.addCleanup(file.unlink, missing_ok=True)
        make_fat(file)
        place.mkdir(parents=True, exist_ok=True)
        command("modprobe", "-a", "loop", "vfat")
        command("mount", "-t", "vfat", "-o", "loop", str(file), str(place))
        self.addCleanup(subprocess.run, ["umount", str(place)], check=False, stderr=subprocess.DEVNULL)
        self.wait_for_status(write, receipts.ADVISORY)
        self.assert_held(self.look(write), storage=receipts.ADVISORY)
        self.assertIn(f"{place} (vfat)", self.look(write)["receipts"][0]["reason"])
        self.assert_held(self.look(read))
        new = self.granted({"storage": [{"device": "/dev/vda", "write_iops": 100}]}, lease="10m")
        self.assert_held(new, storage=receipts.ADVISORY)
        command("umount", str(place))
        self.wait_for_status(write, receipts.ENFORCED)
        self.assert_held(self.look(write))

    def wait_for_status(self, reservation, status):
        """Has the agent look at everything again, until the receipt of a reservation's one type says so."""
        command("systemctl", "daemon-reload")
        self.wait_for(lambda: self.look(reservation)["receipts"][0]["status"] == status)

    def test_after_a_resize(self):
        reservation = self.granted(REQUESTS["all"], lease="10m")
        for change in [{"cpu": 1}, {"cpu": "0.25"}, {"memory": "128MiB"}, {"memory": "32MiB"}, {"pids": 100},
                       {"memory": {"guarantee": "hard", "swap": "8MiB"}}, {"memory": {"amount": "48MiB", "oom": "process"}},
                       {"memory": {"guarantee": "soft", "swap": 0}},
                       {"storage": [{"device": "/dev/vda", "write": "1MiB"}]}, {"cpu": "0.5", "memory": "64MiB"}]:
            with self.subTest(str(change)):
                changed = self.resized(reservation, change)
                self.assert_held(changed)
                self.assertEqual(changed["cgroup"], reservation["cgroup"])

    def test_after_a_restart(self):
        reservations = [self.granted(resources, lease="10m") for name, resources in REQUESTS.items() if name != "cpu"]
        self.service.restart()
        self.client.close()
        for before in reservations:
            after = self.look(before)
            self.assert_held(after)
            self.assertEqual(after["receipts"], before["receipts"])

    def test_what_ancestors_carry(self):
        """A guarantee holds only where every group above carries it too."""
        held = [self.granted({"cpu": "0.5", "memory": "100MiB"}, lease="10m") for _ in range(2)]
        scope = Leaf(self.root)
        for group in (Leaf(self.root / "pool-default/shared"), Leaf(self.root / "pool-default"), scope,
                      Leaf(self.root.parent)):
            self.assertGreaterEqual(group.number("memory.low"), 200 * MIB, group.path)
        self.assertEqual((scope.number("cpu.weight"), Leaf(self.root.parent).number("cpu.weight")), (1000, 1000))
        hard = self.granted({"memory": {"amount": "50MiB", "guarantee": "hard"}}, lease="10m")
        self.assert_held(hard)
        for group in (Leaf(self.root / "pool-default/shared"), Leaf(self.root / "pool-default"), scope,
                      Leaf(self.root.parent)):
            self.assertEqual(group.number("memory.min"), 50 * MIB, group.path)
        for reservation in (*held, hard):
            self.client.delete(path(reservation))
        self.wait_for(lambda: scope.number("memory.low") < 200 * MIB and scope.number("memory.min") == 0)


if __name__ == "__main__":
    main()
