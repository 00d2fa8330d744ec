"""How good a choice of CPUs is, in the figures of the data that BERTH_CPU_CHOICE names (its README says what they mean)."""
from kit.overbooking import cpu_list


class Topology:
    """Where each CPU is: the rows of one topology."""

    def __init__(self, columns, rows):
        self.cpus = {row[0]: dict(zip(columns[1:], row[1:])) for row in rows}
        for place in self.cpus.values():
            place.setdefault("die", place["package"])

    def groups(self, level):
        """The CPUs of every group of a level."""
        groups = {}
        for cpu, place in self.cpus.items():
            groups.setdefault(place[level], set()).add(cpu)
        return list(groups.values())

    def touched(self, level, cpus):
        """How many groups of a level have one of the CPUs."""
        return sum(1 for group in self.groups(level) if group & cpus)

    @property
    def threads(self):
        """The most CPUs of a core."""
        return max(map(len, self.groups("core")))

    def cores(self, cpus):
        return self.touched("core", cpus)


#: In the order in which they are compared: less is better, then more is better.
LESS = ["nodes", "packages", "dies", "l3s", "cores", "half_cores"]
MORE = ["free_nodes", "free_node_cpus", "free_l3s", "free_l3_cpus"]


def figures(topology, available, chosen):
    """The figures of several choices, made one after the other.

    - Parameters:
      - available: the CPUs that could be chosen at the beginning, as a list such as "0-3,8"
      - chosen: one list of CPUs for each request
    """
    left = cpu_list(available)
    sums = dict.fromkeys(LESS, 0)
    for cpus in map(cpu_list, chosen):
        for figure, level in zip(LESS, ("node", "package", "die", "l3", "core")):
            sums[figure] += topology.touched(level, cpus)
        sums["half_cores"] += sum(1 for core in topology.groups("core") if core & cpus and core & (left - cpus))
        left -= cpus
    for level, (count, largest) in {"node": MORE[:2], "l3": MORE[2:]}.items():
        free = [len(group) for group in topology.groups(level) if group <= left]
        sums[count], sums[largest] = len(free), max(free, default=0)
    return sums


def rank(figures):
    """What choices are compared by: less is better."""
    return [figures[name] for name in LESS] + [-figures[name] for name in MORE]


def balanced_rank(topology, available, chosen):
    """What balanced choices are compared by, less is better: imbalance, nodes, packages, cores, left range."""
    left = cpu_list(available)
    sums = [0, 0, 0, 0, 0]
    for cpus in map(cpu_list, chosen):
        shares = [len(group & cpus) for group in topology.groups("node") if group & cpus]
        sums[0] += max(shares) - min(shares)
        for place, level in ((1, "node"), (2, "package"), (3, "core")):
            sums[place] += topology.touched(level, cpus)
        left -= cpus
    rests = [len(group & left) for group in topology.groups("node")]
    sums[4] = max(rests) - min(rests)
    return sums


def is_balanced(mine, theirs, threads):
    """Whether one balanced choice is as good as another; in how even it is a core's worth of difference is allowed."""
    for one, other, allowed in zip(mine, theirs, (threads, 0, 0, 0, threads)):
        if abs(one - other) > allowed:
            return one < other
    return True
