"""DELETE, and looking at what has ended."""
import concurrent.futures

from kit.case import AgentCase, path
from kit.child import Child


class Release(AgentCase):
    def test_it_answers_with_the_last_state_and_frees(self):
        reservation = self.granted({"cpu": 8, "gpu": 4})
        ended = self.assert_ok(self.client.delete(path(reservation)))
        self.assertEqual((ended["state"], ended["reason"]), ("released", "released"))
        self.assertIn("ended_at", ended)
        unchanged = {name: value for name, value in ended.items() if name not in ("state", "reason", "ended_at")}
        self.assertEqual(unchanged, {name: reservation[name] for name in unchanged})
        self.granted({"cpu": 8, "gpu": 4})

    def test_again_is_the_same_answer(self):
        child = Child()
        self.addCleanup(child.end)
        for more in ({}, {"lease": 60, "name": "x", "labels": {"a": "b"}}):
            reservation = self.granted({"cpu": {"amount": 2, "exclusive": True}, "gpu": 1}, **more)
            self.client.post(path(reservation, "/attach"), {"pid": child.pid})
            first = self.client.delete(path(reservation))
            self.assert_ok(first)
            for _ in range(3):
                again = self.client.delete(path(reservation))
                self.assertEqual((again.status, again.json), (first.status, first.json))
            self.assertEqual(self.look(reservation), first.json)

    def test_right_after_it_is_known_to_everybody(self):
        with self.agent.client() as other:
            for _ in range(200):
                reservation = self.granted({"cpu": 8})
                ended = self.assert_ok(self.client.delete(path(reservation)))
                self.assertEqual(self.assert_ok(other.get(path(reservation))), ended)

    def test_at_once_from_many_it_is_the_same_answer(self):
        def release(reservation):
            with self.agent.client() as client:
                return client.delete(path(reservation))
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for _ in range(10):
                reservation = self.granted({"cpu": 1})
                answers = list(pool.map(release, [reservation] * 8))
                self.assertEqual({answer.status for answer in answers}, {200})
                self.assertEqual([answer.json for answer in answers], [answers[0].json] * 8)
        names = [event.name for event in self.events() if event.data.get("reservation") == reservation["id"]]
        self.assertEqual(names.count("ended"), 1)

    def test_grace_is_a_duration(self):
        for grace in ("0s", "10s", "5", "1h"):
            self.assert_ok(self.client.delete(path(self.granted({"cpu": 1}), f"?grace={grace}")))
        reservation = self.granted({"cpu": 1})
        for grace in ("", "-1s", "2h", "soon", "1e3", "99999999999999999999s"):
            with self.subTest(grace):
                answer = self.client.delete(path(reservation, f"?grace={grace}"))
                self.assert_problem(answer, 422, "invalid", parameter="grace")
        self.assertEqual(self.look(reservation)["state"], "confirmed")

    def test_an_unknown_one_is_404(self):
        for unknown in ("000000000000", "nope", "00000000000w", "0000000000000"):
            self.assert_problem(self.client.delete(f"/v1/reservations/{unknown}"), 404, "unknown")
            self.assert_problem(self.client.get(f"/v1/reservations/{unknown}"), 404, "unknown")
