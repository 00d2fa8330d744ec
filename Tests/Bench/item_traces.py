"""How far each strategy fills a host with the tasks of a trace, beside well-known rules. BERTH_TRACE names the trace."""
import json
import os
import subprocess
import sys

from figures import Table

# The three commonest shapes of nodes with GPUs in the trace.
HOSTS = [("96 CPUs, 384 GiB, 8 GPUs", "cpu=96,memory=384GiB,gpu=8"), ("104 CPUs, 512 GiB, 2 GPUs", "cpu=104,memory=512GiB,gpu=2"),
         ("16 CPUs, 120 GiB, 2 GPUs", "cpu=16,memory=120GiB,gpu=2")]
MIXES = [("all", "all"), ("GPU share below 1", "shared-gpu"), ("whole GPUs", "whole-gpu"), ("CPU only", "cpu")]
NAMES = ["greedy", "balanced", "optimized", "first-fit", "best-fit", "dot-product", "worst-fit"]
RIVALS = ["first-fit", "best-fit", "dot-product"]


def measure(bench):
    trace = os.environ.get("BERTH_TRACE")
    if not trace:
        print("traces: BERTH_TRACE names no trace, so nothing is filled", file=sys.stderr)
        return []
    return [filled(bench, trace, 1, "from its beginning"),
            filled(bench, trace, bench.times(400), f"the mean from {bench.times(400)} points of it")]


def filled(bench, trace, starts, where):
    table = Table(
        f"Filling a host with a trace, {where}", "Per cent of the GPUs / of the CPUs held when 50 tasks in a row are refused. "
        "Worst fit is there for what the others save; it is no rival.", "host", "tasks", *NAMES, "optimized over the best rival")
    means = {name: {"gpu": [], "cpu": []} for name in NAMES}
    for shape, host in HOSTS:
        for title, mix in MIXES:
            figures = fill(bench, trace, host, mix, starts)
            for name in NAMES:
                for kind, values in means[name].items():
                    # Where nobody asks for a GPU there is none to be compared.
                    if kind == "cpu" or mix != "cpu":
                        values.append(figures[name][kind] * 100)
            table.add(shape, title, *[cell(figures[name], mix) for name in NAMES],
                      over({name: figures[name]["gpu" if mix != "cpu" else "cpu"] * 100 for name in NAMES}))
    mean = {name: {kind: sum(values) / len(values) for kind, values in of.items()} for name, of in means.items()}
    table.add("mean", "", *[f"{mean[name]['gpu']:.2f} / {mean[name]['cpu']:.2f}" for name in NAMES],
              over({name: mean[name]["gpu"] for name in NAMES}))
    return table


def fill(bench, trace, host, mix, starts):
    words = [bench.berth, "simulate", "--host", host, "--trace", trace, "--fill", "--json", "--only", mix, "--starts", str(starts)]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE)
    return {each["name"]: each for each in json.loads(done.stdout)["choosers"]}


def cell(figures, mix):
    gpu = "-" if mix == "cpu" else f"{figures['gpu'] * 100:.1f}"
    return f"{gpu} / {figures['cpu'] * 100:.1f}"


def over(figures):
    """How much more of the GPUs, or of the CPUs where only those are asked for, as per cent of the best rival's."""
    best = max(figures[name] for name in RIVALS)
    return f"{(figures['optimized'] / best - 1) * 100:+.2f} %" if best else ""
