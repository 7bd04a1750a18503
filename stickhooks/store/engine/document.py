"""The document of a workspace on an engine: its rooms by path, its revision, its clock.

    {"schema": 1, "revision": 7, "clock": 1764000000000, "operations": ["…"], "rooms": {"": {…}}}

A room is written as in its state file, without what belongs to one clone: of a lease id it has the
SHA-256. A lease names the ``operation`` that wrote it and the ``clone`` whose member holds it, a member
the clone it joined from. Keys that a later version wrote are kept. What an engine gives was written by
others: it is checked like a state that lies on disk.
"""

from __future__ import annotations

import hashlib

from stickhooks.errors import Refusal, too_new
from stickhooks.fast import json
from stickhooks.fast.records import Frozen, dataclass, replace
from stickhooks.protocol.model import Room
from stickhooks.store import codec, schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final

SCHEMA: Final = 1
LIMIT: Final = 1 << 20  # bytes
OPERATIONS: Final = 64  # newest ones, by which an answer that was lost is found again
OPERATION: Final = "operation"
CLONE: Final = "clone"
FENCE: Final = "fence"  # see ``remote_fence``
_KEYS: Final = ("schema", "revision", "clock", "operations", "rooms")
#: What a state file has beside the room, for the one check that there is.
_FRAME: Final = {"log_bytes": 0, "clock": {"boot": "", "offset": 0}}


@dataclass(frozen=True)
class Document(Frozen):
    """``rooms`` are plain values by path; ``clock`` is room time in milliseconds at ``revision``."""

    revision: int
    clock: int
    operations: tuple[str, ...] = ()
    rooms: Mapping[str, Mapping[str, Any]] = {}
    extra: Mapping[str, Any] = {}

    def after(self, operation: str, clock: int, rooms: Mapping[str, Any]) -> Document:
        """Return the document that an operation makes of this one."""
        operations = (*self.operations, operation)[-OPERATIONS:]
        revision = self.revision + 1
        return replace(self, revision=revision, clock=clock, operations=operations, rooms=rooms)


def read(data: bytes, where: str) -> Document:
    """Return the document that bytes hold. Raises ``state_corrupt``, ``state_too_new``."""
    try:
        raw = json.read(data.decode())
    except ValueError as error:
        raise Refusal("state_corrupt", what=f"{where}: {error}") from None
    if isinstance(raw, dict) and type(raw.get("schema")) is int and raw["schema"] > SCHEMA:
        raise too_new(where)
    wrong = _complaint(raw)
    if wrong:
        raise Refusal("state_corrupt", what=f"{where}: {wrong}")
    values: Any = raw
    extra = {key: value for key, value in values.items() if key not in _KEYS}
    return Document(
        values["revision"], values["clock"], tuple(values["operations"]), values["rooms"], extra
    )


def _complaint(raw: object) -> str | None:
    if not isinstance(raw, dict):
        return "it is not an object"
    whole = all(type(raw.get(key)) is int for key in ("schema", "revision", "clock"))
    if not (
        whole and isinstance(raw.get("operations"), list) and isinstance(raw.get("rooms"), dict)
    ):
        return "a field is missing or of the wrong kind"
    if not all(isinstance(operation, str) for operation in raw["operations"]):
        return "an operation is no text"
    for path, room in raw["rooms"].items():
        if not (schema.is_place(path) and isinstance(room, dict) and room.get("path") == path):
            return "a room is not where it says"
        wrong = schema.complaint({"schema": 1, "revision": 1, **_FRAME, **room})
        lease = room.get("lease")
        if wrong or (lease and not isinstance(lease.get(OPERATION), str)):
            return f"room {path or '.'}: {wrong or 'its lease names no operation'}"
    return None


def write(document: Document) -> bytes:
    """Return a document as bytes. Raises ``io`` for one that is too large."""
    named = {
        "schema": SCHEMA,
        "revision": document.revision,
        "clock": document.clock,
        "operations": list(document.operations),
    }
    data = (json.write({**named, **document.extra, "rooms": document.rooms}) + "\n").encode()
    if len(data) > LIMIT:
        raise Refusal("io", "the rooms of this workspace take over 1 MiB: the engine keeps no more")
    return data


def room_of(raw: Mapping[str, Any]) -> Room:
    """Return the room that plain values describe, as the engine has it."""
    return codec.decode({"schema": 1, "revision": 1, **_FRAME, **raw})[0]


def plain(room: Room) -> dict[str, Any]:
    """Return a room as it stands in a document."""
    raw: dict[str, Any] = codec.plain(room)
    return raw


def hidden(lease_id: str) -> str:
    """Return what a document has of a lease id."""
    return hashlib.sha256(lease_id.encode()).hexdigest()
