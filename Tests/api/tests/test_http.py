"""What every call has in common: paths, methods, media types, sizes."""
from kit.case import AgentCase, path

MIB = 1 << 20


class HTTP(AgentCase):
    def test_a_path_that_is_none_is_404_with_the_nearest(self):
        for target in ("/", "/v1", "/v2/reservations", "/v1/reservations/", "/v1/reservations/x/y", "/v1/reservations//attach",
                       "/v1/reservations/000000000000/attach/", "//v1/health", "/V1/HEALTH", "/v1/health/", "/../etc/passwd",
                       "/%2e%2e/etc/passwd", "/openapi.yaml"):
            with self.subTest(target):
                self.assert_problem(self.client.get(target), 404, "unknown")
        problem = self.assert_problem(self.client.get("/v1/reservation"), 404, "unknown")
        self.assertIn("/v1/reservations", problem["hint"])

    def test_a_method_that_is_none_is_405_with_those_there_are(self):
        reservation = path(self.granted({"cpu": 1}))
        for method, target, allow in (
            ("PUT", "/v1/reservations", {"GET", "HEAD", "POST"}), ("DELETE", "/v1/reservations", {"GET", "HEAD", "POST"}),
            ("POST", reservation, {"GET", "HEAD", "PATCH", "DELETE"}), ("GET", reservation + "/attach", {"POST"}),
            ("GET", reservation + "/renew", {"POST"}), ("POST", "/v1/resources", {"GET", "HEAD"}),
            ("DELETE", "/v1/events", {"GET", "HEAD"}), ("PATCH", "/openapi.json", {"GET", "HEAD"}),
            ("OPTIONS", "/v1/health", {"GET", "HEAD"}), ("BREW", "/metrics", {"GET", "HEAD"}),
        ):
            with self.subTest(f"{method} {target}"):
                answer = self.client.request(method, target)
                if method == "BREW":
                    self.assertIn(answer.status, (400, 405, 501))
                    continue
                self.assert_problem(answer, 405, "method")
                self.assertEqual({word.strip() for word in answer.headers["Allow"].split(",")}, allow)

    def test_head_is_get_without_a_body(self):
        self.granted({"cpu": 1})
        for target in ("/v1/reservations", "/v1/resources", "/v1/host", "/v1/health", "/openapi.json", "/metrics", "/nope"):
            with self.subTest(target):
                get, head = self.client.get(target), self.client.request("HEAD", target)
                self.assertEqual((head.status, head.bytes), (get.status, b""))
                self.assertEqual(head.headers["Content-Type"], get.headers["Content-Type"])

    def test_unknown_query_parameters_are_422(self):
        for target in ("/v1/reservations?stat=confirmed", "/v1/health?x=1", "/v1/resources?type=cpu", "/v1/reservations?state=x",
                       "/v1/reservations?state=confirmed&state=released"):
            with self.subTest(target):
                self.assert_problem(self.client.get(target), 422, "invalid")
        self.assert_problem(self.client.get("/v1/reservations?state=%zz"), 400, "malformed")

    def test_a_body_that_is_no_json_by_its_type_is_415(self):
        body = b'{"resources":{"cpu":1}}'
        for name, value in (
            ("Content-Type", "application/xml"), ("Content-Type", "text/plain"), ("Content-Type", "json"),
            ("Content-Type", "application/json5"), ("Content-Type", ""), ("Content-Encoding", "gzip"),
        ):
            with self.subTest(f"{name}: {value}"):
                answer = self.client.request("POST", "/v1/reservations", raw=body, headers={name: value})
                self.assert_problem(answer, 415, "content_type")
        for value in ("application/json", "application/json; charset=utf-8", "Application/JSON"):
            answer = self.client.request("POST", "/v1/reservations", raw=body, headers={"Content-Type": value})
            self.assert_ok(answer, 201)

    def test_a_body_may_have_a_mebibyte(self):
        body = b'{"resources":{"cpu":1}}'
        answer = self.client.request("POST", "/v1/reservations", raw=body.ljust(MIB))
        self.assert_ok(answer, 201)
        answer = self.client.request("POST", "/v1/reservations", raw=body.ljust(MIB + 1))
        self.assert_problem(answer, 413, "too_large")
        answer = self.client.request("POST", "/v1/reservations", raw=iter([body.ljust(MIB), b" "]))
        self.assert_problem(answer, 413, "too_large")
        self.assertEqual(len(self.live()), 1)

    def test_a_header_may_have_so_much(self):
        answer = self.client.get("/v1/health", headers={"X": "a" * 8000})
        self.assert_ok(answer)
        answer = self.client.get("/v1/health", headers={"X": "a" * 70000})
        self.assert_problem(answer, 431, "head_too_large")

    def test_one_connection_serves_many_requests(self):
        self.client.get("/v1/health")
        first = self.client.connection.sock
        for _ in range(50):
            self.client.get("/v1/health")
            self.client.get("/nope")
        self.assertIs(self.client.connection.sock, first)

    def test_requests_in_a_row_are_answered_in_a_row(self):
        plain = self.agent.connect()
        self.addCleanup(plain.close)
        targets = ["/v1/health", "/nope", "/v1/resources", "/v1/reservations?x=1"] * 10
        plain.sendall(b"".join(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for target in targets[:-1]))
        plain.sendall(f"GET {targets[-1]} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        received = b"".join(iter(lambda: plain.recv(65536), b""))
        statuses = [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]]
        self.assertEqual(statuses, [200, 404, 200, 422] * 10)

    def test_http_1_0_is_answered_and_closed(self):
        plain = self.agent.connect()
        self.addCleanup(plain.close)
        plain.sendall(b"GET /v1/health HTTP/1.0\r\n\r\n")
        received = b"".join(iter(lambda: plain.recv(65536), b""))
        self.assertTrue(received.startswith(b"HTTP/1.0 200 "), received[:50])

    def test_expect_continue_is_told_to_go_on(self):
        plain = self.agent.connect()
        self.addCleanup(plain.close)
        body = b'{"resources":{"cpu":1}}'
        head = "POST /v1/reservations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        plain.sendall(f"{head}Expect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        self.assertTrue(plain.recv(100).startswith(b"HTTP/1.1 100 "))
        plain.sendall(body)
        self.assertTrue(plain.recv(65536).startswith(b"HTTP/1.1 201 "))
