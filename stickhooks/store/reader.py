"""Read what lies on disk, and trust none of it: for the gate and the store alike.

A repository is hostile until shown otherwise. A state is believed when it is a regular
file of our own, small, well-formed, and known to the anchor: the list of rooms, with the
last turn of each, that we keep in the git dir where no clone, no copied folder and no
``git clean`` reaches.
"""

from stickhooks.errors import Refusal, too_new
from stickhooks.fast import bundle, json
from stickhooks.fast.os import os
from stickhooks.store import layout, schema
from stickhooks.system.folder import Folder, Unreadable, read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

STATE_LIMIT = 7 << 18  # bytes; ``bounds`` says how much of them is for what
ANCHOR_LIMIT = 4 << 20
LARGE = 1 << 15  # what is smaller is parsed as soon as searched


def first_line(raw: "dict[str, object]") -> str:
    """Return the first line of a state: it changes with every write, and ``sh`` can compare it."""
    name = json.write(raw["room_id"])
    return f'{{"schema":{raw["schema"]},"revision":{raw["revision"]},"room_id":{name},'


def read_anchor(git_dir: str) -> "dict[str, dict[str, object]] | None":
    """Return the rooms that the anchor knows, each with its ``id`` and last ``turn``; None: no anchor.

    Raises Refusal ``state_lost`` where there is one that says nothing, ``io`` for one that this
    account cannot read.
    """
    return whole_anchor(git_dir)[0]


def whole_anchor(
    git_dir: str,
) -> "tuple[dict[str, dict[str, object]] | None, object, dict[str, object] | None]":
    """Return what ``read_anchor`` does, the working tree that the anchor names, and the engine that has
    the rooms: None where the files are the truth."""
    try:
        raw = _anchor(git_dir)
        if raw is None:
            return None, None, None
        rooms = raw.get("rooms")
        if not isinstance(rooms, dict) or not all(map(_is_mark, rooms, rooms.values())):
            raise ValueError("it does not list rooms")
    except Unreadable as error:
        raise unreadable(layout.anchor_of(git_dir), error) from None
    except ValueError as error:
        raise Refusal("state_lost", what=f"{layout.anchor_of(git_dir)}: {error}") from None
    engine = raw.get("engine")
    if engine is not None and not (isinstance(engine, dict) and is_engine(engine)):
        raise Refusal("state_lost", what=f"{layout.anchor_of(git_dir)}: its engine is not whole")
    return rooms, raw.get("tree"), engine


def names_engine(git_dir: str) -> bool:
    """Tell whether the anchor of a git dir names an engine that has the rooms. Raises nothing: what is
    wrong with an anchor is told where its rooms are read."""
    try:
        data = read_file(layout.anchor_of(git_dir), ANCHOR_LIMIT) or b""
        return b'"engine":' in data and whole_anchor(git_dir)[2] is not None
    except (Refusal, ValueError, OSError):
        return False


def is_engine(engine: "dict[str, object]") -> bool:
    """Tell whether an entry of the anchor names an engine, and which clone of its rooms this is."""
    return all(isinstance(engine.get(key), str) for key in ("name", "clone", "machine"))


def tree_of(git_dir: str) -> "str | None":
    """Return the working tree that the anchor of a git dir names, None where it names none."""
    try:
        tree = (_anchor(git_dir) or {}).get("tree")
    except ValueError:
        return None
    return tree if isinstance(tree, str) else None


def _anchor(git_dir: str) -> "dict[str, object] | None":
    """Return what the anchor says, None where there is none. Raises ValueError for what is no anchor."""
    try:
        data = read_file(layout.anchor_of(git_dir), ANCHOR_LIMIT)
    except Unreadable:
        raise
    except ValueError as error:  # a pipe or a folder in its place says nothing of what it knew
        raise Unreadable(str(error)) from None
    raw = None if data is None else json.read(data.decode())
    if data is not None and not isinstance(raw, dict):
        raise ValueError("it does not list rooms")
    return raw  # type: ignore[return-value]


