"""Starts the guest that a command wants: from a snapshot where that will do."""
import contextlib
import tempfile

import image
import packages
import snapshot
import vm
from shapes import PLAIN


@contextlib.contextmanager
def guest(kernel, shape=PLAIN, host=None, fresh=False, console=False):
    """A guest ready for commands, ended at the end of the `with` statement. `host` is the file of a disk that
    hostdisk.make() made. The plain shape comes from a snapshot unless it has to be fresh: a boot of its own, with its
    own boot id. Other shapes always boot."""
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
