"""The git hooks of a repository, in and out. All its linked worktrees share them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from stickhooks.errors import Next
from stickhooks.gate import cache
from stickhooks.setup import hook_files, hook_probe, hooks_folder, placing
from stickhooks.setup.placing import Manifest
from stickhooks.setup.report import Report, undo_all
from stickhooks.setup.templates import filled, template
from stickhooks.store import layout
from stickhooks.system import text_files
from stickhooks.workspace import git, hook_seal, paths
from stickhooks.workspace.hook_names import ASKING, GIT_HOOKS, NOTING, TRANSACTION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.errors import Step

#: From this version on git runs hooks that its configuration names.
IN_CONFIG = (2, 54)
CONFIGURED = (*ASKING, TRANSACTION)
#: What git must ask for every commit to be refused.
NEEDED = ("pre-commit", TRANSACTION)


def install(workspace: paths.Workspace, report: Report, *, required: bool) -> None:
    """Install the git hooks of a repository, first in line. ``required`` makes a trouble of none."""
    if workspace.git_dir is None:
        told = "git hooks: none, for this is no git repository"
        (report.troubles if required else report.lines).append(told)
        return
    common = paths.common_dir_of(workspace.git_dir)
    place = hooks_folder.way(workspace, anew=True)
    manifest = hooks_manifest(common)
    _into_config(manifest, common, report)
    if place.trouble and hook_probe.by_hand(place.folder):
        told = "commits ask there, and `--no-verify` goes past them"
        report.lines.append(f"git hooks: by hand, in {place.folder}: {told}")
        return
    if place.trouble:
        report.troubles.append(f"git hooks: NOT installed: {place.trouble}{BY_HAND}")
        return
    if not report.dry:
        _leave_others(workspace, manifest, place)
    for name in (*GIT_HOOKS, *_forwarded(workspace, place)):
        path = Path(place.folder, name)
        text = hook_text(name, place.theirs)
        kept = " (the hook that was there runs after it)" if hook_files.keeps(path) else ""
        changed = not hook_files.is_in_place(path, text)
        if changed and report.dry:
            report.files[str(path)] = text
        elif changed:
            hook_files.place(manifest, path, text)
        if name in GIT_HOOKS:
            report.did(changed, f"git hook {name}{kept}")
    if place.scope:
        pointed = not report.dry and hooks_folder.point(workspace, place)
        told = f"core.hooksPath, with the hooks in {place.theirs or 'no other folder'} after ours"
        report.did(pointed, told)


BY_HAND = "; by hand, put this line first into its pre-commit: stick hook pre-commit || exit 1"


def _forwarded(workspace: paths.Workspace, place: hooks_folder.Way) -> list[str]:
    return [n for n in hooks_folder.names(place, workspace.root) if n not in GIT_HOOKS]


def _leave_others(workspace: paths.Workspace, manifest: Manifest, place: hooks_folder.Way) -> None:
    """Take our hooks out of a folder that git took them from before, and does not now."""
    for placed in [p for p in manifest.placed if p.kind == "hook"]:
        folder = Path(placed.path).parent
        if str(folder) != place.folder and not _used_elsewhere(workspace, folder):
            placing.undo(manifest, placed, hook_files.undo)


def _used_elsewhere(workspace: paths.Workspace, folder: Path) -> bool:
    """Tell whether another worktree takes its hooks there: one may have a setting of its own."""
    assert workspace.git_dir is not None
    common = paths.common_dir_of(workspace.git_dir)
    return len(git.worktree_git_dirs(common)) > 1 and paths.is_inside(str(folder), common)


def _into_config(manifest: Manifest, common: str, report: Report) -> None:
    """Where git runs hooks named in its configuration (2.54), have ours there too.

    These stay when another tool replaces the hooks in the folder, or the folder itself.
    """
    if git.version() < IN_CONFIG:
        return
    changed = False
    for name in CONFIGURED:
        text, path = hook_text(name, kept=False), _script(common, name)
        changed |= report.file(manifest, path, text, 0o755)
    config, block = Path(common, "config"), _config_block(common)
    if block not in (text_files.read(config) or ""):
        changed = True
        report.block(manifest, config, block, alone=True)
    report.did(changed, "git hooks in git's configuration")


def _script(common: str, name: str) -> Path:
    return Path(common, layout.GIT_FOLDER, layout.HOOKS, name)


def _config_block(common: str) -> str:
    return "\n".join(_config_lines(name, _script(common, name)) for name in CONFIGURED)


def _config_lines(name: str, script: Path) -> str:
    """Return a hook as git's configuration has it. One whose script is gone lets git go on."""
    quoted = shlex.quote(str(script))
    command = f"[ ! -x {quoted} ] || STICK_GIT=$PPID exec {quoted}"
    command = command.replace("\\", "\\\\").replace('"', '\\"')
    return f'[hook "stickhooks-{name}"]\n\tevent = {name}\n\tcommand = "{command}"'


