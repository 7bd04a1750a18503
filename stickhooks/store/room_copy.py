"""A copy of each room in the git dir, from which a deleted folder is brought back exactly.

``git clean -fdx`` and ``rm -r`` take our folder along, but not the git dir. A copy is put there
right before the state is published: one that is ahead of the anchor tells of a write that was cut
short, and is not exact. Beside it stand the bytes of the log, and a witness: when the copy was last
changed, by the file system's own word. A copy that a backup put back was changed later than that.
"""

from __future__ import annotations

import os

from stickhooks.errors import Refusal
from stickhooks.fast.records import Frozen, dataclass
from stickhooks.protocol import phases
from stickhooks.store import event_log, layout, publishing, reader, sides
from stickhooks.system import publish
from stickhooks.system.folder import Folder, Opened, write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any, Final, TypeAlias

Look: TypeAlias = "Callable[[], object]"
WITNESS_LIMIT: Final = 200


@dataclass(frozen=True)
class Copy(Frozen):
    """The state in a copy, its bytes and parsed, and whether the witness vouches for it."""

    data: bytes
    raw: Mapping[str, Any]
    vouched: bool


# --- written


def keep(
    git_dir: str | None, ours: Folder, room_id: str, data: bytes, end: int, lines: bytes
) -> None:
    """Copy a state about to be published, and its log of ``end`` bytes, of which ``lines`` are new.

    Where that cannot be, the copy that is there is not exact any more.
    """
    if git_dir is None:
        return
    try:
        with (
            Folder.open(git_dir) as top,
            top.sub(layout.GIT_FOLDER, layout.COPIES, room_id, make=True) as copy,
        ):
            _keep_log(ours, copy, room_id, end, lines)
            publish.clear(copy)
            publish.publish(copy, layout.COPIED_STATE, data)
            copy.write(layout.WITNESS, _change_of(copy))
    except OSError:
        pass


def _keep_log(ours: Folder, copy: Folder, room_id: str, end: int, lines: bytes) -> None:
    """Bring the copy of a log up to date. What is not on disk after a power cut is seen when it is read."""
    if not end:
        return
    try:
        with _own_log(copy) as fd:
            if os.fstat(fd).st_size != end - len(lines):
                with (
                    ours.sub(layout.LOGS, room_id) as log,
                    log.opened(layout.EVENTS, os.O_RDONLY) as source,
                ):
                    _copied(source, fd, end)
            elif lines:
                os.lseek(fd, 0, os.SEEK_END)
                write_all(fd, lines)
    except OSError:
        pass


def _own_log(copy: Folder) -> Opened:
    """Open the copy of a log to be written; one that a backup shares by a hard link is left to it."""
    file = copy.opened(layout.EVENTS, os.O_RDWR | os.O_CREAT)
    fd = file.fd
    if os.fstat(fd).st_nlink > 1:
        os.close(fd)
        copy.unlink(layout.EVENTS)
        return copy.opened(layout.EVENTS, os.O_RDWR | os.O_CREAT)
    return file


def _copied(source: int, target: int, end: int) -> None:
    """Copy ``end`` bytes of a file, or as many as it has, in the place of another's."""
    os.ftruncate(target, 0)
    os.lseek(target, 0, os.SEEK_SET)
    while end > 0 and (piece := os.read(source, min(end, event_log.CHUNK))):
        write_all(target, piece)
        end -= len(piece)


def disown(git_dir: str | None, room_id: str) -> None:
    """Say that the copy is of a state that was not published after all."""
    try:
        os.unlink(os.path.join(folder_of(git_dir or "", room_id), layout.WITNESS))
    except OSError:
        pass


def _change_of(copy: Folder) -> bytes:
    """Return when the state in a copy was last changed, and which file it is: no program can set that."""
    with copy.opened(layout.COPIED_STATE, os.O_RDONLY) as fd:
        status = os.fstat(fd)
    return f"{status.st_ctime_ns} {status.st_ino} {status.st_size}\n".encode()


# --- read


def folder_of(git_dir: str, room_id: object) -> str:
    return os.path.join(git_dir, layout.GIT_FOLDER, layout.COPIES, str(room_id))


def state_of(git_dir: str | None, room_id: object) -> Copy | None:
    """Return the copy of a room, None where there is none that can be read."""
    if git_dir is None:
        return None
    try:
        with Folder.open(folder_of(git_dir, room_id)) as copy:
            data = copy.read(layout.COPIED_STATE, reader.STATE_LIMIT)
            vouched = copy.read(layout.WITNESS, WITNESS_LIMIT) == _change_of(copy)
            return Copy(data, reader.parsed(data, copy.path), vouched) if data else None
    except (OSError, ValueError, Refusal):
        return None


def every(git_dir: str) -> Iterator[Copy]:
    """Yield all copies that can be read; for when no anchor tells the ids of rooms."""
    try:
        ids = os.listdir(os.path.dirname(folder_of(git_dir, "x")))
    except OSError:
        return
    for room_id in ids:
        copy = state_of(git_dir, room_id)
        if copy and copy.raw["room_id"] == room_id:
            yield copy


def age(raw: Mapping[str, Any]) -> tuple[int, int]:
    """Return the last turn and event of a state: what orders the states of a room."""
    return reader.latest_turn(raw), raw["event_seq"]


