"""Quantities are numbers or texts, the same in requests and answers, and exact."""
import decimal

from kit import host
from kit.case import AgentCase, path

EXACT = [
    ("cpu", 1, 1), ("cpu", 0.01, "0.01"), ("cpu", 1.005, "1.005"), ("cpu", "1.5", "1.5"), ("cpu", "250m", "0.25"),
    ("cpu", "10m", "0.01"), ("cpu", 7.999, "7.999"),
    ("memory", 1, 1), ("memory", 1e9, 10**9), ("memory", "4GiB", 4 << 30), ("memory", "4Gi", 4 << 30),
    ("memory", "4G", 4 * 10**9), ("memory", "4GB", 4 * 10**9), ("memory", "1.5KiB", 1536), ("memory", "512", 512),
    ("pids", 7, 7), ("pids", "7", 7), ("gpu", 1, 1), ("gpu", "2", 2),
    ("gpu", 0.5, "0.5"), ("gpu", "250m", "0.25"), ("gpu", 0.01, "0.01"), ("gpu", "1000m", 1),
    ("network", "100Mbit", 10**8), ("network", "1G", 10**9), ("network", "1.5kbit/s", 1500), ("network", 1, 1),
]
INVALID = [
    ("cpu", 0), ("cpu", 0.009), ("cpu", 1.0005), ("cpu", -1), ("cpu", "1.5cores"), ("cpu", "-1"), ("cpu", ""), ("cpu", " 1"),
    ("cpu", "1,5"), ("cpu", "0x10"), ("cpu", "1e3"), ("cpu", "NaN"), ("cpu", True), ("cpu", None), ("cpu", []), ("cpu", "1Gi"),
    ("memory", 0), ("memory", 0.3), ("memory", "0.3"), ("memory", "1GiX"), ("memory", "1gb"), ("memory", "1EiB"),
    ("memory", 1 << 53), ("memory", "8PiB"), ("memory", 10**30), ("memory", 1e308), ("memory", "9" * 400), ("memory", "1m"),
    ("pids", 0.5), ("pids", "1k"), ("pids", 0), ("gpu", 1.5), ("gpu", "1001m"), ("gpu", 0.009), ("gpu", 0), ("gpu", -1), ("network", "1GiX"),
    ("network", 0),
]
BROKEN_OBJECTS = [
    ({"cpu": {}}, "/resources/cpu/amount"), ({"cpu": {"limit": 1}}, "/resources/cpu/amount"),
    ({"cpu": {"amount": 2, "limit": 1}}, "/resources/cpu/limit"),
    ({"memory": {"amount": "1GiB", "limit": "1G"}}, "/resources/memory/limit"),
    ({"cpu": {"amount": 2, "exclusive": True, "limit": 2}}, "/resources/cpu/limit"),
    ({"cpu": {"amount": 2, "exclusive": 1}}, "/resources/cpu/exclusive"),
    ({"memory": {"amount": 1, "exclusive": True}}, "/resources/memory/exclusive"),
    ({"pids": {"amount": 1, "where": {}}}, "/resources/pids/where"),
    ({"cpu": {"amount": 1, "where": {"numa": 0}}}, "/resources/cpu/where/numa"),
    ({"cpu": {"amount": 1, "exclusive": True, "where": {"colour": "red"}}}, "/resources/cpu/where/colour"),
    ({"cpu": {"amount": 1, "exclusive": True, "where": {"numa": 7}}}, "/resources/cpu/where/numa"),
    ({"cpu": {"amount": 1, "exclusive": True, "where": {"numa": -1}}}, "/resources/cpu/where/numa"),
    ({"cpu": {"amount": 1, "exclusive": True, "where": {"numa": "0"}}}, "/resources/cpu/where/numa"),
    ({"memory": {"amount": 1, "where": {"numa": 5}}}, "/resources/memory/where/numa"),
    ({"gpu": {"amount": 1, "where": {"wings": 2}}}, "/resources/gpu/where/wings"),
    ({"gpu": {"amount": 1, "where": {"vram": [[1]]}}}, "/resources/gpu/where/vram/0"),
    ({"storage": {"device": "vda"}}, "/resources/storage"), ({"storage": [{"device": "vda"}]}, "/resources/storage/0/read"),
    ({"storage": [{"read": 1}]}, "/resources/storage/0/device"), ({"storage": [{"device": "sdx", "read": 1}]}, "/resources/storage"),
    ({"storage": [{"device": "../vda", "read": 1}]}, "/resources/storage"),
    ({"storage": [{"device": "vda", "read": 1}, {"device": "vda", "write": 1}]}, "/resources/storage/1/device"),
    ({"storage": [{"device": "vda", "read": 1}, {"device": "vda1", "write": 1}]}, "/resources/storage"),
    ({"storage": [{"device": "vda", "read": 0}]}, "/resources/storage/0/read"),
    ({"storage": [{"device": "vda", "weight": 0}]}, "/resources/storage/0/weight"),
    ({"storage": [{"device": "vda", "read": 1, "weight": 10_001}]}, "/resources/storage/0/weight"),
    ({"storage": [{"device": "vda", "weight": "heavy"}]}, "/resources/storage/0/weight"),
]


