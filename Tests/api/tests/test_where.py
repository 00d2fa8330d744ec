"""What units must be: comparisons, patterns and lists of them."""
import json

from kit import host
from kit.case import AgentCase, path
from kit.command import berth

A, B, C, D = host.GPUS
#: What is said, and the GPUs that are so.
CHOICES = [
    ({"vram": ">=64GiB"}, {B, C, D}), ({"vram": "<=64GiB"}, {A, B, C}), ({"vram": ">64GiB"}, {D}), ({"vram": "<64Gi"}, {A}),
    ({"vram": f">={64 * host.GIB}"}, {B, C, D}), ({"vram": f">{64 * host.GIB - 1}"}, {B, C, D}), ({"vram": "> 68.7G"}, {B, C, D}),
    ({"vram": "> 68.8G"}, {D}), ({"vram": [">=40GiB", "<100GiB"]}, {B, C}), ({"vram": [64 * host.GIB]}, {B, C}),
    ({"vram": "!=64GiB"}, {A, D}), ({"vram": ["!=64GiB", "!=32GiB"]}, {D}), ({"vram": 6.4 * 10 * host.GIB}, {B, C}),
    ({"model": "~*MI2*"}, {B, C, D}), ({"model": "~AMD * MI2?0"}, {B, C}), ({"model": "~*mi2*"}, set()), ({"model": "~MI2"}, set()),
    ({"model": "!=AMD Instinct MI210"}, {A, D}), ({"model": "=AMD Instinct MI100"}, {A}), ({"model": ">=1"}, set()),
    ({"numa": "!=0"}, {C, D}), ({"numa": ["<1", ">=0"]}, {A, B}), ({"numa": 1, "vram": "<=64GiB", "model": "~*"}, {C}),
    ({"pci": "~0000:8?:*"}, {C, D}), ({"vram": "=64GiB"}, set()), ({"vram": "~*"}, set()),
]
SENSELESS = [
    (">=", ""), ("<", ""), ("!=", ""), ("~", ""), ("=", ""), (">=much", ""), (">=40 GiB", ""), ("<1.", ""), (None, ""), ({}, ""),
    ([], ""), (["<1"] * 9, ""), ([[1]], "/0"), ([1, None], "/1"), (["!=1", ">=40gib"], "/1"), ("~" + "x" * 64, ""),
]


