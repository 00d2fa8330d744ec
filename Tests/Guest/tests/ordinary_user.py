#!/usr/bin/python3 -B
"""As an ordinary user, in the subtree that the user's own systemd hands over: cpu, memory and pids, and the rest said."""
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

from inside import receipts
from inside.case import HeldCase, main, measured, user
from inside.leaf import Leaf
from inside.own import OwnAgent
from inside.service import command


class OfOneself(HeldCase):
    """Runs as that user, below the user's manager."""

    @classmethod
    def setUpClass(cls):
        cls.service = OwnAgent()
        super().setUpClass()
        cls.addClassCleanup(cls.service.kill)

    def setUp(self):
        super().setUp()
        first = self.granted({"pids": 5}, lease="10m")
        type(self).root = pathlib.Path(first["cgroup"].split("/pool-default")[0])

    def test_works_in_the_manager_s_subtree(self):
        self.assertRegex(str(self.root), rf"^/sys/fs/cgroup/user\.slice/user-{os.getuid()}\.slice/user@{os.getuid()}\.service/")

    def assert_limited(self, reservation):
        """As `assert_held`, without the extended attribute, which root alone may set, and with memory that nothing above
        the user's manager protects."""
        told = [line for line in receipts.untruths(reservation, {"memory": receipts.ADVISORY}) if "trusted.berth" not in line]
        self.assertEqual(told, [])

    def test_holds_cpu_memory_and_pids(self):
        reservation = self.granted({"cpu": "0.5", "memory": "64MiB", "pids": 10}, lease="10m")
        self.assert_limited(reservation)
        self.attached(reservation, "spin")
        leaf = Leaf(reservation["cgroup"])
        time.sleep(0.5)
        used = leaf.cpus_used(4)
        measured(f"as an ordinary user --cpu 0.5 uses {used:.3f} CPUs")
        self.assertAlmostEqual(used, 0.5, delta=0.05)
        self.assertEqual(self.attached(reservation, "touch", "128").wait(60), -signal.SIGKILL)

    def test_says_what_it_cannot_hold(self):
        reservation = self.granted(
            {"storage": [{"device": "/dev/vda", "write": "5MiB"}], "cpu": {"amount": 1, "exclusive": True}}, lease="10m")
        for receipt in reservation["receipts"]:
            self.assertIn(receipt["status"], (receipts.ADVISORY, receipts.UNSUPPORTED), receipt)
            self.assertTrue(receipt["reason"])
        measured(f"as an ordinary user: {[(each['type'], each['status'], each['reason']) for each in reservation['receipts']]}")

    def test_a_crash_of_the_agent(self):
        reservation = self.granted({"cpu": "0.2", "memory": "64MiB"}, lease="10m")
        process, limits = self.attached(reservation, "spin"), Leaf(reservation["cgroup"]).limits()
        self.service.kill()
        self.service.start()
        self.client.close()
        self.assertIsNone(process.poll())
        self.assertEqual(Leaf(reservation["cgroup"]).limits(), limits)
        self.assert_limited(self.look(reservation))

    def test_berth_run(self):
        process = self.spawn("berth", "run", "--memory", "64MiB", "--", "workload", "touch", "128",
                             stderr=subprocess.PIPE)
        told = process.stderr.read().decode()
        self.assertEqual(process.wait(), -signal.SIGKILL)
        self.assertRegex(told, r"64 ?MiB")


class OrdinaryUser(unittest.TestCase):
    def test_below_the_user_s_manager(self):
        account = user("cas")
        command("loginctl", "enable-linger", "cas")
        runtime = f"/run/user/{account.pw_uid}"
        until = time.monotonic() + 60
        while not os.path.exists(f"{runtime}/bus") and time.monotonic() < until:
            time.sleep(0.1)
        done = subprocess.run(
            ["setpriv", "--reuid", "cas", "--regid", "cas", "--init-groups", "env", f"XDG_RUNTIME_DIR={runtime}",
             f"DBUS_SESSION_BUS_ADDRESS=unix:path={runtime}/bus", f"HOME={account.pw_dir}", "systemd-run", "--user",
             "--quiet", "--pipe", "--wait", "--setenv=PYTHONPATH=/host", f"--setenv=PATH={os.environ['PATH']}",
             "/usr/bin/python3", "-B", "/host/tests/ordinary_user.py", "OfOneself"], stdin=subprocess.DEVNULL,
            check=False)
        self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.argv.append("OrdinaryUser")
    main()
