"""Thousands of damaged requests: a 4xx or a closed connection, never a 5xx, and nothing is left behind."""
import os
import time
from concurrent.futures import ThreadPoolExecutor

from kit import mutation, seed
from kit.agent import FIRST
from kit.case import AgentCase
from kit.raw import exchange, statuses
from kit.users import as_user

COUNT = int(os.environ.get("BERTH_MUTATIONS", 6000))
CLIENTS = 4
#: What the agent may have grown by after all of them: its caches and the allocator's slack, not one request in a hundred.
GROWTH_KIB = 32 * 1024
#: Nobody else may wait longer than this meanwhile, on a machine that has other work too.
PATIENCE = 5


class Mutations(AgentCase):
    def send(self, name, count):
        """Sends so many, as a user without privileges; returns what was wrong, and how often which status came."""
        def one(number):
            random, wrong, seen = seed.source(f"{name} {number}"), [], {}
            identity = "000000000000"
            for index in range(number, count, CLIENTS):
                if index % 200 == number:
                    identity = self.renewed()
                data = mutation.request(random, identity)
                try:
                    found = statuses(exchange(self.agent, data))
                except TimeoutError:
                    found = ["nothing for 15 s"]
                if found is None or any(not isinstance(status, int) or status >= 500 and status != 505 for status in found):
                    wrong.append((data, found))
                for status in found or ["closed"]:
                    seen[status] = seen.get(status, 0) + 1
            return wrong, seen

        def act():
            with ThreadPoolExecutor(CLIENTS) as pool:
                return list(pool.map(one, range(CLIENTS)))
        return as_user(FIRST, act)

    def renewed(self):
        """Releases what was reserved by chance, and returns a new reservation to be asked about."""
        with self.agent.client() as client:
            for reservation in client.get("/v1/reservations").json["reservations"]:
                client.delete(f"/v1/reservations/{reservation['id']}")
            answer = client.reserve({"cpu": 0.01}, lease="1h")
            return answer.json.get("id", "000000000000")

    def test_damaged_requests(self):
        self.send("warm up", 500)
        self.client.get("/v1/health")
        memory, descriptors = self.agent.memory_kib, self.agent.descriptors
        with ThreadPoolExecutor(1) as pool:
            load = pool.submit(self.send, "mutations", COUNT)
            slowest = 0
            while not load.done():
                began = time.monotonic()
                self.assert_ok(self.client.get("/v1/health"))
                slowest = max(slowest, time.monotonic() - began)
                time.sleep(0.02)
        wrong, seen = [], {}
        for found, counts in load.result():
            wrong += found
            for status, count in counts.items():
                seen[status] = seen.get(status, 0) + count
        grown = self.agent.memory_kib - memory
        print(f"{COUNT} requests, answers {dict(sorted(seen.items(), key=str))}; VmRSS grew by {grown} KiB, "
              f"another client waited {slowest:.2f} s at most")
        self.assertEqual(wrong, [])
        self.wait_for(lambda: self.agent.descriptors <= descriptors + 2)
        self.assertLess(grown, GROWTH_KIB)
        self.assertLess(slowest, PATIENCE)
        self.assertLessEqual({400, 404, 409, 422}, seen.keys(), "the damage was too light or too heavy")
