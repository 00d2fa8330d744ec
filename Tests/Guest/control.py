"""QEMU's own control socket (QMP)."""
import json

from channel import ChannelClosed, ChannelSilent
from failure import GuestFailure

# QEMU answers at once; an emulated guest that is stopped or saved may keep it a while.
SECONDS = 120


class Control:
    def __init__(self, socket):
        socket.settimeout(SECONDS)
        self.file = socket.makefile("rwb", buffering=0)
        self.read()  # the greeting
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        """Runs a command; the names of its arguments have _ for -."""
        named = {name.replace("_", "-"): value for name, value in arguments.items()}
        try:
            self.file.write(json.dumps({"execute": command, "arguments": named}).encode() + b"\n")
        except OSError:
            raise ChannelClosed from None
        while True:
            answer = self.read()
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise GuestFailure(f"QEMU refused {command} {named}: {answer['error']['desc']}")

    def read(self):
        try:
            line = self.file.readline()
        except TimeoutError:
            raise ChannelSilent from None
        except OSError:
            line = b""
        if not line:
            raise ChannelClosed
        return json.loads(line)
