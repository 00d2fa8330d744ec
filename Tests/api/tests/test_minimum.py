"""The least that will do: what there is between it and the amount is granted."""
from kit import corpus, host
from kit.agent import Agent, FIRST
from kit.case import AgentCase, path
from kit.command import berth
from kit.users import Guest


class Minimum(AgentCase):
    def test_as_much_as_there_is_is_granted_and_says_what_was_asked(self):
        self.granted({"cpu": 5.5, "memory": "30GiB", "gpu": 3, "network": "9Gbit", "pids": 32000})
        asked = {
            "cpu": {"amount": 8, "minimum": "500m"}, "memory": {"amount": "4GiB", "minimum": "1GiB"}, "gpu": {"amount": 2, "minimum": 1},
            "network": {"amount": "2Gbit", "minimum": 1}, "pids": {"amount": 1000, "minimum": 1},
        }
        granted = self.granted(asked, lease="1h")
        self.assertEqual(granted["state"], "partial")
        amounts = {kind: (hold["amount"], hold["asked"], hold["minimum"]) for kind, hold in granted["resources"].items()}
        self.assertEqual(amounts, {
            "cpu": (2.5, 8, 0.5), "memory": (2 * host.GIB, 4 * host.GIB, host.GIB), "gpu": (1, 2, 1),
            "network": (10**9, 2 * 10**9, 1), "pids": (768, 1000, 1)})
        self.assertEqual(self.resource("cpu")["free"], 0)
        self.assertEqual(self.look(granted)["state"], "partial")

    def test_a_partial_one_is_live_and_found_by_its_state(self):
        self.granted({"pids": 32000})
        part = self.granted({"pids": {"amount": 1000, "minimum": 1}}, lease="1h")
        self.assertIn(part["id"], [each["id"] for each in self.live()])
        found = self.client.get("/v1/reservations?state=partial").json["reservations"]
        self.assertEqual([each["id"] for each in found], [part["id"]])
        whole = self.client.get("/v1/reservations?state=confirmed").json["reservations"]
        self.assertNotIn(part["id"], [each["id"] for each in whole])
        self.assertEqual(self.assert_ok(self.client.delete(path(part)))["state"], "released")

    def test_with_room_for_all_it_is_confirmed(self):
        granted = self.granted({"cpu": {"amount": 2, "minimum": 1}})
        self.assertEqual((granted["state"], "asked" in granted["resources"]["cpu"]), ("confirmed", False))

    def test_exclusive_cpus_are_whole_cores(self):
        self.granted({"cpu": {"amount": 4, "exclusive": True}})
        granted = self.granted({"cpu": {"amount": 7, "minimum": 3, "exclusive": True}})
        self.assertEqual((granted["state"], granted["resources"]["cpu"]["amount"]), ("partial", 4))
        answer = self.client.reserve({"cpu": {"amount": 7, "minimum": 1, "exclusive": True}})
        self.assert_problem(answer, 409, "insufficient", ever=True)

    def test_less_is_refused_with_what_was_asked_and_what_would_have_done(self):
        self.granted({"memory": "31GiB"})
        answer = self.client.reserve({"memory": {"amount": "8GiB", "minimum": "2GiB"}, "cpu": {"amount": 9, "minimum": 1}})
        problem = self.assert_problem(answer, 409, "insufficient", ever=True)
        self.assertEqual(problem["shortfalls"], [
            {"type": "memory", "asked": 8 * host.GIB, "minimum": 2 * host.GIB, "free": host.GIB, "capacity": host.MEMORY}])
        self.assertIn("at least 2GiB", problem["detail"])
        answer = self.client.reserve({"memory": {"amount": "99GiB", "minimum": "40GiB"}})
        self.assert_problem(answer, 409, "insufficient", ever=False)

    def test_a_change_makes_it_grow_until_it_is_all(self):
        first, second = self.granted({"cpu": 4}), self.granted({"cpu": 2})
        part = self.granted({"cpu": {"amount": 6, "minimum": 1}, "memory": "1GiB"}, lease="1h")
        for over, state, amount in ((second, "partial", 4), (first, "confirmed", 6)):
            self.assert_ok(self.client.delete(path(over)))
            grown = self.assert_ok(self.client.patch(path(part), {"resources": {"memory": "2GiB"}}))
            self.assertEqual((grown["state"], grown["resources"]["cpu"]["amount"]), (state, amount))
        less = self.assert_ok(self.client.patch(path(part), {"resources": {"cpu": 2}}))
        self.assertEqual((less["state"], less["resources"]["cpu"]["amount"]), ("confirmed", 2))
        problem = self.assert_problem(
            self.client.patch(path(part), {"resources": {"cpu": 0.5}}), 422, "invalid", pointer="/resources/cpu/minimum")
        self.assertIn("above the amount", problem["detail"])

    def test_it_is_kept_over_a_crash(self):
        first = self.granted({"cpu": 6}, lease="1h")
        part = self.granted({"cpu": {"amount": 6, "minimum": 1}}, lease="1h")
        self.agent.kill()
        self.agent.start()
        self.client.close()
        self.assertEqual(self.look(part)["state"], "partial")
        self.assert_ok(self.client.delete(path(first)))
        self.assertEqual(self.assert_ok(self.client.patch(path(part), {"resources": {}}))["state"], "confirmed")

    def test_what_makes_no_sense_is_refused(self):
        for ask, pointer in (
            ({"cpu": {"amount": 1, "minimum": 2}}, "/resources/cpu/minimum"), ({"gpu": {"amount": 2, "minimum": 0.5}}, "/resources/gpu/minimum"),
            ({"cpu": {"minimum": 2}}, "/resources/cpu/amount"), ({"storage": [{"device": "vda", "read": 2, "minimum": 1}]}, "/resources/storage/0/minimum"),
        ):
            with self.subTest(str(ask)):
                self.assert_problem(self.client.reserve(ask), 422, "invalid", pointer=pointer)

    def test_the_command_line_writes_it_as_a_range(self):
        self.granted({"cpu": 6})
        made = berth(self.agent, "reserve", "--cpu", "1..4", "--lease", "1h")
        self.assertEqual((made.returncode, made.stderr), (0, ""))
        shown = berth(self.agent, "show", made.stdout.strip())
        self.assertIn("partial", shown.stdout)
        self.assertIn("cpu 2, asked: 4, at least 1", shown.stdout)
        explained = berth(self.agent, "explain", "--memory", "16GiB..40GiB")
        self.assertEqual(explained.returncode, 0)
        self.assertIn("it would be granted, in part:\n  memory 32GiB, asked: 40GiB, at least 16GiB\nwhy not more: memory: 40GiB asked", explained.stdout)
        self.assertEqual(berth(self.agent, "reserve", "--cpu", "4..1").returncode, 1)
        self.assertIn("--cpu", berth(self.agent, "reserve", "--cpu", "4..1").stderr)
        self.assertEqual(berth(self.agent, "reserve", "--cpu", "..1").returncode, 2)


