"""The hooks of coding clients, in and out: for one working tree, or for the user."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from stickhooks.errors import Next
from stickhooks.setup import client_settings, placing, running_clients, scopes
from stickhooks.setup.client_places import PRE_EDIT, Hook, Place, Wrong
from stickhooks.setup.client_settings import LIFECYCLE
from stickhooks.setup.clients import PLACES
from stickhooks.setup.git_hooks import hooks_manifest
from stickhooks.setup.report import Report
from stickhooks.setup.scopes import Scope
from stickhooks.setup.templates import filled
from stickhooks.system import homes, text_files
from stickhooks.text import command, word
from stickhooks.workspace import git, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from stickhooks.errors import Step

GONE: Final = "{} does not call our hook any more: edits are not refused"


def install(scope: Scope, report: Report, only: Iterable[str] | None, root: str = "") -> None:
    """Install for the clients named, or for those that are found here; ``root`` is the working tree."""
    named = None if only is None else set(only)
    missing = []
    for place in PLACES:
        if place.short in named if named is not None else is_here(scope, place):
            _install(scope, place, report, root)
        elif named is None:
            missing.append(place)
    if missing:
        titles = ", ".join(place.title for place in missing)
        way = command(again(scope, missing[0]))
        line = f"not found here: {titles} (`{way}` installs anyway)"
        report.lines.append(line)
        if len(missing) < len(PLACES):
            report.details.add(line)


def has(scope: Scope, place: Place) -> bool:
    """Tell whether a client's hooks were put in."""
    return any(scope.manifest.find(path) for path, _ in files(scope, place))


def is_here(scope: Scope, place: Place) -> bool:
    """Tell whether a client is used here: its program, or folders of it."""
    own = homes.home()
    bases = [*([own] if own else []), *([Path(scope.workspace.root)] if scope.workspace else [])]
    folders = [base / name for base in bases for name in place.folders]
    if os.environ.get(place.moved_by) and place.moved_by != "XDG_CONFIG_HOME":
        folders.append(place.user_base())
    return any(f.is_dir() for f in folders) or any(map(shutil.which, place.programs))


def _install(scope: Scope, place: Place, report: Report, root: str) -> None:
    texts, new = {}, not any(_is_in(place, path) for path, _ in files(scope, place))
    seen = place.reloads and os.path.lexists(scope.path(place))  # what was not there is not watched
    try:
        for path, hook in files(scope, place):
            texts[path] = _content_of(scope, place, path, hook)
        changed = _write(scope, place, texts, report)
    except ValueError as error:
        report.troubles.append(f"{place.title}: NOT installed: {error}; {_way(scope, place)}")
        if step := mending(place, scope):
            report.steps.append(step)
        return
    what = f"{place.title}: {scope.path(place)}"
    report.did(any(changed), what, kind="clients", name=place.title)
    if any(changed):
        lets = [*place.lets, *(place.lets_of_project if scope.workspace else ())]
        report.detail(f"  {place.title} still lets through: {'; '.join(lets)}")
    if new and not seen and not report.dry:
        report.lines += running_clients.note(scope, place, root)
    if root and not report.dry:  # it is installed, and the client may pass over it all the same
        trouble = next(iter(place.trust(scope, place, root)), None)
        if trouble:
            report.lines.append(
                f"{running_clients.TITLE}  {trouble[0]}; next: {command(trouble[1])}"
            )


def _is_in(place: Place, path: Path) -> bool:
    """Tell whether a client's file calls us already."""
    try:
        text = text_files.read(path) or ""
    except OSError:
        return False
    return placing.is_ours(text) or client_settings.MARKS[0] in text


def dropped(workspace: paths.Workspace) -> tuple[list[Wrong], list[str]]:
    """Return which files of clients that we wrote into call us no more, with what to type, and all such."""
    wrong, every = list[Wrong](), list[str]()
    for scope in scopes.of_all(workspace):
        for place in PLACES:
            ours = [path for path, _ in files(scope, place) if scope.manifest.find(path)]
            every += map(str, ours)
            wrong += [
                (GONE.format(path), again(scope, place)) for path in ours if not _is_in(place, path)
            ]
    return wrong, every


def _write(scope: Scope, place: Place, texts: dict[Path, str], report: Report) -> list[bool]:
    """Write what a client needs. Raises ValueError, naming the file, where one cannot be written:

    it may be mounted into a container, or be a link into a read-only store.
    """
    path = scope.folder
    try:
        changed = [
            report.put(
                scope.manifest, "file", scope.folder / name, scope.launcher(name), mode=0o755
            )
            for name in _launchers(place)
        ]
        for path, text in texts.items():
            changed.append(_put(scope, place, path, text, report))
            _hide(scope, path, report)
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}") from None
    return changed


