"""Berth as a service of the guest's systemd."""
import json
import os
import pathlib
import signal
import subprocess
import time

from kit.client import Client

PATIENCE = 60


class Service:
    """The installed agent, and the ways in which it starts and ends."""

    socket = "/run/berth/berth.sock"
    config = pathlib.Path("/etc/berth/berth.yaml")
    root = pathlib.Path("/sys/fs/cgroup/berth.slice/berth-workloads.scope")

    def install(self, config):
        """Puts the configuration (JSON is YAML too), the units and the group in place, and starts the agent."""
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_text(json.dumps(config))
        command("/host/inside/install")
        self.wait_until_serving()

    def start(self):
        command("systemctl", "start", "berthd.socket", "berthd.service")
        self.wait_until_serving()

    def stop(self):
        command("systemctl", "stop", "berthd.socket", "berthd.service")

    def restart(self):
        command("systemctl", "restart", "berthd.service")
        self.wait_until_serving()

    def kill(self):
        """Ends the agent as a crash would; systemd starts it again."""
        os.kill(self.pid, signal.SIGKILL)

    @property
    def pid(self):
        return int(command("systemctl", "show", "-P", "MainPID", "berthd.service"))

    @property
    def holder(self):
        """The process that keeps the scope alive."""
        return int((self.root / "holder/cgroup.procs").read_text())

    def client(self, timeout=PATIENCE):
        return Client(self.socket, timeout)

    def wait_until_serving(self):
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with self.client() as client:
                    if client.get("/v1/health").status == 200:
                        return
            except (OSError, EOFError):
                pass
            if self.has_ended() or time.monotonic() > until:
                raise AssertionError(f"the agent does not answer; it said:\n{self.log}")
            time.sleep(0.02)

    def has_ended(self):
        """Whether it ended for good: systemd starts it again and again."""
        return False

    @property
    def log(self):
        """The end of what the agent and its units have said."""
        return command("journalctl", "--no-pager", "-o", "cat", "-n", "30", "-u", "berthd.service", "-u",
                       "berth-workloads.scope")


def command(*words):
    """What a program prints; it must succeed."""
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(words)}: status {done.returncode}\n{done.stdout}")
    return done.stdout
