"""GET /v1/events: a log without gaps that can be resumed."""
import contextlib
import sqlite3
import threading
import time

from kit import host
from kit.case import AgentCase, path
from kit.stream import Stream


class EventCase(AgentCase):
    def stream(self, query="", **options):
        stream = Stream(self.agent.socket, query, **options)
        self.addCleanup(stream.close)
        return stream

    def last(self):
        return self.client.get("/v1/health").json["last_event"]

    def names(self, reservation):
        return [event.name for event in self.events() if event.data.get("reservation") == reservation["id"]]


class Events(EventCase):
    def test_the_log_begins_with_the_host(self):
        events = self.events()
        self.assertEqual([event.name for event in events[:2]], ["booted", "capacity_changed"])
        capacity = events[1].data["capacity"]
        self.assertEqual((capacity["cpu"], capacity["memory"], capacity["cpus"]), (8, host.MEMORY, "0-7"))

    def test_a_life_is_told_in_order_and_whole(self):
        began = self.last()
        reservation = self.granted({"cpu": 1, "memory": "1GiB"}, name="x", lease="1m")
        self.assert_ok(self.client.post(path(reservation, "/attach")))
        self.assert_ok(self.client.patch(path(reservation), {"resources": {"cpu": 2}}))
        self.assert_ok(self.client.post(path(reservation, "/renew"), {"lease": "2m"}))
        self.assert_ok(self.client.delete(path(reservation)))
        self.wait_for(lambda: self.events(began)[-1].name == "freed")
        events = self.events(began)
        self.assertEqual(
            [event.name for event in events],
            ["granted", "enforced", "attached", "resized", "renewed", "ended", "freed"])
        for event in events:
            self.assertEqual(event.data["reservation"], reservation["id"])
            self.assertRegex(event.data["at"], r"^\d{4}-\d\d-\d\dT[\d:.]+Z$")
        granted, enforced, attached, resized, renewed, ended, _ = (event.data for event in events)
        self.assertEqual((granted["user"], granted["name"], granted["resources"]), (0, "x", reservation["resources"]))
        self.assertEqual(granted["expires_at"], reservation["expires_at"])
        self.assertEqual(enforced["receipts"], reservation["receipts"])
        self.assertIsInstance(attached["pid"], int)
        self.assertEqual(resized["resources"]["cpu"]["amount"], 2)
        self.assertEqual((renewed["lease"], ended["state"], ended["reason"]), ("2m", "released", "released"))

    def test_ids_have_no_gaps(self):
        for number in range(30):
            self.client.delete(path(self.granted({"cpu": 0.1})))
        ids = [event.id for event in self.events()]
        self.assertEqual(ids, list(range(1, ids[-1] + 1)))

    def test_it_resumes_after_since_or_last_event_id(self):
        for _ in range(5):
            self.granted({"cpu": 0.1})
        everything = self.events()
        middle = everything[len(everything) // 2].id
        rest = [event for event in everything if event.id > middle]
        for query, headers in (
            (f"?since={middle}", {}), ("", {"Last-Event-ID": str(middle)}), ("?since=1", {"Last-Event-ID": str(middle)}),
        ):
            with self.subTest(query):
                stream = iter(self.stream(query, headers=headers))
                self.assertEqual([next(stream) for _ in rest], rest)

    def test_without_since_it_begins_now(self):
        self.granted({"cpu": 1})
        stream = iter(self.stream())
        second = self.granted({"cpu": 1})
        granted = next(event for event in stream if event.name == "granted")
        self.assertEqual(granted.data["reservation"], second["id"])

    def test_what_happens_comes_at_once(self):
        stream = iter(self.stream(f"?since={self.last()}"))
        for _ in range(5):
            began = time.monotonic()
            reservation = self.granted({"cpu": 0.1})
            mine = (event.name for event in stream if event.data["reservation"] == reservation["id"])
            self.assertEqual((next(mine), next(mine)), ("granted", "enforced"))
            self.assertLess(time.monotonic() - began, 2)

    def test_a_stream_of_one_reservation(self):
        first, second = self.granted({"cpu": 1}), self.granted({"cpu": 1})
        stream = self.stream(f"?since=0&reservation={second['id']}")
        self.client.delete(path(first))
        self.client.delete(path(second))
        events = []
        for event in stream:
            events.append(event)
            if event.name == "freed":
                break
        self.assertEqual({event.data["reservation"] for event in events}, {second["id"]})
        self.assertEqual([event.name for event in events], ["granted", "enforced", "ended", "freed"])

    def test_streams_at_once_and_slow_ones_get_everything(self):
        streams = [self.stream(f"?since={self.last()}") for _ in range(10)]
        done = threading.Event()

        def load():
            with self.agent.client() as client:
                while not done.is_set():
                    client.delete(path(client.reserve({"cpu": 0.01}).json))
        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(2)
        done.set()
        for thread in threads:
            thread.join()
        last = self.last()
        for stream in streams:
            ids = []
            for event in stream:
                ids.append(event.id)
                if event.id >= last:
                    break
            self.assertEqual(ids, list(range(ids[0], last + 1)))

    def test_ids_that_nobody_has_are_410_with_the_oldest(self):
        future = self.last() + 1
        for query, headers in ((f"?since={future}", {}), (f"?since={2**63 - 1}", {}), ("", {"Last-Event-ID": str(future)})):
            with self.subTest(query):
                stream = self.stream(query, headers=headers)
                self.assertEqual(stream.status, 410)
                self.assertEqual((stream.problem["code"], stream.problem["oldest"]), ("compacted", 0))

    def test_another_ledger_is_410(self):
        epoch = self.client.get("/v1/health").json["epoch"]
        self.assertEqual(self.stream(f"?since=1&epoch={epoch}").status, 200)
        stream = self.stream("?since=1&epoch=0123456789abcdef")
        self.assertEqual((stream.status, stream.problem["code"]), (410, "compacted"))

    def test_what_is_no_id_is_422(self):
        for query, parameter in (
            ("since=x", "since"), ("since=-1", "since"), ("since=", "since"), ("since=9223372036854775808", "since"),
            ("since=1.5", "since"), ("reservation=x", "reservation"), ("until=5", "until"), ("since=1&since=2", "since"),
        ):
            with self.subTest(query):
                self.assert_problem(self.client.get(f"/v1/events?{query}"), 422, "invalid", parameter=parameter)
        answer = self.client.get("/v1/events", headers={"Last-Event-ID": "x"})
        self.assert_problem(answer, 422, "invalid", parameter="Last-Event-ID")

    def test_the_log_goes_on_over_a_restart_and_a_crash(self):
        before = self.events()
        for end in (self.agent.stop, self.agent.kill):
            epoch = self.client.get("/v1/health").json["epoch"]
            end()
            self.agent.start()
            self.client.close()
            self.assertEqual(self.client.get("/v1/health").json["epoch"], epoch)
            after = self.events()
            self.assertEqual(after[:len(before)], before)
            self.assertEqual([event.id for event in after], list(range(1, len(after) + 1)))
            self.granted({"cpu": 0.1})
            before = self.events()
            self.assertEqual(before[:len(after)], after)


class Compacted(EventCase):
    def test_events_that_are_no_longer_kept_are_410_with_the_oldest(self):
        for _ in range(5):
            self.client.delete(path(self.granted({"cpu": 0.1})))
        self.agent.stop()
        # As after thirty days: what is in the snapshot is no longer needed.
        with contextlib.closing(sqlite3.connect(self.agent.state / "berth.db")) as ledger:
            ledger.execute("DELETE FROM event WHERE id <= 7")
            ledger.commit()
        self.agent.start()
        for query, headers in (("?since=0", {}), ("?since=6", {}), ("", {"Last-Event-ID": "3"})):
            with self.subTest(query):
                stream = self.stream(query, headers=headers)
                self.assertEqual((stream.status, stream.problem["code"], stream.problem.get("oldest")), (410, "compacted", 7))
        self.assertEqual(next(iter(self.stream("?since=7"))).id, 8)