class Quantities(AgentCase):
    def test_every_way_to_write_a_quantity_means_the_same(self):
        for name, written, amount in EXACT:
            with self.subTest(f"{name}: {written!r}"):
                granted = self.granted({name: written})
                shown = granted["resources"][name]["amount"]
                self.assertEqual(decimal.Decimal(shown), decimal.Decimal(amount))
                self.assertEqual(self.resource(name)["held"], shown)
                self.assert_ok(self.client.delete(path(granted)))
                # An answer's own number may be asked for again; as a text, for JSON has no decimals here.
                again = self.granted({name: str(shown)})
                self.assertEqual(again["resources"], granted["resources"])
                self.assert_ok(self.client.delete(path(again)))

    def test_what_is_no_quantity_is_refused_with_its_place_and_what_would_do(self):
        for name, written in INVALID:
            with self.subTest(f"{name}: {written!r}"):
                answer = self.client.reserve({name: written})
                problem = self.assert_problem(answer, 422, "invalid", pointer=f"/resources/{name}")
                self.assertTrue(problem.get("expected") or "at least" in problem["detail"], problem)

    def test_a_number_that_no_float_holds_is_read_exactly(self):
        answer = self.client.request("POST", "/v1/reservations", raw=b'{"resources":{"memory":9007199254740992.5}}')
        self.assert_problem(answer, 422, "invalid")
        answer = self.client.request("POST", "/v1/reservations", raw=b'{"resources":{"memory":1.000000000000000000001}}')
        self.assert_problem(answer, 422, "invalid")
        answer = self.client.request("POST", "/v1/reservations", raw=b'{"resources":{"cpu":25e-2,"memory":1E+3}}')
        self.assertEqual(self.assert_ok(answer, 201)["resources"]["memory"]["amount"], 1000)

    def test_the_largest_quantity_is_short_and_no_error(self):
        problem = self.assert_problem(self.client.reserve({"memory": (1 << 53) - 1}), 409, "insufficient", ever=False)
        self.assertEqual(problem["shortfalls"][0]["asked"], (1 << 53) - 1)

    def test_objects_that_make_no_sense_are_refused_with_their_place(self):
        for resources, pointer in BROKEN_OBJECTS:
            with self.subTest(str(resources)):
                self.assert_problem(self.client.reserve(resources), 422, "invalid", pointer=pointer)
        self.assertEqual(self.live(), [])


class Sums(AgentCase):
    def test_sums_of_the_largest_quantities_do_not_overflow(self):
        # 1,025 times 2^53 is more than 64 bits hold. Nothing counts against a rate that nobody stated a capacity for.
        largest = (1 << 53) - 1
        for _ in range(1100):
            answer = self.client.reserve({"storage": [{"device": host.DISK, "read": largest}]})
            self.assertIn(answer.status, (201, 409, 422), answer)
        self.assertEqual(self.client.get("/v1/health").status, 200)
