"""Reservations in advance."""
import json
import os
import signal
import subprocess
import time

from kit.agent import FIRST, SECOND, STANDARD
from kit.case import AgentCase, path
from kit.command import berth
from kit.times import ahead, moment
from kit.users import Guest, as_user

ASYNC = {"Prefer": "respond-async"}
CPUS = 8
GPUS = 4


class Ahead(AgentCase):
    def setUp(self):
        super().setUp()
        self.wait_for(lambda: not self.live() and self.resource("cpu")["free"] == CPUS)

    def promised(self, resources, start, **more):
        answer = self.client.reserve(resources, ASYNC, start=start, **{"lease": "1h", **more})
        self.assertEqual(answer.status, 202, answer)
        self.assertEqual((answer.json["state"], answer.json["start"]), ("pending", start))
        return answer.json

    def begun(self, reservation, seconds=5):
        self.wait_for(lambda: self.look(reservation)["state"] == "confirmed", seconds)
        granted = self.look(reservation)
        self.assertAlmostEqual(moment(granted["granted_at"]), moment(granted["start"]), delta=0.2)
        self.assertGreaterEqual(granted["granted_at"], granted["start"])
        return granted

    def test_it_is_granted_at_its_start_and_holds_nothing_before(self):
        start = ahead(1)
        promised = self.promised({"cpu": {"amount": 4, "exclusive": True}, "gpu": 1}, start, lease="2s", name="night")
        self.assertEqual(len(promised["units"]), 5)
        self.assertEqual((promised["queue"]["position"], promised["queue"]["expected_start"]), (1, start))
        self.assertAlmostEqual(moment(promised["waits_until"]), moment(start) + 2, delta=0.001)
        self.assertEqual(self.resource("cpu")["held"], 0)
        granted = self.begun(promised)
        self.assertEqual(granted["units"], promised["units"])
        self.assertAlmostEqual(moment(granted["expires_at"]), moment(start) + 2, delta=0.001)
        self.wait_for(lambda: self.look(promised)["state"] == "expired")

    def test_it_says_what_is_promised(self):
        promised = self.promised({"cpu": {"amount": 12, "minimum": 2}, "gpu": 1}, ahead(60))
        self.assertEqual((promised["promised"]["cpu"]["amount"], promised["resources"]["cpu"]["amount"]), (CPUS, 12))
        self.assertEqual(list(promised["promised"]["gpu"]["units"]), [unit["name"] for unit in promised["units"]])
        shown = berth(self.agent, "show", promised["id"]).stdout
        self.assertRegex(shown, rf"Asks for +cpu 12, at least 2\n(.*\n)*Promised +cpu {CPUS},")
        self.assertRegex(berth(self.agent, "list").stdout, rf"pending +{CPUS} ")
        released = self.assert_ok(self.client.delete(path(promised)))
        self.assertEqual(("promised" in released, released["units"]), (False, []))
        self.assertRegex(berth(self.agent, "show", promised["id"]).stdout, r"\nAsked for +cpu 12")

    def test_it_is_not_changed_before_its_start(self):
        promised = self.promised({"cpu": 2}, ahead(60))
        for answer in (
            self.client.post(path(promised, "/renew"), {"lease": "2h"}),
            self.client.patch(path(promised), {"resources": {"cpu": 1}}),
            self.client.post(path(promised, "/attach"), {}),
        ):
            problem = self.assert_problem(answer, 409, "pending", start=promised["start"])
            self.assertIn("release it, and ask anew", problem["hint"])
        for arguments in (["renew", promised["id"], "--lease", "2m"], ["resize", promised["id"], "--cpu", "1"]):
            refused = berth(self.agent, *arguments).stderr
            self.assertIn("not changed before its start: release it, and ask anew", refused)
            self.assertNotIn("its turn", refused)

    def window(self, **body):
        self.assert_ok(self.client.post("/v1/maintenance", {"id": "cards", **body}), 201)
        self.addCleanup(lambda: self.client.delete("/v1/maintenance/cards"))

    def test_at_a_start_in_maintenance_it_is_told_what_helps(self):
        self.window(start=ahead(30), duration="400d")
        for start, lease, hint in ((60, "1m", 'ask for another "start"'), (10, "1m", 'say a "lease" that is over')):
            problem = self.assert_problem(
                self.client.reserve({"cpu": 1}, start=ahead(start), lease=lease), 409, "maintenance", window="cards")
            self.assertIn(hint, problem["hint"])
        refused = berth(self.agent, "reserve", "--cpu", "1", "--lease", "1m", "--start", "+1m").stderr
        self.assertIn("ask for another --start; berth maintenance list", refused)
        self.assertNotIn("--wait", refused)

    def test_a_window_that_was_added_since_says_when_it_begins(self):
        promised, brief = self.promised({"gpu": 4}, ahead(1)), self.promised({"gpu": 4}, ahead(4000), lease="1m")
        end = ahead(4030)
        self.assertEqual(self.look(promised)["queue"]["violations"], [])
        self.window(start=ahead(0.5), end=ahead(600), resources={"gpu": "all"})

        def keeps(reservation, expected):
            queue = self.look(reservation)["queue"]
            self.assertEqual([each["code"] for each in queue["violations"]], ["maintenance"])
            self.assertEqual("expected_start" in queue, expected is not None)
            if expected:
                self.assertAlmostEqual(moment(queue["expected_start"]), moment(expected), delta=1)

        keeps(promised, ahead(600))
        self.assertEqual(self.look(brief)["queue"]["violations"], [])
        time.sleep(1.2)
        keeps(promised, ahead(598.8))
        shown = berth(self.agent, "show", promised["id"]).stdout
        self.assertRegex(shown, r"promised, number 1 of those, expected 20.*Z, .*the maintenance cards")
        self.assertNotIn("after those before it", shown)
        self.assert_ok(self.client.delete("/v1/maintenance/cards"))
        self.wait_for(lambda: self.look(promised)["state"] == "confirmed")
        self.assert_ok(self.client.delete(path(promised) + "?grace=0s"))
        for until, expected in ((end, end), (ahead(9000), None)):
            self.client.delete("/v1/maintenance/cards")
            self.window(start=ahead(3000), end=until, resources={"gpu": [self.look(brief)["units"][0]["name"]]})
            keeps(brief, expected)

    def test_a_client_that_waits_is_answered_at_the_start(self):
        began = time.monotonic()
        answer = self.assert_ok(self.client.reserve({"cpu": 1}, start=ahead(0.7), lease="1m"), 201)
        self.assertEqual(answer["state"], "confirmed")
        self.assertAlmostEqual(time.monotonic() - began, 0.7, delta=0.3)

    def test_what_does_not_fit_then_is_refused_with_what_is_short_and_when_it_would(self):
        held = self.granted({"cpu": 6}, lease="10m")
        problem = self.assert_problem(
            self.client.reserve({"cpu": 4}, start=ahead(60), lease="1m"), 409, "insufficient", ever=True,
            shortfalls=[{"type": "cpu", "asked": 4, "free": 2, "capacity": 8}])
        self.assertAlmostEqual(moment(problem["first_start"]), moment(held["expires_at"]), delta=0.1)
        self.promised({"cpu": 4}, problem["first_start"])
        self.granted({"gpu": 4})
        problem = self.assert_problem(
            self.client.reserve({"gpu": 1}, start=ahead(60), lease="1m"), 409, "insufficient")
        self.assertNotIn("first_start", problem)

    def test_it_makes_sense(self):
        for pointer, more in (
            ("/start", {"start": ahead(5)}), ("/start", {"start": ahead(-5), "lease": 5}),
            ("/start", {"start": ahead(400 * 86400), "lease": 5}), ("/start", {"start": "tomorrow", "lease": 5}),
            ("/wait", {"start": ahead(5), "lease": 5, "wait": 5}),
            ("/strategy", {"start": ahead(5), "lease": 5, "strategy": "priority"}),
        ):
            with self.subTest(more):
                self.assert_problem(self.client.reserve({"cpu": 1}, **more), 422, "invalid", pointer=pointer)

    def test_nothing_is_granted_that_would_still_be_held_then(self):
        start = ahead(30)
        promised = self.promised({"cpu": 6}, start)
        inside = {"start": start, "reservation": promised["id"]}
        self.assert_problem(self.client.reserve({"cpu": 3}), 409, "would_delay", **inside)
        self.assert_problem(self.client.reserve({"cpu": 3}, lease="40s"), 409, "would_delay", **inside)
        self.granted({"cpu": 2})
        short = self.granted({"cpu": 3}, lease="20s")
        renew = path(short, "/renew")
        self.assert_problem(self.client.post(renew, {"lease": "40s"}), 409, "would_delay", **inside)
        self.assert_ok(self.client.post(renew, {"lease": "25s"}))
        self.assert_ok(self.client.patch(path(short), {"resources": {"cpu": 6}}))
        waiting = self.client.reserve({"cpu": 3}, ASYNC, wait="1h", lease="1m").json
        self.assertAlmostEqual(moment(waiting["queue"]["expected_start"]), moment(start) + 3600, delta=0.5)
        self.assert_ok(self.client.delete(path(promised)))
        self.assertAlmostEqual(
            moment(self.look(waiting)["queue"]["expected_start"]), moment(self.look(short)["expires_at"]), delta=0.5)

    def test_it_is_kept_over_restarts(self):
        later, soon = self.promised({"gpu": 2}, ahead(100), name="later"), self.promised({"cpu": 8}, ahead(2.5))
        self.agent.kill()
        self.client.close()
        self.agent.start()
        again = self.look(later)
        self.assertEqual({**again, "queue": None}, {**later, "queue": None})
        self.assert_problem(self.client.reserve({"gpu": 3}), 409, "would_delay")
        self.begun(soon)
        self.assert_ok(self.client.delete(path(soon) + "?grace=0s"))
        passing = self.promised({"cpu": 8}, ahead(0.5), lease="1m")
        missed = self.promised({"gpu": 1}, ahead(0.5), lease="500ms")
        self.agent.stop()
        self.client.close()
        time.sleep(1.2)
        self.agent.start()
        self.wait_for(lambda: self.look(passing)["state"] == "confirmed")
        self.assertAlmostEqual(moment(self.look(passing)["expires_at"]), moment(passing["start"]) + 60, delta=0.01)
        self.assertEqual((self.look(missed)["state"], self.look(missed)["reason"]), ("failed", "wait"))

    def test_it_goes_before_all_who_wait(self):
        self.granted({"cpu": 8}, lease="1s")
        waiting = self.client.reserve({"cpu": 8}, ASYNC, wait="1h", priority=10).json
        promised = self.promised({"gpu": 4}, ahead(0.5), lease="2s")
        for _ in range(3):
            self.client.reserve({"gpu": 1}, ASYNC, wait="1h", priority=10)
        self.begun(promised)
        self.wait_for(lambda: self.look(waiting)["state"] == "confirmed")

    def test_a_user_has_its_own_and_no_more_than_its_cap(self):
        def ask():
            with self.agent.client() as client:
                return client.reserve({"cpu": 1}, ASYNC, start=ahead(60), lease="1m").json["id"]

        mine = as_user(FIRST, ask)

        def look():
            with self.agent.client() as client:
                return client.get(f"/v1/reservations/{mine}").status, client.delete(f"/v1/reservations/{mine}").status

        self.assertEqual(as_user(SECOND, look), (403, 403))
        self.assertEqual(as_user(FIRST, look), (200, 200))

    def test_only_its_owner_and_an_administrator_are_told_whose_start_is_in_the_way(self):
        first, second = Guest(self.agent, FIRST), Guest(self.agent, SECOND)
        mine = first.request(
            "POST", "/v1/reservations", {"resources": {"cpu": CPUS}, "start": ahead(60), "lease": "1m"}, headers=ASYNC)[1]
        for guest, shown in ((first, mine["id"]), (second, None)):
            status, problem = guest.reserve({"cpu": 1})
            self.assertEqual((status, problem["code"], problem["start"]), (409, "would_delay", mine["start"]))
            self.assertEqual(problem.get("reservation"), shown)
            self.assertEqual("reservation" in problem, shown is not None)
            self.assertNotIn(mine["id"] if shown is None else "nobody", str(problem))
        self.assert_problem(self.client.reserve({"cpu": 1}), 409, "would_delay", reservation=mine["id"])

    def test_it_does_not_go_with_a_gang(self):
        gang, start = {"id": "train", "size": 2}, ahead(60)
        whole = {"gang": gang, "start": start, "lease": "1m", "wait": "1m"}
        problem = self.assert_problem(self.client.reserve({"cpu": 1}, ASYNC, **whole), 422, "invalid", pointer="/start")
        self.assertIn("a gang begins when all of it have asked", problem["detail"])
        self.assertIn('without "gang"', problem["expected"])
        for left_out, pointer in (("wait", "/gang"), ("lease", "/start")):
            rest = {name: value for name, value in whole.items() if name != left_out}
            self.assert_problem(self.client.reserve({"cpu": 1}, ASYNC, **rest), 422, "invalid", pointer=pointer)
        self.assertEqual(self.live(), [])
        del whole["start"]
        self.assertEqual(self.client.reserve({"cpu": 1}, ASYNC, **whole).status, 202)

    def test_it_is_withdrawn_with_its_client_unless_that_can_come_back(self):
        body = json.dumps({"resources": {"cpu": 1}, "start": ahead(60), "lease": "1m"}).encode()
        head = b"POST /v1/reservations HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n%s\r\n"

        def asked(header):
            connection = self.agent.connect()
            connection.sendall(head % (len(body), header) + body)
            self.wait_for(lambda: len(self.live()) == 1)
            connection.close()

        asked(b"")
        self.wait_for(lambda: not self.live())
        asked(b"Idempotency-Key: night\r\n")
        time.sleep(0.5)
        [kept] = self.live()
        headers = {**ASYNC, "Idempotency-Key": "night"}
        again = self.client.request("POST", "/v1/reservations", raw=body, headers=headers)
        self.assertEqual((again.status, again.json["id"]), (202, kept["id"]))
        other = {"resources": {"cpu": 1}, "start": ahead(61), "lease": "1m"}
        self.assert_problem(self.client.post("/v1/reservations", other, headers=headers), 422, "key_reused")
        self.promised({"cpu": 1}, ahead(60))
        self.client.close()
        time.sleep(0.3)
        self.assertEqual(len(self.live()), 2)

    def test_run_gives_it_back_when_it_is_interrupted(self):
        program = os.path.join(os.environ["BERTH_BIN"], "berth")
        run = subprocess.Popen(
            [program, "run", "--cpu", "1", "--lease", "1m", "--start", "+1m", "--", "true"],
            env={**os.environ, "BERTH_SOCKET": self.agent.socket}, stderr=subprocess.DEVNULL,
            # A shell that starts tests in the background has them ignore it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.addCleanup(run.kill)
        self.wait_for(self.live)
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(10), -signal.SIGINT)
        self.wait_for(lambda: not self.live())

    def test_explain_says_what_would_be_promised(self):
        asked = {"resources": {"cpu": 1}, "lease": "1m", "start": ahead(60)}

        def explained(**more):
            return self.assert_ok(self.client.post("/v1/explain", {**asked, **more}))

        answer = explained()
        self.assertEqual((answer["granted"], answer["state"], answer["start"]), (True, "pending", asked["start"]))
        whole = explained(
            resources={"gpu": GPUS + 1}, alternatives=[{"cpu": {"amount": CPUS + 1, "minimum": 2, "exclusive": True}}])
        self.assertEqual((whole["granted"], whole["alternative"], whole["numa_nodes"]), (True, 0, [0, 1]))
        self.assertEqual((len(whole["units"]), whole["choice"]["nodes"]), (CPUS, 2))
        self.assertIn("gpu", whole["passed"][0]["detail"])
        self.assertIn("cpu", whole["short"]["detail"])
        self.granted({"cpu": 6}, lease="10m")
        refused = explained(resources={"cpu": 4})
        self.assertEqual([each["check"] for each in refused["violations"]], ["room"])
        self.assertEqual(refused["violations"][0]["pointer"], "/resources/cpu")
        [later] = refused["changes"]
        self.assertEqual(later["set"], [{"pointer": "/start", "value": refused["problem"]["first_start"]}])
        self.assertEqual(len(self.live()), 1)
        said = berth(self.agent, "explain", "--gpu", "5", "--or", "cpu=2", "--lease", "1m", "--start", "+1m")
        self.assertRegex(said.stdout, r"^alternative 1 would be promised for 20..-..-.. ..:..:..Z:\n  cpu 2\n")
        self.assertIn("why not what is asked first: ", said.stdout)
        short = berth(self.agent, "explain", "--cpu", "4", "--lease", "1m", "--start", "+1m")
        self.assertRegex(short.stderr, r"It would fit at .*\(--start 20")
        self.assertEqual((short.returncode, "--wait" in short.stderr), (1, False))

    def test_it_does_not_wait(self):
        self.granted({"gpu": 1})
        self.promised({"cpu": 1}, ahead(60))
        accounts = self.assert_ok(self.client.get("/v1/accounts"))["accounts"]
        self.assertEqual([each["waiting"] for each in accounts if each.get("user") == 0], [0])
        pools = self.assert_ok(self.client.get("/v1/pools"))["pools"]
        self.assertLessEqual({each["waiting"] for each in pools}, {0})
        self.assertIn(b"\nberth_reservations_promised 1\n", self.client.get("/metrics").bytes)

    def test_the_command_line_says_what_helps_and_what_it_has(self):
        start = ahead(60)
        promised = self.promised({"gpu": GPUS, "cpu": 7}, start, lease="1m", name="night")
        delayed = berth(self.agent, "reserve", "--cpu", "2").stderr
        self.assertIn("a --lease that is over by then, or --wait 10h", delayed)
        self.assertNotIn('"', delayed)
        held = self.granted({"cpu": 2}, lease="20s")["id"]
        self.granted({"cpu": 4}, lease="20s")
        for arguments in (["renew", held, "--lease", "2m"], ["resize", held, "--cpu", "5"]):
            refused = berth(self.agent, *arguments)
            self.assertEqual((refused.returncode, "--wait" in refused.stderr), (1, False), refused.stderr)
        never = berth(self.agent, "reserve", "--cpu", "9", "--lease", "1m", "--start", "+1h").stderr
        self.assertIn("ask for less: the whole host does not have this", never)
        self.assertNotIn("berth list", never)
        listed = berth(self.agent, "list").stdout.splitlines()
        self.assertIn("START", listed[0])
        shown = berth(self.agent, "show", promised["id"]).stdout
        for unit in promised["units"]:
            self.assertIn(unit["name"], shown[shown.index("Promised"):])
        events = berth(self.agent, "events", "--since", "0", "--once").stdout
        self.assertRegex(events, r'queued .*"night" for 20..-..-.. ..:..:..Z')

    def test_the_command_line_refuses_a_start_that_makes_no_sense(self):
        for words, arguments in (
            ("--start 20", ["--start", "+2h", "--lease", "1m", "--idempotency-key", "k"]),
            ("--lease 2h", ["--start", "+2h"]), ("--wait exclude", ["--start", "+2h", "--lease", "1m", "--wait", "1m"]),
            ("--gang exclude", ["--start", "+2h", "--lease", "1m", "--gang", "train:2"]),
        ):
            refused = berth(self.agent, "reserve", "--cpu", "1", *arguments)
            self.assertEqual(refused.returncode, 2, refused.stderr)
            self.assertIn(words, refused.stderr)
        self.assertEqual(self.live(), [])
        near = berth(self.agent, "reserve", "--cpu", "1", "--lease", "1m", "--start", "2h").stderr
        self.assertIn("say +2h", near)
        made = berth(self.agent, "reserve", "--cpu", "1", "--start", "now")
        self.assertEqual((made.returncode, self.look({"id": made.stdout.strip()})["state"]), (0, "confirmed"))

    def test_the_command_line_says_it(self):
        made = berth(self.agent, "reserve", "--cpu", "2", "--lease", "1m", "--start", "+1m")
        self.assertEqual((made.returncode, made.stderr), (0, ""))
        shown = berth(self.agent, "show", made.stdout.strip()).stdout
        self.assertRegex(shown, r"Start +20..-..-.. ..:..:..Z, promised, number 1 of those")
        refused = berth(self.agent, "reserve", "--cpu", "7", "--lease", "1m", "--start", "+1m10s")
        self.assertIn("from 20", refused.stderr)
        ran = berth(
            self.agent, "run", "--cpu", "1", "--lease", "1m", "--start", "now+1s", "--socket", self.agent.socket, "--",
            "sh", "-c", "echo $BERTH_CPU")
        self.assertEqual(ran.stdout, "1\n", ran.stderr)
        self.assertEqual(berth(self.agent, "reserve", "--cpu", "1", "--lease", "1m", "--start", "+soon").returncode, 1)


class Capped(AgentCase):
    config = STANDARD | {"caps": {"resources": {"cpu": 4}}}

    def test_a_user_is_promised_no_more_than_its_cap_at_a_time(self):
        user, start = Guest(self.agent, FIRST), time.time() + 60

        def asked(cpu, seconds):
            now = start - time.time()
            body = {"resources": {"cpu": cpu}, "start": ahead(now + seconds), "lease": "1m"}
            return user.request("POST", "/v1/reservations", body, headers=ASYNC)

        self.assertEqual(asked(4, 0)[0], 202)
        for seconds in (-59, 0, 59):
            status, problem = asked(1, seconds)
            self.assertEqual((status, problem["code"], problem["pointer"]), (409, "cap", "/resources/cpu"))
            self.assertEqual((problem["cap"]["most"], problem["cap"]["held"]), (4, 4))
        self.assertEqual(asked(5, 300)[0], 409)
        self.assertEqual(asked(4, 61)[0], 202)