def _is_mark(room: str, mark: object) -> bool:
    return (
        schema.is_place(room)
        and isinstance(mark, dict)
        and isinstance(mark.get("id"), str)
        and type(mark.get("turn")) is int
        and mark["turn"] >= 0
        and type(mark.get("event", 0)) is int
    )


class Survey:
    """What rooms a workspace has, by its folder and by its anchor.

    ``foreign`` are rooms whose state lies here but is none of ours: it came with a clone or
    a copy. ``rooms`` are all others, also those whose state is gone.
    """

    __slots__ = (
        "anchor", "barred", "engine", "folder", "git_dir", "path", "rooms", "tree", "trouble",
        "unanchored",
    )  # fmt: skip

    def __init__(self, root: str, git_dir: "str | None", path: "str | None" = None) -> None:
        self.path = path or os.path.join(root, layout.FOLDER)
        self.git_dir = git_dir
        entries = whole_anchor(git_dir) if git_dir else (None, None, None)
        self.anchor, self.tree, self.engine = entries
        self.barred: Refusal | None = None  # our folder is there, but this account cannot read it
        self.folder, self.trouble = self._opened()
        self.rooms = self._listed() if git_dir is None else list(self.anchor or {})
        self.unanchored = False  # ours all the same: the git dir is younger than the rooms
        if self.anchor is None and git_dir and self.folder:
            self._take_own(root, git_dir)

    def _take_own(self, root: str, git_dir: str) -> None:
        from stickhooks.store import young_git

        self.rooms = young_git.rooms(self.folder, git_dir, root)
        self.unanchored = bool(self.rooms)

    @property
    def foreign(self) -> "list[str]":
        """The rooms whose state lies here but is none of ours. Lists our folder: seldom asked."""
        known = set(self.rooms)
        here = self._listed() if self.git_dir else []
        return [room for room in here if room not in known]

    def _opened(self) -> "tuple[Folder | None, str]":
        try:
            return open_folder(self.path)
        except Unreadable as error:
            return None, self._bar(error)

    def _bar(self, error: Unreadable) -> str:
        """Take down that our folder cannot be read. Where git knows of no room it is only a stray."""
        if self.git_dir and not self.anchor:
            return str(error)
        self.barred = unreadable(self.path, error)
        if self.git_dir is None:
            raise self.barred
        return ""

    def _listed(self) -> "list[str]":
        if self.folder is None:
            return []
        try:
            names = self.folder.names()
        except OSError as error:
            self.trouble = self._bar(Unreadable(str(error.strerror)))
            return []
        return layout.rooms_among(names)

    @property
    def device(self) -> int:
        """The device of the state read last."""
        return 0 if self.folder is None else self.folder.device

    def close(self) -> None:
        if self.folder is not None:
            self.folder.close()
            self.folder = None

    def __enter__(self) -> "Survey":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def load(
        self,
        room: str,
        known: "tuple[dict[str, object], bytes] | None" = None,
        signs: "Callable[[], list[bytes]] | None" = None,
    ) -> "tuple[dict[str, object], bytes] | None":
        """Return a room's state, parsed and checked, and its bytes; None if it has no turn to lose yet.

        ``known`` is an answer of before: the same bytes are not parsed again. With ``signs`` a
        state with many members may be read in part: see ``crowd``.

        Raises Refusal ``state_lost``, ``state_corrupt``, ``state_too_new``, or ``io`` where this
        account cannot read it.
        """
        where = os.path.join(self.path, layout.state_name(room))
        mark = self.anchor.get(room) if self.anchor else None
        if self.barred:
            raise self.barred
        if self.trouble:
            raise Refusal("state_corrupt", what=f"{self.path}: {self.trouble}")
        data = read_state(self.folder, room)
        if data is None:
            if mark and mark["turn"]:
                raise Refusal("state_lost", what=f"{where} is not there")
            return None
        raw = known[0] if known and known[1] == data else parsed(data, where, signs)
        if raw["path"] != room:
            raise Refusal("state_corrupt", what=f"{where}: it is the state of another room")
        if mark and raw["room_id"] != mark["id"]:
            raise Refusal("state_lost", what=f"{where} belongs to another room than this one")
        if mark and is_older(raw, mark):
            raise Refusal("state_lost", what=f"{where} is {_older(raw, mark)}")
        return raw, data


