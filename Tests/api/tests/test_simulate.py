"""`berth simulate` from outside: traces and hosts in, tables and documents out, and complaints that name the place."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from kit import host, traces

BERTH = f"{os.environ.get('BERTH_BIN', '.')}/berth"
MADE = "cpu=32,memory=256GiB,gpu=4,numa=2"
STRATEGIES = ["greedy", "balanced", "optimized"]
RULES = ["first-fit", "best-fit", "dot-product", "worst-fit"]


class SimulateCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="berth-simulate-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.trace = self.file("tasks.csv", traces.openb(traces.tasks(7)))

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
            for task in traces.tasks(7):
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
        self.assert_refused(done, 1, "has no tasks of the mix whole-gpu")

    def test_a_wrong_host_is_refused_by_place(self):
        for text, expected in [("x", "line 1"), ("{}", "schema"), ('{"schema": "berth.host/1", "cpu": 1}', "/cpu")]:
            path = self.file("wrong.json", text)
            self.assert_refused(self.simulate("--fill", made=path), 1, f"{path}: ", expected)
        self.assert_refused(self.simulate("--fill", made="cpu=8"), 2, '--host: "cpu=8" is not a host such as')

    def test_options_that_make_no_sense_are_refused(self):
        for words in [["--fill", "--only", "gpus"], ["--fill", "--strategy", "best"], ["--fill", "--starts", "0"]]:
            self.assertEqual(self.simulate(*words).returncode, 2, words)
