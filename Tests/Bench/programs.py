"""The small C programs of this folder, compiled."""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PLUGIN_ABI = HERE.parent.parent / "Plugins/Kit/Sources/BerthPluginABI/include"
# Static, so that they start as fast as a program can and run in a guest too.
STATIC = ["launch", "load", "round_trip", "read_files", "cgroup_clone", "cgroup_move"]


def build(folder):
    """Compiles all of them into a folder and returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in STATIC:
        compile(name, folder, ["-static"], [])
    compile("commits", folder, [], ["-lsqlite3"])
    compile("validate", folder, [f"-I{PLUGIN_ABI}"], ["-ldl"])
    return folder


def compile(name, folder, options, libraries):
    source, program = HERE / f"{name}.c", folder / name
    if program.exists() and program.stat().st_mtime > source.stat().st_mtime:
        return
    subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-Werror", *options, "-o", program, source, *libraries],
                   check=True)


def output(*command, **options):
    """What a program prints; a failure is shown, and ends the bench."""
    words = [str(word) for word in command]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        sys.stderr.write(done.stdout[-4000:])
        sys.exit(f"bench: {' '.join(words[:3])} ... ended with status {done.returncode}")
    return done.stdout
