"""The git hooks of a repository, in and out. All its linked worktrees share them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from stickhooks.errors import Next
from stickhooks.gate import cache
from stickhooks.setup import before_hook, hook_files, hook_probe, hooks_folder, placing
from stickhooks.setup.client_places import Wrong
from stickhooks.setup.placing import Manifest
from stickhooks.setup.report import GIT, Report, undo, undo_all, undo_several
from stickhooks.setup.templates import fill, filled, template
from stickhooks.store import layout, reader
from stickhooks.system import text_files
from stickhooks.workspace import git, hook_seal, paths
from stickhooks.workspace.hook_names import ASKING, GIT_HOOKS, NOTING, PUSH, TRANSACTION

AGAIN = Next("init")
#: From this version on git runs hooks that its configuration names.
IN_CONFIG = (2, 54)
CONFIGURED = (*ASKING, TRANSACTION)
#: What git must ask for every commit to be refused.
NEEDED = ("pre-commit", TRANSACTION)
#: What every hook of ours has in common, each in a file of its own.
COMMON_PARTS = ("allowed", "record", "lost", "probe", "kept")
#: What stands in every hook of git-lfs.
LFS = "git lfs"
BY_HAND = "; by hand, put this line first into its pre-commit: stick hook pre-commit || exit 1"


def install(workspace: paths.Workspace, report: Report, *, required: bool) -> None:
    """Install the git hooks of a repository, first in line. ``required`` makes a trouble of none."""
    if workspace.git_dir is None:
        message = "git hooks: none, for this is no git repository"
        (report.troubles if required else report.lines).append(message)
        return
    common = paths.common_dir_of(workspace.git_dir)
    place = hooks_folder.way(workspace, anew=True)
    manifest = hooks_manifest(common)
    _into_config(manifest, common, report)
    if place.trouble and hook_probe.by_hand(place.folder):
        how = "commits ask there, and `--no-verify` goes past them"
        report.lines.append(f"git hooks: by hand, in {place.folder}: {how}")
        return
    if place.trouble:
        report.troubles.append(_hindrance(place)[0])
        return
    if not report.dry:
        _leave_others(workspace, manifest, place)
    ours = hooks_of(workspace)
    for name in dict.fromkeys((*ours, *hooks_folder.names(place, workspace.root))):
        path = Path(place.folder, name)
        text = hook_text(name, place.theirs, pushes=PUSH in ours)
        kept = " (the hook that was there runs after it)" if hook_files.keeps(path) else ""
        note = "the hooks that were there run after ours" if kept else ""
        changed = not hook_files.is_in_place(path, text)
        if changed and report.dry:
            report.files[str(path)] = text
        elif changed:
            hook_files.place(manifest, path, _beside_lfs(path, text))
        if name in ours:
            report.did(changed, f"git hook {name}{kept}", kind=GIT, note=note)
    if place.scope:
        pointed = not report.dry and hooks_folder.point(workspace, place)
        note = f"the hooks in {place.theirs} run after ours" if place.theirs else ""
        what = f"core.hooksPath, with the hooks in {place.theirs or 'no other folder'} after ours"
        report.did(pointed, what, kind=GIT, name="core.hooksPath", note=note)


def hooks_of(workspace: paths.Workspace) -> tuple[str, ...]:
    """Return the git hooks that a repository needs: ``pre-push`` as well where rooms of one of its worktrees
    are on an engine, for all of them share their hooks."""
    assert workspace.git_dir is not None
    folders = paths.worktree_git_dirs(paths.common_dir_of(workspace.git_dir))
    shared = any(map(reader.names_engine, {workspace.git_dir, *folders}))
    return (*GIT_HOOKS, PUSH) if shared else GIT_HOOKS


def _leave_others(workspace: paths.Workspace, manifest: Manifest, place: hooks_folder.Way) -> None:
    """Take our hooks out of a folder that git took them from before, and does not now."""
    for placed in [p for p in manifest.placed if p.kind == "hook"]:
        folder = Path(placed.path).parent
        if str(folder) != place.folder and not _used_elsewhere(workspace, folder):
            undo(manifest, placed)


def _used_elsewhere(workspace: paths.Workspace, folder: Path) -> bool:
    """Tell whether another worktree takes its hooks there: one may have a setting of its own."""
    assert workspace.git_dir is not None
    common = paths.common_dir_of(workspace.git_dir)
    return len(paths.worktree_git_dirs(common)) > 1 and paths.is_inside(str(folder), common)


def _into_config(manifest: Manifest, common: str, report: Report) -> None:
    """Where git runs hooks named in its configuration (2.54), have ours there too.

    These stay when another tool replaces the hooks in the folder, or the folder itself.
    """
    if git.version() < IN_CONFIG:
        return
    changed = False
    for name in CONFIGURED:
        text, path = hook_text(name, kept=False), _script(common, name)
        changed |= report.put(manifest, "file", path, text, mode=0o755)
    if not _is_configured(common):
        changed = True
        report.block(manifest, Path(common, "config"), _config_block(common), alone=True)
    report.did(changed, "git hooks in git's configuration", kind=GIT)


def _script(common: str, name: str) -> Path:
    return Path(common, layout.GIT_FOLDER, layout.HOOKS, name)


def _config_block(common: str) -> str:
    return "\n".join(_config_lines(name, _script(common, name)) for name in CONFIGURED)


def _is_configured(common: str) -> bool:
    return _config_block(common) in (text_files.read(Path(common, "config")) or "")


def _config_lines(name: str, script: Path) -> str:
    """Return a hook as git's configuration has it. One whose script is gone lets git go on."""
    quoted = shlex.quote(str(script))
    command = f"[ ! -x {quoted} ] || STICK_GIT=$PPID exec {quoted}"
    command = command.replace("\\", "\\\\").replace('"', '\\"')
    return f'[hook "stickhooks-{name}"]\n\tevent = {name}\n\tcommand = "{command}"'