def hindrance(workspace: paths.Workspace) -> tuple[str, Step]:
    """Return why ``install`` cannot put hooks in, and what to type then; two ``""`` where it can."""
    place = hooks_folder.way(workspace)
    if not place.trouble:
        return "", ""
    told = f"git hooks: NOT installed: {place.trouble}{BY_HAND}"
    if place.trouble.endswith(hooks_folder.NOEXEC):
        return told, hooks_folder.remount(place.trouble.removesuffix(hooks_folder.NOEXEC))
    barred = place.trouble.removesuffix(" cannot be written by you")
    if barred != place.trouble:
        return told, f"ls -ld {shlex.quote(barred)}"
    return told, "git config --show-origin --get core.hooksPath"


def hook_text(name: str, theirs: str = "", *, kept: bool = True) -> str:
    """Return one of our git hooks, pointing at this interpreter and this package.

    It goes on to the hook that was there, and to that in ``theirs``; with ``kept`` off to none.
    """
    ours = "git-hook" if name in GIT_HOOKS else "forward"
    text = filled(TRANSACTION) if name == TRANSACTION else filled(ours, HOOK=name)
    text = text.replace("@ALLOWED@\n", template("allowed"))
    text = text.replace("@RECORD@\n", template("record"))
    text = text.replace("@LOST@\n", template("lost")).replace("@PROBE@\n", template("probe"))
    text = text.replace("@KEPT@\n", template("kept") if kept else "")
    text = text.replace("@THEIRS@", shlex.quote(theirs) if theirs else "")
    text = text.replace("@KEPT_IN@", hook_files.KEPT).replace(
        "@NAMES@", "|".join((*GIT_HOOKS, *hooks_folder.FORWARDED))
    )
    text = text.replace("@MARKS@", "".join(f"${name}" for name in cache.marks()))
    text = text.replace("@TOLD@", cache.SEPARATOR.join(f"${name}" for name in cache.marks()))
    quiet = kept and name in (*NOTING, "pre-push") and os.name != "nt"
    return _unnoticed(text) if quiet else text


def _unnoticed(text: str) -> str:
    """Return a hook that git-lfs takes for an empty one, and so puts its own there instead of failing.

    It looks at the first 1024 bytes. git runs a file without an interpreter by ``sh``. Ours is
    put in front of git-lfs's at the next command.
    """
    return " " * 1024 + "\n" + text.partition("\n")[2]


def hooks_manifest(common_dir: str) -> Manifest:
    """Return what all worktrees of a repository share."""
    path = Path(common_dir, layout.GIT_FOLDER, layout.HOOKS_MANIFEST)
    return Manifest(path, {"git": common_dir, "tree": os.path.dirname(common_dir)})


def forget(workspace: paths.Workspace, dry_run: bool) -> list[str]:
    """Take the git hooks out, unless another worktree of the repository has a room as well."""
    if workspace.git_dir is None:
        return []
    common = paths.common_dir_of(workspace.git_dir)
    others = [d for d in git.worktree_git_dirs(common) if d != workspace.git_dir and _anchored(d)]
    if others:
        return [f"left the git hooks: {len(others)} other worktree(s) of this repository use them"]
    if dry_run:
        return undo_all(hooks_manifest(common), dry_run)
    lines = []
    for base in dict.fromkeys((workspace.git_dir, common)):
        folder = Path(base, layout.GIT_FOLDER, layout.GIT_HOOKS)
        theirs = hooks_folder.recorded(str(folder))
        lines += hooks_folder.point_back(workspace, base)
        for placed in _placed_hooks(workspace):
            if Path(placed.path).parent == folder:
                told = placing.undo(hooks_manifest(common), placed, hook_files.undo)
                lines += [f"took our part out of {placed.path}", *told]
        lines += hooks_folder.give_back(workspace, folder, theirs)
    return lines + undo_all(hooks_manifest(common), dry_run)


def _anchored(git_dir: str) -> bool:
    return os.path.lexists(layout.anchor_of(git_dir))


