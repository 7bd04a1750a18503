"""Our entries in clients' settings: what they say, and how they get into a text and out of it."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from stickhooks.setup import jsonc, placing
from stickhooks.setup.client_places import PRE_EDIT, Hook, Place
from stickhooks.setup.clients import PLACES
from stickhooks.setup.placing import Placed
from stickhooks.system import text_files

LIFECYCLE: Final = "lifecycle"
MARKS: Final = (f"stickhooks/{PRE_EDIT}", f"stickhooks/{LIFECYCLE}")
LOST: Final = "stick: NOT EDITED  the hook of this room was moved or removed; next: stick init"


#: Finds our launcher where the tree stands at another path than it did at `stick init` (a container,
#: a moved folder): in the room above, be it in the git dir or beside the room's state.
_AT_ANOTHER_PATH: Final = (
    'for d in "$PWD" "${CLAUDE_PROJECT_DIR:-}"; do '
    'while [ -n "$d" ] && [ ! -e "$d/.talking-stick" ]; do d=${d%/*}; done; '
    '[ -z "$d" ] || break; done; g=$d/.git; '
    'if [ -n "$d" ] && [ -f "$g" ]; then read -r _ g < "$g"; case $g in /*) ;; *) g=$d/$g ;; esac; fi; '
    'if [ -n "$d" ] && [ ! -d "$g" ]; then g=$d/.talking-stick; fi; '
)


def script(folder: Path, place: Place, hook: Hook) -> str:
    """Return what runs our launcher; where it is gone, an edit is refused if there is a room.

    The shell that looks whether it is there goes on as the launcher: to start another costs more
    than all else that is done where there is no room. ``stick_moved`` tells it that it was found
    at another path than its own.
    """
    which, client = (PRE_EDIT, place.name) if hook.name == PRE_EDIT else (LIFECYCLE, "")
    name = shlex.quote(str(folder / which))
    words = client or f"{hook.name} {place.name}"
    here = f"if [ -x {name} ]; then stick_moved=; set -- {words}; . {name}; exit; fi; "
    there = (
        f'if [ -n "$d" ] && [ -x "$g/stickhooks/{which}" ]; then stick_moved=1; set -- {words}; '
        f'. "$g/stickhooks/{which}"; exit; fi'
    )
    end = f'; [ -z "$d" ] || {{ echo {shlex.quote(LOST)} >&2; exit 2; }}'
    return here + _AT_ANOTHER_PATH + there + (end if hook.name == PRE_EDIT else "")


def command_line(folder: Path, place: Place, hook: Hook) -> str:
    """Return the command of an entry: for a shell of our own, unless the client surely has one."""
    line = script(folder, place, hook)
    return line if place.posix and os.name == "posix" else f"sh -c {shlex.quote(line)}"


def entries(place: Place, folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return what has to be in a client's settings, each with its event."""
    return [(hook.event, _entry(place, folder, hook)) for hook in place.hooks]


def _entry(place: Place, folder: Path, hook: Hook) -> dict[str, Any]:
    matcher = {"matcher": hook.matcher} if hook.matcher else {}
    limit = {place.limit: hook.limit} if hook.limit else {}
    closes = place.closes if hook.name == PRE_EDIT else {}
    call = {**place.fixed, place.command: command_line(folder, place, hook), **limit, **closes}
    return {**matcher, "hooks": [call]} if place.nested else {**call, **matcher}


def by_hand(place: Place, folder: Path) -> str:
    """Return the settings in one line, for somebody to put in."""
    hooks: dict[str, list[object]] = {}
    for event, entry in entries(place, folder):
        hooks.setdefault(event, []).append(entry)
    return json.dumps({**place.top, "hooks": hooks}, ensure_ascii=False)


def merged(place: Place, text: str | None, folder: Path) -> str:
    """Return settings with our entries in, in the place of older ones of ours.

    Raises ValueError, saying why, for a text that the client could not read, or has no
    room for them.
    """
    text = text if text and text.strip() else "{\n}\n"
    document = read(place, text)
    wanted = entries(place, folder)
    if sorted(_found(document), key=str) == sorted(wanted, key=str):
        return text
    text = stripped(text)
    for key, told in place.top.items():
        text = jsonc.with_key(text, key, told)
    for event, entry in wanted:
        text = jsonc.added(text, ("hooks", event), entry)
    return text


def read(place: Place, text: str) -> dict[str, Any]:
    """Return what a client reads in its settings. Raises ValueError for what it could not read."""
    try:
        document = jsonc.parse(text).value if place.comments else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is not plain JSON ({error})") from None
    if not isinstance(document, dict):
        raise ValueError("it does not hold an object")
    return document


def undo(placed: Placed) -> list[str]:
    """Take our entries out of a client's settings. Returns what there is to say about it."""
    path = Path(placed.path)
    current = text_files.read(path)
    if current is None:
        return []
    if current == placed.wrote:
        placing.restore(path, placed.before)
        return []
    try:
        without = stripped(current, placed.before)
    except ValueError:
        return [f"{path}: cannot be read; take the entry that names stickhooks out by hand"]
    if without == current:
        return [f"{path}: somebody edited the file since, and our entry is not in it any more"]
    text_files.write(path, without)
    return [f"{path}: only our entry was removed, for somebody edited the file since"]


def stripped(text: str, before: str | None = None) -> str:
    """Return settings without our entries; what only held them goes too, if ``before`` had it not.

    Raises ValueError for what is no JSON, with comments or without, and is not blank either.
    """
    keep = _before(before)
    while text.strip() and (path := next(_paths(jsonc.parse(text).value), None)):
        text = jsonc.without(text, path, keep)
    return text


def _before(text: str | None) -> Any:
    try:
        return jsonc.parse(text).value if text else None
    except ValueError:
        return None


def commands(place: Place, text: str) -> list[str]:
    """Return the command lines of our edit hooks in settings, as the client would run them."""
    entries = (entry for _, entry in _found(jsonc.parse(text).value))
    calls = (call for entry in entries for call in entry.get("hooks", [entry]))
    lines = (str(call.get(place.command)) for call in calls)
    return [line for line in lines if MARKS[0] in line]


def _found(document: Any) -> list[tuple[str, Any]]:
    """Return the entries that call us, each with its event."""
    return [(event, document["hooks"][event][i]) for _, event, i, *_ in _paths(document)]


def _paths(document: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the ways to all that is ours in settings: whole entries, or our part of a group."""
    hooks = document.get("hooks") if isinstance(document, dict) else None
    for event, listed in hooks.items() if isinstance(hooks, dict) else ():
        for i, entry in enumerate(listed if isinstance(listed, list) else ()):
            way = ("hooks", event, i)
            if _is_ours(entry):
                yield way
                continue
            inner = entry.get("hooks") if isinstance(entry, dict) else None
            for j, call in enumerate(inner if isinstance(inner, list) else ()):
                if _is_ours(call):
                    yield (*way, "hooks", j)


def _is_ours(entry: Any) -> bool:
    """Tell whether an entry calls us, and nobody else."""
    if not isinstance(entry, dict):
        return False
    group = entry.get("hooks")
    if isinstance(group, list) and group:
        return all(map(_is_ours, group))
    called = [entry.get(place.command) for place in PLACES]
    return any(mark in value for value in called if isinstance(value, str) for mark in MARKS)
