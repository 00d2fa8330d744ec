"""A test case with an agent of its own on the model host."""
import time
import unittest

from kit.agent import Agent
from kit.stream import log

PROBLEM = {"type", "title", "status", "code", "detail"}


class AgentCase(unittest.TestCase):
    """One agent for the tests of a class; each begins with nothing reserved."""

    config = None

    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(cls.config)
        cls.addClassCleanup(cls.agent.clean)
        cls.agent.start()

    def setUp(self):
        if self.agent.process.poll() is not None:
            # The test before has said so; this one is about something else.
            self.agent.start()
        self.client = self.agent.client()
        self.addCleanup(self.client.close)
        for reservation in self.live():
            self.client.delete(f"/v1/reservations/{reservation['id']}?grace=0s")

    def tearDown(self):
        self.agent.check_alive()

    def live(self):
        """The live reservations."""
        return self.client.get("/v1/reservations").json["reservations"]

    def granted(self, resources, headers=None, **more):
        """Reserves and returns the reservation."""
        answer = self.client.reserve(resources, headers, **more)
        self.assertEqual(answer.status, 201, answer)
        return answer.json

    def look(self, reservation):
        """The reservation as it is now."""
        answer = self.client.get(path(reservation))
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def resource(self, name):
        """What `GET /v1/resources` says of one type."""
        resources = self.client.get("/v1/resources").json["resources"]
        return next(resource for resource in resources if resource["type"] == name)

    def assert_ok(self, answer, status=200):
        """Fails where the answer has another status; returns its document."""
        self.assertEqual(answer.status, status, answer)
        return answer.json

    def assert_problem(self, answer, status, code, **members):
        """Fails where the answer is not this problem of RFC 9457; returns its document."""
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        problem = answer.json
        self.assertLessEqual(PROBLEM, problem.keys())
        self.assertEqual((problem["status"], problem["code"]), (status, code), problem)
        self.assertEqual(members, {name: problem.get(name) for name in members}, problem)
        return problem

    def wait_for(self, what, seconds=10):
        """Calls `what` until it is true; fails where it does not come true in time."""
        until = time.monotonic() + seconds
        while not what():
            if time.monotonic() > until:
                self.fail(f"did not come true within {seconds} s")
            time.sleep(0.02)

    def events(self, since=0):
        """The event log after an event, to its end."""
        return log(self.agent, since)


def path(reservation, call=""):
    """The path of a reservation or of a call on it."""
    return f"/v1/reservations/{reservation['id']}{call}"
