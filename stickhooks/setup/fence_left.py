"""The fence of rooms that are no more: the ref on a git remote by which our ``pre-receive`` lets branches
land with the stick alone. Left there, no branch lands any more, for nobody can have that stick."""

from __future__ import annotations

import os

from stickhooks.errors import UNCHANGED, Refusal
from stickhooks.operations.context import Desk
from stickhooks.store import layout
from stickhooks.store.engine import kinds, remote_fence
from stickhooks.store.engine.git_remote import MAIN, GitRemote
from stickhooks.store.engine.remote_fence import FENCES, REMOTE, SETTING, Fence
from stickhooks.text import plain, word
from stickhooks.workspace import git_pushed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from stickhooks.errors import Step
    from stickhooks.store.engine.document import Document


def end_noted(desk: Desk, name: str, now: Document) -> tuple[list[str], list[Step]]:
    """Delete the fence of the rooms of a document, where it says that they have one."""
    noted = remote_fence.noted(now)
    if noted is None:
        return [], []
    ids = [raw["room_id"] for raw in now.rooms.values()]
    return end(desk, name, ids, str(noted.get("remote") or ""))


def end(
    desk: Desk, name: str, ids: Collection[str], remote: str = ""
) -> tuple[list[str], list[Step]]:
    """Delete the fence of rooms that were on the engine of a name: on a ``remote``, or on each one that has
    it. Return what came of it, and what to type where a remote did not let us."""
    lines: list[str] = []
    steps: list[Step] = []
    for fence in _of(desk, name, remote):
        try:
            if told := fence.end(ids):
                lines.append(told)
        except Refusal as refusal:
            why = plain(refusal.sentence.removesuffix(f"; {UNCHANGED}"))
            told = f"whether {plain(fence.remote)} has a fence of these rooms is not known: {why}"
            lines.append(f"{told}; with one, and our pre-receive, no branch lands there")
            steps.append(remote_fence.way_to_end(fence.remote, fence.ref))
    return lines, steps


def _of(desk: Desk, name: str, remote: str) -> Iterator[Fence]:
    root, git_dir = desk.workspace.root, desk.workspace.git_dir
    assert git_dir
    try:
        engine = kinds.engine_named(name, root, git_dir)
    except Refusal:
        return  # no name of an engine: it had no rooms
    if isinstance(engine, GitRemote):  # that one is its own fence
        return
    calls = Fence(REMOTE, engine.room, root, git_dir).repository.setting(SETTING) or remote
    known = git_pushed.remotes(root)  # another clone may call it otherwise
    for one in [calls] if calls in known or (calls and not known) else known:
        yield Fence(one, engine.room, root, git_dir)


def way_to_delete(rooms: GitRemote) -> str:
    """Return the command of git that deletes the ref of rooms."""
    return f"git push {word(rooms.remote)} :{rooms.ref}"


def left(desk: Desk) -> Iterator[tuple[str, str, Step]]:
    """Yield code, sentence and next step of each fence on a remote that tells of rooms that are not on an
    engine any more, where this clone ever asked a remote about rooms. A remote that does not answer is passed
    over: it is nothing of the rooms here."""
    root, git_dir = desk.workspace.root, desk.workspace.git_dir
    if not git_dir or not os.path.isdir(
        os.path.join(git_dir, layout.GIT_FOLDER, layout.ENGINE_REPOSITORY)
    ):
        return
    ids = known_ids(desk)
    for remote in git_pushed.remotes(root):
        try:
            refs = Fence(remote, MAIN, root, git_dir).refs(f"{FENCES}*")
            fences = [Fence(remote, ref.removeprefix(FENCES), root, git_dir) for ref in refs]
            said = [(one, remote_fence.said(one.load())) for one in fences]
            found = [one for one, mark in said
                     if ids & set(mark.get("turns", ())) and remote_fence.ENDED not in mark]  # fmt: skip
        except Refusal:
            continue
        for fence in found:
            told = f"{plain(remote)} has the fence of rooms that this clone had on an engine"
            told = f"{told}: with our pre-receive no branch lands there without their stick"
            yield (
                "config",
                f"{told}; delete it if no clone has them there any more",
                remote_fence.way_to_end(fence.remote, fence.ref),
            )


def known_ids(desk: Desk) -> set[str]:
    """Return the ids of all rooms that this workspace has or had, by their logs."""
    try:
        return set(os.listdir(os.path.join(desk.store.folder, layout.LOGS)))
    except OSError:
        return set()
