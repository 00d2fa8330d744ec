"""What the agent says of itself is what tools of others read."""
import json
import pathlib
import subprocess
import tempfile

from kit import venv
from kit.case import AgentCase


class Documents(AgentCase):
    def test_the_description_is_openapi(self):
        answer = self.client.get("/openapi.json")
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            file.write(answer.bytes)
            file.flush()
            self.assert_accepted([venv.folder() / "openapi-spec-validator", file.name])
            # The validator refuses what is wrong.
            document = answer.json
            document["paths"]["/v1/health"]["get"]["responses"] = 7
            pathlib.Path(file.name).write_text(json.dumps(document, default=str))
            validated = subprocess.run([venv.folder() / "openapi-spec-validator", file.name], capture_output=True)
            self.assertNotEqual(validated.returncode, 0)

    def test_every_call_of_the_contract_is_described(self):
        paths = self.client.get("/openapi.json").json["paths"]
        calls = {(method, path) for path, methods in paths.items() for method in methods}
        reservation = "/v1/reservations/{id}"
        self.assertLessEqual({
            ("post", "/v1/reservations"), ("get", "/v1/reservations"), ("get", reservation), ("patch", reservation),
            ("delete", reservation), ("post", f"{reservation}/attach"), ("post", f"{reservation}/renew"),
            ("get", "/v1/resources"), ("get", "/v1/events"), ("get", "/v1/host"), ("get", "/v1/health"),
            ("get", "/openapi.json"), ("get", "/metrics"),
        }, calls)

    def test_metrics_are_as_prometheus_wants_them(self):
        self.granted({"cpu": {"amount": 2, "exclusive": True}, "memory": "1GiB"})
        for path in ("/v1/reservations", "/nope", "/v1/reservations/000000000000"):
            self.client.get(path)
        answer = self.client.get("/metrics")
        self.assertEqual(answer.headers["Content-Type"].replace(" ", ""), "text/plain;version=0.0.4;charset=utf-8")
        self.assert_accepted(["promtool", "check", "metrics"], answer.bytes)
        refused = subprocess.run(["promtool", "check", "metrics"], input=answer.bytes + b"x{ 1\n", capture_output=True)
        self.assertNotEqual(refused.returncode, 0)
        lines = answer.bytes.decode().splitlines()
        self.assertIn('berth_resource_held{type="cpu",unit="cpus"} 2', lines)
        self.assertIn('berth_resource_capacity{type="cpu",unit="cpus"} 8', lines)

    def test_what_clients_send_makes_no_new_rows(self):
        def rows():
            return len(self.client.get("/metrics").bytes.splitlines())
        for method, path in (("GET", "/nope"), ("BREW", "/v1/health"), ("PUT", "/nope")):
            self.client.request(method, path)
        rows()
        before = rows()
        for number in range(50):
            self.client.get(f"/nope/{number}\"\\n")
            self.client.request(f"PUT{'X' * number}", f"/nope/{number}")
            self.client.get(f"/v1/reservations/{number:012}")
        # The calls that were new among them, and no row for each.
        self.assertLessEqual(rows(), before + 3)

    def assert_accepted(self, command, data=None):
        checked = subprocess.run(command, input=data, capture_output=True)
        self.assertEqual(checked.returncode, 0, (checked.stdout + checked.stderr).decode())
