"""HTTP/1.1 over a Unix socket, and the answers as the tests look at them."""
import decimal
import http.client
import json
import socket
import struct


def connected(path, timeout):
    """A socket that is connected, with a timeout for everything.

    A socket of Python's with a timeout does not wait for a place in a full queue of connections; the kernel's does.
    """
    plain = socket.socket(socket.AF_UNIX)
    try:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", int(timeout), int(timeout % 1 * 1e6)))
        plain.connect(path)
        plain.settimeout(timeout)
    except BaseException:
        plain.close()
        raise
    return plain


class Answer:
    """What the agent answered."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.bytes = response.read()

    @property
    def json(self):
        """The document; numbers that are not whole stay exact."""
        return json.loads(self.bytes, parse_float=decimal.Decimal)

    def __repr__(self):
        return f"{self.status} {self.bytes[:600]!r}"


class Connection(http.client.HTTPConnection):
    """http.client, but to a path."""

    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = connected(self.path, self.timeout)


class Client:
    """One connection to the agent, opened with the first request and again after it was closed. One thread a client."""

    def __init__(self, path, timeout=30):
        self.connection = Connection(path, timeout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.connection.close()

    def request(self, method, path, body=None, headers=None, raw=None):
        """Sends `body` as JSON, or `raw` as it is. A connection that breaks is an OSError."""
        headers = dict(headers or {})
        if body is not None:
            raw = json.dumps(body).encode()
        if raw is not None:
            headers.setdefault("Content-Type", "application/json")
        try:
            self.connection.request(method, path, body=raw, headers=headers)
            return Answer(self.connection.getresponse())
        except http.client.HTTPException as error:
            self.close()
            raise ConnectionResetError(f"{method} {path}: {error!r}") from None
        except BaseException:
            self.close()
            raise

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.request("POST", path, body, **options)

    def patch(self, path, body=None, **options):
        return self.request("PATCH", path, body, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)

    def reserve(self, resources, headers=None, **more):
        """`POST /v1/reservations`"""
        return self.post("/v1/reservations", {"resources": resources, **more}, headers=headers)
