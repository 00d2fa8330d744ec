"""Caps of users: 429 for too much open, 409 for too much held."""
import contextlib

from kit.agent import FIRST, SECOND, STANDARD
from kit.case import AgentCase, path
from kit.users import Guest, as_user


class Standard(AgentCase):
    def test_a_user_has_64_connections_and_root_more(self):
        def act():
            with contextlib.ExitStack() as stack:
                clients = [stack.enter_context(self.agent.client()) for _ in range(65)]
                first = [client.get("/v1/health").status for client in clients[:64]]
                refused = clients[64].get("/v1/health")
                clients[0].close()
                return first, refused.status, refused.json, refused.headers["Retry-After"]
        first, status, problem, retry_after = as_user(FIRST, act)
        self.assertEqual(first, [200] * 64)
        self.assertEqual((status, problem["code"], problem["cap"]), (429, "too_many", {"name": "connections", "most": 64}))
        self.assertGreaterEqual(int(retry_after), 0)
        with contextlib.ExitStack() as stack:
            for _ in range(100):
                self.assert_ok(stack.enter_context(self.agent.client()).get("/v1/health"))
        self.wait_for(lambda: Guest(self.agent, FIRST).request("GET", "/v1/health")[0] == 200)

    def test_a_user_has_1000_reservations_and_leases_of_a_day(self):
        def act():
            with self.agent.client() as client:
                statuses = [client.reserve({"pids": 1}).status for _ in range(1000)]
                return statuses, client.reserve({"pids": 1}).json, client.reserve({"pids": 1}, lease="25h").json
        statuses, problem, lease = as_user(FIRST, act)
        self.assertEqual(set(statuses), {201})
        self.assertEqual((problem["status"], problem["code"]), (429, "too_many"))
        self.assertEqual(problem["cap"], {"name": "reservations", "most": 1000})
        self.assertEqual((lease["status"], lease["code"], lease["cap"]["name"]), (409, "cap", "lease"))
        self.assertEqual(Guest(self.agent, SECOND).reserve({"pids": 1})[0], 201)
        self.granted({"pids": 1}, lease="1000h")


class Stated(AgentCase):
    config = STANDARD | {
        "caps": {"reservations": 3, "lease": "1m", "connections": 2, "resources": {"cpu": 4, "memory": "8GiB", "gpu": 1}},
    }

    def setUp(self):
        super().setUp()
        self.user = Guest(self.agent, FIRST)

    def test_what_is_held_in_all_is_capped_by_type(self):
        status, reservation = self.user.reserve({"cpu": 3, "memory": "6GiB"})
        self.assertEqual(status, 201)
        status, problem = self.user.reserve({"cpu": 1.5})
        self.assertEqual((status, problem["code"], problem["pointer"]), (409, "cap", "/resources/cpu"))
        self.assertEqual({name: float(value) for name, value in problem["cap"].items() if name != "name"}, {
            "most": 4, "held": 3, "asked": 1.5})
        for resources in ({"memory": "3GiB"}, {"gpu": 2}, {"cpu": {"amount": 2, "exclusive": True}}):
            self.assertEqual(self.user.reserve(resources)[1]["code"], "cap")
        self.assertEqual(self.user.reserve({"cpu": 1, "gpu": 1})[0], 201)
        self.assertEqual(self.user.request("PATCH", path(reservation), {"resources": {"cpu": 4}})[1]["code"], "cap")
        self.assertEqual(Guest(self.agent, SECOND).reserve({"cpu": 4})[0], 201)

    def test_shrinking_is_always_allowed(self):
        status, reservation = self.user.reserve({"cpu": 4, "memory": "8GiB"})
        self.assertEqual(self.user.request("PATCH", path(reservation), {"resources": {"cpu": 1}})[0], 200)

    def test_reservations_leases_and_connections(self):
        for _ in range(3):
            self.assertEqual(self.user.reserve({"cpu": 0.1}, lease="1m")[0], 201)
        self.assertEqual(self.user.reserve({"cpu": 0.1})[0], 429)
        reservation = self.user.request("GET", "/v1/reservations")[1]["reservations"][0]
        answer = self.user.request("POST", path(reservation, "/renew"), {"lease": "2m"})
        self.assertEqual((answer[0], answer[1]["code"]), (409, "cap"))

        def act():
            with self.agent.client() as one, self.agent.client() as two, self.agent.client() as three:
                return [client.get("/v1/health").status for client in (one, two, three)]
        self.assertEqual(as_user(FIRST, act), [200, 200, 429])

    def test_root_has_no_caps(self):
        self.granted({"cpu": 5, "memory": "9GiB", "gpu": 2}, lease="1h")
        for _ in range(4):
            self.granted({"cpu": 0.1})
