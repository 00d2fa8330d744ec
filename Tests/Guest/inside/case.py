"""A test case with Berth as the guest's service."""
import os
import pwd
import subprocess
import sys
import time
import unittest

from inside import receipts, tree
from inside.leaf import Leaf
from inside.service import Service, command
from kit.case import path
from kit.users import as_user

MIB = 1 << 20
CONFIG = {"system_reserved": {"cpu": 0, "memory": 128 * MIB}}
PATIENCE = 60
SERVICE = Service()
# The agents of this run.
USED = []


class HeldCase(unittest.TestCase):
    """The tests of a file share one agent; each begins and ends with nothing reserved and nothing left over."""

    config = CONFIG
    service = SERVICE
    root = SERVICE.root

    @classmethod
    def setUpClass(cls):
        cls.service.install(cls.config)
        USED.append(cls.service)

    def setUp(self):
        self.client = self.service.client()
        self.addCleanup(self.client.close)
        self.addCleanup(self.give_back)

    def give_back(self):
        for reservation in self.live():
            self.client.delete(f"{path(reservation)}?grace=0s")
        self.assert_no_leak()

    def assert_no_leak(self):
        """The cgroup tree and the ledger agree, once what has just ended is gone: what leaks stays."""
        until = time.monotonic() + PATIENCE
        while (differences := tree.differences(self.root, self.live())) and time.monotonic() < until:
            time.sleep(0.05)
        self.assertEqual(differences, [])

    def granted(self, resources, **more):
        """Reserves, and returns the reservation with receipts that are true as far as they say anything."""
        answer = self.client.reserve(resources, **more)
        self.assertEqual(answer.status, 201, answer)
        return answer.json

    def assert_held(self, reservation, **statuses):
        """Every limit is in the kernel as granted, and the receipts say so: enforced, or as `statuses` has it by type."""
        self.assertEqual(receipts.untruths(reservation, statuses), [])

    def live(self):
        return self.client.get("/v1/reservations").json["reservations"]

    def look(self, reservation):
        answer = self.client.get(path(reservation))
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def resource(self, name):
        """What `GET /v1/resources` says of one type."""
        resources = self.client.get("/v1/resources").json["resources"]
        return next(resource for resource in resources if resource["type"] == name)

    def resized(self, reservation, resources, **more):
        answer = self.client.patch(path(reservation), {"resources": resources, **more})
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def attached(self, reservation, *words):
        """A process of a workload in a reservation."""
        process = self.spawn("sh", "-c", 'read line; exec workload "$@"', "sh", *words, stdin=subprocess.PIPE)
        answer = self.client.post(path(reservation, "/attach"), {"pid": process.pid})
        self.assertEqual(answer.status, 200, answer)
        self.assertIn(process.pid, Leaf(reservation["cgroup"]).processes)
        process.stdin.write(b"\n")
        process.stdin.close()
        return process

    def shell(self, reservation, script):
        """A shell that is attached before it runs its script, once it is ready."""
        process = self.spawn("sh", "-c", "read line; exec sh -c \"$0\"", script, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
        self.assertEqual(self.client.post(path(reservation, "/attach"), {"pid": process.pid}).status, 200)
        process.stdin.write(b"\n")
        process.stdin.flush()
        self.assertEqual(self.line(process), "ready")
        return process

    def spawn(self, *words, **options):
        """A process that is ended with the test."""
        process = subprocess.Popen(words, **options)
        self.addCleanup(end, process)
        return process

    def berth_run(self, *words, name, **options):
        """`berth run` of options, `--` and a program, and its reservation once it has a process."""
        process = self.spawn("berth", "run", "--name", name, *words, **options)
        self.wait_for(lambda: process.poll() is not None or self.named(name))
        reservation = self.named(name)
        self.assertIsNotNone(reservation, f"berth run ended with status {process.poll()}")
        return process, reservation

    def named(self, name):
        """The live reservation of a name, when its program runs in it."""
        found = [each for each in self.live() if each.get("name") == name and each["processes"]]
        return found[0] if found else None

    def wait_for(self, what, seconds=PATIENCE):
        """Calls `what` until it is true, and returns what it returned; fails where that takes too long."""
        until = time.monotonic() + seconds
        while not (found := what()):
            if time.monotonic() > until:
                self.fail(f"did not come true within {seconds} s")
            time.sleep(0.05)
        return found

    def line(self, process):
        """The next line that a process prints, without its end."""
        return process.stdout.readline().decode().rstrip("\n")


def end(process):
    if process.poll() is None:
        process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            stream.close()


def user(name):
    """A user of the group berth; made where there is none of this name."""
    try:
        return pwd.getpwnam(name)
    except KeyError:
        command("systemd-sysusers", "/host/systemd/sysusers.d/berth.conf")
        command("useradd", "--create-home", "--shell", "/bin/sh", "--groups", "berth", name)
        return pwd.getpwnam(name)


def as_named(name, action):
    """What `action` returns in a process of that user, with the user's groups."""
    account = user(name)
    return as_user(account.pw_uid, action, os.getgrouplist(name, account.pw_gid))


def measured(text):
    """A figure for the log, also of a test that passes."""
    print(f"measured: {text}", flush=True)


def main():
    """Runs the tests of the script; what the agent said is shown with a failure."""
    result = unittest.main(exit=False, verbosity=2).result
    if not result.wasSuccessful():
        for service in USED:
            print(f"the agent said:\n{service.log}", flush=True)
    sys.exit(0 if result.wasSuccessful() else 1)
