"""A snapshot as data: what differed from HEAD in one working tree, path by path, and why it was made.

The bytes lie beside it as git blobs; here stand their names alone.
"""

from __future__ import annotations

from stickhooks.fast import json
from stickhooks.fast.records import Frozen, dataclass, field, replace
from stickhooks.protocol import phases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final, Literal, TypeAlias

FORMAT: Final = 1
BEGINS: Final = ("take", "takeover")  # why a snapshot of a turn's begin was made
FILE: Final = "file"
LINK: Final = "link"
GONE: Final = "gone"
#: device, inode, mtime and ctime in nanoseconds: with the size, what says that a file is the same
Stat: TypeAlias = "tuple[int, int, int, int]"
Why: TypeAlias = "Literal['take', 'work', 'before', 'release', 'takeover', 'undo']"


@dataclass(frozen=True)
class Turn(Frozen):
    """One turn of one room; ``holder`` is ``""`` where nobody held the stick.

    Of a turn for some paths ``room`` is one of these, and there are as many as it has paths.
    """

    room: str
    room_id: str
    turn: int
    holder: str


@dataclass(frozen=True)
class Entry(Frozen):
    """One path that differs from HEAD. ``blob`` is ``""`` where its bytes are not kept.

    ``state`` is git's two letters, ``??`` for what it does not track, ``h`` for a file that it was told to
    take for unchanged. ``index`` is the staged mode and blob where that differs from HEAD.
    """

    kind: str
    state: str
    mode: int = 0
    size: int = 0
    stat: Stat = (0, 0, 0, 0)
    blob: str = ""
    index: tuple[int, str] | None = None


@dataclass(frozen=True)
class Written(Frozen):
    """Who wrote a path: a member (or what it would be called), in which turn of its room.

    ``holds`` is False where it did so without the stick. ``at`` is milliseconds.
    """

    by: str
    turn: Turn
    holds: bool
    at: int = 0


@dataclass(frozen=True)
class Listed(Frozen):
    """One snapshot. ``at`` and ``took`` are milliseconds, ``left`` says why bytes are not kept.

    ``of`` is the turn that begins or ends here, ``rooms`` are all that were held. ``partial`` says
    what git could not list; ``unnamed`` counts paths that were too many even to be named. ``boot`` is
    the machine's start that it was made in. One of single edits has ``written``, and says nothing of
    paths that it does not list.
    """

    id: str
    why: str
    at: int
    root: str
    head: str
    algorithm: str
    command: str = ""
    doing: str = ""
    partial: str = ""
    took: int = 0
    of: Turn | None = None
    rooms: Mapping[str, Turn] = field(default_factory=dict)
    paths: Mapping[str, Entry] = field(default_factory=dict)
    left: Mapping[str, str] = field(default_factory=dict)
    unnamed: int = 0
    boot: str = ""
    written: Mapping[str, Written] = field(default_factory=dict)

    def kept_at(self, path: str) -> int:
        """Return when a path was kept, in milliseconds."""
        return self.written[path].at if path in self.written else self.at

    def places(self) -> frozenset[str]:
        """Return the places of the turn that begins or ends here: its room, or its paths."""
        of = self.of
        if of is None:
            return frozenset()
        same = {p for p, it in self.rooms.items() if (it.room_id, it.turn) == (of.room_id, of.turn)}
        return frozenset(same or {of.room})

    @property
    def mark(self) -> str:
        """What people type for it."""
        return self.id.rpartition("-")[2]

    def turn_of(self, path: str) -> Turn | None:
        """Return the turn that governs a path, None where nobody held its room."""
        room = phases.governing(self.rooms, path)
        turn = self.rooms[room] if room is not None else None
        return turn if turn and turn.holder else None


def to_raw(listed: Listed) -> dict[str, object]:
    return {
        "format": FORMAT,
        "why": listed.why,
        "at": listed.at,
        "root": listed.root,
        "head": listed.head,
        "algorithm": listed.algorithm,
        "command": listed.command,
        "doing": listed.doing,
        "partial": listed.partial,
        "took": listed.took,
        "of": _turn_to_raw(listed.of) if listed.of else None,
        "rooms": {path: _turn_to_raw(turn)[1:] for path, turn in listed.rooms.items()},
        "paths": {path: _entry_to_raw(entry) for path, entry in listed.paths.items()},
        "left": dict(listed.left),
        "unnamed": listed.unnamed,
        "boot": listed.boot,
    }


def _turn_to_raw(turn: Turn) -> list[object]:
    return [turn.room, turn.room_id, turn.turn, turn.holder]


