"""Commands to the guest over a virtio-serial port; image/agent.c is the other end and says how they look."""
import contextlib
import time


class ChannelClosed(Exception):
    """QEMU is gone."""


class ChannelSilent(Exception):
    """No answer in time."""


# How often one that waits looks whether there is still somebody to wait for.
WATCH_SECONDS = 5


class Channel:
    """`watch()` is called every few seconds of silence, and ends the wait by what it raises."""

    def __init__(self, socket, watch=lambda: None):
        self.socket = socket
        self.watch = watch
        self.received = b""

    def wait_ready(self, seconds):
        """Waits for the agent's first word after a boot."""
        deadline = time.monotonic() + seconds
        while self.line(deadline) != "ready":
            pass

    def run(self, script, seconds, output):
        """Runs a shell script and returns its exit status; `output(bytes)` gets what it prints, as it does."""
        deadline = time.monotonic() + seconds
        script = script.encode()
        with self.closing():
            self.socket.settimeout(seconds)
            self.socket.sendall(b"run %d\n" % len(script) + script)
        while True:
            word, number = self.line(deadline).split()
            if word == "done":
                return int(number)
            output(self.bytes(int(number), deadline))

    def line(self, deadline):
        while b"\n" not in self.received:
            self.more(deadline)
        line, self.received = self.received.split(b"\n", 1)
        return line.decode()

    def bytes(self, count, deadline):
        while len(self.received) < count:
            self.more(deadline)
        taken, self.received = self.received[:count], self.received[count:]
        return taken

    def more(self, deadline):
        while (left := deadline - time.monotonic()) > WATCH_SECONDS:
            self.socket.settimeout(WATCH_SECONDS)
            with self.closing(), contextlib.suppress(TimeoutError):
                return self.take(self.socket.recv(1 << 20))
            self.watch()
        with self.closing():
            self.socket.settimeout(max(left, 0.001))
            data = self.socket.recv(1 << 20)
        self.take(data)

    def take(self, data):
        if not data:
            raise ChannelClosed
        self.received += data

    @contextlib.contextmanager
    def closing(self):
        """Says what an error of the socket means."""
        try:
            yield
        except TimeoutError:
            raise ChannelSilent from None
        except OSError:
            raise ChannelClosed from None
