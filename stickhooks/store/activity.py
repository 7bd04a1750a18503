"""What was seen beside the events: refusals, bypasses, waits. For the gate too.

Noted as well as can be: without a lock, without a number, never at the price of an answer.
There are two files at most: a full one becomes the older one, in the place of the one before.
"""

from stickhooks.fast import json
from stickhooks.fast.os import os
from stickhooks.store import layout
from stickhooks.system import clock
from stickhooks.system.folder import Folder, Opened

#: What is noted: a wait that began, one that ended without the stick, a write that was refused,
#: one that went past the gate, one of a program that ``join --programs`` made a member's, what
#: was done to the tree outside of a turn; a snapshot that could not be made; work that was brought
#: back from one, by ``stick restore`` or ``stick undo``.
WAIT = "wait"
STOP = "stop"
REFUSED = "refused"
BYPASS = "bypass"
PROGRAM = "program"
OUTSIDE = "outside"
WAKE = "wake"  # somebody was told that the stick is reserved for it, or asked for: see ``waking``
NOT_KEPT = "not_kept"
BACK = "back"
#: The kind of such a note: a command of the policy ``reads``. What it changed is looked for when it is told.
READS = "reads"
FREE = "free"  # a change of files while nobody held the stick

LIMIT = 8 << 20  # bytes, of each of the two
ALL = 2 * LIMIT
LINE = 8 << 10  # bytes of one note
TEXT = 2000  # characters of a text in it, and items of a list, where it is longer
AGAIN_MS = 2000
RECENT = LINE + 4096  # bytes at the end of the file, searched for the same note


def _log(root: str, room_id: str, make: bool = True) -> Folder:
    """Open the folder of a room's logs. Raises OSError."""
    with Folder.open(os.path.join(root, layout.FOLDER)) as ours:
        return ours.sub(layout.LOGS, room_id, make=make)


def note(
    root: str, room_id: str, what: str, *, sparing: bool = False, **details: object
) -> bool:  # fmt: skip
    """Append one line, and tell whether that could be done. A missing file is no error.

    ``sparing`` leaves out what was noted in the very same words less than two seconds ago:
    of one write that several hooks refuse one note is kept, and of a client that asks in a loop few.
    """
    line = _line({"at": clock.read()[0], "what": what, **details})
    try:
        with _log(root, room_id) as log, _opened(log) as fd:
            return _append(fd, line.encode(), sparing)
    except OSError:
        return False


def _line(note: "dict[str, object]") -> str:
    """Return a note as a line that every reader's share of the file has place for: of a longer one
    texts and lists are cut."""
    line, length = json.write(note), TEXT
    while len(line) > LINE and length:
        length //= 4
        line = json.write({name: _cut(value, length) for name, value in note.items()})
    return line + "\n"


def _cut(value: object, length: int) -> object:
    if isinstance(value, str):
        return value[:length]
    return (
        [_cut(one, length) for one in value[:length]] if isinstance(value, list | tuple) else value
    )


def _opened(log: Folder) -> Opened:
    """Open the file to write to. Two that find it full at once may cost us older notes, no more."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
    file = log.opened(layout.ACTIVITY, flags)
    if os.fstat(file.fd).st_size < LIMIT:
        return file
    os.close(file.fd)
    log.replace(layout.ACTIVITY, layout.OLDER_ACTIVITY)
    return log.opened(layout.ACTIVITY, flags)


def _append(fd: int, line: bytes, sparing: bool) -> bool:
    end = _end_of(fd, RECENT)
    if sparing and any(_is_again(line, old) for old in end.splitlines(keepends=True)):
        return True
    if end and not end.endswith(b"\n"):  # a full disk cut the last one: it must not take ours along
        line = b"\n" + line
    return os.write(fd, line) == len(line)


def _is_again(line: bytes, old: bytes) -> bool:
    """Tell whether two lines differ in their time alone, and in that by little."""
    (head, _, said), (old_head, _, old_said) = line.partition(b","), old.partition(b",")
    at, before = head.removeprefix(b'{"at":'), old_head.removeprefix(b'{"at":')
    if said != old_said or not (at.isdigit() and before.isdigit() and len(before) < 20):
        return False
    return 0 <= int(at) - int(before) < AGAIN_MS


def _end_of(fd: int, length: int) -> bytes:
    """Return the last ``length`` bytes of an open file."""
    os.lseek(fd, max(0, os.fstat(fd).st_size - length), 0)
    pieces = []
    while length > 0 and (piece := os.read(fd, min(length, 1 << 18))):
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def read(root: str, room_id: str, tail: int = ALL) -> "list[dict[str, object]]":
    """Return what was seen, oldest first; of long files only the last ``tail`` bytes.

    Lines that cannot be read are passed over.
    """
    data = b""
    try:
        with _log(root, room_id, make=False) as log:
            for name in (layout.ACTIVITY, layout.OLDER_ACTIVITY):
                data = _end_of_file(log, name, tail - len(data)) + data
    except OSError:
        pass
    scan = json.scanner()
    notes = []
    for line in data.decode("utf-8", "replace").split("\n"):
        try:
            value = json.read(line, scan=scan)
        except ValueError:
            continue
        if isinstance(value, dict):
            notes.append(value)
    return notes


def last(root: str, room_id: str, facts: "dict[str, object]") -> "dict[str, object] | None":
    """Return the newest of the last few notes that has these facts, None where there is none."""
    notes = read(root, room_id, RECENT)
    fits = (n for n in reversed(notes) if all(n.get(name) == facts[name] for name in facts))
    return next(fits, None)


def _end_of_file(log: Folder, name: str, length: int) -> bytes:
    """Return the end of a file of our own, nothing where there is none."""
    try:
        with log.opened(name, os.O_RDONLY) as fd:
            mine = not hasattr(os, "geteuid") or os.fstat(fd).st_uid == os.geteuid()
            return _end_of(fd, length) if mine else b""
    except OSError:
        return b""


def is_first_reminder(root: str, room_id: str, turn: int) -> bool:
    """Write down that a turn was reminded of, and tell whether it was not before.

    The file is made before a word is said: where it cannot be made nothing is.
    """
    name = f"{layout.REMINDED}{turn}"
    try:
        with _log(root, room_id) as log:
            os.close(log.file(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
            for old in log.names():
                if old.startswith(layout.REMINDED) and old != name:
                    log.unlink(old)
    except OSError:
        return False
    return True
