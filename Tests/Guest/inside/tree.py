"""Whether the cgroup tree and the ledger say the same: nothing is lost and nothing is left over."""
import os

OWN = {"holder", "agent", "pool-default", "pool-default/shared", "plugins"}


def differences(root, live):
    """What of the tree below `root` is in no live reservation, and the reverse; as sentences."""
    there = {os.path.relpath(parent, root) for parent, _, _ in os.walk(root)} - {"."} - OWN
    there = {path for path in there if not path.startswith("plugins/")}
    wanted = {os.path.relpath(reservation["cgroup"], root) for reservation in live}
    inside = {path for path in there if any(path.startswith(leaf + "/") for leaf in wanted)}
    wrong = [f"there is a cgroup {path} of no reservation" for path in sorted(there - wanted - inside)]
    wrong += [f"there is no cgroup {path}" for path in sorted(wanted - there)]
    for reservation in live:
        identity = f"r-{reservation['id']}"
        if os.path.basename(reservation["cgroup"]) != identity:
            wrong.append(f"the cgroup of {reservation['id']} is called {reservation['cgroup']}")
    return wrong
