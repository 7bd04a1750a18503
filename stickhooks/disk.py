"""Read what lies on disk, and trust none of it: for the gate and the store alike.

A repository is hostile until shown otherwise. A state is believed when it is a regular
file of our own, small, well-formed, and known to the anchor: the list of rooms, with the
last turn of each, that we keep in the git dir where no clone, no copied folder and no
``git clean`` reaches.
"""

import os
import stat

from stickhooks import jsontext, shape
from stickhooks.errors import Refusal

FOLDER = ".talking-stick"
ANCHOR_FOLDER = "stickhooks"
ANCHOR = "anchor.json"
STATE_LIMIT = 1 << 20

_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_OPEN |= getattr(os, "O_CLOEXEC", 0)
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")


def state_name(room: str) -> str:
    """Return the file name of a room's state; distinct rooms differ even where case is ignored."""
    if room == "":
        return "room.json"
    escaped = [c if c in _PLAIN else "".join(f"%{b:02x}" for b in os.fsencode(c)) for c in room]
    return f"room.{''.join(escaped)}.json"


def room_of_name(name: str) -> str | None:
    """Return the room whose state a file of that name holds, or None if it is not a state."""
    if name == "room.json":
        return ""
    if not (name.startswith("room.") and name.endswith(".json")):
        return None
    parts = name[len("room.") : -len(".json")].split("%")
    try:
        data = parts[0].encode() + b"".join(
            bytes([int(part[:2], 16)]) + part[2:].encode() for part in parts[1:]
        )
    except ValueError:
        return None
    room = os.fsdecode(data)
    return room if state_name(room) == name else None


def read_file(path: str, limit: int, dir_fd: int | None = None) -> bytes | None:
    """Return the bytes of a regular file of our own, or None if there is none.

    Raises ValueError, saying why, for anything else: a link, a pipe, a folder, a file of
    another user, a file above ``limit`` bytes, a file that cannot be read.
    """
    try:
        fd = os.open(path, _OPEN, dir_fd=dir_fd) if dir_fd is not None else os.open(path, _OPEN)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        link = os.path.islink(path) if dir_fd is None else _is_link(path, dir_fd)
        raise ValueError("it is a symbolic link" if link else f"{error.strerror}") from None
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("it is not a regular file")
        if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
            raise ValueError("it belongs to another user")
        if found.st_size > limit:
            raise ValueError(f"it is larger than {limit} bytes")
        data = b""
        while len(data) <= limit:
            piece = os.read(fd, limit + 1 - len(data))
            if not piece:
                return data
            data += piece
        raise ValueError(f"it is larger than {limit} bytes")
    except OSError as error:
        raise ValueError(f"{error.strerror}") from None
    finally:
        os.close(fd)


def _is_link(path: str, dir_fd: int) -> bool:
    try:
        return stat.S_ISLNK(os.stat(path, dir_fd=dir_fd, follow_symlinks=False).st_mode)
    except OSError:
        return False


def read_anchor(git_dir: str) -> "dict[str, dict[str, object]] | None":
    """Return the rooms that the anchor knows, each with its ``id`` and last ``turn``; None: no anchor.

    Raises Refusal ``state_lost`` where there is one that cannot be read.
    """
    path = os.path.join(git_dir, ANCHOR_FOLDER, ANCHOR)
    try:
        data = read_file(path, STATE_LIMIT)
        if data is None:
            return None
        raw = jsontext.read(data.decode())
        rooms = raw["rooms"] if isinstance(raw, dict) else None
        if not isinstance(rooms, dict) or not all(_is_mark(mark) for mark in rooms.values()):
            raise ValueError("it does not list rooms")
    except (ValueError, KeyError) as error:
        raise Refusal("state_lost", what=f"{path}: {error}") from None
    return rooms


def _is_mark(mark: object) -> bool:
    return (
        isinstance(mark, dict)
        and isinstance(mark.get("id"), str)
        and type(mark.get("turn")) is int
        and mark["turn"] >= 0
    )


