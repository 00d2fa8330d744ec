"""How long the reservations of a name took, and who is told of it."""
import time

from kit.agent import FIRST
from kit.case import AgentCase, path
from kit.times import moment
from kit.users import as_user

LATER = {"Prefer": "respond-async"}


class Durations(AgentCase):
    def take(self, seconds):
        """One of the name holds everything for so long."""
        reservation = self.granted({"cpu": 8}, name="train", end="released")
        time.sleep(seconds)
        self.client.delete(path(reservation))
        self.wait_for(lambda: self.resource("cpu")["held"] == 0)
        return reservation

    def test_what_has_no_lease_is_likely_to_end_as_others_of_its_name_did(self):
        for seconds in (3, 1.6, 2.2):
            self.assertNotIn("expected_end", self.take(seconds))
        for restart in (None, self.agent.stop, self.agent.kill):
            if restart:
                restart()
                self.agent.start()
                self.client = self.agent.client()
            # A release of what ends with its last process teaches nothing.
            one = self.granted({"cpu": 7}, name="train", end="empty")
            took = moment(one["expected_end"]) - moment(one["granted_at"])
            self.assertGreaterEqual(took, 3, one)
            waiting = self.client.reserve({"cpu": 8}, LATER, wait="1m", lease="1m").json
            start = moment(self.look(waiting)["queue"]["expected_start"])
            self.assertTrue(1.6 <= start - moment(one["granted_at"]) <= took, (start - moment(one["granted_at"]), took))
            # Over by then, it may pass; and what would still be held may not.
            passes = self.client.reserve({"cpu": 0.5}, lease=0.1)
            self.assertEqual(passes.status, 201, passes)
            self.assert_problem(self.client.reserve({"cpu": 0.5}, lease=9), 409, "would_delay")
            self.client.delete(path(waiting))
            self.client.delete(path(one))
            self.wait_for(lambda: self.resource("cpu")["held"] == 0)
        other = self.granted({"cpu": 1}, name="test", end="released")
        self.assertNotIn("expected_end", other)
        leased = self.granted({"cpu": 1}, name="train", lease="1m")
        self.assertNotIn("expected_end", leased)

        def ask():
            with self.agent.client() as client:
                return client.reserve({"cpu": 1}, name="train", end="released").json
        self.assertNotIn("expected_end", as_user(FIRST, ask))
