#!/usr/bin/python3 -B
"""kill -9 of the agent: fifty running reservations go on, and what was acknowledged under load is so afterwards."""
# timeout: 1200
import os
import pathlib
import random
import threading
import time

from inside.case import MIB, HeldCase, main, measured
from inside.leaf import Leaf
from kit.case import path
from kit.witness import ENDED, Broken, Shape, Wish, Witness, check_nothing_else, shape

SEED = int(os.environ.get("BERTH_SEED") or random.SystemRandom().randrange(1 << 32))
CRASHES = int(os.environ.get("BERTH_CRASHES") or 25)
CLIENTS = 4


class Crashes(HeldCase):
    @classmethod
    def setUpClass(cls):
        # The pause is the unit's, to spare a broken host; here it is 100 s for nothing.
        drop_in = pathlib.Path("/etc/systemd/system/berthd.service.d/quick.conf")
        drop_in.parent.mkdir(parents=True)
        drop_in.write_text("[Service]\nRestartSec=20ms\n")
        super().setUpClass()

    def crash(self):
        pid = self.pid
        os.kill(pid, 9)
        self.service.wait_until_serving()
        self.pid = self.service.pid
        self.assertNotIn(self.pid, (0, pid))

    def test_fifty_workloads(self):
        self.pid = self.service.pid
        held = [self.granted({"cpu": "0.02", "memory": 4 * MIB, "pids": 5}, lease="1h", name=f"w{number}")
                for number in range(50)]
        processes = [self.attached(reservation, "spin") for reservation in held]
        before = {each["id"]: ({**each, "usage": None}, Leaf(each["cgroup"]).limits()) for each in self.live()}
        self.assertEqual(len(before), 50)
        free = self.resource("cpu")["free"]
        self.crash()
        self.client.close()
        after = self.live()
        self.assertEqual({each["id"]: ({**each, "usage": None}, Leaf(each["cgroup"]).limits()) for each in after}, before)
        self.assert_no_leak()
        used, throttled = self.use_of(held, 5)
        measured(f"after kill -9 of the agent: {len(after)} of 50 reservations, {max(used):.4f} CPUs used by the busiest "
                 f"of --cpu 0.02, {throttled} of them throttled")
        self.assertLess(max(used), 0.03)
        self.assertEqual(throttled, 50)
        for process, reservation in zip(processes, held):
            self.assertIsNone(process.poll())
            self.assertEqual(Leaf(reservation["cgroup"]).processes, [process.pid])
            self.assert_held(self.look(reservation))
        self.assertEqual(self.resource("cpu")["free"], free)
        self.assertEqual(self.client.reserve({"cpu": free + 1}).status, 409)
        for reservation in held:
            self.assertEqual(self.client.delete(path(reservation) + "?grace=0s").status, 200)
        self.assertEqual([process.wait(60) for process in processes], [-9] * 50)
        self.assertEqual((self.live(), self.resource("cpu")["held"], self.resource("memory")["held"]), ([], 0, 0))
        self.assert_no_leak()

    def use_of(self, held, seconds):
        leaves = [Leaf(reservation["cgroup"]) for reservation in held]
        before, began = [leaf.counters("cpu.stat") for leaf in leaves], time.monotonic()
        time.sleep(seconds)
        after, seconds = [leaf.counters("cpu.stat") for leaf in leaves], time.monotonic() - began
        return ([(new["usage_usec"] - old["usage_usec"]) / 1e6 / seconds for old, new in zip(before, after)],
                sum(new["nr_throttled"] > old["nr_throttled"] for old, new in zip(before, after)))

    def test_random_moments(self):
        print(f"BERTH_SEED={SEED}", flush=True)
        self.pid = self.service.pid
        chance = random.Random(SEED)
        loads = [Load(self, number) for number in range(CLIENTS)]
        for number in range(CRASHES):
            threads = [threading.Thread(target=load.run) for load in loads]
            for thread in threads:
                thread.start()
            time.sleep(chance.choice([0.05, 0.3, 1.0]) * chance.random())
            try:
                self.crash()
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
        # A release that was acknowledged or decided ends in the background.
        self.wait_for(lambda: self.no_leak())
        for each in live.values():
            if each["id"] in {one["id"] for one in self.live()}:
                self.assert_held(each)
                self.assertEqual(sorted(Leaf(each["cgroup"]).processes), sorted(each["processes"]))
        for load in loads:
            load.settle(live)

    def no_leak(self):
        try:
            self.assert_no_leak()
            return True
        except AssertionError as error:
            self.leak = error
            return False


class Load:
    """One client: reserves, attaches and releases until its connection breaks."""

    def __init__(self, case, number):
        self.case, self.number = case, number
        self.chance = random.Random(f"{SEED} {number}")
        self.witness, self.asked, self.answers, self.trouble = Witness(), 0, 0, None

    def run(self):
        try:
            with self.case.service.client() as client:
                while True:
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
