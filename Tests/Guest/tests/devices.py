#!/usr/bin/python3 -B
"""Devices of units: opened inside the reservation that holds the unit, and inside no other."""
import ctypes
import os
import struct
import subprocess

from inside.case import main
from inside.leaf import Leaf
from inside.plugins import FOLDER, SEAT, PluginsCase

# Of the plugin's units: a is the first, b the second.
ZERO, RANDOM = "/dev/zero", "/dev/urandom"
PROG_QUERY, CGROUP_DEVICE, SYS_BPF = 16, 6, 321
LIBC = ctypes.CDLL(None, use_errno=True)


def programs(leaf):
    """The ids of the programs that the kernel asks about devices for this very group: bpf(2)."""
    group = os.open(leaf.path, os.O_RDONLY)
    ids = (ctypes.c_uint32 * 64)()
    attributes = ctypes.create_string_buffer(
        struct.pack("=IIIIQII", group, CGROUP_DEVICE, 0, 0, ctypes.addressof(ids), 64, 0), 128)
    try:
        if LIBC.syscall(SYS_BPF, PROG_QUERY, attributes, len(attributes)):
            raise OSError(ctypes.get_errno(), "bpf")
    finally:
        os.close(group)
    return list(ids[:struct.unpack_from("=I", attributes, 24)[0]])


class Devices(PluginsCase):
    def start(self):
        self.drop("devices")
        self.wait_for(lambda: any(unit["state"] == "available" for unit in self.units()))

    def units(self):
        resources = self.client.get("/v1/resources").json["resources"]
        return next((each["units"] for each in resources if each["type"] == SEAT), [])

    def opened(self, reservation):
        """Which of the devices a program inside can open."""
        script = (f"import errno, os\nfor path in ['{ZERO}', '{RANDOM}', '/dev/null']:\n"
                  "    try: os.close(os.open(path, os.O_RDONLY)); print(path)\n"
                  "    except OSError as error: assert error.errno == errno.EPERM, error\n")
        read, write = os.pipe()
        process = self.spawn("sh", "-c", 'read line; exec python3 -c "$0"', script, stdin=subprocess.PIPE, stdout=write)
        os.close(write)
        self.assertEqual(self.client.post(f"/v1/reservations/{reservation['id']}/attach", {"pid": process.pid}).status, 200)
        process.stdin.write(b"\n")
        process.stdin.close()
        with os.fdopen(read) as output:
            lines = output.read().split()
        self.assertEqual(process.wait(), 0)
        return lines

    def receipt(self, reservation):
        return next(each for each in self.look(reservation)["receipts"] if each["type"] == SEAT)

    def test_the_device_of_a_unit_is_its_holder_s(self):
        before = self.granted({"cpu": "0.05"}, lease="1h")
        self.assertEqual(self.opened(before), [ZERO, RANDOM, "/dev/null"])
        self.assertEqual(programs(Leaf(before["cgroup"])), [])
        self.start()
        self.assertEqual([unit.get("devices") for unit in self.units()], [["c 1:5"], ["c 1:9"], None])
        # What ran before is kept from them too.
        self.wait_for(lambda: len(programs(Leaf(before["cgroup"]))) == 1)
        self.assertEqual(self.opened(before), ["/dev/null"])
        held = self.granted({SEAT: 1, "cpu": "0.05"}, lease="1h", enforce="required")
        other = self.granted({SEAT: 1}, lease="1h")
        self.assertEqual((self.opened(held), self.opened(other)), ([ZERO, "/dev/null"], [RANDOM, "/dev/null"]))
        receipt = self.receipt(held)
        self.assertEqual((receipt["status"], receipt["devices"]), ("enforced", ["c 1:5"]))
        self.assertEqual(programs(Leaf(held["cgroup"])), [receipt["bpf_program"]])
        # A group below cannot have more.
        below = Leaf(held["cgroup"]).path / "below"
        below.mkdir()
        script = f"echo $$ > {below}/cgroup.procs; head -c1 {ZERO} >/dev/null && ! head -c1 {RANDOM}"
        self.assertEqual(subprocess.run(["sh", "-c", script], stderr=subprocess.DEVNULL).returncode, 0)
        # A resize moves them.
        self.assertEqual(self.client.delete(f"/v1/reservations/{other['id']}?grace=0s").status, 200)
        self.resized(held, {SEAT: 2})
        self.assertEqual(self.opened(held), [ZERO, RANDOM, "/dev/null"])
        self.resized(held, {SEAT: 1})
        self.assertEqual(self.opened(held), [ZERO, "/dev/null"])

    def test_a_filter_that_was_taken_away_comes_back(self):
        self.start()
        held = self.granted({SEAT: 1}, lease="1h")
        plain = self.granted({"cpu": "0.05"}, lease="1h")
        former = programs(Leaf(held["cgroup"]))
        self.crash()
        self.client.close()
        self.wait_for(lambda: any(unit["state"] == "reserved" for unit in self.units()))
        self.wait_for(lambda: self.receipt(held).get("bpf_program") in programs(Leaf(held["cgroup"])))
        self.assertEqual(len(programs(Leaf(held["cgroup"]))), 1)
        self.assertNotEqual(programs(Leaf(held["cgroup"])), former)
        self.assertEqual((self.opened(held), self.opened(plain)), ([ZERO, "/dev/null"], ["/dev/null"]))
        # Without the plugin nobody's devices are kept from anybody.
        (FOLDER / "devices.so").unlink()
        self.wait_for(lambda: [unit["name"] for unit in self.units()] == ["a"])
        self.assertEqual(self.client.delete(f"/v1/reservations/{held['id']}?grace=0s").status, 200)
        self.wait_for(lambda: programs(Leaf(plain["cgroup"])) == [])
        self.assertEqual(self.opened(plain), [ZERO, RANDOM, "/dev/null"])


del PluginsCase

if __name__ == "__main__":
    main()
