"""An Idempotency-Key makes a retry safe."""
import concurrent.futures
import json
import subprocess
import sys
import threading

from kit.case import AgentCase, path


def key(text):
    return {"Idempotency-Key": text}


class Retry(AgentCase):
    def test_a_retry_gets_the_same_reservation(self):
        first = self.granted({"cpu": 1}, key("a"), name="x")
        for _ in range(3):
            answer = self.client.reserve({"cpu": 1}, key("a"), name="x")
            self.assert_ok(answer, 201)
            self.assertEqual(answer.json, first)
            self.assertEqual(answer.headers["Location"], path(first))
        self.assertEqual(len(self.live()), 1)

    def test_another_body_is_422(self):
        self.granted({"cpu": 1}, key("b"))
        for body in ({"resources": {"cpu": 2}}, {"resources": {"cpu": 1}, "name": "x"}):
            answer = self.client.post("/v1/reservations", body, headers=key("b"))
            self.assert_problem(answer, 422, "key_reused", parameter="Idempotency-Key")
        self.assertEqual(len(self.live()), 1)

    def test_other_keys_are_other_reservations(self):
        ids = {self.granted({"cpu": 0.1}, key(text))["id"] for text in ("c", "C", "c ", "c1", "~" * 255)}
        self.assertEqual(len(ids), 4, "white space around a field's value is no part of it")

    def test_what_was_refused_may_be_tried_again(self):
        blocker = self.granted({"cpu": 8})
        self.assert_problem(self.client.reserve({"cpu": 1}, key("d")), 409, "insufficient")
        self.client.delete(path(blocker))
        self.granted({"cpu": 1}, key("d"))

    def test_after_the_end_it_still_reserves_nothing(self):
        first = self.granted({"cpu": 1}, key("e"))
        ended = self.assert_ok(self.client.delete(path(first)))
        self.assertEqual(self.assert_ok(self.client.reserve({"cpu": 1}, key("e")), 201), ended)
        self.assert_problem(self.client.reserve({"cpu": 2}, key("e")), 422, "key_reused")
        self.assertEqual(self.live(), [])

    def test_at_once_it_reserves_once(self):
        start = threading.Barrier(16)

        def reserve(number):
            with self.agent.client() as client:
                client.get("/v1/health")
                start.wait()
                return client.reserve({"cpu": 0.1}, key(f"f{number}"))
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            for number in range(20):
                answers = list(pool.map(reserve, [number] * 16))
                self.assertEqual({answer.status for answer in answers}, {201})
                self.assertEqual([answer.json for answer in answers], [answers[0].json] * 16)
        self.assertEqual(len(self.live()), 20)

    def test_while_it_ends_it_is_not_reserved_again(self):
        with concurrent.futures.ThreadPoolExecutor(2) as pool, self.agent.client() as other:
            for number in range(100):
                first = self.granted({"cpu": 0.1}, key(f"g{number}"))
                release = pool.submit(other.delete, path(first))
                retries = [self.client.reserve({"cpu": 0.1}, key(f"g{number}")) for _ in range(3)]
                release.result()
                self.assertEqual({self.assert_ok(retry, 201)["id"] for retry in retries}, {first["id"]})
        self.assertEqual(self.live(), [])

    def test_a_retry_attaches_the_new_caller(self):
        first = self.granted({"cpu": 1}, key("h"), attach="caller", end="released")
        self.assertEqual(len(first["processes"]), 1)
        other = self.reserve_elsewhere('{"resources": {"cpu": 1}, "attach": "caller", "end": "released"}', "h")
        self.assertEqual(other["id"], first["id"])
        self.assertEqual(len(other["processes"]), 2)

    def reserve_elsewhere(self, body, text):
        """Reserves from a process of its own that stays until the end of the test."""
        program = (
            "import sys; sys.path.insert(0, '.'); from kit.client import Client\n"
            f"client = Client({self.agent.socket!r})\n"
            f"print(client.request('POST', '/v1/reservations', raw={body.encode()!r}, "
            f"headers={{'Idempotency-Key': {text!r}}}).bytes.decode(), flush=True)\nsys.stdin.read()")
        process = subprocess.Popen(
            [sys.executable, "-B", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.stdout.close)
        return json.loads(process.stdout.readline())

    def test_a_key_that_is_none_is_refused(self):
        for text in ("", "k" * 256, "a\tb", "ä"):
            with self.subTest(text[:5]):
                answer = self.client.reserve({"cpu": 1}, key(text))
                self.assert_problem(answer, 422, "invalid", parameter="Idempotency-Key")
        self.assertEqual(self.live(), [])

    def test_a_key_is_kept_over_a_restart_and_a_crash(self):
        first, second = self.granted({"cpu": 1}, key("i")), self.granted({"cpu": 1}, key("j"))
        self.assert_ok(self.client.delete(path(second)))
        for end in (self.agent.stop, self.agent.kill):
            end()
            self.agent.start()
            self.client.close()
            self.assertEqual(self.granted({"cpu": 1}, key("i"))["id"], first["id"])
            self.assertEqual(self.granted({"cpu": 1}, key("j"))["id"], second["id"])
        self.assertEqual(len(self.live()), 1)
