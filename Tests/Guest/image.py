"""The guest's disk and kernels: built once a week, or when what they are built from changes."""
import hashlib
import os
import pathlib
import signal
import subprocess
import tempfile
import time

import cache
import packages
from failure import GuestFailure

KERNELS = ["6.1", "6.12"]
INPUTS = pathlib.Path(__file__).resolve().parent / "image"


def key():
    """The year and week, for security updates, and a hash of everything in image/."""
    inputs = hashlib.sha256()
    for path in sorted(INPUTS.iterdir()):
        inputs.update(path.name.encode() + b"\0" + path.read_bytes())
    return time.strftime("%GW%V-") + inputs.hexdigest()[:16]


def folder():
    """The folder of disk.img, vmlinuz-6.1, initrd-6.1 and so on; built if it has to be."""
    return cache.folder("image", key(), build)


def build(out):
    packages.ensure()
    if os.geteuid() != 0:
        raise GuestFailure("the guest image is built as root: run `guest image` once as root")
    # The root tree has device files, which the cache's file system may not allow.
    with tempfile.TemporaryDirectory(prefix="berth-guest-") as work:
        sources = os.path.join(work, "sources.list")
        with open(sources, "w") as file:
            file.write("\n".join(packages.sources()) + "\n")
        environment = dict(os.environ, PATH=packages.search_path(), LC_ALL="C.UTF-8")
        # A session of its own, so that all it started ends with it.
        builder = subprocess.Popen([INPUTS / "build.sh", sources, out, work], env=environment, start_new_session=True)
        try:
            status = builder.wait()
        except BaseException:
            os.killpg(builder.pid, signal.SIGTERM)
            builder.wait()
            raise
    if status != 0:
        raise GuestFailure(f"building the guest image failed with status {status}, see above")