class Capped(AgentCase):
    config = {
        "system_reserved": {"cpu": 0, "memory": 0},
        "roles": {"submit": {"users": [FIRST]}},
        "caps": {"resources": {"memory": "2GiB", "gpu": 1}},
    }

    def test_what_a_cap_leaves_is_granted(self):
        guest = Guest(self.agent, FIRST)
        status, granted = guest.reserve(
            {"memory": {"amount": "3GiB", "minimum": "1GiB"}, "gpu": {"amount": 4, "minimum": 1}}, lease="1h")
        self.assertEqual((status, granted["state"]), (201, "partial"), granted)
        self.assertEqual(granted["resources"]["memory"]["amount"], 2 * host.GIB)
        self.assertEqual(granted["resources"]["gpu"]["amount"], 1)
        status, problem = guest.reserve({"gpu": {"amount": 2, "minimum": 1}})
        self.assertEqual((status, problem["code"]), (409, "cap"), problem)


class Recorded(AgentCase):
    def test_what_a_recorded_host_has_is_granted(self):
        for name, cpus in (("xeon-24cpu-2numa", 24), ("arm-128cpu-4numa", 128), ("sparse-nodes-48cpu", 48)):
            with self.subTest(name):
                agent = Agent(tree=corpus.tree(self, name))
                self.addCleanup(agent.clean)
                with agent.start().client() as client:
                    asked = {"cpu": {"amount": 1000, "minimum": 2, "exclusive": True}}
                    granted = self.assert_ok(client.reserve(asked), 201)
                    self.assertEqual((granted["state"], granted["resources"]["cpu"]["amount"]), ("partial", cpus))
                    self.assert_problem(client.reserve(asked), 409, "insufficient")
