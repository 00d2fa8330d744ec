"""Who goes first of those who wait, and who may have how much."""
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from kit.agent import FIRST, SECOND, STANDARD
from kit.case import AgentCase, path
from kit.command import berth
from kit.users import as_user

PHYSICS, ARTS = 61001, 61002
LATER = {"Prefer": "respond-async"}


def under(**policy):
    """The configuration with this policy."""
    return STANDARD | {"pools": {"default": {"policy": policy}}}


class PolicyCase(AgentCase):
    def use(self, config):
        """Has the agent read another configuration, as a reload does."""
        before = self.agent.log.count("the configuration was read again")
        self.agent.configure(config)
        self.agent.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: self.agent.log.count("the configuration was read again") > before)

    def ask(self, user, resources, groups=(), **more):
        """Asks as a user, and does not wait for the answer where it has to wait. Returns status and document."""
        def act():
            with self.agent.client() as client:
                answer = client.reserve(resources, LATER, **more)
                return answer.status, answer.json
        return act() if user == 0 else as_user(user, act, groups)

    def accounts(self, user=0, groups=()):
        def act():
            with self.agent.client() as client:
                return client.get("/v1/accounts").json
        return act() if user == 0 else as_user(user, act, groups)

    def account(self, kind, name):
        return next((one for one in self.accounts()["accounts"] if one["kind"] == kind and one[kind] == name), None)

    def cpus(self):
        return self.resource("cpu")["capacity"]

    def granted_since(self, since):
        return [event.data["reservation"] for event in self.events(since) if event.name == "granted"]

    def order(self, *asks):
        """Fills the host, asks, frees it, and returns the users in the order in which they were granted."""
        all_of_it = self.granted({"cpu": self.cpus()})
        names = {}
        for user, groups, more in asks:
            status, reservation = self.ask(user, {"cpu": 0.5}, groups, wait="1m", **more)
            self.assertEqual((status, reservation["state"]), (202, "pending"), reservation)
            names[reservation["id"]] = user
        since = self.client.get("/v1/health").json["last_event"]
        self.client.delete(path(all_of_it))
        self.wait_for(lambda: all(self.look({"id": id})["state"] == "confirmed" for id in names))
        # A grant is seen before it is told.
        self.wait_for(lambda: len(self.granted_since(since)) == len(names))
        granted = self.granted_since(since)
        for id in granted:
            self.client.delete(path({"id": id}) + "?grace=0s")
        return [names[id] for id in granted]


