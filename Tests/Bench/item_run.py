"""`berth run -- true`, beside bare `true` and a C program that takes the same way to the agent."""
import os
import pwd
import shutil

import programs
from figures import Table, median, p99, ratio, short

TRUE = shutil.which("true")
BODY = '{"resources":{"cpu":0.01},"attach":"caller"}'


def runs(bench, agent):
    berth = [bench.berth, "run", "--cpu", "0.01"]
    return {
        "true": [TRUE],
        "round trip and exec, in C": [bench.programs / "round_trip", agent.socket, BODY, TRUE],
        "berth run --quiet": [*berth, "--quiet", "--", TRUE],
        "berth run": [*berth, "--", TRUE],
    }


def measure(bench):
    table = Table(
        "berth run -- true", "Milliseconds from fork to exit. Nothing is enforced: the agent grants, stores and attaches. "
        "Aim: at most 6 over the C program.", "program", "as", "when", "median", "p99", "of true", "over C")
    with bench.agent() as agent:
        for who, user in users(agent):
            for when, rounds, block, space in (("each 100 ms", bench.times(50), 1, 100),
                                               ("back to back", bench.times(10), 11, 0)):
                times = launch(bench, agent, runs(bench, agent), rounds, block, space, user)
                for name, values in times.items():
                    floor = times["round trip and exec, in C"]
                    over = median(values) - median(floor) if name.startswith("berth") else None
                    table.add(name, who, when, short(median(values)), short(p99(values)),
                              ratio(values, times["true"]), f"+{short(over)}" if over is not None else "")
    return [table]


def users(agent):
    """Who runs, with what `launch` must be told for it; only root can become another."""
    if os.getuid() != 0:
        return [("user", None)]
    nobody = pwd.getpwnam("nobody")
    return [("root", None), ("nobody", f"{nobody.pw_uid}:{nobody.pw_gid}:{os.stat(agent.socket).st_gid}")]


def launch(bench, agent, named, rounds, block, space, user=None):
    """Milliseconds by name."""
    words = [bench.programs / "launch", rounds, block, space]
    if user:
        words += ["--user", user]
    keys = {}
    for name, command in named.items():
        keys[f"p{len(keys)}"] = name
        words += ["---" if len(keys) > 1 else "--", list(keys)[-1], *command]
    environment = dict(os.environ, BERTH_SOCKET=agent.socket if agent else "")
    times = {name: [] for name in named}
    for line in programs.output(*words, env=environment).splitlines():
        key, nanoseconds = line.split()
        times[keys[key]].append(int(nanoseconds) / 1e6)
    return times
