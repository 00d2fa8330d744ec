"""The witness of the crash test notices what is planted."""
import unittest

from kit.witness import ENDED, Broken, Shape, Wish, Witness, check_nothing_else

HELD = {"cpu": {"amount": 2, "cpus": "0-1"}, "memory": {"amount": 5}}
OTHER = {"cpu": {"amount": 2, "cpus": "2-3"}, "memory": {"amount": 5}}


def reservation(identity="a", resources=None, processes=(), state="confirmed", name="n", receipts=("cpu", "memory")):
    return {
        "id": identity, "name": name, "state": state, "resources": resources or HELD, "processes": list(processes),
        "receipts": [{"type": each} for each in receipts],
    }


def nothing(_):
    return None


class Planted(unittest.TestCase):
    def setUp(self):
        self.witness = Witness()
        self.witness.wishes["n"] = Wish(HELD, None)

    def told(self):
        self.witness.granted("n", reservation())

    def assert_broken(self, *live, look=nothing):
        with self.assertRaises(Broken):
            self.witness.check({each["id"]: each for each in live}, look)

    def assert_fine(self, *live, look=nothing):
        live = {each["id"]: each for each in live}
        check_nothing_else(live, self.witness.check(live, look))

    def test_what_was_told_and_is_so_is_fine(self):
        self.told()
        self.assert_fine(reservation())

    def test_a_lost_grant(self):
        self.told()
        self.assert_broken()
        self.assert_broken(look=lambda _: reservation(state="released"))

    def test_other_units(self):
        self.told()
        self.assert_broken(reservation(resources=OTHER))

    def test_a_lost_process(self):
        self.told()
        self.witness.became("a", Shape(HELD, [7]))
        self.assert_broken(reservation())
        self.assert_fine(reservation(processes=[7]))

    def test_a_release_that_came_back(self):
        self.told()
        self.witness.became("a", ENDED)
        self.assert_broken(reservation())
        self.assert_fine(look=lambda _: reservation(state="released"))

    def test_a_release_that_was_not_answered_may_be_either(self):
        self.told()
        self.witness.may_become("a", ENDED)
        self.assert_fine(reservation())
        self.assert_broken(look=lambda _: reservation(state="released"))

    def test_a_wish_is_whole_or_absent(self):
        self.assert_fine()
        self.assert_fine(reservation())
        self.assert_broken(reservation(resources={"cpu": {"amount": 2}}))
        self.assert_broken(reservation(receipts=("cpu",)))
        self.assert_broken(reservation(), reservation("b"))

    def test_what_nobody_asked_for(self):
        with self.assertRaises(Broken):
            self.assert_fine(reservation(name="stranger"))