class Orders(PolicyCase):
    three = [(FIRST, (PHYSICS,), {}), (FIRST, (PHYSICS,), {}), (FIRST, (PHYSICS,), {}), (SECOND, (ARTS,), {}),
             (SECOND, (ARTS,), {}), (0, (), {"priority": 5})]

    def test_each_policy_has_its_own_order(self):
        orders = {}
        for name, policy in {
            "priority": {},
            "fair": {"kind": "fair", "half_life": "none"},
            "quota": {"kind": "quota", "quotas": [{"user": FIRST, "soft": {"reservations": 1}}]},
            "weighted": {"kind": "weighted", "weights": {"users": {FIRST: 2}}},
        }.items():
            self.use(under(**policy))
            self.assertEqual(self.accounts()["policy"]["kind"], name)
            orders[name] = self.order(*self.three)
        self.assertEqual(orders, {
            "priority": [0, FIRST, FIRST, FIRST, SECOND, SECOND],
            "fair": [0, FIRST, SECOND, FIRST, SECOND, FIRST],
            "quota": [0, FIRST, SECOND, SECOND, FIRST, FIRST],
            "weighted": [0, FIRST, SECOND, FIRST, FIRST, SECOND],
        })

    def test_a_pool_has_its_own_order_and_quotas(self):
        fair = {"kind": "fair", "half_life": "none", "quotas": [{"each": "user", "hard": {"resources": {"cpu": 1}}}]}
        self.use(STANDARD | {"pools": {"ci": {"policy": fair}, "nightly": {"parent": "ci"}, "lab": {}}})
        answer = self.accounts()
        self.assertEqual((answer["policy"]["kind"], answer["pools"]["ci"]["kind"]), ("priority", "fair"))
        self.assertEqual(set(answer["pools"]), {"ci"})
        self.assertEqual([one.get("pool") for one in self.accounts(FIRST)["accounts"]], [None, "ci"])
        two = [(FIRST, (), {}), (FIRST, (), {}), (SECOND, (), {})]
        for pool, order in {"ci": [FIRST, SECOND, FIRST], "nightly": [FIRST, SECOND, FIRST],
                            "lab": [FIRST, FIRST, SECOND]}.items():
            with self.subTest(pool):
                self.assertEqual(self.order(*[(user, groups, {"pool": pool}) for user, groups, _ in two]), order)
        # What is had elsewhere counts for nothing there, and the quota is on what is had there.
        elsewhere = self.ask(FIRST, {"cpu": 2}, pool="lab")[1]
        status, inside = self.ask(FIRST, {"cpu": 1}, pool="nightly")
        self.assertEqual(status, 201, inside)
        status, problem = self.ask(FIRST, {"cpu": 0.5}, pool="ci")
        self.assertEqual((status, problem["code"], problem["quota"]["pool"]), (409, "quota", "ci"), problem)
        self.assertIn(f"each user in the pool ci would be passed: user {FIRST} in the pool ci has 1", problem["detail"])
        moved = self.client.patch(path(elsewhere), {"pool": "ci"})
        self.assertEqual((moved.status, moved.json["code"]), (409, "quota"), moved.json)
        accounts = [one for one in self.accounts(FIRST)["accounts"] if one["kind"] == "user"]
        self.assertEqual({one.get("pool"): one["held"]["cpu"] for one in accounts}, {None: 3, "ci": 1})
        self.assertIn(f"user {FIRST} in ci", berth(self.agent, "accounts").stdout)

    def test_groups_come_before_users(self):
        self.use(under(kind="weighted", weights={"groups": {PHYSICS: 1, ARTS: 3}}))
        order = self.order(*[(FIRST, (PHYSICS,), {})] * 3, *[(SECOND, (PHYSICS, ARTS), {})] * 2, *[(FIRST, (ARTS,), {})] * 3)
        # One for physics, whose share arts has with three; of physics the second user goes first, who had nothing yet.
        self.assertEqual(order, [FIRST, FIRST, FIRST, FIRST, SECOND, SECOND, FIRST, FIRST])

    def test_who_had_much_waits(self):
        self.use(under(kind="fair", half_life="1h"))
        _, reservation = self.ask(FIRST, {"cpu": self.cpus()}, lease="10m")
        time.sleep(0.5)
        self.client.delete(path(reservation))
        asks = [(FIRST, (), {}), (SECOND, (), {})]
        self.assertEqual(self.order(*asks), [SECOND, FIRST])
        self.use(under())
        self.assertEqual(self.order(*asks), [FIRST, SECOND])

    def test_a_priority_above_the_cap_is_refused(self):
        self.use(STANDARD | {"caps": {"priority": 3, "priorities": {"users": {SECOND: 10}, "groups": {ARTS: 20}}}})
        for user, groups, most in ((FIRST, (), 3), (SECOND, (), 10), (SECOND, (ARTS,), 20)):
            self.assertEqual(self.ask(user, {"cpu": 0.1}, groups, priority=most)[0], 201)
            status, problem = self.ask(user, {"cpu": 0.1}, groups, priority=most + 1)
            self.assertEqual((status, problem["code"], problem["pointer"]), (409, "cap", "/priority"))
            self.assertEqual(problem["cap"], {"name": "priority", "most": most})
        self.assertEqual(self.ask(0, {"cpu": 0.1}, priority=1000)[0], 201)


