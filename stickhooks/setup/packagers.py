"""Tools that would put our folder into what they build, or rewrite it, and the line that keeps it out.

The state has members' names, their reasons and the lease id in it. Git, npm, cargo, poetry and
others heed the ``.gitignore`` inside the folder; those here read only one at the top (hatch#1897).
That file may be the project's own, so the line is told and never written.

Biome formats the state behind the lock, unless it is told to heed ignore files. Biome 2 takes a
nested configuration, which we put beside the state; to Biome 1 that is a faulty file.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stickhooks.store import layout
from stickhooks.system import publish, text_files
from stickhooks.system.folder import Folder

LIMIT: Final = 1 << 20  # characters of a project's file are looked at


_BACKEND: Final = r"""build-backend\s*=\s*["']{}\b"""
#: A tool, the files at the top that tell of its use, what one of them holds, and the file that it reads.
TOOLS: Final = (
    (
        "hatch's source distributions",
        ("pyproject.toml",), _BACKEND.format("hatchling"), ".gitignore",
    ),
    (
        "scikit-build's source distributions",
        ("pyproject.toml",), _BACKEND.format("scikit_build_core"), ".gitignore",
    ),
    ("docker's build context", ("Dockerfile", "Containerfile"), "", ".dockerignore"),
    (
        "vsce's extension package",
        ("package.json",), r'"engines"\s*:\s*\{[^}]*"vscode"', ".vscodeignore",
    ),
    ("gcloud's uploads", (".gcloudignore", "app.yaml"), "", ".gcloudignore"),
)  # fmt: skip


def advice(root: str) -> list[str]:
    """Return a line for each tool in use in the tree ``root`` that would take our folder along."""
    top = Path(root)
    return [
        f"{tool} would include {layout.FOLDER} (members' names, the lease id):"
        f" add the line {layout.FOLDER}/ to {ignore_file}"
        for tool, files, pattern, ignore_file in TOOLS
        if _is_used(top, files, pattern) and not _ignored(_text(top / ignore_file))
    ] + _biome_advice(top)


def _is_used(top: Path, files: Sequence[str], pattern: str = "") -> bool:
    """Tell whether one of these files is there and holds the pattern."""
    return any((top / name).is_file() and re.search(pattern, _text(top / name)) for name in files)


def _ignored(text: str) -> bool:
    """Tell whether an ignore file names our folder. Wider patterns are not understood: told once more."""
    lines = {line.strip().removeprefix("**/").strip("/") for line in text.splitlines()}
    return bool(lines & {layout.FOLDER, f"{layout.FOLDER}/**", f"{layout.FOLDER}/*", ".*"})


def _text(path: Path) -> str:
    try:
        return (text_files.read(path) or "")[:LIMIT]
    except OSError:
        return ""


# --- Biome

_SETTINGS: Final = ("biome.json", "biome.jsonc")
BIOME_MARKER: Final = b'{ "root": false, "files": { "includes": ["!**"] } }\n'
#: What tells Biome's main version: what is installed goes first.
_VERSIONS: Final = (
    ("node_modules/@biomejs/biome/package.json", r'"version"\s*:\s*"(\d+)\.'),
    ("package.json", r'"@biomejs/biome"\s*:\s*"[\^~>= ]*(\d+)\b'),
    *((name, r"biomejs\.dev/schemas/(\d+)\.") for name in _SETTINGS),
)


def keep_out(root: str) -> None:
    """Put a marker into our folder for a tool in use that heeds one, and take it away where it would err.

    Where that cannot be written nothing is said: it is a courtesy.
    """
    top = Path(root)
    marker = top / layout.FOLDER / "biome.json"
    wanted = _uses_biome(top) and _biome_version(top) >= 2
    if wanted == os.path.lexists(marker):
        return
    with contextlib.suppress(OSError), Folder.open(str(marker.parent)) as ours:
        if wanted:
            publish.publish(ours, marker.name, BIOME_MARKER)
        else:
            ours.unlink(marker.name)


def _biome_advice(top: Path) -> list[str]:
    """Return what to add for a Biome that no marker of ours reaches."""
    settings = "".join(_text(top / name) for name in _SETTINGS)
    if not _uses_biome(top) or _biome_version(top) >= 2 or layout.FOLDER in settings:
        return []
    line = f'"files": {{ "ignore": ["{layout.FOLDER}"] }}'
    return [f"Biome would format {layout.FOLDER} behind its lock: add {line} to biome.json"]


def _uses_biome(top: Path) -> bool:
    return _is_used(top, _SETTINGS) or _is_used(top, ("package.json",), '"@biomejs/biome"')


def _biome_version(top: Path) -> int:
    """Return Biome's main version here, 0 where nothing tells it."""
    matches = (re.search(pattern, _text(top / name)) for name, pattern in _VERSIONS)
    return next((int(match[1]) for match in matches if match), 0)
