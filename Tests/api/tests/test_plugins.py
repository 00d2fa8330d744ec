"""Plugins of a running agent: what they provide, and what becomes of it when they, or the agent, end."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from kit import host
from kit.agent import FIRST, SECOND, STANDARD
from kit.case import AgentCase, path
from kit.command import berth
from kit.users import Guest, as_user

ROOT = pathlib.Path(__file__).resolve().parents[3]
ABI = ROOT / "Plugins/Kit/Sources/BerthPluginABI/include"
SOURCES = ROOT / "Tests/plugins/sources"
SEAT = "example.com/seat"


class PluginCase(AgentCase):
    settings, validators = {}, {}

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="berth-plugins-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.folder.chmod(0o755)
        (cls.folder / "lib").mkdir(mode=0o755)
        (cls.folder / "built").mkdir(mode=0o755)
        cls.config = {**STANDARD, "plugins": {"folder": str(cls.folder / "lib"), "settings": cls.settings,
                                              "validators": cls.validators}}
        super().setUpClass()

    def setUp(self):
        super().setUp()
        for file in (self.folder / "lib").iterdir():
            file.unlink()
        self.wait_for(lambda: not self.plugins())

    def built(self, name, source, *flags):
        library = self.folder / "built" / f"{name}.so"
        compiler = ["c++", "-std=c++17"] if source.endswith(".cpp") else ["cc", "-std=gnu11"]
        subprocess.run([*compiler, "-shared", "-fPIC", "-O1", f"-I{ABI}", *flags, SOURCES / source, "-o", library],
                       check=True)
        library.chmod(0o755)
        return library

    def drop(self, name, library, types=(SEAT,), given=(), **more):
        """Puts a plugin into the folder, as an administrator does."""
        manifest = {"schema": "berth.plugin/1", "name": name, "version": "1", "kind": "provider",
                    "types": [{"name": each, "environment": ["SEAT"]} for each in types or ()] + list(given), **more}
        target = self.folder / "lib" / name
        (target.with_suffix(".json")).write_text(json.dumps(manifest))
        shutil.copy(library, target.with_suffix(".part"))
        target.with_suffix(".part").rename(target.with_suffix(".so"))

    def seats(self, *flags):
        self.drop("seats", self.built("seats", "seats.c", "-DLOUD", *flags))
        self.wait_for(lambda: self.plugin("seats").get("state") == "running" and self.units())

    def plugins(self):
        return self.assert_ok(self.client.get("/v1/plugins"))["plugins"]

    def plugin(self, name):
        return next((each for each in self.plugins() if each["name"] == name), {})

    def log_of(self, name):
        return self.assert_ok(self.client.get(f"/v1/plugins/{name}"))["log"]

    def units(self, kind=SEAT):
        """The states of a type's units, by name; nothing where there is no such type."""
        found = [each for each in self.client.get("/v1/resources").json["resources"] if each["type"] == kind]
        return {unit["name"]: unit["state"] for each in found for unit in each["units"]}


