"""Stops and starts: what is kept, and what a broken ledger does."""
import concurrent.futures
import contextlib
import os
import sqlite3
import time
import unittest

from kit.agent import Agent
from kit.case import AgentCase, path
from kit.child import Child

#: Wishes that together fill the host with every kind.
EVERYTHING = [
    {"cpu": {"amount": 3, "exclusive": True}, "memory": {"amount": "10GiB", "where": {"numa": 1}}, "gpu": 2},
    {"cpu": {"amount": 0.5, "limit": 2}, "memory": {"amount": "1GiB", "limit": "2GiB"}, "pids": 100, "network": "1Gbit"},
    {"storage": [{"device": "vda", "read": "10MiB"}], "gpu": {"amount": 1, "where": {"numa": 0}}},
]


class Restart(AgentCase):
    def restart(self, end):
        end()
        self.agent.start()
        self.client.close()

    def test_reservations_go_on_as_they_were(self):
        child = Child()
        self.addCleanup(child.end)
        for number, resources in enumerate(EVERYTHING):
            self.granted(resources, name=f"n{number}", lease="1h", labels={"number": str(number)})
        waiting, attached = self.granted({"cpu": 0.1}), self.granted({"cpu": 0.1})
        self.assert_ok(self.client.post(path(attached, "/attach"), {"pid": child.pid}))
        before, resources = self.live(), self.client.get("/v1/resources").json
        self.assertEqual(len(before), 5)
        for end in (self.agent.stop, self.agent.kill, self.agent.stop):
            self.restart(end)
            self.assertEqual(self.live(), before)
            self.assertEqual(self.client.get("/v1/resources").json, resources)
        self.assertIn("reservations that go on: 5", self.agent.log)
        # They are not only shown: what they hold is held.
        self.assert_problem(self.client.reserve({"gpu": 2}), 409, "insufficient", ever=True)
        child.end()
        self.wait_for(lambda: self.look(attached).get("reason") == "last_process")
        self.assertEqual(self.look(waiting)["state"], "confirmed")

    def test_what_ended_meanwhile_has_ended(self):
        child = Child()
        leased, empty = self.granted({"cpu": 2}, lease=1), self.granted({"cpu": 3})
        self.assert_ok(self.client.post(path(empty, "/attach"), {"pid": child.pid}))
        self.agent.stop()
        child.end()
        time.sleep(1)
        self.agent.start()
        self.client.close()
        self.wait_for(lambda: self.live() == [])
        self.assertEqual((self.look(leased)["state"], self.look(leased)["reason"]), ("expired", "lease"))
        self.assertEqual((self.look(empty)["state"], self.look(empty)["reason"]), ("released", "last_process"))
        self.assertEqual(self.resource("cpu")["free"], 8)

    def test_the_time_to_attach_and_a_lease_go_on_while_it_is_away(self):
        reservation = self.granted({"cpu": 1}, lease=3)
        began = time.monotonic()
        self.restart(self.agent.kill)
        self.assertEqual(self.look(reservation)["expires_at"], reservation["expires_at"])
        self.wait_for(lambda: self.look(reservation)["state"] == "expired")
        self.assertAlmostEqual(time.monotonic() - began, 3, delta=1)

    def test_ended_ones_are_still_known(self):
        reservation = self.granted({"cpu": 1, "gpu": 1}, name="x", labels={"a": "b"})
        ended = self.assert_ok(self.client.delete(path(reservation)))
        for end in (self.agent.stop, self.agent.kill):
            self.restart(end)
            self.assertEqual(self.look(reservation), ended)
            self.assertEqual(self.assert_ok(self.client.delete(path(reservation))), ended)

    def test_a_second_agent_in_the_same_folder_is_refused(self):
        other = Agent()
        self.addCleanup(other.clean)
        other.state = self.agent.state
        with self.assertRaisesRegex(AssertionError, "another agent"):
            other.start()
        self.assert_ok(self.client.get("/v1/health"))

    def test_the_socket_is_gone_after_a_stop_and_made_anew_after_a_crash(self):
        self.assertEqual(self.agent.stop(), 0)
        self.assertFalse(os.path.exists(self.agent.socket))
        self.agent.start()
        self.restart(self.agent.kill)
        self.assert_ok(self.client.get("/v1/health"))


