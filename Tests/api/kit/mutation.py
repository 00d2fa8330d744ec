"""Random damage to good requests."""
import copy
import json

SEEDS = [
    ("POST", "/v1/reservations", {
        "name": "build", "resources": {
            "cpu": {"amount": 2, "exclusive": True, "where": {"numa": 0}}, "memory": {"amount": "1GiB", "limit": "2GiB"},
            "pids": 100, "gpu": {"amount": 1, "where": {"vram": [">=32GiB", 68719476736], "model": "~*MI2*"}}, "network": "1Gbit",
            "storage": [{"device": "vda", "read": "10MiB", "write_iops": 100}]},
        "lease": "10m", "end": "empty", "labels": {"job": "7"}, "enforce": "preferred"}),
    ("POST", "/v1/reservations", {"resources": {"cpu": 0.01}, "lease": 1}),
    ("POST", "/v1/explain", {"resources": {"cpu": {"amount": 1.5, "limit": 2}, "memory": 1}}),
    ("PATCH", "/v1/reservations/ID", {"resources": {"cpu": 0.02, "memory": "1MiB"}}),
    ("POST", "/v1/reservations/ID/attach", {"pid": 1}),
    ("POST", "/v1/reservations/ID/renew", {"lease": "1h"}),
    ("DELETE", "/v1/reservations/ID?grace=1s", None),
    ("GET", "/v1/reservations/ID", None),
    ("GET", "/v1/reservations?state=released", None),
    ("GET", "/v1/events?since=999999999", None),
]
VALUES = [
    0, -1, 1, 2**31, 2**53, 2**63, 2**64, -(2**63), 10**400, 1e-320, 1e308, 0.1, "", "0", "-1", "1e9", "NaN", "9" * 50, "1GiB",
    "\u0000", "\ud800", "é" * 200, None, True, [], {}, [[]], {"": {}}, "../../etc/passwd", "a" * 5000, "%s%n", "' OR 1=1 --",
    ">=", "~*a*a*a*a*b", "!=1", "<1e999999999", "=~",
]


def request(random, identity):
    """One damaged request, as bytes."""
    method, path, body = random.choice(SEEDS)
    path = path.replace("ID", identity)
    if body is not None and random.random() < 0.6:
        body = _document(random, body)
    data = b"" if body is None else json.dumps(body).encode("utf-8", "surrogatepass")
    if random.random() < 0.3:
        data = _bytes(random, data)
    length = len(data) if random.random() < 0.95 else random.choice([0, 1, len(data) + 1, len(data) * 2, 2**31])
    head = (f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Idempotency-Key: k{random.randrange(50)}\r\nContent-Length: {length}\r\n\r\n").encode()
    if random.random() < 0.3:
        head = _bytes(random, head)
    return head + data


def _document(random, value):
    """The document with one to three of its values or names changed."""
    value = json.loads(json.dumps(value))
    for _ in range(random.randint(1, 3)):
        places = list(_places(value))
        if not places:
            return _value(random)
        holder, key = random.choice(places)
        change = random.randrange(4)
        if change == 0:
            del holder[key]
        elif change == 1 and isinstance(holder, dict):
            holder[random.choice([key + "x", key.upper(), "", "amount", "where", "cpu"])] = holder.pop(key)
        elif change == 2:
            holder[key] = [holder[key]]
        else:
            holder[key] = _value(random)
    return value


def _value(random):
    """One of the values, as one's own: later damage may be done inside of it."""
    return copy.deepcopy(random.choice(VALUES))


def _places(value):
    """Every place in a document: what holds it, and its key or index."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield value, key
        yield from _places(child)


def _bytes(random, data):
    """The bytes with some of them changed, cut, doubled or put in."""
    data = bytearray(data)
    for _ in range(random.randint(1, 4)):
        place = random.randint(0, len(data))
        change = random.randrange(6)
        if change == 0 and place < len(data):
            data[place] ^= 1 << random.randrange(8)
        elif change == 1:
            del data[place:place + random.randint(1, 20)]
        elif change == 2:
            data[place:place] = data[place:place + random.randint(1, 30)]
        elif change == 3:
            data[place:place] = random.randbytes(random.randint(1, 8))
        elif change == 4:
            data[place:place] = random.choice([b"\r\n", b"\r\n\r\n", b"\0", b"\"", b"{", b"}", b",", b":", b" ", b"%", b"\\u"])
        else:
            del data[place:]
    return bytes(data)
