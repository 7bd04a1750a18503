"""A file is replaced in one place: ``system.publish``. What else renames is listed, with its reason."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

import stickhooks
from stickhooks.system import text_files

PACKAGE = Path(stickhooks.__file__).parent
RENAMING = {
    "system/folder.py": 1,  # the call itself, by descriptors
    "fast/build.py": 1,  # the bundle: the gate's own start knows nothing of ours yet
    "setup/room_removal.py": 2,  # the room's folder is put aside, and back where the anchor stays
    "recovery/loose.py": 1,  # a blob, whose name says what is in it: whole beside, then in place
    "recovery/writing.py": 1,  # a file of the tree: from our folder into its own, if it may be replaced
    "store/anchor_rebuild.py": 1,  # a folder that lies in the place of the anchor is put aside
    "store/directory.py": 1,  # what lies in the place of our folder is put aside
    "setup/hooks_folder.py": 1,  # another tool's hook goes back where that tool would have put it
    "setup/hook_files.py": 5,  # another tool's hook: the file itself is kept, mode, owner and all
}


def renames(path: Path) -> int:
    """Return how often a module has the system rename something, or makes a temporary file."""
    calls = [
        node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
    ]
    named = Counter(ast.unparse(call) for call in calls)
    ways = ("os.replace", "os.rename", "os.renames", "shutil.move", "tempfile.NamedTemporaryFile")
    moved = sum(isinstance(c, ast.Attribute) and c.attr == "rename" for c in calls)
    return moved + sum(named[way] for way in ways if way != "os.rename")


def test_nothing_but_publish_replaces_a_file() -> None:
    found = {path.relative_to(PACKAGE).as_posix(): renames(path) for path in PACKAGE.rglob("*.py")}
    assert {name: count for name, count in found.items() if count} == RENAMING


@pytest.mark.parametrize("line", ["os.rename(a, b)", "os.replace(a, b)", "Path(a).rename(b)"])
def test_a_rename_elsewhere_is_seen(line: str, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(line)
    assert renames(module) == 1


def test_a_new_file_has_the_mode_of_the_umask(tmp_path: Path) -> None:
    (tmp_path / "made").touch()
    assert text_files.new_mode() == (tmp_path / "made").stat().st_mode & 0o777