class Quotas(PolicyCase):
    config = under(kind="quota", groups=[PHYSICS, ARTS], quotas=[
        {"each": "user", "hard": {"resources": {"cpu": 2}, "reservations": 3}, "soft": {"resources": {"cpu": 1}}},
        {"user": 0, "hard": {"reservations": 1000, "resources": {"cpu": 1000}}, "soft": {"resources": {"cpu": 1000}}},
        {"group": PHYSICS, "hard": {"hours": {"memory": "1KiB"}, "per": "1h"}},
        {"workflow": "nightly", "hard": {"resources": {"gpu": 0}}},
    ])

    def test_a_hard_one_refuses_and_says_which(self):
        self.assertEqual(self.ask(FIRST, {"cpu": 1.5})[0], 201)
        status, problem = self.ask(FIRST, {"cpu": 1})
        self.assertEqual((status, problem["code"], problem["ever"]), (409, "quota", True), problem)
        self.assertEqual(problem["quota"], {
            "hard": True, "type": "cpu", "amount": 2, "user": FIRST, "had": 1.5, "asked": 1})
        self.assertIn("2 of cpu for each user", problem["detail"])
        status, problem = self.ask(FIRST, {"cpu": 3}, wait="1m")
        self.assertEqual((status, problem["code"], problem["ever"]), (409, "quota", False), problem)
        self.assertEqual(self.ask(SECOND, {"cpu": 2})[0], 201)
        for _ in range(2):
            self.assertEqual(self.ask(FIRST, {"pids": 1})[0], 201)
        status, problem = self.ask(FIRST, {"pids": 1})
        self.assertEqual((status, problem["quota"]["reservations"], problem["quota"]["had"]), (409, 3, 3))
        status, problem = self.ask(SECOND, {"gpu": 1}, labels={"workflow": "nightly"})
        self.assertEqual((status, problem["quota"]["workflow"], problem["ever"]), (409, "nightly", False))
        self.assertEqual(self.ask(SECOND, {"gpu": 1}, labels={"workflow": "daily"})[0], 201)

    def test_what_would_do_with_less_is_cut_to_it(self):
        self.assertEqual(self.ask(FIRST, {"cpu": 0.5})[0], 201)
        status, part = self.ask(FIRST, {"cpu": {"amount": 8, "minimum": 1}})
        self.assertEqual((status, part["state"], part["resources"]["cpu"]["amount"]), (201, "partial", 1.5))
        status, other = self.ask(FIRST, {"cpu": 1}, alternatives=[{"memory": "1GiB"}])
        self.assertEqual((status, other["alternative"]), (201, 0))

    def test_who_waits_for_a_quota_is_granted_when_it_has_room(self):
        _, first = self.ask(FIRST, {"cpu": 1.5}, lease="10m")
        status, second = self.ask(FIRST, {"cpu": 1}, wait="1m", lease="10m")
        self.assertEqual((status, second["state"]), (202, "pending"))
        self.assertEqual(second["queue"]["quota"]["amount"], 2)
        (violation,) = second["queue"]["violations"]
        self.assertEqual(violation["code"], "quota")
        # It is told once.
        shown = berth(self.agent, "show", second["id"]).stdout
        self.assertIn(violation["message"], shown)
        self.assertNotIn("over the hard quota", shown)
        # It holds up nobody.
        self.assertEqual(self.ask(SECOND, {"cpu": 1})[0], 201)
        self.client.delete(path(first))
        self.wait_for(lambda: self.look(second)["state"] == "confirmed")

    def test_a_resize_keeps_them(self):
        _, reservation = self.ask(FIRST, {"cpu": 1.5})
        answer = self.client.patch(path(reservation), {"resources": {"cpu": 2.5}})
        self.assert_problem(answer, 409, "quota")
        self.assert_ok(self.client.patch(path(reservation), {"resources": {"cpu": 2}}))
        self.assert_ok(self.client.patch(path(reservation), {"resources": {"cpu": 0.5}}))

    def test_over_a_soft_one_it_is_a_surplus(self):
        _, within = self.ask(FIRST, {"cpu": 1})
        _, over = self.ask(FIRST, {"cpu": 0.5})
        self.assertEqual((within.get("surplus"), over.get("surplus")), (None, True))

    def test_hours_are_used_up(self):
        status, reservation = self.ask(FIRST, {"memory": "100MiB"}, (PHYSICS,), lease="10s")
        self.assertEqual((status, reservation["code"]), (409, "quota"), reservation)
        status, reservation = self.ask(FIRST, {"memory": "100MiB"}, (PHYSICS,))
        self.assertEqual((status, reservation["group"]), (201, str(PHYSICS)), reservation)
        time.sleep(0.2)
        status, problem = self.ask(SECOND, {"memory": "1MiB"}, (PHYSICS,), wait="1m")
        self.assertEqual((status, problem["state"], problem["queue"]["quota"]["per"]), (202, "pending", "1h"))
        self.assertIn("renewed_at", problem["queue"]["quota"])
        self.assertEqual(self.ask(SECOND, {"memory": "1MiB"}, (ARTS,))[0], 201)
        used = self.account("group", str(PHYSICS))["used"]
        self.assertEqual((used[0]["per"], used[0]["hours"]["memory"] > 1024), ("1h", True))

    def test_a_user_sees_its_own_account_and_its_group(self):
        self.ask(FIRST, {"cpu": 1}, (ARTS,))
        self.ask(SECOND, {"cpu": 0.5}, labels={"workflow": "x"})
        seen = self.accounts(FIRST, (ARTS,))["accounts"]
        self.assertEqual([one[one["kind"]] for one in seen], [str(ARTS), FIRST])
        self.assertEqual((seen[1]["reservations"], seen[1]["held"]["cpu"]), (1, 1))
        self.assertEqual(seen[1]["share"], 1 / self.cpus())
        self.assertEqual([quota["had"] for quota in seen[1]["quotas"] if "amount" in quota], [1, 1])
        kinds = {one["kind"] for one in self.accounts()["accounts"]}
        self.assertEqual(kinds, {"user", "group", "workflow"})

    def test_the_command_line_shows_them(self):
        self.ask(FIRST, {"cpu": 1}, (ARTS,))
        berth = os.path.join(os.environ["BERTH_BIN"], "berth")
        text = subprocess.run(
            [berth, "accounts", "--quotas", "--socket", self.agent.socket], capture_output=True, text=True, check=True).stdout
        self.assertIn("Policy", text)
        self.assertRegex(text, rf"user {FIRST} +- +1 +0 +[0-9.]+% +[0-9.]+% +cpu=1")
        self.assertRegex(text, rf"user {FIRST} +hard +cpu +2 +1")