def drop(git_dir: str | None, ours: Folder, room_id: str, *, carried: bool = False) -> None:
    """Remove the copy of a room that is no more, if all its events are elsewhere: ``carried`` into
    another room's log, or still in our folder."""
    if git_dir is None or not room_id:
        return
    copy = folder_of(git_dir, room_id)
    size = event_log.size_of(copy)
    if carried or event_log.size_of(os.path.join(ours.path, layout.LOGS, room_id)) >= size:
        try:
            for name in os.listdir(copy):
                os.unlink(os.path.join(copy, name))
            os.rmdir(copy)
        except OSError:
            pass  # it tells nothing that is not known


def is_of(tree: str, git_dir: str | None) -> bool:
    """Tell whether a git dir's copies are of this very tree: not so in a copied one."""
    return git_dir is not None and reader.tree_of(git_dir) == tree


def exact(git_dir: str | None, path: str, mark: Mapping[str, object] | None) -> Copy | None:
    """Return the copy of a room's state if it is certainly the newest; ``is_of`` was asked before.

    ``mark`` is the anchor's. See protocol, section 7: what is not certain stays lost.
    """
    copy = state_of(git_dir, mark["id"]) if mark and "event" in mark else None
    if mark is None or copy is None:
        return None
    raw, vouched = copy.raw, copy.vouched
    same = (raw["path"], raw["room_id"], *age(raw)) == (
        path, mark["id"], mark["turn"], mark["event"],
    )  # fmt: skip
    sure = vouched and same and raw["members"] and all(map(_seen, raw["members"]))
    return copy if sure else None


def _seen(member: Any) -> bool:
    """Tell whether a member is known by a process outside every sandbox: one inside cannot write here."""
    known = [one for one in (member["process"], *member["beside"]) if one]
    return any(one["start"] is not None for one in known)


# --- brought back


def bring_back(git_dir: str | None, root: str, ours: Folder, look: Look) -> None:
    """Put back each room whose state is not there and whose copy is exact. Needs the lock.

    ``look`` is called right before each rename: see ``exclusion``.
    """
    try:
        marks = reader.read_anchor(git_dir) if git_dir else None
    except Refusal:
        return
    if not marks:
        return
    there = set(ours.names())
    gone = [path for path in marks if layout.state_name(path) not in there]
    for path in gone if gone and is_of(root, git_dir) else ():
        put_back(git_dir, ours, path, marks[path], look, aside=False)


def put_back(
    git_dir: str | None,
    ours: Folder,
    path: str,
    mark: Mapping[str, Any],
    look: Look,
    *,
    aside: bool = True,
) -> bool:
    """Publish the copy of one room, if it is exact, with its log. Needs the lock. Tell whether it was.

    With ``aside`` something lies in its place: a state that is damaged, or older than the mark, is
    kept among the strays, and any other one stays where it is.
    """
    here = reader.state_here(ours, path) if aside else None
    copy = exact(git_dir, path, mark)
    if copy is None or (here and not reader.is_older(here, mark)):
        return False
    if side_trouble(copy.raw, ours) is not None:
        return False  # it comes back where it belongs
    if aside:
        publishing.move_stray_aside(ours, path)
    mend_log(git_dir, ours, str(mark["id"]), copy.raw["log_bytes"])
    publish.publish(ours, layout.state_name(path), copy.data, look)
    ours.sync()
    return True


def side_trouble(raw: Mapping[str, Any], ours: Folder) -> Refusal | None:
    """Return why a copy may not be published from here, None where its room's locks are ours."""
    device = os.stat(ours.path if ours.fd is None else ours.fd).st_dev
    return sides.trouble(raw, ours, device, os.path.dirname(ours.path))


def check_not_held_elsewhere(
    git_dir: str | None, ours: Folder, known: Mapping[str, object], reading: tuple[int, int, str]
) -> None:
    """Raise ``io`` where a room without its state is held on another side, which may bring it back."""
    copy = state_of(git_dir, known["id"]) if "id" in known else None
    if copy is None or not copy.raw["lease"]:
        return
    raw = copy.raw
    mark = raw["clock"]
    now = phases.room_time(*reading, mark["boot"], mark["offset"], mark.get("shift", 0))
    trouble = side_trouble(raw, ours)
    if trouble is not None and not phases.is_over(now, raw["lease"]["expires_at"]):
        raise trouble


def mend_log(git_dir: str | None, ours: Folder, room_id: str, end: int) -> None:
    """Put a log back that is gone, or has lost its end before ``end``, as far as its copy is sound.

    Raises OSError: a state must not be published while its log might still come back.
    """
    with ours.sub(layout.LOGS, room_id, make=True) as log:
        there = event_log.size(log)
        if git_dir is None or there >= end:
            return
        copy = os.path.join(folder_of(git_dir, room_id), layout.EVENTS)
        length = event_log.sound(copy, end)[0] if os.path.lexists(copy) else 0
        if length > there:
            carry(copy, log, length)


def carry(source: str, log: Folder, length: int) -> None:
    """Put ``length`` bytes of a log file in the place of a room's log, durably."""
    with (
        Folder.open(os.path.dirname(source)) as folder,
        folder.opened(os.path.basename(source), os.O_RDONLY) as own,
    ):
        publish.publish(log, layout.EVENTS, lambda fd: _copied(own, fd, length))
    log.sync()
