"""What went wrong with a guest, said so that it helps."""


class GuestFailure(Exception):
    """A guest, or something it needs, failed: not the command that ran in it."""


class EmulatorDied(GuestFailure):
    """QEMU itself crashed. What ran in the guest has no part in that."""


class TimerLost(GuestFailure):
    """A CPU of the guest gets no interrupts of its timer any more: QEMU lost one, and the kernel waits for it before it sets
    the next. What ran in the guest has no part in that either."""


class NeverCameUp(GuestFailure):
    """A guest said nothing while it booted or resumed, or panicked: nothing that is tested runs so early."""


def text_of(path):
    """A log's text; nothing where it was never written."""
    try:
        with open(path, errors="replace") as log:
            return log.read()
    except FileNotFoundError:
        return ""


def tail(text, lines=40):
    """The last lines of a text, indented."""
    kept = [line.rstrip() for line in text.splitlines() if line.strip()][-lines:]
    return "\n".join("    " + line for line in kept) or "    (nothing)"
