"""``stick init`` and ``stick uninit``: the room and the hooks, in and out.

Never changes a file that git tracks. Doing it again changes nothing; with ``dry_run``
nothing is changed the first time either.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from stickhooks.errors import Next, Refusal
from stickhooks.fast import build
from stickhooks.fast.records import replace
from stickhooks.operations import file_modes, parted, room_places, shared_setting
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.protocol import phases, rules
from stickhooks.setup import (
    before_hook,
    client_hooks,
    git_hooks,
    kept_work,
    own_files,
    packagers,
    room_removal,
    running_clients,
    scopes,
)
from stickhooks.setup.clients import BY_SHORT
from stickhooks.setup.report import Report, undo_all
from stickhooks.store import accounts, layout
from stickhooks.store.snapshot import Snapshot, snapshots
from stickhooks.system import homes, text_files
from stickhooks.text import plain, quoted, word
from stickhooks.workspace import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.errors import Step

PARTS: Final = ("git", *BY_SHORT)


def init(
    desk: Desk,
    *,
    user: bool,
    only: str | None,
    auto_claim: bool,
    dry_run: bool,
    show: bool = False,
    keep_before: bool = False,
    verbose: bool = True,
    engine: str | None = None,
    solo: bool = False,
) -> Reply:
    """Make the room here, and install the git hooks and those of the clients found.

    ``show`` is ``dry_run`` with every file that would be written, by name. With ``keep_before`` git asks
    our hook before it takes uncommitted work. ``verbose`` tells every hook and every client's limits, and
    shows such files whole.
    """
    parts = _parts(only)
    if keep_before and (user or (parts is not None and "git" not in parts)):
        message = "--before-hook is a setting of this repository's git: without --user, and with --only git"
        raise Refusal("usage", message, [before_hook.ON])
    report = Report(dry_run or show)
    accounts.check_may_make_in(str(homes.needed()) if user else desk.workspace.root)
    scope = scopes.of_user() if user else scopes.of_tree(desk.workspace)
    if engine is not None:
        if user:
            raise Refusal("usage", "--engine is for the rooms of one workspace: without --user", [])
        from stickhooks.setup import shared_rooms

        desk = shared_rooms.choose(desk, engine, report)
    if not user:
        if not solo:
            shared_setting.check(desk, "init")
        _make_room(desk, report, auto_claim)
    if not user and (parts is None or "git" in parts):
        git_hooks.install(desk.workspace, report, required=only is not None)
        _before_hook(desk, report, wanted=keep_before)
    client_hooks.install(scope, report, parts, desk.workspace.root)
    known = [running_clients.line(*one) for one in running_clients.unguarded(desk.workspace)]
    report.lines += [line for line in known if line not in report.lines]
    if not report.dry:
        running_clients.forget_ended(desk.workspace)
        build.refresh()
    options = (
        *(("--only", ",".join(parts)) if parts else ()), *(("--engine", word(engine)) if engine else ()),
        *("--auto-claim",) * auto_claim, *("--before-hook",) * keep_before, *("--solo",) * solo,
    )  # fmt: skip
    follow = [] if user else [Next("init", *options) if report.dry else _next(desk)]
    return _done(report, follow, show=show, verbose=verbose)


def _before_hook(desk: Desk, report: Report, *, wanted: bool) -> None:
    if desk.workspace.git_dir is not None:
        manifest = git_hooks.hooks_manifest(paths.common_dir_of(desk.workspace.git_dir))
        before_hook.install(desk.workspace, manifest, report, wanted=wanted)


def _parts(only: str | None) -> tuple[str, ...] | None:
    if only is None:
        return None
    parts = tuple(part.strip() for part in only.split(",") if part.strip())
    wrong = [part for part in parts if part not in PARTS]
    if wrong or not parts:
        raise Refusal(
            "usage", f"--only takes some of {','.join(PARTS)}, not {quoted(only)}", [Next("init")]
        )
    return parts


def _next(desk: Desk) -> Step:
    """Return what somebody types after ``init``: who is a member already has joined."""
    try:
        me = desk.caller(desk.snapshot().room)
    except Refusal:
        return Next("join")
    return Next("status") if me.agent_id and me.proof else Next("join")


def _done(report: Report, follow: list[Step], *, show: bool, verbose: bool) -> Reply:
    data: dict[str, object] = {"done": report.lines}
    texts: list[str] = []
    if show:
        data["files"] = report.files
        texts = _whole(report.files) if verbose else _named(report.files)
    told = report.lines if verbose else report.brief()
    if report.troubles:
        lines = [*report.troubles, *told, *texts]
        return Reply(lines, "config", report.steps or [Next("doctor")], data)
    return Reply([*told, *texts] or ["nothing to do"], next=follow, data=data)


def _whole(files: Mapping[str, str]) -> list[str]:
    return [f"--- {path}\n{text.rstrip()}" for path, text in files.items()]


def _named(files: Mapping[str, str]) -> list[str]:
    """Name files that would be written, with how long each would be."""
    lines = [f"  {plain(path)}  ({text.count(chr(10))} lines)" for path, text in files.items()]
    return [f"{len(files)} files, none of which git tracks (`--verbose` shows them whole):", *lines]


# --- the room


def _make_room(desk: Desk, report: Report, auto_claim: bool) -> None:
    """Make the workspace's own room; a nested one is made by ``stick join --new``."""
    root = desk.workspace.root
    snapshot = desk.store.load("") if "" in desk.store.paths() else None
    trouble = desk.store.trouble(snapshot) if snapshot else None
    if trouble is not None:
        raise trouble  # the hooks would be in force where the room is not
    if snapshot is None:
        room_places.check(desk.workspace, desk.place)
        if not report.dry:
            desk.rooms.open("")
    report.did(snapshot is None, f"room {plain(root)}")
    if not report.dry:
        packagers.keep_out(root)
    report.lines += [plain(line) for line in packagers.advice(root)]
    if auto_claim:
        _set_auto_claim(desk, report)


