"""PATCH: merges by type, all or nothing, and holds on to what is held."""
from kit import host
from kit.case import AgentCase, path


class Resize(AgentCase):
    def resize(self, reservation, resources):
        return self.client.patch(path(reservation), {"resources": resources})

    def resized(self, reservation, resources):
        return self.assert_ok(self.resize(reservation, resources))["resources"]

    def test_types_that_are_not_named_stay(self):
        first = self.granted({"cpu": 1, "memory": "1GiB", "pids": 9}, name="a", lease=100)
        answer = self.assert_ok(self.resize(first, {"memory": "2GiB"}))
        self.assertEqual(
            answer["resources"], first["resources"] | {"memory": {"amount": 2 * host.GIB, "limit": 2 * host.GIB}})
        unchanged = {name: value for name, value in answer.items() if name not in ("resources", "env")}
        self.assertEqual(unchanged, {name: first[name] for name in unchanged})
        self.assertEqual(self.look(first), answer)
        self.assertEqual(self.resource("memory")["held"], 2 * host.GIB)

    def test_types_can_be_added(self):
        resources = self.resized(self.granted({"cpu": 1}), {"gpu": 1, "network": "1Gbit", "storage": [{"device": "vda", "read": 5}]})
        self.assertEqual(resources.keys(), {"cpu", "gpu", "network", "storage"})

    def test_a_field_that_is_not_named_stays(self):
        reservation = self.granted({"cpu": {"amount": 1, "limit": 4}})
        self.assertEqual(self.resized(reservation, {"cpu": {"amount": 2}})["cpu"], {"amount": 2, "limit": 4})
        self.assertEqual(self.resized(reservation, {"cpu": {"limit": 3}})["cpu"], {"amount": 2, "limit": 3})
        self.assert_problem(self.resize(reservation, {"cpu": 3.5}), 422, "invalid", pointer="/resources/cpu/limit")

    def test_it_is_all_or_nothing(self):
        reservation = self.granted({"cpu": 1, "memory": "1GiB"})
        problem = self.assert_problem(self.resize(reservation, {"cpu": 2, "memory": "64GiB", "gpu": 5}), 409, "insufficient", ever=False)
        self.assertEqual([short["type"] for short in problem["shortfalls"]], ["memory", "gpu"])
        self.assertEqual(self.look(reservation), reservation)
        self.assertEqual(self.resource("cpu")["held"], 1)

    def test_what_it_holds_itself_is_free_for_it(self):
        reservation = self.granted({"cpu": 5, "memory": "20GiB"})
        self.granted({"cpu": 2})
        self.resized(reservation, {"cpu": 6, "memory": "32GiB"})
        self.assert_problem(self.resize(reservation, {"cpu": 6.5}), 409, "insufficient", ever=True)

    def test_shrinking_frees(self):
        reservation = self.granted({"cpu": 8, "memory": "32GiB", "gpu": 4})
        self.resized(reservation, {"cpu": 1, "memory": 1, "gpu": 1})
        self.granted({"cpu": 7, "memory": "31GiB", "gpu": 3})

    def test_exclusive_cores_are_kept_and_the_nearest_added(self):
        self.granted({"cpu": {"amount": 2, "exclusive": True, "where": {"numa": 0}}})
        reservation = self.granted({"cpu": {"amount": 2, "exclusive": True, "where": {"numa": 1}}})
        held = reservation["resources"]["cpu"]["cpus"]
        grown = self.resized(reservation, {"cpu": 3})["cpu"]
        self.assertEqual((grown["cpus"], grown["amount"], grown["asked"]), ("4-7", 4, 3))
        self.assertEqual(self.resized(reservation, {"cpu": 2})["cpu"]["cpus"] in ("4-5", "6-7"), True)
        self.assertIn(held, ("4-5", "6-7"))

    def test_gpus_that_are_held_are_kept(self):
        reservation = self.granted({"gpu": 1})
        held = set(reservation["resources"]["gpu"]["units"])
        self.assertLess(held, set(self.resized(reservation, {"gpu": 3})["gpu"]["units"]))

    def test_exclusive_to_shared_is_refused(self):
        reservation = self.granted({"cpu": {"amount": 2, "exclusive": True}})
        answer = self.resize(reservation, {"cpu": {"amount": 2, "exclusive": False}})
        self.assert_problem(answer, 422, "invalid", pointer="/resources/cpu/exclusive")

    def test_shared_to_exclusive_is_granted(self):
        cpu = self.resized(self.granted({"cpu": 2}), {"cpu": {"exclusive": True}})["cpu"]
        self.assertEqual((cpu["exclusive"], cpu["amount"]), (True, 2))

    def test_nothing_changes_nothing(self):
        reservation = self.granted({"cpu": 1})
        for resources in ({}, {"cpu": 1}):
            self.assertEqual(self.resized(reservation, resources), reservation["resources"])
        names = [event.name for event in self.events() if event.data.get("reservation") == reservation["id"]]
        self.assertNotIn("resized", names)

    def test_what_is_no_change_is_refused(self):
        reservation = self.granted({"cpu": 1})
        for body, pointer in (
            ({}, "/resources"), ({"resources": {"cpu": 0}}, "/resources/cpu"), ({"resources": {"cpus": 1}}, "/resources/cpus"),
            ({"resources": {"cpu": 1}, "lease": 5}, "/lease"), ({"resources": {"cpu": None}}, "/resources/cpu"),
        ):
            with self.subTest(str(body)):
                self.assert_problem(self.client.patch(path(reservation), body), 422, "invalid", pointer=pointer)
        self.assert_problem(self.client.request("PATCH", path(reservation), raw=b"{"), 400, "malformed")
        self.assertEqual(self.look(reservation), reservation)

    def test_an_ended_one_is_410_and_an_unknown_one_404(self):
        reservation = self.granted({"cpu": 1})
        self.client.delete(path(reservation))
        self.assert_problem(self.resize(reservation, {"cpu": 2}), 410, "ended", state="released", reason="released")
        for unknown in ("000000000000", "nope", "ABCDEFGHIJKL", "%00", "..", "0" * 4000):
            with self.subTest(unknown[:20]):
                self.assert_problem(self.client.patch(f"/v1/reservations/{unknown}", {"resources": {"cpu": 1}}), 404, "unknown")
