"""Runs the test scripts of tests/ in guests, one after another: timings in a guest suffer from company."""
import pathlib
import re
import shutil
import tempfile
import time

import hostdisk
import image
import start
import vm
from failure import GuestFailure

SCRIPTS = pathlib.Path(__file__).resolve().parent / "tests"


def run(names, kernels, host):
    """Runs the named tests, or all, on each kernel; `host` is a folder of programs for them. Returns how many
    failed."""
    scripts = {path.stem: path for path in sorted(SCRIPTS.glob("*.sh"))}
    if unknown := [name for name in names if name not in scripts]:
        raise GuestFailure(f"no test named {', '.join(unknown)}; there are: {', '.join(scripts)}")
    image.folder()
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="berth-guest-") as folder:
        disk = disk_of(host, folder)
        for kernel in kernels or image.KERNELS:
            for name in names or scripts:
                if one(scripts[name], kernel, disk):
                    passed += 1
                else:
                    failed += 1
    print(f"{passed} passed, {failed} failed")
    return failed


def disk_of(host, folder):
    """The disk of /host: what the caller brings, and the scripts under tests/."""
    tree, disk = f"{folder}/host", f"{folder}/host.img"
    if host:
        shutil.copytree(host, tree, symlinks=True)
    shutil.copytree(SCRIPTS, f"{tree}/tests")
    hostdisk.make(tree, disk)
    return disk


def one(script, kernel, disk):
    """Runs one script in a guest of its own and prints the outcome; what a failed one printed is shown.
    A line `# timeout: 900` in a script gives it more seconds than a command has."""
    began = time.monotonic()
    timeout = re.search(r"^# timeout: (\d+)$", script.read_text(), re.MULTILINE)
    seconds = int(timeout[1]) if timeout else vm.COMMAND_SECONDS
    printed, problem = [], None
    try:
        with start.guest(kernel, host=disk) as guest:
            status = guest.run(f"exec /host/tests/{script.name}", seconds, printed.append)
        if status != 0:
            problem = f"exit status {status}"
    except GuestFailure as failure:
        problem = str(failure)
    took = f"{time.monotonic() - began:.1f} s"
    print(f"{'FAIL' if problem else 'ok  '} {script.stem} on {kernel} ({took})", flush=True)
    if problem:
        text = b"".join(printed).decode(errors="replace") + problem
        print("\n".join("     " + line for line in text.splitlines()), flush=True)
    return not problem
