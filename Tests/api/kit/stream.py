"""Server-sent events, read as the HTML standard says."""
import collections
import decimal
import http.client
import json

from kit.client import Connection

Event = collections.namedtuple("Event", "id name data")


class Stream:
    """`GET /v1/events`: iterates over the events; times out like a socket."""

    def __init__(self, path, query="", headers=None, timeout=30):
        self.connection = Connection(path, timeout)
        self.connection.request("GET", f"/v1/events{query}", headers=headers or {})
        self.response = self.connection.getresponse()
        if self.response.status != 200:
            self.problem = json.loads(self.response.read())
            self.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.connection.close()
        self.response.close()

    @property
    def status(self):
        return self.response.status

    def __iter__(self):
        fields = {}
        while True:
            try:
                line = self.response.readline()
            except http.client.HTTPException as error:
                raise ConnectionResetError(repr(error)) from error
            if not line.endswith(b"\n"):
                return
            line = line.rstrip(b"\n").decode()
            if line.startswith(":"):
                continue
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
                continue
            if fields:
                data = json.loads(fields["data"], parse_float=decimal.Decimal)
                yield Event(int(fields["id"]), fields["event"], data)
            fields = {}


def log(agent, since=0):
    """The events after `since` up to the last there is now, as root sees them."""
    with agent.client() as client:
        last = client.get("/v1/health").json["last_event"]
    events = []
    if last > since:
        with Stream(agent.socket, f"?since={since}") as stream:
            for event in stream:
                events.append(event)
                if event.id >= last:
                    break
    return events
