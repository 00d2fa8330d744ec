"""An agent at rest: what it takes of a core, how often it wakes, and its memory."""
import contextlib
import os
import pathlib
import subprocess
import time

from figures import Table
from item_socket import fill

SETTLE = 3


def measure(bench):
    seconds = float(os.environ.get("BERTH_BENCH_REST", "60"))
    table = Table(
        "Agent at rest", f"For {seconds:.0f} s, all threads. Aim: under 40 MB, under 0.1 % of a core, no timer that "
        "fires without need.", "agent", "of a core", "wake-ups/s", "threads", "resident MB", "peak MB")
    with contextlib.ExitStack() as stack:
        agents = {name: stack.enter_context(bench.agent()) for name in (
            "holds nothing", "a program in `berth run`", "10,000 reservations")}
        fill(bench, agents["10,000 reservations"], 10_000)
        program = subprocess.Popen(
            [bench.berth, "run", "--cpu", "0.01", "--", "sleep", "infinity"], stdin=subprocess.DEVNULL,
            env=dict(os.environ, BERTH_SOCKET=agents["a program in `berth run`"].socket))
        try:
            time.sleep(SETTLE)
            before = {name: taken(agent.process.pid) for name, agent in agents.items()}
            time.sleep(seconds)
            for name, agent in agents.items():
                add(table, name, agent.process.pid, before[name], seconds)
        finally:
            program.kill()
            program.wait()
    return [table]


def add(table, name, pid, before, seconds):
    after = taken(pid)
    cpu, wakes = (sum(after[task][i] - before.get(task, (0, 0))[i] for task in after) for i in (0, 1))
    memory = status(f"/proc/{pid}/status")
    table.add(name, f"{cpu / 1e9 / seconds * 100:.4f} %", f"{wakes / seconds:.2f}", len(after),
              f"{memory['VmRSS'] / 1024:.1f}", f"{memory['VmHWM'] / 1024:.1f}")


def taken(pid):
    """By thread: nanoseconds on a CPU, and how often it was put to sleep or taken off."""
    tasks = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        switches = status(task / "status")
        tasks[task.name] = (int((task / "schedstat").read_text().split()[0]),
                            switches["voluntary_ctxt_switches"] + switches["nonvoluntary_ctxt_switches"])
    return tasks


def status(path):
    """The numbers of a status file; sizes are in KiB."""
    numbers = {}
    for line in pathlib.Path(path).read_text().splitlines():
        name, _, value = line.partition(":")
        if value.split()[:1] and value.split()[0].isdigit():
            numbers[name] = int(value.split()[0])
    return numbers
