"""GET /v1/host, /v1/health and /v1/resources."""
import signal
import time

from kit import host
from kit.case import AgentCase, path


class Host(AgentCase):
    def test_health_says_which_ledger_and_how_long(self):
        first = self.assert_ok(self.client.get("/v1/health"))
        self.assertEqual(first.keys(), {"state", "ledger", "epoch", "version", "last_event", "uptime"})
        self.assertEqual((first["state"], first["ledger"]), ("serving", "ok"))
        time.sleep(0.1)
        self.granted({"cpu": 1})
        second = self.assert_ok(self.client.get("/v1/health"))
        self.assertEqual(second["epoch"], first["epoch"])
        self.assertGreater(second["uptime"], first["uptime"])
        self.assertGreater(second["last_event"], first["last_event"])

    def test_the_host_is_the_one_that_was_given(self):
        answer = self.client.get("/v1/host")
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        document = self.assert_ok(answer)
        self.assertEqual(document["cpu"]["online"], 8)
        self.assertEqual(document["memory"]["total_bytes"], host.MEMORY)
        self.assertEqual([gpu["pci"] for gpu in document["gpus"]], list(host.GPUS))

    def test_every_type_is_listed_with_everything(self):
        resources = self.assert_ok(self.client.get("/v1/resources"))["resources"]
        self.assertEqual(
            [(each["type"], each["measure"], each["capacity"]) for each in resources],
            [("cpu", "cpus", 8), ("memory", "bytes", host.MEMORY), ("pids", "count", host.PIDS),
             ("storage", "bytes_per_second", None), ("network", "bits_per_second", host.SPEED), ("gpu", "gpus", 4)])
        for each in resources:
            self.assertLessEqual({"type", "measure", "capacity", "system_reserved", "held", "free", "units"}, each.keys())
            for unit in each["units"]:
                self.assertLessEqual({"name", "state", "capabilities"}, unit.keys())

    def test_units_show_whether_they_are_held_and_whether_anything_runs(self):
        def states():
            return {unit["name"]: unit["state"] for unit in self.resource("cpu")["units"]}
        self.assertEqual(set(states().values()), {"available"})
        reservation = self.granted({"cpu": {"amount": 2, "exclusive": True}}, lease=60)
        core = f"core{reservation['units'][0]['cpu']}"
        self.assertEqual(states()[core], "reserved")
        self.assert_ok(self.client.post(path(reservation, "/attach")))
        self.assertEqual(states()[core], "in-use")
        self.assertEqual(list(states().values()).count("available"), 3)
        self.client.delete(path(reservation))
        self.assertEqual(set(states().values()), {"available"})

    def test_explain_holds_nothing(self):
        answer = self.assert_ok(self.client.post("/v1/explain", {"resources": {"cpu": {"amount": 2, "exclusive": True}}}))
        self.assertEqual((answer["granted"], len(answer["units"])), (True, 2))
        answer = self.assert_ok(self.client.post("/v1/explain", {"resources": {"cpu": 9}}))
        self.assertEqual((answer["granted"], answer["problem"]["code"]), (False, "insufficient"))
        self.assertEqual(self.live(), [])


class Hangup(AgentCase):
    def test_sighup_reads_the_configuration_again_and_a_broken_one_changes_nothing(self):
        def reserved():
            return self.resource("cpu")["system_reserved"]
        reservation = self.granted({"cpu": 8})
        self.agent.configure({"system_reserved": {"cpu": 2, "memory": 0}})
        self.agent.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: reserved() == 2)
        self.assertEqual(self.look(reservation), reservation, "what is held stays held")
        self.assertEqual(self.resource("cpu")["free"], 0)
        self.assert_ok(self.client.delete(path(reservation)))
        self.assert_problem(self.client.reserve({"cpu": 7}), 409, "insufficient", ever=False)
        for text in ("system_reserved: {cpu: -1}", "system_reserved: [", "rolls: {}", "system_reserved: {cpu: many}"):
            self.agent.config.write_text(text)
            self.agent.process.send_signal(signal.SIGHUP)
            self.wait_for(lambda: "stays as it was" in self.agent.log)
            time.sleep(0.1)
            self.assertEqual(reserved(), 2)
        self.assertIn("berth.yaml:1", self.agent.log)
