"""Boots machines of many shapes and compares what `berth host` says of each with what their own tools say."""
import functools
import pathlib
import shutil
import tempfile

import facts
import hostdisk
import packages
import start
import together
from failure import GuestFailure
from shapes import SHAPES
from tools import Tools, document


def run(names, kernel, berth):
    """Prints a table for each shape and returns how many facts differ; a shape that does not come up counts as one."""
    if unknown := [name for name in names if name not in SHAPES]:
        raise GuestFailure(f"no shape named {', '.join(unknown)}; there are: {', '.join(SHAPES)}")
    agreed = differed = 0
    with tempfile.TemporaryDirectory(prefix="berth-guest-") as folder:
        compared = functools.partial(one, kernel=kernel, disk=disk_of(berth, folder))
        for lines, same, different in together.outcomes(compared, names, in_order=True):
            print("\n".join(lines), flush=True)
            agreed, differed = agreed + same, differed + different
    print(f"{agreed} facts agree, {differed} differ")
    return differed


def one(name, kernel, disk):
    """The table of one shape, how many of its facts agree and how many differ."""
    try:
        lines, same, different = start.using(table, kernel, SHAPES[name], disk)
    except GuestFailure as failure:
        lines, same, different = [f"  FAIL    {failure}"], 0, 1
    return [f"{name} on {kernel}: {SHAPES[name].about}", *lines], same, different


def table(guest):
    """Compares in one guest."""
    host = document(guest, "berth host --json")
    tools = Tools(guest)
    lines, same, different = [], 0, 0
    for name, tool, within, function in facts.FACTS:
        try:
            pair = function(host, tools)
        except (KeyError, TypeError, ValueError) as error:
            pair = f"a document that cannot be compared: {error!r}", "?"
        if pair is None:
            continue
        said, found = pair
        if facts.agree(said, found, within):
            same += 1
            lines.append(f"  agree   {name} ({tool}): {facts.shown(said)}")
        else:
            different += 1
            lines += [f"  DIFFER  {name}", f"            berth: {facts.shown(said)}", f"            {tool}: {facts.shown(found)}"]
    return lines, same, different


def record(shape, kernel, berth, out):
    """Brings the recording of a shape home."""
    with tempfile.TemporaryDirectory(prefix="berth-guest-") as folder:
        recording = start.using(recorded, kernel, SHAPES[shape], disk_of(berth, folder))
    pathlib.Path(out).write_bytes(recording)
    print(f"{out}: {len(recording)} bytes, {shape} on {kernel}")


def recorded(guest):
    guest.ask("berth host --record /tmp/recording.tar.gz")
    return guest.ask("cat /tmp/recording.tar.gz")


def disk_of(berth, folder):
    """The disk of /host with the program berth on it."""
    packages.ensure()
    tree = pathlib.Path(folder, "host")
    tree.mkdir()
    try:
        shutil.copy(berth, tree / "berth")
    except OSError as error:
        raise GuestFailure(f"no berth program: {error}") from None
    hostdisk.make(tree, f"{folder}/host.img")
    return f"{folder}/host.img"