def amiss(workspace: paths.Workspace) -> list[str]:
    """Return what is wrong with the git hooks of a workspace. A line put in by hand will do."""
    assert workspace.git_dir is not None
    common = paths.common_dir_of(workspace.git_dir)
    place = hooks_folder.way(workspace)
    if place.trouble and hook_probe.by_hand(place.folder):
        return []
    if place.scope and git.hooks_path(workspace.root)[0] != place.folder:
        told = "none" if place.theirs == os.devnull else place.theirs
        return [f"git takes its hooks from {told or 'nowhere'}, where ours are not"]
    wrong = [
        what
        for name in GIT_HOOKS
        if (what := _wrong_with(Path(place.folder, name), name, place.theirs))
    ]
    config = Path(common, "config")
    if git.version() >= IN_CONFIG and _config_block(common) not in (text_files.read(config) or ""):
        wrong.append(f"{config} does not name our hooks as they are: it was moved, or changed")
    return wrong


def put_seal(workspace: paths.Workspace) -> None:
    """Seal hooks that were found in order."""
    placed = _placed_hooks(workspace)
    files = git.configuration(workspace.root) if placed else None
    if files is not None:
        hook_seal.put(workspace, [one.path for one in placed], files)


def _placed_hooks(workspace: paths.Workspace) -> list[placing.Placed]:
    assert workspace.git_dir is not None
    manifest = hooks_manifest(paths.common_dir_of(workspace.git_dir))
    return [p for p in manifest.placed if p.kind == "hook"]


def notice(workspace: paths.Workspace) -> list[str]:
    """Put our hooks back in front where another tool took their place, and say what is amiss else.

    A hook that is gone stays gone: taking it away by hand is a way out that we print.
    """
    if workspace.git_dir is None:
        return []
    placed = _placed_hooks(workspace)
    if not placed:
        return []
    texts = {p.path: text_files.read(Path(p.path)) for p in placed}
    now = git.hooks_path(workspace.root)[0]
    moved = all(str(Path(path).parent) != now for path in texts)
    if moved or any(text is not None and not placing.is_ours(text) for text in texts.values()):
        report = Report(dry=False)
        install(workspace, report, required=False)
        told = f"another tool took the place of git hooks in {now}: ours come first again"
        if moved and not report.troubles:
            told = f"git took its hooks from {now}, where ours were not: ours come first again"
        return [*([] if report.troubles else [told]), *report.troubles]
    return []


def _wrong_with(path: Path, name: str, theirs: str = "") -> str:
    text = text_files.read(path)
    if hook_files.demoted(path):
        return f"another tool took the place of the git hook {path}: ours runs behind it"
    if text is None:
        return f"there is no git hook {path}: commits are not refused"
    if not placing.is_ours(text):
        return f"the git hook {path} is not ours: commits are not refused"
    if not os.access(path, os.X_OK):
        return f"the git hook {path} is not executable, so git ignores it"
    if "\r\n" in text:
        return f"the git hook {path} has line ends of another system: git cannot start it"
    if not hook_files.leads(text):
        return (
            f"lines of another tool stand above ours in the git hook {path}, and run before it asks"
        )
    if text != hook_text(name, theirs) and not _runs(text):
        return f"the git hook {path} calls an interpreter that is gone"
    return ""


def lacking_around(root: str) -> tuple[str, Step]:
    """Return what is lacking where a folder above a room became a repository after the room was made,
    and what to type; two ``""`` where none did."""
    around = paths.repository_around(root)
    if around is None:
        return "", ""
    why = (
        f"the repository {around} was made around this room later: edits here are judged as before,"
        " but its commits are not; end this room, then make one for the repository"
    )
    return why, Next("init", room=around, after=Next("uninit"))


def unproven(workspace: paths.Workspace, names: Sequence[str]) -> tuple[str, Step]:
    """Have git start our hooks of these names; return what is wrong, and what to type; two ``""``
    where each answers, and where they were put in by hand."""
    place = hooks_folder.way(workspace)
    what, shown = ("", "") if place.trouble else hook_probe.unproven(workspace, names)
    paths_of = {name: Path(place.folder, name) for name in names}
    as_ours = (
        hook_files.is_in_place(path, hook_text(name, place.theirs))
        for name, path in paths_of.items()
    )
    return what, shown if not what or all(as_ours) else Next("init")


def older(workspace: paths.Workspace) -> list[str]:
    """Return our hooks here that another version of stickhooks put in: they ask, but cannot be tried."""
    folder = Path(git.hooks_path(workspace.root)[0])
    texts = {str(folder / name): text_files.read(folder / name) for name in GIT_HOOKS}
    return [
        path
        for path, text in texts.items()
        if placing.is_ours(text) and not hook_probe.answers_first(text or "")
    ]


def _runs(text: str) -> bool:
    """Tell whether the files that an older hook of ours names are still there."""
    named = [
        shlex.split(line.partition("=")[2])
        for line in text.splitlines()
        if line.startswith(("stick_python=", "stick_gate="))
    ]
    return all(value and os.path.exists(value[0]) for value in named)
