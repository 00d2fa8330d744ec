"""Folders that cost time to make and are kept between runs: the image, and snapshots of booted guests.

A folder is made under another name and renamed when whole, so a half-made one is never used. Making a new one removes
the older ones of its kind: a cache never holds more than one image and one snapshot per kernel."""
import contextlib
import fcntl
import os
import pathlib
import shutil
import tempfile


def root():
    """$BERTH_GUEST_CACHE, or berth-guest in the user's cache folder."""
    users = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(os.environ.get("BERTH_GUEST_CACHE") or os.path.join(users, "berth-guest")).absolute()


def folder(kind, key, make):
    """The folder of this kind and key; `make(path)` fills it where it is not there yet."""
    wanted = root() / f"{kind}-{key}"
    if wanted.is_dir():
        return wanted
    with making():
        if wanted.is_dir():  # another process made it while this one waited
            return wanted
        for old in [*root().glob("unfinished-*"), *root().glob(f"{kind}-*")]:
            shutil.rmtree(old)
        unfinished = pathlib.Path(tempfile.mkdtemp(prefix="unfinished-", dir=root()))
        try:
            make(unfinished)
            unfinished.rename(wanted)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return wanted


@contextlib.contextmanager
def making():
    """One process at a time makes folders."""
    root().mkdir(parents=True, exist_ok=True)
    with open(root() / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