class Smaller(AgentCase):
    def test_what_is_held_stays_held_when_the_host_has_less(self):
        self.granted({"cpu": 8}, lease="1h")
        self.agent.stop()
        self.agent.configure({"system_reserved": {"cpu": 4}})
        self.agent.start()
        self.client.close()
        cpu = self.resource("cpu")
        self.assertEqual((cpu["held"], cpu["free"]), (8, 0))
        self.assert_problem(self.client.reserve({"cpu": 0.01}), 409, "insufficient")


class Broken(unittest.TestCase):
    """A ledger that cannot be read is set aside, and the agent starts."""

    def setUp(self):
        self.agent = Agent()
        self.addCleanup(self.agent.clean)
        self.agent.start()
        with self.agent.client() as client:
            self.epoch = client.get("/v1/health").json["epoch"]
            for _ in range(50):
                self.assertEqual(client.reserve({"cpu": 0.01}, lease="1h").status, 201)

    def check(self):
        """It starts, empty, with a new epoch, says so, and keeps the old file."""
        self.agent.start()
        with self.agent.client() as client:
            health = client.get("/v1/health").json
            self.assertNotEqual(health["epoch"], self.epoch)
            # Nobody goes on in it with a number of the old one.
            for number in (1, 50):
                answer = client.get("/v1/events", headers={"Last-Event-ID": str(number)})
                self.assertEqual((answer.status, answer.json["code"]), (410, "compacted"))
            self.assertEqual(client.get("/v1/reservations").json["reservations"], [])
            self.assertEqual(client.reserve({"cpu": 8}, lease="1h").status, 201)
        self.assertIn("<4>ledger", self.agent.log)
        aside = [name for name in os.listdir(self.agent.state) if name.startswith("berth.db.corrupt-")]
        self.assertTrue(aside)
        self.agent.kill()
        self.agent.start()
        with self.agent.client() as client:
            self.assertEqual(len(client.get("/v1/reservations").json["reservations"]), 1)

    def test_garbage(self):
        for end in (self.agent.stop, self.agent.kill):
            with self.subTest(end.__name__):
                end()
                (self.agent.state / "berth.db").write_bytes(os.urandom(100_000))
                self.check()
                with self.agent.client() as client:
                    self.epoch = client.get("/v1/health").json["epoch"]

    def test_garbage_behind_a_good_beginning(self):
        self.agent.stop()
        file = self.agent.state / "berth.db"
        file.write_bytes(file.read_bytes()[:1000] + os.urandom(100_000))
        self.check()

    def test_a_file_that_was_cut_off(self):
        self.agent.stop()
        os.truncate(self.agent.state / "berth.db", 5000)
        self.check()

    def test_another_program_s_database(self):
        self.agent.stop()
        (self.agent.state / "berth.db").unlink()
        with contextlib.closing(sqlite3.connect(self.agent.state / "berth.db")) as database:
            database.execute("CREATE TABLE event (wrong TEXT)")
            database.commit()
        self.check()


class Large(unittest.TestCase):
    def test_ten_thousand_reservations(self):
        agent = Agent()
        self.addCleanup(agent.clean)
        agent.start()

        def load(count):
            with agent.client() as client:
                return [client.reserve({"pids": 1, "memory": 4096}, lease="1h").status for _ in range(count)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for statuses in pool.map(load, [1250] * 8):
                self.assertEqual(set(statuses), {201})
        agent.kill()
        began = time.monotonic()
        agent.launch()
        while not agent.is_listening():
            agent.check_alive()
            self.assertLess(time.monotonic() - began, 120)
            time.sleep(0.01)
        seconds = time.monotonic() - began
        with agent.client() as client:
            began = time.monotonic()
            live = client.get("/v1/reservations").json["reservations"]
            print(f"10,000 reservations after kill -9: {seconds:.2f} s to the first answer; "
                  f"listing them takes {time.monotonic() - began:.2f} s")
        self.assertEqual(len(live), 10_000)
