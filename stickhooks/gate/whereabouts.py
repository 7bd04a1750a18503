"""Where a caller types the next command: does that have to name its room? Loaded for a refusal only."""

from stickhooks.errors import Refusal
from stickhooks.fast.os import os
from stickhooks.gate import decision
from stickhooks.protocol import phases
from stickhooks.store import reader
from stickhooks.system import processes
from stickhooks.text import word
from stickhooks.workspace import paths


def aside(verdict: decision.Verdict, ruling: decision.Ruling) -> str:
    """Return the ``--room`` that the next command must name, ``""`` where the caller's folder is enough."""
    workspace = ruling.workspace
    if workspace.root == workspace.git_dir:  # a git dir that was asked for as such
        return ""
    if verdict.kind == decision.EDITOR:  # a status line has no place for a path that is not needed
        return ruling.shown if ruling.room or not ruling.alone else ""
    folder = verdict.stands or _typed_in(verdict.kind)
    return "" if folder and _governs(ruling, folder) else ruling.shown


def leading(kind: str, folder: str, root: str) -> str:
    """Return what leads a git command into a folder of a tree, ``""`` where its reader stands in the tree."""
    stands = _typed_in(kind)
    workspace = paths.workspace_of(os.path.realpath(stands)) if stands else None
    return "" if workspace and workspace.root == root else f"cd {word(folder)} && "


def _governs(ruling: decision.Ruling, folder: str) -> bool:
    """Tell whether a folder is governed by the room of a ruling."""
    real = os.path.realpath(folder)
    workspace = paths.workspace_of(real)
    if workspace is None or workspace.root != ruling.workspace.root:
        return False
    if ruling.alone:
        return ruling.room == ""
    try:
        survey = reader.Survey(workspace.root, workspace.git_dir)
    except Refusal:
        return False
    survey.close()
    inside = paths.spelled(workspace.root, workspace.relative(real), survey.rooms)
    return phases.governing(survey.rooms, inside) == ruling.room


def _typed_in(kind: str) -> str:
    """Return the folder of who asked: git goes to the top of a tree before it calls a hook."""
    if kind in (decision.COMMIT, decision.REFS, decision.PUSH, decision.SEND):
        above = processes.ancestors()
        gits = [i for i, one in enumerate(above) if one.name.startswith("git")]
        outside = above[gits[-1] + 1 :] if gits else []
        return processes.folder_of(outside[0].pid) if outside else ""
    try:
        return os.getcwd()
    except OSError:
        return ""