class Providers(PluginCase):
    def test_a_unit_is_held_with_its_variable_and_given_back(self):
        self.seats()
        self.assertEqual(self.units(), {"a": "available", "b": "available", "c": "failed"})
        held = self.granted({SEAT: 1, "cpu": 1}, lease="1h")
        self.assertEqual(held["units"][-1], {"type": SEAT, "name": "a", "amount": 1})
        self.assertEqual(held["env"]["SEAT"], "a")
        self.assertEqual(self.units()["a"], "reserved")
        # What has failed is no more to be had than what is held.
        self.assertEqual((self.resource(SEAT)["held"], self.resource(SEAT)["free"]), (1, 1))
        self.assertEqual([(unit["name"], unit["free"]) for unit in self.resource(SEAT)["units"]], [("a", 0), ("b", 1), ("c", 0)])
        self.assert_problem(self.client.reserve({SEAT: 2}), 409, "insufficient", shortfalls=[
            {"type": SEAT, "asked": 2, "free": 1, "capacity": 3}])
        other = self.granted({SEAT: {"amount": 1, "parameters": {"why": ["not", None]}}}, lease="1h")
        self.assertEqual(other["resources"][SEAT]["parameters"], {"why": ["not", None]})
        self.assert_problem(self.client.patch(path(held), {"resources": {SEAT: 2}}), 409, "insufficient")
        self.assert_ok(self.client.delete(path(other)))
        grown = self.assert_ok(self.client.patch(path(held), {"resources": {SEAT: 2}}))
        self.assertEqual((grown["resources"][SEAT]["units"], grown["env"]["SEAT"]), ({"a": 1, "b": 1}, "a"))
        self.assert_ok(self.client.delete(path(held)))
        self.assertEqual(self.resource(SEAT)["held"], 0)
        calls = self.log_of("seats")
        self.assertEqual([line for line in calls if held["id"] in line],
                         [f"allocate {held['id']}"] * 2 + [f"release {held['id']}"])
        names = [event.name for event in self.events()]
        self.assertIn("units_changed", names)
        self.assertIn("provided", names)

    def test_a_variable_that_is_set_stays_as_it_is(self):
        self.seats()

        def run(*options, **environment):
            done = subprocess.run(
                [f"{os.environ['BERTH_BIN']}/berth", "run", *options, "--resource", f"{SEAT}=1", "--", "sh", "-c",
                 "echo $SEAT $BERTH_RESERVATION"], capture_output=True, text=True, timeout=60,
                env={**os.environ, "BERTH_SOCKET": str(self.agent.socket), "BERTH_RESERVATION": "another", **environment})
            self.assertEqual(done.returncode, 0, done.stderr)
            seat, _, reservation = done.stdout.strip().rpartition(" ")
            self.assertNotEqual(reservation, "another")
            self.wait_for(lambda: self.units()["a"] == "available")
            return seat, done.stderr

        left = "left as set before, and not as the reservation has it: SEAT"
        seat, said = run(SEAT="mine")
        self.assertEqual((seat, [line for line in said.splitlines() if "left as" in line]), ("mine", [f"berth: {left}"]))
        self.assertEqual(run(SEAT=""), ("", said))
        self.assertEqual(run("--quiet", SEAT="mine"), ("mine", ""))
        for environment in ({}, {"SEAT": "a"}):
            seat, said = run(**environment)
            self.assertEqual((seat, "left as" in said), ("a", False))

    def test_one_in_c_plus_plus_gives_what_is_asked_for(self):
        phone = "example.com/phone"
        self.drop("phones", self.built("phones", "phones.cpp"), types=None, given=[{"name": phone, "environment": ["PHONE"]}])
        self.wait_for(lambda: self.units(phone) == {"p1": "available", "p2": "available"})
        held = self.granted({phone: {"amount": 1, "where": {"os": "ios"}}}, lease="1h")
        self.assertEqual(held["env"]["PHONE"], "serial-p2")

    def test_parameters_are_the_plugin_s_to_check(self):
        self.seats()
        wrong = {SEAT: {"amount": 1, "parameters": {"colour": "red"}}}
        violations = [{"code": "colour", "pointer": "/resources/example.com~1seat/parameters/colour",
                       "message": "seats are grey", "validator": "seats", "source": "seats"}]
        self.assert_problem(self.client.reserve(wrong), 422, "rejected", violations=violations)
        explained = self.assert_ok(self.client.post("/v1/explain", {"resources": wrong}))
        self.assertEqual((explained["granted"], explained["problem"]["violations"]), (False, violations))
        held = self.granted({SEAT: 1}, lease="1h")
        self.assert_problem(self.client.patch(path(held), {"resources": wrong}), 422, "rejected", violations=violations)
        self.assertEqual(self.look(held)["usage"]["types"], {SEAT: {"sits": True}})

    def test_who_only_asks_keeps_nobody_from_being_heard(self):
        self.seats("-DSLOW")
        held = self.granted({SEAT: 1}, lease="1h")
        is_over = threading.Event()

        def ask():
            with self.agent.client() as client:
                while not is_over.is_set():
                    client.post("/v1/explain", {"resources": {SEAT: 1}})

        threads = [threading.Thread(target=ask) for _ in range(60)]
        for thread in threads:
            thread.start()
        try:
            time.sleep(2)
            began = time.monotonic()
            self.assert_ok(self.client.delete(path(held)))
            self.assertLess(time.monotonic() - began, 5)
            self.assertIn(f"release {held['id']}", self.log_of("seats"))
        finally:
            is_over.set()
            for thread in threads:
                thread.join()

    def test_a_plugin_is_scaled(self):
        self.seats()
        held = self.granted({SEAT: 2}, lease="1h")

        def scale(**body):
            return self.client.post("/v1/plugins/seats/scale", body)

        self.assert_ok(scale(type=SEAT, target=1))
        self.wait_for(lambda: self.units() == {"a": "reserved", "b": "failed"})
        self.assert_ok(self.client.delete(path(held)))
        self.wait_for(lambda: self.units() == {"a": "available"})
        self.assert_ok(scale(type=SEAT, target=3))
        self.wait_for(lambda: self.units() == {"a": "available", "b": "available", "c": "failed"})
        self.assert_ok(scale(type=SEAT, target=0))
        self.wait_for(lambda: self.units() == {})
        self.assert_problem(self.client.reserve({SEAT: 1}), 409, "insufficient")
        self.assert_problem(scale(type=SEAT, target=4), 409, "provider", hint="ask for less")
        self.assert_problem(scale(type="example.com/other", target=1), 409, "provider")
        self.assert_problem(scale(type=SEAT, target=-1), 422, "invalid")
        self.assert_problem(scale(type=SEAT), 422, "invalid")
        self.assert_problem(self.client.post("/v1/plugins/none/scale", {"type": SEAT, "target": 1}), 404, "unknown")

    def test_what_no_plugin_provides_is_422(self):
        self.seats()
        self.assert_problem(self.client.reserve({"example.com/set": 1}), 422, "invalid", hint=f"known: {SEAT}")
        self.assertEqual(self.client.reserve({"Example/seat": 1}).status, 422)
        self.assertEqual(self.client.reserve({SEAT: {"amount": 1, "limit": 2}}).status, 422)
        self.assertEqual(self.client.reserve({SEAT: 0.5}).status, 422)

    def test_a_plugin_that_is_killed_comes_back_and_is_told_what_is_held(self):
        self.seats()
        held = self.granted({SEAT: 1}, lease="1h")
        for _ in range(3):
            pid = self.plugin("seats")["pid"]
            os.kill(pid, signal.SIGKILL)
            self.wait_for(lambda: self.plugin("seats").get("pid") not in (None, pid))
            self.wait_for(lambda: self.units() == {"a": "reserved", "b": "available", "c": "failed"})
            self.assertIn(f"start {held['id']}", self.log_of("seats"))
            self.assertEqual(self.look(held)["state"], "confirmed")
        self.assertEqual(self.granted({SEAT: 1}, lease="1h")["env"]["SEAT"], "b")
        self.assertEqual(self.client.reserve({SEAT: 1}).status, 409)

    def test_after_kill_9_of_the_agent_the_same_units_are_held(self):
        self.seats()
        held = self.granted({SEAT: 1}, lease="1h")
        pid = self.plugin("seats")["pid"]
        self.agent.kill()
        self.wait_for(lambda: not os.path.exists(f"/proc/{pid}"))
        self.agent.start()
        self.client.close()
        self.wait_for(lambda: self.plugin("seats").get("state") == "running" and self.units()["a"] == "reserved")
        self.assertIn(f"start {held['id']}", self.log_of("seats"))
        self.assertEqual((self.look(held)["state"], self.look(held)["env"]["SEAT"]), ("confirmed", "a"))
        self.assertEqual(self.granted({SEAT: 1}, lease="1h")["env"]["SEAT"], "b")
        self.assertEqual(self.client.reserve({SEAT: 1}).status, 409)

    def test_one_that_is_taken_away_leaves_what_is_held_and_a_new_one_takes_it_over(self):
        self.seats()
        held = self.granted({SEAT: 1}, lease="1h")
        (self.folder / "lib/seats.so").unlink()
        self.wait_for(lambda: self.units() == {"a": "failed"})
        self.assertEqual(self.look(held)["state"], "confirmed")
        self.assertEqual(self.client.reserve({SEAT: 1}).status, 409)
        self.seats()
        self.wait_for(lambda: self.units()["a"] == "reserved")
        self.assertIn(f"start {held['id']}", self.log_of("seats"))
        pid = self.plugin("seats")["pid"]
        self.drop("seats", self.built("seats", "seats.c", "-DLOUD", "-DOTHER"))
        self.wait_for(lambda: self.plugin("seats").get("pid") not in (None, pid))
        self.wait_for(lambda: self.units()["a"] == "reserved")
        (self.folder / "lib/seats.so").unlink()
        self.wait_for(lambda: self.units() == {"a": "failed"})
        self.assert_ok(self.client.delete(path(held)))
        self.wait_for(lambda: self.units() == {})
        self.assert_problem(self.client.reserve({SEAT: 1}), 422, "invalid")

    def test_one_that_is_taken_away_while_no_agent_runs_is_missed_by_the_next(self):
        self.seats()
        held = self.granted({SEAT: 1}, lease="1h")
        self.agent.kill()
        (self.folder / "lib/seats.so").unlink()
        self.agent.start()
        self.client.close()
        self.wait_for(lambda: self.units() == {"a": "failed"})
        self.assert_ok(self.client.delete(path(held)))
        self.wait_for(lambda: self.units() == {})

    def test_parameters_have_an_end(self):
        self.seats()
        deep = 1
        for _ in range(20):
            deep = [deep]
        for parameters in ({"a": "x" * 17_000}, {"a": deep}):
            self.assert_problem(self.client.reserve({SEAT: {"amount": 1, "parameters": parameters}}), 422, "invalid")

    def test_a_grant_that_the_plugin_cannot_prepare_is_none(self):
        self.drop("seats", self.built("seats", "bad.c", "-DBAD=EXITS", '-DAT="allocate"', f'-DTYPE="{SEAT}"'))
        self.wait_for(lambda: self.units() == {"u": "available"})
        problem = self.assert_problem(self.client.reserve({SEAT: 1, "cpu": 1}), 409, "provider")
        self.assertIn("it ended during allocate", problem["detail"])
        self.wait_for(lambda: not self.live() and self.resource("cpu")["held"] == 0)
        self.wait_for(lambda: self.units() == {"u": "available"})

    def command(self, *words, status=0):
        """What `berth plugin` prints, both outputs together."""
        done = subprocess.run(
            [f"{os.environ['BERTH_BIN']}/berth", "plugin", *words, "--folder", str(self.folder / "lib")], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "BERTH_SOCKET": str(self.agent.socket)})
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def test_one_that_is_disabled_is_there_and_never_comes_back_under_another_s_manifest(self):
        self.seats()
        former = (self.folder / "lib/seats.so").read_bytes()
        self.command("disable", "seats")
        self.wait_for(lambda: not self.plugins())
        self.assertRegex(self.command("list"), r"seats +provider +1 +disabled +example.com/seat")
        self.assertRegex(self.command("show", "seats"), r"state +disabled")
        self.assertIn("there is no plugin", self.command("show", "seat", status=1))
        self.assertIn("seats is disabled already", self.command("disable", "seats", status=1))
        self.command("enable", "seats")
        self.wait_for(lambda: self.plugin("seats").get("state") == "running")
        self.assertIn("seats is not disabled", self.command("enable", "seats", status=1))
        # Another version comes while it is disabled.
        self.command("disable", "seats")
        self.wait_for(lambda: not self.plugins())
        library = self.built("seats", "seats.c", "-DOTHER", '-DSEAT_TYPE="example.com/other"')
        library.with_suffix(".json").write_text(json.dumps({
            "schema": "berth.plugin/1", "name": "seats", "version": "2", "kind": "provider",
            "types": [{"name": "example.com/other", "environment": ["SEAT"]}]}))
        self.assertIn("seats.so.disabled is taken away", self.command("install", str(library)))
        self.assertFalse((self.folder / "lib/seats.so.disabled").exists())
        self.assertNotIn("disabled", self.command("list"))
        # As an older berth left it.
        (self.folder / "lib/seats.so.disabled").write_bytes(former)
        self.assertIn("seats.so is there", self.command("enable", "seats", status=1))
        self.assertEqual((self.folder / "lib/seats.so").read_bytes(), library.read_bytes())

    def test_others_neither_read_what_it_wrote_nor_start_it_again(self):
        self.seats()
        self.assert_ok(self.client.post("/v1/plugins/seats/reload"))
        self.assert_problem(self.client.get("/v1/plugins/seat"), 404, "unknown")
        self.assert_problem(self.client.post("/v1/plugins/seat/reload"), 404, "unknown")


