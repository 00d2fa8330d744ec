"""A process that does nothing until it is told to end."""
import os
import subprocess


class Child:
    """A child of the test, alive until `end`."""

    def __init__(self, user=None):
        # Popen returns when the program runs, and as this user.
        self.process = subprocess.Popen(
            ["cat"], stdin=subprocess.PIPE, user=user, group=user, extra_groups=None if user is None else [])
        self.pid = self.process.pid

    def end(self):
        """Ends it, and waits until it is gone."""
        self.process.stdin.close()
        self.process.wait()

    def exit_unreaped(self):
        """Ends it, and leaves it to be waited for: a zombie."""
        self.process.stdin.close()
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