class Memory(PolicyCase):
    config = under(kind="fair", half_life="10m", quotas=[{"each": "user", "hard": {"hours": {"cpu": 1000}, "per": "30d"}}])

    def test_what_was_used_is_remembered_over_a_restart_and_a_crash(self):
        _, reservation = self.ask(FIRST, {"cpu": self.cpus()}, lease="10m")
        time.sleep(0.5)
        self.client.delete(path(reservation))
        self.wait_for(lambda: self.resource("cpu")["held"] == 0)

        def had():
            account = self.account("user", FIRST)
            return account["average_share"], account["used"][0]["hours"]["cpu"]
        before = had()
        self.assertGreater(before[0], 0)
        self.assertGreater(before[1], 0)
        for end in (self.agent.kill, self.agent.stop, self.agent.kill):
            end()
            self.agent.start()
            self.client = self.agent.client()
            after = had()
            self.assertEqual(after[1], before[1])
            self.assertLessEqual(after[0], before[0])
            self.assertGreater(float(after[0]), float(before[0]) * 0.9)


class PoolMemory(PolicyCase):
    config = STANDARD | {"pools": {"ci": {"policy": {"kind": "fair", "half_life": "10m"}}}}

    def test_what_was_had_in_it_is_remembered_over_a_crash_and_a_restart(self):
        _, reservation = self.ask(FIRST, {"cpu": 1}, lease="10m", pool="ci")
        _, kept = self.ask(FIRST, {"cpu": 0.5}, lease="10m", pool="ci")
        time.sleep(0.5)
        self.client.delete(path(reservation))
        self.wait_for(lambda: self.resource("cpu")["held"] == 0.5)

        def inside():
            one, = [one for one in self.accounts(FIRST)["accounts"] if one.get("pool") == "ci" and one["kind"] == "user"]
            return one
        before = inside()
        self.assertEqual((before["held"], before["reservations"]), ({"cpu": 0.5}, 1))
        for end in (self.agent.kill, self.agent.stop):
            end()
            self.agent.start()
            self.client = self.agent.client()
            after = inside()
            self.assertEqual((after["held"], after["reservations"]), ({"cpu": 0.5}, 1))
            # It holds something meanwhile, so the mean grows a little.
            self.assertAlmostEqual(after["average_share"], before["average_share"], delta=before["average_share"])
            self.assertGreater(after["average_share"], 0)


