"""Our folder in a workspace: made where it is not, and hidden from git before anything else is in it."""

from __future__ import annotations

import os
import time

from stickhooks.errors import Refusal
from stickhooks.store import accounts, reader
from stickhooks.system import publish
from stickhooks.system.filesystem import reported
from stickhooks.system.folder import Folder, Unreadable

#: What keeps other tools away, in the order written: git first. Prettier reads no ignore file but
#: the one at the top (prettier#4081), yet takes its settings from the nearest folder: this one
#: gives it a range of no characters to format.
MARKERS = {".gitignore": b"*\n", ".prettierrc": b'{ "rangeEnd": 0 }\n'}


def made(path: str) -> Folder:
    """Open our folder; where it is made, a ``.gitignore`` is the first file in it. Raises OSError,
    and Refusal ``state_corrupt`` where something else lies in its place."""
    made = not os.path.lexists(path)
    if not made:
        accounts.check_ours([path])
    else:
        accounts.check_may_make_in(os.path.dirname(path))
        with Folder.open(os.path.dirname(path)) as above:
            made = above.mkdir(os.path.basename(path))
            above.sync()
    try:
        ours, trouble = reader.open_folder(path)
    except Unreadable as error:
        raise reader.unreadable(path, error) from None
    if ours is None:
        raise Refusal("state_corrupt", what=f"{path}: {trouble or 'it is not there'}")
    names = ours.names()
    for name, text in MARKERS.items():
        if name not in names:
            try:
                publish.publish(ours, name, text)
            except OSError:
                if made and set(ours.names()) <= MARKERS.keys():  # else somebody uses it by now
                    _take_back(path)
                ours.close()
                raise
    return ours


def _take_back(path: str) -> None:
    """Remove our folder, which has nothing but markers in it yet."""
    for name in reversed(MARKERS):
        try:
            os.unlink(os.path.join(path, name))
        except FileNotFoundError:
            pass
    try:
        os.rmdir(path)
    except OSError:
        pass  # somebody was faster: the next lock of theirs writes the markers again


def clear_way(path: str) -> str:
    """Move what lies in the place of our folder aside: a link, a file. Returns its new name."""
    if os.path.isdir(path) and not os.path.islink(path):
        return ""
    if not os.path.lexists(path):
        return ""
    aside = f"{path}.stray-{time.time_ns()}"
    with reported(path):
        os.rename(path, aside)
    return aside