def _set_auto_claim(desk: Desk, report: Report) -> None:
    room = None if report.dry else desk.rooms.look("")[0]
    changed = room is None or room.policy.on_idle != "claim"
    try:
        if changed and room is not None:
            desk.rooms.govern(room.room_id, replace(room.policy, on_idle="claim"))
        state = "already so" if not changed else "would be set" if report.dry else "set"
        report.told("policy on_idle claim", state)
    except Refusal as refusal:
        what = f"policy on_idle: NOT changed: {plain(refusal.message)}"
        report.troubles.append(f"{what}; later: stick policy on_idle claim")


# --- and out again


def uninit(
    desk: Desk, *, user: bool, dry_run: bool, force: bool = False, keep_snapshots: bool = False
) -> Reply:
    """Take everything away. Always possible, with ``force`` while somebody else holds: the log is
    then kept, and told where. Names the holder. Of rooms that cannot be read the log is kept as
    well, and without ``force`` what was kept of uncommitted work: it may be all that is left."""
    if user:
        lines = undo_all(scopes.of_user().manifest, dry_run)
        if not dry_run:
            (scopes.user_folder() / layout.UNGUARDED).unlink(missing_ok=True)
            text_files.remove_folders([str(scopes.user_folder())])
        return Reply(lines or ["nothing was installed for this user"])
    workspace, stays = desk.workspace, ""
    unread = _unread(desk)
    theirs = "" if dry_run else _ends_anothers(desk, force=force)
    left = [] if dry_run else _left(desk, force=force)
    with _alone(desk, dry_run=dry_run):
        held = _who_held(desk, leaving=not dry_run, force=force)
        lines = [*left, *(line for line in held if line not in left)]
        lines += _undone(desk, dry_run=dry_run, theirs=theirs)
        lines += kept_work.take_away(
            workspace, dry_run=dry_run, keep=keep_snapshots or (unread and not force)
        )
        folder = os.path.join(workspace.root, layout.FOLDER)
        if os.path.lexists(folder):
            if (force or unread) and not dry_run:
                kept, stays = _kept_log(workspace)
                lines += kept
            removed = "would remove" if dry_run else "removed"
            logs = "but not" if force or unread else "with"
            lines.append(f"{removed} {folder}, {logs} the room's log")
        asides = [] if dry_run else room_removal.put_aside(workspace)
    # FUSE keeps what is open, as our lock was, under another name: see hard_remove in fuse(8)
    if stays:
        lines[-1] = f"{stays}; all of it lies in {', '.join(map(plain, asides))} now"
        return Reply(lines, next=[way for aside in asides if (way := own_files.way_to_use(aside))])
    room_removal.remove(asides)
    return Reply(lines or ["there was nothing of stickhooks here"])


def _unread(desk: Desk) -> bool:
    """Tell whether a room is damaged, lost, newer than this program, or not to be read."""
    try:
        snapshots(desk.store)
    except Refusal:
        return True
    return False


def _left(desk: Desk, *, force: bool) -> list[str]:
    """Leave the rooms on an engine, where there is one: these stay."""
    from stickhooks.store import opening, reader

    git_dir = desk.workspace.git_dir
    if not (git_dir and (reader.names_engine(git_dir) or opening.configured(git_dir))):
        return []
    from stickhooks.setup import shared_rooms

    return [*_who_held(desk, leaving=True, force=force), *shared_rooms.leave(desk)]


def _undone(desk: Desk, *, dry_run: bool, theirs: str) -> list[str]:
    """Take file modes, clients' hooks and git hooks back. What another account wrote down and this one
    cannot read stays, and is named."""
    workspace, lines = desk.workspace, list[str]()
    steps: list[Callable[[], list[str]]] = [
        lambda: [] if dry_run else file_modes.off(workspace),
        lambda: undo_all(scopes.of_tree(workspace).manifest, dry_run),
        lambda: git_hooks.forget(workspace, dry_run),
    ]
    for undo in steps:
        try:
            lines += undo()
        except (OSError, Refusal) as error:
            if not theirs:
                raise
            what = error.message if isinstance(error, Refusal) else str(error)
            lines.append(f"left as it is: {plain(what)}")
    return lines


