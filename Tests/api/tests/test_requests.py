"""Requests that are refused before anything is counted."""
import json

from kit.case import AgentCase

FIELDS = [
    ({"resources": {}}, "/resources"), ({}, "/resources"), ({"resources": None}, "/resources"),
    ({"resources": [1]}, "/resources"), ([], ""), ("x", ""), (7, ""), (None, ""),
    ({"resources": {"cpu": 1}, "name": ""}, "/name"), ({"resources": {"cpu": 1}, "name": "a" * 129}, "/name"),
    ({"resources": {"cpu": 1}, "name": "a\nb"}, "/name"), ({"resources": {"cpu": 1}, "name": "a\u001b[31m"}, "/name"),
    ({"resources": {"cpu": 1}, "name": "a\u202eb"}, "/name"), ({"resources": {"cpu": 1}, "name": 7}, "/name"),
    ({"resources": {"cpu": 1}, "lease": 0}, "/lease"), ({"resources": {"cpu": 1}, "lease": -1}, "/lease"),
    ({"resources": {"cpu": 1}, "lease": "soon"}, "/lease"), ({"resources": {"cpu": 1}, "lease": 1e30}, "/lease"),
    ({"resources": {"cpu": 1}, "lease": "10x"}, "/lease"), ({"resources": {"cpu": 1}, "lease": "99999d"}, "/lease"),
    ({"resources": {"cpu": 1}, "lease": True}, "/lease"), ({"resources": {"cpu": 1}, "end": "never"}, "/end"),
    ({"resources": {"cpu": 1}, "enforce": "maybe"}, "/enforce"), ({"resources": {"cpu": 1}, "attach": "child"}, "/attach"),
    ({"resources": {"cpu": 1}, "strategy": "best"}, "/strategy"),
    ({"resources": {"cpu": 1}, "labels": []}, "/labels"), ({"resources": {"cpu": 1}, "labels": {"a": 1}}, "/labels/a"),
    ({"resources": {"cpu": 1}, "labels": {"a b": "x"}}, "/labels/a b"),
    ({"resources": {"cpu": 1}, "labels": {"../a": "x"}}, "/labels/..~1a"),
    ({"resources": {"cpu": 1}, "labels": {"a": "x\u0000"}}, "/labels/a"),
    ({"resources": {"cpu": 1}, "labels": {"a" * 65: "x"}}, "/labels/" + "a" * 65),
    ({"resources": {"cpu": 1}, "labels": {f"k{i}": "" for i in range(65)}}, "/labels"),
]
UNKNOWN = [
    ({"resources": {"cpu": 1}, "leese": 1}, "/leese", "lease"), ({"resources": {"memroy": 1}}, "/resources/memroy", "memory"),
    ({"resources": {"cpu": {"amuont": 1}}}, "/resources/cpu/amuont", "amount"),
    ({"resources": {"storage": [{"device": "vda", "raed": 1}]}}, "/resources/storage/0/raed", "read"),
    ({"resuorces": {"cpu": 1}}, "/resuorces", "resources"),
]
NO_JSON = [
    b"", b"{", b"{}}", b"nul", b"{'a':1}", b'{"a":01}', b'{"a":1,}', b'{"a":NaN}', b'{"a":"\xff"}', b'{"a":"\\ud800"}', b'{"a":"\t"}',
    b"\xef\xbb\xbf{}", b"\x00", b"[" * 65 + b"]" * 65, b'{"resources":' * 65 + b"1" + b"}" * 65, b"// comment\n{}",
]
DUPLICATES = [b'{"resources":{"cpu":1},"resources":{"cpu":2}}', b'{"resources":{"cpu":1,"cpu":2}}']


class Requests(AgentCase):
    def tearDown(self):
        self.assertEqual(self.live(), [])
        super().tearDown()

    def test_a_field_that_is_wrong_is_named_by_its_pointer(self):
        for body, pointer in FIELDS:
            with self.subTest(str(body)[:80]):
                answer = self.client.request("POST", "/v1/reservations", raw=json.dumps(body).encode())
                self.assert_problem(answer, 422, "invalid", pointer=pointer)

    def test_an_unknown_field_comes_with_the_nearest_known_name(self):
        for body, pointer, nearest in UNKNOWN:
            with self.subTest(pointer):
                problem = self.assert_problem(self.client.post("/v1/reservations", body), 422, "invalid", pointer=pointer)
                self.assertIn(f'"{nearest}"', problem["hint"])

    def test_a_plugin_that_nobody_has_is_no_type(self):
        answer = self.client.reserve({"vendor.example/seats": 1})
        self.assert_problem(answer, 422, "invalid", pointer="/resources/vendor.example~1seats")

    def test_what_is_no_json_is_400(self):
        for body in NO_JSON:
            with self.subTest(str(body[:40])):
                answer = self.client.request("POST", "/v1/reservations", raw=body)
                problem = self.assert_problem(answer, 400, "malformed")
                self.assertLessEqual({"line", "column", "offset"}, problem.keys())

    def test_a_name_that_is_given_twice_is_refused(self):
        for body in DUPLICATES:
            with self.subTest(str(body)):
                self.assertIn(self.client.request("POST", "/v1/reservations", raw=body).status, (400, 422))

    def test_required_enforcement_is_refused_where_nothing_is_enforced(self):
        answer = self.client.reserve({"cpu": 1, "memory": 1}, enforce="required")
        problem = self.assert_problem(answer, 409, "unenforceable")
        self.assertEqual({receipt["status"] for receipt in problem["receipts"]}, {"unsupported"})
        self.wait_for(lambda: self.resource("cpu")["held"] == 0)
