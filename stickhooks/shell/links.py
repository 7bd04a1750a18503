"""Links: what is written through one is written where it leads.

A hard link, a copy of a link, and a name that something is moved to count as links that a command
makes. Those that are on the disk already are followed by whoever asks for rooms; here they are found
where no word names them: by a glob, or somewhere below a folder.
"""

from __future__ import annotations

from stickhooks.fast.os import os
from stickhooks.shell.folders import TEMPORARY
from stickhooks.shell.words import GLOB_MARKS, UNKNOWN, has_glob, plain
from stickhooks.system import lexical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

#: So many entries of folders are looked at, in search of links, and so many folders down. Where there are
#: more, nobody knows where they lead: see ``_more``.
ENTRIES_LIMIT: Final = 2000
DEPTH: Final = 3
#: So many places are told for one path: links may lead to each other, in circles.
PLACES_LIMIT: Final = 32


class Links:
    """The links that were made so far: for each place where it may lead, ``UNKNOWN`` for nobody knows.

    ``within`` are folders in which some name is a link, nobody knows which.
    """

    def __init__(self) -> None:
        self.at: dict[str, dict[str, None]] = {}
        self.within: dict[str, dict[str, None]] = {}

    def note(self, folders: tuple[str, ...], made: str, source: str, by_text: bool) -> None:
        """Note a link that is made in one of some folders; words may have globs and unknown pieces.

        ``by_text``: a relative source begins at the link's own folder, not where the shell stands.
        """
        for folder in folders or ("",):
            path = os.path.join(folder, made)
            if not path.startswith("/") or UNKNOWN in path:
                continue  # a path that is not known was written
            base = os.path.dirname(path) if by_text else folder
            place, some = _known(path)
            leads, somewhere = _known(os.path.join(base, source))
            if some or somewhere:
                self.within.setdefault(_place(place), {})[leads] = None
            if not some and not (somewhere and os.path.isdir(path)):
                self.at.setdefault(_place(place), {})[leads] = None

    def has(self, folders: tuple[str, ...], word: str) -> bool:
        """Tell whether a word names a link, one on the disk or one that was made."""
        if UNKNOWN in word or has_glob(word):
            return False
        paths = [os.path.join(folder, word) for folder in folders or ("/",)]
        return any(os.path.islink(path) or _place(path) in self.at for path in paths)

    def sources(self) -> list[str]:
        """Return all places that links lead to."""
        made = (*self.at.values(), *self.within.values())
        return list(dict.fromkeys(source for sources in made for source in sources))

    def through(self, path: str, follows: bool, any_below: bool) -> list[str]:
        """Return where an absolute path may lead through links; ``UNKNOWN`` for nobody knows.

        ``follows`` tells whether a link that stands last is followed too, ``any_below`` whether the
        path is a folder in which any name may be meant.
        """
        found: dict[str, None] = {}
        todo = list(self._led(path, follows, any_below)) if self.at or self.within else []
        while todo:
            place = todo.pop()
            if place in found:
                continue
            if len(found) >= PLACES_LIMIT:
                return [*found, UNKNOWN]
            found[place] = None
            if place != UNKNOWN:
                todo += self._led(place, True, any_below)
        return list(found)

    def _led(self, path: str, follows: bool, any_below: bool) -> Iterator[str]:
        """Yield where a path leads by the links in it, one step each."""
        parts = path.split("/")
        for count in range(2, len(parts) + 1):
            place, last = _place("/".join(parts[:count])), count == len(parts)
            yield from self.within.get(place, ()) if not last or any_below else ()
            for source in self.at.get(place, ()) if follows or not last else ():
                yield source if source == UNKNOWN else "/".join([source, *parts[count:]])
        if any_below:
            folder = _place(path).rstrip("/") + "/"
            for place, sources in (*self.at.items(), *self.within.items()):
                yield from sources if place.startswith(folder) else ()


def _place(path: str) -> str:
    """Return one name for a path whose last part is not followed, however its folder is spelled."""
    if path.endswith(("/..", "/.")):
        return os.path.realpath(path)
    folder, _, name = path.rstrip("/").rpartition("/")
    return os.path.join(os.path.realpath(folder or "/"), name)


def _known(path: str) -> tuple[str, bool]:
    """Return a path as far as it is known, and whether it is a folder in which some name is meant."""
    if UNKNOWN in path or not path.startswith("/"):
        return UNKNOWN, False
    beginning = path
    for mark in GLOB_MARKS.values():
        beginning = beginning.partition(mark)[0]
    if beginning != path:
        return beginning.rpartition("/")[0] or "/", True
    return path if ".." in path.split("/") else lexical.by_letters(path), False


def matched(pattern: str, follows: bool) -> Iterator[str]:
    """Yield the paths that a glob stands for and that lead through a link on the disk; ``UNKNOWN`` for
    nobody knows.

    ``follows`` tells whether a link that stands last counts. Behind a link the rest counts as typed,
    up to its first glob.
    """
    typed, level, seen = pattern.split("/"), [""], 0
    for count, part in enumerate(typed, 1):
        if not has_glob(part):
            level = [f"{folder}/{part}" if count > 1 else part for folder in level]
            continue
        below = []
        for entry in _entries(level, plain(part)):
            seen += 1
            if seen > ENTRIES_LIMIT:
                yield from _more(pattern)
                return
            if entry.is_symlink() and (follows or count < len(typed)):
                rest = "/".join(["", *typed[count:]])
                known = min(
                    (rest.find(mark) for mark in GLOB_MARKS.values() if mark in rest), default=-1
                )
                yield entry.path + (rest if known < 0 else rest[:known].rpartition("/")[0])
            elif entry.is_dir():
                below.append(entry.path)
        level = below


def _more(place: str) -> tuple[str, ...]:
    """Return where the entries lead that were not looked at; a folder for temporary files is too full of
    such to be asked about."""
    return () if (place + "/").startswith(TEMPORARY) else (UNKNOWN,)


def _entries(folders: list[str], pattern: str) -> Iterator[os.DirEntry[str]]:
    import fnmatch  # and re with it, of which a command without globs has no need

    for folder in folders:
        for entry in _in_folder(folder or "/"):
            if fnmatch.fnmatchcase(entry.name, pattern):
                yield entry


def _in_folder(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []  # nothing can be written through it either


def inside(folder: str) -> Iterator[str]:
    """Yield where the links to folders lead that lie below a folder, some folders down; ``UNKNOWN`` for
    nobody knows."""
    level, seen = [folder], 0
    for _ in range(DEPTH):
        below = []
        for entry in (one for place in level for one in _in_folder(place)):
            seen += 1
            if seen > ENTRIES_LIMIT:
                yield from _more(folder)
                return
            if entry.is_symlink() and entry.is_dir():
                yield os.path.realpath(entry.path)
            elif entry.is_dir(follow_symlinks=False):
                below.append(entry.path)
        level = below
