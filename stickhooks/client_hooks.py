"""The pre-edit hooks of coding clients, in and out: for one working tree, or for the user."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stickhooks import disk, git, paths, placing
from stickhooks.clients import claude_code
from stickhooks.desk import Desk
from stickhooks.git_hooks import hooks_manifest
from stickhooks.placing import Manifest
from stickhooks.report import Report
from stickhooks.templates import filled


def is_in_place(placed: placing.Placed) -> bool:
    """Tell whether what we put into a client's place still works."""
    text = placing.read(Path(placed.path))
    if placed.kind == "settings":
        return text is not None and "stickhooks/pre-edit" in text
    return text is not None


def install(desk: Desk, report: Report, *, required: bool) -> None:
    workspace = desk.workspace
    root = Path(workspace.root)
    if not (required or _claude_is_here(root)):
        report.lines.append(
            "Claude Code: not found here (`stick init --only claude` installs anyway)"
        )
        return
    settings = root / claude_code.SETTINGS
    if workspace.git_dir and git.is_tracked(workspace.root, str(settings)):
        report.troubles.append(
            f"Claude Code: NOT installed: git tracks {settings}; use `stick init --user`"
        )
        return
    base = workspace.git_dir or os.path.join(workspace.root, disk.FOLDER)
    launcher = Path(base, disk.ANCHOR_FOLDER, "pre-edit")
    anchor = os.path.join(base, disk.ANCHOR_FOLDER, disk.ANCHOR)
    text = filled("pre-edit", ROOT=workspace.root, ANCHOR=anchor)
    manifest = tree_manifest(workspace)
    exclude = _exclude(workspace, settings)
    _install_entry(manifest, report, settings, launcher, text)
    if exclude and not report.dry:  # shared by all worktrees, as the hooks are
        common = hooks_manifest(paths.common_dir_of(str(workspace.git_dir)))
        placing.place_block(common, exclude, f"/{claude_code.SETTINGS}")


def _exclude(workspace: paths.Workspace, settings: Path) -> Path | None:
    """Return git's private ignore file where the settings would show up as an untracked file."""
    if workspace.git_dir is None or git.is_ignored(workspace.root, str(settings)):
        return None
    return Path(paths.common_dir_of(workspace.git_dir), "info", "exclude")


def install_for_user(report: Report) -> None:
    folder = user_folder()
    launcher = folder / "pre-edit"
    text = filled("pre-edit", ROOT="", ANCHOR="")
    settings = Path.home() / claude_code.USER_SETTINGS
    _install_entry(user_manifest(), report, settings, launcher, text)


def _install_entry(
    manifest: Manifest, report: Report, settings: Path, launcher: Path, text: str
) -> None:
    changed = placing.read(launcher) != text
    if changed and not report.dry:
        placing.place_file(manifest, launcher, text, 0o755)
    entry = claude_code.entry(command_line(launcher))
    try:
        if report.dry:
            changed = placing.would_change(settings, _with_entry(entry)) or changed
        else:
            put = placing.place_settings(manifest, settings, _with_entry(entry), without_entry)
            changed = put or changed
    except ValueError as error:
        report.troubles.append(
            f"Claude Code: NOT installed: {error}; add this to its hooks.PreToolUse: {entry}"
        )
        return
    report.did(changed, f"Claude Code pre-edit hook in {settings}")


def command_line(launcher: Path) -> str:
    """Return what the client runs: the launcher, or where it is gone a refusal, if there is a room."""
    name = shlex.quote(str(launcher))
    lost = "stick: NOT EDITED  the hook of this room was moved or removed; next: stick init"
    return (
        f"if [ -x {name} ]; then exec {name} {claude_code.NAME}; fi; "
        '[ ! -e "${CLAUDE_PROJECT_DIR:-.}/.talking-stick" ] || '
        f"{{ echo {shlex.quote(lost)} >&2; exit 2; }}"
    )


def _with_entry(entry: dict[str, object]) -> Callable[[Any], Any]:
    """Return a change that puts our entry in, in the place of an older one of ours."""

    def change(settings: Any) -> Any:
        hooks = settings.get("hooks", {})
        if not isinstance(hooks, dict) or not isinstance(hooks.get("PreToolUse", []), list):
            raise ValueError("its hooks are not in the form that Claude Code reads")
        if entry in hooks.get("PreToolUse", []):
            return settings
        others = _without_ours(hooks.get("PreToolUse", []))
        return {**settings, "hooks": {**hooks, "PreToolUse": [*others, entry]}}

    return change


def without_entry(settings: Any) -> Any:
    """Return settings without our entry; an empty list or table that only held it goes too."""
    hooks = settings.get("hooks", {})
    entries = _without_ours(hooks.get("PreToolUse", []))
    rest = {**hooks, "PreToolUse": entries}
    if not entries:
        rest.pop("PreToolUse")
    stripped = {**settings, "hooks": rest}
    if not rest:
        stripped.pop("hooks")
    return stripped


def _without_ours(entries: list[Any]) -> list[Any]:
    """Return hook entries without our hook; one that held nothing else goes, others stay."""
    kept = []
    for entry in entries:
        hooks = entry.get("hooks") if isinstance(entry, dict) else None
        if not isinstance(hooks, list) or not any(map(_is_our_hook, hooks)):
            kept.append(entry)
            continue
        others = [hook for hook in hooks if not _is_our_hook(hook)]
        if others:
            kept.append({**entry, "hooks": others})
    return kept


def _is_our_hook(hook: Any) -> bool:
    return isinstance(hook, dict) and "stickhooks/pre-edit" in str(hook.get("command"))


def _claude_is_here(root: Path) -> bool:
    folders = [root / name for name in claude_code.FOLDERS]
    folders += [Path.home() / name for name in claude_code.FOLDERS]
    return any(f.is_dir() for f in folders) or any(map(shutil.which, claude_code.COMMANDS))


def tree_manifest(workspace: paths.Workspace) -> Manifest:
    """Return what was put into one working tree."""
    base = workspace.git_dir or os.path.join(workspace.root, disk.FOLDER)
    path = Path(base, disk.ANCHOR_FOLDER, "installed.json")
    return Manifest(path, {"git": base, "tree": workspace.root})


def user_folder() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "stickhooks"


def user_manifest() -> Manifest:
    bases = {"data": str(user_folder()), "home": str(Path.home())}
    return Manifest(user_folder() / "installed.json", bases)
