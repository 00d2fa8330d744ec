"""What clients were told, and so what must be true after a crash."""
import collections

#: One way a reservation may be: what it holds, and which processes are in it. `resources` None: it has ended.
Shape = collections.namedtuple("Shape", "resources processes")
ENDED = Shape(None, None)


class Broken(Exception):
    """Something that was acknowledged is not so, or something is that nobody asked for."""


class Wish:
    """A reservation that was asked for and not answered."""

    def __init__(self, resources, key):
        self.resources = resources
        self.key = key


class Witness:
    """What one client knows.

    Before each request it writes down what may be true from then on, and after the answer what is.
    """

    def __init__(self):
        #: By id, every shape that may be the true one.
        self.known = {}
        #: By name, what may or may not have been granted.
        self.wishes = {}

    def granted(self, name, reservation):
        del self.wishes[name]
        self.known[reservation["id"]] = [shape(reservation)]

    def may_become(self, identity, new):
        """A request that was sent: it may have been carried out, or not."""
        self.known[identity].append(new)

    def became(self, identity, new):
        """A request that was answered."""
        self.known[identity] = [new]

    def live(self):
        """The ids of what is surely held."""
        return [identity for identity, shapes in self.known.items() if ENDED not in shapes]

    def check(self, live, look):
        """Compares with the live reservations, by id, and settles what was not sure.

        - Parameter look: returns the document of one reservation, None where there is none
        - Returns: the ids in `live` that are accounted for
        """
        accounted = set()
        for identity, shapes in self.known.items():
            now = live.get(identity) or look(identity)
            if now is None:
                raise Broken(f"{identity} is gone; it was {shapes}")
            if shape(now) not in shapes:
                raise Broken(f"{identity} is {shape(now)}; it was {' or '.join(map(str, shapes))}")
            self.known[identity] = [shape(now)]
            accounted.add(identity)
        for name, wish in self.wishes.items():
            accounted |= self._check_wish(name, wish, live)
        return accounted

    def _check_wish(self, name, wish, live):
        """What was not answered is whole, or absent."""
        found = [reservation for reservation in live.values() if reservation["name"] == name]
        if len(found) > 1:
            raise Broken(f"{name} was reserved {len(found)} times")
        for reservation in found:
            held = reservation["resources"]
            if held.keys() != wish.resources.keys():
                raise Broken(f"{name} holds {held}; {wish.resources} was asked")
            if {receipt["type"] for receipt in reservation["receipts"]} != held.keys():
                raise Broken(f"{name} has the receipts {reservation['receipts']}")
        return {reservation["id"] for reservation in found}

    def forget_ended(self):
        """Returns what has ended, and no longer looks at it."""
        ended = {identity for identity, shapes in self.known.items() if shapes == [ENDED]}
        for identity in ended:
            del self.known[identity]
        return ended


def shape(reservation):
    """The shape of a reservation as the agent shows it."""
    if reservation["state"] != "confirmed":
        return ENDED
    return Shape(reservation["resources"], sorted(reservation["processes"]))


def check_nothing_else(live, accounted):
    """Whatever is held, somebody asked for."""
    if strange := live.keys() - accounted:
        raise Broken(f"nobody asked for {', '.join(sorted(strange))}")
