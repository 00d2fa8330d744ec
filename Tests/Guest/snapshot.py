"""Guests that need not boot: one boot of the plain shape is saved, and each guest goes on from there with its own disk.

A snapshot fits one image, one QEMU and one set of arguments, and is kept for one boot of this machine. All guests
resumed from it have the same boot id, and for them no time has passed but on the wall clock."""
import hashlib
import pathlib
import shlex
import shutil
import tempfile

import cache
import machine
import vm
from shapes import PLAIN

# What makes the first commands after a resume quick and the snapshot small.
SETTLE = """systemctl start dbus.service
            systemd-run --quiet --wait true
            sync
            echo 3 > /proc/sys/vm/drop_caches"""


def resumed(files, kernel, folder, console=False):
    """A guest of the plain shape, its disk in `folder`."""
    saved = cache.folder(f"snapshot-{kernel}", key(files, kernel), lambda path: make(files, kernel, path))
    disk = f"{folder}/root.qcow2"
    shutil.copyfile(saved / "root.qcow2", disk)
    memory = shlex.quote(str(saved / "memory"))
    arguments = machine.arguments(files, kernel, PLAIN) + ["-incoming", f"exec:cat {memory}"]
    guest = vm.Guest(machine.Machine(arguments, disk, folder, console))
    with guest.ending_on_failure():
        guest.wait_resumed()
    return guest


def key(files, kernel):
    boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text()
    parts = [boot, machine.version(), str(files), *machine.arguments(files, kernel, PLAIN), SETTLE]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def make(files, kernel, path):
    with tempfile.TemporaryDirectory(prefix="berth-guest-") as folder:
        with vm.booted(files, kernel, PLAIN, folder) as guest:
            guest.ask(SETTLE)
            guest.save(path / "memory")
        # Only now is the disk whole: QEMU has ended.
        shutil.copyfile(f"{folder}/root.qcow2", path / "root.qcow2")

