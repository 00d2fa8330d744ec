"""A running guest: takes commands, mounts a folder of this machine on /host, and is ended when done with."""
import contextlib
import os
import shlex
import sys
import time

import control
import hostdisk
import machine
from channel import Channel, ChannelClosed, ChannelSilent
from failure import GuestFailure, NeverCameUp

# Many times what it takes on an idle machine: others may be compiling on it.
BOOT_SECONDS = 300
COMMAND_SECONDS = 600


def booted(files, kernel, shape, folder, console=False):
    """A guest that has just booted."""
    disk = os.path.join(folder, "root.qcow2")
    machine.overlay(disk, files)
    guest = Guest(machine.Machine(machine.arguments(files, kernel, shape), disk, folder, console))
    with guest.ending_on_failure():
        guest.wait_booted()
        if shape.setup:
            guest.ask(shape.setup)
    return guest


class Guest:
    """In a `with` statement it is ended at the end."""

    def __init__(self, qemu):
        self.machine = qemu
        self.channel = Channel(qemu.command, qemu.watch)
        with self.ending_on_failure(), self.explaining("starting QEMU", control.SECONDS):
            self.control = control.Control(qemu.control)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.machine.end()

    @contextlib.contextmanager
    def ending_on_failure(self):
        """No QEMU is left behind by a guest that never came up, nor by Ctrl-C meanwhile."""
        try:
            yield
        except BaseException:
            self.machine.end()
            raise

    @contextlib.contextmanager
    def explaining(self, what, seconds, kind=GuestFailure):
        """Turns silence and a lost channel into a failure of this kind that shows the console."""
        try:
            yield
        except ChannelSilent:
            raise self.machine.failure(f"{what}: no answer in {seconds} s", kind) from None
        except ChannelClosed:
            self.machine.wait_end()
            raise self.machine.failure(f"{what}: the guest is gone", kind) from None

    def wait_booted(self):
        """Until systemd has started everything and udev has seen every device."""
        with self.explaining("booting", BOOT_SECONDS, NeverCameUp):
            self.channel.wait_ready(BOOT_SECONDS)
            self.channel.run("systemctl is-system-running --wait; udevadm settle", BOOT_SECONDS, lambda printed: None)

    def wait_resumed(self):
        """Until the guest's memory is in, and lets it go on."""
        with self.explaining("resuming", control.SECONDS, NeverCameUp):
            wait_until(lambda: self.control.ask("query-status")["status"] != "inmigrate")
            self.control.ask("cont")
        self.ask(f"date --set=@{time.time():.3f} > /dev/null")  # it stood still with the guest

    def run(self, script, seconds=COMMAND_SECONDS, output=None):
        """Runs a shell script as root and returns its exit status; what it prints goes to stdout, or to `output`."""
        with self.explaining("running a command", seconds):
            return self.channel.run(script, seconds, output or to_stdout)

    def attempt(self, script, seconds=COMMAND_SECONDS):
        """The exit status of a shell script, and the bytes that it printed."""
        printed = []
        status = self.run(script, seconds, printed.append)
        return status, b"".join(printed)

    def ask(self, script, seconds=COMMAND_SECONDS):
        """The bytes that a shell script prints; it must succeed."""
        status, printed = self.attempt(script, seconds)
        if status != 0:
            raise GuestFailure(f"in the guest, status {status}: {script}\n{printed.decode(errors='replace')}")
        return printed

    def attach(self, disk):
        """Plugs a disk in and mounts it read-only on /host; the programs on it are then on the path."""
        with self.explaining("plugging in a disk", control.SECONDS):
            self.control.ask("blockdev-add", driver="raw", node_name="host", read_only=True,
                             file={"driver": "file", "filename": disk, "read-only": True})
            self.control.ask("device_add", driver="virtio-blk-pci", drive="host", id="host", bus="slot1",
                             serial=hostdisk.SERIAL)
        self.ask(hostdisk.MOUNT)

    def save(self, path):
        """Stops the guest for good and writes its memory and devices to a file."""
        with self.explaining("saving the guest", control.SECONDS):
            self.control.ask("stop")
            self.control.ask("migrate-set-parameters", max_bandwidth=1 << 40)
            self.control.ask("migrate", uri=f"exec:cat > {shlex.quote(str(path))}")
            wait_until(lambda: self.control.ask("query-migrate")["status"] in ("completed", "failed"))
            if self.control.ask("query-migrate")["status"] == "failed":
                raise self.machine.failure("saving the guest failed")


def wait_until(reached):
    """Asks QEMU until it is so; what it does by itself takes it as long as an answer at most."""
    deadline = time.monotonic() + control.SECONDS
    while not reached():
        if time.monotonic() > deadline:
            raise ChannelSilent
        time.sleep(0.02)


def to_stdout(printed):
    sys.stdout.buffer.write(printed)
    sys.stdout.buffer.flush()
