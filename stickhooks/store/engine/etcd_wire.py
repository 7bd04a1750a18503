"""Questions to etcd, over its HTTP/JSON gateway with ``http.client``.

The gateway is part of every etcd 3.4 and newer (etcd.io, "gRPC gateway"), so nothing has to be installed:
grpcio takes 10 MB and longer to import than all that a verb does, and the clients over HTTP that are kept
(etcd3gw) bring requests with them, 260 ms of start against 60. What would be left for a client to do is
to tell an answer that does not say whether it was done from one that does, and that is ours in any case.

Who is not reached, or does not answer, is followed by the next member, within one time limit for a
question. What changes something is sent to no second one once it was sent: NoAnswer then.
"""

from __future__ import annotations

import http.client
import socket
import time

from stickhooks.fast import json
from stickhooks.store.engine import etcd_answers
from stickhooks.store.engine.etcd_answers import Answer
from stickhooks.store.engine.interface import NoAnswer
from stickhooks.system import connecting

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from typing import Any, Final

    from stickhooks.errors import Refusal
    from stickhooks.store.engine.etcd_address import Address
    from stickhooks.store.engine.etcd_login import Login

LARGEST: Final = 1 << 26  # bytes of an answer
PAUSE: Final = 0.05  # seconds before members that said no for now are asked again
STATUS_SECONDS: Final = 0.3
LEAST_SECONDS: Final = 0.01


class Trouble(Exception):  # noqa: N818 - of one member: the next one is asked
    """A member was not reached, or gave no answer; ``sent``: it may have done what was asked."""

    def __init__(self, told: str, *, sent: bool) -> None:
        super().__init__(told)
        self.sent = sent


