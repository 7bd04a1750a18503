"""Tools that would put our folder into what they build, and the line that keeps it out.

The state has members' names, their reasons and the lease id in it. Git, npm, cargo, poetry and
others heed the ``.gitignore`` inside the folder; those here read only one at the top (hatch#1897).
That file may be the project's own, so the line is told and never written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from stickhooks import disk

LIMIT: Final = 1 << 20  # characters of a project's file are looked at


def _hatch(root: Path) -> bool:
    return bool(
        re.search(r"""build-backend\s*=\s*["']hatchling\b""", _text(root / "pyproject.toml"))
    )


def _scikit_build(root: Path) -> bool:
    backend = r"""build-backend\s*=\s*["']scikit_build_core\b"""
    return bool(re.search(backend, _text(root / "pyproject.toml")))


def _docker(root: Path) -> bool:
    return any((root / name).is_file() for name in ("Dockerfile", "Containerfile"))


def _vscode_extension(root: Path) -> bool:
    return bool(re.search(r'"engines"\s*:\s*\{[^}]*"vscode"', _text(root / "package.json")))


def _google_cloud(root: Path) -> bool:
    return (root / ".gcloudignore").is_file() or (root / "app.yaml").is_file()


#: Tool, whether it is used here, and the file at the top that it reads.
TOOLS: Final[tuple[tuple[str, Callable[[Path], bool], str], ...]] = (
    ("hatch's source distributions", _hatch, ".gitignore"),
    ("scikit-build's source distributions", _scikit_build, ".gitignore"),
    ("docker's build context", _docker, ".dockerignore"),
    ("vsce's extension package", _vscode_extension, ".vscodeignore"),
    ("gcloud's uploads", _google_cloud, ".gcloudignore"),
)


def advice(root: str) -> list[str]:
    """Return a line for each tool in use in the tree ``root`` that would take our folder along."""
    top = Path(root)
    return [
        f"{tool} would include {disk.FOLDER} (members' names, the lease id):"
        f" add the line {disk.FOLDER}/ to {ignore_file}"
        for tool, used, ignore_file in TOOLS
        if used(top) and not _ignored(_text(top / ignore_file))
    ]


def _ignored(text: str) -> bool:
    """Tell whether an ignore file names our folder. Wider patterns are not understood: told once more."""
    lines = {line.strip().removeprefix("**/").strip("/") for line in text.splitlines()}
    return bool(lines & {disk.FOLDER, f"{disk.FOLDER}/**", f"{disk.FOLDER}/*", ".*"})


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(LIMIT)
    except OSError:
        return ""
