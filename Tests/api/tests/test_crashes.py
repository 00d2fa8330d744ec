"""kill -9 at random moments: what was acknowledged is so afterwards, and nothing else is."""
import collections
import os
import threading
import time
import unittest

from kit import host, seed, wishes
from kit.agent import STANDARD, Agent
from kit.case import path
from kit.child import Child
from kit.overbooking import Book
from kit.stream import Stream, log
from kit.witness import ENDED, Broken, Shape, Wish, Witness, check_nothing_else, shape

CRASHES = int(os.environ.get("BERTH_CRASHES", 200))
CLIENTS = 6


class Load:
    """One client, until its connection breaks."""

    def __init__(self, number):
        self.number = number
        self.random = seed.source(f"crashes client {number}")
        self.witness = Witness()
        self.child = Child()
        self.asked = 0
        self.done = collections.Counter()
        self.trouble = None

    def run(self, agent):
        try:
            with agent.client() as client:
                while True:
                    self.step(client)
        except OSError:
            pass
        except Exception as error:
            self.trouble = f"client {self.number}: {error!r}"

    def step(self, client):
        live = self.witness.live()
        choice = self.random.random()
        if len(live) < 2 or (len(live) < 4 and choice < 0.4):
            self.reserve(client)
        elif choice < 0.55:
            self.resize(client, self.random.choice(live))
        elif choice < 0.7 and not any(known[0].processes for known in self.witness.known.values()):
            self.attach(client, self.random.choice(live))
        else:
            self.release(client, self.random.choice(live))

    def reserve(self, client):
        self.asked += 1
        name = f"c{self.number}-{self.asked}"
        wish = Wish(wishes.resources(self.random), name if self.random.random() < 0.5 else None)
        self.witness.wishes[name] = wish
        self.ask(client, name, wish)

    def ask(self, client, name, wish):
        headers = {"Idempotency-Key": wish.key} if wish.key else {}
        answer = client.reserve(wish.resources, headers, name=name, lease="1h")
        self.expect(answer, 201, 409)
        if answer.status == 201:
            self.witness.granted(name, answer.json)
        else:
            del self.witness.wishes[name]

    def resize(self, client, identity):
        before = self.witness.known[identity][0]
        amount = self.random.randint(1, 6) * host.GIB
        # Only the memory's own amount and limit change: the new shape is known before the answer.
        after = before.resources | {"memory": {"amount": amount, "limit": amount}}
        self.witness.may_become(identity, Shape(after, before.processes))
        change = {"memory": {"amount": amount, "limit": amount, "where": {}}}
        answer = client.patch(path({"id": identity}), {"resources": change})
        self.expect(answer, 200, 409)
        self.witness.became(identity, shape(answer.json) if answer.status == 200 else before)

    def attach(self, client, identity):
        before = self.witness.known[identity][0]
        self.witness.may_become(identity, Shape(before.resources, [self.child.pid]))
        answer = client.post(path({"id": identity}, "/attach"), {"pid": self.child.pid})
        self.expect(answer, 200)
        self.witness.became(identity, shape(answer.json))

    def release(self, client, identity):
        self.witness.may_become(identity, ENDED)
        answer = client.delete(path({"id": identity}))
        self.expect(answer, 200)
        self.witness.became(identity, shape(answer.json))

    def expect(self, answer, *statuses):
        if answer.status not in statuses:
            raise Broken(f"answered {answer}")
        self.done[answer.status] += 1

    def settle(self, client, live):
        """After a restart and the check: what is not sure is asked again with its key, or looked at."""
        for name, wish in list(self.witness.wishes.items()):
            found = [reservation for reservation in live.values() if reservation["name"] == name]
            if found:
                self.witness.granted(name, found[0])
            if not wish.key:
                self.witness.wishes.pop(name, None)
                continue
            headers = {"Idempotency-Key": wish.key}
            answer = client.reserve(wish.resources, headers, name=name, lease="1h")
            if found and (answer.status, answer.json["id"]) != (201, found[0]["id"]):
                raise Broken(f"{name} was {found[0]['id']}, and a retry was answered {answer}")
            if not found and answer.status == 201:
                self.witness.granted(name, answer.json)
            self.witness.wishes.pop(name, None)


