"""Bytes that are no request: a clear 4xx or a closed connection, and others are served."""
from kit.case import AgentCase
from kit.raw import exchange, statuses

GOOD = b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /v1/reservations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
HEADS = [
    b"\r\n\r\n\r\n\r\n", b"\x00" * 100, b"\xff\xfe" * 50, b"GET\r\n\r\n", b"GET /v1/health\r\n\r\n", b"GET /v1/health HTTP/9.9\r\n\r\n",
    b"GET /v1/health HTTP/1.1 x\r\n\r\n", b"get /v1/health http/1.1\r\n\r\n",
    b"GET v1/health HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /v1/he alth HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n", b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET * HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /v1/health HTTP/1.1\r\nHost x\r\n\r\n", b"GET /v1/health HTTP/1.1\r\n: x\r\n\r\n",
    b"GET /v1/health HTTP/1.1\r\nA: \x00\r\n\r\n", b"GET /v1/health HTTP/1.1\r\n A: folded\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET /v1/health HTTP/1.1\r\nUpgrade: h2c\r\nConnection: upgrade\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 9,
    POST + b"Content-Length: -1\r\n\r\n", POST + b"Content-Length: 1e3\r\n\r\n", POST + b"Content-Length: 99999999999999999999\r\n\r\n",
    POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    POST + b"Transfer-Encoding: gzip\r\n\r\n", POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    POST + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}\r\n0\r\n\r\n", POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
    POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}XX\r\n0\r\n\r\n", POST + b"Transfer-Encoding: chunked\r\n\r\n2;" + b"x" * 70000,
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n", b"GET /v1/health HTTP/1.1\r\n" + b"A: b\r\n" * 20_000 + b"\r\n",
    b"GET /v1/health HTTP/1.1\r\n" + b"A" * 100_000 + b": b\r\n\r\n", b"A" * 200_000, b"\r\n" * 200_000,
]
#: As much as a body may have, of what is wrong.
LARGE = [
    b"[" * 500_000, b'{"a":' * 100_000, b'{"resources":{' + b",".join(b'"k%d":1' % n for n in range(60_000)) + b"}}",
    b'{"resources":{"cpu":1},"labels":{' + b",".join(b'"k%d":"v"' % n for n in range(60_000)) + b"}}",
    b'{"resources":{"storage":[' + b",".join(b'{"device":"d%d","read":1}' % n for n in range(30_000)) + b"]}}",
    b'{"resources":{"gpu":{"amount":1,"where":{' + b",".join(b'"k%d":1' % n for n in range(60_000)) + b"}}}}",
    b'{"resources":{"gpu":{"amount":1,"where":{"vram":[' + b",".join([b'">=1"'] * 100_000) + b"]}}}}",
    b'{"resources":{"gpu":{"amount":1,"where":{"model":"~' + b"*a" * 400_000 + b'"}}}}',
    b'{"resources":{"gpu":{"amount":1,"where":{"vram":">=' + b"9" * 1_000_000 + b'"}}}}',
    b'{"name":"' + b"\\u0041" * 170_000 + b'"}', b'{"resources":{"cpu":' + b"9" * 1_000_000 + b"}}",
    b'{"resources":{"cpu":1e' + b"9" * 1_000_000 + b"}}", b'{"resources":{"cpu":0.' + b"0" * 1_000_000 + b"1}}",
    b'{"resources":{"cpu":"' + b"1" * 1_000_000 + b'"}}', b'{"resources":{"cpu":1},"lease":"' + b"1m" * 500_000 + b'x"}',
    b'{"resources":{"cpu":1},"name":"' + "e\u0301".encode() * 300_000 + b'"}',
]


class BadInput(AgentCase):
    def assert_served(self):
        self.assert_ok(self.client.get("/v1/health"))

    def test_what_is_no_http(self):
        for head in HEADS:
            with self.subTest(str(head[:90])):
                found = statuses(exchange(self.agent, head))
                self.assertTrue(found is not None and all(status < 500 or status == 505 for status in found), found)
                if b"HTTP/1.1\r\nUpgrade" not in head:
                    self.assertTrue(all(status >= 400 for status in found), found)
                self.assert_served()

    def test_nothing_is_done_for_a_body_that_breaks_off(self):
        body = b'{"resources":{"cpu":1}}'
        for data in (
            POST + b"Content-Length: 24\r\n\r\n" + body, POST + b"Transfer-Encoding: chunked\r\n\r\n17\r\n" + body,
            POST + b"Transfer-Encoding: chunked\r\n\r\n17\r\n" + body + b"\r\n", POST + b"Transfer-Encoding: chunked\r\n\r\n18\r\n" + body,
        ):
            with self.subTest(str(data[-60:])):
                found = statuses(exchange(self.agent, data))
                self.assertNotIn(201, found)
                self.assertEqual(self.live(), [])

    def test_one_request_is_not_two(self):
        # Where two readers of a head disagree on its end, one of them is fooled: nothing behind it may be read.
        inner = b"DELETE /v1/reservations HTTP/1.1\r\nHost: x\r\n\r\n"
        for head in (
            POST + b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % (5 + len(inner)),
            POST + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(inner),
            POST + b"Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        ):
            with self.subTest(str(head[80:])):
                self.assertLessEqual(len(statuses(exchange(self.agent, head + inner))), 1)

    def test_a_half_closed_socket_gets_its_answers(self):
        self.assertEqual(statuses(exchange(self.agent, GOOD * 3)), [200] * 3)
        self.assertEqual(statuses(exchange(self.agent, b"")), [])
        self.assertEqual(statuses(exchange(self.agent, GOOD + GOOD[:20])), [200])

    def test_a_body_of_10_mb_is_413_and_costs_nothing(self):
        before = self.agent.memory_kib
        for _ in range(5):
            received = exchange(self.agent, POST + b"Content-Length: 10000000\r\n\r\n" + b" " * 10_000_000)
            self.assertEqual(statuses(received), [413], received[:200])
            chunks = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
            received = exchange(self.agent, POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks * 10 + b"0\r\n\r\n")
            self.assertEqual(statuses(received), [413], received[:200])
            self.assert_served()
        self.assertLess(self.agent.memory_kib, before + 32 * 1024)

    def test_large_documents_are_refused_at_once_and_in_few_words(self):
        for body in LARGE:
            with self.subTest(str(body[:50])):
                try:
                    with self.agent.client(timeout=10) as client:
                        answer = client.request("POST", "/v1/reservations", raw=body)
                except OSError as error:
                    # It may still be at it, and the next document is another matter.
                    self.agent.kill()
                    self.agent.start()
                    self.client.close()
                    self.fail(f"a body of {len(body)} bytes, and nobody is served: {error!r}")
                self.assertIn(answer.status, (400, 422), answer)
                self.assertLess(len(answer.bytes), 1 << 20)
                self.assert_served()
