"""Exclusive CPUs are chosen as well as other systems' own tests expect.

BERTH_CPU_CHOICE names a folder with cases.json, tree.py and a README that says what they mean.
"""
import importlib.util
import json
import os
import pathlib
import tempfile
import unittest

from kit.agent import Agent
from kit.quality import LESS, MORE, Topology, balanced_rank, figures, is_balanced, rank

FOLDER = os.environ.get("BERTH_CPU_CHOICE")


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def as_list(value):
    return value if isinstance(value, list) else [value]


class CPUChoice(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not FOLDER:
            raise unittest.SkipTest("BERTH_CPU_CHOICE names no folder with other systems' cases of chosen CPUs")
        folder = pathlib.Path(FOLDER)
        document = json.loads((folder / "cases.json").read_text())
        cls.cases = document["cases"]
        cls.topologies = {
            name: Topology(topology["columns"], topology["cpus"]) for name, topology in document["topologies"].items()}
        cls.trees = load("tree", folder / "tree.py")
        cls.specifications, _ = cls.trees.load(str(folder / "cases.json"))

    def test_the_figures_are_those_of_the_cases(self):
        for case in self.cases:
            if case["expected"] == "refuse":
                continue
            with self.subTest(case["name"]):
                found = figures(self.topologies[case["topology"]], case["available"], as_list(case["expected"]))
                self.assertEqual(found, {name: case["quality"][name] for name in LESS + MORE})

    def choose(self, case):
        """What the agent answers to the requests of a case, one after the other."""
        agent = Agent(config={"system_reserved": {"cpu": 0, "memory": 0}}, tree=self.tree(case))
        try:
            agent.start()
            with agent.client() as client:
                return [
                    client.reserve({"cpu": {"amount": amount, "exclusive": True}}, strategy=case["strategy"])
                    for amount in as_list(case["request"])]
        finally:
            agent.clean()

    def tree(self, case):
        agent_folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="berth-api-")))
        tree = agent_folder / "host"
        topology = self.specifications[case["topology"]]
        available = self.trees.parse_list(case["available"])
        self.trees.write_tree(topology, available, str(tree))
        return tree

    def test_every_choice_is_as_good(self):
        better = same = 0
        for case in self.cases:
            with self.subTest(case["name"]):
                answers = self.choose(case)
                if case["expected"] == "refuse" or (case.get("halves_only") and answers[-1].status == 409):
                    self.assertEqual([answer.status for answer in answers], [409])
                    continue
                self.assertEqual({answer.status for answer in answers}, {201}, answers)
                chosen = [answer.json["resources"]["cpu"]["cpus"] for answer in answers]
                topology = self.topologies[case["topology"]]
                wanted = as_list(case["expected"])
                if case["strategy"] == "balanced":
                    ranks = [balanced_rank(topology, case["available"], sets) for sets in (chosen, wanted)]
                    good = is_balanced(*ranks, topology.threads)
                else:
                    ranks = [rank(figures(topology, case["available"], sets)) for sets in (chosen, wanted)]
                    good = ranks[0] <= ranks[1]
                self.assertTrue(good, f"{chosen} is {ranks[0]}, {wanted} is {ranks[1]}")
                better += ranks[0] < ranks[1]
                same += ranks[0] == ranks[1]
        print(f"{same} choices as good, {better} better")
