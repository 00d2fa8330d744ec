"""Acting as another user: a process of its own that has given up being root."""
import os
import pickle
import traceback


def as_user(user, action, groups=()):
    """Runs `action` in a forked process whose every user and group id is `user`, and returns what it returned. It has
    the supplementary `groups`.

    What it raises is raised here. The process ends when `action` has: what it attached is gone then.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _act(user, action, groups, writing)
    os.close(writing)
    with open(reading, "rb") as pipe:
        told = pipe.read()
    os.waitpid(pid, 0)
    outcome, value = pickle.loads(told)
    if outcome == "raised":
        raise AssertionError(value)
    return value


def _act(user, action, groups, writing):
    try:
        os.setgroups(groups)
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        told = ("returned", action())
    except BaseException:
        told = ("raised", traceback.format_exc())
    with open(writing, "wb") as pipe:
        pickle.dump(told, pipe)
    # Not what the test has registered for its own end.
    os._exit(0)


class Guest:
    """One user's requests, each from a process of its own, with the answers as plain values."""

    def __init__(self, agent, user):
        self.agent = agent
        self.user = user

    def request(self, method, path, body=None, **options):
        """Returns status and document."""
        def act():
            with self.agent.client() as client:
                answer = client.request(method, path, body, **options)
                is_json = answer.headers["Content-Type"] in ("application/json", "application/problem+json")
                return answer.status, answer.json if is_json else answer.bytes
        return as_user(self.user, act)

    def reserve(self, resources, **more):
        return self.request("POST", "/v1/reservations", {"resources": resources, **more})
