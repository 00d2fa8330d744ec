"""`berth host --json` beside a C program that only reads the same files."""
import os
import pathlib
import subprocess
import tarfile
import tempfile

from figures import Table, median, p99, ratio, short
from item_run import launch

RECORDED = pathlib.Path(__file__).resolve().parent.parent / "Recordings"


def measure(bench):
    table = Table(
        "Discovery", "Milliseconds of `berth host --json`, the start of the program with it.", "host", "files",
        "berth host", "p99", "read only", "p99", "ratio")
    with tempfile.TemporaryDirectory(prefix="berth-", dir=bench.scratch) as folder:
        row(bench, table, "this one", None, folder)
        largest = max(recordings(), key=lambda path: len(files(path)), default=None)
        if largest:
            tree = os.path.join(folder, "tree")
            with tarfile.open(largest) as archive:
                archive.extractall(tree, filter="tar")
            row(bench, table, largest.name.removesuffix(".tar.gz"), tree, folder)
    return [table]


def row(bench, table, name, root, folder):
    command = [bench.berth, "host", *(["--root", root] if root else [])]
    record, listing = os.path.join(folder, "record.tar.gz"), os.path.join(folder, "list")
    subprocess.run([*command, "--record", record], check=True, stderr=subprocess.DEVNULL)
    paths = [path for path in (os.path.join(root or "/", name) for name in files(record)) if os.path.exists(path)]
    pathlib.Path(listing).write_text("".join(path + "\n" for path in paths))
    times = launch(
        bench, None, {"berth": [*command, "--json"], "read": [bench.programs / "read_files", listing]}, bench.times(50), 1, 0)
    berth, read = times["berth"], times["read"]
    table.add(name, len(paths), short(median(berth)), short(p99(berth)), short(median(read)), short(p99(read)),
              ratio(berth, read))


def recordings():
    corpus = os.environ.get("BERTH_HOST_CORPUS")
    return sorted((pathlib.Path(corpus) if corpus else RECORDED).glob("*.tar.gz"))


def files(recording):
    """The files that a discovery read: those with something in them, for the others were only seen."""
    with tarfile.open(recording) as archive:
        return [entry.name for entry in archive if entry.isfile() and entry.size > 0]
