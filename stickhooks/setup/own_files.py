"""What lies in our folders and is not for this account to use: another account's, or barred by its mode."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from stickhooks.store import accounts
from stickhooks.system import text_files
from stickhooks.text import plain, word

READ, WRITE, ENTER = os.R_OK, os.W_OK, os.X_OK


def amiss(folders: list[str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong in folders of ours, and the command that mends it: at most two a folder."""
    for folder in folders:
        places = [place for place in text_files.all_in(folder) if way_to_use(place)]
        theirs = [place for place in places if accounts.owner_of(place) is not None]
        for found in (theirs, [place for place in places if place not in theirs]):
            if found:
                yield _told(found), way_to_use(found[0] if len(found) == 1 else folder, found[0])


def _told(places: list[str]) -> str:
    owner = accounts.owner_of(places[0])
    more = f", and {len(places) - 1} more there" if len(places) > 1 else ""
    why = "cannot be used, by its mode" if owner is None else f"belongs to {accounts.label(owner)}"
    return f"{plain(places[0])}{more}: {why}; nothing of it is lost"


def way_to_use(place: str, like: str = "") -> str:
    """Return the command that makes a place ours to use, ``""`` where it is; for a whole folder the
    one that mends what lies in it ``like`` that."""
    like = like or place
    if accounts.owner_of(like) is not None:
        return f"{'sudo ' if os.geteuid() else ''}chown -R {os.geteuid()} {word(place)}"
    try:
        kind = os.lstat(like).st_mode
    except OSError:
        return ""
    if not (stat.S_ISDIR(kind) or stat.S_ISREG(kind)):
        return ""
    if os.access(like, READ | (ENTER if stat.S_ISDIR(kind) else WRITE)):
        return ""
    return f"chmod -R u+rwX {word(place)}"
