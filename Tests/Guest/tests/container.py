#!/usr/bin/python3 -B
"""In a container of 1.5 CPUs and 512 MiB an agent grants exactly that, less the reserve."""
import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

from inside import receipts
from inside.case import MIB, HeldCase, main, measured
from inside.leaf import Leaf
from inside.own import OwnAgent
from kit.case import path

BUNDLE = pathlib.Path("/var/tmp/bundle")
RESERVE = {"cpu": 0.25, "memory": 128 * MIB}


class InTheContainer(HeldCase):
    """Runs as the container's first process."""

    config = {"system_reserved": RESERVE}
    options = ("--cgroup-root", "none")

    @classmethod
    def setUpClass(cls):
        cls.service = OwnAgent(*cls.options)
        super().setUpClass()
        cls.addClassCleanup(cls.service.kill)

    def assert_no_leak(self):
        pass

    def test_grants_exactly_the_rest(self):
        cpu, memory = self.resource("cpu"), self.resource("memory")
        measured(f"in a container of 1.5 CPUs and 512 MiB: cpu {cpu['capacity']} less {cpu['system_reserved']}, memory "
                 f"{memory['capacity'] // MIB} MiB less {memory['system_reserved'] // MIB} MiB, unmanaged "
                 f"{(memory.get('unmanaged') or 0) // MIB} MiB")
        self.assertEqual((cpu["capacity"], memory["capacity"]), (1.5, 512 * MIB))
        self.assertEqual((cpu["free"], memory["free"]), (1.25, 384 * MIB))
        for resources in ({"cpu": "1.251"}, {"memory": 384 * MIB + 1}):
            answer = self.client.reserve(resources)
            self.assertEqual((answer.status, answer.json["code"]), (409, "insufficient"), answer)
        everything = self.granted({"cpu": "1.25", "memory": 384 * MIB}, lease="10m")
        for resources in ({"cpu": "0.01"}, {"memory": 1}):
            self.assertEqual(self.client.reserve(resources).status, 409)
        self.assertEqual(self.client.delete(path(everything)).status, 200)

    def test_says_what_limits_it(self):
        limits = json.dumps(self.client.get("/v1/host").json["limits"])
        self.assertIn("cpu.max", limits)
        self.assertIn("memory.max", limits)


class HoldingInTheContainer(InTheContainer):
    """The same with the container's own cgroup to work in."""

    options = ("--cgroup-root", "/sys/fs/cgroup")

    def test_holds_what_it_grants(self):
        reservation = self.granted({"cpu": "0.5", "memory": "64MiB", "pids": 10}, lease="10m")
        # What protects the container's memory is its host's to say.
        self.assert_held(reservation, memory=receipts.ADVISORY)
        self.attached(reservation, "spin")
        leaf = Leaf(reservation["cgroup"])
        time.sleep(0.5)
        used = leaf.cpus_used(4)
        measured(f"in a container --cpu 0.5 uses {used:.3f} CPUs")
        self.assertAlmostEqual(used, 0.5, delta=0.05)
        self.assertEqual(self.attached(reservation, "touch", "128").wait(60), -9)


class Container(unittest.TestCase):
    def test_in_a_container(self):
        for name in ("InTheContainer", "HoldingInTheContainer"):
            with self.subTest(name):
                bundle(["/usr/bin/python3", "-B", "/host/tests/container.py", name])
                done = subprocess.run(["crun", "--cgroup-manager=cgroupfs", "run", "--bundle", BUNDLE, name.lower()],
                                      stdin=subprocess.DEVNULL, check=False)
                self.assertEqual(done.returncode, 0)


def bundle(words):
    """The guest's own programs in a container of its own: nothing is downloaded."""
    for folder in ("proc", "sys", "dev", "usr", "etc", "host", "tmp", "run", "var"):
        (BUNDLE / "rootfs" / folder).mkdir(parents=True, exist_ok=True)
    for link in ("bin", "sbin", "lib", "lib64"):
        if not (BUNDLE / "rootfs" / link).is_symlink():
            (BUNDLE / "rootfs" / link).symlink_to(f"usr/{link}")
    (BUNDLE / "config.json").write_text(json.dumps({
        "ociVersion": "1.0.0", "root": {"path": "rootfs"}, "hostname": "container",
        "process": {
            "args": words, "cwd": "/", "user": {"uid": 0, "gid": 0}, "noNewPrivileges": True,
            "env": ["PATH=/host:/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONPATH=/host", "HOME=/tmp"],
            "capabilities": {kind: ["CAP_KILL", "CAP_SYS_ADMIN", "CAP_CHOWN", "CAP_SETUID", "CAP_SETGID",
                                    "CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE"]
                             for kind in ("bounding", "effective", "permitted")}},
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]},
            {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["rw"]},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["mode=755"]},
            *[{"destination": folder, "type": "tmpfs", "source": "tmpfs"} for folder in ("/tmp", "/run", "/var")],
            *[{"destination": folder, "type": "bind", "source": folder, "options": ["rbind", "ro"]}
              for folder in ("/usr", "/etc", "/host")]],
        "linux": {
            "namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount", "cgroup")],
            "resources": {"cpu": {"quota": 150_000, "period": 100_000}, "memory": {"limit": 512 * MIB}}}}))


def leave_the_container_s_group():
    """A group with processes of its own cannot hand its controllers on."""
    group = pathlib.Path("/sys/fs/cgroup/first")
    group.mkdir()
    (group / "cgroup.procs").write_text(str(os.getpid()))


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.argv.append("Container")
    else:
        leave_the_container_s_group()
    main()
