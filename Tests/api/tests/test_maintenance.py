"""Maintenance: times in which nothing is granted."""
import signal
import time

from kit.agent import FIRST, STANDARD
from kit.case import AgentCase, path
from kit.command import berth
from kit.times import ahead, moment
from kit.users import as_user

ASYNC = {"Prefer": "respond-async"}
CPUS = 8
GPUS = 4


class Maintenance(AgentCase):
    def setUp(self):
        super().setUp()
        for window in self.windows():
            if window["origin"] == "api":
                self.assert_ok(self.client.delete(f"/v1/maintenance/{window['id']}"))
        self.wait_for(lambda: not self.live() and self.resource("cpu")["free"] == CPUS)

    def windows(self):
        return self.assert_ok(self.client.get("/v1/maintenance"))["maintenance"]

    def add(self, name, start, duration, **more):
        body = {"id": name, "start": start, "duration": duration, **more}
        return self.assert_ok(self.client.post("/v1/maintenance", body), 201)

    def test_nothing_is_granted_that_would_be_held_in_it(self):
        start = ahead(30)
        window = self.add("firmware", start, "1h", reason="new firmware")
        self.assertEqual((window["resources"], window["origin"], window["on"]), ("all", "api", False))
        inside = {"window": "firmware", "start": start, "end": window["end"]}
        self.assert_problem(self.client.reserve({"cpu": 1}), 409, "maintenance", **inside)
        self.assert_problem(self.client.reserve({"gpu": 1}, lease="40s"), 409, "maintenance", **inside)
        short = self.granted({"cpu": 1}, lease="20s")
        self.assert_problem(self.client.post(path(short, "/renew"), {"lease": "1m"}), 409, "maintenance", **inside)
        waiting = self.client.reserve({"cpu": 1}, ASYNC, wait="2h").json
        self.assertAlmostEqual(moment(waiting["queue"]["expected_start"]), moment(window["end"]), delta=0.5)
        self.assertEqual(self.resource("cpu")["maintenance"]["id"], "firmware")
        self.assertEqual(self.resource("cpu")["free"], 7)
        self.assert_ok(self.client.delete("/v1/maintenance/firmware"))
        self.wait_for(lambda: self.look(waiting)["state"] == "confirmed")
        self.assert_problem(self.client.delete("/v1/maintenance/firmware"), 404, "unknown")

    def test_while_it_is_on_what_runs_goes_on_and_units_say_so(self):
        held = self.granted({"gpu": 1})
        unit = held["units"][0]["name"]
        free = next(unit["name"] for unit in self.resource("gpu")["units"] if unit["state"] == "available")
        self.add("cards", ahead(0.3), "1s", resources={"gpu": [unit, free], "pids": "all"})
        time.sleep(0.4)
        states = {unit["name"]: unit["state"] for unit in self.resource("gpu")["units"]}
        self.assertEqual((states[unit], states[free]), ("reserved", "maintenance"))
        self.assertEqual(self.resource("pids")["free"] or 0, 0)
        self.assertEqual(self.look(held)["state"], "confirmed")
        self.assert_problem(self.client.reserve({"pids": 5}, lease="10s"), 409, "maintenance", window="cards")
        others = self.granted({"gpu": 2}, lease="10s")
        self.assertNotIn(free, [unit["name"] for unit in others["units"]])
        self.assert_problem(self.client.reserve({"gpu": 1}, lease="10s"), 409, "maintenance")
        self.assertEqual(self.client.reserve({"gpu": 1}, wait="1m", lease="10s").json["units"][0]["name"], free)

    def test_what_is_under_maintenance_is_not_free(self):
        free = [unit["name"] for unit in self.resource("gpu")["units"] if unit["state"] == "available"]
        self.add("cards", ahead(0.3), "1h", resources={"gpu": [free[0]]})
        self.add("again", ahead(0.3), "1h", resources={"gpu": [free[0], free[1]], "memory": "all"})
        self.assertEqual((self.resource("gpu")["free"], self.resource("gpu")["maintenance"]["on"]), (GPUS, False))
        time.sleep(0.4)
        self.assertEqual((self.resource("gpu")["free"], self.resource("memory")["free"]), (2, 0))
        self.granted({"gpu": 1}, lease="10s")
        self.assertEqual(self.resource("gpu")["free"], 1)
        self.assert_ok(self.client.request("PUT", "/v1/pools/vision", {"kind": "static", "guaranteed": {"memory": "64MiB"}}))
        self.addCleanup(self.client.delete, "/v1/pools/vision")
        self.assertEqual(self.assert_ok(self.client.get("/v1/pools/vision"))["free"]["memory"], 0)
        self.assertRegex(self.client.get("/metrics").bytes.decode(), r'berth_resource_free{type="gpu",unit="[a-z]+"} 1\n')
        status = berth(self.agent, "status").stdout
        self.assertRegex(status, r"memory .* maintenance again until 20..-..-.. ..:..:..Z\n")

    def test_what_the_host_does_not_have_is_refused(self):
        body = {"id": "mine", "start": ahead(60), "duration": 60}
        for resources in (
            {"gpu": ["65:00.0"]}, {"network": ["eth9"]}, {"storage": ["sda1"]}, {"acme.example/seatt": "all"},
            {"cpu": "all", "acme.example/seatt": ["1"]},
        ):
            name = next(name for name in resources if name != "cpu").replace("/", "~1")
            problem = self.assert_problem(
                self.client.post("/v1/maintenance", {**body, "resources": resources}), 422, "invalid",
                pointer=f"/resources/{name}")
            self.assertIn("known: " if "acme" not in name else "no plugin", problem["hint"])
        window = self.add("disk", ahead(60), "1h", resources={"storage": ["vda1"]})
        self.assertEqual(window["resources"], {"storage": ["vda"]})
        self.assertEqual([each["id"] for each in self.windows()], ["disk"])

    def test_times_have_years_of_four_digits(self):
        body = {"id": "far", "start": "9999-12-31T00:00:00Z"}
        self.assert_problem(
            self.client.post("/v1/maintenance", {**body, "duration": "2d"}), 422, "invalid", pointer="/end")
        self.assert_problem(
            self.client.post("/v1/maintenance", {**body, "end": "9999-12-31T23:59:59-01:00"}), 422, "invalid",
            pointer="/end")
        self.add("far", body["start"], "23h")

    def test_a_name_is_free_again_when_its_window_is_over(self):
        self.add("short", ahead(0), "300ms")
        time.sleep(0.5)
        self.assertEqual(self.windows(), [])
        later = self.add("short", ahead(60), "1h")
        self.assertEqual(self.windows(), [later])

    def test_windows_are_kept_over_restarts(self):
        self.add("kept", ahead(3600), "1h", repeat="weekly")
        before = self.windows()
        for end in (self.agent.kill, self.agent.stop, self.agent.kill):
            end()
            self.client.close()
            self.agent.start()
            self.assertEqual(self.windows(), before)
        self.assert_problem(self.client.reserve({"cpu": 1}), 409, "maintenance")

    def test_it_is_for_administrators_and_makes_sense(self):
        body = {"id": "mine", "start": ahead(60), "duration": 60}

        def ask():
            with self.agent.client() as client:
                return client.post("/v1/maintenance", body).status, client.get("/v1/maintenance").status

        self.assertEqual(as_user(FIRST, ask), (403, 200))
        self.assert_problem(
            self.client.post("/v1/maintenance", {**body, "start": ahead(-90)}), 422, "invalid", pointer="/end")
        self.assert_problem(
            self.client.post("/v1/maintenance", {**body, "repeat": "daily"}), 422, "invalid", pointer="/repeat")
        self.assert_ok(self.client.post("/v1/maintenance", body), 201)
        self.assert_problem(self.client.post("/v1/maintenance", body), 422, "invalid", pointer="/id")

    def test_the_configuration_has_windows_that_are_read_again(self):
        window = {"id": "night", "start": ahead(60), "duration": "1h", "resources": {"cpu": "all"}}
        try:
            self.agent.configure({**STANDARD, "maintenance": [window]})
            self.agent.process.send_signal(signal.SIGHUP)
            self.wait_for(self.windows)
            self.assertEqual(self.windows()[0]["origin"], "configuration")
            self.assert_problem(self.client.reserve({"cpu": 1}), 409, "maintenance", window="night")
            self.granted({"memory": "1GiB"})
            self.assert_problem(self.client.delete("/v1/maintenance/night"), 422, "invalid")
        finally:
            self.agent.configure(STANDARD)
            self.agent.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: not self.windows())
        self.granted({"cpu": 1})

    def test_the_configuration_is_warned_of_what_it_may_not_mean(self):
        window = {"id": "both", "start": ahead(60), "duration": "1h", "resources": {"gpu": ["nowhere"]}}
        self.add("both", ahead(7200), "1h")
        try:
            self.agent.configure({**STANDARD, "maintenance": [window]})
            self.agent.process.send_signal(signal.SIGHUP)
            self.wait_for(lambda: len(self.windows()) == 2)
            self.assertEqual([each["origin"] for each in self.windows()], ["configuration", "api"])
            self.wait_for(lambda: "both count" in self.agent.log)
            self.assertIn('the maintenance both: this host has no gpu "nowhere"', self.agent.log)
            self.assert_ok(self.client.delete("/v1/maintenance/both"))
            self.assertEqual([each["origin"] for each in self.windows()], ["configuration"])
        finally:
            self.agent.configure(STANDARD)
            self.agent.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: not self.windows())

    def test_the_command_line_refuses_in_words_of_its_own(self):
        self.assertEqual(berth(self.agent, "maintenance").stderr, "berth: no maintenance\n")
        for words, arguments in (
            ("the id must be", ["a/b", "--for", "1h"]),
            ("--for is", ["a", "--for", "x"]),
            ("--for: the window is over", ["a", "--for", "1h", "--start", "2020-01-01T00:00:00Z"]),
            ("--for must lie before", ["a", "--for", "2d", "--start", "9999-12-31T00:00:00Z"]),
            ("--weekly makes no sense", ["a", "--for", "8d", "--weekly"]),
            ("--start is", ["a", "--for", "1h", "--start", "noon"]),
            ("--type acme.example/seatt: no plugin provides", ["a", "--for", "1h", "--type", "acme.example/seatt"]),
            ("--type seat is no", ["a", "--for", "1h", "--type", "seat"]),
            ("cpu, memory, pids, storage, network, gpu, or one", ["a", "--for", "1h", "--type", "gpus"]),
            ("--unit cpu is covered only whole\n       expected: --type cpu", ["a", "--for", "1h", "--unit", "cpu=core0"]),
            ("say +2h for so long", ["a", "--for", "1h", "--start", "2h"]),
            ("--gpu: this host has no gpu", ["a", "--for", "1h", "--gpu", "x"]),
            ("--unit network: this host has no network", ["a", "--for", "1h", "--unit", "network=eth9"]),
        ):
            refused = berth(self.agent, "maintenance", "add", *arguments)
            self.assertEqual((refused.returncode, refused.stdout), (1, ""), refused.stderr)
            self.assertIn(words, refused.stderr)
        self.assertEqual(self.windows(), [])

    def test_the_soonest_is_first_and_removed_as_it_was_shown(self):
        self.add("backup", ahead(7200 - 7 * 86400), "1h", repeat="weekly")
        self.add("once", ahead(3600), "1h")
        shown = self.windows()
        self.assertEqual([each["id"] for each in shown], ["once", "backup"])
        for window in shown:
            self.assertEqual(self.assert_ok(self.client.delete(f"/v1/maintenance/{window['id']}")), window)

    def test_while_it_is_on_it_says_how_long_to_wait(self):
        self.add("now", ahead(-60), "2h10m")
        for lease in ([], ["--lease", "1m"]):
            refused = berth(self.agent, "reserve", "--cpu", "1", *lease).stderr
            self.assertIn(" --wait 2h9m until it is over; berth", refused)
            self.assertNotIn("--lease", refused)

    def test_it_tells_who_holds_or_is_promised_what_it_covers(self):
        held, other = self.granted({"gpu": 1}), self.granted({"cpu": 1}, lease="2h")
        self.granted({"gpu": 1}, lease="10s")
        start = ahead(90)
        promised = self.client.reserve({"gpu": 1}, ASYNC, start=start, lease="1m").json
        window = self.add("cards", ahead(60), "1h", resources={"gpu": "all"})
        conflicts = {each["id"]: each for each in window["conflicts"]}
        self.assertEqual(set(conflicts), {held["id"], promised["id"]})
        self.assertEqual((conflicts[promised["id"]]["start"], "end" in conflicts[held["id"]]), (start, False))
        self.assertNotIn("conflicts", self.windows()[0])
        taken = [each["units"][0]["name"] for each in (held, promised)]
        unit = next(unit["name"] for unit in self.resource("gpu")["units"] if unit["name"] not in taken)
        self.assertNotIn("conflicts", self.add("unit", ahead(60), "1h", resources={"gpu": [unit], "pids": "all"}))
        added = berth(self.agent, "maintenance", "add", "all", "--start", "+30s", "--for", "1h")
        self.assertEqual(len(added.stderr.splitlines()), 3, added.stderr)
        self.assertIn(f"berth: {other['id']} holds something that it covers until 20", added.stderr)
        self.assertIn(f"berth: {promised['id']} is promised something that it covers from 20", added.stderr)
        events = berth(self.agent, "events", "--since", "0", "--once").stdout
        self.assertRegex(events, r"maintenance_added  cards from 20.* to 20.*, covers gpu\n")

    def test_what_comes_every_week_is_waited_for_in_vain_without_a_lease(self):
        self.add("backup", ahead(3600), "1h", repeat="weekly")
        self.assert_problem(self.client.reserve({"cpu": 1}), 409, "maintenance", repeat="weekly")
        refused = berth(self.agent, "reserve", "--cpu", "1").stderr
        self.assertIn("it comes again every week, so --wait helps only with a --lease", refused)

    def test_the_command_line_says_it(self):
        added = berth(self.agent, "maintenance", "add", "cards", "--start", "+1h", "--for", "2h", "--weekly", "--type", "gpu", "--unit", "network=eth0")
        self.assertEqual((added.returncode, added.stderr), (0, ""))
        self.assertRegex(berth(self.agent, "maintenance").stdout, r"cards +20.* weekly +gpu network=eth0 +-")
        self.assertIn("maintenance cards", berth(self.agent, "reserve", "--gpu", "1").stderr)
        self.assertEqual(berth(self.agent, "maintenance", "remove", "cards").returncode, 0)
        self.assertEqual(self.windows(), [])
