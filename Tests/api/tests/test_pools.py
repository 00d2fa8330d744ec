"""Pools: named shares of the host, made by the configuration and by the API, and changed while things run."""
import signal

from kit.agent import FIRST, SECOND, STANDARD
from kit.case import AgentCase, path
from kit.command import berth
from kit.users import as_user

LATER = {"Prefer": "respond-async"}


class Pools(AgentCase):
    def setUp(self):
        super().setUp()
        self.use(STANDARD)
        for pool in self.pools():
            if pool["name"] != "default":
                self.assert_ok(self.client.delete(f"/v1/pools/{pool['name']}"))

    def use(self, config):
        """Has the agent read another configuration, as a reload does."""
        before = self.agent.log.count("the configuration was read again")
        self.agent.configure(config)
        self.agent.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: self.agent.log.count("the configuration was read again") > before)

    def pools(self):
        return self.assert_ok(self.client.get("/v1/pools"))["pools"]

    def pool(self, name):
        return self.assert_ok(self.client.get(f"/v1/pools/{name}"))

    def put(self, name, **said):
        return self.assert_ok(self.client.request("PUT", f"/v1/pools/{name}", said))

    def cpus(self):
        resource = self.resource("cpu")
        return resource["capacity"] - resource["system_reserved"]

    def short(self, cpu, pool, **more):
        problem = self.assert_problem(self.client.reserve({"cpu": cpu}, pool=pool, **more), 409, "insufficient")
        return problem["shortfalls"][0]

    def test_there_is_a_default_pool_that_has_everything(self):
        (pool,) = self.pools()
        self.assertEqual((pool["name"], pool["kind"], pool["guaranteed"], pool["max"]), ("default", "dynamic", {}, {}))
        reservation = self.granted({"cpu": 0.5})
        self.assertEqual(reservation["pool"], "default")
        self.assertEqual(self.pool("default")["reservations"], 1)

    def test_a_static_pool_has_its_share_and_nobody_else(self):
        pool = self.put("ci", kind="static", guaranteed={"cpu": 1})
        self.assertEqual((pool["free"], pool["configured"]), ({"cpu": 1}, False))
        rest = self.cpus() - 1
        short = self.short(rest + 0.5, "default")
        self.assertEqual((short["pool"], short["free"]), ("default", rest))
        self.granted({"cpu": rest})
        short = self.short(1.5, "ci")
        self.assertEqual((short["pool"], short["free"], short["ever"]), ("ci", 1, False))
        hint = self.client.reserve({"cpu": 1.5}, pool="ci").json["hint"]
        self.assertEqual(hint, "ask for less: the pool ci can never hold this")
        reservation = self.granted({"cpu": 1}, pool="ci")
        self.assertEqual(reservation["pool"], "ci")
        self.assertEqual(self.pool("ci")["held"], {"cpu": 1})

    def test_elastic_pools_lend_and_get_back_as_reservations_end(self):
        half = self.cpus() / 2
        self.put("a", kind="elastic", guaranteed={"cpu": half})
        self.put("b", kind="elastic", guaranteed={"cpu": half})
        own = self.granted({"cpu": half}, pool="a")
        lent = self.granted({"cpu": half}, pool="a")
        self.short(half, "b")
        waits = self.client.reserve({"cpu": half}, LATER, pool="b", wait="1m")
        self.assertEqual(waits.status, 202)
        # What was lent is not lent again while its owner waits for it.
        self.client.delete(path(lent) + "?grace=0s")
        self.wait_for(lambda: self.look(waits.json)["state"] == "confirmed")
        self.assertEqual(self.look(own)["state"], "confirmed")

    def test_an_elastic_pool_that_takes_back_at_once_ends_what_has_borrowed(self):
        half = self.cpus() / 2
        self.put("a", kind="elastic", guaranteed={"cpu": half})
        self.put("b", kind="elastic", guaranteed={"cpu": half}, give_back="preempt")
        own = self.granted({"cpu": half}, pool="a", lease="10m")
        lent = self.granted({"cpu": half}, pool="a", lease="10m")
        asked = self.client.reserve({"cpu": half}, LATER, pool="b", wait="1m")
        self.assertEqual(asked.status, 202, asked)
        notice = self.look(lent)["preemption"]
        self.assertEqual(notice["by"], asked.json["id"])
        # Nothing runs there that could heed it, so it has its whole notice.
        self.wait_for(lambda: self.look(asked.json)["state"] == "confirmed", seconds=20)
        self.assertEqual((self.look(lent)["state"], self.look(lent)["reason"]), ("expired", "preempted"))
        self.assertEqual(self.look(own)["state"], "confirmed")

    def test_a_pool_is_changed_under_what_runs(self):
        self.put("ci", guaranteed={"cpu": 1}, max={"cpu": 2})
        first, second = self.granted({"cpu": 1}, pool="ci"), self.granted({"cpu": 1}, pool="ci")
        self.put("ci", guaranteed={"cpu": 0.5}, max={"cpu": 1})
        self.assertEqual(self.pool("ci")["held"], {"cpu": 2})
        self.assertEqual(self.short(0.5, "ci")["free"], 0)
        self.client.delete(path(first) + "?grace=0s")
        self.client.delete(path(second) + "?grace=0s")
        self.granted({"cpu": 1}, pool="ci")

    def test_a_pool_says_how_units_are_chosen_where_a_request_does_not(self):
        self.put("org", strategy="balanced")
        self.put("ci", parent="org")
        for said, pool, strategy in (
            ({}, "ci", "balanced"), ({}, "org", "balanced"), ({}, "default", "optimized"),
            ({"strategy": "optimized"}, "ci", "optimized"),
        ):
            granted = self.granted({"cpu": 0.1}, pool=pool, **said)
            self.assertEqual((granted["strategy"], granted["choice"]["strategy"]), (strategy, strategy))
        self.put("ci", parent="org", strategy="greedy")
        self.assertEqual(self.granted({"cpu": 0.1}, pool="ci")["strategy"], "greedy")
        answer = self.client.request("PUT", "/v1/pools/ci", {"strategy": "best"})
        self.assert_problem(answer, 422, "invalid", pointer="/strategy")

    def test_what_a_pool_cannot_be_is_told_by_its_place_and_what_would_be_right(self):
        self.put("org", guaranteed={"cpu": 1})
        self.put("org2")
        self.put("inner", parent="org2")
        for body, pointer, hint in (
            ({"guaranteed": {"cpu": 1000}}, "/guaranteed/cpu", "less in all"),
            ({"guaranteed": {"cpu": 2}, "max": {"cpu": 1}}, "/max/cpu", "as much as is guaranteed"),
            ({"parent": "nope"}, "/parent", "make the pool nope first"),
            ({"parent": "default"}, "/parent", "leave out"),
            ({"parent": "zz"}, "/parent", "not within it"),
            ({"parent": "org", "guaranteed": {"cpu": 2}}, "/guaranteed/cpu", "guarantee org 2"),
        ):
            problem = self.assert_problem(self.client.request("PUT", "/v1/pools/zz", body), 422, "invalid", pointer=pointer)
            self.assertIn(hint, problem["hint"])
        problem = self.assert_problem(self.client.delete("/v1/pools/org2"), 422, "invalid")
        self.assertIn("put them elsewhere", problem["hint"])

    def test_whether_to_drain_is_true_or_false(self):
        self.put("ci")
        for text in ("maybe", "1", "TRUE", ""):
            problem = self.assert_problem(self.client.delete(f"/v1/pools/ci?drain={text}"), 422, "invalid")
            self.assertEqual((problem["parameter"], problem["expected"]), ("drain", "true or false"))
        self.assertIn("ci", [pool["name"] for pool in self.pools()])
        self.assert_ok(self.client.delete("/v1/pools/ci?drain=false"))

    def test_in_a_pool_with_the_strategy_priority_others_go_for_all_who_do_not_say_another(self):
        self.put("urgent", strategy="priority")
        low = self.granted({"cpu": self.cpus()}, priority=-1, lease="1h")
        self.short(0.5, "urgent", strategy="optimized")
        self.short(0.5, "default")
        answer = self.client.reserve({"cpu": 0.5}, LATER, pool="urgent")
        self.assertEqual((answer.status, answer.json["strategy"]), (202, "priority"))
        self.assertEqual(self.client.get(path(low)).json["preemption"]["by"], answer.json["id"])

    def test_what_waits_for_a_pool_is_granted_when_it_grows(self):
        self.put("ci", max={"cpu": 1})
        self.granted({"cpu": 1}, pool="ci")
        waits = self.client.reserve({"cpu": 0.5}, LATER, pool="ci", wait="1m")
        self.assertEqual((waits.status, self.pool("ci")["waiting"]), (202, 1))
        # The host has room: what is short is the pool's.
        (short,) = waits.json["queue"]["shortfalls"]
        self.assertEqual((short["pool"], short["free"]), ("ci", 0))
        why = "cpu: 0.5 asked, 0 of 1 free to the pool ci"
        self.assertEqual([each["message"] for each in waits.json["queue"]["violations"]], [why])
        shown = berth(self.agent, "show", waits.json["id"]).stdout
        self.assertIn(f"number 1, nobody knows when, {why}", shown)
        self.put("ci", max={"cpu": 2})
        self.wait_for(lambda: self.look(waits.json)["state"] == "confirmed")

    def test_a_reservation_moves(self):
        self.put("ci", kind="static", guaranteed={"cpu": 1})
        reservation = self.granted({"cpu": 1})
        since = self.client.get("/v1/health").json["last_event"]
        moved = self.assert_ok(self.client.patch(path(reservation), {"pool": "ci"}))
        self.assertEqual(moved["pool"], "ci")
        self.assertEqual((self.pool("ci")["held"], self.pool("default")["held"]), ({"cpu": 1}, {}))
        self.assertIn(("moved", "ci"), [(event.name, event.data.get("pool")) for event in self.events(since)])
        other = self.granted({"cpu": 0.5})
        self.assert_problem(self.client.patch(path(other), {"pool": "ci"}), 409, "insufficient")
        self.assert_problem(self.client.patch(path(other), {"pool": "nowhere"}), 422, "invalid", pointer="/pool")
        self.assert_problem(
            self.client.patch(path(other), {"pool": "default", "resources": {"cpu": 1}}), 422, "invalid")
        self.assertEqual(self.look(other)["pool"], "default")

    def test_a_pool_with_members_is_removed_when_it_has_none(self):
        self.put("ci", max={"cpu": 1})
        reservation = self.granted({"cpu": 1}, pool="ci")
        self.assert_problem(self.client.delete("/v1/pools/ci"), 409, "in_use")
        self.assertTrue(self.assert_ok(self.client.delete("/v1/pools/ci?drain=true"))["draining"])
        self.assert_problem(self.client.reserve({"cpu": 0.1}, pool="ci"), 422, "invalid", pointer="/pool")
        self.client.delete(path(reservation) + "?grace=0s")
        self.assert_problem(self.client.get("/v1/pools/ci"), 404, "unknown")

    def test_the_configuration_says_pools_too(self):
        config = STANDARD | {"pools": {"ci": {"kind": "static", "guaranteed": {"cpu": 1}, "users": [FIRST]}}}
        self.use(config)
        self.assertTrue(self.pool("ci")["configured"])
        self.assert_problem(self.client.request("PUT", "/v1/pools/ci", {}), 409, "pool_configured")
        self.assert_problem(self.client.delete("/v1/pools/ci"), 409, "pool_configured")

        def ask(pool="ci"):
            with self.agent.client() as client:
                return client.reserve({"cpu": 0.1}, pool=pool)
        self.assertEqual(as_user(FIRST, lambda: ask().status), 201)
        self.assertEqual(as_user(SECOND, lambda: ask().json["code"]), "pool_denied")
        # What lies within it is for no others.
        self.put("inner", parent="ci")
        self.assertEqual(as_user(FIRST, lambda: ask(pool="inner").status), 201)
        self.assertEqual(as_user(SECOND, lambda: ask(pool="inner").json["code"]), "pool_denied")
        for reservation in self.live():
            self.client.delete(path(reservation) + "?grace=0s")
        self.assert_ok(self.client.delete("/v1/pools/inner"))
        self.use(STANDARD)
        self.assertEqual([pool["name"] for pool in self.pools()], ["default"])

    def test_a_wrong_configuration_changes_nothing(self):
        for pools, words in (
            ({"ci": {"kind": "static", "guaranteed": {"cpu": 100000}}}, "together, and it has"),
            ({"ci": {"parent": "nowhere"}}, "which is no pool"),
            ({"ci": {"kind": "static", "max": {"cpu": 1}}}, "makes no sense with the kind"),
            ({"ci": {"guaranteed": {"network": 1}}}, "cannot be given to pools"),
            ({"ci": {"guaranteed": {"cpu": 2}, "max": {"cpu": 1}}}, "less than its guarantee"),
            ({"c i": {}}, "no name of a pool"),
        ):
            before = self.agent.log.count("the configuration stays as it was")
            self.agent.configure(STANDARD | {"pools": pools})
            self.agent.process.send_signal(signal.SIGHUP)
            self.wait_for(lambda: self.agent.log.count("the configuration stays as it was") > before)
            self.assertIn(words, self.agent.log)
            self.assertEqual([pool["name"] for pool in self.pools()], ["default"])

    def test_pools_outlive_the_agent(self):
        self.put("org", kind="static", guaranteed={"cpu": 2})
        self.put("ci", parent="org", guaranteed={"cpu": 1}, weight=300)
        reservation = self.granted({"cpu": 1}, pool="ci", lease="10m")
        before = self.pools()
        for end in (self.agent.kill, self.agent.stop):
            end()
            self.agent.start()
            self.client = self.agent.client()
            self.assertEqual(self.pools(), before)
            self.assertEqual(self.look(reservation)["pool"], "ci")
        self.client.delete(path(reservation) + "?grace=0s")
        self.assert_problem(self.client.delete("/v1/pools/org"), 422, "invalid")
        self.assert_ok(self.client.delete("/v1/pools/ci"))

    def test_only_an_admin_changes_pools(self):
        def ask():
            with self.agent.client() as client:
                return [client.request("PUT", "/v1/pools/x", {}).json["code"], client.get("/v1/pools").status]
        self.assertEqual(as_user(FIRST, ask), ["role", 200])

    def berth(self, *arguments):
        done = berth(self.agent, "pools", *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
        return done.stdout

    def refused(self, status, *arguments):
        done = berth(self.agent, "pools", *arguments)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        return done.stderr

    def test_options_that_would_say_nothing_together_are_refused(self):
        for arguments, words in (
            (["--drain"], "--drain is for --remove"), (["--set", "ci", "--drain"], "--drain is for --remove"),
            (["--set", "ci", "--remove", "ci"], "exclude each other"),
            (["--guaranteed", "cpu=1"], "--guaranteed is for --set"), (["--kind", "static"], "--kind is for --set"),
            (["--remove", "ci", "--no-ceiling"], "--no-ceiling is for --set"),
            (["--remove", "ci", "--users", "1"], "--users is for --set"),
            (["--set", "ci", "--max", "cpu"], "--max cpu is not"), (["--set", "ci", "--users", "ann,"], "--users ann, is not"),
        ):
            self.assertIn(words, self.refused(2, *arguments))
        self.assertEqual([pool["name"] for pool in self.pools()], ["default"])

    def test_the_default_pool_stays(self):
        self.put("default", max={"cpu": 2})
        self.assertIn("always there", self.refused(1, "--remove", "default"))
        self.assert_problem(self.client.delete("/v1/pools/default?drain=true"), 422, "invalid")
        self.assertEqual(self.pool("default")["max"], {"cpu": 2})
        self.berth("--set", "default", "--max", "cpu=none")
        self.assertEqual(self.pool("default")["max"], {})

    def test_a_pool_that_is_not_there_is_told_by_its_name(self):
        self.assertIn("see `berth pools`", self.refused(1, "--remove", "nope"))
        for name in ("a/b", "a b", "..", "ä?x=1#%"):
            for option in ("--remove", "--set"):
                if (name, option) != ("..", "--set"):
                    self.assertIn(f'"{name}"', self.refused(1, option, name))

    def test_every_option_of_the_command_line_sets_what_it_says_and_nothing_else(self):
        self.put("org", kind="elastic", guaranteed={"cpu": 4, "memory": 1 << 33})
        self.berth(
            "--set", "ci", "--kind", "elastic", "--parent", "org", "--guaranteed", "cpu=1.5,memory=1GiB", "--max",
            "cpu=3,memory=4G", "--weight", "300", "--no-ceiling", "--give-back", "preempt", "--users",
            f"{FIRST},{SECOND}", "--groups", "7", "--strategy", "greedy")
        expected = {
            "name": "ci", "kind": "elastic", "parent": "org", "guaranteed": {"cpu": 1.5, "memory": 1 << 30},
            "max": {"cpu": 3, "memory": 4_000_000_000}, "weight": 300, "ceiling": False, "give_back": "preempt",
            "users": [SECOND, FIRST], "groups": [7], "strategy": "greedy",
        }

        def assert_is(**changes):
            expected.update(changes)
            pool = self.pool("ci")
            self.assertEqual({name: pool.get(name) for name in expected}, expected)
        assert_is()
        for arguments, changes in (
            ([], {}), (["--weight", "200"], {"weight": 200}), (["--ceiling"], {"ceiling": True}),
            (["--max", "cpu=2,memory=none"], {"max": {"cpu": 2}}),
            (["--guaranteed", "memory=2GiB"], {"guaranteed": {"cpu": 1.5, "memory": 2 << 30}}),
            (["--users", "none"], {"users": None}), (["--groups", "8,9"], {"groups": [8, 9]}),
            (["--strategy", "balanced"], {"strategy": "balanced"}), (["--strategy", "none"], {"strategy": None}),
            (["--give-back", "end"], {"give_back": "end"}), (["--parent", "/"], {"parent": None}),
            (["--kind", "static"], {"kind": "static", "max": None, "give_back": None}),
            (["--kind", "dynamic"], {"kind": "dynamic", "max": {}}),
        ):
            self.assertIn("ci", self.berth("--set", "ci", *arguments))
            assert_is(**changes)
