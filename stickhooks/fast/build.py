"""In place of ``compileall`` and ``zipimport``: write the bundle that ``fast.bundle`` runs.

A zip file is imported module by module, so it saves the files and not the import system, which is
the price (see ``fast.bundle``).
"""

from __future__ import annotations

import ast
import contextlib
import functools
import marshal
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType
from typing import Any, BinaryIO

from stickhooks.fast import bundle

PACKAGE = Path(__file__).parent.parent
BARE = "stickhooks.fast.bare_os"
#: How a module says that cores begin with it; all that it imports comes with it.
ROOT = re.compile(rb"^# bundle: ([a-z ]+)$", re.MULTILINE)
#: Cores that a start begins with, and those that come after these: what is there by then is left out.
FIRST = ("git", "edit", "notes", "verbs")
AFTER = {
    "write": ("git", "edit"), "command": ("edit",), "parts": ("git", "edit"),
    "mirror": ("git", "edit"), "join": ("verbs",), "release": ("verbs",),
    "losses": ("verbs",),
}  # fmt: skip
ALONE = "alone"
#: Seconds after which nobody writes a bundle any more; it takes one or two.
LONGEST_BUILD = 3600
#: Each start has loaded these by another way.
THERE = ("stickhooks.fast.bundle",)
#: In no core, but what a bundle is made by: one that changed makes another.
MAKERS = ("fast/bundle.py", "fast/build.py")
HELPFUL = "_commands.py"
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)

#: Of each module: the path of its source below the package.
Sources = dict[str, str]


def refresh() -> bool:
    """Write the bundle if it does not fit the sources. Tell whether it fits now.

    Nothing is written where the package's folder cannot be; the start is slower then, no more.
    """
    try:
        return _refreshed()
    except Exception:  # an odd file among the sources, a full disk: nobody's command fails by that
        return False


def _refreshed() -> bool:
    path = PACKAGE / "__pycache__" / bundle.NAME
    if _fits(path):
        os.utime(path)  # looked at, and as new as the package: see ``fast.bundle.is_due``
        return True
    path.parent.mkdir(exist_ok=True)
    if not os.access(path.parent, os.W_OK):
        return False
    fd, temporary = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    try:
        with open(fd, "wb") as file:
            file.write(_bundled())
            file.flush()
            os.fsync(fd)
        os.chmod(temporary, 0o644)  # as other compiled files: to be read by whoever may run it
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    _remove_leftovers(path)
    return True


def _remove_leftovers(path: Path) -> None:
    """Remove what processes left that were killed while they wrote this bundle."""
    for left in path.parent.glob(f"{path.name}.*"):
        with contextlib.suppress(OSError):  # another removed it
            if left.stat().st_mtime < time.time() - LONGEST_BUILD:
                left.unlink()


def _fits(path: Path) -> bool:
    """Tell whether a bundle is whole, and was made of the sources as they are."""
    try:
        with path.open("rb") as file:
            _, cores, length, makers = marshal.loads(file.read(int(file.read(8), 16)))
            parts = {part for place in cores.values() for part in _parts_at(file, *place[:2])}
            parts.update(makers)
        return path.stat().st_size == length and parts == {_part(p[0], p[1]) for p in parts}
    except Exception:
        return False


def _parts_at(file: BinaryIO, place: int, length: int) -> list[bundle.Part]:
    file.seek(place)
    return marshal.loads(file.read(length))  # type: ignore[no-any-return]


def _part(name: str, below: str) -> bundle.Part:
    source = (PACKAGE / below).stat()
    return name, below, source.st_mtime_ns, source.st_size


def _sources() -> Sources:
    paths = [p.relative_to(PACKAGE) for p in PACKAGE.rglob("[!.]*.py") if p.is_file()]
    names = [
        (*path.parent.parts, *([] if path.stem == "__init__" else [path.stem])) for path in paths
    ]
    return {
        ".".join(("stickhooks", *parts)): path.as_posix()
        for parts, path in zip(names, paths, strict=True)
    }


def _roots(sources: Sources) -> dict[str, list[str]]:
    """Return what each core begins with; who says ``alone`` is one, by its name."""
    roots: dict[str, list[str]] = {core: [] for core in (*FIRST, *AFTER)}
    for name in sorted(sources):
        mark = ROOT.search((PACKAGE / sources[name]).read_bytes())
        for core in mark[1].decode().split() if mark else ():
            roots.setdefault(name if core == ALONE else core, []).append(name)
    return roots


def _cores(sources: Sources) -> dict[str, list[str]]:
    """Return the modules of each core, in the order in which they are run."""
    needed = functools.cache(lambda name: list(_imports(sources, name)))
    cores = {core: _order(needed, roots) for core, roots in _roots(sources).items()}
    for core, names in cores.items():
        there = [set(cores[one]) for one in AFTER.get(core, () if core in FIRST else ("edit",))]
        known = {*THERE, *(set.intersection(*there) if there else ())}
        # Where an interpreter ran its ``site``, as those of verbs do, it has ``os`` itself.
        known |= set() if core in ("git", "edit", "notes") else {BARE}
        cores[core] = [name for name in names if name not in known]
    return cores


