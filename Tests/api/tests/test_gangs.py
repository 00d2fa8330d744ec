"""Gangs: requests that are granted all together or not at all."""
import os
import subprocess

from kit.case import AgentCase, path
from tests.test_queue import ASYNC, CPUS, Ask


def gang(name, size):
    return {"gang": {"id": name, "size": size}}


class GangCase(AgentCase):
    """Requests of gangs."""

    def setUp(self):
        super().setUp()
        self.wait_for(lambda: not self.live() and self.resource("cpu")["free"] == CPUS)

    def ask(self, name, size, cpu=1, **more):
        """Asks for one of a gang on a connection of its own, which waits."""
        return Ask(self, {"cpu": cpu}, **{"wait": "1m", **gang(name, size), **more})

    def queued(self, name, size, cpu=1, **more):
        """Asks for an answer at once."""
        answer = self.client.reserve({"cpu": cpu}, ASYNC, **{"wait": "1m", **gang(name, size), **more})
        self.assertIn(answer.status, (201, 202), answer)
        return answer.json

    def pending(self):
        return self.client.get("/v1/reservations?state=pending").json["reservations"]

    def granted_together(self, since=0):
        """The ids of each run of grants in the log: nothing else came between them."""
        runs = [[]]
        for event in self.events(since):
            if event.name == "granted":
                runs[-1].append(event.data["reservation"])
            elif runs[-1]:
                runs.append([])
        return [set(run) for run in runs if run]

    def crash(self):
        """Kills the agent and starts it again."""
        self.agent.kill()
        self.client.close()
        self.agent.start()

    def last_event(self):
        return self.client.get("/v1/health").json["last_event"]


