"""Coding clients that run in a working tree and ask nobody: they read their settings when they started.

``stick init`` writes down the processes of those that it finds; they are named until they end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from stickhooks.clients import CLIENTS, Client
from stickhooks.identity import resolver
from stickhooks.setup import scopes
from stickhooks.setup.client_places import Place
from stickhooks.setup.clients import PLACES
from stickhooks.setup.scopes import Scope
from stickhooks.store import layout
from stickhooks.system import processes, text_files
from stickhooks.workspace import paths, running

TITLE: Final = "NOT ENFORCED"


def of_client(client: Client, root: str) -> list[processes.Seen]:
    """Return the processes of a client that stand in a folder: of each its topmost."""
    seen = running.standing_in(root)
    found = {one.pid: one for one in seen if _runs(client, one)}
    parents = {one.pid: one.parent for one in seen}
    return [one for one in found.values() if not running.is_below(one.parent, found, parents)]


def _runs(client: Client, process: processes.Seen) -> bool:
    """Tell whether a process is a client's: by its name, or by what an interpreter runs."""
    if process.name in client.processes:
        return True
    scripted = process.name.startswith(resolver.INTERPRETERS)
    return scripted and bool(client.processes & processes.words_of(process.pid))


def note(scope: Scope, place: Place, root: str) -> list[str]:
    """Write down the sessions of a client that began before its hooks were here; return what to say."""
    client = CLIENTS.get(place.name)
    if client is None or client.app or not root:
        return []
    found = of_client(client, root)
    if found:
        here = list(processes.where())
        records = [
            {"client": place.name, "pid": one.pid, "start": one.start, "place": here, "root": root}
            for one in found
        ]
        _write(scope, [one for one in _records(scope) if one not in records] + records)
    return [line(place, one.pid) for one in found]


def forget_ended(workspace: paths.Workspace) -> None:
    """Take out the notes of processes that ended; of those of another place nobody knows."""
    for scope in scopes.of_all(workspace):
        before, here = _records(scope), list(processes.where())
        kept = [one for one in before if one["place"] != here or _lives(one)]
        if kept != before:
            _write(scope, kept)


def _write(scope: Scope, records: list[dict[str, Any]]) -> None:
    if records:
        text_files.replace_file(_file(scope), json.dumps(records) + "\n", 0o600)
    else:
        _file(scope).unlink(missing_ok=True)


def line(place: Place, pid: int) -> str:
    return (
        f"{TITLE}  {place.title} (pid {pid}) was started before `stick init`, and asks nobody;"
        " end that session and start it anew"
    )


def unguarded(workspace: paths.Workspace) -> list[tuple[Place, int]]:
    """Return the noted sessions of a working tree that still run, each with its client. Reads only."""
    everywhere = scopes.of_all(workspace)
    named = {place.name: place for place in PLACES}
    records = [one for scope in everywhere for one in _records(scope)]
    return [
        (named[one["client"]], one["pid"])
        for one in records
        if one["root"] == workspace.root and one["client"] in named and _lives(one)
    ]


def switched_off(workspace: paths.Workspace) -> Iterator[tuple[Place, int, str]]:
    """Yield the running clients of a tree that were started with a switch that drops all hooks."""
    for place in PLACES:
        client = CLIENTS.get(place.name)
        if client is None or client.app or not place.switches:
            continue
        for one in of_client(client, workspace.root):
            words = " ".join(processes.command_of(one.pid))
            for switch in place.switches:
                if f" {switch} " in f" {words} ":
                    yield place, one.pid, switch


def _file(scope: Scope) -> Path:
    return scope.folder / layout.UNGUARDED


def _records(scope: Scope) -> list[dict[str, Any]]:
    """Return what was noted. What cannot be read, or is none of ours, counts as nothing."""
    try:
        found = json.loads(text_files.read(_file(scope)) or "[]")
    except (ValueError, OSError):
        return []
    return [one for one in found if _is_record(one)] if isinstance(found, list) else []


def _is_record(one: object) -> bool:
    return (
        isinstance(one, dict)
        and isinstance(one.get("client"), str)
        and isinstance(one.get("root"), str)
        and type(one.get("pid")) is int
        and isinstance(one.get("place"), list)
    )


def _lives(record: dict[str, Any]) -> bool:
    """Tell whether a noted process still runs; in another place than it was seen in nobody knows."""
    if record["place"] != list(processes.where()):
        return False
    seen = processes.see(record["pid"])
    return (
        seen is not None
        and seen.start == record.get("start")
        and seen.state not in processes.ZOMBIE
    )
