"""What installing and uninstalling tell about themselves, and taking out what a manifest names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from stickhooks.setup import client_settings, hook_files, placing
from stickhooks.setup.placing import Manifest, Placed
from stickhooks.system import text_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.errors import Step

#: The kind of all that is put into git: one line of the brief.
GIT: Final = "git hooks"


class Counted(NamedTuple):
    """One of several things that are told in one line: what they are, which it is, what became of it,
    and what of it the line must not lose."""

    kind: str
    name: str
    state: str
    note: str = ""


def _summed(several: list[Counted]) -> str:
    """Return numbers and names by what became of them, then the notes: ``9 already there, 1 installed``."""
    told = []
    for state in dict.fromkeys(one.state for one in several):
        names = [one.name for one in several if one.state == state]
        number = names.count("")
        told += [f"{number} {state}"] if number else []
        named = [name for name in names if name]
        told += [f"{', '.join(named)} {state}"] if named else []
    return "; ".join([", ".join(told), *dict.fromkeys(one.note for one in several if one.note)])


@dataclass
class Report:
    """What was done, and what could not be.

    ``lines`` are all that there is to say; ``brief`` counts those that ``counted`` names as one, and
    leaves out ``details``. With ``dry`` nothing is done; what would be written, file by file, is
    kept in ``files``.
    """

    dry: bool
    lines: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)  # what to type about the troubles
    counted: dict[str, Counted] = field(default_factory=dict)  # by their line
    details: set[str] = field(default_factory=set)

    def did(
        self, changed: bool, what: str, *, kind: str = "", name: str = "", note: str = ""
    ) -> None:
        """Tell one thing; those of a ``kind`` are one line of the brief: their names, or their number."""
        would = "would be " if self.dry and changed else ""
        self.told(
            what,
            would + "installed" if changed else "already there",
            kind=kind,
            name=name,
            note=note,
        )

    def told(
        self, what: str, state: str, *, kind: str = "", name: str = "", note: str = ""
    ) -> None:
        """Tell one thing as ``did`` does, in the words given."""
        self.lines.append(f"{what}: {state}")
        if kind:
            self.counted[self.lines[-1]] = Counted(kind, name, state, note)

    def detail(self, line: str) -> None:
        """Tell what only a reader of everything wants; never that something is not guarded."""
        self.lines.append(line)
        self.details.add(line)

    def brief(self) -> list[str]:
        lines = []
        for line in self.lines:
            one = self.counted.get(line)
            if one is not None:
                line = f"{one.kind}: {_summed([c for c in self.counted.values() if c.kind == one.kind])}"
            if line not in self.details and line not in lines:
                lines.append(line)
        return lines

    def put(
        self,
        manifest: Manifest,
        kind: str,
        path: Path,
        text: str,
        without: placing.Without = lambda text, before: None,
        mode: int | None = None,
    ) -> bool:
        """Put a text of ours into a file, unless it is there. Tell whether anything changes.

        ``without`` takes ours out again; of a file of our own nothing is left.
        """
        if text_files.read(path) == text:
            return False
        if self.dry:
            self.files[str(path)] = text
        else:
            manifest.write(kind, path, text, manifest.before(path, without), mode)
        return True

    def block(self, manifest: Manifest, path: Path, lines: str, *, alone: bool = False) -> None:
        """Add lines between our marks to a text file; ``alone`` in the place of those that are there."""
        current = self.files.get(str(path), text_files.read(path))
        if alone:
            current = placing.without_block(current or "")
        text = placing.with_lines(current, lines)
        self.put(manifest, "block", path, text, placing.without_block)


#: How a kind is taken out that is more than a file of our own, or lines between our marks.
WAYS: Final = {"hook": hook_files.undo, "settings": client_settings.undo}


def undo(manifest: Manifest, placed: Placed) -> list[str]:
    """Take one thing out, and return what there is to say."""
    lines = WAYS.get(placed.kind, placing.take_out)(placed)
    text_files.remove_folders(placed.folders)
    manifest.drop(placed)
    did = "took our part out of" if os.path.lexists(placed.path) else "removed"
    return [f"{did} {placed.path}", *lines]


def undo_all(manifest: Manifest, dry_run: bool) -> list[str]:
    """Take out all that a manifest names, the last first."""
    manifest.check()
    return undo_several(manifest, manifest.placed[::-1], dry_run)


def undo_several(manifest: Manifest, several: Sequence[Placed], dry_run: bool) -> list[str]:
    """Take these out. Git's hooks are told in one line, and nothing of what lies in our own folder."""
    told, hooks = list[str](), 0
    for one in several:
        lines = [f"would take our part out of {one.path}"] if dry_run else undo(manifest, one)
        hooks += one.kind == "hook"
        brief = one.kind == "hook" or manifest.path.parent in Path(one.path).parents
        told += lines[1:] if brief else lines
    did = "would be taken out" if dry_run else "taken out"
    return [*([f"git hooks: {hooks} {did}"] if hooks else []), *told]
