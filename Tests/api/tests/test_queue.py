"""Requests that wait for what is not free now."""
import datetime
import os
import subprocess
import threading
import time

from kit.agent import FIRST, SECOND
from kit.case import AgentCase, path
from kit.seed import source
from kit.users import as_user

ASYNC = {"Prefer": "respond-async"}
CPUS = 8
BODY = b'{"resources": {"cpu": 1}, "wait": "1m"}'
HEAD = b"POST /v1/reservations HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n%s\r\n"


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Ask(threading.Thread):
    """A request on a connection of its own, which may wait for its answer."""

    def __init__(self, case, resources, headers=None, **more):
        super().__init__(daemon=True)
        self.client = case.agent.client(timeout=60)
        self.arguments = (resources, headers, more)
        self.answer = None
        case.addCleanup(self.client.close)
        self.start()

    def run(self):
        resources, headers, more = self.arguments
        try:
            self.answer = self.client.reserve(resources, headers, **more)
        except OSError:
            pass


class Queue(AgentCase):
    def setUp(self):
        super().setUp()
        self.wait_for(lambda: not self.live() and self.resource("cpu")["free"] == CPUS)

    def pending(self):
        return self.client.get("/v1/reservations?state=pending").json["reservations"]

    def queued(self, resources, headers=None, **more):
        """Asks for an answer at once; returns the pending reservation."""
        answer = self.client.reserve(resources, {**ASYNC, **(headers or {})}, **{"wait": "1m", **more})
        self.assertEqual(answer.status, 202, answer)
        self.assertEqual(answer.headers["Location"], path(answer.json))
        self.assertEqual(answer.headers["Preference-Applied"], "respond-async")
        self.assertEqual(answer.json["state"], "pending")
        return answer.json

    def release(self, reservation):
        return self.assert_ok(self.client.delete(path(reservation) + "?grace=0s"))

    def test_it_is_answered_when_its_turn_has_come(self):
        first = self.granted({"cpu": CPUS})
        began = time.monotonic()
        ask = Ask(self, {"cpu": 2, "memory": "1GiB"}, wait="1m", lease="10m")
        self.wait_for(self.pending)
        waiting = self.pending()[0]
        self.assertEqual((waiting["resources"]["cpu"]["amount"], waiting["units"]), (2, []))
        self.assertNotIn("granted_at", waiting)
        self.assertAlmostEqual(moment(waiting["waits_until"]) - moment(waiting["created_at"]), 60, delta=0.01)
        time.sleep(0.3)
        self.release(first)
        ask.join(5)
        granted = self.assert_ok(ask.answer, 201)
        self.assertEqual((granted["id"], granted["state"]), (waiting["id"], "confirmed"))
        self.assertGreater(moment(granted["granted_at"]) - moment(granted["created_at"]), 0.2)
        self.assertAlmostEqual(moment(granted["expires_at"]) - moment(granted["granted_at"]), 600, delta=0.01)
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual([receipt["status"] for receipt in granted["receipts"]], ["unsupported"] * 2)

    def test_the_answer_at_once_tells_where_it_stands(self):
        held = self.granted({"cpu": CPUS - 1}, lease="30s")
        first = self.queued({"cpu": 4}, lease="20s")
        second = self.queued({"cpu": 8}, lease="20s")
        third = self.queued({"cpu": 1, "gpu": 1})
        self.assertEqual([each["queue"]["position"] for each in (first, second, third)], [1, 2, 3])
        self.assertEqual(first["queue"]["shortfalls"], [{"type": "cpu", "asked": 4, "free": 1, "capacity": 8}])
        (violation,) = first["queue"]["violations"]
        self.assertEqual((violation["code"], violation["message"]), ("insufficient", "cpu: 4 asked, 1 of 8 free"))
        self.assertEqual((third["queue"]["shortfalls"], third["queue"]["violations"]), ([], []))
        ends = moment(held["expires_at"])
        for each, start in ((first, ends), (second, ends + 20), (third, ends + 40)):
            self.assertAlmostEqual(moment(each["queue"]["expected_start"]), start, delta=0.2)
        self.assertEqual([each["id"] for each in self.pending()], [each["id"] for each in (first, second, third)])
        self.assertEqual(len(self.live()), 4)

    def test_one_that_waits_holds_nothing_and_nothing_can_be_done_with_it_but_release(self):
        self.granted({"cpu": CPUS})
        waiting = self.queued({"cpu": 1})
        self.assertEqual(self.resource("cpu")["held"], CPUS)
        for answer in (
            self.client.patch(path(waiting), {"resources": {"cpu": 2}}), self.client.post(path(waiting, "/attach")),
            self.client.post(path(waiting, "/renew"), {"lease": 5}),
        ):
            self.assert_problem(answer, 409, "pending")
        ended = self.release(waiting)
        self.assertEqual((ended["state"], ended["reason"]), ("released", "released"))
        self.assertEqual(self.release(waiting), ended)
        self.assertEqual(self.pending(), [])

    def test_its_time_to_wait_ends(self):
        self.granted({"cpu": CPUS})
        began = time.monotonic()
        answer = self.client.reserve({"cpu": 1}, wait="500ms")
        problem = self.assert_problem(answer, 409, "insufficient", ever=True)
        self.assertEqual(problem["shortfalls"][0]["type"], "cpu")
        self.assertEqual(problem["hint"], 'ask for less, or "wait" longer')
        self.assertAlmostEqual(time.monotonic() - began, 0.5, delta=0.4)
        failed = self.client.get("/v1/reservations?state=failed").json["reservations"][-1]
        self.assertEqual(failed["reason"], "wait")

    def test_what_never_fits_does_not_wait(self):
        self.assert_problem(self.client.reserve({"cpu": 9}, wait="1h"), 409, "insufficient", ever=False)
        self.assert_problem(self.client.reserve({"cpu": 1}, wait=0), 422, "invalid", pointer="/wait")
        self.assert_problem(self.client.reserve({"cpu": 1}, priority=1001), 422, "invalid", pointer="/priority")

    def test_only_what_delays_nobody_passes(self):
        self.granted({"cpu": CPUS - 1}, lease="1m")
        self.queued({"cpu": CPUS}, lease="10s")
        self.assert_problem(self.client.reserve({"cpu": 1}), 409, "would_delay", waiting=1)
        self.assert_problem(self.client.reserve({"cpu": 1}, lease="2m"), 409, "would_delay")
        passed = self.granted({"cpu": 1}, lease="30s")
        renew = path(passed, "/renew")
        self.assert_problem(self.client.post(renew, {"lease": "1h"}), 409, "would_delay")
        self.assert_ok(self.client.post(renew, {"lease": "20s"}))

    def test_who_queues_much_holds_up_only_itself(self):
        self.granted({"gpu": 4})

        def flood():
            with self.agent.client() as client:
                return {client.reserve({"gpu": 1, "cpu": 8}, ASYNC, wait="1m").status for _ in range(200)}

        self.assertEqual(as_user(FIRST, flood), {202})

        def ask():
            with self.agent.client() as client:
                return client.reserve({"memory": "1GiB"}, lease="1m").status

        self.assertEqual(as_user(SECOND, ask), 201)
        for each in self.pending():
            self.release(each)

    def test_a_retry_of_what_was_never_granted_is_told_so(self):
        self.granted({"cpu": CPUS})
        for _ in range(2):
            answer = self.client.reserve({"cpu": 1}, {"Idempotency-Key": "never"}, wait="200ms")
            self.assert_problem(answer, 409, "insufficient")

    def test_a_get_that_waits_answers_when_it_is_decided(self):
        held = self.granted({"cpu": CPUS})
        waiting = self.queued({"cpu": 1})
        began = time.monotonic()
        self.assertEqual(self.assert_ok(self.client.get(path(waiting) + "?wait=300ms"))["state"], "pending")
        self.assertGreater(time.monotonic() - began, 0.25)
        threading.Timer(0.3, lambda: self.agent.client().delete(path(held) + "?grace=0s")).start()
        self.assertEqual(self.assert_ok(self.client.get(path(waiting) + "?wait=30s"))["state"], "confirmed")
        self.assertLess(time.monotonic() - began, 5)

    def test_a_client_that_goes_takes_its_request_along_unless_it_can_come_back(self):
        self.granted({"cpu": CPUS})
        leaving = self.agent.connect()
        leaving.sendall(HEAD % (len(BODY), b"") + BODY)
        self.wait_for(self.pending)
        leaving.close()
        self.wait_for(lambda: not self.pending())
        returning = self.agent.connect()
        returning.sendall(HEAD % (len(BODY), b"Idempotency-Key: a\r\n") + BODY)
        self.wait_for(self.pending)
        returning.close()
        time.sleep(0.5)
        first = self.pending()[0]["id"]
        for reservation in self.live():
            if reservation["state"] == "confirmed":
                self.release(reservation)
        again = self.client.request(
            "POST", "/v1/reservations", raw=BODY, headers={"Idempotency-Key": "a"})
        self.assertEqual((again.status, again.json["id"], again.json["state"]), (201, first, "confirmed"))

    def test_a_restart_keeps_those_who_can_come_back_in_their_order(self):
        self.granted({"cpu": CPUS}, lease="10m")
        waiting = [self.queued({"cpu": cpus}) for cpus in (3, 2, 1)]
        unheard = Ask(self, {"cpu": 1}, wait="1m")
        self.wait_for(lambda: len(self.pending()) == 4)
        self.agent.kill()
        self.client.close()
        unheard.join(5)
        self.agent.start()
        self.wait_for(lambda: len(self.pending()) == 3)
        self.assertEqual([each["id"] for each in self.pending()], [each["id"] for each in waiting])
        held = next(each for each in self.live() if each["state"] == "confirmed")
        self.release(held)
        self.wait_for(lambda: not self.pending())
        self.assertEqual(self.resource("cpu")["held"], 6)

    def test_a_process_that_waits_is_attached_and_one_that_died_is_not_waited_for(self):
        held = self.granted({"cpu": CPUS})
        berth = os.path.join(os.environ["BERTH_BIN"], "berth")
        environment = {**os.environ, "BERTH_SOCKET": self.agent.socket}
        first, second = (
            subprocess.Popen(
                [berth, "run", "--cpu", str(CPUS), "--wait", "1m", "--", "sh", "-c", "echo $BERTH_RESERVATION; exec sleep 60"],
                env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2))
        for process in (first, second):
            self.addCleanup(process.stdout.close)
            self.addCleanup(process.stderr.close)
            self.addCleanup(process.kill)
        self.wait_for(lambda: len(self.pending()) == 2)
        self.assertIn("waiting up to 1m for room", first.stderr.readline())
        waiting = {each["id"] for each in self.pending()}
        second.kill()
        second.wait()
        self.wait_for(lambda: len(self.pending()) == 1)
        self.release(held)
        reservation = first.stdout.readline().strip()
        self.assertIn(reservation, waiting)
        self.assertEqual(self.look({"id": reservation})["processes"], [first.pid])

    def test_sixteen_requests_of_a_user_may_wait(self):
        self.granted({"cpu": CPUS})

        def ask():
            waiting = [self.agent.connect() for _ in range(16)]
            for each in waiting:
                each.sendall(HEAD % (len(BODY), b"") + BODY)
            with self.agent.client() as client:
                while len(client.get("/v1/reservations?state=pending").json["reservations"]) < 16:
                    time.sleep(0.01)
                answers = [
                    client.reserve({"cpu": 1}, wait="1m"), client.reserve({"cpu": 1}, strategy="priority"),
                    client.reserve({"cpu": 1}, ASYNC, wait="1m"),
                ]
                return [(answer.status, answer.json.get("cap")) for answer in answers]

        answers = as_user(FIRST, ask)
        self.assertEqual(answers, [(429, {"name": "waits", "most": 16})] * 2 + [(202, None)])
        self.wait_for(lambda: len(self.pending()) == 1)

    def test_of_many_at_once_nobody_is_forgotten_and_nothing_is_overbooked(self):
        chance = source("queue")
        asks = [
            Ask(self, {"cpu": chance.randint(1, 8)}, wait="1m", lease=round(chance.uniform(0.1, 0.6), 2))
            for _ in range(32)
        ]
        while any(ask.is_alive() for ask in asks):
            self.assertLessEqual(self.resource("cpu")["held"], CPUS)
            time.sleep(0.01)
        self.assertEqual([ask.answer.status for ask in asks], [201] * 32)
        self.wait_for(lambda: not self.live())

    def test_explain_says_that_it_would_wait(self):
        self.granted({"cpu": CPUS})
        answer = self.assert_ok(self.client.post("/v1/explain", {"resources": {"cpu": 1}, "wait": "1m"}))
        self.assertEqual((answer["granted"], answer["waits"], answer["problem"]["code"]), (False, True, "insufficient"))
        self.assertEqual(self.pending(), [])

    def test_the_log_tells_of_it(self):
        since = self.events()[-1].id if self.events() else 0
        held = self.granted({"cpu": CPUS})
        waiting = self.queued({"cpu": 1}, name="later")
        self.release(held)
        self.wait_for(lambda: self.look(waiting)["state"] == "confirmed")

        def names():
            return [event.name for event in self.events(since) if event.data.get("reservation") == waiting["id"]]

        self.wait_for(lambda: names()[:2] == ["queued", "granted"])
