"""Make the pack of the package's compiled modules anew, where it is missing or out of date."""

from __future__ import annotations

import ast
import contextlib
import marshal
import os
import sys
from pathlib import Path
from types import CodeType

from stickhooks import pack

PACKAGE = Path(__file__).parent
#: What every hook needs, each after those that it needs itself.
CORE = [
    "stickhooks", *(["stickhooks.bare_os"] if "posix" in sys.builtin_module_names else []),
    "stickhooks.system", "stickhooks.clock", "stickhooks.derive", "stickhooks.jsontext",
    "stickhooks.errors", "stickhooks.shape", "stickhooks.folder", "stickhooks.disk",
    "stickhooks.paths", "stickhooks.processes", "stickhooks.clients", "stickhooks.identity",
    "stickhooks.check", "stickhooks.door", "stickhooks.answering",
]  # fmt: skip
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


def refresh() -> bool:
    """Write the pack if it does not fit the sources. Tell whether it fits now.

    Nothing is written where the package's folder cannot be; the start is slower then, no more.
    """
    wanted = _sources()
    path = PACKAGE / "__pycache__" / pack.NAME
    if _known(path) == wanted:
        return True
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(exist_ok=True)
        temporary.write_bytes(_packed(wanted))
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        return False
    return True


Stamps = dict[str, tuple[int, int, str]]


def _sources() -> Stamps:
    """Return every module of the package: the time, size and path of its source."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        below = path.relative_to(PACKAGE)
        parts = below.with_suffix("").parts
        name = ".".join(("stickhooks", *(parts[:-1] if parts[-1] == "__init__" else parts)))
        told = path.stat()
        found[name] = told.st_mtime_ns, told.st_size, below.as_posix()
    return found


def _known(path: Path) -> Stamps | None:
    """Return what an existing pack was made of, None where it cannot be used."""
    try:
        with path.open("rb") as file:
            _, index, _ = marshal.loads(file.read(int(file.read(8), 16)))
        return {name: entry[:3] for name, entry in index.items()}
    except (OSError, ValueError, EOFError, TypeError):
        return None


def _packed(wanted: Stamps) -> bytes:
    codes = {name: _code(below) for name, (_, _, below) in wanted.items()}
    parts = {name: marshal.dumps(code) for name, code in codes.items()}
    core = marshal.dumps([codes[name] for name in CORE])
    head, start = b"", 0
    while True:  # the head names places behind itself: its own length counts, until it stays
        index, place = {}, start + len(core)
        for name, stamp in wanted.items():
            index[name] = (*stamp, place, len(parts[name]))
            place += len(parts[name])
        head = marshal.dumps((codes["stickhooks.pack"], index, (start, len(core), CORE)))
        if start == 8 + len(head):
            return b"%08x" % len(head) + head + core + b"".join(parts.values())
        start = 8 + len(head)


def _code(below: str) -> CodeType:
    """Compile a module without its docstrings: a third of what would have to be read."""
    path = PACKAGE / below
    tree = ast.parse(path.read_bytes(), str(path))
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.copy_location(ast.Pass(), node.body[0])]
    return compile(tree, str(path), "exec", dont_inherit=True, optimize=0)
