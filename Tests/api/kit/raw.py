"""Bytes to the agent and bytes from it, without HTTP between."""
import re


def exchange(agent, data):
    """Sends bytes, closes the sending side, and returns everything that comes back; of a stream, which never ends, what
    comes with its head."""
    plain = agent.connect()
    plain.settimeout(15)
    received = b""
    with plain:
        try:
            plain.sendall(data)
            plain.shutdown(1)
            while more := plain.recv(65536):
                received += more
                if b"content-type: text/event-stream" in received.lower():
                    break
        except ConnectionError:
            pass
    return received


def statuses(received):
    """The statuses of the answers; None where what came is none."""
    found = [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) [A-Z]", received)]
    return None if received and not found else found