def _entry_to_raw(entry: Entry) -> dict[str, object]:
    raw: dict[str, object] = {"kind": entry.kind, "state": entry.state}
    if entry.kind != GONE:
        raw |= {"mode": entry.mode, "size": entry.size, "stat": list(entry.stat)}
    if entry.blob:
        raw["blob"] = entry.blob
    if entry.index:
        raw["index"] = list(entry.index)
    return raw


def to_edits(listed: Listed) -> list[dict[str, object]]:
    """Return a snapshot of single edits as its lines: what they have in common, then one a path."""
    first: dict[str, object] = {
        "format": FORMAT,
        "at": listed.at,
        "root": listed.root,
        "head": listed.head,
        "algorithm": listed.algorithm,
    }
    edits = [edit_to_raw(p, entry, listed.written[p]) for p, entry in listed.paths.items()]
    return [first, *edits]


def edit_to_raw(path: str, entry: Entry, written: Written) -> dict[str, object]:
    return {
        "path": path,
        **_entry_to_raw(entry),
        "by": written.by,
        "turn": _turn_to_raw(written.turn),
        "holds": written.holds,
        "at": written.at,
    }


def from_edits(id: str, text: str) -> Listed:
    """Return the edits of a file of lines as a snapshot of their paths: of each its last one.

    A line that is none is passed over. Raises ValueError where the first one is none.
    """
    first, *lines = text.splitlines()
    raw = json.read(first)
    paths: dict[str, Entry] = {}
    written: dict[str, Written] = {}
    for line in lines:
        try:
            told: Any = json.read(line)
            path, entry = _path(told["path"]), _entry(told)
            turn = Turn(*_checked(told["turn"], str, str, int, str))
            written[path] = Written(str(told["by"]), turn, bool(told["holds"]), _whole(told["at"]))
            paths[path] = entry
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    whole = {
        "why": "work", "command": "", "doing": "", "partial": "", "took": 0, "of": None, "rooms": {},
        "paths": {}, "left": {}, "unnamed": 0,
    }  # fmt: skip
    listed = from_raw(id, {**whole, **raw} if isinstance(raw, dict) else raw)
    last = max((it.at for it in written.values()), default=listed.at)
    rooms = {it.turn.room: it.turn for it in written.values()}
    return replace(listed, at=last, paths=paths, written=written, rooms=rooms)


def from_raw(id: str, raw: Any) -> Listed:
    """Return a snapshot as it was written. Raises ValueError for what is none, or a later version's."""
    try:
        if raw["format"] != FORMAT:
            raise ValueError("it was written by another version")
        rooms = {
            path: Turn(path, *_checked(turn, str, int, str)) for path, turn in raw["rooms"].items()
        }
        return Listed(
            id, str(raw["why"]), _whole(raw["at"]), str(raw["root"]), _name(raw["head"]),
            str(raw["algorithm"]), str(raw["command"]), str(raw["doing"]), str(raw["partial"]),
            _whole(raw["took"]),
            Turn(*_checked(raw["of"], str, str, int, str)) if raw["of"] else None,
            rooms,
            {_path(path): _entry(entry) for path, entry in raw["paths"].items()},
            {_path(path): str(why) for path, why in raw["left"].items()},
            _whole(raw["unnamed"]), str(raw.get("boot", "")),
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is no list of a snapshot: {error}") from None


def _entry(raw: Any) -> Entry:
    index = raw.get("index")
    kind = raw["kind"]
    if kind not in (FILE, LINK, GONE):
        raise ValueError("it lists a thing of an unknown kind")
    return Entry(
        kind, str(raw["state"]), _whole(raw.get("mode", 0)), _whole(raw.get("size", 0)),
        _checked(raw.get("stat", [0, 0, 0, 0]), int, int, int, int),
        _name(raw.get("blob", "")),
        (_whole(index[0]), _name(index[1])) if index else None,
    )  # fmt: skip


def _path(path: str) -> str:
    """Return a path that leads nowhere but below the tree; what is written by it is in the tree."""
    if not path or path[0] == "/" or "\0" in path or {"", ".", ".."} & set(path.split("/")):
        raise ValueError("it lists what is no path of the tree")
    return path


def _checked(raw: Any, *kinds: type) -> Any:
    if len(raw) != len(kinds) or any(type(v) is not k for v, k in zip(raw, kinds, strict=True)):
        raise ValueError("it has fields of another kind")
    return tuple(raw)


def _whole(raw: object) -> int:
    if type(raw) is not int or raw < 0:
        raise ValueError("it has no number where there must be one")
    return raw


def _name(raw: object) -> str:
    """Return an object's name, which becomes part of a path."""
    if not isinstance(raw, str) or raw.strip("0123456789abcdef") or len(raw) not in (0, 40, 64):
        raise ValueError("it names an object by what is no name")
    return raw
