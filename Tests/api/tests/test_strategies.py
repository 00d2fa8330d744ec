"""Strategies, and everything of one NUMA node."""
from kit import host
from kit.case import AgentCase, path


class Strategies(AgentCase):
    def lies(self, granted):
        """The NUMA nodes of what a reservation holds, by type."""
        resources = granted["resources"]
        nodes = {"gpu": {host.GPUS[name] for name in resources.get("gpu", {}).get("units", {})}}
        for name in ("cpu", "memory"):
            text = resources.get(name, {}).get("numa_nodes", "")
            nodes[name] = {int(node) for node in text.split(",") if node}
        return nodes

    def test_what_was_chosen_how_is_said(self):
        for strategy in ("greedy", "balanced", "optimized"):
            granted = self.granted({"gpu": 1}, strategy=strategy)
            self.assertEqual(granted["strategy"], strategy)
            self.assertEqual(granted["choice"], {"strategy": strategy, "exact": True, "nodes": 1})
            self.assertEqual(self.look(granted)["choice"], granted["choice"])

    def test_strategies_choose_differently(self):
        chosen = {}
        for strategy in ("greedy", "balanced", "optimized"):
            self.granted({"gpu": {"amount": 0.25, "where": {"numa": 0}}}, strategy="greedy")
            self.granted({"gpu": {"amount": 0.5, "where": {"numa": 1}}}, strategy="greedy")
            granted = self.granted({"gpu": 0.5}, strategy=strategy)
            chosen[strategy] = list(granted["resources"]["gpu"]["units"])
            for reservation in self.live():
                self.client.delete(path(reservation))
        first, second, third, _ = host.GPUS
        self.assertEqual(chosen, {"greedy": [first], "balanced": [second], "optimized": [third]})

    def test_all_types_of_a_request_lie_near_each_other(self):
        self.granted({"gpu": 2}, strategy="greedy")
        granted = self.granted({"cpu": {"amount": 2, "exclusive": True}, "gpu": 2})
        self.assertEqual(self.lies(granted), {"cpu": {1}, "gpu": {1}, "memory": set()})
        self.assertEqual(granted["choice"], {"strategy": "optimized", "exact": True, "nodes": 1})

    def test_everything_of_one_node_or_nothing(self):
        wanted = {"cpu": {"amount": 4, "exclusive": True}, "memory": "8GiB", "gpu": 2}
        first = self.granted(wanted, same="numa")
        second = self.granted(wanted, same="numa", strategy="balanced")
        self.assertEqual({granted["same"] for granted in (first, second)}, {"numa"})
        for granted in (first, second):
            nodes = self.lies(granted)
            self.assertEqual(len(nodes["cpu"]), 1)
            self.assertEqual(nodes["cpu"], nodes["memory"])
            self.assertEqual(nodes["cpu"], nodes["gpu"])
        self.assertNotEqual(self.lies(first), self.lies(second))
        self.client.delete(path(first))
        self.granted({"gpu": 1})
        refused = self.client.reserve(wanted, same="numa")
        self.assert_problem(refused, 409, "insufficient")
        self.assertEqual(
            refused.json["shortfalls"], [{"type": "gpu", "asked": 2, "free": 1, "capacity": 2, "same": "numa"}])
        self.assertIn("on one NUMA node", refused.json["detail"])
        refused = self.client.reserve({"gpu": 3}, same="numa")
        self.assertIs(refused.json["ever"], False)

    def test_what_must_be_the_same_is_known(self):
        answer = self.client.reserve({"cpu": 1}, same="rack")
        self.assertEqual((answer.status, answer.json["pointer"]), (422, "/same"))