class Wire:
    """Questions to the members of one etcd, over one connection that is kept. No question takes much longer
    than ``seconds``."""

    def __init__(self, address: Address, login: Login, seconds: float) -> None:
        self.address, self.login, self.seconds = address, login, seconds
        self.place = 0  # of the member that is asked
        self._connection: http.client.HTTPConnection | None = None
        self._context: ssl.SSLContext | None = None
        self._token = ""
        self._anonymous = not login.user

    # --- what is asked

    def ask(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Return the answer to what may be asked twice. Raises Refusal ``engine``."""
        return self._tried(path, body, again=True)

    def tell(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Return the answer to what changes something, and is sent once. Raises NoAnswer where it may be
        done, Refusal ``engine`` where it is not."""
        return self._tried(path, body, again=False)

    def _tried(self, path: str, body: Mapping[str, object], *, again: bool) -> dict[str, Any]:
        until = time.monotonic() + self.seconds
        troubles: dict[int, Trouble] = {}
        while True:
            try:
                return self._answered(path, body, until)
            except Trouble as trouble:
                self._next(troubles, trouble)
                if trouble.sent and not again:
                    raise NoAnswer from None
            everywhere = len(troubles) == len(self.address.endpoints)
            reached = any(trouble.sent for trouble in troubles.values())
            if time.monotonic() >= until or (everywhere and not reached):
                raise self._no_answer(troubles, reached=reached)
            if everywhere:
                time.sleep(PAUSE)

    def _answered(self, path: str, body: Mapping[str, object], until: float) -> dict[str, Any]:
        answer = self._once(path, body, until)
        if answer.wants_login and self._token:
            self._token = ""  # it ran out, or this member does not know it
            answer = self._once(path, body, until)
        if answer.is_unsure:
            raise Trouble(answer.words, sent=True)
        if not answer.is_done:
            raise etcd_answers.refused(self.address, answer, self.login.user)
        return answer.value

    def _once(self, path: str, body: Mapping[str, object], until: float) -> Answer:
        """Put a question to one member, as who we are there."""
        if not self._anonymous and not self._token:
            self._log_in(until)
        return self._exchange(path, body, self._share(until))

    def _log_in(self, until: float) -> None:
        """Have a token given, which takes the server some 80 ms (bcrypt)."""
        body = {"name": self.login.user, "password": self.login.password()}
        try:
            answer = self._exchange("auth/authenticate", body, self._share(until))
        except Trouble as trouble:
            raise Trouble(str(trouble), sent=False) from None  # what was asked was not sent
        if answer.is_unsure:
            raise Trouble(answer.words, sent=False)
        token = answer.value.get("token")
        self._anonymous = answer.knows_no_users
        if not self._anonymous and not isinstance(token, str):
            raise etcd_answers.refused(self.address, answer, self.login.user)
        self._token = token or ""

    def _share(self, until: float) -> float:
        """Return the seconds that one member gets of what is left: half of all, where there are others."""
        left = until - time.monotonic()
        share = min(left, self.seconds / 2) if len(self.address.endpoints) > 1 else left
        return max(share, LEAST_SECONDS)

    # --- where there is no answer

    def _next(self, troubles: dict[int, Trouble], trouble: Trouble) -> None:
        """Note what came of the member that was asked, and turn to the next one."""
        troubles[self.place] = trouble
        self.close()
        self.place = (self.place + 1) % len(self.address.endpoints)

    def _no_answer(self, troubles: Mapping[int, Trouble], *, reached: bool) -> Refusal:
        places = [(*self.address.endpoints[place], told) for place, told in troubles.items()]
        lines = [f"{host}:{port}: {told}" for host, port, told in places]
        if not reached:
            return etcd_answers.unreached(self.address, lines)
        if self._is_leaderless():
            return etcd_answers.leaderless(self.address)
        return etcd_answers.silent(self.address, self.seconds, lines)

    def _is_leaderless(self) -> bool:
        """Ask a member what it can answer by itself: whether it knows a leader."""
        for _ in self.address.endpoints:
            try:
                answer = self._exchange("maintenance/status", {}, STATUS_SECONDS)
                return answer.is_done and answer.value.get("leader", "0") == "0"
            except Trouble as trouble:
                self._next({}, trouble)
        return False

    # --- one exchange

    def _exchange(self, path: str, body: Mapping[str, object], seconds: float) -> Answer:
        """Send a question, and return what comes back within so many seconds. Raises Trouble."""
        until = time.monotonic() + seconds
        connection = self._kept(seconds)
        try:
            _limit(connection, until)
            connection.request("POST", f"/v3/{path}", json.write(body), self.headers())
            response = connection.getresponse()
            _limit(connection, until)
            data = response.read(LARGEST)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Trouble(_reason(error), sent=True) from None
        return Answer(response.status, data)

    def headers(self) -> dict[str, str]:
        """Return what says who we are, as of the last question."""
        kind = {"Content-Type": "application/json"}
        return {**kind, "Authorization": self._token} if self._token else kind

    def _kept(self, seconds: float) -> http.client.HTTPConnection:
        known = self._connection
        if known is None or known.sock is None or connecting.is_readable(known.sock):
            self.close()
            self._connection = known = self.connection(seconds)
        return known

    def connection(self, seconds: float) -> http.client.HTTPConnection:
        """Return a new connection to the member that is asked now. Raises Trouble, Refusal ``config``."""
        host, port = self.address.endpoints[self.place]
        if self.address.secure and self._context is None:
            self._context = self.login.trust()
        try:
            made = connecting.connected(host, port, seconds)
            if self._context:
                made = self._context.wrap_socket(made, server_hostname=host)
        except OSError as error:
            raise Trouble(_reason(error), sent=False) from None
        connection = http.client.HTTPConnection(host, port)
        connection.sock = made
        connection.auto_open = 0
        return connection

    def close(self) -> None:
        """Close the connection; the next question makes one."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _limit(connection: http.client.HTTPConnection, until: float) -> None:
    assert isinstance(connection.sock, socket.socket)
    connection.sock.settimeout(max(until - time.monotonic(), LEAST_SECONDS))


def _reason(error: Exception) -> str:
    """Return what the system says of a connection, in a few words."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    reason = getattr(error, "verify_message", "") or getattr(error, "reason", "")
    told = reason or getattr(error, "strerror", "") or error or type(error).__name__
    return str(told).replace("_", " ").lower()