class Live(PolicyCase):
    """Policies that administrators say while things run."""

    def put(self, name, **said):
        return self.assert_ok(self.client.request("PUT", f"/v1/pools/{name}", said))

    def test_the_default_pool_says_who_goes_first_on_the_host(self):
        asks = [(FIRST, (), {"priority": -1}), (SECOND, (), {"priority": 0})]
        self.assertEqual(self.order(*asks), [SECOND, FIRST])
        shown = self.put("default", policy={"kind": "weighted", "weights": {"users": {str(FIRST): 9}, "groups": {"0": 2}}})
        self.assertEqual(shown["policy"]["weights"], {"groups": {"0": 2}, "users": {str(FIRST): 9}})
        self.assertEqual(self.accounts()["policy"]["kind"], "weighted")
        self.assertEqual(self.account("user", FIRST)["weight"], 9)
        # It survives, and PUT without it takes it back.
        for end in (self.agent.kill, self.agent.stop):
            end()
            self.agent.start()
            self.client = self.agent.client()
            self.assertEqual(self.assert_ok(self.client.get("/v1/pools/default"))["policy"], shown["policy"])
            self.assertEqual(self.account("user", FIRST)["weight"], 9)
        self.assertNotIn("policy", self.put("default"))
        self.assertEqual(self.accounts()["policy"]["kind"], "priority")

    def test_a_pools_quota_binds_from_then_on_and_touches_nothing_that_runs(self):
        self.put("ci")
        _, held = self.ask(FIRST, {"cpu": 1}, pool="ci", lease="10m")
        self.put("ci", policy={"quotas": [{"each": "user", "hard": {"resources": {"cpu": 0.5}}}]})
        self.assertEqual(self.look(held)["state"], "confirmed")
        status, problem = self.ask(FIRST, {"cpu": 0.5}, pool="ci")
        self.assertEqual((status, problem["code"], problem["quota"]["pool"]), (409, "quota", "ci"))
        self.assertEqual(self.ask(FIRST, {"cpu": 0.5})[0], 201)
        self.put("ci")
        self.assertEqual(self.ask(FIRST, {"cpu": 0.5}, pool="ci")[0], 201)

    def test_what_is_wrong_is_told_with_its_place(self):
        for policy, pointer in [
                ({"kind": "fairest"}, "/policy/kind"), ({"kind": "quota"}, "/policy/quotas"),
                ({"quotas": [{"user": "nobody-at-all", "hard": {"reservations": 1}}]}, "/policy/quotas/0/user"),
                ({"groups": ["no-such-group"]}, "/policy/groups/0"), ({"agein": "1m"}, "/policy/agein")]:
            answer = self.client.request("PUT", "/v1/pools/ci", {"policy": policy})
            self.assertEqual((answer.status, answer.json["pointer"]), (422, pointer), answer.json)

    def test_the_command_line_says_it_too(self):
        def pools(*words):
            return berth(self.agent, "pools", *words)
        self.assertEqual(pools("--set", "ci", "--policy", "fair", "--users", "root").returncode, 0)
        self.assertEqual(self.assert_ok(self.client.get("/v1/pools/ci"))["users"], [0])
        self.assertIn("pool ci: policy fair, over users, half-life 7d", pools().stdout)
        # What is not said stays.
        self.assertEqual(pools("--set", "ci", "--weight", "7").returncode, 0)
        self.assertEqual(self.assert_ok(self.client.get("/v1/pools/ci"))["policy"]["kind"], "fair")
        quota = json.dumps({"quotas": [{"each": "user", "hard": {"reservations": 3}}]})
        self.assertEqual(pools("--set", "ci", "--policy", quota).returncode, 0)
        self.assertIn("pool ci: policy quota, a step of priority for 10m of waiting, nobody passed for more than 1d, 1 quota", pools().stdout)
        self.assertEqual(pools("--set", "ci", "--policy", "none").returncode, 0)
        self.assertNotIn("policy", pools().stdout)
        self.assertNotEqual(pools("--set", "ci", "--policy", "{").returncode, 0)


