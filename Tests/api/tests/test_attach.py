"""Attach, and the end of a reservation with its last process."""
import os
import pathlib
import socket

from kit.case import AgentCase, path
from kit.child import Child


class Attach(AgentCase):
    def setUp(self):
        super().setUp()
        self.pair = socket.socketpair()
        for end in self.pair:
            self.addCleanup(end.close)

    def child(self, **options):
        child = Child(**options)
        self.addCleanup(child.end)
        return child

    def attach(self, reservation, body=None, **options):
        return self.client.post(path(reservation, "/attach"), body, **options)

    def is_ended(self, reservation, reason):
        ended = self.look(reservation)
        return ended["state"] != "confirmed" and ended["reason"] == reason

    def test_the_caller_itself_by_an_empty_object_or_nothing(self):
        for body in ({}, None):
            with self.subTest(str(body)):
                reservation = self.granted({"cpu": 1})
                attached = self.assert_ok(self.attach(reservation, body))
                self.assertEqual(attached["processes"], [os.getpid()])
                self.assertEqual(self.look(reservation), attached)
                self.client.delete(path(reservation))

    def test_an_own_child_by_its_number(self):
        reservation, child = self.granted({"cpu": 1}), self.child()
        self.assertEqual(self.assert_ok(self.attach(reservation, {"pid": child.pid}))["processes"], [child.pid])

    def test_any_number_may_attach_and_twice_is_once(self):
        reservation, children = self.granted({"cpu": 1}), [self.child() for _ in range(3)]
        for child in children + children:
            attached = self.assert_ok(self.attach(reservation, {"pid": child.pid}))
        self.assertEqual(sorted(attached["processes"]), sorted(child.pid for child in children))

    def test_it_ends_with_its_last_process(self):
        reservation, first, second = self.granted({"cpu": 1}), self.child(), self.child()
        for child in (first, second):
            self.assert_ok(self.attach(reservation, {"pid": child.pid}))
        first.end()
        self.wait_for(lambda: self.look(reservation)["processes"] == [second.pid])
        self.assertEqual(self.look(reservation)["state"], "confirmed")
        second.end()
        self.wait_for(lambda: self.is_ended(reservation, "last_process"))
        self.wait_for(lambda: self.resource("cpu")["held"] == 0)
        self.assertEqual(self.look(reservation)["state"], "released")
        self.assert_problem(self.attach(reservation), 410, "ended", state="released", reason="last_process")

    def test_a_leased_one_serves_one_process_after_another(self):
        reservation = self.granted({"cpu": 1}, lease=60)
        for _ in range(2):
            child = self.child()
            self.assert_ok(self.attach(reservation, {"pid": child.pid}))
            child.end()
            self.wait_for(lambda: self.look(reservation)["processes"] == [])
        self.assertEqual(self.look(reservation)["state"], "confirmed")

    def test_end_empty_ends_a_leased_one_too(self):
        reservation, child = self.granted({"cpu": 1}, lease=60, end="empty"), self.child()
        self.assert_ok(self.attach(reservation, {"pid": child.pid}))
        child.end()
        self.wait_for(lambda: self.is_ended(reservation, "last_process"))

    def test_a_process_is_in_one_reservation(self):
        first, second, child = self.granted({"cpu": 1}), self.granted({"cpu": 1}), self.child()
        self.assert_ok(self.attach(first, {"pid": child.pid}))
        self.assert_problem(self.attach(second, {"pid": child.pid}), 409, "held_elsewhere", reservation=first["id"])
        self.assert_ok(self.client.delete(path(first)))
        self.assert_ok(self.attach(second, {"pid": child.pid}))

    def test_the_next_one_never_fails_on_its_own_predecessor(self):
        for _ in range(50):
            child, reservation = self.child(), self.granted({"cpu": 8})
            self.assert_ok(self.attach(reservation, {"pid": child.pid}))
            child.end()
            # Whoever has seen the one end may reserve for the next at once.
            self.assert_ok(self.client.delete(path(self.granted({"cpu": 8}))))

    def test_what_is_no_process_is_422(self):
        reservation, dead = self.granted({"cpu": 1}), Child()
        dead.end()
        zombie = Child()
        zombie.exit_unreaped()
        self.addCleanup(zombie.end)
        for pid in (dead.pid, zombie.pid, 2**31 - 1):
            with self.subTest(pid):
                self.assert_problem(self.attach(reservation, {"pid": pid}), 422, "no_process", pointer="/pid")
        for pid in (0, -1, 1.5, 2**31, 2**63, 2**64, "1", None, True):
            with self.subTest(pid):
                self.assert_problem(self.attach(reservation, {"pid": pid}), 422, "invalid", pointer="/pid")
        self.assertEqual(self.look(reservation), reservation)

    def test_the_caller_is_who_connected_and_not_who_has_the_socket_now(self):
        reservation = self.granted({"cpu": 1}, lease=60)
        with self.agent.client() as client:
            if (pid := os.fork()) == 0:
                client.connection.connect()
                client.connection.sock.setblocking(True)
                socket.send_fds(self.pair[1], [b"x"], [client.connection.sock.fileno()])
                os.read(self.pair[1].fileno(), 1)
                os._exit(0)
            _, [number], _, _ = socket.recv_fds(self.pair[0], 1, 1)
            client.connection.sock = socket.socket(fileno=number)
            attached = self.assert_ok(client.post(path(reservation, "/attach"), {}))
            self.assertEqual(attached["processes"], [pid])
            self.pair[0].send(b"x")
            os.waitpid(pid, 0)
            self.assert_problem(client.post(path(reservation, "/attach"), {}), 422, "no_process")
            self.assert_problem(client.reserve({"cpu": 1}, attach="caller"), 422, "no_process")
        self.wait_for(lambda: self.look(reservation)["processes"] == [])

    def test_what_must_stay_where_it_is_cannot_be_attached(self):
        reservation = self.granted({"cpu": 1})
        stays = {"the agent itself": self.agent.process.pid, "the first process": 1}
        # In a container there are no threads of the kernel to see.
        if (kernel := pathlib.Path("/proc/2/stat")).exists() and int(kernel.read_text().rpartition(")")[2].split()[6]) & 0x200000:
            stays["a thread of the kernel"] = 2
        for what, pid in stays.items():
            with self.subTest(what):
                problem = self.assert_problem(self.attach(reservation, {"pid": pid}), 422, "invalid", pointer="/pid")
                self.assertIn(what, problem["detail"])
        self.assertEqual(self.look(reservation)["processes"], [])

    def test_bodies_that_are_wrong(self):
        reservation = self.granted({"cpu": 1})
        self.assert_problem(self.attach(reservation, {"pit": 1}), 422, "invalid", pointer="/pit")
        self.assert_problem(self.attach(reservation, []), 422, "invalid")
        self.assert_problem(self.attach(reservation, raw=b"pid=1"), 400, "malformed")

    def test_an_unknown_one_is_404(self):
        self.assert_problem(self.attach({"id": "000000000000"}), 404, "unknown")

    def test_a_grant_whose_caller_cannot_be_attached_is_given_back(self):
        self.granted({"cpu": 1}, attach="caller")
        answer = self.client.reserve({"cpu": 1}, attach="caller")
        self.assert_problem(answer, 409, "held_elsewhere")
        self.wait_for(lambda: self.resource("cpu")["held"] == 1)

    def test_what_is_attached_again_and_again_costs_nothing(self):
        def once():
            reservation = self.granted({"cpu": 1}, attach="caller")
            self.assert_ok(self.client.delete(path(reservation)))
        for _ in range(20):
            once()
        before = self.agent.descriptors
        for _ in range(100):
            once()
        self.assertLessEqual(self.agent.descriptors, before + 10)
