"""Random choices that can be repeated: BERTH_SEED, printed by the runner."""
import os
import random


def source(name):
    """Random numbers of one test's own: the same for the same seed, whatever other tests draw."""
    return random.Random(f"{os.environ.get('BERTH_SEED', '0')} {name}")
