"""``stick init`` and ``stick uninit``: the room and the hooks, in and out.

Never changes a file that git tracks. Doing it again changes nothing; with ``dry_run``
nothing is changed the first time either.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from stickhooks import disk, git, paths, placing
from stickhooks.clients import claude_code
from stickhooks.desk import Desk
from stickhooks.errors import Refusal
from stickhooks.hook import GIT_HOOKS
from stickhooks.placing import Manifest
from stickhooks.render import Reply
from stickhooks.telling import plain

PARTS: Final = ("git", "claude")
TEMPLATES: Final = "hooks"


@dataclass
class Report:
    """What was done, and what could not be."""

    dry: bool
    lines: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def did(self, changed: bool, what: str) -> None:
        would = "would be " if self.dry and changed else ""
        self.lines.append(f"{what}: {would + 'installed' if changed else 'already there'}")


def init(desk: Desk, *, user: bool, only: str | None, auto_claim: bool, dry_run: bool) -> Reply:
    """Make the room here, and install the git hooks and those of the clients found."""
    parts = _parts(only)
    report = Report(dry_run)
    if user:
        if "claude" in parts:
            _install_claude_for_user(report)
        return _done(desk, report, "user")
    _make_room(desk, report, auto_claim)
    if "git" in parts:
        git_hooks(desk.workspace, report, required=only is not None)
    if "claude" in parts:
        _install_claude(desk, report, required=only is not None)
    return _done(desk, report, "init")


def _parts(only: str | None) -> tuple[str, ...]:
    if only is None:
        return PARTS
    parts = tuple(part.strip() for part in only.split(",") if part.strip())
    wrong = [part for part in parts if part not in PARTS]
    if wrong or not parts:
        raise Refusal(
            "usage", f"--only takes some of {','.join(PARTS)}, not {only!r}", ["stick init"]
        )
    return parts


def _done(desk: Desk, report: Report, what: str) -> Reply:
    if report.troubles:
        lines = [*report.troubles, *report.lines]
        return Reply(lines, "config", ["stick doctor"], {"done": report.lines})
    follow = ["stick init" if report.dry else "stick join"] if what == "init" else []
    return Reply(report.lines or ["nothing to do"], next=follow, data={"done": report.lines})


# --- the room


def _make_room(desk: Desk, report: Report, auto_claim: bool) -> None:
    """Make the workspace's own room; a nested one is made by ``stick join --new``."""
    root = desk.workspace.root
    there = "" in desk.store.paths() and desk.store.load("") is not None
    if not there and not report.dry:
        desk.rooms.open("")
    report.did(not there, f"room {plain(root)}")
    if auto_claim:
        _set_auto_claim(desk, report)


def _set_auto_claim(desk: Desk, report: Report) -> None:
    room = None if report.dry else desk.rooms.look("")[0]
    changed = room is None or room.policy.on_idle != "claim"
    try:
        if changed and room is not None:
            desk.rooms.govern(room.room_id, replace(room.policy, on_idle="claim"))
        report.did(changed, "policy on_idle claim")
    except Refusal as refusal:
        told = f"policy on_idle: NOT changed: {plain(refusal.message)}"
        report.troubles.append(f"{told}; later: stick policy on_idle claim")


# --- git


def git_hooks(workspace: paths.Workspace, report: Report, *, required: bool) -> None:
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


def is_in_place(placed: placing.Placed) -> bool:
    """Tell whether what we put into a client's place still works."""
    text = placing.read(Path(placed.path))
    if placed.kind == "settings":
        return text is not None and "stickhooks/pre-edit" in text
    return text is not None


def hook_text(name: str) -> str:
    """Return one of our git hooks, pointing at this interpreter and this package."""
    return _filled("git-hook", HOOK=name)


def hooks_manifest(common_dir: str) -> Manifest:
    """Return what all worktrees of a repository share."""
    path = Path(common_dir, disk.ANCHOR_FOLDER, "hooks.json")
    return Manifest(path, {"git": common_dir, "tree": os.path.dirname(common_dir)})


