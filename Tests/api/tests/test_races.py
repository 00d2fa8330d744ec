"""Many clients at the same reservation."""
import collections
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from kit import host, seed
from kit.case import AgentCase, path
from kit.child import Child
from kit.overbooking import Book

CLIENTS = 8


class Races(AgentCase):
    def together(self, action):
        """Calls it once for each client, at the same moment, and returns what came."""
        start = threading.Barrier(CLIENTS)

        def one(number):
            with self.agent.client() as client:
                client.get("/v1/health")
                start.wait()
                return action(client, number)
        with ThreadPoolExecutor(CLIENTS) as pool:
            return list(pool.map(one, range(CLIENTS)))

    def test_every_call_at_once_on_the_same_reservations(self):
        shared = [self.granted({"cpu": 1, "memory": "1GiB"}, lease="1h") for _ in range(3)]
        children = [Child() for _ in range(CLIENTS)]
        for child in children:
            self.addCleanup(child.end)
        until = time.monotonic() + 3

        def act(client, number):
            random, seen = seed.source(f"races {number}"), collections.Counter()
            while time.monotonic() < until:
                index = random.randrange(len(shared))
                reservation = shared[index]
                call = random.choice(["resize", "resize", "attach", "renew", "look", "look", "release"])
                if call == "resize":
                    change = {"cpu": random.choice([0.5, 1, 3]), "memory": random.randint(1, 12) * host.GIB}
                    answer = client.patch(path(reservation), {"resources": change})
                elif call == "attach":
                    answer = client.post(path(reservation, "/attach"), {"pid": children[number].pid})
                elif call == "renew":
                    answer = client.post(path(reservation, "/renew"), {"lease": "1h"})
                elif call == "look":
                    answer = client.get(path(reservation))
                else:
                    answer = client.delete(path(reservation))
                    again = client.reserve({"cpu": 0.5, "memory": "1GiB"}, lease="1h")
                    if again.status == 201:
                        shared[index] = again.json
                seen[call, answer.status] += 1
            return seen
        seen = sum(self.together(act), collections.Counter())
        allowed = {
            "resize": {200, 409, 410}, "attach": {200, 409, 410}, "renew": {200, 410}, "look": {200}, "release": {200},
        }
        for call, status in seen:
            self.assertIn(status, allowed[call], seen)
        book = Book().read(self.events())
        self.assertEqual(book.held, {each["id"]: each["resources"] for each in self.live()})

    def test_a_process_that_is_attached_to_all_at_once_is_in_one(self):
        for _ in range(20):
            child = Child()
            reservations = [self.granted({"cpu": 0.1}, lease=60) for _ in range(CLIENTS)]
            answers = self.together(
                lambda client, number: client.post(path(reservations[number], "/attach"), {"pid": child.pid}))
            self.assertEqual(sorted(answer.status for answer in answers), [200] + [409] * (CLIENTS - 1))
            self.assertEqual(sum(self.look(each)["processes"] == [child.pid] for each in reservations), 1)
            child.end()
            self.setUp()

    def test_the_last_of_a_kind_is_given_once(self):
        for _ in range(20):
            answers = self.together(lambda client, _: client.reserve({"gpu": 3, "cpu": {"amount": 5, "exclusive": True}}))
            self.assertEqual(sorted(answer.status for answer in answers), [201] + [409] * (CLIENTS - 1))
            self.setUp()

    def test_renewals_and_the_end_of_a_lease_agree(self):
        # Whoever was answered 200 holds it; who was told 410 does not.
        for _ in range(5):
            reservation = self.granted({"cpu": 8}, lease=0.3)
            time.sleep(0.28)
            answers = self.together(lambda client, _: client.post(path(reservation, "/renew"), {"lease": "1m"}))
            renewed = {answer.status for answer in answers}
            self.assertIn(renewed, ({200}, {410}, {200, 410}))
            time.sleep(0.1)
            self.assertEqual(self.look(reservation)["state"], "confirmed" if 200 in renewed else "expired")
            self.setUp()
