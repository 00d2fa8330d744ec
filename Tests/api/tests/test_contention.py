"""64 clients at once for a minute: no event of the log leaves more held than there is."""
import collections
import concurrent.futures
import os
import time

from kit import host, seed, wishes
from kit.agent import STANDARD
from kit.case import AgentCase, path
from kit.overbooking import Book

CLIENTS = 64
SECONDS = float(os.environ.get("BERTH_CONTENTION_SECONDS", 60))


class Contention(AgentCase):
    config = STANDARD | {"disks": {host.DISK: {"read": "100MiB"}}}

    def load(self, number):
        """One client: reserves, resizes and releases until the time is over. Returns how often it was answered what."""
        random, answers, held = seed.source(f"contention {number}"), collections.Counter(), []
        with self.agent.client() as client:
            while time.monotonic() < self.until:
                if held and random.random() < 0.3:
                    answer = client.patch(path(random.choice(held)), {"resources": wishes.modest(random)[0]})
                    answers["PATCH", answer.status] += 1
                elif held and (len(held) > 2 or random.random() < 0.6):
                    answer = client.delete(path(held.pop(random.randrange(len(held)))))
                    answers["DELETE", answer.status] += 1
                else:
                    wanted, more = wishes.modest(random)
                    answer = client.reserve(wanted, name=f"c{number}", lease="1h", **more)
                    answers["POST", answer.status] += 1
                    if answer.status == 201:
                        held.append(answer.json)
                        time.sleep(random.random() / 50)
        return answers

    def test_nothing_is_ever_held_twice(self):
        self.until = time.monotonic() + SECONDS
        total = collections.Counter()
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            for answers in pool.map(self.load, range(CLIENTS)):
                total += answers
        events = self.events()
        book = Book().read(events)
        print(f"{sum(total.values())} requests in {SECONDS:.0f} s, {len(events)} events, grants: {dict(book.granted)}")
        self.assertLessEqual({status for _, status in total}, {200, 201, 409, 422}, total)
        # 422 is a change of exclusive CPUs to shared ones, or of an amount above a limit that stays.
        self.assertEqual({method for method, status in total if status == 422} - {"PATCH"}, set(), total)
        for kind in (*wishes.KINDS, ):
            self.assertGreater(book.granted[kind], 20, kind)
        self.assertGreater(total["POST", 409], 100, "there was not enough contention")
        self.assertGreater(total["PATCH", 200], 100, total)

    def tearDown(self):
        # A connection that was idle for a minute is closed.
        self.client.close()
        # What the log adds up to is what the agent says that it holds.
        book = Book().read(self.events())
        live = {reservation["id"]: reservation["resources"] for reservation in self.live()}
        self.assertEqual(book.held, live)
        super().tearDown()
        for reservation in live:
            self.client.delete(path({"id": reservation}))
        for resource in self.client.get("/v1/resources").json["resources"]:
            self.assertEqual(resource["held"], 0, resource)
            self.assertEqual({unit["state"] for unit in resource["units"]} - {"available"}, set())
