"""The small tree that shell commands are run in, and what lies in it afterwards."""

from __future__ import annotations

import os
from pathlib import Path

FILES = {
    **dict.fromkeys(("x", "y", "a", "b", "c", "foo.txt", "log.txt", "sub/x", "sub/y"), "a\n"),
    **dict.fromkeys(("sub/a", "sub/deep/z", "src/a.py", "src/x.pyc", "tests/t.py"), "a\n"),
    "build/out": "a\n",
    "src/main.py": "def main():\n    return 1\n",
    "a.txt": "a 1\nb 2\n",
    "b.txt": "b 2\n",
    "README.md": "# Title\n",
    "package.json": '{"scripts": {}}\n',
    "script.sh": "rm x\n",
}
Snapshot = dict[str, tuple[int, bytes]]


def snapshot(top: Path) -> Snapshot:
    """Return what lies below a folder, outside git's own."""
    found = {}
    for folder, names, files in os.walk(top):
        if ".git" in names:
            names.remove(".git")
        for name in names + files:
            path = os.path.join(folder, name)
            mode = os.lstat(path).st_mode
            text = Path(path).read_bytes() if os.path.isfile(path) else b""
            found[path] = (mode, text)
    return found
