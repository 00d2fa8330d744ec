"""One agent, started from outside and watched from outside."""
import atexit
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import tempfile
import time

from kit import host
from kit.client import Client, connected

#: Who may do what in most tests: root is admin, nobody and the user after it may submit.
FIRST, SECOND, STRANGER = 65534, 65533, 65532
STANDARD = {
    "system_reserved": {"cpu": 0, "memory": 0},
    "roles": {"submit": {"users": [FIRST, SECOND]}},
}
PATIENCE = 60


class Agent:
    """An agent with a socket, a state folder and a host of its own, all below one temporary folder."""

    def __init__(self, config=None, tree=None, limits=()):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="berth-api-"))
        atexit.register(self.clean)
        # Other users must get to the socket.
        self.folder.chmod(0o755)
        self.socket = str(self.folder / "berth.sock")
        self.state = self.folder / "state"
        self.config = self.folder / "berth.yaml"
        self.configure(STANDARD if config is None else config)
        self.tree = tree or host.write(self.folder / "host")
        self.limits = limits
        self.process = None

    def configure(self, config):
        """Writes the configuration; JSON is YAML too."""
        self.config.write_text(json.dumps(config))

    def launch(self, log=None):
        """Starts the program and returns at once; its log goes to a file, or to this descriptor."""
        command = [
            os.path.join(os.environ["BERTH_BIN"], "berthd"), "--socket", self.socket, "--state", str(self.state),
            "--config", str(self.config), "--host-root", str(self.tree), "--cgroup-root", "none",
        ]

        def limit():
            for name, most in self.limits:
                resource.setrlimit(name, (most, most))

        # Where it crashes, the frames are what one wants to read.
        environment = dict(os.environ, SWIFT_BACKTRACE="enable=yes,color=no,threads=crashed,limit=12,top=0,registers=none,images=none")
        with open(self.folder / "log", "ab") as file:
            log = file if log is None else log
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=limit, restore_signals=False,
                env=environment)
        return self

    def start(self):
        """Starts the program and returns when it answers."""
        began = time.monotonic()
        self.launch()
        while time.monotonic() - began < PATIENCE:
            if self.process.poll() is not None:
                raise AssertionError(f"the agent ended with status {self.process.returncode}:\n{self.log}")
            if self.is_listening():
                self.start_seconds = time.monotonic() - began
                return self
            time.sleep(0.005)
        raise AssertionError(f"the agent did not answer within {PATIENCE} s:\n{self.log}")

    def is_listening(self):
        """Whether a request is answered, and not with "starting"."""
        try:
            with self.client(timeout=PATIENCE) as client:
                return client.get("/v1/health").status == 200
        except (OSError, EOFError):
            return False

    def client(self, **options):
        """A new connection."""
        return Client(self.socket, **options)

    def connect(self, timeout=PATIENCE):
        """A bare socket, for what no HTTP client would send."""
        return connected(self.socket, timeout)

    def kill(self):
        """Ends the agent as a crash would."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Ends the agent as systemd would, and returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def check_alive(self):
        """Fails where the agent has ended by itself."""
        status = self.process.poll()
        if status is not None:
            raise AssertionError(f"the agent ended with status {status}:\n{self.log}")

    def clean(self):
        """Ends the agent and removes everything it wrote."""
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def log(self):
        """The end of what the agent has said."""
        path = self.folder / "log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""

    @property
    def memory_kib(self):
        """VmRSS of the agent."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1])

    @property
    def descriptors(self):
        """How many files the agent has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))
