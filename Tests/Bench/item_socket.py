"""Reserving and releasing over the socket, every answer durable, beside the agent's trivial endpoint and SQLite alone."""
import array
import contextlib
import os
import tempfile

import programs
from figures import Table, median, p99, short

CONNECTIONS = [1, 8, 64]
LIVE = [10, 10_000]
# Held by nobody's process; little, so that ten thousand fit into a small machine.
STAYING = '{"resources":{"memory":65536},"lease":"24h","end":"released"}'


def fill(bench, agent, count):
    programs.output(bench.programs / "load", agent.socket, "fill", 8, count, "-", STAYING)


def measure(bench):
    requests = Table(
        "Reserve and release over the socket", "Requests a second (a pair is two), each answered after it was durable; "
        "latency in milliseconds. Nothing is enforced. Aim: 1,500 on 1 connection, half the trivial endpoint's rate at 64, "
        "p99 under 5 ms at 8, 10,000 live at most 1.2 times the cost of 10.", "connections", "live", "requests/s", "p50",
        "p99", "health/s", "of health", "cost of 10 live")
    commits = Table(
        "Durable commits of SQLite alone", "A loop in C on the same file system, between the figures above.",
        "rows in a commit", "commits/s", "rows/s")
    rows = {1: [], 64: []}
    with contextlib.ExitStack() as stack:
        agents = {}
        for live in LIVE:
            agents[live] = stack.enter_context(bench.agent())
            fill(bench, agents[live], live)
        for connections in CONNECTIONS:
            pairs, health = {live: Rates() for live in LIVE}, {live: Rates() for live in LIVE}
            for _ in range(bench.times(5)):
                for live, agent in agents.items():
                    pairs[live].add(bench, agent, "pair", connections, 2)
                    health[live].add(bench, agent, "get:/v1/health", connections, 1)
                for group in rows:
                    rows[group].append(commit(bench, group))
            for live in LIVE:
                rate, trivial = median(pairs[live].rates), median(health[live].rates)
                requests.add(
                    connections, f"{live:,}", short(rate), short(median(pairs[live].latencies)),
                    short(p99(pairs[live].latencies)), short(trivial), f"{short(rate / trivial)} x",
                    f"{short(median(pairs[LIVE[0]].rates) / rate)} x" if live != LIVE[0] else "")
    for group, rates in rows.items():
        commits.add(group, short(median(rates) / group), short(median(rates)))
    return [requests, commits]


class Rates:
    """Requests a second of each run, and the latencies of all of them in milliseconds."""

    def __init__(self):
        self.rates, self.latencies = [], []

    def add(self, bench, agent, mode, connections, seconds):
        with tempfile.NamedTemporaryFile() as file:
            text = programs.output(bench.programs / "load", agent.socket, mode, connections, seconds, file.name)
            latencies = array.array("I", file.read())
        count, took = text.split()
        self.rates.append(int(count) / float(took))
        self.latencies += [latency / 1000 for latency in latencies]


def commit(bench, group):
    """Rows a second, in a file of its own."""
    with tempfile.TemporaryDirectory(prefix="commits-", dir=bench.scratch) as folder:
        rows, _, seconds = programs.output(bench.programs / "commits", os.path.join(folder, "db"), group, 1).split()
    return int(rows) / float(seconds)
