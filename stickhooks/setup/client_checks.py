"""What is wrong with the hooks of coding clients: not there, not trusted, or not refusing."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from stickhooks.clients import CLIENTS, own_program
from stickhooks.setup import (
    client_hooks,
    client_probe,
    client_settings,
    placing,
    running_clients,
    scopes,
)
from stickhooks.setup.client_places import PRE_EDIT, Hook, Place, Wrong
from stickhooks.setup.clients import PLACES
from stickhooks.setup.report import Report
from stickhooks.setup.scopes import Scope
from stickhooks.system import text_files
from stickhooks.workspace import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.errors import Step


def amiss(workspace: paths.Workspace, *, rooms: bool) -> Iterator[Wrong]:
    """Yield what is wrong, for this working tree and for the user.

    Where there are ``rooms`` every hook is called as its client would, and has to refuse.
    """
    everywhere = scopes.of_all(workspace)
    for place in PLACES if rooms else ():
        if client_hooks.is_here(everywhere[0], place) and not any(
            client_hooks.has(s, place) for s in everywhere
        ):
            what = f"{place.title} is used here, and no hook of ours asks before its edits"
            if mending := client_hooks.mending(place, everywhere[0]):
                what += f": {everywhere[0].path(place)} cannot be read"
            yield what, mending or client_hooks.again(everywhere[0], place)
    for place, pid in running_clients.unguarded(workspace):
        yield running_clients.line(place, pid), f"ps -p {pid}"
    for place, pid, switch in running_clients.switched_off(workspace) if rooms else ():
        what = f"{place.title} (pid {pid}) was started with {switch}, and asks nobody"
        yield f"{what}; start it anew without", f"ps -p {pid}"
    for scope in everywhere:
        for placed in scope.manifest.placed:
            if placed.kind == "file" and text_files.read(Path(placed.path)) is None:
                yield f"{placed.path} is gone: every edit is refused", client_hooks.again(scope)
        for place in PLACES:
            for path, hook in client_hooks.files(scope, place):
                if scope.manifest.find(path):
                    yield from _examine(scope, place, path, hook, workspace.root, rooms)


def outdated(workspace: paths.Workspace) -> Iterator[tuple[str, Step, Callable[[], str]]]:
    """Yield the entries that another version of stick wrote: what, how to write ours, and doing so."""
    for scope in scopes.of_all(workspace):
        for place in PLACES:
            for path, hook in client_hooks.files(scope, place):
                text = text_files.read(path) if scope.manifest.find(path) else None
                if text is None or _is_ours_now(scope, place, text, hook):
                    continue
                what = f"{path}: our entry in it is not the one that this version of stick writes"
                yield (
                    what,
                    client_hooks.again(scope, place),
                    partial(_rewritten, scope, place, path),
                )


def _is_ours_now(scope: Scope, place: Place, text: str, hook: Hook | None) -> bool:
    """Tell whether a file holds what we would write, or none of ours, or what cannot be understood."""
    try:
        return not _calls_us(place, text) or client_hooks.content(scope, place, text, hook) == text
    except ValueError:
        return True


def _rewritten(scope: Scope, place: Place, path: Path) -> str:
    report = Report(dry=False)
    root = scope.workspace.root if scope.workspace else ""
    client_hooks.install(scope, report, (place.short,), root)
    return f"{path}: {report.troubles[0] if report.troubles else 'our entry is the present one'}"


def _examine(
    scope: Scope, place: Place, path: Path, hook: Hook | None, root: str, rooms: bool
) -> Iterator[Wrong]:
    text = text_files.read(path)
    if text is None and place.kind in ("plugin", "script"):
        return  # told as a file that is gone
    again = client_hooks.again(scope, place)
    try:
        if text is None or not _calls_us(place, text):
            yield client_hooks.GONE.format(path), again
            return
        client_hooks.content(scope, place, text, hook)
    except ValueError as error:
        mending = client_hooks.mending(place, scope)
        yield f"{path}: {place.title} cannot read it: {error}", mending or again
        return
    if hook is not None and hook.name != PRE_EDIT:
        return
    yield from place.trust(scope, place, root)
    yield from steps(place)
    if rooms and place.kind != "line":
        wrong = client_probe.unproven(place, path, text, scope.folder, root)
        if wrong:
            yield f"{place.title}: the hook in {path} {wrong}", again


def steps(place: Place) -> Iterator[Wrong]:
    """Find a client in whose shell the steps of a refusal cannot be run."""
    client, env = CLIENTS[place.name], dict(os.environ)
    program = own_program.name_for(client, env)
    if not own_program.is_found(client, env, program):
        what = f"{place.title}: its shell does not find {program}, which every refusal names"
        yield what, f"ls -ld {shlex.quote(os.path.dirname(sys.executable))}"


def _calls_us(place: Place, text: str) -> bool:
    if place.kind == "settings":
        return bool(client_settings.commands(place, text))
    return placing.is_ours(text)
