"""What a Python program given as text would write: nothing, or it cannot be told.

Its syntax tree may hold only what is listed here and in ``python_names``: so no value that it can
come by is a module, or a function that writes. The tree is compile's own; ``ast`` loads slowly.
"""

from __future__ import annotations

import builtins

from stickhooks.shell import python_calls
from stickhooks.shell import python_names as names
from stickhooks.shell.grammar import Unclear
from stickhooks.shell.python_calls import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

_ONLY_AST: Final = 0x400  # ast.PyCF_ONLY_AST
#: Nodes of which all parts are looked at, and nothing else matters.
_PLAIN: Final = """
    Module Expr Constant Tuple List Set Dict BoolOp BinOp UnaryOp IfExp Subscript Slice Starred
    JoinedStr FormattedValue NamedExpr If For While Return Assert Raise Try TryStar ExceptHandler
    With withitem ListComp SetComp DictComp GeneratorExp comprehension AugAssign Assign Delete Lambda
    FunctionDef arguments arg keyword Yield YieldFrom Compare Global Nonlocal
"""
_PLAIN_NODES: Final = frozenset(_PLAIN.split())
_BUILTINS: Final = frozenset(dir(builtins))
_ERRORS: Final = frozenset(
    name
    for name in _BUILTINS
    if name.endswith(("Error", "Exception", "Exit", "Interrupt", "Iteration"))
)


def uses(code: str) -> tuple[list[str], list[tuple[str, bool]]]:
    """Return the modules that a program imports which writes nothing, and the files of SQLite that it
    opens, with True for one it opens to read alone. Raises Unclear for any other program."""
    if any("coding" in line for line in code.split("\n")[:2] if "#" in line):
        raise Unclear("it has an encoding of its own")
    tree = _parsed(code)
    try:
        program = _Program(tree)
        program.look(tree)
    except RecursionError:
        raise Unclear("it is nested too deeply") from None
    return program.imported, program.databases


def _parsed(code: str) -> Any:
    """Return a program's tree, without the warnings that its strings may give."""
    import _warnings  # the part in C, which is there already

    silence = ("ignore", None, Warning, None, 0)
    _warnings.filters.insert(0, silence)
    try:
        return compile(code, "<program>", "exec", _ONLY_AST, True)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise Unclear(f"it is not Python as it is read here: {error}") from None
    finally:
        if silence in _warnings.filters:
            _warnings.filters.remove(silence)


def _children(node: Any) -> list[Any]:
    found: list[Any] = []
    for field in node._fields:
        value = getattr(node, field, None)
        found += value if isinstance(value, list) else [value]
    return [one for one in found if hasattr(one, "_fields")]


