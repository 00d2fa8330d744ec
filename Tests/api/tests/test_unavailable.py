"""503 with Retry-After: while starting, while stopping, and while the ledger cannot be written."""
import concurrent.futures
import contextlib
import os
import resource
import subprocess
import threading
import time

from kit.case import AgentCase, path


class Ledger(AgentCase):
    def limit(self, most):
        """No file of the agent may grow beyond so many bytes: what a full disk is, for one process."""
        resource.prlimit(self.agent.process.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    def test_nothing_is_granted_that_cannot_be_stored_and_it_goes_on_when_it_can(self):
        held = self.granted({"cpu": 1}, lease=60)
        events = self.events()
        log = self.agent.state / "berth.db-wal"
        self.limit(log.stat().st_size + 20_000)
        granted, refused = [], None
        for _ in range(200):
            answer = self.client.reserve({"cpu": 0.01}, lease=60)
            if answer.status != 201:
                refused = answer
                break
            granted.append(answer.json)
        # What is stored in the background after an answer may be the first that finds no room.
        self.assertEqual(refused.status, 503)
        self.assertIn(refused.json["code"], ("ledger", "unavailable"))
        self.assertIn("berth.db", refused.json["detail"])
        self.assertGreaterEqual(int(refused.headers["Retry-After"]), 0)
        for _ in range(3):
            self.assertEqual(self.client.reserve({"cpu": 0.01}).status, 503)
            self.assertEqual(self.client.delete(path(held)).status, 503)
        # A last page may be there for the agent to try with.
        self.wait_for(self.is_unwritable_for_good, 30)
        self.assertEqual(self.look(held)["state"], held["state"])
        self.limit(resource.RLIM_INFINITY)
        self.wait_for(lambda: self.client.reserve({"cpu": 0.01}, name="after").status == 201)
        self.assertEqual(self.client.get("/v1/health").json["ledger"], "ok")
        live = {each["id"]: each for each in self.live() if each.get("name") != "after"}
        self.assertEqual(live.keys(), {each["id"] for each in granted + [held]})
        after = self.events()
        self.assertEqual(after[:len(events)], events)
        self.assertEqual([event.id for event in after], list(range(1, len(after) + 1)))
        self.agent.kill()
        self.agent.start()
        self.client.close()
        self.assertEqual({each["id"] for each in self.live() if each.get("name") != "after"}, live.keys())

    def is_unwritable_for_good(self):
        """Whether health tells of it without anybody asking for something that would fail."""
        self.assertEqual(self.client.reserve({"cpu": 0.01}).status, 503)
        for _ in range(5):
            health = self.client.get("/v1/health")
            if (health.status, health.json["ledger"]) != (503, "unwritable"):
                return False
            time.sleep(0.5)
        return True


class Stopping(AgentCase):
    def test_what_is_asked_while_it_stops_is_answered_or_refused_and_never_lost(self):
        outcomes, start = [], threading.Barrier(9)

        def load():
            with self.agent.client() as client:
                client.get("/v1/health")
                start.wait()
                while True:
                    try:
                        answer = client.reserve({"cpu": 0.01}, lease=600)
                    except OSError as error:
                        return outcomes.append(error)
                    outcomes.append(answer)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for _ in range(8):
                pool.submit(load)
            start.wait()
            time.sleep(0.2)
            self.assertEqual(self.agent.stop(), 0)
        answers = [outcome for outcome in outcomes if not isinstance(outcome, OSError)]
        granted = {answer.json["id"] for answer in answers if answer.status == 201}
        self.assertLessEqual({answer.status for answer in answers}, {201, 409, 503})
        for answer in answers:
            if answer.status == 503:
                self.assertIn("Retry-After", answer.headers)
        self.agent.start()
        self.client.close()
        self.assertLessEqual(granted, {each["id"] for each in self.live()})
        self.assertLessEqual(len(self.live()), len(granted) + 8)

    def test_who_waits_is_told_that_it_stops_and_at_once(self):
        self.granted({"cpu": self.resource("cpu")["capacity"]}, lease="1h")
        member = self.granted({"memory": "1MiB"}, lease="1h")
        with contextlib.ExitStack() as stack, concurrent.futures.ThreadPoolExecutor(4) as pool:
            clients = [stack.enter_context(self.agent.client()) for _ in range(4)]
            asked = [
                pool.submit(clients[0].reserve, {"cpu": 1}, wait="1m"),
                pool.submit(clients[1].reserve, {"cpu": 1}, wait="1m", headers={"Idempotency-Key": "again"}),
                pool.submit(clients[2].post, "/v1/barriers/b/arrive", {"reservation": member["id"], "size": 2}),
            ]
            self.wait_for(lambda: self.client.get("/v1/reservations?state=pending").json["reservations"][1:])
            self.wait_for(lambda: self.client.get("/v1/barriers/b").status == 200)
            began = time.monotonic()
            self.assertEqual(self.agent.stop(), 0)
            self.assertLess(time.monotonic() - began, 3)
            plain, keyed, arrived = (each.result() for each in asked)
        for answer in (plain, keyed):
            self.assert_problem(answer, 503, "unavailable")
            self.assertIn("Retry-After", answer.headers)
        self.assertEqual(arrived.status, 202)
        self.agent.start()
        self.client.close()
        # Who can come back to it waits on; of the other nobody will hear.
        (waiting,) = self.client.get("/v1/reservations?state=pending").json["reservations"]
        again = self.client.reserve({"cpu": 1}, wait="1m", headers={"Idempotency-Key": "again", "Prefer": "respond-async"})
        self.assertEqual((again.status, again.json["id"]), (202, waiting["id"]))

    def test_who_begins_to_wait_while_it_stops_is_told_so_too(self):
        for _ in range(4):
            self.granted({"cpu": self.resource("cpu")["capacity"]}, lease="1h")
            outcomes, start = [], threading.Barrier(13)

            def ask():
                with self.agent.client() as client:
                    client.get("/v1/health")
                    start.wait()
                    try:
                        outcomes.append(client.reserve({"cpu": 1}, wait="1m").status)
                    except OSError:
                        # It came when nobody took requests any more.
                        outcomes.append(None)
            with concurrent.futures.ThreadPoolExecutor(12) as pool:
                for _ in range(12):
                    pool.submit(ask)
                start.wait()
                began = time.monotonic()
                self.assertEqual(self.agent.stop(), 0)
                self.assertLess(time.monotonic() - began, 3)
            self.assertLessEqual(set(outcomes), {503, None})
            self.agent.start()
            self.client.close()
            for held in self.live():
                self.client.delete(path(held) + "?grace=0s")

    def test_who_waits_at_the_command_line_goes_on_waiting_for_the_next_agent(self):
        held = self.granted({"cpu": self.resource("cpu")["capacity"]}, lease="1h")
        berth = os.path.join(os.environ["BERTH_BIN"], "berth")
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            def run(*arguments):
                return pool.submit(subprocess.run, [berth, *arguments], capture_output=True, text=True, timeout=60)
            socket = ("--socket", self.agent.socket, "--cpu", "1")
            asked = [
                run("run", *socket, "--wait", "50s", "--", "echo", "run"), run("reserve", *socket, "--wait", "50s"),
                run("run", *socket, "--wait", "2s", "--", "echo", "late"),
            ]
            self.wait_for(lambda: len(self.client.get("/v1/reservations?state=pending").json["reservations"]) == 3)
            self.assertEqual(self.agent.stop(), 0)
            time.sleep(2.5)
            self.agent.start()
            self.client.close()
            self.wait_for(lambda: len(self.client.get("/v1/reservations?state=pending").json["reservations"]) == 2)
            self.client.delete(path(held) + "?grace=0s")
            ran, reserved, late = (each.result() for each in asked)
        self.assertEqual((ran.returncode, ran.stdout), (0, "run\n"), ran.stderr)
        self.assertIn("; asking again", ran.stderr)
        self.assertEqual(reserved.returncode, 0, reserved.stderr)
        self.assertEqual(self.client.get(f"/v1/reservations/{reserved.stdout.strip()}").status, 200)
        self.assertEqual((late.returncode, late.stdout), (125, ""), late.stderr)

    def test_streams_do_not_hold_it_up(self):
        streams = [self.agent.connect() for _ in range(5)]
        for stream in streams:
            self.addCleanup(stream.close)
            stream.sendall(b"GET /v1/events?since=0 HTTP/1.1\r\nHost: x\r\n\r\n")
            stream.recv(100)
        began = time.monotonic()
        self.assertEqual(self.agent.stop(), 0)
        self.assertLess(time.monotonic() - began, 5)
        for stream in streams:
            while stream.recv(65536):
                pass
        self.agent.start()


class Starting(AgentCase):
    def test_while_it_starts_nobody_is_told_that_there_is_nothing(self):
        reservation = self.granted({"cpu": 0.01}, lease="1h")
        for _ in range(600):
            self.granted({"cpu": 0.01}, lease="1h")
        self.agent.kill()
        self.agent.launch()
        outcomes = []
        until = time.monotonic() + 60
        while not outcomes or outcomes[-1] != 200:
            self.assertLess(time.monotonic(), until)
            with contextlib.suppress(ConnectionRefusedError, FileNotFoundError), self.agent.client() as client:
                answer = client.get(path(reservation))
                if answer.status == 503:
                    self.assertIn("Retry-After", answer.headers)
                outcomes.append(answer.status)
            time.sleep(0.002)
        self.assertLessEqual(set(outcomes), {200, 503})
