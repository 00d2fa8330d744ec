"""One QEMU process: its arguments, its start and its end."""
import contextlib
import os
import re
import signal
import socket
import subprocess

from failure import EmulatorDied, GuestFailure, TimerLost, tail, text_of

QEMU = "qemu-system-x86_64"

# What image/heartbeat.c says of a CPU whose timer has stopped, by which no command's sleep there ends.
STANDS_STILL = re.compile(r"heartbeat: CPU \d+ stands still .*")
# How long it takes to say so.
HEARTBEAT_SECONDS = 25

# How a program ends that is broken: an assertion of its own, a bad pointer. Not SIGKILL, which others send.
CRASHES = {signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGTRAP}


def version():
    """QEMU's version, as it prints it."""
    return subprocess.run([QEMU, "--version"], check=True, capture_output=True, text=True).stdout.splitlines()[0]


def kernel_line(kernel, shape):
    """No page-table isolation (5 s of an emulated boot); a panic ends QEMU instead of hanging it."""
    words = ["console=ttyS0", "quiet", "mitigations=off", "panic=-1", "rw"]
    major = int(re.search(r"version (\d+)", version())[1])
    if kernel != "6.1" and major < 10:
        words.append("clearcpuid=cx16")  # 6.12 panics on the cmpxchg16b of older emulators
    return " ".join(words + shape.kernel.split())


def arguments(image, kernel, shape):
    """What a guest is, without the files and sockets of one run: also what its snapshot depends on."""
    return [
        "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
        # One thread for all CPUs. Where each has its own, they stop in the middle of what hardware does at once, and a kernel
        # does not survive that: a timer's interrupt is lost, code is run while it is patched.
        "-machine", shape.machine, "-accel", "tcg,thread=single",
        # `max` alone says it is an AMD, and then shows neither threads nor dies.
        "-cpu", "max,vendor=GenuineIntel",
        "-smp", shape.cpus, "-m", shape.memory,
        "-kernel", f"{image}/vmlinuz-{kernel}", "-initrd", f"{image}/initrd-{kernel}",
        "-append", kernel_line(kernel, shape),
        "-device", "virtio-blk-pci,drive=root,serial=root,bus=pcie.0",
        "-device", "virtio-serial-pci,bus=pcie.0",
        "-device", "virtserialport,chardev=command,name=berth.command",
        "-device", "virtio-rng-pci,bus=pcie.0",
        "-device", "pcie-root-port,id=slot1,bus=pcie.0,chassis=1,slot=1",
        "-device", "pcie-root-port,id=slot2,bus=pcie.0,chassis=2,slot=2",
        "-netdev", "user,id=net0,restrict=on",
        "-device", "virtio-net-pci,netdev=net0,romfile=,bus=pcie.0",
        *shape.qemu,
    ]


def overlay(path, image):
    """A disk that begins as the image's and keeps what the guest writes."""
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", f"{image}/disk.img", path],
                   check=True)


class Machine:
    """A running QEMU. `command`, `control` and, if asked for, `console` are sockets to it: the guest's agent, QMP, and
    the serial console, which is also written to a log."""

    def __init__(self, arguments, disk, folder, console=False):
        self.log = os.path.join(folder, "console.log")
        self.errors = os.path.join(folder, "qemu.log")
        self.command, commands = socket.socketpair()
        self.control, controls = socket.socketpair()
        self.console, consoles = socket.socketpair() if console else (None, None)
        serial = f"socket,fd={consoles.fileno()},logfile={self.log}" if console else f"file,path={self.log}"
        line = [
            # The kernel ends QEMU should this process die without doing so.
            "setpriv", "--pdeathsig", "KILL", QEMU, *arguments,
            "-blockdev", f"qcow2,node-name=root,cache.no-flush=on,file.driver=file,file.filename={disk}",
            "-chardev", f"socket,id=command,fd={commands.fileno()}",
            "-chardev", f"socket,id=control,fd={controls.fileno()}", "-mon", "chardev=control,mode=control",
            "-chardev", f"{serial},id=console", "-serial", "chardev:console",
        ]
        theirs = [end for end in (commands, controls, consoles) if end]
        with open(self.errors, "w") as errors:
            # A session of its own: Ctrl-C at the terminal is for the harness, which then ends QEMU.
            self.process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors,
                                            pass_fds=[end.fileno() for end in theirs], start_new_session=True)
        for end in theirs:
            end.close()

    def end(self):
        """Ends QEMU; the guest has nothing to keep."""
        self.process.kill()
        self.process.wait()
        for end in (self.command, self.control, self.console):
            if end:
                end.close()

    def watch(self):
        """Ends the wait for a guest whose CPU has lost its timer: it would never answer."""
        if said := STANDS_STILL.search(text_of(self.log)):
            raise self.failure(f"the guest runs no more: {said[0]}", TimerLost)

    def failure(self, what, kind=GuestFailure):
        """`what` happened, and why as far as the console and QEMU's own messages tell; of this kind, unless QEMU crashed."""
        console = text_of(self.log)
        if panic := re.search(r"Kernel panic - .*", console):
            what = f"the guest's kernel panicked ({what}): {panic[0].strip()}"
        elif (status := self.process.poll()) is not None:
            if -status in CRASHES:
                kind = EmulatorDied
            what = f"QEMU ended with status {status} ({what})"
        return kind(f"{what}\n  console:\n{tail(console)}\n  QEMU:\n{tail(text_of(self.errors), 10)}")

    def wait_end(self):
        """A closed socket is seen before the end of the process that held it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=10)
