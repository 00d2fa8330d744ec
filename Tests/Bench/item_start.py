"""Starting after kill -9, until the first answer about what is held."""
import contextlib

from figures import Table, median, p99, ratio, short
from item_socket import fill


def measure(bench):
    table = Table(
        "Start after kill -9", "Milliseconds from fork until `GET /v1/resources` is answered. Aim: under 1,000 with "
        "10,000 reservations.", "ledger", "median", "p99", "ratio")
    with contextlib.ExitStack() as stack:
        empty, full = (stack.enter_context(bench.agent()) for _ in range(2))
        fill(bench, full, 10_000)
        times = {"empty": [], "10,000 reservations": []}
        for _ in range(bench.times(10)):
            for agent, values in zip((empty, full), times.values()):
                agent.kill()
                values.append(agent.start() * 1000)
        count = len(full.get("/v1/reservations")["reservations"])
        if count != 10_000:
            raise SystemExit(f"bench: of 10,000 reservations {count} are there after kill -9")
    for name, values in times.items():
        table.add(name, short(median(values)), short(p99(values)), ratio(values, times["empty"]))
    return [table]