def latest_turn(raw: "Mapping[str, Any]") -> int:
    """Return the highest turn that a state knows: its own, or of a part that may be over."""
    turn: int = raw["turn_id"]
    return max(turn, raw["last_turn"]) if "last_turn" in raw else turn


def is_older(raw: "Mapping[str, Any]", mark: "Mapping[str, Any]") -> bool:
    """Tell whether a state is of the anchor's room, and older than what the anchor knows was given.

    A release moves no turn, but the newest event.
    """
    lower: bool = latest_turn(raw) < mark["turn"] or raw["event_seq"] < mark.get("event", 0)
    return lower and raw["room_id"] == mark["id"]


def _older(raw: "dict[str, object]", mark: "dict[str, object]") -> str:
    if latest_turn(raw) < mark["turn"]:  # type: ignore[operator]
        return f"at turn {latest_turn(raw)}, but turn {mark['turn']} was given"
    return f"at event {raw['event_seq']}, but event {mark['event']} was logged"


def open_folder(path: str) -> "tuple[Folder | None, str]":
    """Return our folder, or None, and what is wrong with it if anything is.

    Raises Unreadable for a folder that is there but that this account cannot open.
    """
    try:
        return Folder.open(path), ""
    except FileNotFoundError:
        return None, ""
    except OSError as error:
        if os.path.islink(path):
            return None, "it is a symbolic link"
        if isinstance(error, NotADirectoryError) and not os.path.isdir(path):
            return None, str(error.strerror)
        raise Unreadable(str(error.strerror)) from None


def unreadable(where: str, error: Unreadable) -> Refusal:
    """Return the refusal for what is there and cannot be read: never a loss, so never made anew."""
    from stickhooks.store import accounts

    return accounts.refusal(where, error)


def read_state(folder: "Folder | None", room: str) -> "bytes | None":
    """Return the bytes of a room's state as they are, or None. Raises ``state_corrupt``, or ``io``."""
    if folder is None:
        return None
    name = layout.state_name(room)
    try:
        return folder.read(name, STATE_LIMIT)
    except Unreadable as error:
        raise unreadable(os.path.join(folder.path, name), error) from None
    except ValueError as error:
        what = f"{os.path.join(folder.path, name)}: {error}"
        raise Refusal("state_corrupt", what=what) from None


def state_here(folder: "Folder | None", room: str) -> "dict[str, object] | None":
    """Return the state of a room that lies in a folder, whatever the anchor says of it; None where there
    is none, or a damaged one. Raises Refusal ``state_too_new``, and ``io`` where it cannot be read."""
    try:
        data = read_state(folder, room)
        raw = parsed(data, room) if data else None
    except Refusal as refusal:
        if refusal.code == "state_corrupt":
            return None
        raise
    return raw if raw and raw["path"] == room else None


def lying_here(folder: Folder, room: str) -> "dict[str, object] | None":
    """Return what ``state_here`` does, None also where it cannot be read."""
    try:
        return state_here(folder, room)
    except Refusal:
        return None


def parsed(
    data: bytes, where: str, signs: "Callable[[], list[bytes]] | None" = None
) -> "dict[str, object]":
    """Return the state that bytes hold. Raises ``state_corrupt`` or ``state_too_new``."""
    if signs is not None and len(data) > LARGE:
        from stickhooks.store import crowd

        glimpsed = crowd.glimpse(data, signs())
        if glimpsed is not None:
            return glimpsed
    try:
        raw = json.read(data.decode())
    except ValueError as error:
        raise Refusal("state_corrupt", what=f"{where}: {error}") from None
    if schema.is_newer(raw):
        raise too_new(where)
    if signs is not None and isinstance(raw, dict) and "last_turn" in raw:  # for the gate
        bundle.more("parts")
    wrong = schema.complaint(raw)
    if wrong or not isinstance(raw, dict):
        raise Refusal("state_corrupt", what=f"{where}: {wrong}")
    return raw
