"""``stick doctor``: what is wrong here, and the command that mends it."""

from __future__ import annotations

import errno
import os
import shlex
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import Frozen, replace
from stickhooks.operations import move_side
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.setup import (
    before_hook,
    client_checks,
    engine_checks,
    git_hooks,
    hookless_shell,
    kept_work,
    own_files,
    waking_checks,
)
from stickhooks.setup.report import Report
from stickhooks.store import accounts, anchor_rebuild, directory, layout
from stickhooks.store.snapshot import Snapshot
from stickhooks.system import filesystem
from stickhooks.text import age, command, plain, word
from stickhooks.workspace import git, git_environment, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.errors import Step

CLOCK_LIMIT_MS: Final = 5 * 60_000
GONE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
FIX: Final = Next("doctor", "--fix")
ENGINE: Final = ("engine", "config")  # of rooms on several machines: nothing is lost here


@dataclass(frozen=True)
class Finding(Frozen):
    """One thing that is wrong, the command that mends it, and, where that is safe, how to do it.

    ``code`` is that of the refusal it causes; ``config`` for hooks and settings.
    """

    code: str
    what: str
    next: Step
    mend: Callable[[], str] | None = None


def examine(desk: Desk, *, fix: bool) -> Reply:
    """Look at everything; with ``fix`` mend what is safe to mend, and say what was changed.

    A room made anew has a new id, goes on from the last turn that was given, with members, policy,
    history and the last handoff as far as they are known, and nobody holds it.
    """
    if fix:
        accounts.check_ours(desk.store.places())
    ways = waking_checks.results()
    closed = [Finding("config", f"waking by {way}: {told}", Next("policy", "wake", "off"))
              for way, told in ways.items() if waking_checks.is_closed(told)]  # fmt: skip
    findings = [*_everything(desk), *closed]
    fixed: list[str] = []
    if fix:
        fixed = [finding.mend() for finding in findings if finding.mend]
        findings = [*_everything(desk), *closed] if fixed else findings
    lines = [f"mended: {line}" for line in fixed] + [f.what for f in findings]
    data: dict[str, object] = {
        "findings": [{"code": f.code, "what": f.what, "next": command(f.next)} for f in findings],
        "fixed": fixed,
        "waking": ways,
    }
    if findings:
        return Reply(lines, findings[0].code, list(dict.fromkeys(f.next for f in findings)), data)
    kept = [kept_work.summary(desk.workspace), before_hook.lacking(desk.workspace)]
    return Reply([*(lines or ["nothing is wrong here"]), *filter(None, kept)], data=data)


def _everything(desk: Desk) -> Iterator[Finding]:
    try:
        accounts.check_ours(desk.store.places())
    except Refusal as refusal:  # another account's: nothing of it is for this one to mend
        yield Finding(refusal.code, refusal.message, refusal.next[0])
        return
    rooms = list(_rooms(desk))
    yield from rooms
    for code, what, way in engine_checks.amiss(desk):
        if not any(found.code == code for found in rooms):
            yield Finding(code, what, way)
    yield from () if any(found.code == "io" for found in rooms) else _own_files(desk)
    yield from _lock(desk)
    yield from _hooks(desk)
    for what, way in kept_work.wrongs(desk.workspace):
        yield Finding("io", what, way)
    for what, follow in client_checks.amiss(desk.workspace, rooms=_has_rooms(desk)):
        yield Finding("config", what, follow)
    for what, follow, mend in client_checks.outdated(desk.workspace):
        yield Finding("config", what, follow, mend)
    if desk.workspace.git_dir and git.is_tracked(desk.workspace.root, desk.store.folder):
        what = f"git tracks {layout.FOLDER}: its states would travel with every clone"
        yield Finding("config", what, f"git rm -r --cached {layout.FOLDER}")


# --- rooms


def _rooms(desk: Desk) -> Iterator[Finding]:
    trouble: Refusal | None = None
    try:
        rooms, foreign = desk.store.paths(), desk.store.foreign()
    except Refusal as refusal:
        yield _anchor(desk, refusal)
        return
    for path, found in sorted(desk.store.every(), key=lambda it: it[0]) if rooms else ():
        if isinstance(found, Refusal):
            yield _lost(desk, path, found)
        elif found:
            trouble = trouble or desk.store.trouble(found)
            yield from _room(desk, found)
    if trouble is not None:
        yield _elsewhere(desk, trouble)
    if foreign:
        what = f"{desk.store.folder} was copied from another checkout and is ignored here"
        yield Finding("config", what, Next("init"))