class Survey:
    """What rooms a workspace has, by its folder and by its anchor.

    ``foreign`` are rooms whose state lies here but is none of ours: it came with a clone or
    a copy. ``rooms`` are all others, also those whose state is gone.
    """

    __slots__ = ("anchor", "fd", "folder", "foreign", "git_dir", "rooms", "trouble")

    def __init__(self, root: str, git_dir: str | None, folder: str | None = None) -> None:
        self.folder = folder or os.path.join(root, FOLDER)
        self.git_dir = git_dir
        self.anchor = read_anchor(git_dir) if git_dir else None
        self.fd, self.trouble = open_folder(self.folder)
        found = self._listed()
        if git_dir is None:
            self.rooms, self.foreign = found, []
        else:
            known = self.anchor or {}
            self.rooms = list(known)
            self.foreign = [room for room in found if room not in known]

    def _listed(self) -> "list[str]":
        if self.fd is None:
            return []
        try:
            names = os.listdir(self.fd if os.listdir in os.supports_fd else self.folder)
        except OSError as error:
            self.trouble = str(error.strerror)
            return []
        return [room for name in names if (room := room_of_name(name)) is not None]

    def close(self) -> None:
        if self.fd is not None and self.fd >= 0:
            os.close(self.fd)
            self.fd = None

    def load(self, room: str) -> "tuple[dict[str, object], bytes] | None":
        """Return a room's state, parsed and checked, and its bytes; None if it has no turn to lose yet.

        Raises Refusal ``state_lost``, ``state_corrupt`` or ``state_too_new``.
        """
        where = os.path.join(self.folder, state_name(room))
        mark = self.anchor.get(room) if self.anchor else None
        if self.trouble:
            raise Refusal("state_corrupt", what=f"{self.folder}: {self.trouble}")
        data = read_state(self.folder, self.fd, room)
        if data is None:
            if mark and mark["turn"]:
                raise Refusal("state_lost", what=f"{where} is not there")
            return None
        raw = parsed(data, where)
        if raw["path"] != room:
            raise Refusal("state_corrupt", what=f"{where}: it is the state of another room")
        if mark and raw["room_id"] != mark["id"]:
            raise Refusal("state_lost", what=f"{where} belongs to another room than this one")
        if mark and raw["turn_id"] < mark["turn"]:  # type: ignore[operator]
            raise Refusal(
                "state_lost",
                what=f"{where} is at turn {raw['turn_id']}, but turn {mark['turn']} was given",
            )
        return raw, data


def open_folder(folder: str) -> "tuple[int | None, str]":
    """Return a descriptor of our folder, or None, and what is wrong with it if anything is.

    Windows cannot open folders: there the descriptor is -1 and paths are used.
    """
    try:
        if os.open in os.supports_dir_fd:
            return os.open(folder, _OPEN | os.O_DIRECTORY), ""
        return (-1, "") if os.path.isdir(folder) else (None, "")
    except FileNotFoundError:
        return None, ""
    except OSError as error:
        link = os.path.islink(folder)
        return None, "it is a symbolic link" if link else str(error.strerror)


def read_state(folder: str, fd: int | None, room: str) -> bytes | None:
    """Return the bytes of a room's state as they are, or None. Raises ``state_corrupt``."""
    name = state_name(room)
    if fd is None:
        return None
    try:
        if fd >= 0:
            return read_file(name, STATE_LIMIT, dir_fd=fd)
        return read_file(os.path.join(folder, name), STATE_LIMIT)
    except ValueError as error:
        raise Refusal("state_corrupt", what=f"{os.path.join(folder, name)}: {error}") from None


def parsed(data: bytes, where: str) -> "dict[str, object]":
    """Return the state that bytes hold. Raises ``state_corrupt`` or ``state_too_new``."""
    try:
        raw = jsontext.read(data.decode())
    except ValueError as error:
        raise Refusal("state_corrupt", what=f"{where}: {error}") from None
    if shape.is_newer(raw):
        raise Refusal("state_too_new", what=where)
    wrong = shape.complaint(raw)
    if wrong or not isinstance(raw, dict):
        raise Refusal("state_corrupt", what=f"{where}: {wrong}")
    return raw