def _hindrance(place: hooks_folder.Way) -> Wrong:
    """Return why ``install`` cannot put hooks in, and what to type then."""
    if place.by_command:  # no line in a file helps: the setting ends with this shell
        where = "run it in a terminal of your own"
        message = f"git hooks: NOT installed from here: {place.trouble}; {where}"
    else:
        message = f"git hooks: NOT installed: {place.trouble}{BY_HAND}"
    return message, place.step


def hook_text(name: str, theirs: str = "", *, kept: bool = True, pushes: bool = False) -> str:
    """Return one of our git hooks, pointing at this interpreter and this package.

    It goes on to the hook that was there, and to that in ``theirs``; with ``kept`` off to none. ``pushes``
    where pushes are asked about.
    """
    ours = "git-hook" if name in GIT_HOOKS else "forward"
    if name == TRANSACTION or (name == PUSH and pushes):
        ours = name
    text = filled(ours, HOOK=name)
    for part in COMMON_PARTS:
        is_wanted = kept or part != "kept"
        text = text.replace(f"@{part.upper()}@\n", template(part) if is_wanted else "")
    marks = [f"${name}" for name in cache.marks()]
    return fill(
        text,
        THEIRS=shlex.quote(theirs) if theirs else "",
        KEPT_IN=hook_files.KEPT,
        NAMES="|".join((*GIT_HOOKS, *hooks_folder.FORWARDED)),
        MARKS="".join(marks),
        TOLD=cache.SEPARATOR.join(marks),
    )


def _beside_lfs(path: Path, text: str) -> str:
    """Return a hook that git-lfs takes for an empty one, and so puts its own there instead of failing.

    It looks at the first 1024 bytes. git runs a file without an interpreter by ``sh``. Ours is
    put in front of git-lfs's at the next command, and then is no empty one: git-lfs puts its own
    where it can at every ``git status`` that asks its filter, and ours would be gone again.
    """
    quiet = path.name in (*NOTING, PUSH) and os.name != "nt"
    if not quiet or hook_files.has_word(path, LFS):
        return text
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
    others = [
        folder
        for folder in paths.worktree_git_dirs(common)
        if folder != workspace.git_dir and os.path.lexists(layout.anchor_of(folder))
    ]
    if others:
        return [f"left the git hooks: {len(others)} other worktree(s) of this repository use them"]
    if dry_run:
        return undo_all(hooks_manifest(common), dry_run)
    lines = []
    for base in dict.fromkeys((workspace.git_dir, common)):
        folder = Path(base, layout.GIT_FOLDER, layout.GIT_HOOKS)
        theirs = hooks_folder.recorded(str(folder))
        lines += hooks_folder.point_back(workspace, base)
        here = [placed for placed in _placed_hooks(workspace) if Path(placed.path).parent == folder]
        lines += undo_several(hooks_manifest(common), here, dry_run)
        lines += hooks_folder.give_back(workspace, folder, theirs)
    lines += before_hook.unset(workspace)
    return lines + undo_all(hooks_manifest(common), dry_run)


