"""The command line, as a person or a script runs it."""
import os
import subprocess


def berth(agent, *arguments):
    """Runs `berth` on an agent; the process as it ended."""
    return subprocess.run(
        [os.path.join(os.environ["BERTH_BIN"], "berth"), *arguments, "--socket", agent.socket], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60)
