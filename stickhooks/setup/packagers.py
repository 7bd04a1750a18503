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
from collections.abc import Callable
from pathlib import Path
from typing import Final

from stickhooks.store import layout
from stickhooks.system import publish, text_files
from stickhooks.system.folder import Folder

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


def _biome(root: Path) -> bool:
    used = any((root / name).is_file() for name in _BIOME_SETTINGS)
    return used or '"@biomejs/biome"' in _text(root / "package.json")


def _biome_version(root: Path) -> int:
    """Return Biome's main version here, 0 where nothing tells it: what is installed goes first."""
    installed = _text(root / "node_modules/@biomejs/biome/package.json")
    wanted, settings = (
        _text(root / "package.json"),
        "".join(_text(root / n) for n in _BIOME_SETTINGS),
    )
    for pattern, text in (
        (r'"version"\s*:\s*"(\d+)\.', installed),
        (r'"@biomejs/biome"\s*:\s*"[\^~>= ]*(\d+)\b', wanted),
        (r"biomejs\.dev/schemas/(\d+)\.", settings),
    ):
        found = re.search(pattern, text)
        if found:
            return int(found[1])
    return 0


_BIOME_SETTINGS: Final = ("biome.json", "biome.jsonc")
BIOME_MARKER: Final = b'{ "root": false, "files": { "includes": ["!**"] } }\n'


def keep_out(root: str) -> None:
    """Put a marker into our folder for a tool in use that heeds one, and take it away where it would err.

    Where that cannot be written nothing is said: it is a courtesy.
    """
    top = Path(root)
    marker = top / layout.FOLDER / "biome.json"
    wanted = _biome(top) and _biome_version(top) >= 2
    if wanted == os.path.lexists(marker):
        return
    with contextlib.suppress(OSError), Folder.open(str(marker.parent)) as ours:
        if wanted:
            publish.publish(ours, marker.name, BIOME_MARKER)
        else:
            ours.unlink(marker.name)


def _biome_advice(top: Path) -> list[str]:
    """Return what to add for a Biome that no marker of ours reaches."""
    settings = "".join(_text(top / name) for name in _BIOME_SETTINGS)
    if not _biome(top) or _biome_version(top) >= 2 or layout.FOLDER in settings:
        return []
    line = f'"files": {{ "ignore": ["{layout.FOLDER}"] }}'
    return [f"Biome would format {layout.FOLDER} behind its lock: add {line} to biome.json"]


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
        f"{tool} would include {layout.FOLDER} (members' names, the lease id):"
        f" add the line {layout.FOLDER}/ to {ignore_file}"
        for tool, used, ignore_file in TOOLS
        if used(top) and not _ignored(_text(top / ignore_file))
    ] + _biome_advice(top)


def _ignored(text: str) -> bool:
    """Tell whether an ignore file names our folder. Wider patterns are not understood: told once more."""
    lines = {line.strip().removeprefix("**/").strip("/") for line in text.splitlines()}
    return bool(lines & {layout.FOLDER, f"{layout.FOLDER}/**", f"{layout.FOLDER}/*", ".*"})


def _text(path: Path) -> str:
    try:
        return (text_files.read(path) or "")[:LIMIT]
    except OSError:
        return ""
