"""What would make a request fit: every change that is told is tried from outside."""
import copy
import datetime
import json
import re
import shlex

from kit import host
from kit.agent import FIRST, STANDARD
from kit.case import AgentCase, path
from kit.command import berth
from kit.seed import source
from kit.users import as_user


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

    def test_what_would_be_granted_says_why_those_units_and_not_the_first(self):
        first, second, third, _ = host.GPUS
        self.granted({"gpu": {"amount": 1, "where": {"model": "~*MI100"}}}, lease="1h")
        why = self.explain({"resources": {"gpu": 2}})["why"]
        self.assertEqual((why["by"], why["chosen"], why["first"], why["first_units"]), ("numa_nodes", 1, 2, [second, third]))
        self.assertEqual(
            why["message"], f"they lie on 1 NUMA node, and the first that fit, by number ({second}, {third}), on 2")
        self.assertIn(f"why those: {why['message']}\n", berth(self.agent, "explain", "--gpu", "2").stdout)
        self.granted({"gpu": {"amount": 0.25, "where": {"numa": 0}}}, lease="1h")
        why = self.explain({"resources": {"gpu": 0.5}, "strategy": "balanced"})["why"]
        self.assertEqual((why["by"], why["chosen"], why["first"], why["first_units"]), ("fullest", 500, 750, [second]))
        # Those are the first.
        for strategy in ("greedy", "balanced"):
            self.assertNotIn("why", self.explain({"resources": {"memory": "1GiB"}, "strategy": strategy}))
        self.assertNotIn("why", self.explain({"resources": {"gpu": 0.5}, "strategy": "greedy"}))

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

    def test_the_hint_says_what_can_never_have_it(self):
        whole = "ask for less: the whole host does not have this"
        for body, hints in (
                ({"resources": {"gpu": 5, "cpu": 2}}, [whole]), ({"resources": {"gpu": 3}, "same": "numa"}, ["ask for less: no NUMA node has this"])):
            told = self.explain(body)
            self.assertEqual([violation["hint"] for violation in told["violations"]], hints)
        self.granted({"cpu": 8}, lease="1h")
        told = self.explain({"resources": {"gpu": 5, "cpu": 2}})
        hints = {violation["pointer"]: violation["hint"] for violation in told["violations"]}
        self.assertEqual(hints["/resources/gpu"], whole)
        self.assertIn("wait in turn", hints["/resources/cpu"])

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


def pairs(text):
    """Options, each with its value; None for what has none."""
    found = []
    for word in shlex.split(text):
        if word.startswith("--") or not found or found[-1][1] is not None:
            found.append((word, None))
        else:
            found[-1] = (found[-1][0], word)
    return found


def thing(option, value):
    """What an option speaks of: what is said of the same again is said in its place."""
    if option in ("--where", "--prefer"):
        return option, re.split(r"[=<>~!]", value)[0]
    if option.startswith("--io-"):
        return option, value.split("=")[0]
    return "--cpu" if option == "--exclusive-cpu" else option


def typed(arguments, message, suggestion):
    """The arguments with what is suggested, as a person types it that has read the line."""
    arguments = pairs(arguments)
    if alternative := re.match(r"Alternative (\d+) ", message):
        (option, value), = pairs(suggestion)
        places = [index for index, each in enumerate(arguments) if each[0] == "--or"]
        assert option == "--or", suggestion
        arguments[places[int(alternative[1]) - 1]] = (option, value)
        suggestion = ""
    said, *dropped = re.split(r"(?:^| )without (?:that )?", suggestion)
    for option, value in [pairs(each)[0] for each in dropped]:
        kept = [each for each in arguments
                if each[0] != option or value is not None and thing(*each) != (option, value)]
        assert len(kept) < len(arguments), suggestion
        arguments = kept
    new = pairs(said)
    arguments = [each for each in arguments if thing(*each) not in [thing(*each) for each in new]] + new
    return [word for each in arguments for word in each if word is not None]


