"""Rooms on etcd: the document, its events and a key for each holder, changed in one transaction.

Below ``PREFIX/NAME/`` of the engine's name:

    now/document              the document; what a swap compares is its ``mod_revision``
    now/holder/ROOM           the operation that wrote the room's lease, under a lease of etcd's own
    now/waiting/MEMBER        who waits, in any clone: see ``etcd_place``
    events/ROOM/NUMBER        a line of the room's log
    farewell                  what the last deletion left

A grant or a renewal has etcd give a *fresh* lease first, of the stick's whole time, and puts the holder's key
under it: the key goes by itself when the time is over by etcd's clock, which began after ours (R1), and
nothing has to be kept alive. A lease of etcd's that was left behind ends by itself as well.

A request holds 1.5 MiB and 128 operations (etcd.io, "System limits", ``--max-txn-ops``): events beyond that
go in transactions before, which compare the same revision. Until the document names them they do not
count, and who is faster writes his own over them.
"""

from __future__ import annotations

import base64
from itertools import accumulate

from stickhooks.errors import Next, Refusal
from stickhooks.store.engine import etcd_address, etcd_watch, holders
from stickhooks.store.engine.etcd_login import Login
from stickhooks.store.engine.etcd_place import EtcdPlace
from stickhooks.store.engine.etcd_wire import Wire
from stickhooks.store.engine.git_repository import Repository
from stickhooks.store.engine.interface import Moved, NoAnswer, Version
from stickhooks.store.event_log import number_of
from stickhooks.system import fresh

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any, Final, TypeAlias

    from stickhooks.store.engine.holders import Holding
    from stickhooks.store.engine.interface import Hints, Place

    Json: TypeAlias = dict[str, Any]

SECONDS: Final = 4.0  # for a question of a command
HURRIED: Final = 1.0  # for one of a hook
OPERATIONS: Final = 100  # of a transaction
BYTES: Final = 1_300_000
PROBE: Final = (
    b'{"clock":0,"rooms":{"":{"room_id":"p","lease":{"operation":"probe","expires_at":2000}}}}'
)
PAGE: Final = 100  # events that are asked for at once


