"""``stick doctor``: what is wrong here, and the command that mends it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from stickhooks import disk, git, install, placing
from stickhooks.desk import Desk
from stickhooks.errors import Refusal
from stickhooks.hook import GIT_HOOKS
from stickhooks.render import Reply


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. ``code`` is that of the refusal it causes, ``config`` for hooks."""

    code: str
    what: str
    next: str
    room: str | None = None


def examine(desk: Desk, *, fix: bool) -> Reply:
    """Look at rooms and hooks; with ``fix`` make lost or damaged rooms anew.

    A room made anew has a new id, goes on from the last turn that was given, and has no
    holder and no members: whoever held it joins again.
    """
    findings = [*_room_findings(desk), *_hook_findings(desk), *_tracked(desk)]
    fixed = []
    if fix:
        for finding in [f for f in findings if f.room is not None]:
            fixed.append(_remake(desk, finding.room or ""))
            findings.remove(finding)
    lines = [f"mended: {line}" for line in fixed] + [f.what for f in findings]
    data = {"findings": [{"code": f.code, "what": f.what, "next": f.next} for f in findings]}
    data["fixed"] = fixed  # type: ignore[assignment]
    if findings:
        return Reply(lines, findings[0].code, list(dict.fromkeys(f.next for f in findings)), data)
    return Reply(lines or ["nothing is wrong here"], data=data)


def _room_findings(desk: Desk) -> list[Finding]:
    try:
        rooms = desk.store.paths()
    except Refusal as refusal:
        return [Finding(refusal.code, refusal.message, "stick doctor --fix", "")]
    found = []
    for path in rooms:
        try:
            desk.store.load(path)
        except Refusal as refusal:
            mend = refusal.next[0] if refusal.code == "state_too_new" else "stick doctor --fix"
            room = None if refusal.code == "state_too_new" else path
            found.append(Finding(refusal.code, refusal.message, mend, room))
    if desk.store.foreign():
        what = f"{desk.store.folder} came with a clone or a copy and counts for nothing"
        found.append(Finding("config", what, "stick init"))
    return found


def _hook_findings(desk: Desk) -> list[Finding]:
    """Find git hooks that are not there, not ours any more, or cannot run."""
    workspace = desk.workspace
    if workspace.git_dir is None or not desk.store.paths():
        return []
    folder, _ = git.hooks_path(workspace.root)
    found = []
    for name in GIT_HOOKS:
        path = Path(folder, name)
        text = placing.read(path)
        if not placing.is_ours(text):
            what = f"the git hook {path} is not ours: commits are not refused"
            found.append(Finding("config", what, "stick init"))
        elif text != install.hook_text(name) and not _runs(text or ""):
            what = f"the git hook {path} calls an interpreter that is gone"
            found.append(Finding("config", what, "stick init"))
        elif not os.access(path, os.X_OK):
            found.append(Finding("config", f"{path} may not be executed", f"chmod +x {path}"))
    return found


def _runs(text: str) -> bool:
    """Tell whether the files that an older hook of ours names are still there."""
    import shlex

    named = [
        shlex.split(line.partition("=")[2])
        for line in text.splitlines()
        if line.startswith(("stick_python=", "stick_gate="))
    ]
    return all(value and os.path.exists(value[0]) for value in named)


def _tracked(desk: Desk) -> list[Finding]:
    workspace = desk.workspace
    if workspace.git_dir is None or not git.is_tracked(workspace.root, disk.FOLDER):
        return []
    what = f"git tracks {disk.FOLDER}: its states would travel with every clone"
    return [Finding("config", what, f"git rm -r --cached {disk.FOLDER}")]


def _remake(desk: Desk, path: str) -> str:
    room = desk.rooms.remake(path)
    return (
        f"{desk.rooms.shown(path)} is a new room {room.room_id}, at turn {room.turn_id};"
        f" what was there lies in {os.path.join(desk.store.folder, 'strays')}"
    )
