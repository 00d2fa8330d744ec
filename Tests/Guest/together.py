"""Guests beside each other: one for each CPU of this machine, for an emulator is one thread that computes."""
import multiprocessing
import multiprocessing.connection
import os
import signal

from failure import GuestFailure

CONTEXT = multiprocessing.get_context("fork")


def outcomes(work, jobs, in_order=False):
    """What `work(job)` returns for each job, as they come or in the order of the jobs. Each has a process of its own. None is
    left behind where the caller is interrupted: those at work get SIGTERM, and end their guests."""
    left, running, early, following = list(enumerate(jobs)), {}, {}, 0
    try:
        while left or running:
            while left and len(running) < len(os.sched_getaffinity(0)):
                index, job = left.pop(0)
                receiving, sending = CONTEXT.Pipe(duplex=False)
                process = CONTEXT.Process(target=tell, args=(work, job, sending))
                process.start()
                # Only the process has it now: where it dies, the pipe ends.
                sending.close()
                running[receiving] = index, process
            for receiving in multiprocessing.connection.wait(running):
                index, process = running[receiving]
                try:
                    outcome = receiving.recv()
                except EOFError:
                    raise GuestFailure("a process that ran a guest ended before it could tell of it") from None
                process.join()
                del running[receiving]
                early[index if in_order else following + len(early)] = outcome
            while following in early:
                yield early.pop(following)
                following += 1
    finally:
        for _, process in running.values():
            process.terminate()
        for _, process in running.values():
            process.join()


def tell(work, job, sending):
    # Ctrl-C at the terminal is for the caller, which then ends this.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sending.send(work(job))
