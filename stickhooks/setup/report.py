"""What installing and uninstalling tell about themselves, and taking out what a manifest names."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from stickhooks.setup import client_settings, hook_files, placing
from stickhooks.setup.placing import Manifest, Placed
from stickhooks.system import text_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.errors import Step


@dataclass
class Report:
    """What was done, and what could not be.

    With ``dry`` nothing is done; what would be written, file by file, is kept in ``files``.
    """

    dry: bool
    lines: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)  # what to type about the troubles

    def did(self, changed: bool, what: str) -> None:
        would = "would be " if self.dry and changed else ""
        self.lines.append(f"{what}: {would + 'installed' if changed else 'already there'}")

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
    return [f"took our part out of {placed.path}", *lines]


def undo_all(manifest: Manifest, dry_run: bool) -> list[str]:
    """Take out all that a manifest names, the last first."""
    manifest.check()
    placed = manifest.placed[::-1]
    if dry_run:
        return [f"would take our part out of {one.path}" for one in placed]
    return [line for one in placed for line in undo(manifest, one)]
