#!/usr/bin/python3 -B
"""Plugins under the service: a process each that can do nothing else, and that cannot hurt the agent."""
import os
import pathlib
import subprocess

from inside.case import main, measured
from inside.leaf import Leaf
from inside.plugins import FOLDER, SEAT, PluginsCase


class Plugins(PluginsCase):
    def test_its_process_has_nothing_that_it_does_not_need(self):
        # Another's, though it lies among the system's libraries, which are the plugin's to use.
        (FOLDER / "others.json").write_text("{}")
        self.drop("seats")
        plugin = self.running("seats")
        logs = subprocess.run(["berth", "plugin", "logs", "seats"], check=True, capture_output=True, text=True).stdout
        self.assertIn(f"{FOLDER}/others.json: Permission denied", logs)
        *others, size = plugin["open"]
        self.assertEqual(others, ["signals to processes of the same user: Landlock has no scope for them before ABI 6"]
                         if os.uname().release.startswith("6.1.") else [])
        # The guest's own disk has no project quotas.
        self.assertRegex(size, "^the size of its state folder: .*tune2fs -O project,quota")
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
        self.drop("seats")
        self.running("seats")
        done = subprocess.run(["berth", "run", "--resource", f"{SEAT}=1", "--memory", "64MiB", "--", "env"], check=True,
                              capture_output=True, text=True)
        self.assertIn("SEAT=a", done.stdout.splitlines())

    def test_after_kill_9_of_either_the_same_units_are_held(self):
        self.drop("seats")
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


del PluginsCase

if __name__ == "__main__":
    main()