def _bundled() -> bytes:
    sources = _sources()
    compiled = functools.cache(lambda below: _code(sources, below))
    entries: dict[str, bundle.Place] = {}
    bodies: list[bytes] = []
    start = 0
    for core, names in _cores(sources).items():
        parts = marshal.dumps([_part(name, sources[name]) for name in names])
        code = marshal.dumps([compiled(sources[name]) for name in names])
        entries[core] = start, len(parts), len(code)
        bodies += [parts, code]
        start += len(parts) + len(code)
    return _headed(compiled("fast/bundle.py"), entries, b"".join(bodies))


def _headed(code: CodeType, entries: dict[str, bundle.Place], body: bytes) -> bytes:
    """Put the head before all: it names places behind itself, so its own length counts, until it stays."""
    start, makers = 0, tuple(_part("", below) for below in MAKERS)
    while True:
        cores = {core: (start + place, *sizes) for core, (place, *sizes) in entries.items()}
        head = marshal.dumps((code, cores, start + len(body), makers))
        if start == 8 + len(head):
            return b"%08x" % len(head) + head + body
        start = 8 + len(head)


def _order(needed: Callable[[str], list[str]], roots: Sequence[str]) -> list[str]:
    """Return modules with all that they import as they are imported, each after those that it needs."""
    order: list[str] = []

    def visit(name: str) -> None:
        if name not in order:
            for other in needed(name):
                visit(other)
            if name not in order:
                order.append(name)

    for root in roots:
        visit(root)
    return order


def _imports(sources: Sources, name: str) -> Iterator[str]:
    """Yield the modules of ours that a module imports when it is imported itself."""
    if "." in name:
        yield name.rpartition(".")[0]
    for node in _at_once(ast.parse((PACKAGE / sources[name]).read_bytes()).body):
        if isinstance(node, ast.ImportFrom):
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (one for one in [str(node.module), *inner] if _is_here(sources, one))


def _is_here(sources: Sources, name: str) -> bool:
    return name in sources and (name != BARE or "posix" in sys.builtin_module_names)


def _at_once(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        if not isinstance(node, ast.If):
            yield node
        elif not (isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            yield from _at_once(node.body + node.orelse)
        else:
            yield from _at_once(node.orelse)


def _code(sources: Sources, below: str) -> CodeType:
    """Compile a module without what only readers and type checkers need: a fifth of its code."""
    path = PACKAGE / below
    tree = ast.parse(path.read_bytes(), str(path))
    bare = _Bare(sources, documented=below.endswith(HELPFUL)).visit(tree)
    return without_columns(compile(bare, str(path), "exec", dont_inherit=True, optimize=0))


def without_columns(code: CodeType) -> CodeType:
    """Return code that knows the lines of its instructions, and not their columns: a sixth less to read.

    The table is that of CPython's ``Objects/locations.md``; where it reads otherwise, code stays as it is.
    """
    consts = (without_columns(it) if isinstance(it, CodeType) else it for it in code.co_consts)
    bare = code.replace(co_linetable=_line_table(code), co_consts=tuple(consts))
    return bare if _lines_of(bare) == _lines_of(code) else code


def _lines_of(code: CodeType) -> list[int | None]:
    return [line for start, end, line in code.co_lines() for _ in range(start, end, 2)]


def _line_table(code: CodeType) -> bytes:
    table, last = bytearray(), code.co_firstlineno
    for start, end, line in code.co_lines():
        for left in range((end - start) // 2, 0, -8):
            kind = 15 if line is None else 13  # no place at all; a line without columns
            table.append(0x80 | kind << 3 | min(left, 8) - 1)
            if line is not None:
                table += _signed(line - last)
                last = line
    return bytes(table)


def _signed(number: int) -> bytes:
    """Return a number in pieces of six bits, the lowest first; the very lowest bit is its sign."""
    rest = -number << 1 | 1 if number < 0 else number << 1
    pieces = bytearray()
    while rest > 63:
        pieces.append(0x40 | rest & 63)
        rest >>= 6
    return bytes((*pieces, rest))


class _Bare(ast.NodeTransformer):
    """Takes docstrings and types out, and import statements for what is loaded by then.

    The docstrings of the verbs stay, for they are their help.
    """

    def __init__(self, sources: Sources, *, documented: bool) -> None:
        self.sources = sources
        self.documented = documented
        self.depth = 0  # functions around

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | list[ast.stmt]:
        """Take each name from the module itself: a core has it before, for it is needed here."""
        module = str(node.module)
        if self.depth or not _is_here(self.sources, module):
            return node
        taken = [self._taken(module, name) for name in node.names]
        for part in (part for one in taken for part in ast.walk(one)):
            ast.copy_location(part, node)
        return taken

    def _taken(self, module: str, name: ast.alias) -> ast.stmt:
        inner = f"{module}.{name.name}"
        whole = f"{bundle.LOADED}[{inner!r}]"
        value = (
            whole if _is_here(self.sources, inner) else f"{bundle.LOADED}[{module!r}].{name.name}"
        )
        return ast.parse(f"{name.asname or name.name} = {value}").body[0]

    def visit(self, node: ast.AST) -> Any:
        if not self.documented and isinstance(node, _DOCUMENTED) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.copy_location(ast.Pass(), node.body[0])]
        return super().visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        self.depth += 1
        visited = self.generic_visit(node)
        self.depth -= 1
        return visited

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Leave the annotations of a class: ``fast.records`` makes its fields of them."""
        node.body = [n if isinstance(n, ast.AnnAssign) else self.visit(n) for n in node.body]
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        return ast.copy_location(ast.Assign([node.target], self.visit(node.value)), node)

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        about_types = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        return node.orelse if about_types else node