class Typing(AgentCase):
    """Whatever is suggested is typed, and is granted."""
    config = STANDARD | {
        "preemption": {"grace": "1s"}, "caps": {"priority": 0}, "disks": {"vda": {"write": "100MiB", "read": "100MiB"}}}

    #: What is held before, what is asked for, and the kinds of what is suggested.
    SCENES = [
        ([{"memory": "8GiB"}], "--memory 26GiB..30GiB --lease 2h", {"less", "later"}),
        ([{"pids": 32000}], "--pids 1000 --gpu 2..6", {"less", "later"}),
        ([{"gpu": 3}, {"gpu": 0.5}], "--gpu 1 --memory 1GiB", {"less", "later"}),
        ([{"cpu": 1.5}], "--exclusive-cpu 8 --gpu 5", {"less"}),
        ([{"storage": [{"device": "vda", "write": "60MiB"}]}], "--io-write /dev/vda=50MiB --io-read /dev/vda=200MiB --cpu 1",
         {"less"}),
        ([{"network": "6Gbit"}], "--network 5Gbit", {"less"}),
        ([], "--gpu 1 --where 'gpu.vram>=200GiB'", {"where"}),
        ([], "--gpu 1 --where 'gpu.model~*MI300*'", {"where"}),
        ([{"gpu": {"amount": 2, "where": {"numa": 1}}}], "--gpu 2 --where gpu.numa=1", {"node"}),
        ([{"cpu": 1}], "--exclusive-cpu 5 --where cpu.numa=1 --prefer cpu.numa=1", {"shared", "where"}),
        ([{"cpu": 1}], "--exclusive-cpu 5..8 --where cpu.numa=1", {"shared"}),
        ([], "--gpu 3 --same numa", {"same", "less"}),
        ([{"gpu": {"amount": 1, "where": {"numa": 0}}}], "--gpu 3 --near app=db", {"affinity"}),
        ([{"gpu": {"amount": 1, "where": {"numa": 0}}}], "--gpu 3 --apart app=db", {"anti_affinity"}),
        ([{"cpu": 6}, {"cpu": 8}], "--cpu 1 --lease 1h --priority=-1", {"lease"}),
        ([], "--cpu 1 --priority 5", {"priority"}),
        ([{"cpu": 8}], "--cpu 2 --priority 0", {"preempt"}),
        ([{"cpu": 1}], "--gpu 5 --or cpu=9,memory=2GiB --or exclusive-cpu=5,cpu.numa=1 --or 'gpu=1,gpu.vram>=200GiB'",
         {"less", "shared", "where"}),
        ([{"gpu": {"amount": 2, "where": {"numa": 1}}}], "--gpu 5 --or gpu=2,gpu.numa=1,pids=100 --or memory=20GiB..40GiB,gpu=3",
         {"less", "node"}),
    ]

    def hold(self, held):
        for reservation in self.client.get("/v1/reservations?state=pending").json["reservations"] + self.live():
            self.client.delete(path(reservation) + "?grace=0s")
        for resources in held:
            answer = self.client.reserve(
                resources, {"Prefer": "respond-async"}, lease="10m", wait="1h", priority=-1, labels={"app": "db"})
            self.assertIn(answer.status, (201, 202), answer)

    def as_asker(self, *arguments):
        """Only who is no admin has caps."""
        return as_user(FIRST, lambda: berth(self.agent, *arguments))

    def test_what_is_suggested_is_granted_when_it_is_typed(self):
        tried = {}
        for held, asked, kinds in self.SCENES:
            self.hold(held)
            run = self.as_asker if "priority 5" in asked else lambda *words: berth(self.agent, *words)
            words = shlex.split(asked)
            changes = json.loads(run("explain", "--json", *words).stdout).get("changes", [])
            lines = re.findall(r"^ +(\S.* would fit.*)$", run("explain", *words).stderr, re.M)
            self.assertEqual(len(lines), len(changes), (asked, lines))
            self.assertLessEqual(kinds, {change["kind"] for change in changes}, (asked, lines))
            for line, change in zip(lines, changes):
                self.assertEqual(line.split(" would ")[0], change["message"].split(" would ")[0])
                self.assertRegex(line, r"\(.+\)$", asked)
                suggestion = re.search(r"\(([^()]+)\)$", line)[1]
                with self.subTest(asked=asked, line=line):
                    new = typed(asked, change["message"], suggestion)
                    told = run("explain", "--json", *new)
                    if change["kind"] in ("later", "preempt"):
                        self.assertTrue(json.loads(told.stdout)["waits"], (new, told))
                    else:
                        self.assertEqual(told.returncode, 0, (new, told))
                    if change["kind"] != "later":
                        given = run("reserve", "--json", *new)
                        self.assertEqual(given.returncode, 0, (new, given))
                        self.hold(held)
                tried[change["kind"]] = tried.get(change["kind"], 0) + 1
        print(f"typed: {tried}")
