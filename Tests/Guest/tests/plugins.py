#!/usr/bin/python3 -B
"""Plugins under the service: a process each that can do nothing else, and that cannot hurt the agent."""
import json
import os
import pathlib
import shutil
import subprocess

from inside.case import HeldCase, main, measured
from inside.crash import CrashCase
from inside.leaf import Leaf

FOLDER = pathlib.Path("/usr/lib/berth/plugins")
SEAT = "example.com/seat"


class Plugins(CrashCase):
    @classmethod
    def setUpClass(cls):
        FOLDER.mkdir(parents=True, exist_ok=True)
        super().setUpClass()

    def setUp(self):
        super().setUp()
        for file in FOLDER.iterdir():
            file.unlink()
        self.wait_for(lambda: not self.plugins())

    def drop(self, name, kind):
        manifest = {"schema": "berth.plugin/1", "name": name, "version": "1", "kind": "provider",
                    "types": [{"name": kind, "environment": ["SEAT"]}], "needs": {"state": True}}
        (FOLDER / f"{name}.json").write_text(json.dumps(manifest))
        shutil.copy(f"/host/plugins/{name}.so", FOLDER / f"{name}.part")
        (FOLDER / f"{name}.part").chmod(0o755)
        (FOLDER / f"{name}.part").rename(FOLDER / f"{name}.so")

    def plugins(self):
        return self.client.get("/v1/plugins").json["plugins"]

    def plugin(self, name):
        return next((each for each in self.plugins() if each["name"] == name), {})

    def running(self, name):
        self.wait_for(lambda: self.plugin(name).get("state") == "running")
        return self.plugin(name)

    def test_its_process_has_nothing_that_it_does_not_need(self):
        self.drop("seats", SEAT)
        plugin = self.running("seats")
        self.assertEqual(plugin["open"], ["signals to processes of the same user: Landlock has no scope for them before ABI 6"]
                         if os.uname().release.startswith("6.1.") else [])
        status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{plugin['pid']}/status").read_text().splitlines()
                      if ":\t" in line)
        users = set(status["Uid"].split()) | set(status["Gid"].split())
        self.assertEqual(len(users), 1)
        self.assertIn(int(users.pop()), range(60600, 61100))
        self.assertEqual((status["CapEff"], status["CapPrm"], status["NoNewPrivs"], status["Groups"].strip()),
                         ("0" * 16, "0" * 16, "1", ""))
        self.assertNotEqual(os.readlink(f"/proc/{plugin['pid']}/ns/net"), os.readlink("/proc/1/ns/net"))
        self.assertEqual(pathlib.Path(f"/proc/{plugin['pid']}/net/dev").read_text().count(":"), 1)
        group = self.root / "plugins/seats"
        self.assertEqual(group.joinpath("cgroup.procs").read_text().split(), [str(plugin["pid"])])
        self.assertEqual([group.joinpath(file).read_text().strip() for file in ("memory.max", "pids.max", "cpu.max")],
                         ["268435456", "64", "50000 100000"])
        state = pathlib.Path("/var/lib/berth-plugins/seats").stat()
        self.assertEqual((state.st_uid, state.st_mode & 0o777), (int(status["Uid"].split()[0]), 0o700))

    def test_a_program_that_berth_runs_has_the_variable(self):
        self.drop("seats", SEAT)
        self.running("seats")
        done = subprocess.run(["berth", "run", "--resource", f"{SEAT}=1", "--memory", "64MiB", "--", "env"], check=True,
                              capture_output=True, text=True)
        self.assertIn("SEAT=a", done.stdout.splitlines())

    def test_after_kill_9_of_either_the_same_units_are_held(self):
        self.drop("seats", SEAT)
        self.running("seats")
        held = self.granted({SEAT: 1, "cpu": "0.05"}, lease="1h")
        self.assertEqual(held["env"]["SEAT"], "a")
        for victim in ["plugin", "agent", "plugin"]:
            pid = self.running("seats")["pid"]
            if victim == "agent":
                self.crash()
                self.client.close()
            else:
                os.kill(pid, 9)
            self.wait_for(lambda: self.plugin("seats").get("pid") not in (None, pid) and self.running("seats"))
            self.wait_for(lambda: self.resource(SEAT)["units"][0]["state"] == "reserved")
            self.assertFalse(os.path.exists(f"/proc/{pid}"))
            self.assertEqual(self.look(held)["env"]["SEAT"], "a")
        self.assertEqual(self.granted({SEAT: 1}, lease="1h")["env"]["SEAT"], "b")
        self.assertEqual(self.client.reserve({SEAT: 1}).status, 409)

    def test_what_leaks_or_forks_is_ended_within_its_own_group(self):
        for name, kind, reason in [("leak", "example.com/leak", "signal 9"), ("forks", "example.com/forks", "no more processes")]:
            self.drop(name, kind)
            self.wait_for(lambda: reason in self.plugin(name).get("reason", ""))
            measured(f"{name}: {self.plugin(name)['reason']}")
            (FOLDER / f"{name}.so").unlink()
            self.wait_for(lambda: not (self.root / "plugins" / name).exists())
        reservation = self.granted({"cpu": "0.05", "memory": 16 << 20}, lease="1h")
        self.assert_held(reservation)
        self.assertTrue(Leaf(reservation["cgroup"]).exists())


del HeldCase, CrashCase

if __name__ == "__main__":
    main()
