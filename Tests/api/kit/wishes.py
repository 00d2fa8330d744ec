"""Random requests for every kind of resource, sized so that a few of them fill the model host."""
from kit import host


def resources(random):
    """The `resources` of one request: one to three kinds."""
    kinds = random.sample(sorted(KINDS), random.randint(1, 3))
    # Shared and exclusive are both CPUs.
    if "exclusive" in kinds and "cpu" in kinds:
        kinds.remove("cpu")
    wanted = {}
    for kind in kinds:
        wanted["cpu" if kind == "exclusive" else kind] = KINDS[kind](random)
    return wanted


def modest(random):
    """The same, where some would like twice as much of some kinds, and others something else instead."""
    wanted = {
        kind: {"amount": 2 * ask, "minimum": ask} if isinstance(ask, int) and random.random() < 0.5 else ask
        for kind, ask in resources(random).items()}
    return wanted, {"alternatives": [resources(random)]} if random.random() < 0.2 else {}


def _memory(random):
    amount = random.randint(1, 12) * host.GIB
    return amount if random.random() < 0.5 else {"amount": amount, "where": {"numa": random.choice([0, 1, 0, 1, ">=0", "!=0", "<1"])}}


KINDS = {
    "cpu": lambda random: random.choice([0.01, 0.25, "500m", 1, 1.5, 2, {"amount": 0.5, "limit": 8}]),
    "exclusive": lambda random: {"amount": random.randint(1, 4), "exclusive": True},
    "memory": _memory,
    "pids": lambda random: random.randint(1, host.PIDS // 3),
    "gpu": lambda random: random.choice([1, 2, {"amount": 1, "where": {"vram": ">32GiB"}}]),
    "network": lambda random: random.randint(1, 40) * host.SPEED // 100,
    "storage": lambda random: [{"device": random.choice(["vda", "vda1"]), "read": random.randint(1, 50) << 20}],
}
