"""What the leaves of one user, or of all, may take together, looked at while others change them."""
import concurrent.futures
import errno
import json
import math
import os
import threading
import time

from inside import tree
from inside.leaf import Leaf

PERIOD = 100_000
GONE = {errno.ENOENT, errno.ENODEV}


class Ceilings:
    """Looks at all leaves in which something runs, again and again until it is left."""

    def __init__(self, root):
        self.root = root
        self.looks = []
        self.over = threading.Event()
        self.thread = concurrent.futures.ThreadPoolExecutor(1)

    def __enter__(self):
        self.watching = self.thread.submit(self.watch)
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.shutdown()
        self.watching.result()

    def watch(self):
        while not self.over.is_set():
            # Read twice the same: nothing changed between the files.
            first, second = self.look(), self.look()
            if first == second:
                self.looks.append(list(first.values()))
            time.sleep(0.02)

    def look(self):
        found = {path: held(path) for path in tree.leaves(self.root)}
        return {path: each for path, each in found.items() if each}

    def most(self, user=None):
        """The most CPUs, the most bytes and the most leaves that there were at one moment."""
        sums = []
        for look in self.looks:
            leaves = [limits for owner, *limits in look if user in (None, owner)]
            sums.append((sum(cpu for cpu, _ in leaves) / PERIOD, sum(memory for _, memory in leaves), len(leaves)))
        return tuple(map(max, zip(*sums)))


def held(path):
    """Whose a leaf is, and its ceilings on CPU time and memory; None where nothing runs in it."""
    leaf = Leaf(path)
    try:
        # What is in a leaf came after the limits.
        if not leaf.processes:
            return None
        user = json.loads(os.getxattr(path, "trusted.berth"))["user"]
        quota = leaf.read("cpu.max").split()[0]
        return user, math.inf if quota == "max" else int(quota), leaf.number("memory.max")
    except OSError as error:
        if error.errno in GONE:
            return None
        raise