class _Program:
    """A program that is looked at; ``modules`` are its names for modules and what is in them."""

    def __init__(self, tree: Any) -> None:
        self.imported: list[str] = []
        self.databases: list[tuple[str, bool]] = []
        self.modules: dict[str, str] = {}
        self.bound: set[str] = set()
        self.idle: set[str] = set()  # imported to see that it is there
        self.functions: set[str] = set()
        self._bind(tree)
        foreign = (self.bound & (_BUILTINS - names.HANDED)) | (self.bound & self.modules.keys())
        if foreign:
            raise Unclear(f"it gives {min(foreign)} another meaning")

    # --- what its names are ------------------------------------------------------------

    def _bind(self, tree: Any) -> None:
        todo = [tree]
        while todo:
            node = todo.pop()
            kind = kind_of(node)
            if kind == "Import":
                self._import(node)
            elif kind == "ImportFrom":
                self._import_from(node)
            elif kind == "Name" and kind_of(node.ctx) != "Load":
                self.bound.add(node.id)
            elif kind in ("FunctionDef", "arg", "ExceptHandler"):
                name = node.arg if kind == "arg" else node.name
                self.bound |= {name} if name else set()
                self.functions |= {name} if kind == "FunctionDef" else set()
            elif kind == "Assign" and kind_of(node.value) == "Lambda":
                self.functions |= {one.id for one in node.targets if kind_of(one) == "Name"}
            todo += _children(node)

    def _import(self, node: Any) -> None:
        for alias in node.names:
            self.imported.append(alias.name)
            top = alias.name.partition(".")[0]
            self._name(alias.asname or top, alias.name if alias.asname else top)

    def _import_from(self, node: Any) -> None:
        if node.level or not node.module:
            raise Unclear("it imports from its own folder")
        if node.module == "__future__":
            return
        self.imported.append(node.module)
        for alias in node.names:
            full = f"{node.module}.{alias.name}"
            if not (is_module(full) or _may_be_called(full) or _may_be_named(full)):
                known = node.module.partition(".")[0] in names.PACKAGES
                if alias.name == "*" or not known or is_module(node.module):
                    raise Unclear(f"it imports {full}")
                self.idle.add(alias.asname or alias.name)
                continue
            if is_module(full):
                self.imported.append(full)
            self._name(alias.asname or alias.name, full)

    def _name(self, name: str, full: str) -> None:
        if self.modules.setdefault(name, full) != full or name in _BUILTINS:
            raise Unclear(f"it gives {name} another meaning")

    def full(self, node: Any) -> str:
        """Return the name with dots of something in a module, "" for what is in none."""
        tail: list[str] = []
        while kind_of(node) == "Attribute":
            tail.insert(0, node.attr)
            node = node.value
        if kind_of(node) != "Name" or node.id not in self.modules:
            return ""
        return ".".join([self.modules[node.id], *tail])

    # --- what it does ------------------------------------------------------------------

    def look(self, node: Any, looking: bool = False) -> None:
        """Raise Unclear where a node is not listed; ``looking`` where nothing can keep its value."""
        kind = kind_of(node)
        special = getattr(self, "on_" + kind, None)
        if special:
            special(node, looking)
        elif kind in ("Import", "ImportFrom") or not node._fields:
            pass
        elif kind not in _PLAIN_NODES:
            raise Unclear(f"it has {kind}")
        else:
            for child in _children(node):
                self.look(child, looking and kind == "Starred")

    def on_FunctionDef(self, node: Any, looking: bool) -> None:  # noqa: N802
        if node.decorator_list:
            raise Unclear("it has a decorator")
        for child in [node.args, *node.body]:
            self.look(child)
        self._annotation(node.returns)

    def on_arg(self, node: Any, looking: bool) -> None:
        self._annotation(node.annotation)

    def on_AnnAssign(self, node: Any, looking: bool) -> None:  # noqa: N802
        self._annotation(node.annotation)
        for child in (node.target, node.value):
            if child:
                self.look(child)

    def _annotation(self, node: Any) -> None:
        """Look at a type: it is run like any expression."""
        kind = kind_of(node)
        if node is None or (kind == "Name" and node.id in names.HANDED):
            return
        if kind in ("Subscript", "Tuple", "BinOp"):
            for child in _children(node):
                self._annotation(child)
        else:
            self.look(node)

    def on_Compare(self, node: Any, looking: bool) -> None:  # noqa: N802
        for child in _children(node):
            if kind_of(child) != "Name" or child.id not in names.HANDED:
                self.look(child, True)

    def on_FormattedValue(self, node: Any, looking: bool) -> None:  # noqa: N802
        for child in _children(node):
            self.look(child, True)

    def on_For(self, node: Any, looking: bool) -> None:  # noqa: N802
        for child in _children(node):
            self.look(child, child is node.iter)

    on_comprehension = on_For

    def on_Name(self, node: Any, looking: bool) -> None:  # noqa: N802
        name = node.id
        if kind_of(node.ctx) != "Load":
            return
        if name in self.idle:
            raise Unclear(f"it has {name}")
        if name in self.modules:
            self._value(self.modules[name], looking)
        elif name not in self.bound and name not in names.CONSTANTS and name not in _ERRORS:
            raise Unclear(f"it has {name}")

    def on_Assign(self, node: Any, looking: bool) -> None:  # noqa: N802
        """Look at an assignment; standard output may be given another encoding."""
        target, value = node.targets[0], node.value
        if kind_of(target) == "Attribute" and target.attr == "row_factory" and not node.targets[1:]:
            if self.full(value) != "sqlite3.Row":
                raise Unclear("it has a row_factory of its own")
            self.look(target.value)
            return
        stream = self.full(target)
        if (
            stream not in ("sys.stdout", "sys.stderr")
            or kind_of(value) != "Call"
            or node.targets[1:]
        ):
            for child in _children(node):
                self.look(child)
        elif (
            self.full(value.func) != "io.TextIOWrapper"
            or len(value.args) != 1
            or self.full(value.args[0]) != f"{stream}.buffer"
            or any(kind_of(one.value) != "Constant" for one in value.keywords)
        ):
            raise Unclear(f"it changes {stream}")

    def on_Attribute(self, node: Any, looking: bool) -> None:  # noqa: N802
        if kind_of(node.ctx) != "Load":
            raise Unclear(f"it changes {node.attr} of something")
        full = self.full(node)
        if full and (_may_be_named(full) or full in names.LENT or full in self.modules.values()):
            self._value(full, looking)
            return
        if node.attr not in names.ATTRIBUTES and node.attr not in names.SPECIAL:
            raise Unclear(f"it has {full or '.' + node.attr}")
        if full and _is_of_module(full):
            raise Unclear(f"it has {full}")
        self.look(node.value, node.attr in names.SPECIAL)

    def _value(self, full: str, looking: bool) -> None:
        if full in names.LENT and looking:
            return
        if not _may_be_named(full):
            raise Unclear(f"it has {full}")

    def on_Call(self, node: Any, looking: bool) -> None:  # noqa: N802
        function, full = node.func, ""
        if python_calls.is_version(node):
            full = python_calls.VERSION_OF
        elif kind_of(function) == "Name":
            full = self._called_by_name(function.id, looking)
        elif kind_of(function) == "Attribute":
            full = self.full(function)
            if not full or not _may_be_called(full):
                full = self._called_of_a_value(function, full, node)
        else:
            raise Unclear("it calls what it has made")
        if full in ("open", *python_calls.OPENING):
            python_calls.reading_mode(node, 1)
        elif full == python_calls.FINDING:
            python_calls.find_spec(node)
        elif full in python_calls.LOADING:
            python_calls.loading(full, node)
        elif full in python_calls.CONNECTING:
            self.databases += python_calls.database(full, node)
        self._arguments(node, full)

    def _called_by_name(self, name: str, looking: bool) -> str:
        if name in self.modules and _may_be_called(self.modules[name]):
            return self.modules[name]
        known = name in names.HANDED or name in names.CALLED or name in _ERRORS
        known = known and name not in self.idle
        if name in self.bound:
            known = name in self.functions
        if not known or (name == "type" and not looking):
            raise Unclear(f"it calls {name}")
        return name

    def _called_of_a_value(self, function: Any, full: str, node: Any) -> str:
        method = function.attr
        if method in names.COUNTED:
            python_calls.counted(method, node)
        elif not names.tells(method):
            raise Unclear(f"it calls {full or '.' + method}")
        of = function.value.id if kind_of(function.value) == "Name" else ""
        if of in ("str", "bytes", "dict", "int") and of not in self.bound:
            return f".{method}"
        if full and full.rpartition(".")[0] in names.LENT:
            raise Unclear(f"it calls {full}")
        self.look(function.value)
        return f".{method}"

    def _arguments(self, node: Any, full: str) -> None:
        looking = full in names.LOOKING or full == ".join"
        if full == "type" and (len(node.args) != 1 or node.keywords):
            raise Unclear("it makes a class")
        for keyword in node.keywords:
            into = full == "print" and keyword.arg in ("file", None)
            if into and self.full(keyword.value) not in ("sys.stdout", "sys.stderr"):
                raise Unclear("it prints into a file")
            self._argument(keyword.value, looking)
        for argument in node.args[
            full in python_calls.LOOKED_THROUGH and self._is_imported(node) :
        ]:
            kinds = full in ("isinstance", "issubclass") and kind_of(argument) == "Tuple"
            for one in argument.elts if kinds else [argument]:
                self._argument(one, looking)

    def _is_imported(self, node: Any) -> bool:
        """Tell whether a call is first given the name of a module, or of what was imported to be seen."""
        first: Any = node.args[0] if node.args else None
        return kind_of(first) == "Name" and (first.id in self.modules or first.id in self.idle)

    def _argument(self, node: Any, looking: bool) -> None:
        """Look at an argument: a function that only reads may be handed over as it is."""
        if kind_of(node) == "Name" and node.id in names.HANDED:
            return
        if kind_of(node) in ("Name", "Attribute"):
            full = self.full(node)
            if full and _may_be_handed(full):
                return
            if kind_of(node) == "Attribute" and not full and node.attr in names.METHODS:
                if kind_of(node.value) != "Name" or node.value.id not in names.HANDED:
                    self.look(node.value)
                return
        self.look(node, looking)


