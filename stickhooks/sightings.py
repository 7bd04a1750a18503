"""What was seen beside the events: refusals, bypasses, waits. For the gate too.

Noted as well as can be: without a lock, without a number, never at the price of an answer.
"""

from stickhooks import clock, disk, jsontext
from stickhooks.folder import Folder, read_file
from stickhooks.system import os

NAME = "sightings.jsonl"
LIMIT = 8 << 20


def path_of(root: str, room_id: str) -> str:
    return os.path.join(root, disk.FOLDER, "log", room_id, NAME)


def note(root: str, room_id: str, what: str, **details: object) -> bool:
    """Append one line, and tell whether that could be done. A full or missing file is no error."""
    line = jsontext.write({"at": clock.read()[0], "what": what, **details}) + "\n"
    try:
        with (
            Folder.open(os.path.join(root, disk.FOLDER)) as ours,
            ours.sub("log", room_id, make=True) as log,
        ):
            fd = log.file(NAME, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            try:
                return os.fstat(fd).st_size < LIMIT and os.write(fd, line.encode()) > 0
            finally:
                os.close(fd)
    except OSError:
        return False


def read(root: str, room_id: str, tail: int = 2 * LIMIT) -> "list[dict[str, object]]":
    """Return what was seen, oldest first; of a long file only the last ``tail`` bytes.

    Lines that cannot be read are passed over.
    """
    found = []
    try:
        data = read_file(path_of(root, room_id), 2 * LIMIT)
    except ValueError:
        data = None
    for line in (data or b"")[-tail:].decode("utf-8", "replace").splitlines():
        try:
            value = jsontext.read(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            found.append(value)
    return found
