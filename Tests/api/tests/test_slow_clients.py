"""Clients that send byte by byte, stop in the middle, or never read."""
import concurrent.futures
import threading
import time

from kit.case import AgentCase
from kit.raw import statuses

#: The header's and the body's deadline, and how much later it may be kept on a busy machine.
DEADLINE, LATE = 10, 4
HEAD = b"POST /v1/reservations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


class SlowClients(AgentCase):
    def outcome(self, begin, drip):
        """Sends `begin`, then one byte of `drip` every half second, until the agent closes. Returns what came, and when."""
        plain = self.agent.connect()
        plain.settimeout(0.5)
        began = time.monotonic()
        received = b""
        with plain:
            plain.sendall(begin)
            while time.monotonic() - began < 2 * DEADLINE:
                try:
                    if drip:
                        plain.sendall(drip[:1])
                        drip = drip[1:]
                    more = plain.recv(65536)
                    if not more:
                        break
                    received += more
                except TimeoutError:
                    continue
                except ConnectionError:
                    break
        return received, time.monotonic() - began

    def test_what_is_not_complete_in_time_is_408(self):
        slow = {
            "no byte of a header": (b"", b""), "a header that stops": (HEAD, b""), "a header byte by byte": (b"", HEAD * 20),
            "a header with an endless field": (HEAD + b"A: ", b"a" * 1000), "a body that stops": (HEAD + b"Content-Length: 50\r\n\r\n{", b""),
            "a body byte by byte": (HEAD + b"Content-Length: 500\r\n\r\n", b" " * 500),
            "chunks byte by byte": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 100),
            "a chunk's length without end": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 500),
            "empty lines without end": (b"", b"\r\n" * 500),
        }
        served, done = [], threading.Event()

        def serve():
            with self.agent.client() as client:
                while not done.is_set():
                    began = time.monotonic()
                    answer = client.reserve({"cpu": 0.01}, lease=60)
                    client.delete(f"/v1/reservations/{answer.json['id']}")
                    served.append(time.monotonic() - began)
                    time.sleep(0.05)
        other = threading.Thread(target=serve)
        other.start()
        with concurrent.futures.ThreadPoolExecutor(len(slow)) as pool:
            outcomes = dict(zip(slow, pool.map(lambda how: self.outcome(*how), slow.values())))
        done.set()
        other.join()
        nothing, _ = outcomes.pop("no byte of a header")
        self.assertEqual(nothing, b"", "an idle connection may wait for its first byte")
        for how, (received, seconds) in outcomes.items():
            with self.subTest(how):
                # Empty lines and a chunk's length are no header and no body: closing without a word will do.
                self.assertIn(statuses(received), ([408], [400], []) if "without end" in how else ([408],), received)
                self.assertGreater(seconds, DEADLINE - 1)
                self.assertLess(seconds, DEADLINE + LATE)
        self.assertLess(max(served), 2)
        self.assertEqual(self.live(), [])

    def test_who_never_reads_costs_little_and_holds_nobody_up(self):
        self.client.get("/openapi.json")
        before = self.agent.memory_kib
        deaf = [self.agent.connect() for _ in range(20)]
        for plain in deaf:
            self.addCleanup(plain.close)
            plain.setblocking(False)
            try:
                while True:
                    plain.send(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
            except BlockingIOError:
                pass
        for _ in range(50):
            began = time.monotonic()
            self.assert_ok(self.client.get("/v1/health"))
            self.assertLess(time.monotonic() - began, 2)
            time.sleep(0.02)
        self.assertLess(self.agent.memory_kib, before + 64 * 1024)

    def test_a_stream_that_is_not_read_does_not_grow(self):
        plain = self.agent.connect()
        self.addCleanup(plain.close)
        plain.sendall(b"GET /v1/events?since=0 HTTP/1.1\r\nHost: x\r\n\r\n")
        for _ in range(100):
            self.client.delete(f"/v1/reservations/{self.granted({'cpu': 1})['id']}")
        before = self.agent.memory_kib
        for _ in range(1500):
            self.client.delete(f"/v1/reservations/{self.granted({'cpu': 1})['id']}")
        self.assertLess(self.agent.memory_kib, before + 32 * 1024)
