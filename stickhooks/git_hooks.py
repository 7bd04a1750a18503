"""The git hooks of a repository, in and out. All its linked worktrees share them."""

from __future__ import annotations

import os
from pathlib import Path

from stickhooks import disk, git, paths, placing
from stickhooks.hook import GIT_HOOKS, TRANSACTION
from stickhooks.placing import Manifest
from stickhooks.report import Report, undo_all
from stickhooks.templates import filled


def install(workspace: paths.Workspace, report: Report, *, required: bool) -> None:
    """Install the git hooks of a repository, first in line. ``required`` makes a trouble of none."""
    if workspace.git_dir is None:
        told = "git hooks: none, for this is no git repository"
        (report.troubles if required else report.lines).append(told)
        return
    common = paths.common_dir_of(workspace.git_dir)
    folder, scope = git.hooks_path(workspace.root)
    if by_hand(folder):
        report.lines.append(f"git hooks: by hand, in {folder}")
        return
    trouble = _cannot_hook(workspace, folder, scope, common)
    if trouble:
        report.troubles.append(trouble)
        return
    manifest = hooks_manifest(common)
    for name in GIT_HOOKS:
        path = Path(folder, name)
        text = hook_text(name)
        kept = " (the hook that was there runs after it)" if _keeps(path) else ""
        changed = not placing.hook_is_in_place(path, text)
        if changed and not report.dry:
            placing.place_hook(manifest, path, text)
        report.did(changed, f"git hook {name}{kept}")


def _keeps(path: Path) -> bool:
    current = placing.read(path)
    kept = os.path.lexists(placing.kept_name(path))
    return kept or (current is not None and not placing.is_ours(current))


def _cannot_hook(workspace: paths.Workspace, folder: str, scope: str, common: str) -> str:
    """Say why hooks cannot go into a folder, ``""`` where they can."""
    by_hand = "; by hand, put this line first into its pre-commit: stick hook pre-commit || exit 1"
    if paths.is_inside(folder, common):
        return ""
    if folder.endswith(f"{os.sep}.husky{os.sep}_"):
        return (
            "git hooks: NOT installed: husky runs hooks by their name, and would not find a kept"
            " one; put this line first into .husky/pre-commit: stick hook pre-commit || exit 1"
        )
    if not paths.is_inside(folder, workspace.root):
        return (
            f"git hooks: NOT installed: core.hooksPath ({scope}) is {folder}, outside this"
            f" repository, where other repositories use it too{by_hand}"
        )
    hooks = [os.path.join(folder, name) for name in GIT_HOOKS]
    if any(git.is_tracked(workspace.root, path) for path in hooks) or not git.is_ignored(
        workspace.root, hooks[0]
    ):
        return (
            f"git hooks: NOT installed: core.hooksPath is {folder}, which belongs to the files of"
            f" this repository{by_hand}"
        )
    return ""


def by_hand(folder: str) -> bool:
    """Tell whether somebody put our line into a hook of theirs."""
    places = [Path(folder, "pre-commit"), Path(folder).parent / "pre-commit"]
    return any("stick hook pre-commit" in (placing.read(path) or "") for path in places)


def hook_text(name: str) -> str:
    """Return one of our git hooks, pointing at this interpreter and this package."""
    return filled(TRANSACTION) if name == TRANSACTION else filled("git-hook", HOOK=name)


def hooks_manifest(common_dir: str) -> Manifest:
    """Return what all worktrees of a repository share."""
    path = Path(common_dir, disk.ANCHOR_FOLDER, "hooks.json")
    return Manifest(path, {"git": common_dir, "tree": os.path.dirname(common_dir)})


def forget(workspace: paths.Workspace, dry_run: bool) -> list[str]:
    """Take the git hooks out, unless another worktree of the repository has a room as well."""
    if workspace.git_dir is None:
        return []
    common = paths.common_dir_of(workspace.git_dir)
    others = [d for d in git.worktree_git_dirs(common) if d != workspace.git_dir and _anchored(d)]
    if others:
        return [f"left the git hooks: {len(others)} other worktree(s) of this repository use them"]
    return undo_all(hooks_manifest(common), dry_run)


def _anchored(git_dir: str) -> bool:
    return os.path.lexists(os.path.join(git_dir, disk.ANCHOR_FOLDER, disk.ANCHOR))