class Gangs(GangCase):
    def test_all_are_answered_when_the_last_has_asked(self):
        since = self.last_event()
        asks = [self.ask("train", 4, cpu=2, lease="10m") for _ in range(3)]
        self.wait_for(lambda: len(self.pending()) == 3)
        waiting = self.pending()
        for each in waiting:
            self.assertEqual((each["gang"], each["queue"]["members"]), ({"id": "train", "size": 4}, 3))
        self.assertEqual(self.resource("cpu")["held"], 0)
        self.assertNotIn("granted", [event.name for event in self.events(since)])
        asks.append(self.ask("train", 4, cpu=2, lease="10m"))
        answers = []
        for ask in asks:
            ask.join(10)
            answers.append(self.assert_ok(ask.answer, 201))
        ids = {each["id"] for each in answers}
        self.assertEqual(len(ids), 4)
        self.assertEqual(len({each["granted_at"] for each in answers}), 1)
        self.assertIn(ids, self.granted_together(since))
        self.assertEqual(self.resource("cpu")["held"], 8)

    def test_one_that_is_not_complete_holds_up_nobody(self):
        self.queued("huge", 2, cpu=CPUS - 1)
        self.granted({"cpu": CPUS})

    def test_two_gangs_that_both_want_more_than_half_are_granted_one_after_the_other(self):
        """Granted one by one, each would hold a half and wait for ever."""
        asks = []
        for _ in range(3):
            asks += [self.ask("a", 3, cpu=2), self.ask("b", 3, cpu=2)]
        self.wait_for(lambda: len(self.live()) == 6)
        self.wait_for(lambda: self.resource("cpu")["held"] == 6)
        states = {each["id"]: (each["gang"]["id"], each["state"]) for each in self.live()}
        first = {name for name, state in states.values() if state == "confirmed"}
        self.assertEqual(len(first), 1, states)
        # Who is released before its answer is on its way is told that it has ended.
        for ask in asks[0 if first == {"a"} else 1::2]:
            ask.join(10)
        for each, (name, state) in states.items():
            if state == "confirmed":
                self.assertEqual(self.resource("cpu")["held"] % 2, 0)
                self.client.delete(f"/v1/reservations/{each}?grace=0s")
        for ask in asks:
            ask.join(10)
            self.assert_ok(ask.answer, 201)

    def test_a_member_that_leaves_lets_another_take_its_place(self):
        leaver = self.queued("train", 2)
        self.client.delete(path(leaver))
        first = self.ask("train", 2)
        self.wait_for(lambda: len(self.pending()) == 1)
        # Its client goes away, and with it the request.
        first.client.connection.sock.shutdown(2)
        self.wait_for(lambda: not self.pending())
        asks = [self.ask("train", 2) for _ in range(2)]
        for ask in asks:
            ask.join(10)
            self.assert_ok(ask.answer, 201)

    def test_its_time_to_wait_ends(self):
        answer = self.client.reserve({"cpu": 1}, wait="300ms", **gang("train", 2))
        self.assert_problem(answer, 409, "gang_incomplete", gang={"id": "train", "size": 2})
        failed = self.client.get("/v1/reservations?state=failed").json["reservations"][-1]
        self.assertEqual(failed["reason"], "gang")
        self.granted({"cpu": CPUS}, lease="1m")
        self.queued("short", 2, wait="1m")
        answer = self.client.reserve({"cpu": 1}, wait="300ms", **gang("short", 2))
        self.assert_problem(answer, 409, "insufficient")

    def explain(self, cpu, name="train", size=3):
        return self.assert_ok(self.client.post("/v1/explain", {"resources": {"cpu": cpu}, "wait": "1m", **gang(name, size)}))

    def test_explain_says_for_how_many_others_it_waits_and_what_its_own_part_lacks(self):
        told = self.explain(2)
        self.assertEqual((told["granted"], told["waits"], told["changes"]), (False, True, []))
        self.assertEqual((told["problem"]["code"], [each["check"] for each in told["violations"]]), ("gang_incomplete", ["gang"]))
        self.assertIn("2 others of its 3 have not asked yet", told["problem"]["detail"])
        self.queued("train", 3)
        held = self.granted({"cpu": 4}, lease="10m")
        told = self.explain(5)
        self.assertIn("1 other of its 3 has not asked yet", told["problem"]["detail"])
        self.assertEqual([each["code"] for each in told["violations"]], ["gang_incomplete", "insufficient"])
        self.assertIn("cpu: 5 asked, 4 of 8 free", told["violations"][1]["message"])
        self.queued("train", 3)
        # The last of it is granted with the others, or not for want of what they need.
        told = self.explain(3)
        self.assertIn("cpu: 3 asked, 2 of 8 free beside others of its gang", told["problem"]["detail"])
        told = self.explain(2)
        self.assertEqual((told["granted"], told["resources"]["cpu"]["amount"]), (True, 2))
        self.assertEqual(self.queued("train", 3, cpu=2)["state"], "confirmed")
        self.client.delete(path(held))
        self.queued("more", 2, cpu=6)
        self.assertIn("does not have this for all of the gang", self.explain(6, "more", 2)["violations"][0]["hint"])

    def test_what_is_wrong_with_a_gang(self):
        self.queued("train", 3)
        for more, pointer in ((gang("train", 4), "/gang/size"), ({**gang("train", 3), "priority": -1}, "/priority")):
            problem = self.assert_problem(
                self.client.reserve({"cpu": 1}, ASYNC, wait="1m", **more), 422, "gang_mismatch", pointer=pointer)
            self.assertIn("train", problem["detail"])
        for body, pointer in (
            ({"gang": {"id": "x", "size": 2}}, "/gang"), ({**gang("x", 1), "wait": "1m"}, "/gang/size"),
            ({**gang("x", 65), "wait": "1m"}, "/gang/size"), ({**gang("x/y", 2), "wait": "1m"}, "/gang/id"),
            ({**gang("", 2), "wait": "1m"}, "/gang/id"), ({"gang": {"id": "x"}, "wait": "1m"}, "/gang/size"),
        ):
            self.assert_problem(self.client.reserve({"cpu": 1}, **body), 422, "invalid", pointer=pointer)
        self.queued("big", 2, cpu=5)
        answer = self.client.reserve({"cpu": 4}, ASYNC, wait="1m", **gang("big", 2))
        self.assert_problem(answer, 409, "insufficient", ever=False)

    def test_its_name_is_free_when_all_are_over(self):
        first, second = self.queued("train", 2), self.queued("train", 2)
        self.wait_for(lambda: self.resource("cpu")["held"] == 2)
        for over in (first, second):
            answer = self.client.reserve({"cpu": 1}, ASYNC, wait="1m", **gang("train", 2))
            self.assert_problem(answer, 409, "gang_full", pointer="/gang/id")
            self.client.delete(path(over) + "?grace=0s")
        self.assertEqual(self.queued("train", 2)["queue"]["members"], 1)

    def test_a_crash_between_them_loses_none_and_grants_none_by_half(self):
        held = self.granted({"cpu": CPUS - 1}, lease="10m")
        first = [self.queued("a", 3, cpu=2) for _ in range(2)]
        second = [self.queued("b", 2, cpu=2) for _ in range(2)]
        self.crash()
        self.assertEqual({each["id"] for each in self.pending()}, {each["id"] for each in first + second})
        self.assertEqual(self.look(first[0])["queue"]["members"], 2)
        since = self.last_event()
        first.append(self.queued("a", 3, cpu=2))
        self.crash()
        self.client.delete(path(held) + "?grace=0s")
        self.wait_for(lambda: self.resource("cpu")["held"] == 6)
        self.crash()
        states = [self.look(each)["state"] for each in first + second]
        self.assertEqual(states, ["confirmed"] * 3 + ["pending"] * 2)
        self.assertIn({each["id"] for each in first}, self.granted_together(since))
        for each in first:
            self.client.delete(path(each) + "?grace=0s")
        self.wait_for(lambda: [self.look(each)["state"] for each in second] == ["confirmed"] * 2)

    def test_on_the_command_line(self):
        berth = os.path.join(os.environ["BERTH_BIN"], "berth")

        def run(*arguments, **options):
            return subprocess.Popen(
                [berth, *arguments], env={**os.environ, "BERTH_SOCKET": self.agent.socket},
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)

        def member(rank):
            request = ["--gang", "shell:3", "--wait", "1m", "--cpu", "1"]
            return run("run", *request, "--", "sh", "-c", f"echo {rank}; read x", stdin=subprocess.PIPE)

        programs = [member(rank) for rank in range(2)]
        self.wait_for(lambda: len(self.pending()) == 2)
        shown = run("show", self.pending()[0]["id"]).communicate()[0]
        self.assertIn("shell, of 3 members", shown)
        self.assertIn("2 of 3 members have asked", shown)
        programs.append(member(2))
        for rank, program in enumerate(programs):
            self.assertEqual(program.stdout.readline(), f"{rank}\n")
        for program in programs:
            program.communicate("\n")
        refused = run("reserve", "--gang", "shell", "--cpu", "1")
        self.assertIn("train:4", refused.communicate()[1])
        self.assertEqual(refused.returncode, 2)
