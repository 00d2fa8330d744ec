"""One user cannot see into, resize, attach to or release another user's reservation."""
import os
import signal
import stat

from kit.agent import FIRST, SECOND, STRANGER
from kit.case import AgentCase, path
from kit.child import Child
from kit.stream import Stream
from kit.users import Guest, as_user


class Users(AgentCase):
    def setUp(self):
        super().setUp()
        self.first, self.second = Guest(self.agent, FIRST), Guest(self.agent, SECOND)
        self.stranger = Guest(self.agent, STRANGER)

    def reserved(self, guest, resources=None, **more):
        status, reservation = guest.reserve(resources or {"cpu": 1}, **more)
        self.assertEqual(status, 201, reservation)
        return reservation

    def assert_refused(self, answer, code, status=403):
        self.assertEqual((answer[0], answer[1]["code"]), (status, code), answer)

    def child(self, user):
        child = Child(user)
        self.addCleanup(child.end)
        return child

    def calls(self, reservation):
        """Every call on a reservation."""
        return [
            ("GET", path(reservation), None), ("PATCH", path(reservation), {"resources": {"cpu": 2}}),
            ("POST", path(reservation, "/attach"), {}), ("POST", path(reservation, "/renew"), {"lease": 60}),
            ("DELETE", path(reservation), None),
        ]

    def test_a_reservation_belongs_to_who_made_it(self):
        reservation = self.reserved(self.first, lease=60)
        self.assertEqual(reservation["user"], FIRST)
        for method, target, body in self.calls(reservation):
            with self.subTest(method + target):
                self.assertEqual(self.first.request(method, target, body)[0], 200)

    def test_another_user_is_refused_every_call(self):
        reservation, child = self.reserved(self.first, lease=60), self.child(SECOND)
        before = self.look(reservation)
        calls = self.calls(reservation) + [("POST", path(reservation, "/attach"), {"pid": child.pid})]
        for method, target, body in calls:
            with self.subTest(f"{method} {target} {body}"):
                self.assert_refused(self.second.request(method, target, body), "not_yours")
        self.assertEqual(self.look(reservation), before)

    def test_an_ended_one_is_still_its_owner_s(self):
        reservation = self.reserved(self.first)
        self.assertEqual(self.first.request("DELETE", path(reservation))[0], 200)
        for method, target, body in self.calls(reservation):
            with self.subTest(method + target):
                self.assert_refused(self.second.request(method, target, body), "not_yours")
        self.assertEqual(self.first.request("GET", path(reservation))[0], 200)

    def test_a_refusal_tells_nothing_of_the_other_s(self):
        reservation = self.reserved(self.first, name="secret-name", labels={"secret": "label"})
        for method, target, body in self.calls(reservation):
            self.assertNotIn("secret", str(self.second.request(method, target, body)))

    def test_lists_show_the_own_ones_and_root_s_all(self):
        mine, other, roots = self.reserved(self.first), self.reserved(self.second), self.granted({"cpu": 1})
        for guest, own in ((self.first, mine), (self.second, other)):
            for query in ("", "?state=confirmed"):
                status, document = guest.request("GET", "/v1/reservations" + query)
                self.assertEqual([each["id"] for each in document["reservations"]], [own["id"]])
        self.assertEqual({each["id"] for each in self.live()}, {mine["id"], other["id"], roots["id"]})
        for guest, own in ((self.first, mine), (self.second, other)):
            guest.request("DELETE", path(own))
        ended = self.second.request("GET", "/v1/reservations?state=released")[1]["reservations"]
        self.assertEqual({each["user"] for each in ended}, {SECOND})

    def test_events_show_the_own_ones_and_the_host(self):
        mine, other = self.reserved(self.first), self.reserved(self.second)
        self.first.request("DELETE", path(mine))
        last = self.reserved(self.second)["id"]

        def seen(query="?since=0"):
            with Stream(self.agent.socket, query) as stream:
                for event in stream:
                    yield event
                    if event.data.get("reservation") == last and event.name == "granted":
                        return
        events = as_user(SECOND, lambda: [tuple(event) for event in seen()])
        seen_ids = {data.get("reservation") for _, _, data in events}
        self.assertIn(other["id"], seen_ids)
        self.assertNotIn(mine["id"], seen_ids)
        self.assertEqual(events[0][1:2], ("booted",))
        self.assertEqual([number for number, _, _ in events], sorted(number for number, _, _ in events))
        # Asking for just the other's does not help.
        def peek():
            with Stream(self.agent.socket, f"?since=0&reservation={mine['id']}", timeout=1) as stream:
                try:
                    return next(iter(stream))
                except TimeoutError:
                    return None
        self.assertIsNone(as_user(SECOND, peek))

    def test_what_is_the_other_s_is_not_free(self):
        self.reserved(self.first, {"gpu": 4})
        answer = self.second.reserve({"gpu": 1}, name="x")
        self.assert_refused(answer, "insufficient", 409)

    def test_a_process_of_another_user_cannot_be_attached(self):
        reservation = self.reserved(self.second)
        for process in (self.child(FIRST).pid, self.child(0).pid, os.getpid()):
            with self.subTest(process):
                answer = self.second.request("POST", path(reservation, "/attach"), {"pid": process})
                self.assert_refused(answer, "not_yours")
        # Those nobody attaches, and everybody is told so.
        for process in (1, self.agent.process.pid):
            with self.subTest(process):
                answer = self.second.request("POST", path(reservation, "/attach"), {"pid": process})
                self.assert_refused(answer, "invalid", 422)
        own = self.child(SECOND)
        answer = self.second.request("POST", path(reservation, "/attach"), {"pid": own.pid})
        self.assertEqual((answer[0], answer[1]["processes"]), (200, [own.pid]))

    def test_a_caller_that_only_acts_as_the_user_cannot_be_attached(self):
        # Effective user the second's, real one root: kill(2) and the like would let root through.
        def act():
            os.setresuid(0, SECOND, 0)
            with self.agent.client() as client:
                reservation = client.reserve({"cpu": 1}).json
                return reservation["user"], client.post(path(reservation, "/attach"), {}).status, client.reserve(
                    {"cpu": 1}, attach="caller").status
        self.assertEqual(as_user(0, act), (SECOND, 403, 403))

    def test_root_attaches_and_ends_anybody_s(self):
        reservation, child = self.reserved(self.first), self.child(FIRST)
        self.assert_ok(self.client.post(path(reservation, "/attach"), {"pid": child.pid}))
        self.assertEqual(self.assert_ok(self.client.delete(path(reservation)))["user"], FIRST)

    def test_keys_are_each_user_s_own(self):
        for guest in (self.first, self.second):
            answer = guest.request(
                "POST", "/v1/reservations", {"resources": {"cpu": 1}}, headers={"Idempotency-Key": "same"})
            self.assertEqual((answer[0], answer[1]["user"]), (201, guest.user))
        self.assertEqual(len(self.live()), 2)

    def test_without_a_role_everything_but_health_and_the_description_is_403(self):
        reservation = self.reserved(self.first)
        calls = self.calls(reservation) + [
            ("GET", "/v1/reservations", None), ("POST", "/v1/reservations", {"resources": {"cpu": 1}}),
            ("GET", "/v1/resources", None), ("GET", "/v1/host", None), ("GET", "/metrics", None), ("GET", "/v1/events", None),
            ("POST", "/v1/explain", {"resources": {"cpu": 1}}),
        ]
        for method, target, body in calls:
            with self.subTest(method + target):
                answer = self.stranger.request(method, target, body)
                self.assert_refused(answer, "role")
                self.assertIn(answer[1]["role"], ("observe", "submit"))
        for target in ("/v1/health", "/openapi.json"):
            self.assertEqual(self.stranger.request("GET", target)[0], 200)


