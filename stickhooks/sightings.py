"""What was seen beside the events: refusals, bypasses, waits. For the gate too.

Noted as well as can be: without a lock, without a number, never at the price of an answer.
"""

import os

from stickhooks import clock, disk, jsontext

NAME = "sightings.jsonl"
LIMIT = 8 << 20


def path_of(root: str, room_id: str) -> str:
    return os.path.join(root, disk.FOLDER, "log", room_id, NAME)


def note(root: str, room_id: str, what: str, **details: object) -> bool:
    """Append one line, and tell whether that could be done. A full or missing file is no error."""
    path = path_of(root, room_id)
    line = jsontext.write({"at": clock.read()[0], "what": what, **details}) + "\n"
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    try:
        fd = _open(path, flags)
    except OSError:
        return False
    try:
        if os.fstat(fd).st_size > LIMIT:
            return False
        return os.write(fd, line.encode()) > 0
    except OSError:
        return False
    finally:
        os.close(fd)


def _open(path: str, flags: int) -> int:
    try:
        return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o600)
    except FileNotFoundError:
        folder = os.path.dirname(path)
        if not os.path.isdir(os.path.dirname(os.path.dirname(folder))):
            raise  # the room's folder is gone; it is not for us to make a new one
        os.makedirs(folder, 0o700, exist_ok=True)
        return os.open(path, flags, 0o600)


def read(root: str, room_id: str) -> "list[dict[str, object]]":
    """Return what was seen, oldest first; lines that cannot be read are passed over."""
    found = []
    try:
        with open(path_of(root, room_id), encoding="utf-8", errors="replace") as file:
            for line in file:
                try:
                    value = jsontext.read(line)
                except ValueError:
                    continue
                if isinstance(value, dict):
                    found.append(value)
    except OSError:
        pass
    return found
