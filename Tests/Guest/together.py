"""Guests beside each other: one for each CPU of this machine, for an emulator is one thread that computes."""
import multiprocessing
import os
import signal


def outcomes(work, jobs, in_order=False):
    """What `work(job)` returns for each job, as they come or in the order of the jobs. No process is left behind where the
    caller is interrupted: those at work get SIGTERM, and end their guests."""
    workers = min(len(os.sched_getaffinity(0)), len(jobs)) or 1
    # Ctrl-C at the terminal is for the caller, which then ends them.
    with multiprocessing.get_context("fork").Pool(workers, signal.signal, (signal.SIGINT, signal.SIG_IGN)) as pool:
        yield from (pool.imap if in_order else pool.imap_unordered)(work, jobs)
