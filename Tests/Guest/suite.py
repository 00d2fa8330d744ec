"""Runs the test scripts of tests/, each in a guest of its own."""
import functools
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import time

import hostdisk
import image
import machine
import start
import together
import vm
from failure import GuestFailure, tail
from shapes import SHAPES

HERE = pathlib.Path(__file__).resolve().parent
SCRIPTS = HERE / "tests"
UNITS = HERE.parent.parent / "systemd"
# What they are told of the environment that they are started from.
SETTINGS = " ".join(f"{name}={shlex.quote(os.environ[name])}" for name in ("BERTH_SEED", "BERTH_CRASHES") if name in os.environ)
# What the scripts share, by its name on /host.
# Plugins in /host/plugins, by name, each from sources of the plugins' own tests.
PLUGIN_SOURCES = HERE.parent / "plugins" / "sources"
PLUGIN_ABI = HERE.parent.parent / "Plugins/Kit/Sources/BerthPluginABI/include"
PLUGINS = {
    "seats": ["-DLOUD", '-DPEEK="/usr/lib/berth/plugins/others.json"', "seats.c"],
    "devices": ["-DDEVICES", "seats.c"], "narrows": ["-DNARROWS", "seats.c"],
    "leak": ["-DBAD=LEAK", '-DTYPE="example.com/leak"', "bad.c"],
    "forks": ["-DBAD=FORKS", '-DTYPE="example.com/forks"', "bad.c"],
    "cost": ['-DAMEND="/labels/cost_centre"', '-DUNLESS=R"x("name":"strict")x"', "cost.cpp"],
    **{f"bad-{kind.lower()}": [f"-DBAD={kind}", f'-DAT="{at}"', f'-DTYPE="example.com/{kind.lower()}"', "bad.c"]
       for kind, at in (("TRAP", "start"), ("SPIN", "start"), ("LEAK", "start"), ("FORKS", "start"), ("GARBAGE", "start"),
                        ("SILENT", "start"), ("LATE", "start"), ("OTHER", "start"), ("EXITS", "allocate"))},
}
# Those of our own, in Swift.
PACKAGES = ["scratch-space", "license-seats", "site-policy"]
SHARED = {"inside": HERE / "inside", "kit": HERE.parent / "api" / "kit"}


def run(names, kernels, host):
    """Runs the named tests, or all, on each kernel, or on both; `host` is a folder of programs for them. Returns how many
    failed. Where neither tests nor kernels are named, a test that asks for one kernel runs on that alone."""
    scripts = {path.stem: path for path in sorted(SCRIPTS.glob("*.*"))}
    if unknown := [name for name in names if name not in scripts]:
        raise GuestFailure(f"no test named {', '.join(unknown)}; there are: {', '.join(scripts)}")
    image.folder()
    jobs = []
    for kernel in kernels or image.KERNELS:
        for name in names or scripts:
            only = asked(scripts[name].read_text(), "kernel")
            if only not in (None, kernel) and not names and not kernels:
                print(f"--   {name} on {kernel}: runs on {only} alone, unless it or the kernel is named", flush=True)
            else:
                jobs.append((scripts[name], kernel))
    # What takes long begins early.
    jobs.sort(key=lambda job: -limit(job[0].read_text()))
    failed = []
    with tempfile.TemporaryDirectory(prefix="berth-guest-") as folder:
        for lines, problem in together.outcomes(functools.partial(one, disk=disk_of(host, folder)), jobs):
            print("\n".join(lines), flush=True)
            if problem:
                failed.append(problem)
    # Once more at the end, for who reads no more than that.
    print("\n".join([*failed, f"{len(jobs) - len(failed)} passed, {len(failed)} failed"]))
    return len(failed)


def disk_of(host, folder):
    """The disk of /host: what the caller brings, the scripts under tests/ with what they share, the program `workload`,
    and the units under systemd/."""
    tree, disk = f"{folder}/host", f"{folder}/host.img"
    if host:
        shutil.copytree(host, tree, symlinks=True)
    shutil.copytree(SCRIPTS, f"{tree}/tests", ignore=shutil.ignore_patterns("__pycache__"))
    for name, source in SHARED.items():
        shutil.copytree(source, f"{tree}/{name}", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(UNITS, f"{tree}/systemd")
    subprocess.run(["gcc", "-Wall", "-O2", "-static", "-s", "-o", f"{tree}/workload", HERE / "inside" / "workload.c"],
                   check=True)
    plugins = pathlib.Path(tree, "plugins")
    plugins.mkdir()
    for name, flags in PLUGINS.items():
        compiler = ["g++", "-std=c++17", "-static-libstdc++", "-static-libgcc"] if flags[-1].endswith(".cpp") else ["gcc"]
        subprocess.run([*compiler, "-Wall", "-O1", "-shared", "-fPIC", f"-I{PLUGIN_ABI}", *flags, "-o", plugins / f"{name}.so"],
                       check=True, cwd=PLUGIN_SOURCES)
    for name in PACKAGES:
        package = PLUGIN_ABI.parents[3] / name
        subprocess.run(["swift", "build", "-c", "release", "-Xswiftc", "-static-stdlib"], check=True, cwd=package,
                       stdout=subprocess.DEVNULL)
        shutil.copy(package / f".build/release/lib{name}.so", plugins / f"{name}.so")
        shutil.copy(package / f"{name}.json", plugins)
    hostdisk.make(tree, disk)
    return disk


def one(job, disk):
    """Runs a script on a kernel in a guest of its own. Returns the outcome in lines, with all that a failed one printed and of
    one that passed the lines that begin with `measured`; and why it failed, with the essence of what it printed."""
    script, kernel = job
    began = time.monotonic()
    text = script.read_text()
    seconds = limit(text)
    shape = SHAPES[asked(text, "shape") or "plain"]
    printed, problem = [], None

    def run(guest):
        printed.clear()
        status = guest.run(f"{SETTINGS} PYTHONPATH=/host exec /host/tests/{script.name}", seconds, printed.append)
        if status != 0:
            # Was it the guest? That takes it a while to tell.
            time.sleep(machine.HEARTBEAT_SECONDS)
            guest.machine.watch()
        return status

    try:
        status = start.using(run, kernel, shape, disk, fresh=asked(text, "fresh") == "yes")
        if status != 0:
            problem = f"exit status {status}"
    except GuestFailure as failure:
        problem = str(failure)
    took = f"{time.monotonic() - began:.1f} s"
    said = b"".join(printed).decode(errors="replace")
    shown = [line for line in (said + (problem or "")).splitlines() if problem or line.startswith("measured")]
    lines = [f"{'FAIL' if problem else 'ok  '} {script.stem} on {kernel} ({took})", *("     " + line for line in shown)]
    if not problem:
        return lines, None
    return lines, f"FAIL {script.stem} on {kernel}: {problem.splitlines()[0]}\n{tail(essence(said), 60)}"


def essence(said):
    """What unittest tells of its failures, without what services wrote meanwhile; all, where it was not unittest."""
    blocks = re.findall(r"^={70}\n(?:ERROR|FAIL): .*?(?=^={70}$|^-{70}\nRan )", said, re.MULTILINE | re.DOTALL)
    return "".join(blocks) or said


def limit(script):
    """Seconds that a script may take."""
    return int(asked(script, "timeout") or vm.COMMAND_SECONDS)


def asked(script, word):
    """What a line such as `# timeout: 900` asks for."""
    found = re.search(rf"^# {word}: (\S+)$", script, re.MULTILINE)
    return found[1] if found else None