def wrongs(workspace: paths.Workspace, names: Sequence[str]) -> list[Wrong]:
    """Return what is wrong with the git hooks of a workspace, each with what to type.

    A line put in by hand will do. Where all looks well, git starts the hooks of these ``names``.
    """
    place = hooks_folder.way(workspace)
    if place.trouble and hook_probe.by_hand(place.folder):
        return []
    wrong = _amiss(workspace, place)
    if wrong or place.trouble:
        return [_hindrance(place)] if wrong and place.trouble else [(it, AGAIN) for it in wrong]
    what, shown = hook_probe.unproven(workspace, names)
    if not what:
        return []
    as_ours = all(
        hook_files.is_in_place(
            Path(place.folder, name), hook_text(name, place.theirs, pushes=name == PUSH)
        )
        for name in names
    )
    return [(what, shown if as_ours else AGAIN)]


def _amiss(workspace: paths.Workspace, place: hooks_folder.Way) -> list[str]:
    """Return what can be seen to be wrong with our hooks, without starting one."""
    assert workspace.git_dir is not None
    common = paths.common_dir_of(workspace.git_dir)
    if place.scope and git.hooks_path(workspace.root)[0] != place.folder:
        theirs = "none" if place.theirs == os.devnull else place.theirs or "nowhere"
        return [f"git takes its hooks from {theirs}, where ours are not"]
    files = [(name, Path(place.folder, name)) for name in hooks_of(workspace)]
    wrong = [what for name, path in files if (what := _wrong_with(path, name, place.theirs))]
    if git.version() >= IN_CONFIG and not _is_configured(common):
        config = Path(common, "config")
        wrong.append(f"{config} does not name our hooks as they are: it was moved, or changed")
    return wrong


def put_seal(workspace: paths.Workspace, others: Sequence[str] = ()) -> None:
    """Seal hooks that were found in order, and ``others``: files of clients that call us."""
    placed = _placed_hooks(workspace)
    files = git.configuration(workspace.root) if placed else None
    if files is not None:
        hook_seal.put(workspace, [one.path for one in placed], [*files, *others])


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
    texts = [text_files.read(Path(one.path)) for one in placed]
    now = git.hooks_path(workspace.root)[0]
    moved = all(os.path.dirname(one.path) != now for one in placed)
    if not moved and all(text is None or placing.is_ours(text) for text in texts):
        return []
    report = Report(dry=False)
    install(workspace, report, required=False)
    why = f"another tool took the place of git hooks in {now}"
    if moved:
        why = f"git took its hooks from {now}, where ours were not"
    return report.troubles or [f"{why}: ours come first again"]


def _wrong_with(path: Path, name: str, theirs: str = "") -> str:
    text, what = text_files.read(path), _missed(name)
    if hook_files.demoted(path):
        return f"another tool took the place of the git hook {path}: ours runs behind it"
    if text is None:
        return f"there is no git hook {path}: {what}"
    if not placing.is_ours(text):
        return f"the git hook {path} is not ours: {what}"
    if not os.access(path, os.X_OK):
        return f"the git hook {path} is not executable, so git ignores it"
    if "\r\n" in text:
        return f"the git hook {path} has line ends of another system: git cannot start it"
    if not hook_files.leads(text):
        return (
            f"lines of another tool stand above ours in the git hook {path}, and run before it asks"
        )
    if name == PUSH and '"$stick_gate" "$stick_hook"' not in text:
        return f"the git hook {path} asks nothing: pushes are not refused"
    if text != hook_text(name, theirs, pushes=name == PUSH) and not _runs(text):
        return f"the git hook {path} calls an interpreter that is gone"
    return ""


def _missed(name: str) -> str:
    """Return what does not happen where a hook is missing."""
    if name in NOTING:
        return "what git did is not noted"
    return "pushes are not refused" if name == PUSH else "commits are not refused"


def lacking_around(root: str) -> Wrong:
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


def older(workspace: paths.Workspace) -> list[Wrong]:
    """Return that hooks here are those of another version of stickhooks: they ask, but cannot be tried."""
    folder = Path(git.hooks_path(workspace.root)[0])
    texts = {str(folder / name): text_files.read(folder / name) for name in GIT_HOOKS}
    files = [
        path
        for path, text in texts.items()
        if placing.is_ours(text) and not hook_probe.answers_first(text or "")
    ]
    count = f"{len(files)} git hooks ask, but were put in by another version"
    untried = "whether git starts them cannot be tried"
    return [(f"{count}: {files[0]}; {untried}", AGAIN)] if files else []


def _runs(text: str) -> bool:
    """Tell whether the files that an older hook of ours names are still there."""
    named = [hook_files.assigned(text, name) for name in ("stick_python", "stick_gate")]
    return all(os.path.exists(path) for path in named if path)