def files(scope: Scope, place: Place) -> list[tuple[Path, Hook | None]]:
    """Return the files of a client that we write; of scripts there is one for every event."""
    path = scope.path(place)
    if place.kind != "script":
        return [(path, None)]
    return [(path.with_name(hook.event), hook) for hook in place.hooks]


def again(scope: Scope, place: Place | None = None) -> Next:
    """Return what puts the hooks of a client in, or those of all."""
    user = () if scope.workspace else ("--user",)
    return Next("init", *user, *(("--only", place.short) if place else ()))


def mending(place: Place, scope: Scope) -> Step:
    """Return what to type where a client's settings cannot be understood, ``""`` where they can."""
    path = scope.path(place)
    if place.kind != "settings":
        return ""
    try:
        client_settings.merged(place, text_files.read(path), scope.folder)
    except ValueError:
        step = again(scope, place)
        return Next(step.verb, *step.args, after=f"${{EDITOR:-vi}} {word(str(path))}")
    except OSError:
        pass
    return ""


def _content_of(scope: Scope, place: Place, path: Path, hook: Hook | None) -> str:
    try:
        if _is_tracked(path):
            raise ValueError("git tracks it")
        return content(scope, place, text_files.read(path), hook)
    except (ValueError, OSError) as error:
        raise ValueError(f"{path}: {error}") from None


def content(scope: Scope, place: Place, current: str | None, hook: Hook | None = None) -> str:
    """Return what a client's file has to hold. Raises ValueError, saying why it may not."""
    if place.kind == "settings":
        return client_settings.merged(place, current, scope.folder)
    if current is not None and not placing.is_ours(current):
        raise ValueError("it is there already, and not ours")
    if place.kind == "line":
        return placing.with_lines(current, place.own)
    if hook is not None:
        script = client_settings.script(scope.folder, place, hook)
        return f"#!/bin/sh\n{placing.BEGIN}\n{script}\n{placing.END}\n"
    return filled(
        place.own, quote=json.dumps,
        PRE_EDIT=str(scope.folder / PRE_EDIT), LIFECYCLE=str(scope.folder / LIFECYCLE),
    )  # fmt: skip


def _launchers(place: Place) -> list[str]:
    if place.kind == "line":
        return []
    alone = place.kind != "plugin" and all(hook.name == PRE_EDIT for hook in place.hooks)
    return [PRE_EDIT] if alone else [PRE_EDIT, LIFECYCLE]


def _put(scope: Scope, place: Place, path: Path, text: str, report: Report) -> bool:
    """Write one file of a client. Tell whether anything changes."""
    if place.kind == "settings":
        return report.put(scope.manifest, "settings", path, text, client_settings.stripped)
    if place.kind == "line":
        return report.put(scope.manifest, "block", path, text, placing.without_block)
    mode = 0o755 if place.kind == "script" else 0o644
    return report.put(scope.manifest, "file", path, text, mode=mode)


def _hide(scope: Scope, path: Path, report: Report) -> None:
    """Put a file into git's private ignore file where it would show up as untracked."""
    workspace = scope.workspace
    if workspace is None or workspace.git_dir is None:
        return
    if git.is_ignored(workspace.root, str(path)):
        return
    line = f"/{path.relative_to(workspace.root).as_posix()}"
    common = paths.common_dir_of(workspace.git_dir)  # shared by all worktrees, as the hooks are
    exclude = Path(common, "info", "exclude")
    report.block(hooks_manifest(common), exclude, line)


def _is_tracked(path: Path) -> bool:
    """Tell whether git tracks a file, or where a link leads to."""
    for name in {str(path), os.path.realpath(path)}:
        workspace = paths.workspace_of(os.path.realpath(os.path.dirname(name)))
        if workspace and workspace.git_dir and git.is_tracked(workspace.root, name):
            return True
    return False


def _way(scope: Scope, place: Place) -> str:
    """Say what to do where we may not write."""
    if place.kind == "settings":
        by_hand = f"add this to it: {client_settings.by_hand(place, scope.folder)}"
    elif place.kind == "line":
        by_hand = f"add this line to it: {place.own}"
    else:
        by_hand = f"have it call: stick hook {PRE_EDIT} --client {place.name}"
    return f"use `stick init --user`, or {by_hand}" if scope.workspace else by_hand
