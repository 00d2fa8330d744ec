"""Whether the cgroup tree and the ledger say the same: nothing is lost and nothing is left over."""
import os

from inside.leaf import Leaf

OWN = {"holder", "agent", "plugins"}


def differences(root, live):
    """What of the tree below `root` is in no live reservation, and the reverse; as sentences."""
    there = {os.path.relpath(parent, root) for parent, _, _ in os.walk(root)} - {"."} - OWN
    there = {path for path in there if not path.startswith("plugins/") and not is_pool(path)}
    wanted = {os.path.relpath(reservation["cgroup"], root) for reservation in live}
    inside = {path for path in there if any(path.startswith(leaf + "/") for leaf in wanted)}
    wrong = [f"there is a cgroup {path} of no reservation" for path in sorted(there - wanted - inside)]
    wrong += [f"there is no cgroup {path}" for path in sorted(wanted - there)]
    for reservation in live:
        identity = f"r-{reservation['id']}"
        if os.path.basename(reservation["cgroup"]) != identity:
            wrong.append(f"the cgroup of {reservation['id']} is called {reservation['cgroup']}")
    return wrong


def leaves(root):
    """The leaves of reservations below `root`."""
    return sorted(os.path.join(parent, name) for parent, names, _ in os.walk(root) for name in names
                  if name.startswith("r-"))


def processes(root):
    """All processes in leaves below `root`."""
    return {pid for path in leaves(root) for pid in Leaf(path).processes}


def is_pool(path):
    """Whether it is a pool's group, or the shared part of one."""
    *pools, last = path.split("/")
    return all(name.startswith("pool-") for name in pools) and (last.startswith("pool-") or pools and last == "shared")
