#!/usr/bin/env python3
"""Makes small instances and solves them exactly, for Tests/BerthCoreTests/OptimumTests.swift.

    pip install ortools && Tests/Optimum/solve.py > Tests/Optimum/instances.json

A host has a few NUMA nodes with whole cores, memory and GPUs. Requests come in a row, drawn from a few shapes; each must lie on
one node, its share of a GPU on one GPU. `optimum` is the length of the longest beginning of the row that can be placed when
the whole row is known: no strategy, which learns of one request after the other, can place more before it must refuse one.
"""
import json
import random

from ortools.sat.python import cp_model

COUNT = 500
SEED = 20231


def main():
    random.seed(SEED)
    instances = []
    while len(instances) < COUNT:
        instance = draw()
        instance["optimum"] = optimum(instance)
        # A row that fits whole tells nobody apart.
        if 3 < instance["optimum"] < len(instance["row"]):
            instances.append(instance)
    print("[\n" + ",\n".join(json.dumps(instance, separators=(",", ":")) for instance in instances) + "\n]")


def draw():
    """A host as [cpus, memory, gpus] of each node; shapes as [cpus, memory, thousandths of a GPU, weight]; the row by shape."""
    kind = random.choice(["gpus", "cores", "all"])
    nodes = [[random.choice([4, 8, 12]), random.choice([64, 128]), random.choice([1, 2, 4]) if kind != "cores" else 0]
             for _ in range(random.randint(1, 3))]
    shapes = []
    for _ in range(random.randint(2, 5)):
        gpu = 0 if kind == "cores" else random.choice([random.randint(2, 9) * 100, random.randint(20, 95) * 10, 1000])
        cpus = 0 if kind == "gpus" else random.randint(0 if gpu else 1, 5)
        memory = 0 if kind == "gpus" else random.choice([0, 8, 16, 24, 40])
        shapes.append([cpus, memory, gpu, random.randint(1, 9)])
    row = random.choices(range(len(shapes)), [shape[3] for shape in shapes], k=30)
    return {"nodes": nodes, "shapes": shapes, "row": row}


def optimum(instance):
    """The longest beginning of the row that can be placed: what fits in more is found by halving."""
    fits, fails = 0, len(instance["row"]) + 1
    while fails - fits > 1:
        middle = (fits + fails) // 2
        if feasible(instance, middle):
            fits = middle
        else:
            fails = middle
    return fits


def feasible(instance, count):
    model = cp_model.CpModel()
    uses = {}
    for place in range(count):
        cpus, memory, gpu, _ = instance["shapes"][instance["row"][place]]
        choices = []
        for node, (_, _, cards) in enumerate(instance["nodes"]):
            for card in range(cards) if gpu else [None]:
                chosen = model.new_bool_var("")
                choices.append(chosen)
                for what, amount in (("cpu", cpus), ("memory", memory), (card, gpu)):
                    uses.setdefault((node, what), []).append(amount * chosen)
        model.add_exactly_one(choices)
    for (node, what), amounts in uses.items():
        cpus, memory, _ = instance["nodes"][node]
        most = cpus if what == "cpu" else memory if what == "memory" else 1000
        model.add(sum(amounts) <= most)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.INFEASIBLE):
        raise SystemExit(f"no answer: {solver.status_name(status)}")
    return status != cp_model.INFEASIBLE


if __name__ == "__main__":
    main()
