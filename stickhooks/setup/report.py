"""What installing and uninstalling tell about themselves, and taking out what a manifest names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from stickhooks.setup import hook_files, placing
from stickhooks.setup.placing import Manifest
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

    def file(self, manifest: Manifest, path: Path, text: str, mode: int) -> bool:
        """Put a file of our own somewhere. Tell whether anything changes."""
        return self.put(path, text, lambda: placing.place_file(manifest, path, text, mode))

    def block(self, manifest: Manifest, path: Path, lines: str, *, alone: bool = False) -> None:
        """Add lines between our marks to a text file, as ``placing.place_block`` does."""
        current = self.files.get(str(path), text_files.read(path))
        text = placing.with_lines(current, lines)
        self.put(path, text, lambda: placing.place_block(manifest, path, lines, alone=alone))

    def put(self, path: Path, text: str, write: Callable[[], object]) -> bool:
        """Have ``write`` put a text into a file, unless it is there. Tell whether anything changes."""
        if text_files.read(path) == text:
            return False
        if self.dry:
            self.files[str(path)] = text
        else:
            write()
        return True


def undo_all(manifest: Manifest, dry_run: bool, settings: placing.Undo | None = None) -> list[str]:
    """Take out all that a manifest names; ``settings`` of clients by their own way."""
    manifest.check()
    told, ways = [], {"hook": hook_files.undo, "settings": settings}
    for placed in reversed(manifest.placed):
        told.append(f"{'would take' if dry_run else 'took'} our part out of {placed.path}")
        if not dry_run:
            told += placing.undo(manifest, placed, ways.get(placed.kind))
    return told