class Narrowings(PluginCase):
    """What a plugin narrows is what the request's parameters say here."""

    def setUp(self):
        super().setUp()
        self.user = Guest(self.agent, FIRST)
        self.seats("-DNARROWS")

    def ask(self, narrowing, **more):
        return self.user.reserve({SEAT: {"amount": 1, "parameters": {"cgroup": narrowing}}, **more}, lease="1h")

    def test_values_that_are_no_looser_than_granted_are_given(self):
        disk = {"device": "/dev/vda", "write": "5MiB"}
        for narrowing, more in [
                ({}, {}), ({"cpuset.mems": "0-1", "pids.max": 4096, "io.max": [disk]}, {}), ({"pids.max": 5}, {"pids": 5}),
                ({"cpuset.mems": "1"}, {"memory": {"amount": "1GiB", "where": {"numa": 1}}}),
                ({"io.max": [{**disk, "read": 1}]}, {"storage": [disk]})]:
            with self.subTest(str(narrowing)):
                status, held = self.ask(narrowing, **more)
                self.assertEqual(status, 201, held)
                self.assertEqual(held["env"]["SEAT"], "a")
                self.assert_ok(self.client.delete(path(held)))

    def test_looser_ones_are_a_broken_answer(self):
        disk = {"device": "vda", "write": "5MiB"}
        for narrowing, more, reason in [
                ({"pids.max": 4097}, {}, "it gives pids.max 4097, and 4096 are the most where none are asked"),
                ({"pids.max": 6}, {"pids": 5}, "it gives pids.max 6, and 5 were granted"),
                ({"cpuset.mems": "0-2"}, {}, "it gives cpuset.mems 0-2, and the reservation's memory is of 0-1"),
                ({"cpuset.mems": "0"}, {"memory": {"amount": "1GiB", "where": {"numa": 1}}}, "the reservation's memory is of 1"),
                ({"io.max": [{"device": "vda", "write": "6MiB"}]}, {"storage": [disk]}, "write 6MiB/s, and 5MiB/s was granted"),
                ({"io.max": [{"device": "vdz", "write": 1}]}, {}, "there is no such disk"),
                ({"memory.max": 1}, {}, "makes no sense"), ({"pids.max": 0}, {}, "makes no sense"), (5, {}, "makes no sense")]:
            with self.subTest(str(narrowing)):
                status, answer = self.ask(narrowing, **more)
                self.assertEqual((status, answer["code"]), (409, "provider"), answer)
                self.assertIn(reason, answer["detail"])
                self.wait_for(lambda: not self.live() and self.units()["a"] == "available")
                ended = self.assert_ok(self.client.get("/v1/reservations?state=failed"))["reservations"][0]
                self.assertEqual(ended["reason"], "provider")
                self.assertIn(f"release {ended['id']}", self.log_of("seats"))

    def test_a_resize_keeps_to_it_and_the_plugin_may_say_something_else_then(self):
        status, held = self.ask({"cpuset.mems": "0", "pids.max": 5}, pids=10, memory="1GiB")
        self.assertEqual(status, 201, held)

        def change(**resources):
            return self.user.request("PATCH", path(held), {"resources": resources})

        def seat(**narrowing):
            return {SEAT: {"amount": 1, "parameters": {"cgroup": narrowing}}}

        self.assertEqual(change(pids=3)[0], 200)
        status, answer = change(memory={"amount": "1GiB", "where": {"numa": 1}})
        self.assertEqual((status, answer["code"]), (409, "provider"), answer)
        self.assertIn("it keeps the memory on nodes 0, and this would bring it to 1", answer["detail"])
        # The plugin says what it said, which is more than there is now.
        status, answer = change(**{SEAT: 2})
        self.assertEqual((status, answer["code"]), (409, "provider"), answer)
        self.assertEqual(self.look(held)["resources"][SEAT]["units"], {"a": 1})
        self.assertEqual(change(**seat(**{"pids.max": 2}))[0], 200)
        self.assertEqual(change(memory={"amount": "1GiB", "where": {"numa": 1}})[0], 200)

    def test_of_two_plugins_neither_may_leave_nothing(self):
        other = "example.com/second"
        self.drop("second", self.built("second", "seats.c", f'-DSEAT_TYPE="{other}"',
                                       f"-DMORE={json.dumps(',' + json.dumps({'cgroup': {'cpuset.mems': '1'}})[1:-1])}"), [other])
        self.wait_for(lambda: self.plugin("second").get("state") == "running" and self.units(other))
        status, answer = self.ask({"cpuset.mems": "0"}, **{other: 1})
        self.assertEqual((status, answer["code"]), (409, "provider"), answer)
        self.assertIn("no node is in both", answer["detail"])
        self.wait_for(lambda: self.units(other)["a"] == self.units()["a"] == "available")
        self.assertEqual(self.ask({"cpuset.mems": "0-1"}, **{other: 1})[0], 201)


class Refusals(PluginCase):
    settings = {"strict": {"cuont": 1}}

    def refused(self, name, reason):
        self.wait_for(lambda: self.plugin(name))
        plugin = self.plugin(name)
        self.assertEqual(plugin["state"], "refused", plugin)
        self.assertIn(reason, plugin["reason"])

    def test_what_is_no_plugin_is_refused_with_the_reason(self):
        good = self.built("good", "seats.c")
        text = self.folder / "built/text.so"
        text.write_text("hello")
        self.drop("text", text)
        self.refused("text", "it does not begin as an ELF file does")
        self.drop("wrong", good, kind="provide")
        self.refused("wrong", "kind")
        self.drop("strict", good, configuration={"type": "object", "properties": {"count": {"type": "integer"}}})
        self.refused("strict", "/cuont is not known")
        shutil.copy(good, self.folder / "lib/bare.so")
        self.refused("bare", "bare.json: ENOENT")
        self.drop("first", good)
        self.wait_for(lambda: self.plugin("first").get("state") == "running")
        self.drop("second", good)
        self.refused("second", f"it provides {SEAT}, and so does first")

    def test_what_cannot_be_loaded_is_refused_once_with_the_reason(self):
        self.drop("major", self.built("major", "bad.c", "-DBAD=MAJOR"))
        writable = self.built("writable", "seats.c")
        self.drop("writable", writable, types=["example.com/other"])
        (self.folder / "lib/writable.so").chmod(0o777)
        self.wait_for(lambda: "boundary 2.0" in self.plugin("major").get("reason", ""))
        self.wait_for(lambda: "can be written by others" in self.plugin("writable").get("reason", ""))
        for name in ("major", "writable"):
            self.wait_for(lambda: self.plugin(name)["state"] == "refused")
        time.sleep(0.5)
        for name in ("major", "writable"):
            self.assertEqual(self.plugin(name)["state"], "refused")
            self.assertEqual(self.agent.log.count(f"plugin {name} is not run"), 1)

    def test_a_manifest_that_others_can_write_is_not_taken(self):
        self.drop("open", self.built("open", "seats.c"))
        self.wait_for(lambda: self.plugin("open").get("state") == "running")
        (self.folder / "lib/open.json").chmod(0o666)
        self.wait_for(lambda: "open.json can be written by others" in self.plugin("open").get("reason", ""))
        (self.folder / "lib/open.json").chmod(0o644)
        self.wait_for(lambda: self.plugin("open").get("state") == "running")
        os.chown(self.folder / "lib/open.json", FIRST, -1)
        self.wait_for(lambda: "has to belong to root" in self.plugin("open").get("reason", ""))


