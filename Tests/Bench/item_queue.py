"""What a release costs the agent while many wait: how long it takes to decide who gets what became free.

Read from the agent's own histogram, for over the socket a release also waits for the disk.
"""
import json
import os
import pathlib
import re
import tempfile
import http.client
import socket

import item_decide
import programs
from figures import Table, short

WAITERS = [100, 1000, 10_000, 100_000]
USERS = range(1001, 1009)
HELD = 160
HOLDING = '{"resources":{"cpu":0.1},"lease":"20h","end":"released"}'
# Every user asks for other amounts, so that what is released is enough for some of them and not for others.
WAITING = '{"resources":{"cpu":"%dm"},"lease":"%dm","end":"released","wait":"24h"}'
BUCKET = re.compile(r'berth_decision_duration_seconds_bucket\{decision="admit",le="([^"]+)"\} (\d+)')
SUM = re.compile(r'berth_decision_duration_seconds_sum\{decision="admit"\} (\S+)')


def measure(bench):
    table = Table(
        "Release while many wait", f"{HELD} leases fill 16 CPUs; each is released in turn. Microseconds of each decision "
        "who gets what became free, two of them a release: at its end, and when it is free. Aim: under 1 ms at p99.",
        "waiting", "users", "queued/s", "mean", "p50 under", "p99 under", "under 1 ms")
    with tempfile.TemporaryDirectory(prefix="bench-host-") as folder:
        item_decide.write(pathlib.Path(folder), 8)
        for waiting in WAITERS:
            if waiting > 10_000 and bench.effort < 1:
                continue
            with bench.agent(tree=folder) as agent:
                table.add(*release(bench, agent, waiting))
    return [table]


def release(bench, agent, waiting):
    load = str(bench.programs / "load")
    programs.output(load, agent.socket, "fill", 8, HELD, "-", HOLDING)
    held = [one["id"] for one in agent.get("/v1/reservations?state=confirmed")["reservations"]]
    users = USERS if os.geteuid() == 0 else [os.getuid()]
    seconds = 0
    for number, user in enumerate(users):
        # The socket is for root and its group; a user has its own queue.
        words = ["setpriv", "--reuid", str(user), "--clear-groups", "--"] if len(users) > 1 else []
        body = WAITING % (50 * (1 + number % 4), 30 * (1 + number))
        output = programs.output(*words, load, agent.socket, "queue", 8, waiting // len(users), "-", body)
        seconds += float(output.split()[1])
    before, spent = histogram(agent)
    with Connection(agent.socket) as connection:
        for one in held:
            connection.delete(f"/v1/reservations/{one}")
    after, all_spent = histogram(agent)
    buckets = [(bound, count - before[bound]) for bound, count in after.items()]
    count = buckets[-1][1]
    within = dict(buckets)["0.001"]
    return (f"{waiting:,}", len(users), short(waiting / seconds), short((all_spent - spent) / count * 1e6),
            quantile(buckets, 0.5), quantile(buckets, 0.99), f"{100 * within / count:.1f} %")


def histogram(agent):
    """How many decisions took at most so long, by bucket, and the seconds of all."""
    with Connection(agent.socket) as connection:
        text = connection.ask("GET", "/metrics")
    return {bound: int(count) for bound, count in BUCKET.findall(text)}, float(SUM.search(text).group(1))


def quantile(buckets, part):
    """The upper end of the bucket in which it lies, in microseconds."""
    count = buckets[-1][1]
    bound = next(bound for bound, until in buckets if until >= part * count)
    return f"{float(bound) * 1e6:,.0f}" if bound != "+Inf" else "more"


class Connection:
    """One that stays open."""

    def __init__(self, path):
        self.http = http.client.HTTPConnection("localhost")
        self.http.sock = socket.socket(socket.AF_UNIX)
        self.http.sock.connect(path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.http.close()

    def ask(self, method, path):
        self.http.request(method, path)
        answer = self.http.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise SystemExit(f"bench: {method} {path}: {answer.status} {text}")
        return text

    def delete(self, path):
        return json.loads(self.ask("DELETE", path))
