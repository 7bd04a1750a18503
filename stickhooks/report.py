"""What installing and uninstalling tell about themselves, and taking out what a manifest names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from stickhooks import placing
from stickhooks.placing import Manifest


@dataclass
class Report:
    """What was done, and what could not be."""

    dry: bool
    lines: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def did(self, changed: bool, what: str) -> None:
        would = "would be " if self.dry and changed else ""
        self.lines.append(f"{what}: {would + 'installed' if changed else 'already there'}")


def _nothing(settings: Any) -> Any:
    return settings


def undo_all(
    manifest: Manifest, dry_run: bool, strip: Callable[[Any], Any] = _nothing
) -> list[str]:
    told = []
    for placed in reversed(manifest.placed):
        told.append(f"{'would take' if dry_run else 'took'} our part out of {placed.path}")
        if not dry_run:
            told += placing.undo(manifest, placed, strip)
    return told
