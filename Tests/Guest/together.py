"""Guests beside each other: one for each CPU of this machine, for an emulator is one thread that computes."""
import multiprocessing
import os
import signal

from failure import GuestFailure

# How often one that waits looks whether all are still at work.
WATCH_SECONDS = 5


def outcomes(work, jobs, in_order=False):
    """What `work(job)` returns for each job, as they come or in the order of the jobs. No process is left behind where the
    caller is interrupted: those at work get SIGTERM, and end their guests."""
    count = min(len(os.sched_getaffinity(0)), len(jobs)) or 1
    # Ctrl-C at the terminal is for the caller, which then ends them.
    with multiprocessing.get_context("fork").Pool(count, signal.signal, (signal.SIGINT, signal.SIG_IGN)) as pool:
        workers = {process.pid for process in multiprocessing.active_children()}
        found = (pool.imap if in_order else pool.imap_unordered)(work, jobs)
        for _ in jobs:
            yield taken(found, workers)


def taken(found, workers):
    """The next outcome. What a process was at that has been killed never comes, and another takes its place."""
    while True:
        try:
            return found.next(timeout=WATCH_SECONDS)
        except multiprocessing.TimeoutError:
            if {process.pid for process in multiprocessing.active_children()} != workers:
                raise GuestFailure("a process that ran guests was killed") from None
