"""A real trace: strategies and policies each decide in their own way on it, and `optimized` fills hosts as well as the known rules.

BERTH_TRACES names a folder with openb_pod_list_first_half.csv.
"""
import itertools
import json
import os
import pathlib
import subprocess
import unittest

FOLDER = os.environ.get("BERTH_TRACES")
BERTH = f"{os.environ.get('BERTH_BIN', '.')}/berth"
#: The three commonest shapes of nodes with GPUs in the trace.
HOSTS = ["cpu=96,memory=384GiB,gpu=8", "cpu=104,memory=512GiB,gpu=2", "cpu=16,memory=120GiB,gpu=2"]
MIXES = ["all", "shared-gpu", "whole-gpu", "cpu"]
RIVALS = ["first-fit", "best-fit", "dot-product"]
#: A day of the trace on which one host has more to do than it can.
DAY = ["--from", "116d", "--until", "117d"]


class Openb(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not FOLDER:
            raise unittest.SkipTest("BERTH_TRACES names no folder with traces")

    def simulate(self, host, *words):
        trace = pathlib.Path(FOLDER) / "openb_pod_list_first_half.csv"
        done = subprocess.run([BERTH, "simulate", "--host", host, "--trace", trace, "--json", *words],
                              capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def assert_all_differ(self, configurations):
        decided = {}
        for name, words in configurations.items():
            figures = self.simulate(HOSTS[0], *DAY, *words)["configurations"][0]
            decided[name] = {word: figures[word] for word in ("span", "held", "wait", "slowdown", "fragmentation")}
        for one, other in itertools.combinations(decided, 2):
            self.assertNotEqual(decided[one], decided[other], f"{one} decides as {other}")

    def test_no_policy_decides_as_another(self):
        self.assert_all_differ({
            "priority": ["--policy", "priority"], "fair": ["--policy", "fair"],
            "weighted": ["--policy", "weighted", "--weights", "LS=3"],
            "quota": ["--policy", "quota", "--quota", "gpu=4"]})

    def test_no_strategy_decides_as_another(self):
        self.assert_all_differ({
            strategy: ["--strategy", strategy, "--priorities", "LS=3"]
            for strategy in ("greedy", "balanced", "optimized", "priority")})

    def test_hosts_are_filled_as_well_as_by_the_known_rules(self):
        sums = {}
        for host, mix in itertools.product(HOSTS, MIXES):
            choosers = {each["name"]: each["cpu" if mix == "cpu" else "gpu"]
                        for each in self.simulate(host, "--fill", "--only", mix, "--starts", "20")["choosers"]}
            best = max(choosers[rival] for rival in RIVALS)
            self.assertGreaterEqual(choosers["optimized"], best * 0.99, (host, mix, choosers))
            for name, held in choosers.items():
                sums[name] = sums.get(name, 0) + held
        # From so few beginnings the best in the mean is a matter of chance: a thousandth is within it.
        self.assertGreaterEqual(sums["optimized"], max(sums[rival] for rival in RIVALS) * 0.999, sums)
