"""`berth simulate` from outside: traces and hosts in, tables and documents out, and complaints that name the place."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

from kit import host, traces

BERTH = f"{os.environ.get('BERTH_BIN', '.')}/berth"
BERTHD = f"{os.environ.get('BERTH_BIN', '.')}/berthd"
#: So many tasks: a debug build replays some fifty in a second.
COUNT = 60
MADE = "cpu=32,memory=256GiB,gpu=4,numa=2"
STRATEGIES = ["greedy", "balanced", "optimized"]
RULES = ["first-fit", "best-fit", "dot-product", "worst-fit"]


class SimulateCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="berth-simulate-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.trace = self.file("tasks.csv", traces.openb(traces.tasks(7, COUNT)))

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def simulate(self, *words, trace=None, made=MADE, **options):
        return subprocess.run([BERTH, "simulate", "--host", made, "--trace", trace or self.trace, *words],
                              capture_output=True, text=True, timeout=120, **options)

    def answer(self, *words, **options):
        done = self.simulate(*words, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stderr)
        return done.stdout

    def assert_refused(self, done, status, *texts):
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        self.assertTrue(done.stderr.startswith("berth: "), done.stderr)
        for text in texts:
            self.assertIn(text, done.stderr)


class Filling(SimulateCase):
    def filling(self, *words, **options):
        return json.loads(self.answer("--fill", "--json", *words, **options))

    def test_the_document_has_every_strategy_and_every_rule(self):
        document = self.filling()
        self.assertEqual((document["schema"], document["mix"], document["patience"]), ("berth.filling/1", "all", 50))
        self.assertEqual([each["name"] for each in document["choosers"]], STRATEGIES + RULES)
        self.assertEqual([each["baseline"] for each in document["choosers"]], [False] * 3 + [True] * 4)
        for each in document["choosers"]:
            for figure in ("cpu", "memory", "gpu", "fragmentation"):
                self.assertTrue(0 <= each[figure] <= 1, each)
        self.assertEqual(
            [each["name"] for each in self.filling("--strategy", "greedy")["choosers"]], ["greedy", *RULES])

    def test_whole_gpus_and_cpus_are_filled_as_a_reader_can_reckon(self):
        for mix in ("whole-gpu", "cpu"):
            cpu, memory, gpus, refused, placed = 32_000, 256 << 10, 4, 0, 0
            for task in traces.tasks(7, COUNT):
                whole = task["gpu_milli"] == 1000
                if whole != (mix == "whole-gpu") or (mix == "cpu" and task["num_gpu"]):
                    continue
                if task["cpu_milli"] > cpu or task["memory_mib"] > memory or task["num_gpu"] > gpus:
                    refused += 1
                    if refused == 50:
                        break
                    continue
                refused, placed = 0, placed + 1
                cpu, memory, gpus = cpu - task["cpu_milli"], memory - task["memory_mib"], gpus - task["num_gpu"]
            for each in self.filling("--only", mix)["choosers"]:
                self.assertEqual(each["placed"], placed, each["name"])
                self.assertAlmostEqual(each["cpu"], 1 - cpu / 32_000, 5)
                self.assertAlmostEqual(each["memory"], 1 - memory / (256 << 10), 5)
                self.assertAlmostEqual(each["gpu"], 1 - gpus / 4, 5)

    def test_parts_of_gpus_are_packed_no_worse_than_by_the_rules(self):
        choosers = {each["name"]: each for each in self.filling("--only", "shared-gpu", "--starts", "100")["choosers"]}
        best = max(choosers[rule]["gpu"] for rule in RULES[:3])
        self.assertGreaterEqual(choosers["optimized"]["gpu"], best * 0.99, choosers)

    def test_the_table_says_the_same(self):
        lines = self.answer("--fill").splitlines()
        self.assertEqual(lines[0].split(), ["CHOOSER", "TASKS", "CPU", "%", "MEMORY", "%", "GPU", "%", "FRAGMENTS", "%"])
        for line, each in zip(lines[1:], self.filling()["choosers"], strict=True):
            name, placed, cpu, memory, gpu, fragments = line.split()
            self.assertEqual((name, int(placed)), (each["name"], each["placed"]))
            for text, figure in ((cpu, "cpu"), (memory, "memory"), (gpu, "gpu"), (fragments, "fragmentation")):
                self.assertAlmostEqual(float(text), each[figure] * 100, delta=0.051)

    def test_the_same_input_has_the_same_output(self):
        words = ["--fill", "--json", "--starts", "20"]
        self.assertEqual(self.answer(*words), self.answer(*words))

    def test_slurm_through_a_pipe_is_the_same_trace(self):
        made = [task for task in traces.tasks(3) if task["gpu_milli"] in (0, 1000)]
        openb = self.filling(trace=self.file("same.csv", traces.openb(made)))
        slurm = self.filling(trace="-", input=traces.sacct(made))
        self.assertEqual(openb, slurm)

    def test_a_host_that_was_found_serves_as_one_that_is_made_up(self):
        document = subprocess.run([BERTH, "host", "--json", "--root", host.write(self.folder / "host")],
                                  capture_output=True, check=True).stdout
        filling = self.filling(made=self.file("host.json", document))
        self.assertTrue(all(each["gpu"] > 0 for each in filling["choosers"]))


class Refusals(SimulateCase):
    def test_a_wrong_trace_is_refused_by_file_line_and_column(self):
        good = traces.openb(traces.tasks(1, 3))
        for text, expected in [
            ("", "it is empty"), ("\0\1\2\n", "line 1: "), (good.replace("cpu_milli,", "cpu,"), "line 1: "),
            (good.replace("gpu_milli", "gpu"), "line 1, column gpu_milli: is missing"),
            (good + "x,1e3,1,0,0,,LS,x,1,2,1\n", 'line 5, column cpu_milli: "1e3" is not a whole number of thousandths'),
            (good + "x,1\n", "line 5: has 2 fields, and the first line has 11"),
            (good + "x" * 100_000, "line 5: is longer than 65536 bytes"),
            (good + "x,\x1b[31m,1,0,0,,LS,x,1,2,1\n", "line 5, column cpu_milli: "),
        ]:
            path = self.file("wrong.csv", text)
            done = self.simulate("--fill", trace=path)
            self.assert_refused(done, 1, f"{path}: {expected}")
            self.assertNotIn("\x1b", done.stderr)

    def test_a_line_without_end_is_refused_without_being_read(self):
        script = f"(head -c 1 /dev/zero; yes | tr -d '\\n') | timeout 20 {BERTH} simulate --host {MADE} --trace - --fill"
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
        self.assert_refused(done, 1, "standard input: line 1: is longer than 65536 bytes")

    def test_what_is_not_there_is_refused_by_name(self):
        self.assert_refused(self.simulate("--fill", trace="/nonexistent"), 1, "open /nonexistent: ENOENT")
        self.assert_refused(self.simulate("--fill", made="/nonexistent"), 1, "open /nonexistent: ENOENT")
        self.assert_refused(self.simulate("--fill", trace=self.folder), 1, "EISDIR")
        only_cpu = [task for task in traces.tasks(1) if not task["num_gpu"]]
        done = self.simulate("--fill", "--only", "whole-gpu", trace=self.file("cpu.csv", traces.openb(only_cpu)))
        self.assert_refused(done, 1, "has none of the tasks that are asked for")

    def test_a_wrong_host_is_refused_by_place(self):
        for text, expected in [("x", "line 1"), ("{}", "schema"), ('{"schema": "berth.host/1", "cpu": 1}', "/cpu")]:
            path = self.file("wrong.json", text)
            self.assert_refused(self.simulate("--fill", made=path), 1, f"{path}: ", expected)
        self.assert_refused(self.simulate("--fill", made="cpu=8"), 2, '--host: "cpu=8" is not a host such as')

    def test_options_that_make_no_sense_are_refused(self):
        for words in [["--fill", "--only", "gpus"], ["--fill", "--strategy", "best"], ["--fill", "--starts", "0"]]:
            self.assertEqual(self.simulate(*words).returncode, 2, words)


class Replaying(SimulateCase):
    def replay(self, *words, **options):
        return json.loads(self.answer("--json", *words, **options))

    def test_the_document_has_the_figures_of_each_configuration(self):
        document = self.replay("--policy", "fair", "--vs", "policy=priority,strategy=greedy,declared=exact")
        self.assertEqual(document["schema"], "berth.simulation/1")
        first, second = document["configurations"]
        self.assertEqual([first[word] for word in ("policy", "strategy", "declared")], ["fair", "optimized", "trace"])
        self.assertEqual([second[word] for word in ("policy", "strategy", "declared")], ["priority", "greedy", "exact"])
        never = sum(task["scheduled_time"] == "" for task in traces.tasks(7, COUNT))
        self.assertEqual(document["left_out"], never)
        for each in (first, second):
            self.assertEqual((each["tasks"], each["ran"], each["refused"]), (COUNT - never, COUNT - never, 0))
            for share in [*each["held"].values(), each["fragmentation"], each["fairness"]]:
                self.assertTrue(0 < share <= 1, each)
            self.assertTrue(0 <= each["wait"]["median"] <= each["wait"]["p95"] <= each["wait"]["longest"], each)

    def test_on_a_host_that_has_room_for_all_nobody_waits(self):
        figures = self.replay(made="cpu=4000,memory=64TiB,gpu=900")["configurations"][0]
        self.assertEqual((figures["waited"], figures["wait"]["longest"], figures["slowdown"]), (0, 0, 1))
        self.assertNotIn("fairness", figures)
        ran = [task for task in traces.tasks(7, COUNT) if task["scheduled_time"] != ""]
        held = sum(task["cpu_milli"] * (task["deletion_time"] - task["scheduled_time"]) for task in ran)
        self.assertAlmostEqual(figures["held"]["cpu"], held / 4_000_000 / figures["span"], 5)
        # Everybody starts when he comes, and so the last end is the latest of arrival and run.
        self.assertEqual(figures["span"], max(
            task["creation_time"] + task["deletion_time"] - task["scheduled_time"] for task in ran) - ran[0]["creation_time"])

    def test_the_figures_do_not_depend_on_the_second_configuration(self):
        alone = self.replay("--strategy", "greedy")["configurations"]
        beside = self.replay("--vs", "strategy=greedy")["configurations"]
        self.assertEqual(alone[0], beside[1])
        self.assertEqual(self.answer("--vs", "policy=fair"), self.answer("--vs", "policy=fair"))

    def test_known_durations_let_tasks_pass(self):
        none, exact = self.replay("--declared", "none", "--vs", "declared=exact")["configurations"]
        self.assertLess(exact["wait"]["mean"], none["wait"]["mean"])

    def test_priorities_shorten_the_wait_of_who_has_them(self):
        def arrivals(*words):
            document = self.replay(*words)
            return document["configurations"][0]["wait"]["mean"]
        self.assertNotEqual(arrivals(), arrivals("--priorities", "LS=1000"))
        self.assertNotEqual(arrivals("--policy", "weighted"), arrivals("--policy", "weighted", "--weights", "LS=1000"))

    def test_a_second_configuration_has_other_weights_priorities_and_quotas(self):
        for policy, option, word in (("weighted", "weights", "LS=1000"), ("priority", "priorities", "LS=1000"), ("quota", "quota", "cpu=8")):
            name, value = word.split("=")
            first = ["--quota", "cpu=9"] if option == "quota" else []
            document = self.replay("--policy", policy, *first, "--vs", f"{option}.{name}={value}")
            alone = self.replay("--policy", policy, f"--{option}", word)["configurations"][0]
            self.assertEqual(document["configurations"][1], alone)
            self.assertNotEqual(document["configurations"][0], alone)
        table = self.answer("--policy", "weighted", "--weights", "LS=3", "--vs", "weights.BE=2")
        self.assertIn("WEIGHTED, OPTIMIZED, OTHER WEIGHTS", table)
        beside = self.replay("--weights", "LS=3", "--vs", "weights.BE=2")["configurations"]
        self.assertEqual([each["weights"] for each in beside], [{"LS": 3}, {"BE": 2, "LS": 3}])

    def test_a_quota_holds_each_user_to_its_part(self):
        free, held = self.replay("--quota", "cpu=8", "--policy", "quota", "--vs", "policy=fair")["configurations"]
        # Three users of eight CPUs each; the longest of their lines decides how long it takes.
        work = [sum(task["cpu_milli"] * (task["deletion_time"] - task["scheduled_time"]) for task in traces.tasks(7, COUNT)
                    if task["qos"] == user and task["scheduled_time"] != "") / 8000 for user in ("LS", "BE", "Burstable")]
        for figures in (free, held):
            self.assertGreaterEqual(figures["span"], max(work))
        small = self.replay("--quota", "cpu=7")["configurations"][0]
        eight = [task for task in traces.tasks(7, COUNT) if task["cpu_milli"] == 8000 and task["scheduled_time"] != ""]
        self.assertEqual(small["refused"], len(eight))

    def test_parts_of_the_trace_can_be_taken(self):
        count = sum(600 <= task["creation_time"] - traces.tasks(7, COUNT)[0]["creation_time"] < 3600
                    and task["num_gpu"] == 0 and task["scheduled_time"] != "" for task in traces.tasks(7, COUNT))
        figures = self.replay("--from", "10m", "--until", "1h", "--only", "cpu")["configurations"][0]
        self.assertEqual(figures["tasks"], count)

    def test_the_table_has_a_column_for_each(self):
        lines = self.answer("--vs", "policy=fair").splitlines()
        self.assertEqual(
            [part.strip() for part in lines[0].split("  ")][-2:], ["PRIORITY, OPTIMIZED", "FAIR, OPTIMIZED"])
        self.assertTrue(any(line.startswith("fairness over users ") for line in lines))

    def test_the_image_is_well_formed_and_has_every_user(self):
        made = traces.tasks(7, COUNT)
        for number, task in enumerate(made):
            task["qos"] = ["<b>&", "\x1b[31m", "ann", "bob"][number % 4]
        paths = [self.folder / "one.svg", self.folder / "two.svg"]
        for path in paths:
            self.answer("--vs", "policy=fair", "--svg", path, trace=self.file("odd.csv", traces.openb(made)))
        self.assertEqual(paths[0].read_bytes(), paths[1].read_bytes())
        tree = xml.etree.ElementTree.parse(paths[0])
        self.assertEqual(tree.getroot().tag, "{http://www.w3.org/2000/svg}svg")
        texts = [text.text for text in tree.iter("{http://www.w3.org/2000/svg}text")]
        for expected in ("priority, optimized", "fair, optimized", "CPU", "memory", "GPU", "waiting", "<b>&", "ann"):
            self.assertIn(expected, texts)

    def test_options_that_make_no_sense_are_refused(self):
        for words in [["--policy", "nice"], ["--vs", "policy=nice"], ["--vs", "fair"], ["--vs", ""], ["--declared", "x"],
                      ["--priorities", "ann"], ["--priorities", "ann=5000"], ["--weights", "ann=0"], ["--policy", "quota"],
                      ["--quota", "cpu"], ["--quota", "disk=1"], ["--starts", "2"], ["--vs", "weights=3"], ["--vs", "weights.ann=0"],
                      ["--vs", "quota.disk=1"], ["--vs", "policy=quota"], ["--vs", "policy.x=fair"], ["--weights", "LS=1,LS=2"],
                      ["--from", "soon"], ["--fill", "--svg", "x"], ["--fill", "--vs", "policy=fair"]]:
            done = self.simulate(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
        for option in ("--priorities", "--weights"):
            self.assert_refused(
                self.simulate(option, "LS=2,ann=3"), 2, f"{option} names ann", "it has tasks of BE, Burstable, LS\n")
            self.assert_refused(
                self.simulate("--vs", f"{option[2:]}.ann=3"), 2, f"--vs {option[2:]} names ann", "it has tasks of BE, Burstable, LS\n")
        self.assert_refused(self.simulate("--svg", "/nonexistent/x.svg"), 1, "create /nonexistent/x.svg: ENOENT")
        self.assert_refused(self.simulate("--from", "3000d"), 1, "has none of the tasks that are asked for")


class Configured(SimulateCase):
    """The agent's own configuration, as `berthd --check --json` prints it."""

    YAML = """
        system_reserved: {cpu: 2}
        pools:
          default: {policy: {kind: weighted, weights: {groups: {physics: 3}, users: {BE: 2}}}}
          prod: {kind: elastic, guaranteed: {cpu: 12}, give_back: preempt, users: [LS]}
          batch: {kind: elastic, guaranteed: {cpu: 8}, strategy: greedy}
    """

    def config(self, text=YAML, name="berth.yaml", dropins=()):
        path = self.file(name, text)
        (self.folder / f"{name}.d").mkdir(exist_ok=True)
        for number, dropin in enumerate(dropins):
            self.file(f"{name}.d/{number}.yaml", dropin)
        done = subprocess.run([BERTHD, "--config", path, "--check", "--json"], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stderr)
        return self.file(f"{name}.json", done.stdout)

    def test_the_document_is_the_files_merged_and_a_configuration_again(self):
        path = self.config("system_reserved: {cpu: 2}\ncaps: {reservations: 7}", dropins=[
            "system_reserved: {memory: 1GiB}", "pools: {default: {policy: {kind: fair}}}"])
        document = json.loads(path.read_text())
        self.assertEqual(document, {
            "system_reserved": {"memory": "1GiB"}, "caps": {"reservations": 7},
            "pools": {"default": {"policy": {"kind": "fair"}}}})
        again = subprocess.run([BERTHD, "--config", path, "--check", "--json"], capture_output=True, text=True, timeout=60)
        self.assertEqual(json.loads(again.stdout), document)
        # What is wrong is refused as ever, and accounts of other hosts are only for the document.
        wrong = self.file("wrong.yaml", "pools: {default: {policy: {kind: nice}}}")
        done = subprocess.run([BERTHD, "--config", wrong, "--check", "--json"], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("wrong.yaml:1: ", done.stderr)
        done = subprocess.run(
            [BERTHD, "--config", self.folder / "berth.yaml", "--json"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 64)

    def test_pools_have_figures_of_their_own(self):
        config = self.config()
        document = json.loads(self.answer(
            "--json", "--config", config, "--pools", "LS=prod,BE=batch", "--vs", f"config={config},strategy=greedy"))
        for each in document["configurations"]:
            self.assertEqual((each["config"], each["policy"]), (str(config), "weighted"))
            self.assertEqual(set(each["pools"]), {"default", "prod", "batch"})
            for figure in ("tasks", "ran", "refused", "waited", "preemptions"):
                self.assertEqual(sum(pool[figure] for pool in each["pools"].values()), each[figure], figure)
            for type in ("cpu", "memory", "gpu"):
                self.assertAlmostEqual(
                    sum(pool["held"][type] for pool in each["pools"].values()), each["held"][type], 4)
        first, second = document["configurations"]
        self.assertNotIn("strategy", first)
        self.assertEqual(second["strategy"], "greedy")
        ran = [task for task in traces.tasks(7, COUNT) if task["scheduled_time"] != ""]
        for user, pool in (("LS", "prod"), ("BE", "batch"), ("Burstable", "default")):
            self.assertEqual(first["pools"][pool]["tasks"], sum(task["qos"] == user for task in ran))
        table = self.answer("--config", config, "--pools", "LS=prod,BE=batch")
        self.assertIn(str(config), table.splitlines()[0])
        self.assertIn("POOL ", table)

    def test_pools_and_what_is_kept_back_change_what_is_decided(self):
        plain = self.replay("--vs", f"config={self.config('{}')}")["configurations"]
        self.assertEqual(plain[0]["wait"], plain[1]["wait"])
        kept = self.replay("--config", self.config("system_reserved: {cpu: 24}"))["configurations"][0]
        self.assertGreater(kept["wait"]["mean"], plain[0]["wait"]["mean"])
        small = self.config("pools: {tiny: {kind: static, guaranteed: {cpu: 8, gpu: 1}}}")
        tiny = self.replay("--config", small, "--pools", "LS=tiny")["configurations"][0]
        self.assertGreater(tiny["pools"]["tiny"]["wait"]["mean"], plain[0]["wait"]["mean"])
        # Two GPUs at a time are more than the pool has.
        two = sum(task["qos"] == "LS" and task["num_gpu"] == 2 and task["scheduled_time"] != ""
                  for task in traces.tasks(7, COUNT))
        self.assertEqual(tiny["pools"]["tiny"]["refused"], two)

    def test_groups_are_those_of_the_trace_or_of_the_option(self):
        weighted = self.config("pools: {default: {policy: {kind: weighted, weights: {groups: {physics: 9, arts: 1}}}}}")
        without = self.replay("--config", weighted)["configurations"][0]
        option = self.replay("--config", weighted, "--groups", "LS=physics,BE=arts,Burstable=arts")["configurations"][0]
        self.assertNotEqual(without["wait"], option["wait"])
        made = [task for task in traces.tasks(7, COUNT) if task["gpu_milli"] in (0, 1000)]
        lines = traces.sacct(made).splitlines()
        groups = {"LS": "physics", "BE": "arts", "Burstable": "arts"}
        told = "".join(f"{line}|{'Account' if number == 0 else groups.get(line.split('|')[2], '')}\n"
                       for number, line in enumerate(lines))
        by_trace = self.replay("--config", weighted, trace=self.file("told.txt", told))["configurations"][0]
        by_option = self.replay("--config", weighted, "--groups", ",".join(f"{user}={group}" for user, group in groups.items()),
                                trace=self.file("untold.txt", traces.sacct(made)))["configurations"][0]
        self.assertEqual(by_trace, by_option)

    def test_what_cannot_be_is_refused(self):
        config = self.config()
        self.assert_refused(
            self.simulate("--config", config, "--pools", "BE=prod"), 1, "BE may not use the pool prod", "--pools BE=default")
        self.assert_refused(self.simulate("--config", config, "--pools", "BE=nix"), 2, "no configuration has a pool nix")
        self.assert_refused(self.simulate("--config", config, "--pools", "ann=prod"), 2, "--pools names ann")
        self.assert_refused(self.simulate("--config", config, made="cpu=12,memory=64GiB"), 1, "guaranteed 20 cpu", "it has 10")
        self.assert_refused(self.simulate("--config", self.folder / "berth.yaml"), 1, "berthd --config", "--check --json")
        self.assert_refused(self.simulate("--config", "/nonexistent"), 1, "open /nonexistent: ENOENT")
        unknown = self.file("unknown.json", '{"pool": {}}')
        self.assert_refused(self.simulate("--config", unknown), 1, "unknown.json: ", "pools")
        for words in [["--policy", "fair"], ["--weights", "LS=2"], ["--quota", "cpu=2"], ["--vs", "policy=fair"],
                      ["--vs", "quota.cpu=2"], ["--vs", "config="], ["--fill"], ["--groups", "LS"], ["--pools", "LS=a b"],
                      ["--pools", "LS=a,LS=b"]]:
            done = self.simulate("--config", config, *words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
        for words in (["--pools", "LS=prod"], ["--groups", "LS=physics"]):
            self.assertEqual(self.simulate(*words).returncode, 2)
        # What a file says is no command to a terminal.
        done = self.simulate("--config", self.file("raw.json", '{"\\u001b[2J": 1}'))
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("\x1b", done.stderr)

    def test_a_pool_that_only_one_of_two_has_is_the_default_one_in_the_other(self):
        tiny = self.config("pools: {tiny: {kind: static, guaranteed: {cpu: 8, gpu: 2}}}")
        plain, second = self.replay("--pools", "LS=tiny", "--vs", f"config={tiny}")["configurations"]
        self.assertEqual(plain["wait"], self.replay()["configurations"][0]["wait"])
        self.assertEqual(second["pools"]["tiny"]["tasks"], sum(
            task["qos"] == "LS" and task["scheduled_time"] != "" for task in traces.tasks(7, COUNT)))
        self.assertNotIn("pools", plain)

    def test_host_and_configuration_may_be_pipes(self):
        document = subprocess.run([BERTH, "host", "--json", "--root", host.write(self.folder / "host")],
                                  capture_output=True, check=True).stdout
        found = self.file("host.json", document)
        pipes = f"{BERTH} simulate --json --host <(cat {found}) --trace {self.trace} --only cpu --config <(cat {self.config('{}')}) --vs strategy=greedy"
        done = subprocess.run(["bash", "-c", pipes], capture_output=True, text=True, timeout=120)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(len(json.loads(done.stdout)["configurations"]), 2)

    def replay(self, *words, **options):
        return json.loads(self.answer("--json", *words, **options))