def _room(desk: Desk, snapshot: Snapshot) -> Iterator[Finding]:
    shown = desk.rooms.shown(snapshot.room.path)
    log = Path(desk.store.folder, layout.LOGS, snapshot.room.room_id, layout.EVENTS)
    if _length(log) < snapshot.record.log_bytes:
        what = f"{log} lost its end: history of {shown} is missing, its state is not"
        yield Finding("io", what, FIX, lambda: _accept_end(desk, snapshot.room.path, log))
    reading = desk.rooms.clock()
    off = snapshot.now(reading) - reading[0]
    if abs(off) > CLOCK_LIMIT_MS and not engine_checks.is_shared(desk):
        way = "behind" if off > 0 else "ahead of"
        what = f"the wall clock is {age(abs(off))} {way} the room's; leases are not touched by it"
        yield Finding("config", what, "date")


def _length(log: Path) -> int:
    """Return how long a log is, without end where that cannot be seen: what is unknown is not gone."""
    try:
        there = log.stat()  # from Python 3.14 on `is_file` says no to what may not be looked at
    except PermissionError:
        return sys.maxsize
    except OSError as error:
        if error.errno not in GONE:
            raise
        return 0
    return there.st_size if stat.S_ISREG(there.st_mode) else 0


def _accept_end(desk: Desk, path: str, log: Path) -> str:
    """Have the room go on from the end that its log has: what was behind it is nowhere any more."""
    with desk.store.exclusive():
        snapshot = desk.store.load(path)
        length = _length(log)
        if snapshot is not None and length < snapshot.record.log_bytes:
            record = replace(snapshot.record, log_bytes=length)
            known = Snapshot(snapshot.room, record, snapshot.data)
            desk.store.swap(known, snapshot.room, (), desk.rooms.clock())
    return f"{log} goes on from the end that it has; what was behind that is lost"


def _lost(desk: Desk, path: str, refusal: Refusal) -> Finding:
    if refusal.code in (
        "io",
        "state_too_new",
        *ENGINE,
    ):  # there, and not to be read: nothing is lost
        readable = _unbarred(desk, path) if refusal.code == "io" else ""
        return Finding(refusal.code, refusal.message, readable or refusal.next[0])
    return Finding(refusal.code, refusal.message, FIX, lambda: _remake(desk, path))


def _anchor(desk: Desk, refusal: Refusal) -> Finding:
    """Find an anchor that is damaged, replaced, or not to be read: it is made again where that is sure."""
    place = layout.anchor_of(desk.workspace.git_dir or "")
    if refusal.code in ENGINE:
        return Finding(refusal.code, refusal.message, refusal.next[0])
    unsure = desk.store.anchor_hindrance()
    unreadable = refusal.code == "io"  # there, and not to be read: nothing is lost
    if unreadable and not (anchor_rebuild.is_replaced(place) or own_files.way_to_use(place)):
        return Finding("io", refusal.message, _unbarred(desk, "") or refusal.next[0])
    if not unsure:
        return Finding(refusal.code, refusal.message, FIX, lambda: _rebuilt(desk, place))
    if not unreadable:
        return Finding(refusal.code, refusal.message, FIX, lambda: _remake_all(desk))
    what = (
        f"{refusal.message}; it cannot be made again from the copies: {unsure}."
        " A person may end the room by `stick uninit --force`, which keeps its log"
    )
    person = desk.caller(None).person
    end = Next("uninit", "--force") if person else refusal.next[0]
    return Finding("io", what, _unbarred(desk, "") or end)


def _rebuilt(desk: Desk, place: str) -> str:
    rooms = [plain(desk.rooms.shown(path)) for path in desk.store.rebuild_anchor()]
    return f"{place} lists {', '.join(rooms)} again; no turn was touched"


def _elsewhere(desk: Desk, trouble: Refusal) -> Finding:
    """Find rooms that belong to another side, which may be moved here while nobody holds one."""
    hindrance = move_side.hindrance(desk)
    if hindrance is not None:
        return Finding("io", f"{trouble.message}: {hindrance.message}", hindrance.next[0])
    return Finding("io", trouble.message, FIX, lambda: move_side.move(desk))


def _unbarred(desk: Desk, path: str) -> str:
    """Return the command that makes a file or folder of the room readable, ``""`` where all are."""
    folder, anchor = desk.store.folder, layout.anchor_of(desk.workspace.git_dir or "")
    state = os.path.join(folder, layout.state_name(path))
    places = (folder, state, os.path.dirname(anchor), anchor)
    return next(filter(None, map(own_files.way_to_use, places)), "")


def _remake_all(desk: Desk) -> str:
    """Without an anchor that can be read, every room whose file lies here is made anew."""
    if desk.workspace.git_dir:
        directory.clear_way(os.path.join(desk.workspace.git_dir, layout.GIT_FOLDER))
    rooms = sorted({"", *desk.store.lying_here()})
    return "; ".join(_remake(desk, path) for path in rooms)


