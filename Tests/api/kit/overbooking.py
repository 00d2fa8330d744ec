"""Reads an event log and says where more was held than there is.

It knows nothing of how the agent decides: it adds up what the log says was granted, and takes away what it says was
freed. Between an end and the freeing the units are still held.
"""
from collections import Counter
from decimal import Decimal


class Overbooked(Exception):
    """More was held than there is."""


def cpu_list(text):
    """The CPUs of a list such as "0-3,8"."""
    cpus = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        cpus.update(range(int(first), int(last or first) + 1))
    return cpus


class Book:
    """What is held at one moment of the log."""

    def __init__(self):
        self.capacity = None
        self.held = {}
        #: Which of those have ended, and are not freed yet.
        self.ended = set()
        self.last = None
        #: How many grants had each type, so that a test sees that its load was what it meant.
        self.granted = Counter()

    def read(self, events):
        """Applies events in order; raises Overbooked at the first that does not fit."""
        for event in events:
            self.apply(event)
        return self

    def apply(self, event):
        if self.last is not None and event.id != self.last + 1:
            raise Overbooked(f"event {event.id} follows {self.last}")
        self.last = event.id
        reservation = event.data.get("reservation")
        if event.name == "capacity_changed":
            self.capacity = event.data["capacity"]
        elif event.name == "granted":
            if reservation in self.held:
                raise Overbooked(f"event {event.id} grants {reservation} again")
            self.held[reservation] = event.data["resources"]
            self.count(event.data["resources"])
            self.check(event)
        elif event.name == "resized":
            self.held[reservation] = event.data["resources"]
            self.check(event)
        elif event.name == "ended":
            self.ended.add(reservation)
        elif event.name == "freed":
            if reservation not in self.ended:
                raise Overbooked(f"event {event.id} frees {reservation}, which has not ended")
            self.ended.remove(reservation)
            del self.held[reservation]

    @property
    def live(self):
        """What is held and has not ended."""
        return {reservation: resources for reservation, resources in self.held.items() if reservation not in self.ended}

    def count(self, resources):
        for name, hold in resources.items():
            self.granted["exclusive" if name == "cpu" and "cpus" in hold else name] += 1

    def check(self, event):
        try:
            self._cpu()
            self._memory()
            self._amount("pids", self.capacity.get("pids"))
            self._units("gpu", {unit["name"]: Decimal(1) for unit in self.capacity["gpu"]})
            self._units("network", {unit["name"]: unit.get("capacity") for unit in self.capacity["network"]})
            self._storage()
        except Overbooked as error:
            raise Overbooked(f"event {event.id} ({event.name} {event.data.get('reservation')}): {error}") from None

    def _holds(self, name):
        return [resources[name] for resources in self.held.values() if name in resources]

    def _cpu(self):
        topology = self.capacity["topology"]
        cores = {}
        for cpu, core, *_ in topology:
            cores.setdefault(core, set()).add(cpu)
        shared, exclusive = Decimal(0), set()
        for hold in self._holds("cpu"):
            if "cpus" not in hold:
                shared += Decimal(hold["amount"])
                continue
            cpus = cpu_list(hold["cpus"])
            if len(cpus) != hold["amount"] or not cpus <= cpu_list(self.capacity["cpus"]):
                raise Overbooked(f"CPUs {hold['cpus']} for {hold['amount']}")
            if cpus & exclusive:
                raise Overbooked(f"CPUs {sorted(cpus & exclusive)} twice")
            if any(core & cpus and core - cpus for core in cores.values()):
                raise Overbooked(f"CPUs {hold['cpus']} are no whole cores")
            exclusive |= cpus
        most = Decimal(self.capacity["cpu"]) - Decimal(self.capacity["system_reserved"]["cpu"])
        self._compare("cpu", shared + len(exclusive), most)

    def _memory(self):
        reserved = self.capacity["system_reserved"]["memory"]
        self._amount("memory", self.capacity["memory"] - reserved)
        nodes = Counter()
        for hold in self._holds("memory"):
            if "numa_nodes" in hold:
                nodes[hold["numa_nodes"]] += hold["amount"]
        for node, held in nodes.items():
            self._compare(f"memory of node {node}", held, self.capacity["numa_memory"][node])

    def _amount(self, name, most):
        self._compare(name, sum(hold["amount"] for hold in self._holds(name)), most)

    def _units(self, name, most):
        held = Counter()
        for hold in self._holds(name):
            if sum(hold["units"].values()) != hold["amount"]:
                raise Overbooked(f"{name}: units {hold['units']} for {hold['amount']}")
            for unit, amount in hold["units"].items():
                held[unit] += Decimal(amount)
        for unit, amount in held.items():
            if unit not in most:
                raise Overbooked(f"{name}: there is no {unit}")
            self._compare(f"{name} {unit}", amount, most[unit])

    def _storage(self):
        rates = {disk["name"]: disk["rates"] for disk in self.capacity["storage"]}
        held = Counter()
        for device in (device for devices in self._holds("storage") for device in devices):
            for rate, amount in device.items():
                if rate != "device":
                    held[device["device"], rate] += amount
        for (device, rate), amount in held.items():
            self._compare(f"storage {device} {rate}", amount, rates[device].get(rate))

    @staticmethod
    def _compare(what, held, most):
        if most is not None and held > most:
            raise Overbooked(f"{what}: {held} held of {most}")
