"""A validator's answer through its isolated process beside the same function called in process; and reserving beside plugins
that break every rule."""
import json
import pathlib
import shutil
import subprocess
import time

import item_socket
import programs
from figures import Table, median, p99, short

ROOT = pathlib.Path(__file__).resolve().parents[2]
ABI = ROOT / "Plugins/Kit/Sources/BerthPluginABI/include"
SOURCES = ROOT / "Tests/plugins/sources"
BAD = ["TRAP", "SPIN", "LEAK", "FORKS", "GARBAGE", "SILENT", "LATE", "OTHER", "EXITS"]
QUESTION = {"call": "validate", "question": {
    "purpose": "reserve", "request": {"name": "build", "resources": {"cpu": {"amount": 2}, "memory": {"amount": 4 << 30}},
                                      "lease": "10m", "end": "released", "labels": {"job": "7"}, "enforce": "preferred"},
    "user": 1000, "groups": [1000, 27], "proposal": {"resources": {"cpu": {"amount": 2, "limit": 2}}},
    "host": {"resources": {"cpu": {"capacity": 8, "free": 6}}}}}
RULES = {"rules": [{"name": "night", "hours": "22:00-06:00", "where": {"/resources/gpu": "present"}, "deny": "no"},
                   {"name": "cost", "where": {"/labels/cost_centre": "absent"}, "deny": "no cost centre"}]}


def measure(bench):
    return [round_trips(bench), beside_bad(bench), many(bench)]


def round_trips(bench):
    table = Table("One validate call", "Microseconds. Isolated: over a socket to a process of its own, and back; in process: "
                  "the same library called directly, in turns. The client is C.", "validator", "isolated p50", "p99",
                  "in process p50", "p99")
    folder = pathlib.Path(bench.scratch)
    cost = build(folder / "cost.so", "cost.cpp")
    subprocess.run(["swift", "build", "-c", "release", "-Xswiftc", "-static-stdlib"], cwd=ROOT / "Plugins/site-policy",
                   check=True, stdout=subprocess.DEVNULL)
    policy = ROOT / "Plugins/site-policy/.build/release/libsite-policy.so"
    for name, library, settings in [("C++, no JSON reader", cost, {}), ("Swift, `site-policy` with two rules", policy, RULES)]:
        start = {"call": "start", "types": [], "configuration": settings, "held": []}
        times = [[float(word) for word in line.split()] for line in programs.output(
            bench.programs / "validate", host(bench), library, bench.times(20_000), json.dumps(start, separators=(",", ":")),
            json.dumps(QUESTION, separators=(",", ":"))).splitlines()]
        table.add(name, *[short(value) for pair in times for value in pair])
    return table


def beside_bad(bench):
    table = Table("Reserve and release beside nine bad plugins", "Each traps, spins, leaks, forks, answers garbage, late, never or "
                  "for another call, or exits, and is started again all the while. Milliseconds, 1 connection. Aim: p99 at most "
                  "1.5 times that without them.", "", "p50", "p99", "p99 of none")
    plugins = (pathlib.Path(bench.scratch) / "plugins").resolve()
    plugins.mkdir(mode=0o755)
    for kind in BAD:
        name, kind_type = f"bad-{kind.lower()}", f"example.com/bad-{kind.lower()}"
        build(plugins / f"{name}.so", "bad.c", f"-DBAD={kind}", f'-DTYPE="{kind_type}"')
        (plugins / f"{name}.json").write_text(json.dumps(
            {"schema": "berth.plugin/1", "name": name, "version": "1", "kind": "provider", "types": [{"name": kind_type}]}))
    shutil.copy(host(bench), bench.folder / "berth-plugin-host")
    none, bad = item_socket.Rates(), item_socket.Rates()
    with bench.agent() as alone, bench.agent(f"plugins: {{folder: {plugins}}}\n") as beside:
        while len(beside.get("/v1/plugins")["plugins"]) < len(BAD):
            time.sleep(0.01)
        for _ in range(bench.times(5)):
            for kind in BAD:
                beside.post(f"/v1/plugins/bad-{kind.lower()}/reload")
            none.add(bench, alone, "pair", 1, 2)
            bad.add(bench, beside, "pair", 1, 2)
    table.add("no plugins", short(median(none.latencies)), short(p99(none.latencies)), "")
    table.add("nine bad ones", short(median(bad.latencies)), short(p99(bad.latencies)),
              f"{short(p99(bad.latencies) / p99(none.latencies))} x")
    return table


def many(bench):
    table = Table("Many", "50 providers in C that lie in the folder when the agent starts, and one of 10,000 units. Memory is resident.",
                  "", "seconds until all is there", "KiB each", "agent grows by KiB", "reserving 1 or 3 units p50 ms", "p99 ms")
    shutil.copy(host(bench), bench.folder / "berth-plugin-host")
    for count, units in ((50, 3), (1, 10_000)):
        folder = (pathlib.Path(bench.scratch) / f"many{count}").resolve()
        folder.mkdir(mode=0o755)
        for number in range(count):
            unit = f"example.com/many{number}"
            build(folder / f"many{number}.so", "seats.c", f'-DSEAT_TYPE="{unit}"', f"-DUNITS={units}")
            (folder / f"many{number}.json").write_text(json.dumps(
                {"schema": "berth.plugin/1", "name": f"many{number}", "version": "1", "kind": "provider",
                 "types": [{"name": unit, "environment": ["SEAT"]}]}))
        empty = folder / "none"
        empty.mkdir(mode=0o755)
        with bench.agent(f"plugins: {{folder: {empty}}}\n") as agent:
            before = resident(agent.process.pid)
        began = time.monotonic()
        with bench.agent(f"plugins: {{folder: {folder}}}\n") as agent:
            while sum(len(each["units"]) for each in agent.get("/v1/resources")["resources"] if "many" in each["type"]) < count * units:
                time.sleep(0.01)
            took = time.monotonic() - began
            pids = [each["pid"] for each in agent.get("/v1/plugins")["plugins"]]
            asks = [{f"example.com/many{number % count}": 3 if count == 1 else 1} for number in range(150)]
            times = [reserve(agent, ask) * 1000 for ask in asks]
            table.add(f"{count} of {units:,} units", short(took), short(sum(map(resident, pids)) / count),
                      short(resident(agent.process.pid) - before), short(median(times)), short(p99(times)))
    return table


def reserve(agent, resources):
    """Seconds that it takes to reserve."""
    began = time.monotonic()
    agent.ask("POST", "/v1/reservations", {"resources": resources, "lease": "1h"})
    return time.monotonic() - began


def resident(pid):
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4


def host(bench):
    return ROOT / ".build/bin/berth-plugin-host"


def build(library, source, *flags):
    compiler = ["c++", "-std=c++17"] if source.endswith(".cpp") else ["cc", "-std=gnu11"]
    subprocess.run([*compiler, "-shared", "-fPIC", "-O2", f"-I{ABI}", *flags, SOURCES / source, "-o", library], check=True)
    return library