def _remake(desk: Desk, path: str) -> str:
    aside = directory.clear_way(desk.store.folder) or os.path.join(desk.store.folder, layout.STRAYS)
    shown = desk.rooms.shown(path)
    if desk.store.put_back(path):
        return f"{shown} is back as it was, from its copy; the damaged state lies in {aside}"
    room = desk.rooms.remake(path)
    if room is None:
        return f"{shown} was mended by somebody else meanwhile"
    line = f"{shown} is a new room {room.room_id}, at turn {room.turn_id}"
    if room.letter:
        line += f"; the last handoff, of {plain(room.letter.author)}, waits in it"
    return f"{line}; what was there lies in {aside}"


def _own_files(desk: Desk) -> Iterator[Finding]:
    """Find files and folders of ours that this account cannot use, in a room that it can read."""
    git_dir = desk.workspace.git_dir
    folders = [desk.store.folder, *([os.path.join(git_dir, layout.GIT_FOLDER)] if git_dir else [])]
    for what, follow in own_files.amiss(folders):
        yield Finding("io", what, follow)


# --- the lock


def _lock(desk: Desk) -> Iterator[Finding]:
    folder = desk.store.folder
    if not os.path.isdir(folder) or accounts.owner_of(folder) is not None:
        return
    try:
        filesystem.check(folder, desk.env)
    except Refusal as refusal:
        yield Finding("io", refusal.message, refusal.next[0])
    yield from _unwritable(folder)
    lock = Path(folder, layout.LOCK)
    if os.access(folder, os.X_OK) and lock.exists() and not lock.is_file():
        named = shlex.quote(str(lock))
        yield Finding("io", f"{lock} is not a regular file", f"mv {named} {named}.wrong")


def _unwritable(folder: str) -> Iterator[Finding]:
    """Find, without a write, why a write there would fail."""
    named = shlex.quote(folder)
    if not hasattr(os, "statvfs"):  # Windows
        return
    there = os.statvfs(folder)
    if there.f_flag & os.ST_RDONLY:
        what = f"{folder} is on a file system that is mounted read-only, perhaps by a sandbox"
        yield Finding("io", what, f"df {named}")
    elif not os.access(folder, os.W_OK | os.X_OK):
        ours = accounts.owner_of(folder) is None
        way = f"chmod u+rwx {named}" if ours else f"ls -ld {named}"
        yield Finding("io", f"{folder} cannot be written by you", way)
    elif there.f_blocks and not there.f_bavail:
        yield Finding("io", f"the disk of {folder} is full", f"df {named}")
    elif there.f_files and not there.f_favail:
        yield Finding("io", f"the disk of {folder} has no inodes left", f"df -i {named}")


# --- git's hooks


def _hooks(desk: Desk) -> Iterator[Finding]:
    """Find git hooks that are not there, not ours any more, or cannot run."""
    workspace = desk.workspace
    if not _has_rooms(desk):
        return
    if workspace.git_dir is None:
        why, step = git_hooks.lacking_around(workspace.root)
        if why:
            yield Finding("config", why, step)
        return
    if git_environment.hooks_path_variable(desk.env):
        why, step = hookless_shell.lacking(workspace, desk.env)
        if why:
            yield Finding("config", why, step)
        return
    folder = git.hooks_path(workspace.root)[0]
    if os.path.isdir(folder) and not os.access(folder, os.R_OK | os.X_OK):
        yield Finding("config", f"{folder}: Permission denied", f"ls -ld {word(folder)}")
        return
    try:
        wrong = git_hooks.wrongs(workspace, git_hooks.hooks_of(workspace)) or git_hooks.older(
            workspace
        )
    except PermissionError as error:
        wrong = [(f"{error.filename}: {error.strerror}", git_hooks.AGAIN)]
    except (Refusal, OSError) as error:
        wrong = [
            (f"whether git's hooks ask for the stick cannot be tried: {error}", "git --version")
        ]
    yield from _before_hook(workspace)
    for i, (what, way) in enumerate(wrong):  # one mending is for all of them
        mend = None if i or way != git_hooks.AGAIN else lambda: _reinstall(workspace)
        yield Finding("config", what, way, mend)


def _before_hook(workspace: paths.Workspace) -> Iterator[Finding]:
    what, way = before_hook.wrong(workspace)
    if what:
        mend = (lambda: _kept_before(workspace)) if way == before_hook.ON else None
        yield Finding("config", what, way, mend)


def _kept_before(workspace: paths.Workspace) -> str:
    report = Report(dry=False)
    assert workspace.git_dir is not None
    manifest = git_hooks.hooks_manifest(paths.common_dir_of(workspace.git_dir))
    before_hook.install(workspace, manifest, report, wanted=True)
    return "; ".join([*report.troubles, *report.lines])


def _has_rooms(desk: Desk) -> bool:
    try:
        return bool(desk.store.paths())
    except Refusal:
        return True


def _reinstall(workspace: paths.Workspace) -> str:
    report = Report(dry=False)
    git_hooks.install(workspace, report, required=True)
    return "; ".join([*report.troubles, *report.brief()])