class Crashes(unittest.TestCase):
    def setUp(self):
        self.agent = Agent(STANDARD | {"disks": {host.DISK: {"read": "100MiB"}}})
        self.addCleanup(self.agent.clean)
        self.random = seed.source("crashes")
        self.loads = [Load(number) for number in range(CLIENTS)]
        for load in self.loads:
            self.addCleanup(load.child.end)
        self.book, self.events, self.ended = Book(), [], set()

    def watch(self, since, seen):
        """Collects what a stream shows until it breaks."""
        try:
            with Stream(self.agent.socket, f"?since={since}") as stream:
                seen.extend(stream)
        except OSError:
            pass

    def crash(self):
        """Lets everybody work, kills the agent at some moment, and returns the events that a stream showed."""
        seen, since = [], self.book.last
        threads = [threading.Thread(target=load.run, args=[self.agent]) for load in self.loads]
        threads.append(threading.Thread(target=self.watch, args=[since, seen]))
        for thread in threads:
            thread.start()
        time.sleep(self.random.choice([0.02, 0.1, 0.3]) * self.random.random())
        self.agent.kill()
        for thread in threads:
            thread.join()
        while self.random.random() < 0.15:
            # Again while it starts.
            self.agent.launch()
            time.sleep(0.15 * self.random.random())
            self.agent.kill()
        return seen

    def check(self, seen):
        with self.agent.client() as client:
            live = self.live(client)
            accounted = set()
            for load in self.loads:
                if load.trouble:
                    raise Broken(load.trouble)
                accounted |= load.witness.check(live, lambda identity: self.look(client, identity))
            check_nothing_else(live, accounted)
            new = log(self.agent, len(self.events))
            if new[:len(seen)] != seen:
                raise Broken(f"streams showed {seen}, and the log has {new}")
            for load in self.loads:
                load.settle(client, live)
                self.ended |= load.witness.forget_ended()
            until = time.monotonic() + 20
            while True:
                self.read_on()
                held = {key: each["resources"] for key, each in self.live(client).items()}
                # A lease may end between the two.
                if held == self.book.live or time.monotonic() > until:
                    break
            self.assertEqual(self.book.live, held)
            # What was ending when the agent was killed is freed by the next one, soon and not before it serves.
            while self.book.ended:
                self.assertLess(time.monotonic(), until, f"ended, and not freed: {self.book.ended}")
                self.read_on()

    def read_on(self):
        """Takes in what the log has more than before."""
        new = log(self.agent, len(self.events))
        self.events += new
        self.book.read(new)

    def live(self, client):
        return {each["id"]: each for each in client.get("/v1/reservations").json["reservations"]}

    def look(self, client, identity):
        answer = client.get(path({"id": identity}))
        return answer.json if answer.status == 200 else None

    def test_every_acknowledged_thing_survives(self):
        self.agent.start()
        self.check([])
        with self.agent.client() as client:
            epoch = client.get("/v1/health").json["epoch"]
        starts = []
        for number in range(CRASHES):
            try:
                seen = self.crash()
                self.agent.start()
                starts.append(self.agent.start_seconds)
                self.check(seen)
            except Exception as error:
                error.add_note(f"at crash {number} of {CRASHES}, BERTH_SEED={os.environ.get('BERTH_SEED')}")
                raise
        with self.agent.client() as client:
            self.assertEqual(client.get("/v1/health").json["epoch"], epoch)
            for identity in self.ended:
                self.assertEqual(self.look(client, identity)["state"], "released")
        if log(self.agent)[:len(self.events)] != self.events:
            raise Broken("the log of the end is not the log as it was read")
        done = sum((load.done for load in self.loads), collections.Counter())
        print(f"{CRASHES} crashes, {sum(done.values())} answers, {len(self.events)} events, {len(self.ended)} ended; "
              f"start took {sorted(starts)[len(starts) // 2]:.2f} s, at most {max(starts):.2f} s")
        self.assertGreater(len(self.ended), CRASHES)
