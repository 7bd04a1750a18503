"""What an engine has in the place of rooms that were deleted or moved away: who did it, when, and which they
were. A clone that knew them says so then, and does not think that they were lost.

    {"schema": 1, "to": "files", "by": "ada", "operation": "…", "wall": 1764000000000, "rooms": ["…"]}
"""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.fast import json
from stickhooks.fast.records import Frozen, dataclass
from stickhooks.text import clock_time, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Final

LIMIT: Final = 256  # ids of rooms, the newest last


@dataclass(frozen=True)
class Farewell(Frozen):
    """``to`` is ``files``, or empty for rooms that were deleted; ``rooms`` are ids, also of earlier ones."""

    to: str
    by: str
    operation: str
    wall: int
    rooms: tuple[str, ...]

    def refusal(self, engine: str) -> Refusal:
        """Return what a clone says that knew the rooms."""
        what = "moved the rooms to the files of one clone" if self.to else "deleted the rooms"
        when = clock_time(self.wall)
        told = f"{plain(self.by)} {what} ({when}): {engine} has none of those that this clone knew"
        away = Next("uninit", "--keep-snapshots")
        return Refusal("config", told, [away, Next("init", "--engine", engine, after=away)])


def made(
    last: Farewell | None, to: str, by: str, operation: str, wall: int, ids: Sequence[str]
) -> Farewell:
    """Return the farewell of an operation, which names the rooms of the ``last`` one, too."""
    known = dict.fromkeys([*(last.rooms if last else ()), *ids])
    return Farewell(to, by, operation, wall, tuple(known)[-LIMIT:])


def write(one: Farewell) -> bytes:
    raw = {
        "schema": 1, "to": one.to, "by": one.by, "operation": one.operation, "wall": one.wall,
        "rooms": list(one.rooms),
    }  # fmt: skip
    return (json.write(raw) + "\n").encode()


def read(data: bytes | None) -> Farewell | None:
    """Return the farewell that bytes hold, None for what is none: others wrote it."""
    try:
        raw: Any = json.read(data.decode()) if data else None
        if not isinstance(raw, dict):
            return None
        texts = [raw["to"], raw["by"], raw["operation"], *raw["rooms"]]
        if not all(isinstance(text, str) for text in texts) or type(raw["wall"]) is not int:
            return None
        return Farewell(raw["to"], raw["by"], raw["operation"], raw["wall"], tuple(raw["rooms"]))
    except (ValueError, KeyError, TypeError):
        return None


def of_any(data: bytes | None, ids: Iterable[object]) -> Farewell | None:
    """Return a farewell that names one of some rooms."""
    found = read(data)
    return found if found and set(ids) & set(found.rooms) else None
