"""Starts the guest that a command wants: from a snapshot where that will do, and anew where the emulator broke down."""
import contextlib
import tempfile

import image
import packages
import snapshot
import vm
from failure import EmulatorDied, NeverCameUp, TimerLost
from shapes import PLAIN

# How often a new guest takes the place of one that failed by no fault of what is tested. Nothing else is tried twice.
# QEMU's threads race now and then: `iotlb_to_section: Assertion failed` while a guest boots.
REPLACED = {EmulatorDied: 3, TimerLost: 2, NeverCameUp: 2}


def using(action, kernel, shape=PLAIN, host=None, fresh=False, console=False):
    """What `action(guest)` returns, for a guest of its own, ready for commands. `host` is the file of a disk that
    hostdisk.make() made. The plain shape comes from a snapshot unless it has to be fresh: a boot of its own, with its
    own boot id. Other shapes always boot. The action begins again in a new guest if QEMU breaks down under it."""
    left = dict(REPLACED)
    while True:
        try:
            with guest(kernel, shape, host, fresh, console) as started:
                return action(started)
        except tuple(REPLACED) as failure:
            kind = type(failure)
            if left[kind] == 0:
                raise
            left[kind] -= 1
            print(f"guest: again in a new guest, for {reason(failure)}", flush=True)


def reason(failure):
    """What happened and QEMU's last word."""
    lines = str(failure).splitlines()
    return f"{lines[0]}; {lines[-1].strip()}"


@contextlib.contextmanager
def guest(kernel, shape, host, fresh, console):
    packages.ensure()
    files = image.folder()
    with tempfile.TemporaryDirectory(prefix="berth-guest-") as folder:
        if shape is PLAIN and not fresh:
            started = snapshot.resumed(files, kernel, folder, console)
        else:
            started = vm.booted(files, kernel, shape, folder, console)
        with started:
            if host:
                started.attach(host)
            yield started
