"""What becomes of the agent with its files: a configuration that goes, a log that nobody reads, a ledger that is damaged."""
import contextlib
import os
import pathlib
import signal
import sqlite3
import subprocess
import tempfile
import time

from kit.agent import FIRST, SECOND, STANDARD, Agent
from kit.case import AgentCase
from kit.users import Guest

PATIENCE = 20


class Configuration(AgentCase):
    def reload(self, *, said):
        """Has the agent read its configuration, and waits until it has said so."""
        self.agent.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: said in self.agent.log)

    def check(self, *words):
        command = [os.path.join(os.environ["BERTH_BIN"], "berthd"), "--check", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_one_that_is_named_must_be_there(self):
        with tempfile.TemporaryDirectory() as folder:
            status, said = self.check("--config", f"{folder}/bert.yaml")
            self.assertNotEqual(status, 0)
            self.assertIn(f"{folder}/bert.yaml", said)
            pathlib.Path(folder, "berth.yaml").write_text("caps:\n  reservations: 1\n", encoding="ascii")
            self.assertEqual(self.check("--config", f"{folder}/berth.yaml")[0], 0)

    def test_one_that_has_gone_since_stays_in_force(self):
        self.agent.config.unlink()
        self.reload(said="the configuration stays as it was")
        self.assertEqual(Guest(self.agent, FIRST).reserve({"cpu": 1})[0], 201)
        self.agent.configure(STANDARD | {"roles": {"submit": {"users": [SECOND]}}})
        self.reload(said="the configuration was read again")
        status, problem = Guest(self.agent, FIRST).reserve({"cpu": 1})
        self.assertEqual((status, problem["code"]), (403, "role"))

    def test_what_only_a_start_takes_note_of_is_told(self):
        self.agent.configure(STANDARD | {"caps": {"connections": 7}, "plugins": {"folder": "/nowhere"}})
        self.reload(said="the configuration was read again")
        for key in ("caps.connections", "plugins.folder"):
            self.wait_for(lambda key=key: f"{key} is in force only from the next start" in self.agent.log)


class Files(AgentCase):
    def test_a_log_that_nobody_reads_ends_nothing(self):
        reading, writing = os.pipe()
        agent = Agent()
        try:
            agent.launch(log=writing)
            os.close(writing)
            self.wait_for(agent.is_listening)
            os.close(reading)
            for _ in range(3):
                agent.process.send_signal(signal.SIGHUP)
                time.sleep(0.1)
            self.assertTrue(agent.is_listening())
            agent.check_alive()
        finally:
            agent.clean()

    def test_a_ledger_that_is_damaged_while_it_runs_ends_it_and_the_next_begins_anew(self):
        agent = Agent().start()
        try:
            with agent.client() as client:
                self.assertEqual(client.reserve({"cpu": 1}, lease="1h").status, 201)
                with sqlite3.connect(agent.state / "berth.db") as ledger:
                    ledger.execute("DROP TABLE event")
                # It may be gone before it has said so.
                with contextlib.suppress(ConnectionResetError):
                    self.assertEqual(client.reserve({"cpu": 1}, lease="1h").status, 503)
            self.assertNotEqual(agent.process.wait(PATIENCE), 0)
            self.assertIn("set aside", agent.log)
            agent.start()
            with agent.client() as client:
                self.assertEqual(client.reserve({"cpu": 1}, lease="1h").status, 201)
        finally:
            agent.clean()
