"""An agent of the bench's own: a private socket, a state folder on the disk that holds the checkout, nothing enforced."""
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

CONFIGURATION = """\
roles:
  submit: {users: [nobody, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008]}
  admin: {users: [%d]}
caps:
  reservations: 200000
  connections: 256
"""
# Seconds until an agent that does not answer is given up.
PATIENCE = 60


class Agent:
    """A running berthd. The socket lies in a folder with a short name, for the kernel takes 107 bytes of path."""

    def __init__(self, berthd, scratch, configuration="", tree=None):
        self.berthd, self.tree = berthd, tree
        self.state = tempfile.mkdtemp(prefix="state-", dir=scratch)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="berth-"))
        # Another user must get to the socket.
        self.folder.chmod(0o755)
        self.socket = str(self.folder / "berth.sock")
        self.config = self.folder / "berth.yaml"
        self.config.write_text(CONFIGURATION % os.getuid() + configuration)
        self.log = open(self.folder / "log", "ab")
        self.process = None

    def start(self):
        """Starts it, and returns the seconds until the first answer about what it holds."""
        began = time.monotonic()
        self.process = subprocess.Popen(
            [self.berthd, "--socket", self.socket, "--state", self.state, "--config", self.config,
             *(["--host-root", self.tree] if self.tree else ["--cgroup-root", "none"])], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        while True:
            try:
                self.get("/v1/resources")
                return time.monotonic() - began
            except (OSError, http.client.HTTPException):
                pass
            if self.process.poll() is not None or time.monotonic() - began > PATIENCE:
                raise SystemExit(f"bench: berthd does not answer:\n{(self.folder / 'log').read_text()}")
            time.sleep(0.001)

    def get(self, path):
        """The document at a path."""
        return self.ask("GET", path)

    def post(self, path):
        """The document that a call without a body answers with."""
        return self.ask("POST", path)

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        try:
            connection.sock.settimeout(PATIENCE)
            connection.sock.connect(self.socket)
            connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            if answer.status not in (200, 201):
                raise http.client.HTTPException(f"{path}: {answer.status} {answer.read()[:500]!r}")
            return json.loads(answer.read())
        finally:
            connection.sock.close()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()