class Where(AgentCase):
    def test_units_are_chosen_by_it(self):
        for where, wanted in CHOICES:
            with self.subTest(str(where)):
                if wanted:
                    granted = self.granted({"gpu": {"amount": len(wanted), "where": where}})
                    self.assertEqual({unit["name"] for unit in granted["units"]}, wanted)
                    self.assertEqual(granted["resources"]["gpu"]["where"], where)
                    self.client.delete(path(granted))
                answer = self.client.reserve({"gpu": {"amount": len(wanted) + 1, "where": where}})
                problem = self.assert_problem(answer, 409, "insufficient", ever=False)
                self.assertEqual(problem["shortfalls"][0]["capacity"], len(wanted))

    def test_what_makes_no_sense_is_refused_with_its_place_and_an_example(self):
        for value, rest in SENSELESS:
            with self.subTest(str(value)):
                answer = self.client.reserve({"gpu": {"amount": 1, "where": {"vram": value}}})
                pointer = f"/resources/gpu/where/vram{rest}"
                self.assertIn("such as", self.assert_problem(answer, 422, "invalid", pointer=pointer)["expected"])
        self.assertEqual(self.live(), [])

    def test_a_node_is_a_number_or_a_comparison(self):
        for value in ("0", "~0", "=1", "!=x", True, 65536, ">=x"):
            for resources in ({"memory": {"amount": 1, "where": {"numa": value}}}, {"gpu": {"amount": 1, "where": {"numa": value}}}):
                with self.subTest(str(resources)):
                    kind = next(iter(resources))
                    self.assert_problem(
                        self.client.reserve(resources), 422, "invalid", pointer=f"/resources/{kind}/where/numa")

    def test_memory_and_cores_are_of_nodes_that_will_do(self):
        granted = self.granted(
            {"memory": {"amount": "10GiB", "where": {"numa": ">0"}}, "cpu": {"amount": 4, "exclusive": True, "where": {"numa": "!=0"}}})
        self.assertEqual(granted["resources"]["memory"]["numa_nodes"], "1")
        self.assertEqual(granted["resources"]["cpu"]["cpus"], "4-7")
        anywhere = {"memory": {"amount": "10GiB", "where": {"numa": "<9"}}}
        self.assertEqual(self.granted(anywhere)["resources"]["memory"]["numa_nodes"], "0")
        problem = self.assert_problem(self.client.reserve(anywhere), 409, "insufficient", ever=True)
        self.assertEqual(problem["shortfalls"][0]["free"], 6 * host.GIB)
        problem = self.assert_problem(
            self.client.reserve({"memory": {"amount": 1, "where": {"numa": ">1"}}}), 422, "invalid",
            pointer="/resources/memory/where/numa")
        self.assertIn("known: 0-1", str(problem))

    def test_interfaces_are_chosen_by_it(self):
        self.granted({"network": {"amount": "1Gbit", "where": {"speed": ">=10Gbit"}}})
        answer = self.client.reserve({"network": {"amount": "1Gbit", "where": {"speed": ">10Gbit"}}})
        self.assert_problem(answer, 409, "insufficient", ever=False)

    def test_a_resize_keeps_it_where_it_says_nothing_of_it(self):
        held = self.granted({"gpu": {"amount": 1, "where": {"model": "~*MI210"}}}, lease="1h")
        grown = self.assert_ok(self.client.patch(path(held), {"resources": {"gpu": 2}}))
        self.assertEqual({unit["name"] for unit in grown["units"]}, {B, C})
        self.assertEqual(grown["resources"]["gpu"]["where"], {"model": "~*MI210"})
        self.assert_problem(self.client.patch(path(held), {"resources": {"gpu": 3}}), 409, "insufficient")
        other = self.client.patch(path(held), {"resources": {"gpu": {"amount": 3, "where": {"vram": ">32GiB"}}}})
        self.assertEqual({unit["name"] for unit in self.assert_ok(other)["units"]}, {B, C, D})

    def test_the_ledger_keeps_what_was_written(self):
        where = {"vram": [">= 40GiB", "<1e12"], "model": "~*MI2*", "numa": "!=0"}
        held = self.granted({"gpu": {"amount": 1, "where": where}}, lease="1h")
        self.assertEqual(held["resources"]["gpu"]["where"], where)
        self.agent.kill()
        self.agent.start()
        self.client.close()
        self.assertEqual(self.look(held)["resources"]["gpu"]["where"], where)
        grown = self.assert_ok(self.client.patch(path(held), {"resources": {"gpu": 2}}))
        self.assertEqual({unit["name"] for unit in grown["units"]}, {C, D})

    def test_a_disk_is_chosen_by_it(self):
        ask = {"where": {"rotational": False, "size": ">=64GiB"}, "write": "10MiB"}
        granted = self.granted({"storage": [ask]})
        self.assertEqual(granted["resources"]["storage"], [{"device": "vda", "write": 10 << 20}])
        # There is one alone.
        problem = self.assert_problem(self.client.reserve({"storage": [ask, ask]}), 409, "insufficient", ever=False)
        self.assertEqual([(one["asked"], one["capacity"]) for one in problem["shortfalls"]], [(2, 1)])
        problem = self.assert_problem(
            self.client.reserve({"storage": [{"where": {"rotational": True}, "read": 1}]}), 409, "insufficient", ever=False)
        self.assert_problem(
            self.client.reserve({"storage": [{"where": {"colour": "red"}, "read": 1}]}), 422, "invalid",
            pointer="/resources/storage")
        for entry, rest in (({"device": "vda", "where": {}, "read": 1}, "/where"), ({"read": 1}, "/device"),
                            ({"where": {"size": ">=much"}, "read": 1}, "/where/size")):
            with self.subTest(str(entry)):
                answer = self.client.reserve({"storage": [entry]})
                self.assert_problem(answer, 422, "invalid", pointer=f"/resources/storage/0{rest}")
        changed = self.client.patch(path(granted), {"resources": {"storage": [ask]}})
        self.assertEqual((changed.status, changed.json["code"]), (422, "invalid"), changed.json)
        self.client.delete(path(granted))
        done = berth(self.agent, "reserve", "--io-write", "any=10MiB", "--where", "rotational=false", "--lease", "1m", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["resources"]["storage"], [{"device": "vda", "write": 10 << 20}])
        for words, text in (
            (["--io-write", "any=1M", "--where", "rotational=true"], "without --where storage.rotational"),
            (["--io-write", "vda=1M", "--where", "storage.rotational=true"], "in the place of a name"),
        ):
            done = berth(self.agent, "explain", *words)
            self.assertIn(text, done.stdout + done.stderr)
