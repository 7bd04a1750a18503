"""The frame of all hooks: which one is asked, the gate, what is due, what is said.

Only what answers the hook that was asked is loaded. Everything that goes wrong in a hook ends in a
refusal that its caller honours, and only where there is a room: a fault of ours must neither open
the gate nor close other people's repositories.
"""

# bundle: git edit
import sys

from stickhooks.errors import Refusal
from stickhooks.fast import bundle
from stickhooks.fast.os import leave, os
from stickhooks.gate import decision
from stickhooks.identity import resolver
from stickhooks.store import layout
from stickhooks.workspace.hook_names import (
    ASKING,
    BEFORE,
    GIT_HOOKS,
    LOST,
    NOTING,
    PROBE,
    PUSH,
    RECEIVE,
    TRANSACTION,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from stickhooks.workspace.paths import Target

PATH_LIMIT = 500  # characters of a path are noted
WAITED_FOR = "for a payload, a lock or a disk"
WAY_OUT = "`stick doctor` says what is wrong; `stick uninit --keep-snapshots` takes the hooks away"
#: What a holder works by: before it is allowed what there is so far is kept, from time to time.
WORKING = (decision.EDIT, decision.SHELL, decision.EDITOR)
SESSION_HOOKS = ("session-start", "stop", "session-end")
TELLING = ("prompt",)  # where notes are shown, and nothing else happens
AFTER = "after-tool"


def main(arguments: "list[str]") -> int:
    """Answer one hook and return the exit code that its caller understands."""
    name, options = (arguments[0], arguments[1:]) if arguments else ("", [])
    if name == "pre-edit":
        from stickhooks.handlers import client_edit

        return client_edit.answer(option(options, "--client"))
    if name == "pre-save":
        from stickhooks.handlers import editor_save

        return editor_save.answer(options)
    if name == "post-save":
        from stickhooks.handlers import editor_save

        return editor_save.saved(options)
    if name in ASKING:
        from stickhooks.handlers import git_commit

        return git_commit.answer(name, option(options, "--git"))
    if name == TRANSACTION:
        from stickhooks.handlers import git_transaction

        return git_transaction.answer(option(options, "--git"))
    if name == PUSH:
        from stickhooks.handlers import git_push

        pid = option(options, "--git")
        return git_push.answer(options[2:] if pid else options, pid)
    if name == RECEIVE:
        from stickhooks.handlers import git_receive

        return git_receive.answer()
    if name in NOTING:
        from stickhooks.handlers import git_after

        pid = option(options, "--git")
        return git_after.answer(name, options[2:] if pid else options, pid)
    if name == LOST:
        from stickhooks.handlers import git_after

        return git_after.tell_reset(option(options, "--git"))
    if name == BEFORE:
        from stickhooks.handlers import git_before

        return git_before.answer(option(options, "--git"))
    if name in SESSION_HOOKS:
        from stickhooks.handlers import client_session

        return client_session.answer(name, option(options, "--client"))
    if name == AFTER:
        from stickhooks.handlers import client_after

        return client_after.answer(option(options, "--client"))
    if name in TELLING:
        from stickhooks.handlers import client_notes

        return client_notes.answer(name, option(options, "--client"))
    if name == PROBE:
        say(f"stick: asked {os.environ.get('STICK_PROBE', '')} {' '.join(options)}")
        return 3
    asked = ("pre-edit", "pre-save", "post-save", *SESSION_HOOKS, *TELLING, AFTER)
    there = ", ".join((*asked, RECEIVE, PUSH, *GIT_HOOKS))
    from stickhooks.text import plain

    say(f"stick: no such hook: {plain(name, 60)}; there are {there}")
    return 2


def option(options: "list[str]", name: str) -> str:
    return options[options.index(name) + 1] if name in options[:-1] else ""


def start() -> "NoReturn":
    """Answer the hook that this process was started for, and end it with the exit code."""
    leave(main(sys.argv[1:]))


def settled(
    targets: "list[Target]", kind: str, sighting: resolver.Sighting, env: "dict[str, str]"
) -> decision.Verdict:
    """Ask the gate, and write down what its answer made due: seldom, so loaded only then."""
    verdict = decision.judge(targets, kind, sighting, env)
    if verdict.code == "state_lost":
        from stickhooks.operations import obligations

        if obligations.brought_back(verdict):
            verdict = decision.judge(targets, kind, sighting, env)
    if verdict.unanchored:
        from stickhooks.operations import obligations

        obligations.adopt(verdict.unanchored)
    return settle(verdict)


def settle(verdict: decision.Verdict) -> decision.Verdict:
    """Do what a yes made due, and write down a no."""
    if verdict.ok and any(ruling.due for ruling in verdict.allowed):
        bundle.more("write")
        from stickhooks.operations import obligations

        obligations.settle(verdict)
    if verdict.refusals:
        _note_refusals(verdict)
    for ruling in verdict.refusals:
        if ruling.agent_id and ruling.caller and ruling.caller.succeeds:
            from stickhooks.operations import obligations

            obligations.record(ruling)
    if verdict.ok and verdict.kind in WORKING:
        _keep_work(verdict)
    return verdict


def _keep_work(verdict: decision.Verdict) -> None:
    """Keep what the holder has done so far, where that is due: one look at a file's time tells."""
    seen: set[str | None] = {None}
    for ruling in verdict.allowed:
        git_dir = ruling.workspace.git_dir
        if git_dir not in seen and ruling.raw is not None:
            seen.add(git_dir)
            if _is_due(str(git_dir), ruling.wall):
                from stickhooks.handlers import work_kept

                work_kept.keep(ruling, "work")


def _is_due(git_dir: str, now: int) -> bool:
    try:
        due = os.lstat(os.path.join(git_dir, layout.GIT_FOLDER, layout.SNAPSHOT_DUE)).st_mtime
    except OSError:
        return True
    return due * 1000 <= now


def _note_refusals(verdict: decision.Verdict) -> None:
    from stickhooks.store.activity import REFUSED

    path = verdict.path and verdict.path[:PATH_LIMIT]
    # a room of which several parts refuse refuses once
    once = {(ruling.workspace.root, ruling.room): ruling for ruling in verdict.refusals[::-1]}
    for ruling in reversed(once.values()):
        times = _again(verdict, ruling)
        verdict.again = max(verdict.again, times.get("again", 0))
        note(ruling, REFUSED, sparing=True, kind=verdict.kind, path=path, code=ruling.code, **times)


def _again(verdict: decision.Verdict, ruling: decision.Ruling) -> "dict[str, int]":
    """Return at which turn, and how often in it by now, an agent is refused this; empty for a person."""
    caller = ruling.caller
    if verdict.kind not in decision.BY_CLIENT or ruling.raw is None or not caller or caller.person:
        return {}
    from stickhooks.store import activity

    turn: int = ruling.raw["turn_id"]  # type: ignore[assignment]
    facts: dict[str, object] = {
        "what": activity.REFUSED, "agent_id": caller.name, "kind": verdict.kind,
        "path": verdict.path and verdict.path[:PATH_LIMIT], "code": ruling.code, "turn": turn,
    }  # fmt: skip
    last = activity.last(ruling.workspace.root, str(ruling.raw["room_id"]), facts)
    before = last.get("again") if last else 0
    return {"turn": turn, "again": min(before + 1, 3) if type(before) is int else 1}


def note(ruling: decision.Ruling, what: str, *, sparing: bool = False, **facts: object) -> None:
    """Write into a room's journal what its caller did, or was refused. Raises nothing."""
    if ruling.raw is not None:
        from stickhooks.store import activity

        below = ruling.caller.sighting.below if ruling.caller else ""
        facts = {**facts, "below": below} if below else facts
        activity.note(
            ruling.workspace.root, str(ruling.raw["room_id"]), what, sparing=sparing,
            agent_id=ruling.caller.name if ruling.caller else "", **facts,
        )  # fmt: skip


def say_warnings(verdict: decision.Verdict) -> None:
    if verdict.foreign:
        from stickhooks.gate import copied_rooms

        for warning in copied_rooms.warnings(verdict):
            say(warning)


def fault(error: BaseException) -> str:
    from stickhooks.text import plain

    if isinstance(error, Refusal):
        return plain(error.message)
    return f"stickhooks failed: {plain(repr(error), 200)}"


def say(text: str) -> None:
    os.write(2, (text + "\n").encode("utf-8", "backslashreplace"))
