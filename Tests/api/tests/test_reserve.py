"""POST /v1/reservations: what a grant looks like."""
import os
import re
from decimal import Decimal

from kit import host
from kit.case import AgentCase, path

ALWAYS = {
    "id", "user", "state", "resources", "units", "end", "enforce", "strategy", "labels", "created_at", "granted_at", "processes", "receipts",
    "env", "choice", "pool",
}
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")


class Reserve(AgentCase):
    def test_a_grant_says_everything_about_itself(self):
        answer = self.client.reserve({"cpu": 1.5, "memory": "1GiB"}, name="büild", labels={"job": "7"}, lease="10m")
        self.assert_ok(answer, 201)
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        granted = answer.json
        self.assertEqual(granted.keys(), ALWAYS | {"name", "lease", "expires_at"})
        self.assertRegex(granted["id"], "^[0-9a-v]{12}$")
        self.assertEqual(answer.headers["Location"], path(granted))
        self.assertEqual(granted["name"], "büild")
        self.assertEqual(granted["user"], 0)
        self.assertEqual(granted["state"], "confirmed")
        self.assertEqual(granted["resources"]["cpu"], {"amount": 1.5, "limit": 1.5})
        self.assertEqual(granted["resources"]["memory"], {"amount": host.GIB, "limit": host.GIB})
        self.assertEqual(granted["labels"], {"job": "7"})
        self.assertEqual(granted["lease"], "10m")
        self.assertEqual(granted["end"], "released")
        self.assertEqual((granted["enforce"], granted["strategy"]), ("preferred", "optimized"))
        self.assertEqual((granted["units"], granted["processes"]), ([], []))
        self.assertRegex(granted["created_at"], TIME)
        self.assertRegex(granted["expires_at"], TIME)
        self.assertEqual(granted["env"]["BERTH_RESERVATION"], granted["id"])

    def test_every_type_has_a_receipt_that_says_that_nothing_is_enforced(self):
        granted = self.granted({"cpu": 1, "memory": 1, "pids": 1, "gpu": 1, "network": 1})
        self.assertEqual({receipt["type"] for receipt in granted["receipts"]}, {"cpu", "memory", "pids", "gpu", "network"})
        for receipt in granted["receipts"]:
            self.assertEqual(receipt["status"], "unsupported")
            self.assertIn("--host-root", receipt["reason"])

    def test_without_a_lease_it_ends_when_empty_and_has_no_expiry(self):
        granted = self.granted({"cpu": 1})
        self.assertEqual(granted["end"], "empty")
        self.assertEqual(granted.keys(), ALWAYS)

    def test_end_can_be_chosen(self):
        self.assertEqual(self.granted({"cpu": 1}, lease=60, end="empty")["end"], "empty")
        self.assertEqual(self.granted({"cpu": 1}, end="released")["end"], "released")

    def test_limit_may_be_above_amount(self):
        granted = self.granted({"cpu": {"amount": 1, "limit": 2}, "memory": {"amount": "1GiB", "limit": "3GiB"}})
        self.assertEqual(granted["resources"]["cpu"], {"amount": 1, "limit": 2})
        self.assertEqual(granted["resources"]["memory"], {"amount": host.GIB, "limit": 3 * host.GIB})
        self.assertEqual(self.resource("memory")["held"], host.GIB)

    def test_exclusive_cpus_are_whole_cores_with_what_was_asked(self):
        granted = self.granted({"cpu": {"amount": 3, "exclusive": True}})
        cpu = granted["resources"]["cpu"]
        self.assertEqual((cpu["amount"], cpu["asked"], cpu["exclusive"]), (4, 3, True))
        self.assertIn(cpu["cpus"], ("0-3", "4-7"))
        self.assertEqual(cpu["numa_nodes"], "0" if cpu["cpus"] == "0-3" else "1")
        first = int(cpu["cpus"][0])
        self.assertEqual(
            granted["units"], [{"type": "cpu", "name": f"cpu{cpu}", "cpu": cpu} for cpu in range(first, first + 4)])
        self.assertEqual(granted["env"]["BERTH_CPUS"], cpu["cpus"])

    def test_exclusive_cpus_of_one_node(self):
        granted = self.granted({"cpu": {"amount": 2, "exclusive": True, "where": {"numa": 1}}})
        self.assertIn(granted["resources"]["cpu"]["cpus"], ("4-5", "6-7"))

    def test_gpus_are_units_near_each_other(self):
        granted = self.granted({"gpu": 2})
        names = [unit["name"] for unit in granted["units"]]
        self.assertEqual(len({host.GPUS[name] for name in names}), 1)
        self.assertEqual(granted["resources"]["gpu"]["units"], {name: 1 for name in names})
        self.assertEqual(granted["env"]["BERTH_GPUS"], ",".join(names))
        states = {unit["name"]: unit["state"] for unit in self.resource("gpu")["units"]}
        self.assertEqual({name for name, state in states.items() if state == "reserved"}, set(names))

    def test_a_share_of_a_gpu_lies_beside_others_and_no_whole_one(self):
        first, second = self.granted({"gpu": 0.5}), self.granted({"gpu": "500m"})
        [name] = first["resources"]["gpu"]["units"]
        for granted in (first, second):
            self.assertEqual(granted["resources"]["gpu"]["units"], {name: 0.5})
            self.assertEqual((granted["env"]["BERTH_GPU"], granted["env"]["BERTH_GPUS"]), ("0.5", name))
        third = self.granted({"gpu": 0.3})
        self.assertNotIn(name, third["resources"]["gpu"]["units"])
        refused = self.client.reserve({"gpu": 3})
        self.assert_problem(refused, 409, "insufficient")
        self.assertEqual(refused.json["shortfalls"], [{"type": "gpu", "asked": 3, "free": 2, "capacity": 4}])
        self.granted({"gpu": 2})
        refused = self.client.reserve({"gpu": 0.8})
        self.assert_problem(refused, 409, "insufficient")
        self.assertEqual(refused.json["shortfalls"], [{"type": "gpu", "asked": Decimal("0.8"), "free": Decimal("0.7"), "capacity": 4}])
        self.assertEqual((self.resource("gpu")["held"], self.resource("gpu")["free"]), (Decimal("3.3"), Decimal("0.7")))
        [name] = third["resources"]["gpu"]["units"]
        changed = self.client.patch(path(third), {"resources": {"gpu": 1}})
        self.assertEqual(changed.json["resources"]["gpu"]["units"], {name: 1})

    def test_gpus_with_a_capability(self):
        granted = self.granted({"gpu": {"amount": 1, "where": {"numa": 1, "vram": 64 * host.GIB}}})
        self.assertEqual(host.GPUS[granted["units"][0]["name"]], 1)

    def test_storage_names_the_disk_of_a_partition(self):
        granted = self.granted({"storage": [{"device": "/dev/vda1", "read": "10MiB", "write_iops": 100}]})
        self.assertEqual(granted["resources"]["storage"], [{"device": "vda", "read": 10 << 20, "write_iops": 100}])
        self.assertEqual(granted["receipts"][0]["device"], "vda")

    def test_a_disk_may_have_a_weight_alone(self):
        for weight in (500, "500"):
            granted = self.granted({"storage": [{"device": "vda", "weight": weight}]})
            self.assertEqual(granted["resources"]["storage"], [{"device": "vda", "weight": 500}])
            self.assertEqual(self.look(granted)["resources"], granted["resources"])

    def test_network_is_bandwidth_of_an_interface(self):
        granted = self.granted({"network": "4Gbit"})
        self.assertEqual(granted["resources"]["network"]["units"], {host.INTERFACE: 4_000_000_000})

    def test_what_is_held_is_shown(self):
        self.granted({"cpu": "1500m", "memory": "1G", "pids": 10})
        cpu, memory, pids = (self.resource(name) for name in ("cpu", "memory", "pids"))
        self.assertEqual((cpu["held"], cpu["free"]), (1.5, 6.5))
        self.assertEqual((memory["held"], memory["free"]), (10**9, host.MEMORY - 10**9))
        self.assertEqual((pids["held"], pids["free"]), (10, host.PIDS - 10))

    def test_the_caller_is_attached_with_the_grant(self):
        granted = self.granted({"cpu": 1}, attach="caller")
        self.assertEqual(granted["processes"], [os.getpid()])
        self.assertEqual(granted["end"], "empty")

    def test_one_reservation_is_shown_as_it_was_granted(self):
        granted = self.granted({"cpu": {"amount": 2, "exclusive": True}, "memory": "1GiB", "gpu": 1}, name="a")
        self.assertEqual(self.look(granted), granted)
        self.assertEqual(self.live(), [granted])

    def test_lists_are_oldest_first_and_by_state(self):
        granted = [self.granted({"cpu": 0.1}, name=name) for name in "abc"]
        self.assertEqual([each["id"] for each in self.live()], [each["id"] for each in granted])
        self.client.delete(path(granted[1]))
        self.assertEqual([each["name"] for each in self.live()], ["a", "c"])
        confirmed = self.assert_ok(self.client.get("/v1/reservations?state=confirmed"))["reservations"]
        self.assertEqual([each["name"] for each in confirmed], ["a", "c"])
        released = self.assert_ok(self.client.get("/v1/reservations?state=released"))["reservations"]
        self.assertEqual([each["id"] for each in released][-1], granted[1]["id"])
        self.assertEqual({each["state"] for each in released}, {"released"})
