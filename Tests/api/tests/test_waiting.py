"""What happens by itself after a minute."""
import time

from kit.case import AgentCase, path
from kit.child import Child

ATTACH_TIMEOUT = 60
IDLE = 60


class Waiting(AgentCase):
    def test_after_a_minute_without_a_process_or_a_request(self):
        child = Child()
        self.addCleanup(child.end)
        idle = self.agent.connect()
        began = time.monotonic()
        alone = self.granted({"cpu": 1})
        leased, attached = self.granted({"cpu": 1}, lease="10m"), self.granted({"cpu": 1})
        self.assert_ok(self.client.post(path(attached, "/attach"), {"pid": child.pid}))
        time.sleep(ATTACH_TIMEOUT - 2)
        self.assertEqual(self.look(alone)["state"], "confirmed")
        self.wait_for(lambda: self.look(alone)["state"] != "confirmed", seconds=5)
        self.assertGreaterEqual(time.monotonic() - began, ATTACH_TIMEOUT - 0.1)
        ended = self.look(alone)
        self.assertEqual((ended["state"], ended["reason"]), ("released", "never_attached"))
        self.wait_for(lambda: self.resource("cpu")["held"] == 2)
        answer = self.client.post(path(alone, "/attach"))
        self.assert_problem(answer, 410, "ended", state="released", reason="never_attached")
        # The two others go on: one has a lease, one a process.
        for other in (leased, attached):
            self.assertEqual(self.look(other)["state"], "confirmed")
        idle.settimeout(IDLE + 3 - (time.monotonic() - began))
        self.assertEqual(idle.recv(1), b"", "an idle connection is closed without a word")