def _ends_anothers(desk: Desk, *, force: bool) -> str:
    """Return whose room is about to be ended, ``""`` for one of the caller's own account.

    Raises Refusal ``io`` unless a person ends by ``force`` what no living account but his own has.
    """
    for place in desk.store.places():
        owner = accounts.owner_of(place)
        if owner is not None:
            _check_may_end(desk, accounts.anothers(place, owner), force=force)
            room_removal.check_may_move(desk.workspace)
            return accounts.label(owner)
    return ""


def _check_may_end(desk: Desk, refusal: Refusal, *, force: bool) -> None:
    """Raise a refusal to read a room, unless a person ends it by ``force`` and no living account has it.

    Whoever holds a room of a newer program may be at work: it ends by a person's word alone.
    """
    owner, person = refusal.details.get("owner_uid"), desk.caller(None).person
    if owner is None and refusal.code == "state_too_new" and not person:
        raise refusal
    if owner is None and refusal.code != "io":
        return  # damaged or lost: anybody here may begin anew
    if isinstance(owner, int) and not accounts.may_end(owner, desk.workspace.root):
        raise refusal
    if not (person and force):
        refusal.next = [*refusal.next, Next("uninit", "--force")] if person else refusal.next
        raise refusal


@contextlib.contextmanager
def _alone(desk: Desk, *, dry_run: bool) -> Iterator[None]:
    """Hold the rooms' lock, so that nobody takes a stick while its room is taken away.

    A room that is broken, or whose lock a stopped process keeps, is taken away all the same. Windows
    renames no folder in which a file is open.
    """
    with contextlib.ExitStack() as stack:
        if not dry_run and os.path.isdir(desk.store.folder) and os.name != "nt":
            held = desk.store.exclusive(anywhere=True)
            with contextlib.suppress(Refusal):
                held.__enter__()
                stack.callback(held.__exit__, None, None, None)
        yield


def _kept_log(workspace: paths.Workspace) -> tuple[list[str], str]:
    """Put the log where it outlives the room, in the git dir, else in our own folder; say where.

    Return as well why everything stays, put aside, where a log cannot be copied.
    """
    log = os.path.join(workspace.root, layout.FOLDER, layout.LOGS)
    if not os.path.isdir(log):
        return [], ""
    home = workspace.git_dir or str(scopes.user_folder())
    kept = os.path.join(home, f"{layout.KEPT_LOG}{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}")
    try:
        shutil.copytree(log, kept, symlinks=True)
        _give_to_owner(kept, home)
    except (OSError, shutil.Error) as error:
        shutil.rmtree(kept, ignore_errors=True)
        return [], f"the log could not be kept in {plain(kept)} ({plain(str(error)[:200])})"
    return [f"the log is kept: {plain(kept)}"], ""


def _give_to_owner(kept: str, home: str) -> None:
    """Have what root copied into another's folder belong to whom that folder does."""
    owner = accounts.owner_of(home)
    if owner is None:
        return
    group = os.stat(home).st_gid
    for place in text_files.all_in(kept):
        os.chown(place, owner, group, follow_symlinks=False)


def _who_held(desk: Desk, *, leaving: bool, force: bool) -> list[str]:
    """Say who holds, and name nested rooms. With ``leaving`` nobody takes a room from its holder,
    but a person with ``force``."""
    try:
        every = snapshots(desk.store)
        held = [
            (it.room, one) for it in every for one in parted.all_standings(desk, it) if one.lease
        ]
    except Refusal as refusal:
        if leaving:
            _check_may_end(desk, refusal, force=force)
        theirs = refusal.details.get("owner_uid")
        ended = f"the room belonged to {accounts.label(theirs)}" if isinstance(theirs, int) else ""
        return [f"who held the stick cannot be said: {ended or plain(refusal.message)}"]
    for one in every if leaving else ():
        _check_side(desk, one, force=force)
        rules.check_open_to(one.room, person=desk.caller(one.room).person)
    for room, standing in held if leaving else ():
        caller = desk.caller(room)
        mine = bool(caller.proof) and standing.keeper == caller.agent_id
        if not ((caller.person and force) or mine) and standing.phase == phases.OWNED:
            who = "a person with --force" if caller.person else "a person"
            deed = "uninstalls here" if desk.store.clone else "takes the room away"
            message = f"{standing.headline()}: only the holder, or {who}, {deed}"
            follow = standing.next(caller.agent_id, person=False, room=desk.aside(room.path))
            follow += [Next("uninit", "--force")] if caller.person else []
            raise Refusal("held", message, follow, current_owner=standing.keeper)
    nested = [plain(desk.rooms.shown(path)) for path in desk.store.paths() if path]
    headlines = [standing.headline() for _, standing in held]
    return [*headlines, *([f"with the nested rooms {', '.join(nested)}"] if nested else [])]


def _check_side(desk: Desk, snapshot: Snapshot, *, force: bool) -> None:
    """Refuse to take a room away from another side, but to a person with ``force``."""
    trouble, person = desk.store.trouble(snapshot), desk.caller(snapshot.room).person
    if trouble is not None and not (force and person):
        trouble.next = [*trouble.next, Next("uninit", "--force")] if person else trouble.next
        raise trouble
