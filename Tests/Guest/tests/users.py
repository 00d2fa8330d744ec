#!/usr/bin/python3 -B
"""Two users of the group berth: neither can look into, change, enter or end what the other holds."""
# kernel: 6.12
import os
import pathlib
import pwd
import subprocess

from inside.case import HeldCase, as_named, main, user
from inside.leaf import Leaf
from kit.case import path


class Users(HeldCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann, cls.bob, cls.eve = user("ann"), user("bob"), stranger("eve")

    def request(self, who, method, target, body=None):
        def act():
            with self.service.client() as client:
                answer = client.request(method, target, body)
                return answer.status, answer.json
        return as_named(who, act)

    def reserved(self, who, **more):
        status, reservation = self.request(who, "POST", "/v1/reservations", {"resources": {"cpu": "0.1", "pids": 20}} | more)
        self.assertEqual(status, 201, reservation)
        return reservation

    def process_of(self, who):
        account = user(who)
        process = self.spawn("workload", "wait", user=account.pw_uid, group=account.pw_gid, extra_groups=[])
        return process

    def test_a_reservation_belongs_to_who_made_it(self):
        reservation = self.reserved("ann", lease="10m")
        self.assert_held(reservation)
        before, limits = self.look(reservation), Leaf(reservation["cgroup"]).limits()
        process = self.process_of("bob")
        calls = [("GET", "", None), ("PATCH", "", {"resources": {"cpu": "0.2"}}), ("POST", "/attach", {}),
                 ("POST", "/attach", {"pid": process.pid}), ("POST", "/renew", {"lease": "20m"}), ("DELETE", "", None)]
        for method, call, body in calls:
            with self.subTest(f"{method} {call} {body}"):
                status, problem = self.request("bob", method, path(reservation, call), body)
                self.assertEqual((status, problem["code"]), (403, "not_yours"))
        self.assertEqual(self.look(reservation), before)
        self.assertEqual(Leaf(reservation["cgroup"]).limits(), limits)
        self.assertEqual(Leaf(reservation["cgroup"]).processes, [])
        for method, call, body in calls[:2] + calls[4:]:
            with self.subTest(f"{method} {call} by its owner"):
                self.assertEqual(self.request("ann", method, path(reservation, call), body)[0], 200)

    def test_only_one_s_own_process_is_attached(self):
        reservation = self.reserved("ann", lease="10m")
        leaf = Leaf(reservation["cgroup"])
        strangers = [self.process_of("bob").pid, self.spawn("workload", "wait").pid, self.service.pid, 1]
        where = [cgroup_of(pid) for pid in strangers]
        for pid in strangers:
            status, problem = self.request("ann", "POST", path(reservation, "/attach"), {"pid": pid})
            # What is nobody's to attach is told apart from what is another's.
            self.assertEqual(status, 422 if pid in (1, self.service.pid) else 403, problem)
        self.assertEqual(([cgroup_of(pid) for pid in strangers], leaf.processes), (where, []))
        own = self.process_of("ann").pid
        self.assertEqual(self.request("ann", "POST", path(reservation, "/attach"), {"pid": own})[0], 200)
        self.assertEqual(leaf.processes, [own])

    def test_a_process_that_changes_its_user_is_refused(self):
        """Real and saved user count too: a set-uid program is not its caller's."""
        reservation = self.reserved("ann", lease="10m")
        process = self.spawn("setpriv", "--ruid", "ann", "--clear-groups", "--regid", "ann", "workload", "wait")
        self.wait_for(lambda: pathlib.Path(f"/proc/{process.pid}/comm").read_text() == "workload\n")
        status, problem = self.request("ann", "POST", path(reservation, "/attach"), {"pid": process.pid})
        self.assertEqual(status, 403, problem)

    def test_the_leaf_itself_is_closed(self):
        """No user writes to a leaf: not the limits, and not the processes."""
        reservation = self.reserved("ann", lease="10m")
        for who in ("ann", "bob"):
            for file, text in (("cpu.max", "max"), ("cgroup.procs", "0"), ("cgroup.kill", "1")):
                def write():
                    try:
                        with open(f"{reservation['cgroup']}/{file}", "w") as opened:
                            opened.write(text)
                        return "written"
                    except OSError as error:
                        return error.errno
                self.assertIn(as_named(who, write), (13, 1), f"{who} and {file}")

    def test_who_is_not_in_the_group_has_no_way_in(self):
        def connect():
            try:
                with self.service.client() as client:
                    return client.get("/v1/host").status
            except PermissionError:
                return "refused"
        self.assertEqual(as_named("eve", connect), "refused")

    def test_a_program_keeps_its_user(self):
        """`berth run` as ann: her process, in a leaf, with nothing of root."""
        account = user("ann")
        process, reservation = self.berth_run(
            "--cpu", "0.1", "--", "workload", "wait", name="anns", user=account.pw_uid, group=account.pw_gid,
            extra_groups=os.getgrouplist("ann", account.pw_gid))
        self.assertEqual(reservation["processes"], [process.pid])
        self.assertEqual(reservation["user"], account.pw_uid)
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        self.assertIn("\nUid:\t" + "\t".join([str(account.pw_uid)] * 4) + "\n", status)
        self.assertIn("\nCapEff:\t0000000000000000\n", status)
        self.assert_held(reservation)


def stranger(name):
    """A user outside the group berth."""
    subprocess.run(["useradd", "--create-home", name], check=True)
    return pwd.getpwnam(name)


def cgroup_of(pid):
    return pathlib.Path(f"/proc/{pid}/cgroup").read_text()


if __name__ == "__main__":
    main()
