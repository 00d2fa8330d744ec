"""A shell in the guest, at this terminal: the serial console both ways."""
import os
import selectors
import sys
import termios
import tty

LEAVE = b"\x1d"  # Ctrl-]


def interact(guest):
    """Until the guest is off, or Ctrl-] is typed, or the input ends."""
    keyboard, screen = sys.stdin.fileno(), sys.stdout.fileno()
    terminal = os.isatty(keyboard)
    if terminal:
        size = os.get_terminal_size(keyboard)
        guest.ask(f"stty -F /dev/ttyS0 rows {size.lines} cols {size.columns}")
    guest.ask("systemctl start guest-console.service")
    print("guest: root's shell; Ctrl-] leaves, and nothing is kept", file=sys.stderr, flush=True)
    before = termios.tcgetattr(keyboard) if terminal else None
    try:
        if terminal:
            tty.setraw(keyboard)
        copy(guest.machine.console, keyboard, screen)
    finally:
        if terminal:
            termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


def copy(console, keyboard, screen):
    with selectors.DefaultSelector() as ready:
        ready.register(console, selectors.EVENT_READ)
        ready.register(keyboard, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is console:
                    data = console.recv(65536)
                    if not data:
                        return
                    os.write(screen, data)
                else:
                    data = os.read(keyboard, 4096)
                    if not data or LEAVE in data:
                        return
                    console.sendall(data)