class Unfit(PolicyCase):
    """Where the host has not what pools are guaranteed, quotas hold all the same."""
    config = STANDARD | {"pools": {
        "default": {"policy": {"quotas": [{"each": "user", "hard": {"reservations": 0}}]}}, "ci": {"guaranteed": {"cpu": 9999}}}}

    def test_quotas_hold_though_the_pools_cannot_be_had(self):
        self.assertIn("the pools stay as they were", self.agent.log)
        status, problem = self.ask(FIRST, {"cpu": 0.5})
        self.assertEqual((status, problem["code"]), (409, "quota"))
        self.assertEqual([pool["name"] for pool in self.assert_ok(self.client.get("/v1/pools"))["pools"]], ["default"])


class Check(AgentCase):
    wrong = {
        "kind: fairest": (4, "fairest"),
        "kind: fair\n      half_life: soon": (5, "half_life"),
        "kind: priority\n      half_life: 7d": (5, "half_life"),
        "kind: fair\n      weights: {}": (5, "weights"),
        "groups:\n      - no-such-group": (5, "no group"),
        "kind: quota": (4, "quotas"),
        "quotas:\n      - hard: {reservations: 1}": (5, "whom it binds"),
        "quotas:\n      - each: user\n        hard: {}": (6, "limits nothing"),
        "quotas:\n      - each: user\n        hard: {resources: {cpus: 1}}": (6, "cpus"),
        "quotas:\n      - each: user\n        hard: {hours: {cpu: 1}}": (6, "per"),
        "quotas:\n      - user: nobody-at-all\n        hard: {reservations: 1}": (5, "no user"),
        "weights: {users: {0: 0}}\n      kind: weighted": (4, "at least 1"),
        "agein: 1m": (4, "ageing"),
    }

    def check(self, text):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "berth.yaml"
            file.write_text(text)
            result = subprocess.run(
                [os.path.join(os.environ["BERTH_BIN"], "berthd"), "--check", "--config", str(file)],
                capture_output=True, text=True)
            return result.returncode, (result.stdout + result.stderr).replace(str(file), "FILE")

    def test_what_is_wrong_is_told_with_file_and_line(self):
        for policy, (line, word) in self.wrong.items():
            with self.subTest(policy):
                status, text = self.check(f"pools:\n  default:\n    policy:\n      {policy}\n")
                self.assertNotEqual(status, 0)
                self.assertIn(f"FILE:{line}: ", text)
                self.assertIn(word, text)
        for pool in ("{kind: rubber}", "{policy: {kind: unfair}}", "{policy: {over: groups}}"):
            status, text = self.check(f"pools:\n  other: {pool}\n")
            self.assertNotEqual(status, 0)
            self.assertIn("FILE:2: ", text)

    def test_what_the_shipped_file_documents_is_right(self):
        shipped = (pathlib.Path(__file__).parents[3] / "etc/berth.yaml").read_text()
        start = shipped.index("#pools:")
        lines = shipped[start:].split("\n\n")[0].splitlines()
        text = "\n".join(line[1:] for line in lines)
        # Neither user nor group need be here, and weights go with one kind only.
        text = text.replace("alice", "0").replace("physics", "61001").replace("arts", "61002")
        status, told = self.check(text)
        self.assertIn("makes no sense with the kind", told)
        text = text.replace("half_life: 7d", "").replace("over: users", "").replace("kind: priority", "kind: weighted")
        status, told = self.check(text)
        self.assertEqual(status, 0, told + json.dumps(text))
