#!/usr/bin/python3 -B
"""All of plugins under the service at once: nine that break every rule beside good ones, validators, seats of a licence, and
many."""
# kernel: 6.12
import os
import threading
import time

from inside.case import main, measured
from inside.plugins import FOLDER, SEAT, PluginsCase
from inside.service import Service

SETTINGS = {
    "license-seats": {"license.example/seat": {"count": 3}},
    "site-policy": {"rules": [{"name": "big", "where": {"/resources/memory/amount": "> 268435456"}, "deny": "not here"}]},
}
# What each did, and what its state has to say of it.
BAD = {
    "trap": "signal 4", "spin": "did not answer start", "leak": "signal 9", "forks": "no more processes",
    "garbage": "is no JSON", "silent": "did not answer loading", "late": "did not answer start", "other": "it answered call 4711",
    "exits": "it ended during allocate",
}


class Together(PluginsCase):
    config = {"plugins": {"settings": SETTINGS, "validators": {"cost": {"wait": "5s"}, "site-policy": {"wait": "5s"}}}}

    def said(self, name):
        plugin = self.plugin(name)
        return plugin.get("reason") or plugin.get("last_failure", {}).get("reason", "")

    def test_validators_and_seats_of_our_own_beside_nine_that_break_every_rule(self):
        self.drop("seats")
        self.drop("license-seats")
        self.drop("cost", kind="validator", types=[])
        self.drop("site-policy")
        for name in ("seats", "license-seats", "cost", "site-policy"):
            self.running(name)
        held = self.granted({"license.example/seat": 2, "cpu": "0.05", "memory": "16MiB"}, lease="1h", labels={"cost_centre": "7"})
        self.assertEqual(len(held["env"]["LICENSE_SEATS"].split(",")), 2)
        times, statuses, is_over = [], set(), threading.Event()

        def load():
            with Service().client() as client:
                while not is_over.is_set():
                    began = time.monotonic()
                    answer = client.reserve({"cpu": "0.01", "memory": "1MiB"}, lease="1h", labels={"cost_centre": "7"})
                    times.append(time.monotonic() - began)
                    statuses.add(answer.status)
                    if answer.status == 201:
                        client.delete(f"/v1/reservations/{answer.json['id']}?grace=0s")
                    time.sleep(0.05)

        thread = threading.Thread(target=load)
        thread.start()
        try:
            for name in BAD:
                self.drop(f"bad-{name}", f"example.com/{name}")
            self.wait_for(lambda: any(each["type"] == "example.com/exits" and each["units"]
                                      for each in self.client.get("/v1/resources").json["resources"]))
            self.assertEqual(self.client.reserve({"example.com/exits": 1, "memory": "1MiB"}, labels={"cost_centre": "7"}).status, 409)
            for name, reason in BAD.items():
                self.wait_for(lambda: reason in self.said(f"bad-{name}"), 120)
                measured(f"{name}: {self.said('bad-' + name)}")
        finally:
            is_over.set()
            thread.join()
        self.assertEqual(statuses, {201})
        times.sort()
        measured(f"{len(times)} reservations beside them: p50 {times[len(times) // 2] * 1000:.0f} ms, longest {times[-1] * 1000:.0f} ms")
        # A call of any of them goes on for five seconds or more.
        self.assertLess(times[-1], 4)
        # What the rules say, and what is put in.
        self.assertEqual(self.client.reserve({"cpu": "0.01", "memory": "512MiB"}, labels={"cost_centre": "7"}).json["code"], "rejected")
        self.assertEqual(self.client.reserve({"cpu": "0.01"}, name="strict").json["code"], "rejected")
        amended = self.granted({"cpu": "0.01"}, lease="1h")
        self.assertEqual((amended["labels"], amended["amendments"][0]["validator"]), ({"cost_centre": "none"}, "cost"))
        # After kill -9 of all of them, and of the agent, the same is held.
        for name in ("seats", "license-seats", "cost", "site-policy"):
            os.kill(self.running(name)["pid"], 9)
        self.crash()
        self.client.close()
        for name in ("seats", "license-seats", "cost", "site-policy"):
            self.wait_for(lambda: self.plugin(name).get("state") == "running", 60)
        self.assertEqual(self.look(held)["env"], held["env"])
        self.assertEqual(self.resource("license.example/seat")["held"], 2)

    def test_twenty_at_once(self):
        began = time.monotonic()
        for number in range(20):
            self.drop(f"many{number}", library="cost", kind="validator", types=[])
        self.wait_for(lambda: sum(each["state"] == "running" for each in self.plugins()) == 20, 120)
        used = int((self.root / "plugins/memory.current").read_text())
        measured(f"20 plugins run after {time.monotonic() - began:.1f} s, {used / 20 / 1024:.0f} KiB each")


del PluginsCase

if __name__ == "__main__":
    main()
