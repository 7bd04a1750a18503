"""Put things into other people's places, and take them out again byte for byte.

Every placing is written to a manifest with what was there before. Undoing it restores
those bytes where nobody edited ours since; else it removes only our own lines.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Final, TypeAlias

from stickhooks.errors import Refusal
from stickhooks.setup import own_files
from stickhooks.system import text_files
from stickhooks.text import word

BEGIN: Final = "# >>> stickhooks >>>"
END: Final = "# <<< stickhooks <<<"


@dataclass(frozen=True)
class Placed:
    """One thing of ours: ``kind`` ``hook``, ``file``, ``block`` or ``settings``.

    ``before`` is the text that was there, None where there was no file; ``folders`` are the
    folders made for it, outermost first.
    """

    kind: str
    path: str
    wrote: str
    before: str | None = None
    folders: list[str] = field(default_factory=list)


#: A text, and what was there before ours: to the text without ours, None where nothing is left of it.
Without: TypeAlias = Callable[[str, str | None], str | None]


class Manifest:
    """What was put where, in a file of its own.

    Paths are written relative to ``bases``, so that a copied or moved repository speaks of
    its own files, and never of those of the one it was copied from.
    """

    def __init__(self, path: Path, bases: Mapping[str, str]) -> None:
        self.path = path
        self.bases = bases
        self.folders: list[str] = []  # made for the manifest itself
        self.placed: list[Placed] = []
        self.barred: OSError | None = None  # it is there and cannot be read: it is not written over
        self._read()

    def _read(self) -> None:
        try:
            text = text_files.read(self.path) or "{}"
        except OSError as error:
            self.barred = error
            return
        with contextlib.suppress(ValueError, KeyError, TypeError):
            raw = json.loads(text)
            placed = [self._moved(Placed(**item), self._absolute) for item in raw["placed"]]
            self.folders = [self._absolute(folder) for folder in raw.get("folders", [])]
            self.placed = placed

    def _moved(self, placed: Placed, convert: Callable[[str], str]) -> Placed:
        folders = [convert(folder) for folder in placed.folders]
        return replace(placed, path=convert(placed.path), folders=folders)

    def _relative(self, path: str) -> str:
        for name, base in self.bases.items():
            if path == base or path.startswith(base.rstrip(os.sep) + os.sep):
                return f"{name}:{os.path.relpath(path, base)}"
        raise ValueError(f"{path} lies outside of what this manifest is for")

    def _absolute(self, path: str) -> str:
        name, _, rest = path.partition(":")
        return os.path.normpath(os.path.join(self.bases[name], rest))

    def find(self, path: Path) -> Placed | None:
        return next((p for p in self.placed if p.path == str(path)), None)

    def before(self, path: Path, without: Without) -> str | None:
        """Return what a file would be without us: as it was, or as somebody edited it since."""
        current, known = text_files.read(path), self.find(path)
        if current is None or known is None:
            return current and without(current, None)
        return known.before if current == known.wrote else without(current, known.before)

    def write(
        self, kind: str, path: Path, text: str, before: str | None, mode: int | None = None
    ) -> None:
        """Write a file that something of ours is in, and note that it was."""
        known = self.find(path)
        folders = known.folders if known else text_files.make_folders(path.parent)
        text_files.make_folders(path.parent)
        text_files.write(path, text, mode)
        self.add(Placed(kind, str(path), text, before, folders))

    def add(self, placed: Placed) -> None:
        self.placed = [p for p in self.placed if p.path != placed.path] + [placed]
        self._save()

    def drop(self, placed: Placed) -> None:
        """Forget one thing. A folder of it in which something else lies goes with the last thing."""
        self.placed = [p for p in self.placed if p.path != placed.path]
        self.folders += [f for f in placed.folders if os.path.isdir(f) and f not in self.folders]
        self._save()

    def check(self) -> None:
        """Refuse ``io`` where what was installed is written down, and cannot be read."""
        if self.barred is not None:
            raise Refusal(
                "io",
                f"{self.path} is there, but cannot be read ({self.barred.strerror}): what was"
                " installed stands in it; nothing was changed",
                [own_files.way_to_use(str(self.path)) or f"ls -ld {word(str(self.path))}"],
            )

    def _save(self) -> None:
        self.check()
        if not self.placed:
            self.path.unlink(missing_ok=True)
            text_files.remove_folders(self.folders)
            return
        self.folders += text_files.make_folders(self.path.parent)
        raw = {
            "schema": 1,
            "folders": [self._relative(folder) for folder in self.folders],
            "placed": [asdict(self._moved(p, self._relative)) for p in self.placed],
        }
        text_files.write(self.path, json.dumps(raw, indent=1) + "\n")


def is_ours(text: str | None) -> bool:
    return text is not None and BEGIN in text


def without_block(text: str, before: str | None = None) -> str:
    """Return text without the lines between our marks, the marks included."""
    lines, kept, inside = text.splitlines(keepends=True), [], False
    for line in lines:
        if line.strip() == BEGIN:
            inside = True
        if not inside:
            kept.append(line)
        if line.strip() == END:
            inside = False
    return "".join(kept)


def block(text: str) -> str:
    """Return our lines, the marks included, ``""`` where there are none."""
    begin, end = text.find(BEGIN), text.find(END)
    return text[begin:end] if 0 <= begin < end else ""


def with_lines(text: str | None, lines: str) -> str:
    """Return a text with lines between our marks, beside those that are there already."""
    text = text or ""
    ours = block(text)
    if not ours:
        gap = "" if not text or text.endswith("\n") else "\n"
        return f"{text}{gap}{BEGIN}\n{lines}\n{END}\n"
    if f"\n{lines}\n" in ours:
        return text
    return text.replace(ours, f"{ours}{lines}\n", 1)


# --- and out again


def take_out(placed: Placed) -> list[str]:
    """Take out a file of our own, or our lines. Returns what there is to say."""
    path = Path(placed.path)
    current = text_files.read(path)
    if current == placed.wrote:
        restore(path, placed.before)
    elif is_ours(current):
        restore(path, None if placed.kind == "file" else without_block(current or ""))
    return []


def restore(path: Path, before: str | None) -> None:
    if before is None:
        path.unlink(missing_ok=True)
    else:
        text_files.write(path, before)
