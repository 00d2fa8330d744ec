"""Where a request lies by what others hold, and which units it would rather have."""
from kit import corpus, host
from kit.agent import FIRST, SECOND, Agent
from kit.case import AgentCase, path
from kit.command import berth
from kit.users import Guest

A, B, C, D = host.GPUS
CORES = {"cpu": {"amount": 2, "exclusive": True}}
BOUND = {"memory": {"amount": "1GiB", "where": {"numa": ">=0"}}}


def on(node, amount=2):
    """Whole cores of a node."""
    return {"cpu": {"amount": amount, "exclusive": True, "where": {"numa": node}}}


class Affinity(AgentCase):
    def names(self, reservation):
        return [unit["name"] for unit in reservation["units"]]

    def test_near_is_on_the_same_nodes(self):
        db = self.granted(on(1), lease="1h", labels={"app": "db", "tier": "1"})
        for target in ({"reservation": db["id"]}, {"labels": {"app": "db"}}, [{"labels": {"app": "db", "tier": "1"}}]):
            with self.subTest(str(target)):
                near = self.granted({"gpu": 1, **BOUND}, affinity=target)
                self.assertIn(self.names(near)[0], (C, D))
                self.assertEqual(near["resources"]["memory"]["numa_nodes"], "1")
                self.assertEqual(near["resources"]["memory"]["where"], {"numa": ">=0"})
                self.client.delete(path(near))
        self.assertEqual(self.granted(CORES, affinity={"reservation": db["id"]})["resources"]["cpu"]["cpus"], "6-7" if "4-5" in db["resources"]["cpu"]["cpus"] else "4-5")

    def test_apart_is_on_none_of_them(self):
        self.granted(on(0), lease="1h", labels={"app": "db"})
        apart = self.granted({"gpu": 2, **CORES, **BOUND}, anti_affinity={"labels": {"app": "db"}})
        self.assertEqual(self.names(apart)[-2:], [C, D])
        self.assertEqual(apart["resources"]["cpu"]["numa_nodes"], "1")
        self.assertEqual(apart["resources"]["memory"]["numa_nodes"], "1")
        self.granted({"gpu": 1}, anti_affinity=[{"labels": {"app": "nobody"}}])

    def test_what_cannot_be_met_says_which_it_is(self):
        db = self.granted(on(1), lease="1h")
        near, apart = {"affinity": {"reservation": db["id"]}}, {"anti_affinity": {"reservation": db["id"]}}
        for wish, pointer, words in ((near, "/affinity", "it must lie on NUMA node 1, with"), (apart, "/anti_affinity", "it must not lie on NUMA node 1")):
            problem = self.assert_problem(self.client.reserve({"gpu": 3}, **wish), 409, "insufficient", pointer=pointer, ever=True)
            self.assertIn(words, problem["detail"])
            self.assertIn("preferred", problem["hint"])
            self.assertEqual((problem["shortfalls"][0]["free"], problem["violations"][0]["code"]), (2, pointer[1:]))
            soft = next(iter(wish))
            granted = self.granted({"gpu": 3}, **{soft: {**wish[soft], "preferred": True}})
            self.client.delete(path(granted))
        # What would not fit anyway is short, and nothing else is to blame.
        problem = self.assert_problem(self.client.reserve({"gpu": 5}, **near), 409, "insufficient", ever=False)
        self.assertEqual([each["check"] for each in problem["violations"]], ["room"])

    def test_what_lies_nowhere_is_refused_as_senseless(self):
        db = self.granted({"cpu": 1}, lease="1h")
        problem = self.assert_problem(
            self.client.reserve({"cpu": 1, "memory": "1GiB"}, affinity={"reservation": db["id"]}), 409, "insufficient", pointer="/affinity")
        self.assertIn("lies on no NUMA node", problem["detail"])
        held = self.granted(on(1), lease="1h")
        problem = self.assert_problem(
            self.client.reserve({"cpu": 1, "memory": "1GiB"}, affinity={"reservation": held["id"]}), 422, "invalid", pointer="/affinity")
        self.assertIn("exclusive", problem["hint"])
        self.assert_problem(
            self.client.reserve({"gpu": 1}, affinity={"reservation": "000000000000"}), 422, "invalid", pointer="/affinity")

    def test_a_minimum_is_filled_where_it_may_lie(self):
        db = self.granted(on(1), lease="1h")
        part = self.granted({"gpu": {"amount": 4, "minimum": 1}}, affinity={"reservation": db["id"]})
        self.assertEqual((part["state"], self.names(part)), ("partial", [C, D]))

    def test_a_change_adds_only_there_and_keeps_what_it_has(self):
        db = self.granted(on(1), lease="1h", labels={"app": "db"})
        near = self.granted({"gpu": 1}, lease="1h", affinity={"labels": {"app": "db"}})
        self.agent.kill()
        self.agent.start()
        self.client.close()
        self.assertEqual(self.look(near)["affinity"], [{"labels": {"app": "db"}, "by": "numa"}])
        self.assertEqual(self.names(self.assert_ok(self.client.patch(path(near), {"resources": {"gpu": 2}}))), [C, D])
        self.assert_problem(self.client.patch(path(near), {"resources": {"gpu": 3}}), 409, "insufficient", pointer="/affinity")
        self.client.delete(path(db))
        self.assertEqual(len(self.names(self.assert_ok(self.client.patch(path(near), {"resources": {"gpu": 3}})))), 3)

    def test_a_user_sees_its_own_and_an_admin_all(self):
        first, second = Guest(self.agent, FIRST), Guest(self.agent, SECOND)
        apart = {"anti_affinity": {"labels": {"app": "db"}}, "lease": "1h"}
        _, db = first.reserve(on(1), lease="1h", labels={"app": "db"})
        _, own = first.reserve(BOUND, **apart)
        self.assertEqual(own["resources"]["memory"]["numa_nodes"], "0", own)
        status, others = second.reserve({"memory": {"amount": "1GiB", "where": {"numa": 1}}}, **apart)
        self.assertEqual(status, 201, others)
        status, problem = second.reserve({"gpu": 1}, affinity={"reservation": db["id"]})
        self.assertEqual((status, problem["violations"][0]["code"]), (422, "unknown_reservation"), problem)
        self.assertIn(self.names(self.granted({"gpu": 1}, affinity={"reservation": db["id"]}))[0], (C, D))

    def test_the_first_of_a_kind_begins_it(self):
        wish = {"affinity": {"labels": {"app": "web"}}}
        self.assert_problem(self.client.reserve(CORES, **wish), 409, "insufficient", pointer="/affinity")
        first = self.granted(CORES, labels={"app": "web"}, lease="1h", **wish)
        second = self.granted(CORES, labels={"app": "web"}, lease="1h", **wish)
        self.assertEqual(first["resources"]["cpu"]["numa_nodes"], second["resources"]["cpu"]["numa_nodes"])
        self.assert_problem(self.client.reserve(CORES, labels={"app": "web"}, **wish), 409, "insufficient", pointer="/affinity")

    def test_units_that_are_as_preferred_come_first(self):
        for prefer, amount, wanted in (
            ({"model": "~*MI210"}, 2, {B, C}), ({"model": "~*MI210"}, 3, {B, C}), ({"vram": ">64GiB"}, 1, {D}), ({"vram": ">64GiB", "numa": 1}, 2, {C, D}),
            ({"model": "H200"}, 4, {A, B, C, D}), ({"colour": "red"}, 1, set()),
        ):
            with self.subTest(str(prefer)):
                granted = self.granted({"gpu": {"amount": amount, "prefer": prefer}})
                self.assertLessEqual(wanted, set(self.names(granted)))
                self.assertEqual(granted["resources"]["gpu"]["prefer"], prefer)
                self.client.delete(path(granted))
        granted = self.granted({"memory": {"amount": "1GiB", "where": {"numa": ">=0"}, "prefer": {"numa": 1}}})
        self.assertEqual(granted["resources"]["memory"]["numa_nodes"], "1")
        self.assertEqual(self.granted({"cpu": {"amount": 6, "exclusive": True, "prefer": {"numa": 1}}})["resources"]["cpu"]["amount"], 6)

    def test_the_command_line(self):
        made = berth(self.agent, "reserve", "--exclusive-cpu", "2", "--where", "cpu.numa=1", "--lease", "1h", "--label", "app=db")
        near = berth(self.agent, "reserve", "--gpu", "1", "--near", "app=db", "--prefer", "gpu.model=~*MI250X", "--lease", "1h")
        self.assertEqual(near.stderr, "")
        shown = berth(self.agent, "show", near.stdout.strip()).stdout
        self.assertIn(D, shown)
        self.assertIn("app=db", shown)
        apart = berth(self.agent, "explain", "--gpu", "3", "--apart", made.stdout.strip())
        self.assertEqual(apart.returncode, 1)
        self.assertIn("must not lie on NUMA node 1", apart.stderr)
        self.assertEqual(berth(self.agent, "explain", "--gpu", "3", "--apart", made.stdout.strip() + ",preferred").returncode, 0)
        self.assertIn("--near", berth(self.agent, "explain", "--cpu", "3", "--near", "app=db").stderr)


class Recorded(AgentCase):
    def test_nodes_of_recorded_hosts(self):
        for name in ("xeon-24cpu-2numa", "arm-128cpu-4numa", "power7-256cpu-8numa", "sparse-nodes-48cpu"):
            with self.subTest(name):
                agent = Agent(tree=corpus.tree(self, name))
                self.addCleanup(agent.clean)
                with agent.start().client() as client:
                    def reserve(**more):
                        return self.assert_ok(client.reserve({"cpu": {"amount": 1, "exclusive": True}}, lease="1h", **more), 201)
                    first = reserve()
                    target = {"reservation": first["id"]}
                    node = first["resources"]["cpu"]["numa_nodes"]
                    self.assertEqual(reserve(affinity=target)["resources"]["cpu"]["numa_nodes"], node)
                    self.assertNotEqual(reserve(anti_affinity=target)["resources"]["cpu"]["numa_nodes"], node)