def _filled(template: str, **values: str) -> str:
    values = {"PYTHON": os.path.abspath(sys.executable), "GATE": _gate(), **values}
    text = _template(template)
    for key, value in values.items():
        text = text.replace(f"@{key}@", shlex.quote(value))
    return text


def _gate() -> str:
    from stickhooks import hook

    return os.path.abspath(hook.__file__)


def _template(name: str) -> str:
    """Return a file of ``hooks/``: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parent
    for folder in (package / TEMPLATES, package.parent / TEMPLATES):
        if (folder / name).is_file():
            return (folder / name).read_text()
    raise FileNotFoundError(f"{TEMPLATES}/{name} is missing from this installation of stickhooks")


# --- Claude Code


def _install_claude(desk: Desk, report: Report, *, required: bool) -> None:
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
    text = _filled("pre-edit", ROOT=workspace.root, ANCHOR=anchor)
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


def _install_claude_for_user(report: Report) -> None:
    folder = user_folder()
    launcher = folder / "pre-edit"
    text = _filled("pre-edit", ROOT="", ANCHOR="")
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


# --- and out again


def uninit(desk: Desk, *, user: bool, dry_run: bool) -> Reply:
    """Take everything away. Always possible; says who held the stick."""
    if user:
        lines = _undo_all(user_manifest(), dry_run)
        if not dry_run:
            _remove_if_empty(user_folder())
        return Reply(lines or ["nothing was installed for this user"])
    workspace = desk.workspace
    lines = _who_held(desk)
    lines += _undo_all(tree_manifest(workspace), dry_run)
    lines += _forget_hooks(workspace, dry_run)
    folder = os.path.join(workspace.root, disk.FOLDER)
    if os.path.lexists(folder):
        lines.append(f"{'would remove' if dry_run else 'removed'} {folder}, with the room's log")
    if not dry_run:
        _remove_room(workspace)
    return Reply(lines or ["there was nothing of stickhooks here"])


def _who_held(desk: Desk) -> list[str]:
    try:
        held = []
        for path in desk.store.paths():
            snapshot = desk.store.load(path)
            if snapshot and snapshot.room.lease:
                held.append(desk.standing(snapshot).headline())
        return held
    except Refusal as refusal:
        return [f"who held the stick cannot be said: {plain(refusal.message)}"]


def _undo_all(manifest: Manifest, dry_run: bool) -> list[str]:
    told = []
    for placed in reversed(manifest.placed):
        told.append(f"{'would take' if dry_run else 'took'} our part out of {placed.path}")
        if not dry_run:
            told += placing.undo(manifest, placed, without_entry)
    return told


def _forget_hooks(workspace: paths.Workspace, dry_run: bool) -> list[str]:
    """Take the git hooks out, unless another worktree of the repository has a room as well."""
    if workspace.git_dir is None:
        return []
    common = paths.common_dir_of(workspace.git_dir)
    others = [d for d in git.worktree_git_dirs(common) if d != workspace.git_dir and _anchored(d)]
    if others:
        return [f"left the git hooks: {len(others)} other worktree(s) of this repository use them"]
    return _undo_all(hooks_manifest(common), dry_run)


def _anchored(git_dir: str) -> bool:
    return os.path.lexists(os.path.join(git_dir, disk.ANCHOR_FOLDER, disk.ANCHOR))


def _remove_room(workspace: paths.Workspace) -> None:
    """Remove the anchor, then the folder: the other way round it would look like a loss."""
    folders: Iterable[str] = ()
    if workspace.git_dir:
        ours = os.path.join(workspace.git_dir, disk.ANCHOR_FOLDER)
        Path(ours, disk.ANCHOR).unlink(missing_ok=True)
        folders = (ours, os.path.join(paths.common_dir_of(workspace.git_dir), disk.ANCHOR_FOLDER))
    room = os.path.join(workspace.root, disk.FOLDER)
    if os.path.isdir(room) and not os.path.islink(room):
        shutil.rmtree(room)
    elif os.path.lexists(room):
        os.unlink(room)
    for folder in folders:
        _remove_if_empty(Path(folder))


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
