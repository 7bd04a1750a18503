"""What installing and uninstalling tell about themselves, and taking out what a manifest names."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from stickhooks.setup import hook_files, placing
from stickhooks.setup.placing import Manifest


@dataclass
class Report:
    """What was done, and what could not be.

    With ``dry`` nothing is done; what would be written, file by file, is kept in ``files``.
    """

    dry: bool
    lines: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)  # what to type about the troubles

    def did(self, changed: bool, what: str) -> None:
        would = "would be " if self.dry and changed else ""
        self.lines.append(f"{what}: {would + 'installed' if changed else 'already there'}")

    def would_write(self, path: Path, text: str) -> None:
        self.files[str(path)] = text


def _nothing(settings: str, before: str | None) -> str:
    return settings


def undo_all(manifest: Manifest, dry_run: bool, strip: placing.Strip = _nothing) -> list[str]:
    manifest.check()
    told = []
    for placed in reversed(manifest.placed):
        told.append(f"{'would take' if dry_run else 'took'} our part out of {placed.path}")
        if not dry_run:
            told += placing.undo(manifest, placed, strip, hook_files.undo)
    return told
