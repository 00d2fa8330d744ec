"""Schemathesis finds no answer that the description does not have."""
import os
import socket
import subprocess
import time

from kit import venv
from kit.agent import FIRST
from kit.case import AgentCase

EXAMPLES = os.environ.get("BERTH_SCHEMATHESIS_EXAMPLES", "25")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


class Schemathesis(AgentCase):
    def setUp(self):
        super().setUp()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        # The peer that the agent sees is this relay, a user without privileges.
        relay = subprocess.Popen(
            ["socat", f"TCP-LISTEN:{self.port},bind=127.0.0.1,fork,reuseaddr,backlog=64", f"UNIX-CONNECT:{self.agent.socket}"],
            user=FIRST, group=FIRST, extra_groups=[], stdin=subprocess.DEVNULL)
        self.addCleanup(relay.wait)
        self.addCleanup(relay.terminate)
        self.wait_for(self.is_listening)

    def is_listening(self):
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
            return True
        except ConnectionRefusedError:
            return False

    def test_every_answer_is_described(self):
        began = time.monotonic()
        run = subprocess.run(
            [venv.folder() / "schemathesis", "run", f"http://127.0.0.1:{self.port}/openapi.json", "--checks", CHECKS,
             "--exclude-operation-id", "getEvents", "--exclude-operation-id", "arrive", "--max-examples", EXAMPLES, "--seed", os.environ["BERTH_SEED"],
             "--workers", "1", "--continue-on-failure", "--warnings", "off", "--no-color"],
            cwd=self.agent.folder, capture_output=True, text=True)
        print(f"schemathesis took {time.monotonic() - began:.0f} s with {EXAMPLES} examples an operation")
        self.assertEqual(run.returncode, 0, run.stdout[-12000:] + run.stderr[-4000:])
        # The connection has been idle for long.
        self.client.close()
        self.assertGreater(self.client.get("/v1/health").json["last_event"], 20, "it reserved nothing")
