#!/usr/bin/python3 -B
"""When a reservation ends, what becomes of its processes, and what `berth run` says and returns."""
import pathlib
import signal
import subprocess
import tempfile
import time

from inside.case import HeldCase, main
from inside.leaf import Leaf
from kit.case import path

GRACEFUL = 'trap "echo told; exit 3" TERM; echo ready; while :; do sleep 0.1; done'


class Endings(HeldCase):
    def gone(self, reservation):
        return not Leaf(reservation["cgroup"]).exists()

    def test_a_release_asks_first(self):
        reservation = self.granted({"pids": 20}, lease="10m")
        process = self.shell(reservation, GRACEFUL)
        answer = self.client.delete(path(reservation) + "?grace=30s")
        self.assertEqual((answer.status, answer.json["state"], answer.json["reason"]), (200, "released", "released"))
        self.assertEqual((self.line(process), process.wait()), ("told", 3))
        self.assertTrue(self.gone(reservation))
        self.assertIn("usage", answer.json)
        self.assertEqual(self.client.delete(path(reservation)).json, answer.json)

    def test_who_does_not_listen_is_killed(self):
        reservation = self.granted({"pids": 20}, lease="10m")
        process = self.attached(reservation, "stubborn")
        time.sleep(0.5)
        answer = self.client.delete(path(reservation) + "?grace=1s")
        self.assertEqual((answer.status, answer.json["state"]), (200, "released"))
        self.assertEqual(process.wait(), -signal.SIGKILL)
        self.assertTrue(self.gone(reservation))

    def test_a_lease_that_ends(self):
        reservation = self.granted({"pids": 20}, lease="3s")
        polite, deaf = self.shell(reservation, GRACEFUL), self.attached(reservation, "stubborn")
        self.wait_for(lambda: self.look(reservation)["state"] == "expired")
        self.assertEqual(self.look(reservation)["reason"], "lease")
        self.assertEqual((self.line(polite), polite.wait()), ("told", 3))
        self.assertEqual(deaf.wait(60), -signal.SIGKILL)
        self.wait_for(lambda: self.gone(reservation))
        self.wait_for(lambda: self.resource("pids")["held"] == 0)

    def test_a_renewed_lease(self):
        reservation = self.granted({"pids": 20}, lease="3s")
        process = self.attached(reservation, "wait")
        self.assertEqual(self.client.post(path(reservation, "/renew"), {"lease": "10m"}).status, 200)
        time.sleep(4)
        self.assertEqual((self.look(reservation)["state"], process.poll()), ("confirmed", None))

    def test_the_last_child_counts(self):
        """`end: empty`: what was left in the background keeps the reservation."""
        reservation = self.granted({"pids": 20})
        process = self.shell(reservation, "echo ready; sleep 4 & sleep 300 & echo $!; exit 0")
        background = int(self.line(process))
        self.assertEqual(process.wait(), 0)
        time.sleep(1)
        leaf = Leaf(reservation["cgroup"])
        self.assertEqual((self.look(reservation)["state"], len(leaf.processes)), ("confirmed", 2))
        self.wait_for(lambda: leaf.processes == [background])
        self.assertEqual(self.look(reservation)["state"], "confirmed")
        subprocess.run(["kill", str(background)], check=True)
        self.wait_for(lambda: self.look(reservation)["state"] == "released")
        self.assertEqual(self.look(reservation)["reason"], "last_process")
        self.wait_for(lambda: self.gone(reservation))

    def test_background_children_of_berth_run(self):
        process, reservation = self.berth_run(
            "--pids", "20", "--", "sh", "-c", "sleep 300 & sleep 2", name="parent")
        self.assertEqual(process.wait(), 0)
        time.sleep(0.5)
        self.assertEqual(self.look(reservation)["state"], "confirmed")
        # A following run is not refused for what has ended, and this one has not.
        self.assertEqual(self.client.delete(path(reservation) + "?grace=0s").json["reason"], "released")
        self.assertTrue(self.gone(reservation))

    def test_run_after_run(self):
        """The second is never refused for what the first has not given back yet."""
        capacity = self.resource("cpu")["capacity"]
        for _ in range(10):
            subprocess.run(["berth", "run", "--quiet", "--cpu", str(capacity), "--", "/bin/true"], check=True)

    def test_the_status_of_berth_run(self):
        for status, script in {0: "exit 0", 7: "exit 7", -15: "kill -TERM $$", -9: "kill -KILL $$"}.items():
            with self.subTest(script):
                done = subprocess.run(["berth", "run", "--pids", "20", "--", "sh", "-c", script], check=False)
                self.assertEqual(done.returncode, status)
        for status, words in {127: ["--", "no-such-program"], 126: ["--", "/etc/passwd"],
                              125: ["--memory", "4000GiB", "--", "true"]}.items():
            with self.subTest(words):
                done = subprocess.run(["berth", "run", "--pids", "20", *words], stderr=subprocess.PIPE, check=False)
                self.assertEqual(done.returncode, status, done.stderr)
        self.wait_for(lambda: self.live() == [])

    def test_what_cannot_be_executed_after_all_is_told(self):
        """The reservation is there already when the kernel refuses, and the process that tells of it is in it."""
        with tempfile.TemporaryDirectory() as folder:
            script = pathlib.Path(folder, "script")
            script.write_text("#!/no/such/interpreter\n")
            script.chmod(0o755)
            done = subprocess.run(["berth", "run", "--pids", "20", "--", script], stderr=subprocess.PIPE, check=False)
            self.assertEqual(done.returncode, 127, done.stderr)
            self.assertIn("interpreter", done.stderr.decode())
        self.wait_for(lambda: self.live() == [])

    def test_signals_and_the_caller_s_pid(self):
        process, reservation = self.berth_run("--pids", "20", "--", "sh", "-c", GRACEFUL, name="signals",
                                              stdout=subprocess.PIPE)
        self.assertEqual((self.line(process), reservation["processes"]), ("ready", [process.pid]))
        process.send_signal(signal.SIGTERM)
        self.assertEqual((self.line(process), process.wait()), ("told", 3))
        self.wait_for(lambda: self.gone(reservation))

    def test_a_lease_of_berth_run_is_a_time_limit(self):
        process, reservation = self.berth_run("--pids", "20", "--lease", "2s", "--", "workload", "wait", name="limited",
                                              stderr=subprocess.PIPE)
        self.assertEqual(process.wait(60), -signal.SIGTERM)
        told = process.stderr.read().decode()
        self.assertEqual(len(told.splitlines()), 1, told)
        self.assertIn("lease", told)
        self.wait_for(lambda: self.gone(reservation))

    def test_a_client_that_dies_leaves_nothing_for_good(self):
        """Killed before it ran a program: what it reserved ends by itself."""
        for delay in (0.005, 0.01, 0.02, 0.03, 0.05, 0.1):
            process = subprocess.Popen(["berth", "run", "--quiet", "--pids", "20", "--", "workload", "wait"])
            time.sleep(delay)
            process.kill()
            process.wait()
        self.wait_for(lambda: self.live() == [], 90)
        self.assert_no_leak()

    def test_a_frozen_process_ends_too(self):
        reservation = self.granted({"pids": 20}, lease="10m")
        process = self.attached(reservation, "wait")
        process.send_signal(signal.SIGSTOP)
        answer = self.client.delete(path(reservation) + "?grace=1s")
        self.assertEqual(answer.status, 200)
        self.assertLess(process.wait(60), 0)
        self.assertTrue(self.gone(reservation))


if __name__ == "__main__":
    main()
