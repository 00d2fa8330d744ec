#!/usr/bin/env python3
"""Tests of the harness itself that need no guest: what is tried again, and what never is."""
import contextlib
import io
import multiprocessing
import os
import pathlib
import tempfile
import time
import unittest
from unittest import mock

import channel
import machine
import start
import suite
import together
import vm
from channel import Channel, ChannelClosed, ChannelSilent
from failure import EmulatorDied, GuestFailure, NeverCameUp, TimerLost


class Replacing(unittest.TestCase):
    def using(self, *outcomes):
        """Starts guests that go as told, one after another: an exception, or what the action returns. Returns what came
        of it, how many were started, and the lines that were printed."""
        left = list(outcomes)

        @contextlib.contextmanager
        def guest(*_):
            yield left.pop(0)

        def action(outcome):
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        printed = io.StringIO()
        with mock.patch.object(start, "guest", guest), contextlib.redirect_stdout(printed):
            try:
                end = start.using(action, "6.12")
            except GuestFailure as failure:
                end = failure
        return end, len(outcomes) - len(left), printed.getvalue().splitlines()

    def test_an_emulator_that_crashes_is_replaced_three_times(self):
        crash = EmulatorDied("QEMU ended with status -6\n  QEMU:\n    Assertion failed")
        self.assertEqual(
            self.using(crash, crash, crash, 7),
            (7, 4, ["guest: again in a new guest, for QEMU ended with status -6; Assertion failed"] * 3))
        self.assertEqual(self.using(crash, crash, crash, crash, 7)[:2], (crash, 4))

    def test_a_guest_that_lost_its_timer_is_replaced_twice(self):
        stopped = TimerLost("the guest runs no more: heartbeat: CPU 2 stands still")
        self.assertEqual(self.using(stopped, stopped, 7)[:2], (7, 3))
        self.assertEqual(self.using(stopped, stopped, stopped, 7)[:2], (stopped, 3))

    def test_a_guest_that_never_came_up_is_replaced_twice(self):
        silence = NeverCameUp("booting: no answer in 300 s")
        self.assertEqual(self.using(silence, silence, 7)[:2], (7, 3))
        self.assertEqual(self.using(silence, silence, silence, 7)[:2], (silence, 3))

    def test_nothing_else_is_tried_again(self):
        failure = GuestFailure("the guest's kernel panicked")
        self.assertEqual(self.using(failure, 7), (failure, 1, []))
        self.assertEqual(self.using(1, 7), (1, 1, []))


class Ends(unittest.TestCase):
    """A program in QEMU's place, and the kind of failure that its end is."""

    def kind(self, script, console="", step=None):
        with tempfile.TemporaryDirectory() as folder:
            qemu = pathlib.Path(folder, "qemu")
            qemu.write_text(f"#!/bin/sh\n{script}\n")
            qemu.chmod(0o755)
            with mock.patch.object(machine, "QEMU", str(qemu)):
                process = machine.Machine([], "none", folder)
            pathlib.Path(folder, "console.log").write_text(console)
            try:
                if step:
                    return self.failure(step, process)
                with self.assertRaises(ChannelClosed):
                    Channel(process.command).wait_ready(10)
                process.wait_end()
                return type(process.failure("booting"))
            finally:
                process.end()

    def failure(self, step, process):
        """The kind of failure that a step of a guest with this machine ends in."""
        guest = object.__new__(vm.Guest)
        guest.machine, guest.channel = process, Channel(process.command)
        with self.assertRaises(GuestFailure) as failed:
            step(guest)
        return type(failed.exception)

    def test_a_crash_of_the_emulator(self):
        self.assertIs(self.kind("kill -ABRT $$"), EmulatorDied)
        self.assertIs(self.kind("kill -SEGV $$"), EmulatorDied)

    def test_other_ends(self):
        self.assertIs(self.kind("exit 1"), GuestFailure)
        self.assertIs(self.kind("kill -KILL $$"), GuestFailure)

    def test_a_timer_that_the_emulator_lost(self):
        self.assertEqual(self.silent("guest login: "), ChannelSilent)
        self.assertEqual(self.silent("guest login: heartbeat: CPU 2 stands still for 20 beats of another"), TimerLost)

    def silent(self, console):
        """What ends the wait for a guest that says nothing."""
        with tempfile.TemporaryDirectory() as folder:
            qemu = pathlib.Path(folder, "qemu")
            qemu.write_text("#!/bin/sh\nexec sleep 60\n")
            qemu.chmod(0o755)
            with mock.patch.object(machine, "QEMU", str(qemu)), mock.patch.object(channel, "WATCH_SECONDS", 0.1):
                process = machine.Machine([], "none", folder)
                pathlib.Path(folder, "console.log").write_text(console)
                try:
                    Channel(process.command, process.watch).wait_ready(1)
                except (ChannelSilent, GuestFailure) as end:
                    return type(end)
                finally:
                    process.end()

    def test_a_panic_of_the_guest(self):
        panic = "Kernel panic - not syncing: Fatal exception"
        self.assertIs(self.kind("kill -ABRT $$", panic), GuestFailure)
        self.assertIs(self.kind("exit 0", panic, lambda guest: guest.wait_booted()), NeverCameUp)
        self.assertIs(self.kind("exit 0", panic, lambda guest: guest.ask("true")), GuestFailure)


class Together(unittest.TestCase):
    def test_outcomes_come_as_they_are_ready_or_in_order(self):
        self.assertEqual(sorted(together.outcomes(abs, [-3, 2, -1])), [1, 2, 3])
        self.assertEqual(list(together.outcomes(abs, [-3, 2, -1], in_order=True)), [3, 2, 1])
        self.assertEqual(list(together.outcomes(abs, [])), [])

    def test_a_process_that_is_killed_ends_the_wait(self):
        with self.assertRaisesRegex(GuestFailure, "ended before"):
            list(together.outcomes(killed, [1, 2]))

    def test_who_is_interrupted_leaves_nobody_behind(self):
        found = together.outcomes(slow, [0, 60, 60])
        self.assertEqual(next(found), 0)
        found.close()
        self.assertEqual(multiprocessing.active_children(), [])


def slow(seconds):
    time.sleep(seconds)
    return seconds


def killed(job):
    """Job 1 is killed as the kernel does where memory runs out."""
    if job == 1:
        os.kill(os.getpid(), 9)
    return job


class Telling(unittest.TestCase):
    def test_what_failed_is_told_without_all_that_was_said(self):
        class Case(unittest.TestCase):
            def test_a(self):
                self.fail("the first")

            def test_b(self):
                raise KeyError("the second")

            def test_c(self):
                print("measured: 1")

        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            unittest.TextTestRunner(printed, verbosity=2).run(unittest.defaultTestLoader.loadTestsFromTestCase(Case))
            print("the agent said:\nnothing of interest\nexit status 1")
        told = suite.essence(printed.getvalue())
        self.assertRegex(told, r"(?s)^=+\nFAIL: test_a .*the first\n.*ERROR: test_b .*KeyError: 'the second'|"
                               r"^=+\nERROR: test_b .*'the second'\n.*FAIL: test_a .*the first")
        for other in ("measured", "Ran 3", "agent", "exit"):
            self.assertNotIn(other, told)
        self.assertEqual(suite.essence("sh: no such program\nexit status 127"), "sh: no such program\nexit status 127")


if __name__ == "__main__":
    os.chdir("/")
    unittest.main()
