"""An agent that a test starts by itself: no service, a socket and a state folder of its own."""
import json
import os
import pathlib
import signal
import subprocess
import tempfile

from inside.service import Service


class OwnAgent(Service):
    """Starts `berthd` as a child."""

    def __init__(self, *options):
        self.options = options
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="berth-"))
        self.socket = str(self.folder / "berth.sock")
        self.process = None
        self.told = self.folder / "log"

    def install(self, config):
        """JSON is YAML too."""
        (self.folder / "berth.yaml").write_text(json.dumps(config))
        # `berth` finds it there.
        os.environ["BERTH_SOCKET"] = self.socket
        self.start()

    def start(self):
        with open(self.told, "ab") as log:
            self.process = subprocess.Popen(
                ["/host/berthd", "--socket", self.socket, "--state", self.folder / "state", "--config",
                 self.folder / "berth.yaml", *self.options], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.wait_until_serving()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def restart(self):
        self.stop()
        self.start()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def has_ended(self):
        return self.process.poll() is not None

    @property
    def pid(self):
        return self.process.pid

    @property
    def log(self):
        return self.told.read_text(errors="replace")[-3000:]