class Files(PluginCase):
    def test_what_is_still_being_written_is_left_alone(self):
        self.seats()
        held = self.granted({SEAT: 1}, lease="1h")
        pid = self.plugin("seats")["pid"]
        library = (self.folder / "lib/seats.so")
        whole = library.read_bytes()
        library.unlink()
        with open(library, "wb") as file:
            os.chmod(library, 0o755)
            file.write(whole[:len(whole) // 2])
            file.flush()
            other = "example.com/other"
            self.drop("other", self.built("other", "seats.c", f'-DSEAT_TYPE="{other}"'), types=[other])
            self.wait_for(lambda: self.plugin("other").get("state") == "running")
            self.assertEqual((self.plugin("seats")["state"], self.plugin("seats")["pid"]), ("running", pid))
            self.assertEqual(self.units()["a"], "reserved")
            file.write(whole[len(whole) // 2:])
        self.wait_for(lambda: self.plugin("seats").get("pid") not in (None, pid))
        self.assertEqual(self.look(held)["state"], "confirmed")
        self.assertNotIn("cut off", self.agent.log)

    def while_all_reserve(self, action):
        """What came of requests that ask for a seat all the time while something is done."""
        statuses, is_over = [], threading.Event()

        def load():
            with self.agent.client() as client:
                while not is_over.is_set():
                    answer = client.reserve({SEAT: 1}, wait="10s", lease="1h")
                    statuses.append((answer.status, answer.json.get("detail")))
                    if answer.status == 201:
                        client.delete(path(answer.json) + "?grace=0s")

        threads = [threading.Thread(target=load) for _ in range(2)]
        for thread in threads:
            thread.start()
        try:
            action()
        finally:
            is_over.set()
            for thread in threads:
                thread.join()
        return statuses

    def test_a_new_version_takes_over_and_nobody_is_refused_for_it(self):
        self.drop("seats", self.built("seats", "seats.c", "-DLINGERS"))
        self.wait_for(lambda: self.units())
        held = self.granted({SEAT: 1}, lease="1h")

        def renew():
            for number in range(2, 5):
                self.drop("seats", self.folder / "built/seats.so", version=str(number))
                self.wait_for(lambda: self.plugin("seats").get("version") == str(number)
                              and self.plugin("seats").get("state") == "running")

        statuses = self.while_all_reserve(renew)
        self.assertEqual({status for status, _ in statuses}, {201}, statuses)
        self.assertEqual(self.units()["a"], "reserved")
        self.assertNotIn("last_failure", self.plugin("seats"))
        self.assertEqual(self.look(held)["state"], "confirmed")

    def test_a_file_that_is_overwritten_is_still_what_runs_until_it_is_whole(self):
        self.seats()
        pid = self.plugin("seats")["pid"]
        whole = (self.folder / "built/seats.so").read_bytes()

        def overwrite():
            with open(self.folder / "lib/seats.so", "r+b") as file:
                file.truncate(0)
                for start in range(0, len(whole), len(whole) // 8 + 1):
                    file.write(whole[start:start + len(whole) // 8 + 1])
                    file.flush()
                    time.sleep(0.2)
                self.assertEqual(self.plugin("seats")["pid"], pid)
            self.wait_for(lambda: self.plugin("seats").get("pid") not in (None, pid))

        statuses = self.while_all_reserve(overwrite)
        self.assertEqual({status for status, _ in statuses}, {201}, statuses)
        self.assertNotIn("last_failure", self.plugin("seats"))

    def test_the_end_of_one_is_seen_though_what_it_started_holds_its_socket(self):
        self.seats("-DFORKS")
        pid = self.plugin("seats")["pid"]
        os.kill(pid, signal.SIGKILL)
        self.wait_for(lambda: self.plugin("seats").get("pid") not in (None, pid), 4)
        self.assertIn("signal 9", self.plugin("seats")["last_failure"]["reason"])
        self.assertIn("what it starts: nothing ends that with it without a cgroup of its own", self.plugin("seats")["open"])

    def test_what_was_in_the_way_of_another_is_seen_to_be_gone(self):
        other = "example.com/other"
        self.drop("a", self.built("a", "seats.c"))
        self.wait_for(lambda: self.units())
        held = self.granted({SEAT: 1}, lease="1h")
        self.drop("b", self.built("b", "seats.c"))
        self.wait_for(lambda: "so does a" in self.plugin("b").get("reason", ""))
        (self.folder / "lib/a.so").unlink()
        self.wait_for(lambda: self.plugin("b").get("state") == "running" and self.units().get("a") == "reserved")
        self.assertEqual(self.look(held)["state"], "confirmed")
        # Two that exchange their types at once.
        self.drop("c", self.built("c", "seats.c", f'-DSEAT_TYPE="{other}"'), types=[other])
        self.wait_for(lambda: self.units(other))
        self.drop("c", self.folder / "built/b.so")
        self.drop("b", self.folder / "built/c.so", types=[other])
        self.wait_for(lambda: [self.plugin(each).get("types") for each in "bc"] == [[other], [SEAT]])
        self.wait_for(lambda: [self.plugin(each).get("state") for each in "bc"] == ["running"] * 2)

    def test_a_library_may_be_called_as_it_was_built(self):
        self.drop("seats", self.built("seats", "seats.c"))
        (self.folder / "lib/seats.so").rename(self.folder / "lib/libseats.so")
        self.wait_for(lambda: [each["name"] for each in self.plugins()] == ["seats"] and self.units())
        self.granted({SEAT: 1}, lease="1h")

    def test_a_part_of_the_configuration_is_read_again(self):
        schema = {"type": "object", "properties": {"n": {"type": "integer", "maximum": 5}}}
        self.seats()
        self.drop("seats", self.folder / "built/seats.so", configuration=schema)
        self.wait_for(lambda: self.plugin("seats").get("state") == "running")
        pid = self.plugin("seats")["pid"]

        def use(**plugins):
            before = self.agent.log.count("the configuration was read again")
            self.agent.configure({**self.config, "plugins": {**self.config["plugins"], **plugins}})
            self.agent.process.send_signal(signal.SIGHUP)
            self.wait_for(lambda: self.agent.log.count("the configuration was read again") > before)

        self.addCleanup(use)
        use(settings={"seats": {"n": 3}})
        self.wait_for(lambda: self.plugin("seats").get("pid") not in (None, pid))
        pid = self.plugin("seats")["pid"]
        use(settings={"seats": {"n": 77}})
        self.wait_for(lambda: "goes on as it was: its configuration does not fit" in self.agent.log)
        self.assertEqual((self.plugin("seats")["state"], self.plugin("seats")["pid"]), ("running", pid))
        # Files for which it does not fit are another thing: those are not run.
        self.drop("seats", self.folder / "built/seats.so", configuration=schema, version="2")
        self.wait_for(lambda: "its configuration does not fit" in self.plugin("seats").get("reason", ""))
        self.assertEqual(self.plugin("seats")["state"], "refused")
        use(settings={"seats": {"n": 4}})
        self.wait_for(lambda: self.plugin("seats").get("state") == "running")
        use(validators={"missing": {}})
        self.assert_problem(self.client.reserve({"cpu": 1}), 503, "unavailable")

    def test_a_folder_that_is_taken_away_and_made_again_is_watched(self):
        self.seats()
        folder = self.folder / "lib"
        shutil.rmtree(folder)
        self.wait_for(lambda: not self.plugins())
        folder.mkdir(mode=0o755)
        self.seats()
        # Nor does a file in its place end that.
        folder.rename(self.folder / "away")
        folder.write_text("")
        time.sleep(0.5)
        folder.unlink()
        (self.folder / "away").rename(folder)
        self.wait_for(lambda: self.plugin("seats").get("state") == "running")
        (folder / "seats.so").unlink()
        self.wait_for(lambda: not self.plugins())
        self.seats()
        # There need be none when the agent starts.
        self.agent.stop()
        shutil.rmtree(folder)
        self.agent.start()
        self.client.close()
        folder.mkdir(mode=0o755)
        self.seats()

    def test_who_waits_for_a_plugin_that_is_down_has_its_turn_when_it_is_back(self):
        self.seats()
        self.drop("seats", self.built("broken", "bad.c", "-DBAD=EXITS", f'-DTYPE="{SEAT}"'))
        self.wait_for(lambda: self.plugin("seats").get("state") == "down" and set(self.units().values()) == {"failed"})
        problem = self.assert_problem(self.client.reserve({SEAT: 1}), 409, "insufficient")
        self.assertTrue(problem["ever"])
        self.assertEqual((self.resource(SEAT)["state"], self.resource(SEAT)["free"]), ("failed", 0))
        waiting = self.client.reserve({SEAT: 1}, {"Prefer": "respond-async"}, wait="1m", lease="1h")
        self.assertEqual((waiting.status, waiting.json["state"]), (202, "pending"), waiting.json)
        self.assert_problem(self.client.reserve({SEAT: 7}, wait="1m"), 409, "insufficient", ever=False)
        self.seats()
        self.wait_for(lambda: self.look(waiting.json)["state"] == "confirmed")

    def test_what_failed_last_is_told_while_it_runs_again(self):
        self.seats()
        self.assertNotIn("last_failure", self.plugin("seats"))
        pid = self.plugin("seats")["pid"]
        os.kill(pid, signal.SIGKILL)
        self.wait_for(lambda: self.plugin("seats").get("pid") not in (None, pid))
        self.assertEqual(self.plugin("seats")["state"], "running")
        self.assertIn("signal 9", self.plugin("seats")["last_failure"]["reason"])

    def test_one_that_never_answers_keeps_the_agent_from_nothing(self):
        self.drop("silent", self.built("silent", "bad.c", "-DBAD=SILENT", '-DTYPE="example.com/silent"'), types=["example.com/silent"])
        self.wait_for(lambda: self.plugin("silent").get("state") == "starting")
        began = time.monotonic()
        (self.folder / "lib/silent.so").unlink()
        self.seats()
        self.drop("silent", self.folder / "built/silent.so", types=["example.com/silent"])
        self.wait_for(lambda: self.plugin("silent").get("state") == "starting")
        self.agent.stop()
        # It is given ten seconds to load where nobody is in a hurry.
        self.assertLess(time.monotonic() - began, 8)
        self.agent.start()
        self.client.close()


class Bad(PluginCase):
    #: What each does, and what its state has to say of it.
    KINDS = {
        "TRAP": "signal 4", "SPIN": "did not answer start within 5000 ms", "LEAK": "it ended during start: signal",
        "FORKS": "no more processes", "GARBAGE": "is no JSON", "SILENT": "did not answer loading within 10000 ms",
        "FLEES": "did not answer start within 5000 ms", "LATE": "did not answer start within 5000 ms", "OTHER": "it answered call 4711", "EXITS": "exited with status 0",
    }

    def test_nobody_else_waits_for_them(self):
        self.seats()
        outcomes, is_over = [], threading.Event()

        def load():
            with self.agent.client() as client:
                while not is_over.is_set():
                    began = time.monotonic()
                    answer = client.reserve({"cpu": 0.01}, lease="1h")
                    outcomes.append((answer.status, time.monotonic() - began))
                    client.delete(path(answer.json) + "?grace=0s")
                    seat = client.reserve({SEAT: 1}, lease="1h")
                    outcomes.append((seat.status, time.monotonic() - began))
                    client.delete(path(seat.json) + "?grace=0s")
                    time.sleep(max(0, 0.05 - (time.monotonic() - began)))

        thread = threading.Thread(target=load)
        thread.start()
        try:
            ends = "example.com/ends"
            self.drop("bad-ends", self.built("bad-ends", "bad.c", "-DBAD=EXITS", '-DAT="allocate"', f'-DTYPE="{ends}"'), [ends])
            self.wait_for(lambda: self.units(ends).get("u") == "available")
            self.assert_problem(self.client.reserve({ends: 1}), 409, "provider")
            self.assertIn("it ended during allocate", self.plugin("bad-ends")["last_failure"]["reason"])
            for number, kind in enumerate(self.KINDS):
                kind_type = f"example.com/bad{number}"
                self.drop(f"bad-{kind.lower()}", self.built(f"bad-{kind.lower()}", "bad.c", f"-DBAD={kind}",
                          f'-DTYPE="{kind_type}"'), types=[kind_type])
            for kind, reason in self.KINDS.items():
                name = f"bad-{kind.lower()}"
                self.wait_for(lambda: reason in self.plugin(name).get("reason", ""), 40)
        finally:
            is_over.set()
            thread.join()
        self.assertEqual({status for status, _ in outcomes}, {201})
        # Every one of them takes five seconds or more of whoever waits for it.
        self.assertLess(max(seconds for _, seconds in outcomes), 2)
        times = sorted(seconds for _, seconds in outcomes if seconds)
        print(f"{len(outcomes)} reservations beside ten bad plugins; p50 {times[len(times) // 2] * 1000:.1f} ms, "
              f"p99 {times[len(times) * 99 // 100] * 1000:.1f} ms")


class Rules(PluginCase):
    def drop_rule(self, name, *flags):
        self.drop(name, self.built(name, "cost.cpp", *flags), kind="validator", types=None)
        self.wait_for(lambda: self.plugin(name).get("state") == "running")

    def test_what_a_validator_does_not_admit_is_rejected_by_reserve_resize_and_explain(self):
        before = self.granted({"cpu": 1}, lease="1h")
        self.drop_rule("cost")
        violation = {"code": "cost_centre", "pointer": "/labels", "message": "no cost centre", "validator": "cost", "source": "cost"}
        self.assert_problem(self.client.reserve({"cpu": 1}), 422, "rejected", pointer="/labels", violations=[violation])
        self.assert_problem(self.client.patch(path(before), {"resources": {"cpu": 2}}), 422, "rejected")
        explained = self.assert_ok(self.client.post("/v1/explain", {"resources": {"cpu": 1}}))
        self.assertEqual((explained["granted"], explained["problem"]["violations"]), (False, [violation]))
        self.assertEqual((explained["violations"], explained["changes"]), ([violation], []))
        both = self.assert_ok(self.client.post("/v1/explain", {"resources": {"cpu": 10_000}}))
        self.assertEqual(both["problem"]["code"], "insufficient")
        self.assertEqual([each["source"] for each in both["violations"]], ["berth", "cost"])
        self.assertEqual((both["violations"][0]["check"], both["violations"][1]), ("room", violation))
        self.assertEqual([change["kind"] for change in both["changes"]], ["less"])
        held = self.granted({"cpu": 1}, lease="1h", labels={"cost_centre": "4711"})
        self.assertNotIn("amendments", held)
        self.assertEqual({each["id"] for each in self.live()}, {before["id"], held["id"]})
        (self.folder / "lib/cost.so").unlink()
        self.wait_for(lambda: self.client.reserve({"cpu": 1}, lease="1h").status == 201)

    def test_who_is_refused_for_what_was_put_in_is_told_of_it(self):
        self.drop_rule("cost", '-DAMEND="/labels/other"')
        amendment = {"validator": "cost", "pointer": "/labels/other", "value": "none", "reason": "nobody said"}
        self.assert_problem(self.client.reserve({"cpu": 1}), 422, "rejected", amendments=[amendment])
        explained = self.assert_ok(self.client.post("/v1/explain", {"resources": {"cpu": 1}}))
        self.assertEqual((explained["granted"], explained["amendments"]), (False, [amendment]))
        self.assertNotIn("amendments", self.client.reserve({"cpu": 1}, labels={"cost_centre": "1"}).json)
        told = "cost has put /labels/other = none into the request: nobody said"
        done = berth(self.agent, "reserve", "--cpu", "1", "--lease", "1h")
        self.assertEqual(done.returncode, 1)
        self.assertIn(told, done.stderr)
        self.drop_rule("cost", '-DAMEND="/labels/cost_centre"')
        self.wait_for(lambda: "/labels/cost_centre = none into the request"
                      in berth(self.agent, "reserve", "--cpu", "1", "--lease", "1h").stderr)

    def test_what_does_not_fit_is_the_core_s_to_say(self):
        self.drop_rule("cost")
        self.assert_problem(self.client.reserve({"cpu": 10_000}), 409, "insufficient")

    def test_what_a_validator_puts_in_is_recorded_and_shown(self):
        self.drop_rule("cost", '-DAMEND="/labels/cost_centre"')
        amendment = {"validator": "cost", "pointer": "/labels/cost_centre", "value": "none", "reason": "nobody said"}
        held = self.granted({"cpu": 1}, {"Idempotency-Key": "amended"}, lease="1h", labels={"job": "7"})
        self.assertEqual((held["labels"], held["amendments"]), ({"job": "7", "cost_centre": "none"}, [amendment]))
        again = self.client.reserve({"cpu": 1}, {"Idempotency-Key": "amended"}, lease="1h", labels={"job": "7"})
        self.assertEqual((again.status, again.json["id"]), (201, held["id"]))
        explained = self.assert_ok(self.client.post("/v1/explain", {"resources": {"cpu": 1}}))
        self.assertEqual(explained["amendments"], [amendment])
        self.agent.kill()
        self.agent.start()
        self.client.close()
        self.assertEqual(self.look(held)["amendments"], [amendment])

    def test_a_resize_is_looked_at_with_all_that_the_reservation_is(self):
        held = self.granted({"cpu": 1, "memory": "64MiB"}, lease="1h", labels={"cost_centre": "4711"})
        plain = self.granted({"cpu": 1}, lease="1h")
        self.drop_rule("cost", '-DAMEND="/labels/cost_centre"')
        resized = self.assert_ok(self.client.patch(path(held), {"resources": {"cpu": 2}}))
        self.assertEqual((resized["resources"]["cpu"]["amount"], resized["labels"]), (2, {"cost_centre": "4711"}))
        # A label is not a resize's to change: what the rule wants is not there, and it says so.
        self.assert_problem(self.client.patch(path(plain), {"resources": {"cpu": 2}}), 422, "rejected")

    def test_what_a_validator_puts_into_a_resize_is_recorded_and_shown(self):
        held = self.granted({"cpu": 1}, lease="1h", labels={"cost_centre": "4711"})
        self.drop_rule("cost", '-DAMEND="/resources/pids"', "-DVALUE=\"50\"", '-DUNLESS="\\"purpose\\":\\"reserve\\""')
        amendment = {"validator": "cost", "pointer": "/resources/pids", "value": 50, "reason": "nobody said"}
        resized = self.assert_ok(self.client.patch(path(held), {"resources": {"cpu": 2}}))
        self.assertEqual({name: each["amount"] for name, each in resized["resources"].items()}, {"cpu": 2, "pids": 50})
        self.assertEqual(resized["amendments"], [amendment])
        # Once more: it says the same, and that is recorded once.
        self.assert_ok(self.client.patch(path(held), {"resources": {"cpu": 1}}))
        self.agent.kill()
        self.agent.start()
        self.client.close()
        self.assertEqual(self.look(held)["amendments"], [amendment])

    def test_what_is_put_into_a_resize_takes_away_nothing_that_was_asked(self):
        self.seats()
        held = self.granted({"memory": {"amount": "64MiB", "oom": "process"}, SEAT: 1}, lease="1h", labels={"cost_centre": "4711"})
        self.drop_rule("cost", '-DAMEND="/resources/example.com~1seat/amount"', "-DVALUE=\"2\"",
                       '-DUNLESS="\\"purpose\\":\\"reserve\\""')
        resized = self.assert_ok(self.client.patch(path(held), {"resources": {"memory": {"amount": "48MiB", "oom": "group"}}}))
        resources = resized["resources"]
        self.assertEqual((resources["memory"]["amount"], resources["memory"].get("oom", "group")), (48 << 20, "group"))
        self.assertEqual(resources[SEAT]["amount"], 2)
        # What does not come true is not recorded.
        self.assert_problem(self.client.patch(path(held), {"resources": {"memory": "900GiB"}}), 409, "insufficient")
        self.assertEqual(len(self.look(held)["amendments"]), 1)

    def test_one_slip_is_forgiven(self):
        self.drop("twice", self.built("twice", "bad.c", "-DBAD=TWICE", '-DAT="validate"'), kind="validator", types=None)
        self.wait_for(lambda: self.plugin("twice").get("state") == "running")
        pid = self.plugin("twice")["pid"]
        self.assert_problem(self.client.reserve({"cpu": 1}), 503, "unavailable")
        self.wait_for(lambda: self.plugin("twice").get("pid") not in (None, pid))
        self.assertIn("twice", self.plugin("twice")["last_failure"]["reason"])

    def test_what_it_may_not_put_in_passes_nothing(self):
        for number, pointer in enumerate(["/enforce", "/user", "/labels/a/b", "/name/x", "labels"]):
            with self.subTest(pointer):
                self.drop_rule(f"cost{number}", f'-DAMEND="{pointer}"')
                self.assert_problem(self.client.reserve({"cpu": 1}), 503, "unavailable")
                (self.folder / f"lib/cost{number}.so").unlink()
                self.wait_for(lambda: not self.plugins())
        self.drop_rule("cost", '-DAMEND="/lease"')
        problem = self.assert_problem(self.client.reserve({"cpu": 1}), 503, "unavailable")
        self.assertIn("the validator cost says nothing that can be used: the request makes no sense as it amends it", problem["detail"])

    def test_one_that_is_not_run_is_missed(self):
        self.drop_rule("cost", '-DAMEND="/labels/cost_centre"')
        self.granted({"cpu": 1}, lease="1h")
        manifest = self.folder / "lib/cost.json"
        for spoil, mend in ((lambda: manifest.chmod(0o664), lambda: manifest.chmod(0o644)),
                            (lambda: (self.folder / "lib/cost.so").write_bytes(b"junk"),
                             lambda: shutil.copy(self.folder / "built/cost.so", self.folder / "lib/cost.so"))):
            spoil()
            self.wait_for(lambda: self.plugin("cost").get("state") == "refused")
            self.assert_problem(self.client.reserve({"cpu": 1}), 503, "unavailable")
            mend()
            self.wait_for(lambda: self.plugin("cost").get("state") == "running")
        self.granted({"cpu": 1}, lease="1h")
        # What cannot validate admits nothing either.
        self.drop("seats", self.built("seats", "seats.c"), kind="validator", types=None)
        self.wait_for(lambda: self.plugin("seats").get("state") == "running")
        problem = self.assert_problem(self.client.reserve({"cpu": 1}), 503, "unavailable")
        self.assertIn("it does not know the call validate", problem["detail"])


class Absent(PluginCase):
    validators = {"closed": {"wait": "300ms"}, "open": {"absent": "fail-open", "wait": "300ms"}}

    def test_nothing_passes_while_one_that_must_be_there_is_not(self):
        self.assert_problem(self.client.reserve({"cpu": 1}), 503, "unavailable")
        self.drop("closed", self.built("closed", "cost.cpp", '-DAMEND="/labels/cost_centre"'), kind="validator", types=None)
        self.wait_for(lambda: self.client.reserve({"cpu": 1}, lease="1h").status == 201)
        self.drop("open", self.built("open", "bad.c", "-DBAD=LATE", '-DAT="validate"'), kind="validator", types=None)
        self.wait_for(lambda: self.plugin("open").get("state") == "running")
        began = time.monotonic()
        self.granted({"cpu": 1}, lease="1h")
        self.assertGreater(time.monotonic() - began, 0.25)
        self.wait_for(lambda: "did not answer validate" in self.plugin("open").get("reason", ""))
        # What one puts in that makes no sense is passed over too.
        self.drop("open", self.built("open", "cost.cpp", '-DAMEND="/nonsense"'), kind="validator", types=None)
        self.wait_for(lambda: self.plugin("open").get("state") == "running")
        self.assertEqual([each["validator"] for each in self.granted({"cpu": 1}, lease="1h")["amendments"]], ["closed"])
        (self.folder / "lib/open.so").unlink()
        os.kill(self.plugin("closed")["pid"], signal.SIGSTOP)
        self.assert_problem(self.client.reserve({"cpu": 1}), 503, "unavailable")
        self.wait_for(lambda: self.plugin("closed").get("state") == "running")
        self.wait_for(lambda: self.client.reserve({"cpu": 1}, lease="1h").status == 201)


class Scratch(PluginCase):
    """scratch-space, and what no plugin may give."""
    SPACE, MIB = "scratch.example/space", 1 << 20

    @classmethod
    def setUpClass(cls):
        cls.settings = {"scratch-space": {"size": "1MiB", "count": 4}}
        super().setUpClass()
        package = ROOT / "Plugins/scratch-space"
        subprocess.run(["swift", "build", "-c", "release", "-Xswiftc", "-static-stdlib"], cwd=package, check=True,
                       stdout=subprocess.DEVNULL)
        cls.library = package / ".build/release/libscratch-space.so"
        cls.manifest = json.loads((package / "scratch-space.json").read_text())
        cls.home = pathlib.Path(f"{cls.agent.state}-plugins/scratch-space")
        cls.user = Guest(cls.agent, FIRST)

    def setUp(self):
        super().setUp()
        self.drop_space()

    def drop_space(self):
        more = {key: self.manifest[key] for key in ("version", "configuration", "needs")}
        self.drop("scratch-space", self.library, types=None, given=self.manifest["types"], **more)
        self.wait_for(lambda: self.plugin("scratch-space").get("state") == "running" and self.units(self.SPACE))

    def space(self, amount=1, **more):
        status, answer = self.user.reserve({self.SPACE: amount}, lease="1h", **more)
        self.assertEqual(status, 201, answer)
        return answer, pathlib.Path(answer["env"]["SCRATCH"])

    def test_a_folder_is_its_user_s_alone_and_gone_with_all_that_is_in_it(self):
        held, folder = self.space()
        self.assertEqual(folder, self.home / held["id"])
        self.assertEqual((folder.stat().st_uid, folder.stat().st_mode & 0o7777, self.home.stat().st_mode & 0o7777),
                         (FIRST, 0o700, 0o711))

        def fill():
            (folder / "closed/in").mkdir(parents=True)
            (folder / "closed/in/file").write_text("mine")
            (folder / "closed/in/link").symlink_to("/etc")
            (folder / "closed").chmod(0)
            os.chdir(folder)
            for _ in range(200):
                os.mkdir("deep")
                os.chdir("deep")
        as_user(FIRST, fill)

        def peek():
            for what in (lambda: os.listdir(folder), lambda: os.listdir(self.home), lambda: (folder / "x").write_text("")):
                try:
                    what()
                except PermissionError:
                    continue
                raise AssertionError("it is open")
        as_user(SECOND, peek)
        self.assert_ok(self.client.delete(path(held)))
        self.wait_for(lambda: self.units(self.SPACE)["1"] == "available")
        self.assertEqual((list(self.home.iterdir()), os.path.isdir("/etc")), ([], True))

    def test_a_receipt_says_why_nothing_holds_the_size_and_what_can_be_done(self):
        held, _ = self.space(2)
        receipt = next(each for each in held["receipts"] if each["type"] == self.SPACE)
        self.assertEqual(receipt["status"], "unsupported")
        for words in ("ask for project quotas at", "ENOSYS", "tune2fs -O project,quota", "prjquota"):
            self.assertIn(words, receipt["reason"])
        self.assertEqual(self.look(held)["receipts"], held["receipts"])
        answer = self.client.reserve({self.SPACE: 1}, enforce="required")
        self.assertIn("project quotas", json.dumps(self.assert_problem(answer, 409, "unenforceable")))
        self.wait_for(lambda: [each.name for each in self.home.iterdir()] == [held["id"]])

    def test_less_may_be_asked_for_and_not_more(self):
        held, _ = self.space({"amount": 2, "parameters": {"size": "1536KiB"}})
        self.assert_problem(
            self.client.patch(path(held), {"resources": {self.SPACE: {"amount": 2, "parameters": {"size": "3MiB"}}}}), 422,
            "rejected", violations=[{
                "code": "size", "pointer": "/resources/scratch.example~1space/parameters/size",
                "message": "3145728 bytes are more than 2 units have, which is 2097152",
                "hint": "ask for more units: one has 1048576 bytes", "validator": "scratch-space", "source": "scratch-space"}])

    def test_a_folder_outlives_resizes_crashes_and_its_plugin(self):
        held, folder = self.space(2)
        as_user(FIRST, lambda: (folder / "file").write_text("mine"))
        for amount in (1, 3):
            self.assert_ok(self.client.patch(path(held), {"resources": {self.SPACE: amount}}))
            self.assertEqual((folder / "file").read_text(), "mine")
        self.agent.kill()
        self.agent.start()
        self.client.close()
        self.wait_for(lambda: self.plugin("scratch-space").get("state") == "running")
        self.assertEqual((self.look(held)["env"]["SCRATCH"], (folder / "file").read_text()), (str(folder), "mine"))
        (self.folder / "lib/scratch-space.so").unlink()
        self.wait_for(lambda: not self.plugins())
        # Without its plugin it is emptied all the same, and the plugin removes it when it is there again.
        self.assert_ok(self.client.delete(path(held)))
        self.wait_for(lambda: folder.stat().st_uid == self.home.stat().st_uid)
        self.assertEqual(list(folder.iterdir()), [])
        self.drop_space()
        self.assertFalse(folder.exists())

    def test_what_is_no_folder_of_the_plugin_s_is_not_given(self):
        self.seats()
        home = pathlib.Path(f"{self.agent.state}-plugins/seats")
        (home / "link").symlink_to("/etc")
        (home / "root-s").mkdir()
        home.chmod(0o711)
        for name, size, reason in [
                ("../x", 4096, "no path below its state folder"), ("/etc", 4096, "no path below its state folder"),
                ("a/../b", 4096, "no path below its state folder"), ("a", 1, "1024 are the least"),
                ("link", 4096, "ENOTDIR"), ("none", 4096, "ENOENT"), ("root-s", 4096, "as it is user 0's"),
                ("own", 4096, "keeps it closed")]:
            with self.subTest(name):
                # A literal of C.
                more = json.dumps("," + json.dumps({"quotas": {name: size}})[1:-1])
                pid = self.plugin("seats")["pid"]
                library = self.built("seats", "seats.c", "-DLOUD", f"-DMORE={more}")
                self.drop("seats", library, needs={"state": True})
                self.wait_for(lambda: self.plugin("seats").get("pid") not in (None, pid) and "available" in self.units().values())
                owner = home.stat().st_uid
                if name == "own":
                    (home / name).mkdir()
                    os.chown(home / name, owner, owner)
                    home.chmod(0o700)
                status, answer = self.user.reserve({SEAT: 1})
                self.assertEqual((status, answer["code"]), (409, "provider"), answer)
                self.assertIn(reason, json.dumps(answer))
        self.assertEqual(os.stat("/etc").st_uid, 0)


class GPUs(PluginCase):
    """nvidia-gpu, with a stand-in for NVIDIA's library: sources/nvml.c."""
    A100, H100 = "0000:01:00.0", "0000:81:00.0"

    @classmethod
    def setUpClass(cls):
        cls.settings = {"nvidia-gpu": {"every": 1}}
        super().setUpClass()
        package = ROOT / "Plugins/nvidia-gpu"
        subprocess.run(["swift", "build", "-c", "release", "-Xswiftc", "-static-stdlib"], cwd=package, check=True,
                       stdout=subprocess.DEVNULL)
        cls.library = package / ".build/release/libnvidia-gpu.so"
        cls.manifest = json.loads((package / "nvidia-gpu.json").read_text())

    def tell(self, *lines):
        state = self.folder / "nvml"
        part = state.with_suffix(".part")
        part.write_text("".join(f"{line}\n" for line in lines))
        part.chmod(0o644)
        part.rename(state)

    def start(self, *lines):
        self.tell(*lines)
        nvml = self.built("libnvidia-ml", "nvml.c", f'-DSTATE="{self.folder}/nvml"')
        # Where the plugin looks by itself is the loader's to say; that the test's own library is found is the test's.
        self.settings["nvidia-gpu"]["library"] = str(nvml)
        self.agent.configure({**self.config, "plugins": {**self.config["plugins"], "settings": self.settings}})
        self.agent.kill()
        self.agent.start()
        self.client.close()
        needs = {**self.manifest["needs"], "read": self.manifest["needs"]["read"] + [str(self.folder)]}
        more = {key: self.manifest[key] for key in ("version", "configuration")}
        self.drop("nvidia-gpu", self.library, types=None, given=self.manifest["types"], needs=needs, **more)
        self.wait_for(lambda: self.plugin("nvidia-gpu").get("state") == "running")

    def unit(self, name):
        return next((unit for unit in self.resource("gpu")["units"] if unit["name"] == name), {})

    def test_it_knows_more_of_the_host_s_own(self):
        whole, part = f"gpu 0000{self.A100} GPU-1 80", "mig MIG-%d 1g.10gb 10 %d"
        other = f"gpu 0000{self.H100} GPU-2 80"
        self.start(whole, part % (1, 7), part % (2, 8), other)
        self.wait_for(lambda: "MIG-2" in self.units("gpu"))
        facts = self.unit(self.A100)["capabilities"]
        self.assertEqual((facts["uuid"], facts["vram"], facts["mig"], facts["numa"]), ("GPU-1", 80 << 30, True, 0))
        self.assertEqual(facts["model"], "NVIDIA A100-SXM4-80GB")
        self.assertEqual([self.unit(name)["devices"] for name in (self.A100, "MIG-1", self.H100)],
                         [["c 195:0"], ["c 195:0"], ["c 195:1"]])
        self.assertEqual(self.resource("gpu")["capacity"], 4)
        # By UUID, and with what it uses.
        held = self.granted({"gpu": {"amount": 1, "where": {"uuid": "GPU-2"}}}, lease="1h")
        self.assertEqual((held["env"]["CUDA_VISIBLE_DEVICES"], held["env"]["BERTH_GPUS"]), ("GPU-2", self.H100))
        use = self.look(held)["usage"]["types"]["gpu"][self.H100]
        self.assertEqual({name: float(value) for name, value in use.items()},
                         {"utilization": 0.42, "memory_bytes": 5 << 30, "watts": 123.456})
        # A part excludes its whole, and the reverse.
        held_part = self.granted({"gpu": {"amount": 1, "where": {"partition": "1g.10gb"}}}, lease="1h")
        self.assertEqual(held_part["env"]["NVIDIA_VISIBLE_DEVICES"], "MIG-1")
        self.assertEqual(self.resource("gpu")["held"], 2)
        self.assert_problem(self.client.reserve({"gpu": {"amount": 1, "where": {"uuid": "GPU-1"}}}), 409, "insufficient")
        self.assert_problem(self.client.reserve({"gpu": 3}), 409, "insufficient")
        self.assert_ok(self.client.delete(path(held_part)))
        both = self.granted({"gpu": {"amount": 1, "where": {"uuid": "GPU-1"}}}, lease="1h")
        self.assertEqual(both["env"]["CUDA_VISIBLE_DEVICES"], "MIG-1,MIG-2")
        self.assert_problem(
            self.client.reserve({"gpu": {"amount": 1, "where": {"partition": "1g.10gb"}}}), 409, "insufficient")
        # What is held is told again, and lost by none, when the plugin ends.
        os.kill(self.plugin("nvidia-gpu")["pid"], signal.SIGKILL)
        self.wait_for(lambda: self.unit(self.A100)["state"] == "failed")
        self.wait_for(lambda: self.unit(self.A100)["state"] == "reserved")
        self.assertEqual(self.look(both)["usage"]["types"]["gpu"].keys(), {self.A100})
        # A whole that cannot be reached any more.
        self.tell(whole, part % (1, 7), part % (2, 8), other + " lost")
        self.wait_for(lambda: self.unit(self.H100)["state"] == "failed")
        self.assertEqual(self.unit(self.H100)["reason"], "the driver has lost it")
        self.assertEqual(self.look(held)["state"], "confirmed")
        # Without the plugin they are the host's own as before, and what is held of a part stays held.
        self.assert_ok(self.client.delete(path(both)))
        held_part = self.granted({"gpu": {"amount": 1, "where": {"partition": "1g.10gb"}}}, lease="1h")
        (self.folder / "lib/nvidia-gpu.so").unlink()
        self.wait_for(lambda: self.units("gpu").get("MIG-1") == "failed" and "MIG-2" not in self.units("gpu"))
        self.assertEqual(self.unit(self.H100)["state"], "reserved")
        self.assertNotIn("uuid", self.unit(self.A100)["capabilities"])
        for each in (held, held_part):
            self.assert_ok(self.client.delete(path(each)))
        self.assertEqual(len(self.granted({"gpu": 4}, lease="1h")["resources"]["gpu"]["units"]), 4)

    def test_what_the_kernel_cuts_itself_is_granted_once(self):
        tree = host.Tree(self.agent.tree)
        place = f"proc/driver/nvidia/gpus/{self.A100}/information"
        tree.file(place, f"Model: \t\t NVIDIA A100-SXM4-80GB\nGPU UUID: \t GPU-1\nBus Location: \t {self.A100}\nDevice Minor: \t 0")
        vendor = tree.root / f"sys/devices/pci0000:01/{self.A100}/vendor"
        former = vendor.read_text()
        self.addCleanup(shutil.rmtree, tree.root / "proc/driver")
        self.addCleanup(vendor.write_text, former)
        vendor.write_text("0x10de\n")
        for instance in (7, 8):
            for access in (f"gi{instance}", f"gi{instance}/ci0"):
                tree.file(f"proc/driver/nvidia/capabilities/gpu0/mig/{access}/access", "DeviceFileMinor: 1\nDeviceFileMode: 292")
        self.start(f"gpu 0000{self.A100} GPU-1 80", "mig MIG-1 1g.10gb 10 7", "mig MIG-2 1g.10gb 10 8", "gpu 00010000:01:00.0 GPU-9 80")
        self.wait_for(lambda: "MIG-2" in self.units("gpu"))
        # Neither the kernel's own names of the parts, nor a GPU of another PCI domain that the host does not have.
        self.assertEqual(self.units("gpu"), {
            **dict.fromkeys(["0000:02:00.0", self.H100, "0000:82:00.0", self.A100, "MIG-1", "MIG-2"], "available"),
            "10000:01:00.0": "failed"})
        whole = self.granted({"gpu": {"amount": 1, "where": {"pci": self.A100, "mig": True}}}, lease="1h")
        self.assert_problem(self.client.reserve({"gpu": {"amount": 1, "where": {"pci": self.A100}}}), 409, "insufficient")
        self.assert_problem(self.client.reserve({"gpu": {"amount": 1, "where": {"partition": "1g.10gb"}}}), 409, "insufficient")
        self.assert_ok(self.client.delete(path(whole)))

    def test_what_is_not_well_is_not_granted(self):
        whole, other = f"gpu 0000{self.A100} GPU-1 80", f"gpu 0000{self.H100} GPU-2 80"
        part = "mig MIG-1 3g.40gb 40 5"
        self.start(whole, part, other)
        self.wait_for(lambda: "MIG-1" in self.units("gpu"))
        for trouble, state, reason in [
                (" ecc 3", "failed", "3 memory errors"), (" remap pending", "failed", "waits for a reset"),
                (" remap failed", "failed", "could not be replaced"), ("", "available", None)]:
            with self.subTest(trouble):
                self.tell(whole, part, other + trouble)
                self.wait_for(lambda: self.unit(self.H100)["state"] == state and (
                    reason is None or reason in self.unit(self.H100).get("reason", "")))
        # A program's own mistake says nothing of the GPU; other Xids do, of what they are about.
        self.tell(whole, part, other, "xid 1 31 1", "xid 2 94 0 5", "xid 3 79 1")
        self.wait_for(lambda: "Xid 79" in self.unit(self.H100).get("reason", ""))
        self.wait_for(lambda: "Xid 94" in self.unit("MIG-1").get("reason", ""))
        # What is broken in a part is broken in the whole.
        self.assertEqual(self.unit(self.A100)["state"], "failed")
        self.assertIn(f"Xid 31 of GPU {self.H100}", self.log_of("nvidia-gpu"))
        self.assert_problem(self.client.reserve({"gpu": {"amount": 1, "where": {"uuid": "GPU-2"}}}), 409, "insufficient")
        self.tell(whole, part, other)
        self.assert_ok(self.client.post("/v1/plugins/nvidia-gpu/reload"))
        self.wait_for(lambda: self.unit(self.H100)["state"] == "available")

    def test_without_a_driver_there_is_nothing_to_say(self):
        self.start("driver missing")
        self.wait_for(lambda: "no units: NVML does not start: Driver Not Loaded" in self.log_of("nvidia-gpu"))
        self.assertEqual(self.granted({"gpu": 1}, lease="1h")["env"]["BERTH_GPUS"], self.A100)
        # It is looked for again, by the same process: one that waits must not be ended for that.
        pid = self.plugin("nvidia-gpu")["pid"]
        time.sleep(3)
        self.assertEqual(self.plugin("nvidia-gpu").get("pid"), pid)
        self.tell(f"gpu 0000{self.A100} GPU-1 80")
        self.wait_for(lambda: self.unit(self.A100)["capabilities"].get("uuid") == "GPU-1")


class Many(PluginCase):
    def test_fifty_at_once(self):
        library = self.built("seats", "seats.c")
        began = time.monotonic()
        for number in range(50):
            one = self.built(f"many{number}", "seats.c", f'-DSEAT_TYPE="example.com/seat{number}"') if number else library
            self.drop(f"many{number}", one, types=[f"example.com/seat{number}" if number else SEAT])
        self.wait_for(lambda: [each["state"] for each in self.plugins()] == ["running"] * 50, 60)
        pids = [each["pid"] for each in self.plugins()]
        memory = sum(int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4 for pid in pids)
        print(f"50 providers run {time.monotonic() - began:.1f} s after the first was dropped, their building included; "
              f"{memory // 50} KiB each, agent {self.agent.memory_kib} KiB")
        self.assertEqual(self.granted({"example.com/seat49": 1}, lease="1h")["env"]["SEAT"], "a")

    def test_ten_thousand_units(self):
        self.drop("units", self.built("units", "seats.c", "-DUNITS=10000"))
        before = self.agent.memory_kib
        began = time.monotonic()
        self.wait_for(lambda: len(self.units()) == 10_000, 30)
        took = time.monotonic() - began
        times = []
        for _ in range(200):
            began = time.monotonic()
            held = self.granted({SEAT: 3}, lease="1h")
            times.append(time.monotonic() - began)
            self.assertEqual(len(held["units"]), 3)
        times.sort()
        print(f"10,000 units are there after {took:.2f} s; a reservation of three: p50 {times[100] * 1000:.1f} ms, p99 "
              f"{times[197] * 1000:.1f} ms; the agent grew from {before} to {self.agent.memory_kib} KiB")