def is_module(full: str) -> bool:
    """Tell whether a name with dots is a listed module."""
    return full in names.FUNCTIONS or full in names.VALUES


def _is_of_module(full: str) -> bool:
    """Tell whether nothing listed stands before the last part: then it is a module's own."""
    before = full.rpartition(".")[0]
    while before:
        if _may_be_named(before):
            return False
        before = before.rpartition(".")[0]
    return True


def _listed(table: dict[str, str], full: str, exactly: bool = False) -> bool:
    module, tail = full, ""
    while "." in module:
        module, _, last = module.rpartition(".")
        tail = f"{last}.{tail}" if tail else last
        spec = table.get(module, "")
        if tail in spec.split() or (spec == "*" and not exactly and "." not in tail):
            return not tail.startswith("_")
    return False


def _may_be_handed(full: str) -> bool:
    return full not in python_calls.BY_ARGUMENTS and _listed(names.FUNCTIONS, full, exactly=True)


def _may_be_called(full: str) -> bool:
    return _listed(names.FUNCTIONS, full) or full in python_calls.OPENING


def _may_be_named(full: str) -> bool:
    module, _, last = full.rpartition(".")
    if module and last in names.VERSIONS:
        return True
    return _listed(names.VALUES, full) or (module == "ast" and last[:1].isupper())
