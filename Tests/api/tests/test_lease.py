"""Leases and their renewal."""
import datetime
import time

from kit.case import AgentCase, path
from kit.child import Child

DURATIONS = [("10m", "10m"), (600, "10m"), ("90s", "1m30s"), (90, "1m30s"), ("1h30m", "1h30m"), ("2d", "2d"), (0.5, "500ms"), ("60", "1m")]


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Lease(AgentCase):
    def test_a_lease_is_written_as_text_or_in_seconds(self):
        for written, shown in DURATIONS:
            with self.subTest(written):
                self.assertEqual(self.granted({"cpu": 0.1}, lease=written)["lease"], shown)

    def test_the_expiry_is_a_lease_after_the_grant(self):
        granted = self.granted({"cpu": 1}, lease="10m")
        lasts = moment(granted["expires_at"]) - moment(granted["created_at"])
        self.assertAlmostEqual(lasts.total_seconds(), 600, delta=0.01)

    def test_it_ends_when_its_lease_is_over_and_not_before(self):
        began = time.monotonic()
        reservation = self.granted({"cpu": 8}, lease=1)
        while self.look(reservation)["state"] == "confirmed":
            self.assertLess(time.monotonic() - began, 5)
            time.sleep(0.01)
        self.assertGreaterEqual(time.monotonic() - began, 0.99)
        ended = self.look(reservation)
        self.assertEqual((ended["state"], ended["reason"]), ("expired", "lease"))
        self.assertAlmostEqual(moment(ended["ended_at"]).timestamp(), moment(ended["expires_at"]).timestamp(), delta=1)
        self.wait_for(lambda: self.resource("cpu")["free"] == 8)
        self.granted({"cpu": 8})
        for answer in (
            self.client.patch(path(reservation), {"resources": {"cpu": 1}}), self.client.post(path(reservation, "/attach")),
            self.client.post(path(reservation, "/renew"), {"lease": 5}),
        ):
            self.assert_problem(answer, 410, "ended", state="expired", reason="lease", ended_at=ended["ended_at"])
        expired = self.assert_ok(self.client.get("/v1/reservations?state=expired"))["reservations"]
        self.assertIn(reservation["id"], [each["id"] for each in expired])

    def test_it_ends_over_a_live_process_too(self):
        child = Child()
        self.addCleanup(child.end)
        reservation = self.granted({"cpu": 1}, lease=0.3)
        self.assert_ok(self.client.post(path(reservation, "/attach"), {"pid": child.pid}))
        self.wait_for(lambda: self.look(reservation)["state"] == "expired")

    def test_a_renewal_counts_from_now(self):
        reservation = self.granted({"cpu": 1}, lease=1)
        time.sleep(0.5)
        renewed = self.assert_ok(self.client.post(path(reservation, "/renew"), {"lease": "2s"}))
        self.assertEqual(renewed["lease"], "2s")
        moved = moment(renewed["expires_at"]) - moment(reservation["expires_at"])
        self.assertAlmostEqual(moved.total_seconds(), 1.5, delta=0.4)
        time.sleep(1)
        self.assertEqual(self.look(reservation)["state"], "confirmed")
        self.wait_for(lambda: self.look(reservation)["state"] == "expired", seconds=3)

    def test_a_renewal_may_shorten(self):
        reservation = self.granted({"cpu": 1}, lease="1h")
        self.assert_ok(self.client.post(path(reservation, "/renew"), {"lease": "200ms"}))
        self.wait_for(lambda: self.look(reservation)["state"] == "expired", seconds=3)

    def test_many_leases_end_each_at_its_own_time(self):
        leases = [1.2, 0.4, 0.8, 0.4, 1.2, 0.6]
        granted = [self.granted({"cpu": 0.1}, lease=lease) for lease in leases]
        time.sleep(1.0)
        states = [self.look(each)["state"] for each in granted]
        self.assertEqual(states, ["expired" if lease < 1 else "confirmed" for lease in leases])

    def test_renewals_that_are_wrong(self):
        reservation = self.granted({"cpu": 1}, lease=60)
        renew = path(reservation, "/renew")
        for body, pointer in (({}, "/lease"), ({"lease": 0}, "/lease"), ({"lease": None}, "/lease"), ({"leas": 1}, "/leas")):
            with self.subTest(str(body)):
                self.assert_problem(self.client.post(renew, body), 422, "invalid", pointer=pointer)
        self.assert_problem(self.client.request("POST", renew, raw=b""), 400, "malformed")
        self.assert_problem(self.client.post("/v1/reservations/000000000000/renew", {"lease": 1}), 404, "unknown")
        self.assertEqual(self.look(reservation), reservation)
