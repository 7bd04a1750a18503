"""What etcd says where it does not do what was asked, told apart by its code (gRPC's, as the gateway gives
it in ``code``), and in which words we say so.

A write that etcd answers with a code of ``UNSURE`` may be done, or be done still: it says that it does
not know, or that there was no leader to ask.
"""

from __future__ import annotations

from stickhooks.errors import UNCHANGED, Next, Refusal
from stickhooks.fast import json
from stickhooks.text import plain, word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Final

    from stickhooks.store.engine.etcd_address import Address

OK: Final = 200
#: Cancelled, unknown, deadline exceeded, aborted, internal, unavailable, data loss (grpc.io, "Status codes").
UNSURE: Final = (1, 2, 4, 10, 13, 14, 15)
UNAUTHENTICATED: Final = 16
_DENIED: Final = 7
_OLD: Final = "revision of auth store is old"
_NO_LEADER: Final = "it has no leader: most of its members are down, or cut off from each other"
#: Words of etcd's messages (its ``rpctypes``), and what they mean; the first that fits counts.
_MEANINGS: Final = (
    ("no leader", _NO_LEADER),
    ("user name is empty", "it wants a user, and was told none"),
    ("invalid user ID or password", "it does not take that user or that password"),
    ("request is too large", "a request is larger than it takes (--max-request-bytes)"),
    ("too many operations", "a request has more parts than it takes (--max-txn-ops)"),
    ("database space exceeded", "its space is used up (--quota-backend-bytes)"),
    ("too many requests", "it has too much to do"),
)


class Answer:
    """One answer over HTTP: ``status``, and ``value``, the JSON object in it, {} for none."""

    __slots__ = ("status", "value")

    def __init__(self, status: int, data: bytes) -> None:
        self.status = status
        self.value: dict[str, Any] = {}
        try:
            value = json.read(data.decode(), floats=True)
        except ValueError:
            return
        if isinstance(value, dict):
            result = value.get("result")  # of what is answered as a stream
            self.value = result if isinstance(result, dict) else value

    @property
    def code(self) -> int:
        code = self.value.get("code", 0)
        return code if type(code) is int else 0

    @property
    def words(self) -> str:
        return str(self.value.get("message", self.value.get("error", "")))

    @property
    def is_done(self) -> bool:
        return self.status == OK and "header" in self.value

    @property
    def is_unsure(self) -> bool:
        """Tell whether what was asked may be done, or be done by another member, all the same."""
        return self.code in UNSURE or (not self.code and self.status >= 500)

    @property
    def wants_login(self) -> bool:
        """Tell whether a token is not known any more, or from before users were changed."""
        return self.code == UNAUTHENTICATED or _OLD in self.words

    @property
    def knows_no_users(self) -> bool:
        return "authentication is not enabled" in self.words


def refused(address: Address, answer: Answer, user: str) -> Refusal:
    """Return the refusal for an answer that says no."""
    words = answer.words
    if answer.code == _DENIED:
        who = f"user {plain(user)}" if user else "a client without a login"
        told = f"{who} may not read and write keys below {address.prefix}/"
    elif not answer.code:
        told = "what answers there is not etcd 3.4 or newer"
    else:
        told = next((means for sign, means in _MEANINGS if sign in words), "")
    return _no(address, told or plain(words, 200) or f"it answered with code {answer.code}", [])


def silent(address: Address, seconds: float, troubles: Sequence[str]) -> Refusal:
    """Return the refusal where no member answered in time; ``troubles`` are what each one's was."""
    message = f"{address.name} did not answer within {seconds:g} s; {UNCHANGED}"
    return Refusal("engine", message, _steps(address), more=troubles)


def leaderless(address: Address) -> Refusal:
    """Return the refusal where a member answers, and says that there is no leader."""
    return _no(address, _NO_LEADER, [])


def unreached(address: Address, troubles: Sequence[str]) -> Refusal:
    """Return the refusal where no member could be connected to."""
    return _no(address, "no member of it can be reached", troubles)


def _no(address: Address, told: str, more: Sequence[str]) -> Refusal:
    message = f"{address.name} did not do that: {told}; {UNCHANGED}"
    return Refusal("engine", message, _steps(address), more=more)


def _steps(address: Address) -> list[str | Next]:
    kind = "https" if address.secure else "http"
    places = ",".join(
        f"{kind}://{f'[{host}]' if ':' in host else host}:{port}"
        for host, port in address.endpoints
    )
    return [f"etcdctl --endpoints {word(places)} endpoint status", Next("status")]