class Observers(AgentCase):
    config = {"roles": {"others": "observe", "submit": {"groups": [SECOND]}, "admin": {"users": [FIRST]}}}

    def test_roles_are_by_user_and_by_group_and_for_all_others(self):
        observer, member, admin = (Guest(self.agent, user) for user in (STRANGER, SECOND, FIRST))
        self.assertEqual(observer.request("GET", "/v1/resources")[0], 200)
        self.assertEqual(observer.reserve({"cpu": 1})[1]["role"], "submit")
        status, reservation = member.reserve({"cpu": 1})
        self.assertEqual(status, 201)
        self.assertEqual(observer.request("GET", path(reservation))[1]["code"], "not_yours")
        self.assertEqual(observer.request("DELETE", path(reservation))[1]["code"], "role")
        self.assertEqual(admin.request("GET", path(reservation))[0], 200)
        self.assertEqual(admin.request("DELETE", path(reservation))[0], 200)

    def test_the_socket_is_for_everybody_as_long_as_others_than_the_group_have_a_role(self):
        def mode():
            return stat.S_IMODE(os.stat(self.agent.socket).st_mode)
        self.assertEqual(mode(), 0o666)
        for config, expected in (({"roles": {"others": "none"}}, 0o660), ({"roles": {"submit": {"users": [FIRST]}}}, 0o666)):
            self.agent.configure(config)
            self.agent.process.send_signal(signal.SIGHUP)
            self.wait_for(lambda: mode() == expected)
        Guest(self.agent, FIRST).reserve({"cpu": 1})
