"""What does not fit is 409 with every type that is short."""
from kit import host
from kit.agent import Agent
from kit.case import AgentCase, path


class Shortfalls(AgentCase):
    def short(self, resources):
        """The shortfalls by type, and whether it could ever fit."""
        problem = self.assert_problem(self.client.reserve(resources), 409, "insufficient")
        for shortfall in problem["shortfalls"]:
            self.assertLessEqual({"type", "asked", "free", "capacity"}, shortfall.keys())
        short = {each["type"]: (each["asked"], each["free"], each["capacity"]) for each in problem["shortfalls"]}
        return short, problem["ever"]

    def test_what_never_fits_says_so(self):
        self.assertEqual(self.short({"cpu": 9}), ({"cpu": (9, 8, 8)}, False))

    def test_what_fits_later_says_so(self):
        self.granted({"cpu": 5})
        self.assertEqual(self.short({"cpu": 3.5}), ({"cpu": (3.5, 3, 8)}, True))

    def test_every_short_type_is_named_and_no_other(self):
        self.granted({"memory": "20GiB", "gpu": 3, "network": "9Gbit", "pids": 1000})
        short, ever = self.short({"cpu": 1, "memory": "20GiB", "gpu": 2, "network": "2Gbit", "pids": host.PIDS})
        self.assertEqual(short, {
            "memory": (20 * host.GIB, 12 * host.GIB, host.MEMORY), "gpu": (2, 1, 4),
            "network": (2 * 10**9, 10**9, host.SPEED), "pids": (host.PIDS, host.PIDS - 1000, host.PIDS),
        })
        self.assertTrue(ever)
        self.assertEqual(self.resource("cpu")["held"], 0)

    def test_one_type_that_never_fits_is_enough(self):
        self.granted({"cpu": 8})
        short, ever = self.short({"cpu": 1, "memory": "64GiB"})
        self.assertEqual((set(short), ever), ({"cpu", "memory"}, False))

    def test_exclusive_cpus_leave_what_shared_amounts_need(self):
        self.granted({"cpu": 1})
        self.assertEqual(self.short({"cpu": {"amount": 7, "exclusive": True}}), ({"cpu": (7, 6, 8)}, True))
        granted = self.granted({"cpu": {"amount": 6, "exclusive": True}})
        self.assertEqual(granted["resources"]["cpu"]["cpus"], "2-7")
        self.assertEqual(self.short({"cpu": 1.5}), ({"cpu": (1.5, 1, 8)}, True))
        self.granted({"cpu": 1})

    def test_with_nothing_shared_exclusive_takes_all(self):
        self.assertEqual(self.granted({"cpu": {"amount": 8, "exclusive": True}})["resources"]["cpu"]["cpus"], "0-7")
        self.assertEqual(self.short({"cpu": "10m"})[1], True)

    def test_one_node_has_less_than_all(self):
        self.assertEqual(
            self.short({"memory": {"amount": "17GiB", "where": {"numa": 1}}}),
            ({"memory": (17 * host.GIB, 16 * host.GIB, 16 * host.GIB)}, False))
        self.granted({"memory": {"amount": "10GiB", "where": {"numa": 1}}})
        short, ever = self.short({"memory": {"amount": "10GiB", "where": {"numa": 1}}})
        self.assertEqual((short["memory"][1], ever), (6 * host.GIB, True))
        self.granted({"memory": {"amount": "10GiB", "where": {"numa": 0}}})

    def test_units_of_a_kind_are_counted_by_that_kind(self):
        self.granted({"gpu": {"amount": 2, "where": {"numa": 1}}})
        short, ever = self.short({"gpu": {"amount": 1, "where": {"numa": 1}}})
        self.assertEqual((short["gpu"][1], ever), (0, True))
        self.assertEqual(self.short({"gpu": {"amount": 3, "where": {"numa": 1}}})[1], False)
        self.assertEqual(self.short({"gpu": {"amount": 1, "where": {"vram": 1}}})[1], False)

    def test_what_was_refused_fits_after_a_release(self):
        first = self.granted({"cpu": 8, "memory": "32GiB", "gpu": 4})
        self.assertTrue(self.short({"cpu": 8, "memory": "32GiB", "gpu": 4})[1])
        self.assert_ok(self.client.delete(path(first)))
        self.granted({"cpu": 8, "memory": "32GiB", "gpu": 4})


class Configured(AgentCase):
    config = {
        "system_reserved": {"cpu": 1.5, "memory": "2GiB"},
        "disks": {host.DISK: {"read": "100MiB", "write_iops": 500}},
    }

    def test_what_is_kept_for_the_system_is_not_given(self):
        cpu, memory = self.resource("cpu"), self.resource("memory")
        self.assertEqual((cpu["system_reserved"], cpu["free"], cpu["capacity"]), (1.5, 6.5, 8))
        self.assertEqual((memory["system_reserved"], memory["free"]), (2 * host.GIB, 30 * host.GIB))
        problem = self.assert_problem(self.client.reserve({"cpu": 7, "memory": "31GiB"}), 409, "insufficient", ever=False)
        self.assertEqual([short["free"] for short in problem["shortfalls"]], [6.5, 30 * host.GIB])
        self.granted({"cpu": 6.5, "memory": "30GiB"})

    def test_the_lowest_cores_stay_with_the_system(self):
        self.assertEqual(self.granted({"cpu": {"amount": 6, "exclusive": True}})["resources"]["cpu"]["cpus"], "2-7")

    def test_a_disk_of_known_rates_is_counted_by_rate(self):
        self.granted({"storage": [{"device": "vda", "read": "60MiB", "write": "9GiB"}]})
        answer = self.client.reserve({"storage": [{"device": "vda", "read": "50MiB", "write_iops": 501}]})
        problem = self.assert_problem(answer, 409, "insufficient", ever=False)
        self.assertEqual(
            [(short["device"], short["rate"], short["asked"], short["free"], short["capacity"])
             for short in problem["shortfalls"]],
            [("vda", "read", 50 << 20, 40 << 20, 100 << 20), ("vda", "write_iops", 501, 500, 500)])
