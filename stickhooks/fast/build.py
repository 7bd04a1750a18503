"""Make the pack of the package's compiled modules anew, where it is missing or out of date."""

from __future__ import annotations

import ast
import marshal
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType

from stickhooks.fast import bundle

PACKAGE = Path(__file__).parent.parent
#: What is run at once, with all that it imports, in the order of ``fast.bundle``: for git's hooks, for an
#: edit, for the short road.
GIT = ("stickhooks.handlers.dispatch", "stickhooks.handlers.git_commit", "stickhooks.gate.cache")
EDIT = ("stickhooks.handlers.dispatch", "stickhooks.handlers.client_edit")
VERBS = ("stickhooks.cli.error_handler", "stickhooks.cli.fast_parser")
BARE = "stickhooks.fast.bare_os"
HELPFUL = ("_commands.py", "cli/app.py")
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


def refresh() -> bool:
    """Write the pack if it does not fit the sources. Tell whether it fits now.

    Nothing is written where the package's folder cannot be; the start is slower then, no more.
    """
    try:
        return _refreshed()
    except Exception:  # an odd file among the sources, a full disk: nobody's command fails by that
        return False


def _refreshed() -> bool:
    wanted, path = _sources(), PACKAGE / "__pycache__" / bundle.NAME
    if _known(path) == wanted:
        os.utime(path)  # looked at, and as new as the package: see ``fast.bundle.is_due``
        return True
    path.parent.mkdir(exist_ok=True)
    if not os.access(path.parent, os.W_OK):
        return False
    fd, temporary = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    try:
        with open(fd, "wb") as file:
            file.write(_packed(wanted))
            file.flush()
            os.fsync(fd)
        os.chmod(temporary, 0o644)  # as other compiled files: to be read by whoever may run it
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    return True


Stamps = dict[str, tuple[int, int, str]]


def _sources() -> Stamps:
    """Return every module of the package: the time, size and path of its source."""
    found = {}
    for path in sorted(p for p in PACKAGE.rglob("[!.]*.py") if p.is_file()):
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
            _, index, _, length = marshal.loads(file.read(int(file.read(8), 16)))
        entries = [line.split("\t") for line in index.strip().split("\n")]
        found = {e[0]: (int(e[1]), int(e[2]), e[3]) for e in entries}
    except Exception:
        return None
    return found if path.stat().st_size == length else None


def _packed(wanted: Stamps) -> bytes:
    codes = {name: _code(below) for name, (_, _, below) in wanted.items()}
    parts = {name: marshal.dumps(code) for name, code in codes.items()}
    verbs = [name for name in _order(wanted, VERBS) if name != BARE]  # they have os already
    orders = [_order(wanted, GIT), _order(wanted, EDIT), verbs]
    together = [marshal.dumps([codes[name] for name in order]) for order in orders]
    start = 0
    while True:  # the head names places behind itself: its own length counts, until it stays
        place, index, cores = start, ["\n"], []
        for order, part in zip(orders, together, strict=True):
            sources = [(name, wanted[name][2], *wanted[name][:2]) for name in order]
            cores.append((place, len(part), sources))
            place += len(part)
        for name, (time, size, below) in wanted.items():
            index.append(f"{name}\t{time}\t{size}\t{below}\t{place}\t{len(parts[name])}\n")
            place += len(parts[name])
        head = marshal.dumps((codes["stickhooks.fast.bundle"], "".join(index), cores, place))
        if start == 8 + len(head):
            return b"%08x" % len(head) + head + b"".join((*together, *parts.values()))
        start = 8 + len(head)


def _order(wanted: Stamps, roots: Sequence[str]) -> list[str]:
    """Return modules with all that they import as they are imported, each after those that it needs."""
    found: list[str] = []

    def visit(name: str) -> None:
        if name not in found:
            for needed in _imports(wanted, name):
                visit(needed)
            if name not in found:
                found.append(name)

    for root in roots:
        visit(root)
    return found


def _imports(wanted: Stamps, name: str) -> Iterator[str]:
    """Yield the modules of ours that a module imports when it is imported itself."""
    if "." in name:
        yield name.rpartition(".")[0]
    for node in _at_once(ast.parse((PACKAGE / wanted[name][2]).read_bytes()).body):
        if isinstance(node, ast.ImportFrom):
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (one for one in [str(node.module), *inner] if _is_here(wanted, one))


def _is_here(wanted: Stamps, name: str) -> bool:
    return name in wanted and (name != BARE or "posix" in sys.builtin_module_names)


def _at_once(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        if not isinstance(node, ast.If):
            yield node
        elif not (isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            yield from _at_once(node.body + node.orelse)
        else:
            yield from _at_once(node.orelse)


def _code(below: str) -> CodeType:
    """Compile a module without its docstrings: a third of what would have to be read.

    Those of the verbs stay, for they are their help.
    """
    path = PACKAGE / below
    tree = ast.parse(path.read_bytes(), str(path))
    for node in () if below.endswith(HELPFUL) else ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.copy_location(ast.Pass(), node.body[0])]
    return compile(tree, str(path), "exec", dont_inherit=True, optimize=0)
