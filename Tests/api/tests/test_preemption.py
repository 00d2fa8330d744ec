"""Requests of the strategy `priority`: those of lower priority go for them, after a notice."""
import os
import subprocess
import threading
import time

from kit.agent import FIRST, SECOND, STANDARD
from kit.case import AgentCase, path
from kit.users import Guest
from tests.test_explain import moment

ASYNC = {"Prefer": "respond-async"}
CPUS = 8


class Preemption(AgentCase):
    config = STANDARD | {"preemption": {"grace": "1s", "most": "2s"}, "caps": {"priority": 0, "priorities": {"users": {"65533": 5}}}}

    def setUp(self):
        super().setUp()
        self.wait_for(lambda: not self.live() and self.resource("cpu")["free"] == CPUS)
        self.since = self.events()[-1].id

    def told(self, reservation):
        """The events about a reservation since the test began, without those that are the kernel's."""
        return [event for event in self.events(self.since)
                if event.data.get("reservation") == reservation["id"] and event.name not in ("enforced", "provided")]

    def names(self, reservation):
        return [event.name for event in self.told(reservation)]

    def test_a_lower_priority_goes_after_its_notice(self):
        low = self.granted({"cpu": CPUS}, lease="10m", priority=-1)
        began = time.monotonic()
        high = self.granted({"cpu": 4}, lease="1m", strategy="priority")
        self.assertGreater(time.monotonic() - began, 0.9)
        self.assertLess(time.monotonic() - began, 8)
        self.assertEqual((high["state"], high["resources"]["cpu"]["amount"]), ("confirmed", 4))
        ended = self.look(low)
        self.assertEqual((ended["state"], ended["reason"], ended["preemption"]["by"]), ("expired", "preempted", high["id"]))
        self.assertEqual(self.names(low), ["granted", "preempted", "ended", "freed"])
        notice = self.told(low)[1].data
        self.assertEqual((notice["by"], notice["ends_at"]), (high["id"], ended["preemption"]["ends_at"]))
        self.assertEqual(self.names(high), ["queued", "granted"])
        self.assertEqual(self.resource("cpu")["held"], 4)

    def test_while_it_has_its_notice_it_is_as_it_was(self):
        low = self.granted({"cpu": CPUS}, lease="10m", priority=-1)
        high = self.client.reserve({"cpu": 4}, ASYNC, strategy="priority", wait="1m")
        self.assertEqual((high.status, high.json["state"]), (202, "pending"))
        seen = self.look(low)
        self.assertEqual((seen["state"], seen["preemption"]["by"], seen["priority"]), ("confirmed", high.json["id"], -1))
        self.assertEqual(seen["expires_at"], seen["preemption"]["ends_at"])
        self.assert_problem(self.client.post(path(low, "/renew"), {"lease": "1h"}), 409, "preempted")
        self.assert_problem(self.client.patch(path(low), {"resources": {"cpu": 1}}), 409, "preempted")
        # What is freed is not others'.
        other = self.client.reserve({"cpu": CPUS}, ASYNC, wait="1m", priority=9).json
        self.wait_for(lambda: self.look(high.json)["state"] == "confirmed")
        self.assertEqual(self.look(other)["state"], "pending")

    def test_nobody_goes_where_that_does_not_help_or_is_not_needed(self):
        low = self.granted({"cpu": 4}, lease="10m", priority=-1)
        same = self.granted({"cpu": 3}, lease="10m")
        for resources, code in (({"cpu": 6}, "insufficient"), ({"cpu": 9}, "insufficient"), ({"cpu": 1, "gpu": 9}, "insufficient")):
            self.assert_problem(self.client.reserve(resources, strategy="priority"), 409, code)
        self.granted({"cpu": 1}, lease="1m", strategy="priority")
        for strategy in ("greedy", "balanced", "optimized"):
            self.assert_problem(self.client.reserve({"cpu": 2}, strategy=strategy, priority=5), 409, "insufficient")
        explained = self.client.post("/v1/explain", {"resources": {"cpu": 4}, "strategy": "priority"}).json
        self.assertEqual((explained["granted"], explained["waits"]), (False, True))
        for each in (low, same):
            self.assertEqual(self.names(each), ["granted"])

    def test_only_as_many_go_as_must_the_least_first(self):
        lows = [self.granted({"cpu": cpus}, lease="10m", priority=priority)
                for cpus, priority in ((2, -1), (2, -3), (1, -2), (3, -2))]
        self.granted({"cpu": 4}, lease="1m", strategy="priority")
        states = [self.look(low)["state"] for low in lows]
        self.assertEqual(states, ["confirmed", "expired", "confirmed", "expired"])

    def test_explain_names_those_that_then_go(self):
        first, second = Guest(self.agent, FIRST), Guest(self.agent, SECOND)
        # An admin may know of both, each user of its own alone.
        for asker, cpus, known, others in ((None, 7, {0, 1}, 0), (first, 7, {0}, 1), (second, 7, {1}, 1), (first, 2, set(), 1)):
            lows = [first.reserve({"cpu": 5}, lease="10m", priority=-1)[1], second.reserve({"cpu": 3}, lease="10m", priority=-2)[1]]
            body = {"resources": {"cpu": cpus}, "lease": "1m"}
            told = asker.request("POST", "/v1/explain", body)[1] if asker else self.client.post("/v1/explain", body).json
            self.assertEqual((told["granted"], told["problem"]["code"]), (False, "insufficient"))
            change = next(change for change in told["changes"] if change["kind"] == "preempt")
            self.assertEqual(set(change["preempts"]), {lows[index]["id"] for index in known})
            self.assertEqual((change["preempts_others"], change["set"]), (others, [{"pointer": "/strategy", "value": "priority"}]))
            body["strategy"] = "priority"
            high = asker.request("POST", "/v1/reservations", body)[1] if asker else self.granted(**body)
            self.assertEqual(high["state"], "confirmed", high)
            gone = [self.look(low) for low in lows if self.look(low)["state"] == "expired"]
            self.assertEqual(len(gone), len(known) + others)
            self.assertLessEqual(set(change["preempts"]), {low["id"] for low in gone})
            for low in gone:
                self.assertAlmostEqual(moment(low["preemption"]["ends_at"]), moment(change["at"]), delta=0.9)
            for each in self.live():
                self.client.delete(path(each) + "?grace=0s")
            self.wait_for(lambda: self.resource("cpu")["free"] == CPUS)

    def test_a_priority_above_the_cap_is_refused(self):
        low = Guest(self.agent, FIRST).reserve({"cpu": CPUS}, lease="10m")[1]
        status, problem = Guest(self.agent, FIRST).reserve({"cpu": 1}, strategy="priority", priority=1)
        self.assertEqual((status, problem["code"], problem["cap"]["name"]), (409, "cap", "priority"))
        self.assertEqual(self.names(low), ["granted"])
        status, high = Guest(self.agent, SECOND).reserve({"cpu": 1}, strategy="priority", priority=5, lease="1m")
        self.assertEqual((status, high["state"], self.look(low)["reason"]), (201, "confirmed", "preempted"))

    def test_who_waits_has_others_go_later(self):
        first = self.granted({"cpu": CPUS}, lease="10m", priority=5)
        waiting = self.client.reserve({"cpu": CPUS}, ASYNC, strategy="priority", wait="1m", priority=1).json
        passing = self.client.reserve({"memory": "1GiB"}, strategy="priority", lease="1m")
        self.assertEqual(passing.status, 201)
        self.client.delete(path(first) + "?grace=0s")
        self.wait_for(lambda: self.look(waiting)["state"] == "confirmed")

    def test_a_notice_stands_though_the_one_it_is_for_goes_away(self):
        low = self.granted({"cpu": CPUS}, lease="10m", priority=-1)
        high = self.client.reserve({"cpu": CPUS}, ASYNC, strategy="priority", wait="1m").json
        self.client.delete(path(high))
        self.wait_for(lambda: self.look(low)["state"] == "expired")
        self.assertEqual(self.look(low)["reason"], "preempted")

    def test_a_restart_forgets_neither_the_notice_nor_whom_it_is_for(self):
        low = self.granted({"cpu": CPUS}, lease="10m", priority=-1)
        high = self.client.reserve({"cpu": CPUS}, ASYNC, strategy="priority", wait="1m").json
        self.assertEqual(self.look(low)["preemption"]["by"], high["id"])
        self.agent.kill()
        self.client.close()
        self.agent.start()
        self.assertIn(self.look(low)["state"], ("confirmed", "expired"))
        self.wait_for(lambda: self.look(high)["state"] == "confirmed")
        self.assertEqual((self.look(low)["reason"], self.names(low).count("preempted")), ("preempted", 1))

    def test_a_preempted_one_is_queued_again_where_it_stood(self):
        low = self.granted({"cpu": CPUS}, lease="10m", priority=-1, requeue=True, name="again", labels={"a": "b"})
        later = self.client.reserve({"cpu": CPUS}, ASYNC, wait="1m", priority=-1).json
        high = self.granted({"cpu": CPUS}, lease="10m", strategy="priority")
        ended = self.look(low)
        self.assertEqual((ended["reason"], ended["requeue"]), ("preempted", True))
        again = self.look({"id": ended["requeued_as"]})
        self.assertEqual((again["state"], again["requeue_of"], again["name"]), ("pending", low["id"], "again"))
        self.assertEqual((again["created_at"], again["labels"]), (low["created_at"], {"a": "b"}))
        self.assertEqual((again["queue"]["position"], self.look(later)["queue"]["position"]), (1, 2))
        self.client.delete(path(high) + "?grace=0s")
        self.wait_for(lambda: self.look(again)["state"] == "confirmed")
        self.assertEqual(self.look(again)["lease"], "10m")

    def test_a_run_cannot_be_queued_again_and_is_told_why(self):
        berth = os.path.join(os.environ["BERTH_BIN"], "berth")
        done = subprocess.run(
            [berth, "run", "--cpu", "1", "--requeue", "--", "true"], env={**os.environ, "BERTH_SOCKET": self.agent.socket},
            stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 125)
        self.assertIn("--requeue", done.stderr)
        self.assertIn("ended with it", done.stderr)

    def test_a_signal_lengthens_the_notice_up_to_the_most(self):
        low = self.granted({"cpu": CPUS}, priority=-1, lease="10m", signal={"name": "USR1", "before": "90s"})
        self.assertEqual(low["signal"], {"name": "USR1", "before": "1m30s"})
        began = time.monotonic()
        self.granted({"cpu": CPUS}, strategy="priority", lease="1m")
        self.assertGreater(time.monotonic() - began, 1.8)
        self.assertLess(time.monotonic() - began, 9)
        self.assertEqual(self.names(low), ["granted", "preempted", "warned", "ended", "freed"])
        self.assertEqual(self.told(low)[2].data["signal"], "USR1")

    def test_a_signal_comes_so_long_before_a_lease_ends_and_again_after_a_renewal(self):
        reservation = self.granted({"cpu": 1}, lease="2s", signal={"name": "WINCH", "before": "1s"})
        self.wait_for(lambda: "warned" in self.names(reservation))
        self.assertEqual((self.look(reservation)["state"], self.look(reservation)["warned"]), ("confirmed", True))
        self.assert_ok(self.client.post(path(reservation, "/renew"), {"lease": "2s"}))
        self.assertNotIn("warned", self.look(reservation))
        self.wait_for(lambda: self.look(reservation)["state"] == "expired")
        self.assertEqual(self.names(reservation).count("warned"), 2)

    def test_what_is_no_signal_is_refused(self):
        for signal, where in (({"name": "KILL"}, "/signal/name"), ({"name": "USR1", "before": 0.5}, "/signal/before"),
                              ({"name": "USR1", "after": 1}, "/signal/after"), ("USR1", "/signal")):
            answer = self.client.reserve({"cpu": 1}, signal=signal)
            self.assertEqual((answer.status, answer.json["pointer"]), (answer.status, where), answer)
            self.assertIn(answer.status, (400, 422))
        answer = self.client.reserve({"cpu": 1}, {}, lease="30s", signal={"name": "USR1"})
        self.assert_problem(answer, 422, "invalid", pointer="/signal")

    def test_the_command_line(self):
        berth = os.path.join(os.environ["BERTH_BIN"], "berth")
        environment = {**os.environ, "BERTH_SOCKET": self.agent.socket}

        def ask(*words):
            return subprocess.run(
                [berth, *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=True).stdout

        low = ask("reserve", "--cpu", str(CPUS), "--priority", "-1", "--signal", "SIGUSR1@1", "--requeue", "--lease", "10m").strip()
        high = ask("reserve", "--cpu", "1", "--strategy", "priority", "--lease", "1m").strip()
        shown = ask("show", low)
        for words in (f"for {high}", "USR1", "1s before its end", "queued again as", "another was to have what it held"):
            self.assertIn(words, shown)
        self.assertIn(f"preempted  for {high}", ask("events", "--since", str(self.since), "--once"))

    def test_many_at_once_and_nobody_is_forgotten(self):
        answers = []

        def ask(priority):
            with self.agent.client(timeout=60) as client:
                answers.append(client.reserve({"cpu": 3}, strategy="priority", priority=priority, wait="1m", lease="2s").status)

        for _ in range(4):
            self.granted({"cpu": 2}, lease="10m", priority=-9)
        threads = [threading.Thread(target=ask, args=(priority,)) for priority in (1, 2, 3, 1, 2, 3)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            self.assertLessEqual(self.resource("cpu")["held"], CPUS)
            time.sleep(0.05)
        self.assertEqual(answers, [201] * 6)
