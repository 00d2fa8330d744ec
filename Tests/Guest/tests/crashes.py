#!/usr/bin/python3 -B
"""kill -9 of the agent at random moments under load: what was acknowledged is so afterwards, the rest is whole or absent."""
# kernel: 6.12
# timeout: 1200
import os
import random
import threading
import time

from inside.case import MIB, PATIENCE, main, measured
from inside.crash import CrashCase
from inside.leaf import Leaf
from kit.case import path
from kit.witness import ENDED, Broken, Shape, Wish, Witness, check_nothing_else, shape

SEED = int(os.environ.get("BERTH_SEED") or random.SystemRandom().randrange(1 << 32))
CRASHES = int(os.environ.get("BERTH_CRASHES") or 25)
CLIENTS = 4


class Crashes(CrashCase):
    def test_random_moments(self):
        print(f"BERTH_SEED={SEED}", flush=True)
        chance = random.Random(SEED)
        loads = [Load(self, number) for number in range(CLIENTS)]
        for number in range(CRASHES):
            for load in loads:
                load.is_over = False
            threads = [threading.Thread(target=load.run) for load in loads]
            for thread in threads:
                thread.start()
            time.sleep(chance.choice([0.05, 0.3, 1.0]) * chance.random())
            try:
                self.crash()
                for load in loads:
                    load.is_over = True
                for thread in threads:
                    thread.join()
                self.check(loads)
            except Exception as error:
                error.add_note(f"at crash {number} of {CRASHES}, BERTH_SEED={SEED}")
                raise
        measured(f"{CRASHES} crashes, {sum(load.answers for load in loads)} answers, BERTH_SEED={SEED}")
        self.assertGreater(sum(load.answers for load in loads), CRASHES)

    def check(self, loads):
        self.client.close()
        live = {each["id"]: each for each in self.live()}
        accounted = set()
        for load in loads:
            if load.trouble:
                raise load.trouble
            accounted |= load.witness.check(live, lambda identity: self.look({"id": identity}))
        check_nothing_else(live, accounted)
        # A release that was acknowledged or decided ends in the background, and a grant is held again in it.
        self.settles(lambda: self.assert_no_leak())
        for each in live.values():
            if each["id"] in {one["id"] for one in self.live()}:
                self.settles(lambda: self.assert_held(self.look(each)))
                self.assertEqual(sorted(Leaf(each["cgroup"]).processes), sorted(each["processes"]))
        for load in loads:
            load.settle(live)

    def settles(self, check):
        """Checks until it holds, or for as long as the agent may need in this guest."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return check()
            except AssertionError:
                if time.monotonic() > until:
                    raise
            time.sleep(0.05)


class Load:
    """One client: reserves, attaches and releases until its connection breaks, or the crash is over: a connection that
    was made between two agents waits in systemd's socket for the next one, and never breaks."""

    def __init__(self, case, number):
        self.case, self.number = case, number
        self.chance = random.Random(f"{SEED} {number}")
        self.witness, self.asked, self.answers, self.trouble, self.is_over = Witness(), 0, 0, None, False

    def run(self):
        try:
            with self.case.service.client() as client:
                while not self.is_over:
                    self.step(client)
                    self.answers += 1
        except OSError:
            pass
        except Exception as error:
            self.trouble = error

    def step(self, client):
        live = self.witness.live()
        empty = [each for each in live if not self.witness.known[each][0].processes]
        if len(live) < 2 or (len(live) < 5 and self.chance.random() < 0.4):
            self.reserve(client)
        elif empty and self.chance.random() < 0.5:
            self.attach(client, self.chance.choice(empty))
        else:
            self.release(client, self.chance.choice(live))

    def reserve(self, client):
        self.asked += 1
        name = f"c{self.number}-{self.asked}"
        wanted = {"cpu": 0.05, "memory": self.chance.randint(1, 8) * MIB, "pids": self.chance.randint(3, 30)}
        wanted = {kind: wanted[kind] for kind in self.chance.sample(sorted(wanted), self.chance.randint(1, 3))}
        self.witness.wishes[name] = Wish(wanted, None)
        answer = client.reserve(wanted, name=name, lease="1h")
        self.expect(answer, 201)
        self.witness.granted(name, answer.json)

    def attach(self, client, identity):
        process = self.case.spawn("workload", "wait")
        before = self.witness.known[identity][0]
        self.witness.may_become(identity, Shape(before.resources, [process.pid]))
        answer = client.post(path({"id": identity}, "/attach"), {"pid": process.pid})
        self.expect(answer, 200)
        self.witness.became(identity, shape(answer.json))

    def release(self, client, identity):
        self.witness.may_become(identity, ENDED)
        answer = client.delete(path({"id": identity}) + "?grace=0s")
        self.expect(answer, 200)
        self.witness.became(identity, shape(answer.json))

    def expect(self, answer, status):
        if answer.status != status:
            raise Broken(f"client {self.number} was answered {answer}")

    def settle(self, live):
        """After the check nothing is unsure: what was never answered is held, or was never granted."""
        for name in list(self.witness.wishes):
            found = [each for each in live.values() if each["name"] == name]
            if found:
                self.witness.granted(name, found[0])
        self.witness.wishes.clear()
        self.witness.forget_ended()


if __name__ == "__main__":
    main()
