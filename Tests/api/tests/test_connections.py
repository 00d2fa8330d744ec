"""Thousands of idle connections, and more than the agent can have open."""
import contextlib
import resource
import time
import unittest

from kit.agent import Agent
from kit.case import AgentCase

IDLE = 2000


def idle(agent, count, stack):
    """So many open connections."""
    return [stack.enter_context(agent.connect()) for _ in range(count)]


class Connections(AgentCase):
    @classmethod
    def setUpClass(cls):
        # The agent has what the test has.
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 16384), most))
        super().setUpClass()
        cls.fresh = cls.agent.descriptors

    def test_two_thousand_idle_ones_and_others_are_served(self):
        with contextlib.ExitStack() as stack:
            idle(self.agent, 100, stack)
        # The client of the test has a connection too.
        self.assert_ok(self.client.get("/v1/health"))
        self.wait_for(lambda: self.agent.descriptors <= self.fresh + 2)
        before, memory = self.agent.descriptors, self.agent.memory_kib
        with contextlib.ExitStack() as stack:
            idle(self.agent, IDLE, stack)
            self.wait_for(lambda: self.agent.descriptors >= before + IDLE)
            slowest = 0
            for _ in range(50):
                began = time.monotonic()
                with self.agent.client() as client:
                    answer = client.reserve({"cpu": 0.01})
                    self.assert_ok(answer, 201)
                    self.assert_ok(client.delete(f"/v1/reservations/{answer.json['id']}"))
                slowest = max(slowest, time.monotonic() - began)
            each = (self.agent.memory_kib - memory) / IDLE
            print(f"{IDLE} idle connections: {each:.0f} KiB each, another client waited {slowest:.2f} s at most")
        self.assertLess(each, 64)
        self.assertLess(slowest, 2)
        self.wait_for(lambda: self.agent.descriptors <= before + 2)
        self.assertLess(self.agent.memory_kib, memory + 64 * 1024)

    def test_half_of_a_request_on_many_and_then_gone(self):
        before = self.agent.descriptors
        with contextlib.ExitStack() as stack:
            for plain in idle(self.agent, 1000, stack):
                plain.sendall(b"POST /v1/reservations HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
            self.assert_ok(self.client.get("/v1/health"))
        self.wait_for(lambda: self.agent.descriptors <= before + 2)
        self.assertEqual(self.live(), [])


class FewDescriptors(unittest.TestCase):
    def test_more_than_it_can_open_is_no_end(self):
        agent = Agent(limits=[(resource.RLIMIT_NOFILE, 128)])
        self.addCleanup(agent.clean)
        agent.start()
        with contextlib.ExitStack() as stack:
            for _ in range(300):
                try:
                    plain = stack.enter_context(agent.connect(timeout=0.2))
                    plain.sendall(b"GET /v1/resources HTTP/1.1\r\nHost: x\r\n\r\n")
                except BlockingIOError:
                    # The queue of those that wait to be accepted is full.
                    break
            time.sleep(1)
        agent.check_alive()
        until = time.monotonic() + 20
        while True:
            try:
                with agent.client(timeout=5) as client:
                    self.assertEqual(client.reserve({"cpu": 1}).status, 201)
                    break
            except OSError:
                self.assertLess(time.monotonic(), until, "it never came back")
        agent.check_alive()
