"""Leases that end and are renewed, and answers that are lost, under many clients at once."""
import collections
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from kit import seed
from kit.case import AgentCase, path
from kit.times import moment

CLIENTS = 16
SECONDS = 4


class Load(AgentCase):
    def client_of(self, number, start, until):
        """Reserves over and over, each time by a key of its own; returns what it was promised, by reservation."""
        random, promised, seen = seed.source(f"load {number}"), {}, collections.Counter()
        held = []
        with self.agent.client() as client:
            client.get("/v1/health")
            start.wait()
            turn = 0
            while time.monotonic() < until():
                turn += 1
                body = {"resources": {"cpu": 0.05}, "lease": random.uniform(0.2, 1.5).__round__(2), "end": "released"}
                key = {"Idempotency-Key": f"{number} {turn}"}
                for _ in range(random.choice([0, 0, 1, 2])):
                    # The answer is lost, and whoever asked does not know what became of it.
                    client.connection.request("POST", "/v1/reservations", body=str(body).replace("'", '"'), headers={
                        **key, "Content-Type": "application/json"})
                    client.close()
                    seen["lost"] += 1
                answer = client.post("/v1/reservations", body, headers=key)
                if answer.status == 409:
                    self.assertEqual(answer.json["code"], "insufficient")
                    seen["refused"] += 1
                    continue
                self.assertEqual(answer.status, 201, answer)
                first = answer.json
                again = client.post("/v1/reservations", body, headers=key)
                self.assertEqual((again.status, again.json["id"]), (201, first["id"]))
                self.assertNotIn(first["id"], promised)
                promised[first["id"]] = moment(first["expires_at"])
                held.append(first["id"])
                for id in random.sample(held, min(3, len(held))):
                    call = random.choice(["renew", "renew", "release", "look"])
                    if call == "renew":
                        answer = client.post(path({"id": id}, "/renew"), {"lease": random.uniform(0.2, 1).__round__(2)})
                        if answer.status == 200:
                            promised[id] = moment(answer.json["expires_at"])
                    elif call == "release":
                        answer = client.delete(path({"id": id}))
                        if answer.json.get("reason") == "released":
                            promised[id] = None
                    else:
                        answer = client.get(path({"id": id}))
                    seen[call, answer.status] += 1
                    if call == "release" or answer.status == 410:
                        held.remove(id)
        return promised, seen

    def test_each_key_reserves_once_and_each_lease_ends_when_it_was_last_said_to(self):
        start, begun = threading.Barrier(CLIENTS), time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as pool:
            all_of_them = list(pool.map(
                lambda number: self.client_of(number, start, lambda: begun + SECONDS), range(CLIENTS)))
        promised, seen = {}, collections.Counter()
        for one, counts in all_of_them:
            promised.update(one)
            seen += counts
        for what in ("lost", ("renew", 200), ("renew", 410), ("release", 200)):
            self.assertGreater(seen[what], 20, seen)
        self.wait_for(lambda: not self.live())
        events = self.events()
        granted = [event.data["reservation"] for event in events if event.name == "granted"]
        # A key whose answer was lost has reserved what the retry was told of, and nothing else.
        self.assertEqual(sorted(granted), sorted(promised))
        ended = [event.data for event in events if event.name == "ended"]
        self.assertEqual(sorted(each["reservation"] for each in ended), sorted(promised))
        for each in ended:
            last = promised[each["reservation"]]
            if last is None:
                continue
            self.assertEqual(each["reason"], "lease", each)
            self.assertGreaterEqual(moment(each["at"]), last - 0.002, each)
        self.assertEqual(self.resource("cpu")["held"], 0)
