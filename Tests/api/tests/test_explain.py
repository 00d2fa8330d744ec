"""What would make a request fit: every change that is told is tried from outside."""
import copy
import datetime
import json

from kit import host
from kit.case import AgentCase, path
from kit.command import berth
from kit.seed import source


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def applied(body, change):
    """The body with what the change sets, as a client does it that knows nothing but pointers."""
    body = copy.deepcopy(body)
    for edit in change["set"]:
        names = [name.replace("~1", "/").replace("~0", "~") for name in edit["pointer"].split("/")[1:]]
        place = body
        for name in names[:-1]:
            place = place[int(name)] if isinstance(place, list) else place[name]
        last = int(names[-1]) if isinstance(place, list) else names[-1]
        if edit["value"] is None:
            del place[last]
        else:
            place[last] = edit["value"]
    # Numbers are read as decimals, which nobody writes.
    return json.loads(json.dumps(body, default=float))


class Explain(AgentCase):
    def explain(self, body):
        return self.assert_ok(self.client.post("/v1/explain", body))

    def tried(self, body):
        """The changes for a request that does not fit, each of which fits when it is asked."""
        told = self.explain(body)
        self.assertEqual((told["granted"], told["complete"]), (False, True), told)
        self.assertTrue(told["violations"], told)
        for violation in told["violations"]:
            self.assertTrue({"code", "pointer", "message", "source"} <= set(violation), violation)
        for change in told["changes"]:
            if change["kind"] not in ("later", "preempt"):
                self.assertTrue(self.explain(applied(body, change))["granted"], (body, change))
        return told["changes"]

    def test_what_would_be_granted_says_where_and_how_it_was_chosen(self):
        told = self.explain({"resources": {"gpu": 2, "cpu": {"amount": 2, "exclusive": True}}})
        self.assertEqual((told["granted"], told["numa_nodes"]), (True, [0]))
        self.assertEqual(told["choice"], {"strategy": "optimized", "exact": True, "nodes": 1})
        text = berth(self.agent, "explain", "--gpu", "2").stdout
        self.assertIn("chosen by optimized, on NUMA node 0: nothing else is better by it", text)

    def test_as_much_as_fits_and_not_one_more(self):
        self.granted({"memory": "8GiB", "pids": 32000, "gpu": 3}, lease="1h")
        body = {"resources": {"memory": "30GiB"}, "lease": "2h"}
        changes = self.tried(body)
        self.assertEqual(changes[-1]["less"], [{"type": "memory", "asked": 30 * host.GIB, "fits": 24 * host.GIB}])
        self.assertEqual(changes[-1]["message"], "It would fit with 24GiB of memory instead of 30GiB.")
        more = {"resources": {"memory": 24 * host.GIB + 1}, "lease": "2h"}
        self.assertFalse(self.explain(more)["granted"])
        both = self.tried({"resources": {"pids": 1000, "gpu": 2, "cpu": 2}})
        self.assertIn([("pids", 768), ("gpu", 1)], [[(less["type"], less["fits"]) for less in change.get("less", [])] for change in both])

    def test_without_a_condition_and_what_there_is(self):
        changes = self.tried({"resources": {"gpu": {"amount": 1, "where": {"vram": ">=200GiB"}}}})
        self.assertEqual((changes[0]["kind"], changes[0]["fact"]), ("where", "vram"))
        self.assertEqual(changes[0]["set"][0]["value"]["where"], {"vram": ">=128GiB"})
        changes = self.tried({"resources": {"gpu": {"amount": 3, "where": {"numa": 1}}}})
        self.assertIn("where", [change["kind"] for change in changes])
        self.granted({"gpu": {"amount": 2, "where": {"numa": 1}}}, lease="1h")
        changes = self.tried({"resources": {"gpu": {"amount": 2, "where": {"numa": 1}}}})
        self.assertEqual((changes[0]["kind"], changes[0]["node"]), ("node", 0))

    def test_a_moment_at_which_it_fits(self):
        self.granted({"cpu": 6}, lease="1h")
        held = self.granted({"cpu": 2}, lease="3s", end="released")
        changes = self.tried({"resources": {"cpu": 1}})
        later = next(change for change in changes if change["kind"] == "later")
        self.assertEqual(later["after"], [held["id"]])
        self.assertAlmostEqual(moment(later["at"]), moment(held["expires_at"]), delta=0.1)
        answer = self.client.reserve({"cpu": 1}, wait=later["set"][0]["value"])
        self.assertEqual(answer.status, 201, answer)
        self.assertAlmostEqual(moment(answer.json["granted_at"]), moment(later["at"]), delta=2)

    def test_a_lease_that_is_over_in_time(self):
        self.granted({"cpu": 6}, lease="10m")
        waiting = self.client.reserve({"cpu": 8}, {"Prefer": "respond-async"}, wait="1h", lease="1h").json
        self.addCleanup(self.client.delete, path(waiting))
        body = {"resources": {"cpu": 1}, "lease": "1h"}
        told = self.explain(body)
        self.assertEqual(told["problem"]["code"], "would_delay")
        self.assertEqual((told["violations"][0]["source"], told["violations"][0]["check"]), ("berth", "queue"))
        short = next(change for change in self.tried(body) if change["kind"] == "lease")
        self.assertRegex(short["message"], r"^It would fit now with a lease of 9m\d+s instead of 1h\.$")

    def test_the_command_line_says_what_to_type(self):
        self.granted({"memory": "8GiB"}, lease="1h")
        told = berth(self.agent, "explain", "--memory", "30GiB", "--lease", "2h")
        self.assertEqual(told.returncode, 1)
        self.assertIn("it would not be granted: memory: 30GiB asked, 24GiB of 32GiB free", told.stderr)
        self.assertIn("It would fit with 24GiB of memory instead of 30GiB. (--memory 24GiB)", told.stderr)
        self.assertRegex(told.stderr, r"It would fit at \S+, when the lease of \w+ ends\. \(--wait \w+\)")
        told = berth(self.agent, "explain", "--gpu", "1", "--where", "gpu.vram>=200GiB")
        self.assertIn("(--where 'gpu.vram>=128GiB')", told.stderr)
        told = berth(self.agent, "explain", "--gpu", "3", "--same", "numa")
        self.assertIn("It would fit on several NUMA nodes together. (without --same)", told.stderr)
        told = berth(self.agent, "explain", "--exclusive-cpu", "8", "--gpu", "5")
        self.assertIn("(--gpu 4)", told.stderr)

    def test_random_requests_fit_with_every_change_that_is_told(self):
        rng = source("explain")
        kinds = {}
        for _ in range(60):
            if rng.random() < 0.5:
                self.client.reserve(self.drawn(rng), lease=rng.choice(["10m", "1h"]))
            elif self.live():
                self.client.delete(path(rng.choice(self.live())))
            body = {"resources": self.drawn(rng)}
            if rng.random() < 0.5:
                body["lease"] = rng.choice(["1m", "2h"])
            if rng.random() < 0.3:
                body["same"] = "numa"
            if not self.explain(body)["granted"]:
                for change in self.tried(body):
                    kinds[change["kind"]] = kinds.get(change["kind"], 0) + 1
        print(f"changes tried: {kinds}")
        self.assertTrue({"less", "later"} <= set(kinds), kinds)

    @staticmethod
    def drawn(rng):
        resources = {
            "cpu": {"amount": rng.randint(1, 9), "exclusive": rng.random() < 0.5}, "memory": {"amount": f"{rng.randint(1, 33)}GiB"},
            "gpu": {"amount": rng.choice([0.3, 0.6, 1, 2, 4, 5])}, "pids": {"amount": rng.randint(1, 33000)},
        }
        if rng.random() < 0.3:
            resources["gpu"]["where"] = rng.choice([{"vram": ">=64GiB"}, {"numa": 1}, {"model": "~*MI100"}, {"vram": ">=1TiB"}])
        if rng.random() < 0.3:
            resources["memory"]["where"] = {"numa": rng.choice([0, 1])}
        return dict(rng.sample(sorted(resources.items()), rng.randint(1, 3)))
