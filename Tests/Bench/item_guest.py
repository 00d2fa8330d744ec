"""What needs a real kernel, in a guest: `berth run` and the socket with every limit real, beside what else puts a program
into a cgroup of its own. The guest is emulated, so times mean nothing but beside each other."""
import collections
import os
import pathlib
import shutil
import tempfile

import programs
from figures import Table, median, p99, ratio, short

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parent.parent
NAMES = {
    "true": "true", "clone": "cgroup, clone into it, exec, in C", "move": "move oneself, exec, in C",
    "round_trip": "round trip and exec, in C", "quiet": "berth run --quiet", "berth": "berth run",
    "systemd-run": "systemd-run --scope", "crun": "crun run", "cgexec": "cgexec"}
WHEN = {"spaced": "each 100 ms", "back": "back to back"}
# So many live reservations there are beside ten, each with its cgroup.
LIVE = 10_000
# The scripts' limit, well over what it takes on a busy machine.
SECONDS = 1800


def measure(bench):
    with tempfile.TemporaryDirectory(prefix="berth-", dir=bench.scratch) as folder:
        host = pathlib.Path(folder)
        for program in (bench.berth, bench.berthd):
            shutil.copy2(program, host)
        shutil.copytree(bench.programs, host / "bench-programs", symlinks=True)
        shutil.copy2(HERE / "guest.sh", host / "bench-programs")
        if (TREE / "systemd").is_dir():
            shutil.copytree(TREE / "systemd", host / "systemd")
        text = programs.output(
            TREE / "Tests/Guest/guest", "run", "--host", host, "--timeout", SECONDS, "--",
            # Where the agent works, when it is not a service: a group, or none.
            f"BERTH_BENCH_CGROUP={os.environ.get('BERTH_BENCH_CGROUP', '')}",
            "/host/bench-programs/guest.sh", bench.times(30), LIVE)
    return tables(text)


def tables(text):
    """What guest.sh printed, as tables."""
    times, loads, commits, head = {}, {}, collections.defaultdict(list), None
    cgroup = ""
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["cgroup"]:
            cgroup = " ".join(words[1:])
        elif words[:1] == ["run"]:
            head = times.setdefault((words[1], words[2]), collections.defaultdict(list))
        elif words[:1] == ["load"]:
            kinds = loads.setdefault((int(words[2]), int(words[1])), collections.defaultdict(list))
            kinds[words[3]].append(int(words[4]) / float(words[5]))
            kinds["p50"] += [int(word) / 1000 for word in words[6:7]]
            kinds["p99"] += [int(word) / 1000 for word in words[7:8]]
        elif words[:1] == ["commits"]:
            commits[int(words[1])].append(int(words[2]) / float(words[4]))
        elif len(words) == 2 and head is not None:
            head[words[0]].append(int(words[1]) / 1e6)
    return [starts(times, cgroup), socket(loads, cgroup), alone(commits)]


def starts(times, cgroup):
    limits = f"Each in a cgroup with its limits, such as {cgroup}." if cgroup else \
        "The agent enforced nothing: what follows of `berth run` lacks the cgroup."
    table = Table(
        "In a guest: berth run -- true", f"Milliseconds from fork to exit in an emulated machine. {limits} Aim: a quarter "
        "of `systemd-run --scope` spaced, a fifth back to back, and faster than `cgexec`.", "program", "as", "when",
        "median", "p99", "of true", "of systemd-run", "of cgexec")
    for (who, when), by_name in times.items():
        # What only root was measured with stands for others too.
        beside = times.get(("root", when), {})
        for key, name in NAMES.items():
            if key in by_name:
                values = by_name[key]
                table.add(name, who, WHEN[when], short(median(values)), short(p99(values)), ratio(values, by_name["true"]),
                          ratio(values, beside.get("systemd-run")), ratio(values, beside.get("cgexec")))
    return table


def socket(loads, cgroup):
    held = "with a cgroup made and removed for each" if cgroup else "without cgroups, for the agent enforced nothing"
    table = Table(
        "In a guest: reserve and release over the socket", f"Requests a second, durable and {held}; latency in milliseconds, "
        "the medians of the runs.",
        "connections", "live", "requests/s", "p50", "p99", "health/s", "of health", "cost of 10 live")
    for (connections, live), rates in sorted(loads.items()):
        pair, health = median(rates["pair"]), median(rates["health"])
        few = median(loads[connections, 10]["pair"])
        table.add(connections, f"{live:,}", short(pair), short(median(rates["p50"])), short(median(rates["p99"])), short(health),
                  f"{short(pair / health)} x", "" if live == 10 else f"{short(few / pair)} x")
    return table


def alone(commits):
    table = Table(
        "In a guest: durable commits of SQLite alone", "A loop in C on the same file system, between the figures above.",
        "rows in a commit", "commits/s", "rows/s")
    for group, rates in commits.items():
        table.add(group, short(median(rates) / group), short(median(rates)))
    return table
