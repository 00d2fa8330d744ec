"""The checker of event logs catches what is planted into a log."""
import copy
import unittest

from kit.overbooking import Book, Overbooked
from kit.stream import Event

CAPACITY = {
    "cpu": 8, "cpus": "0-7", "memory": 100, "pids": 50, "system_reserved": {"cpu": 0, "memory": 10},
    "topology": [[cpu, cpu // 2, 0, 0, 0, cpu // 4] for cpu in range(8)], "numa_memory": {"0": 50, "1": 50},
    "gpu": [{"name": "g0"}, {"name": "g1"}], "network": [{"name": "eth0", "capacity": 1000}, {"name": "eth1"}],
    "storage": [{"name": "vda", "rates": {"read": 100}}],
}
GOOD = {
    "cpu": {"amount": 6, "limit": 6}, "memory": {"amount": 40, "numa_nodes": "0"}, "pids": {"amount": 30},
    "gpu": {"amount": 1, "units": {"g0": 1}}, "network": {"amount": 600, "units": {"eth0": 600}},
    "storage": [{"device": "vda", "read": 60, "write": 10**9}],
}
EXCLUSIVE = {"cpu": {"amount": 4, "cpus": "4-7"}}
#: What does not fit beside GOOD, or beside EXCLUSIVE where that is named.
PLANTED = [
    ({"cpu": {"amount": 3}}, GOOD), ({"cpu": {"amount": 4, "cpus": "4-7"}}, GOOD), ({"memory": {"amount": 51}}, GOOD),
    ({"memory": {"amount": 11, "numa_nodes": "0"}}, GOOD), ({"pids": {"amount": 21}}, GOOD),
    ({"gpu": {"amount": 1, "units": {"g0": 1}}}, GOOD), ({"gpu": {"amount": 1, "units": {"g7": 1}}}, GOOD),
    ({"gpu": {"amount": 2, "units": {"g1": 1}}}, GOOD), ({"network": {"amount": 401, "units": {"eth0": 401}}}, GOOD),
    ({"storage": [{"device": "vda", "read": 41}]}, GOOD), ({"cpu": {"amount": 2, "cpus": "6-7"}}, EXCLUSIVE),
    ({"cpu": {"amount": 2, "cpus": "1-2"}}, EXCLUSIVE), ({"cpu": {"amount": 4, "cpus": "0-1"}}, EXCLUSIVE),
    ({"cpu": {"amount": 2, "cpus": "8-9"}}, EXCLUSIVE), ({"cpu": {"amount": 5}}, EXCLUSIVE),
]
#: What fits beside it.
FITTING = [
    ({"cpu": {"amount": 2}, "memory": {"amount": 50, "numa_nodes": "1"}, "pids": {"amount": 20}}, GOOD),
    ({"gpu": {"amount": 1, "units": {"g1": 1}}, "network": {"amount": 10**6, "units": {"eth1": 10**6}}}, GOOD),
    ({"storage": [{"device": "vda", "read": 40, "write": 10**9}]}, GOOD), ({"cpu": {"amount": 4, "cpus": "0-3"}}, EXCLUSIVE),
]


def log(*events):
    """Events with ids from 1 on, after the host's own."""
    host = ("capacity_changed", {"capacity": copy.deepcopy(CAPACITY)})
    return [Event(number, *event) for number, event in enumerate((host, *events), 1)]


def granted(name, resources):
    return "granted", {"reservation": name, "resources": resources}


def about(word, name, **data):
    return word, {"reservation": name, **data}


class Overbooking(unittest.TestCase):
    def assert_overbooked(self, events):
        with self.assertRaises(Overbooked) as caught:
            Book().read(events)
        self.assertIn(f"event {events[-1].id} ", str(caught.exception))

    def test_what_fits_passes(self):
        for resources, beside in FITTING:
            with self.subTest(str(resources)):
                Book().read(log(granted("a", beside), granted("b", resources)))

    def test_a_grant_that_does_not_fit_is_caught(self):
        for resources, beside in PLANTED:
            with self.subTest(str(resources)):
                self.assert_overbooked(log(granted("a", beside), granted("b", resources)))

    def test_a_resize_that_does_not_fit_is_caught(self):
        for resources, beside in PLANTED:
            with self.subTest(str(resources)):
                small = granted("b", {"pids": {"amount": 1}})
                self.assert_overbooked(log(granted("a", beside), small, about("resized", "b", resources=resources)))

    def test_units_are_held_until_they_are_freed(self):
        ended = about("ended", "a", state="released", reason="released")
        self.assert_overbooked(log(granted("a", GOOD), ended, granted("b", GOOD)))
        Book().read(log(granted("a", GOOD), ended, about("freed", "a"), granted("b", GOOD)))
        self.assert_overbooked(log(granted("a", GOOD), about("freed", "a")))

    def test_what_has_ended_is_held_and_not_live(self):
        ended = about("ended", "a", state="released", reason="released")
        book = Book().read(log(granted("a", GOOD), granted("b", {"pids": {"amount": 1}}), ended))
        self.assertEqual((book.held.keys(), book.live.keys(), book.ended), ({"a", "b"}, {"b"}, {"a"}))

    def test_a_gap_and_a_second_grant_are_caught(self):
        events = log(granted("a", GOOD), granted("b", {"pids": {"amount": 1}}))
        with self.assertRaises(Overbooked):
            Book().read([events[0], events[2]])
        self.assert_overbooked(log(granted("a", EXCLUSIVE), granted("a", EXCLUSIVE)))