class Etcd:
    """The document of a workspace on etcd. See ``Engine``."""

    least_ttl = 2_000  # etcd's own least lease, with its usual election time
    reuse = 0.2
    poll = 1.0
    tells = True
    fence = ""
    address_mark = ""
    address_steps = ()
    hurried = HURRIED

    def __init__(self, name: str, root: str, git_dir: str, seconds: float = SECONDS) -> None:
        self.address = address = etcd_address.read(name)
        self.name, self.room = name, address.room
        self.wire = Wire(address, Login(address, Repository("", root, git_dir)), seconds)
        self.keys = Keys(f"{address.prefix}/{address.room}/")
        self._granted: tuple[str, str] = "", ""  # an operation, and etcd's lease for it

    @property
    def seconds(self) -> float:
        return self.wire.seconds

    @seconds.setter
    def seconds(self, seconds: float) -> None:
        self.wire.seconds = seconds

    def check(self) -> None:
        """Raise nothing: the name was read, and is no path and no option."""

    # --- reading

    def load(self) -> Version | None:
        answer = self.wire.ask("kv/range", _all_below(self.keys.now))
        found = {_text(pair["key"]): pair for pair in answer.get("kvs", ())}
        document = found.get(self.keys.document)
        if document is None:
            return None
        held, waiting = (
            frozenset(_text(pair["value"]) for key, pair in found.items() if key.startswith(below))
            for below in (self.keys.holders, self.keys.places)
        )
        token = _token(answer, document["mod_revision"])
        return Version(token, base64.b64decode(document["value"]), held, waiting)

    def events(self, room_id: str, after: int, limit: int) -> list[bytes]:
        lines: list[bytes] = []
        while len(lines) < limit:
            first = self.keys.event(room_id, after + len(lines) + 1)
            asked = {"limit": str(min(PAGE, limit - len(lines)))}
            below = _range(first, self.keys.events(room_id) + "~")
            found = self.wire.ask("kv/range", {**below, **asked}).get("kvs", ())
            lines += [base64.b64decode(pair["value"]) for pair in found]
            if not found:
                break
        return lines

    def listen(self) -> Hints | None:
        return etcd_watch.begin(self.wire, _all_below(self.keys.now))

    def place(self, agent: str) -> Place:
        put = _put(f"{self.keys.places}{agent}", agent.encode())
        return EtcdPlace(self.wire, put["request_put"])

    # --- writing

    def swap(
        self, before: Version | None, data: bytes, events: Mapping[str, Sequence[bytes]]
    ) -> Version:
        old, new = holders.leases(before.data if before else None), holders.leases(data)
        given, ended = holders.less(new, old), holders.less(old, new)
        held = before.held if before else None
        kept = [
            _put(self.keys.holder(room), holding.operation.encode(), self._lease(holding))
            for room, holding in given.items()
        ]
        free = [_delete(self.keys.holder(room)) for room in ended if room not in given]
        gone = {} if held is None else holders.over(ended, held)
        puts = self._sent_before(before, data, [*self._lines(events)])
        token = self._change(
            before,
            [_compare(self.keys.holder(room), "0") for room in gone],
            [_put(self.keys.document, data), *puts, *kept, *free],
        )
        left = (held or frozenset()) - holders.operations(ended)
        waiting = before.waiting if before else frozenset()
        return Version(token, data, left | holders.operations(given), waiting)

    def _sent_before(
        self, before: Version | None, data: bytes, puts: Sequence[Json]
    ) -> Sequence[Json]:
        """Have events put for which there is no place beside the document, and return those that are left."""
        while len(puts) > OPERATIONS or len(data) + sum(map(_size, puts)) > BYTES:
            count = _fitting(puts)
            self._change(before, [], puts[:count])
            puts = puts[count:]
        return puts

    def _lease(self, holding: Holding) -> str:
        """Have etcd give a lease for the time of a holder; one for each operation, however often it is
        sent."""
        operation, lease = self._granted
        if operation != holding.operation:
            seconds = max(1, -(-holding.left // 1000))
            lease = self.wire.ask("lease/grant", {"TTL": str(seconds)})["ID"]
            self._granted = holding.operation, lease
        return lease

    def _lines(self, events: Mapping[str, Sequence[bytes]]) -> Iterator[Json]:
        for room_id, lines in events.items():
            for line in lines:
                yield _put(self.keys.event(room_id, number_of(line)), line)

    def _change(
        self, before: Version | None, compares: Sequence[Json], changes: Sequence[Json]
    ) -> str:
        """Make changes where the document is what it was, and return its new token. Raises Moved."""
        revision = before.token.partition(".")[2] if before else "0"
        same = _compare(self.keys.document, revision)
        answer = self.wire.tell("kv/txn", {"compare": [same, *compares], "success": [*changes]})
        if not answer.get("succeeded"):
            raise Moved
        return _token(answer, answer["header"]["revision"])

    def delete(self, before: Version, farewell: bytes) -> None:
        below = (self.keys.now, self.keys.logs)
        ends = [{"request_delete_range": _all_below(prefix)} for prefix in below]
        self._change(before, [], [*ends, _put(self.keys.farewell, farewell)])

    def probe(self) -> list[Refusal]:
        """Make, change and remove a document beside the rooms, with a holder's key."""
        here = self.keys
        self.keys = Keys(f"{here.probes}{fresh.uuid()}/")
        try:
            made = self.swap(None, PROBE, {})
            self._change(made, [], [{"request_delete_range": _all_below(self.keys.now)}])
        except Refusal as refusal:
            return [refusal]
        except (Moved, NoAnswer):
            told = f"{self.name} did not say whether a change was made"
            return [Refusal("engine", told, [Next("doctor")])]
        finally:
            self.keys, self._granted = here, ("", "")
        return []

    def farewell(self) -> bytes | None:
        found = self.wire.ask("kv/range", {"key": _raw(self.keys.farewell)}).get("kvs", ())
        return base64.b64decode(found[0]["value"]) if found else None


class Keys:
    """What the keys of one workspace are called."""

    def __init__(self, base: str) -> None:
        self.probes = f"{base}probe/"
        self.now, self.logs = f"{base}now/", f"{base}events/"
        self.holders, self.places = f"{self.now}holder/", f"{self.now}waiting/"
        self.document, self.farewell = f"{self.now}document", f"{base}farewell"

    def holder(self, room_id: str) -> str:
        return f"{self.holders}{room_id}"

    def events(self, room_id: str) -> str:
        return f"{self.logs}{room_id}/"

    def event(self, room_id: str, number: int) -> str:
        return f"{self.events(room_id)}{number:012}"


def _size(put: Json) -> int:
    """Return about how many bytes a put has as etcd counts them: without base64, with its key."""
    return len(put["request_put"]["value"]) * 3 // 4 + 200


def _fitting(puts: Sequence[Json]) -> int:
    """Return how many of many puts a transaction of their own can have, one at least."""
    sizes = accumulate(map(_size, puts[:OPERATIONS]))
    return max(1, sum(size <= BYTES for size in sizes))


def _compare(key: str, revision: str) -> Json:
    """Return the condition that a key was changed last at a revision, ``"0"``: that it is not there."""
    return {"key": _raw(key), "target": "MOD", "result": "EQUAL", "mod_revision": revision}


def _put(key: str, value: bytes, lease: str = "0") -> Json:
    encoded = base64.b64encode(value).decode()
    return {"request_put": {"key": _raw(key), "value": encoded, "lease": lease}}


def _delete(key: str) -> Json:
    return {"request_delete_range": {"key": _raw(key)}}


def _all_below(prefix: str) -> Json:
    return _range(prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1))


def _range(first: str, end: str) -> Json:
    return {"key": _raw(first), "range_end": _raw(end)}


def _raw(key: str) -> str:
    return base64.b64encode(key.encode()).decode()


def _text(encoded: str) -> str:
    return base64.b64decode(encoded).decode()


def _token(answer: Json, revision: str) -> str:
    """Return what a document at a revision is called: another etcd counts anew."""
    return f"{answer['header']['cluster_id']}.{revision}"
