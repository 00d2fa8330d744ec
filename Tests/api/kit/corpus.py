"""Recorded hosts: BERTH_HOST_CORPUS names a folder with NAME.tar.gz and an expected.json that says what they are."""
import os
import pathlib
import tarfile
import tempfile
import unittest


def tree(test, name):
    """The recorded host of this name, unpacked for one test; skips the test where there are no recordings."""
    folder = os.environ.get("BERTH_HOST_CORPUS")
    if not folder:
        raise unittest.SkipTest("BERTH_HOST_CORPUS names no folder with recorded hosts")
    place = tempfile.TemporaryDirectory(prefix="berth-host-")
    test.addCleanup(place.cleanup)
    with tarfile.open(pathlib.Path(folder) / f"{name}.tar.gz") as archive:
        archive.extractall(place.name, filter="tar")
    for part in ("proc", "sys"):
        (pathlib.Path(place.name) / part).mkdir(exist_ok=True)
    return pathlib.Path(place.name)
