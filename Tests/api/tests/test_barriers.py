"""Barriers: points at which reservations wait for each other, and what a gang lends there."""
import os
import subprocess
import threading
import time

from kit.agent import FIRST, SECOND
from kit.case import path
from kit.users import Guest
from tests.test_gangs import GangCase


class Arrival(threading.Thread):
    """An arrival on a connection of its own, which waits."""

    def __init__(self, case, name, reservation, query="", **more):
        super().__init__(daemon=True)
        self.client = case.agent.client(timeout=60)
        self.request = (f"/v1/barriers/{name}/arrive{query}", {"reservation": reservation["id"], **more})
        self.answer = None
        case.addCleanup(self.client.close)
        self.start()

    def run(self):
        try:
            self.answer = self.client.post(*self.request)
        except OSError:
            pass


class Barriers(GangCase):
    def gang(self, size, cpu=2, name="train"):
        """A gang that runs."""
        members = [self.queued(name, size, cpu=cpu, end="released", lease="10m") for _ in range(size)]
        self.wait_for(lambda: self.resource("cpu")["held"] == size * cpu)
        return members

    def arrive(self, name, reservation, query="?wait=0s", **more):
        return self.client.post(f"/v1/barriers/{name}/arrive{query}", {"reservation": reservation["id"], **more})

    def loans(self, members):
        """What each lends (below zero) or borrows."""
        loans = []
        for member in members:
            now = self.look(member)
            loans.append(now.get("borrows", {}).get("cpu", 0) - now.get("lends", {}).get("cpu", 0))
        return loans

    def barrier(self, name):
        return self.client.get(f"/v1/barriers/{name}")

    def test_all_are_answered_when_the_last_arrives_and_what_was_lent_is_given_back(self):
        members = self.gang(3)
        first = Arrival(self, "train", members[0])
        self.wait_for(lambda: self.look(members[0]).get("lends"))
        self.assertEqual([float(loan) for loan in self.loans(members)], [-1.9, 0.95, 0.95])
        self.assertEqual(self.resource("cpu")["held"], 6)
        second = Arrival(self, "train", members[1])
        self.wait_for(lambda: self.look(members[1]).get("lends"))
        self.assertEqual([float(loan) for loan in self.loans(members)], [-1.9, -1.9, 3.8])
        shown = self.assert_ok(self.barrier("train"))
        self.assertEqual(shown["arrived"], sorted(member["id"] for member in members[:2]))
        self.assertEqual((shown["size"], shown["generation"], shown["gang"]), (3, 1, True))
        time.sleep(0.2)
        self.assertIsNone(first.answer)
        last = self.assert_ok(self.arrive("train", members[2], query=""))
        self.assertEqual((last["open"], last["generation"], last["arrived"]), (True, 1, []))
        self.assertEqual(self.loans(members), [0, 0, 0])
        for arrival in (first, second):
            arrival.join(5)
            self.assertEqual(self.assert_ok(arrival.answer)["open"], True)
        names = [event.name for event in self.events()][-20:]
        self.assertEqual(names.count("barrier_opened"), 3)
        self.assertEqual(self.assert_ok(self.barrier("train"))["generation"], 2)

    def test_one_that_does_not_want_to_wait_is_told_that_it_has_arrived(self):
        members = self.gang(2)
        answer = self.arrive("train", members[0])
        self.assertEqual((answer.status, answer.json["open"], answer.json["generation"]), (202, False, 1))
        began = time.monotonic()
        self.assertEqual(self.arrive("train", members[0], "?wait=300ms").status, 202)
        self.assertAlmostEqual(time.monotonic() - began, 0.3, delta=0.25)
        self.assert_ok(self.arrive("train", members[1]))
        # A retry of what has opened does not arrive again.
        self.assert_ok(self.arrive("train", members[0], generation=1))
        self.assertEqual(self.assert_ok(self.barrier("train"))["arrived"], [])
        self.assertEqual(self.arrive("train", members[0]).json["generation"], 2)

    def test_it_opens_when_those_who_are_missing_end(self):
        members = self.gang(3, cpu=1)
        waiting = Arrival(self, "train", members[0])
        self.wait_for(lambda: self.look(members[0]).get("lends"))
        self.client.delete(path(members[1]) + "?grace=0s")
        self.assertEqual([float(loan) for loan in self.loans([members[0], members[2]])], [-0.9, 0.9])
        self.client.delete(path(members[2]) + "?grace=0s")
        waiting.join(5)
        self.assertEqual(self.assert_ok(waiting.answer)["open"], True)
        self.assertEqual(self.loans(members[:1]), [0])

    def test_one_that_ends_while_it_waits_is_told_so(self):
        members = self.gang(2, cpu=1)
        waiting = Arrival(self, "train", members[0])
        self.wait_for(lambda: self.look(members[0]).get("lends"))
        self.client.delete(path(members[0]) + "?grace=0s")
        waiting.join(5)
        self.assert_problem(waiting.answer, 410, "ended", reason="released")
        self.assertEqual(self.loans(members[1:]), [0])

    def test_one_of_no_gang_is_for_so_many_as_the_first_says(self):
        first, second = (self.granted({"cpu": 1}, lease="10m") for _ in range(2))
        self.assertEqual(self.barrier("meet").status, 404)
        self.assert_problem(self.arrive("meet", first), 422, "invalid", pointer="/size")
        self.assertEqual(self.arrive("meet", first, size=2).status, 202)
        self.assert_problem(self.arrive("meet", second, size=3), 422, "invalid", pointer="/size")
        self.assert_problem(self.arrive("other", first, size=2), 409, "at_barrier")
        self.assertEqual(self.loans([first]), [0])
        self.assert_ok(self.arrive("meet", second))
        self.assertEqual(self.assert_ok(self.barrier("meet"))["generation"], 2)

    def test_what_is_wrong_with_an_arrival(self):
        members = self.gang(2, cpu=1)
        stranger = self.granted({"cpu": 1}, lease="10m")
        self.assert_problem(self.arrive("train", stranger), 422, "invalid", pointer="/reservation")
        self.assert_problem(self.arrive("train", members[0], size=3), 422, "invalid", pointer="/size")
        self.assert_problem(self.arrive("train", members[0], generation=2), 422, "invalid", pointer="/generation")
        self.assert_problem(self.arrive("train", members[0], generation=0), 422, "invalid", pointer="/generation")
        self.assert_problem(self.arrive("train", {"id": "0" * 12}), 404, "unknown")
        self.assert_problem(self.arrive("train", {"id": "x"}), 422, "invalid", pointer="/reservation")
        self.assert_problem(self.arrive("tr%20ain", members[0]), 404, "unknown")
        self.assert_problem(self.arrive("train", members[0], "?wait=x"), 422, "invalid", parameter="wait")
        self.assert_problem(self.client.get("/v1/barriers/none"), 404, "unknown")

    def test_another_users_barrier_is_another(self):
        mine, theirs = Guest(self.agent, FIRST), Guest(self.agent, SECOND)
        _, reservation = mine.reserve({"cpu": 1}, lease="10m")
        arriving = {"reservation": reservation["id"], "size": 2}
        self.assertEqual(theirs.request("POST", "/v1/barriers/meet/arrive?wait=0s", arriving)[0], 403)
        self.assertEqual(mine.request("POST", "/v1/barriers/meet/arrive?wait=0s", arriving)[0], 202)
        self.assertEqual(mine.request("GET", "/v1/barriers/meet")[0], 200)
        self.assertEqual(theirs.request("GET", "/v1/barriers/meet")[0], 404)

    def test_a_crash_while_some_wait_loses_no_arrival_and_nothing_that_is_lent(self):
        members = self.gang(3)
        for _ in range(2):
            self.arrive("train", members[0])
            before = self.loans(members)
            self.crash()
            self.assertEqual(self.loans(members), before)
            self.assertEqual(self.assert_ok(self.barrier("train"))["arrived"], [members[0]["id"]])
            self.arrive("train", members[1])
            self.crash()
            self.assert_ok(self.arrive("train", members[2]))
            self.crash()
            self.assertEqual(self.loans(members), [0, 0, 0])

    def test_on_the_command_line(self):
        berth = os.path.join(os.environ["BERTH_BIN"], "berth")
        environment = {**os.environ, "BERTH_SOCKET": self.agent.socket}
        script = f"{berth} barrier arrive shell && echo open; read x"

        def run(*arguments):
            return subprocess.Popen(
                [berth, *arguments], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True)

        def member(script):
            return run("run", "--quiet", "--gang", "shell:2", "--wait", "1m", "--cpu", "1", "--", "sh", "-c", script)

        first, second = member(script), member("read x; " + script)
        self.wait_for(lambda: [each for each in self.live() if each.get("lends")])
        waiting = next(each for each in self.live() if each.get("lends"))
        page = run("show", waiting["id"]).communicate()[0]
        self.assertIn("waits at shell", page)
        self.assertIn("lends 0.9 of CPU time", page)
        self.assertIn("1 of 2", run("barrier", "show", "shell").communicate()[0])
        late = run("barrier", "arrive", "shell", "--reservation", waiting["id"], "--wait", "100ms")
        self.assertIn("1 of 2 have arrived", late.communicate()[1])
        self.assertEqual(late.returncode, 1)
        second.stdin.write("\n")
        second.stdin.flush()
        for program in (first, second):
            self.assertEqual(program.stdout.readline(), "open\n")
            program.communicate("\n")
        nobody = run("barrier", "arrive", "shell")
        self.assertIn("--reservation", nobody.communicate()[1])

