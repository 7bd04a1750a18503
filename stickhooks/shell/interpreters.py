"""Programs that run code which they are given: Python's is read here, all other may write anywhere."""

from __future__ import annotations

import sys

from stickhooks.fast.os import os
from stickhooks.shell.grammar import Unclear
from stickhooks.shell.options import listed, options
from stickhooks.shell.state import Call, Outcome
from stickhooks.shell.words import as_typed, is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

INTERPRETERS: Final = (
    "python", "python2", "python3", "pypy", "pypy3", "ipython", "node", "nodejs", "deno", "bun",
    "perl", "ruby", "php", "lua", "luajit", "Rscript", "R", "julia", "tclsh", "expect", "java",
    "osascript", "fish", "csh", "tcsh", "ts-node", "tsx", "groovy", "scala", "elixir",
    "erl", "ghci", "runghc", "swift", "irb",
)  # fmt: skip
#: Alone, these make a program tell about itself. (`make version` would run a target.)
TELLING: Final = (["--version"], ["-V"], ["--help"], ["-version"])
#: Python's own modules that tell something, whatever stands behind them, and options by which some write.
_SAYING: Final = (
    "site", "sysconfig", "platform", "dis", "ast", "tokenize", "calendar", "this", "base64", "mimetypes",
    "locale", "quopri", "tabnanny", "uuid", "pickletools", "symtable",
)  # fmt: skip
_WRITING_OPTIONS: Final = ("--generate-posix-vars", "-o", "--output")
#: What Python's own server of files may have; with ``--cgi`` it runs programs of the tree.
_SERVING: Final = "b:d:p: bind= directory= protocol="
#: What looks at a program's grammar alone. (Perl runs BEGIN blocks, php -c runs all.)
CHECKING: Final = ("node", "nodejs", "ruby")
TELLING_BY_V: Final = ("node", "nodejs", "ruby", "php", "perl")
PHP_TELLS: Final = (["-m"], ["-i"], ["--ini"])
#: The options behind which a program of one line stands.
_ONE_LINERS: Final = {
    "node": ("-e", "-p", "-pe", "--eval", "--print"), "nodejs": ("-e", "-p", "-pe"),
    "ruby": ("-e",), "php": ("-r",), "lua": ("-e",), "luajit": ("-e",), "perl": (),
}  # fmt: skip
PYTHONS: Final = ("python", "python3", "pypy3")
#: Options of Python that change nothing about what it writes; behind ``W`` and ``X`` stands a word.
_PYTHON_OPTIONS: Final = frozenset("IPSEsBuqObvd")
_X_OPTIONS: Final = ("utf8", "utf8=1", "utf8=0", "dev", "importtime", "faulthandler")
#: Python's own modules, by names that none of the others ever imports.
_APART: Final = ("test", "idlelib", "turtledemo", "lib2to3", "this", "antigravity", "ensurepip",
                 "venv", "pydoc_data", "distutils")  # fmt: skip
_RUN: Final = (".py", ".pyc", ".so", ".pyd")
#: Folders down and entries of them, a module's name is looked for in the working tree.
_DEEP: Final = 3
_ENTRIES: Final = 4000
_PASSED_OVER: Final = ("node_modules", "__pycache__", "target")
_TOPS: Final = (".git", ".talking-stick")


def interpreter(call: Call) -> Outcome | None:
    if call.words in TELLING or (call.name in TELLING_BY_V and call.words == ["-v"]):
        return None
    if call.name == "php" and call.words in PHP_TELLS:
        return None
    from stickhooks.shell import telling

    if telling.says(call):
        return None
    module = call.words[1:] if call.words[:1] == ["-m"] else []
    if module and _is_here(call, plain(module[0])):
        module = []
    if (
        module[:1] in (["zipfile"], ["tarfile"]) and module[1:2] in (["-l"], ["--list"], ["-t"])
    ) or module[:1] == ["pydoc"]:
        if module[:1] == ["pydoc"] and (len(module) != 2 or not _is_own(plain(module[1]))):
            call.tree(f"{call.name} runs a program that may write anywhere")
        else:
            _starts(call, [])
        return None
    if module[:1] == ["json.tool"] and len(options(module[1:], "indent").operands) < 2:
        _starts(call, [])
        return None
    if module[:1] == ["http.server"] and not listed(module[1:], _SERVING).odd:
        _starts(call, [])
        return None
    if (
        module
        and module[0] in _SAYING
        and not (set(map(plain, module[1:])) & set(_WRITING_OPTIONS))
    ):
        _starts(call, [])
        return None
    if module[:1] in (["pip"], ["stickhooks"]):
        return call.run(["stick" if module[0] == "stickhooks" else module[0], *module[1:]])
    if len(module) == 2 and module[1:] in TELLING and call.name in PYTHONS:
        _starts(call, [plain(module[0])])
        return None
    if call.name in PYTHONS and not module:
        python(call)
        return None
    if call.name in _ONE_LINERS and _one_liner(call):
        return None
    rest = call.words[1:]
    checked = call.name in CHECKING and call.words[:1] in (["--check"], ["-c"])
    checked = checked or (call.name == "php" and call.words[:1] == ["-l"])
    if checked and not any(word.startswith("-") for word in rest):
        return None
    call.tree(f"{call.name} runs a program that may write anywhere", "yes")
    return None


def _one_liner(call: Call) -> bool:
    """Tell whether a program of one line is given that only reads."""
    from stickhooks.shell import javascript_code, one_liners, perl_code

    way = _ONE_LINERS[call.name]
    words = [word for word in call.words if word not in ("-rjson", "-ryaml", "-w")]
    flag, code, rest = "".join(words[:1]), "".join(words[1:2]), words[2:]
    if call.name in ("node", "nodejs") and words in ([], ["-"]) and call.stdin is not None:
        flag, code = "-e", call.stdin  # a here-document
    if call.name == "perl":
        flag, (code, rest) = "perl", perl_code.program(call.words) or ("", ["-"])
    if flag not in (*way, "perl") or not all(map(is_known, (*call.words, code))):
        return False
    if any(set("|<>&") & set(plain(word)) or word.startswith("-") for word in rest):
        return False  # Perl runs what a file is called
    if rest and call.name in ("lua", "luajit"):
        return False  # it runs that script after its `-e`
    try:
        if call.name in ("node", "nodejs"):
            javascript_code.only_reads(as_typed(code))
        elif call.name == "perl":
            perl_code.only_reads(as_typed(code))
        else:
            languages = {"ruby": one_liners.RUBY, "php": one_liners.PHP}
            one_liners.only_reads(as_typed(code), languages.get(call.name, one_liners.LUA))
    except Unclear:
        return False
    return True


def _is_own(name: str) -> bool:
    top = name.partition(".")[0]
    return top in sys.stdlib_module_names and top not in _APART


def _starts(call: Call, modules: list[str]) -> None:
    """Judge what Python loads to run a module that only reads: `python -m pytest --version`."""
    try:
        _may_import(call, modules, alone=False)
    except Unclear as reason:
        call.tree(f"{call.name} runs a program that may write anywhere: {reason}", "yes")


def python(call: Call) -> None:
    """Judge Python by the text of its program: after ``-c``, or from a here-document."""
    code, alone = _python_program(call)
    if code is None:
        call.tree(f"{call.name} runs a program that may write anywhere", "yes")
        return
    try:
        if not is_known(code):
            raise Unclear("it has an expansion of the shell in it")
        from stickhooks.shell import databases, python_code

        modules, opened = python_code.uses(as_typed(code))
        _may_import(call, modules, alone)
        for name, read_alone in opened:
            databases.opened(call, name, read_alone)
    except Unclear as reason:
        call.tree(f"{call.name} runs a program that may write anywhere: {reason}", "yes")


def _python_program(call: Call) -> tuple[str | None, bool]:
    """Return the program, None where none is seen, and whether the shell's folder is no path of its."""
    rest, alone = list(call.words), False
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        letters, dash_c, code = word[1:].partition("c")
        if word in ("-W", "-X"):
            value = rest.pop(0) if rest else ""
            if word == "-X" and value not in _X_OPTIONS:
                return None, False
            continue
        if not set(letters) <= _PYTHON_OPTIONS:
            return None, False
        alone = alone or "I" in letters or "P" in letters
        if dash_c:
            return code or (rest[0] if rest else None), alone
    return (call.stdin if not rest or rest[0] == "-" else None), alone


def _may_import(call: Call, modules: list[str], alone: bool) -> None:
    """Raise Unclear where an import may run a file of the working tree, or no one knows what."""
    shown = call.state.variables.get("PYTHONPATH", "")
    if not call.state.cwds and not alone:
        raise Unclear("it starts in a folder that is not known")
    folders = [*(() if alone else call.state.cwds), *(one for one in shown.split(":") if one)]
    for folder in dict.fromkeys(folders):
        _no_stand_in(folder)
    for module in modules:
        if not _is_foreign(module):
            continue
        names = module.split(".")
        if names[0] in (*sys.stdlib_module_names, *_APART) or any(
            name.startswith("_") for name in names
        ):
            raise Unclear(f"it imports {module}")
        for folder in dict.fromkeys([*folders, *call.state.cwds]):
            _not_in_tree(folder, names[0])


def _is_foreign(module: str) -> bool:
    """Tell whether a module is none of those whose functions are listed and Python's own."""
    from stickhooks.shell import python_code

    return not (
        python_code.is_module(module) and module.partition(".")[0] in sys.stdlib_module_names
    )


def _no_stand_in(folder: str) -> None:
    """Raise Unclear where a folder that Python looks in first has a module named like one of its own."""
    for name in _names_in(folder):
        bare = name.partition(".")[0]
        own = bare in sys.stdlib_module_names and bare not in _APART
        if own or bare in ("sitecustomize", "usercustomize"):
            path = os.path.join(folder, name)
            if name.endswith(_RUN) or os.path.exists(os.path.join(path, "__init__.py")):
                raise Unclear(f"{name} may be run in place of Python's own {bare}")


def _not_in_tree(folder: str, module: str) -> None:
    """Raise Unclear where the working tree around a folder has anything of a module's name."""
    seen, level = 0, [folder, _top(folder)]
    for _ in range(_DEEP):
        below = []
        for one in dict.fromkeys(level):
            for name in _names_in(one):
                seen += 1
                if name.partition(".")[0] == module or seen > _ENTRIES:
                    raise Unclear(f"importing {module} may run a file of this tree")
                if not name.startswith(".") and "." not in name and name not in _PASSED_OVER:
                    below.append(os.path.join(one, name))
        level = below


def _top(folder: str) -> str:
    place = folder
    while place != os.path.dirname(place):
        if any(os.path.exists(os.path.join(place, name)) for name in _TOPS):
            return place
        place = os.path.dirname(place)
    return folder


def _names_in(folder: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                yield entry.name
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise Unclear(f"{folder} cannot be looked into: {error.strerror}") from None


def _is_here(call: Call, module: str) -> bool:
    """Tell whether Python would take a module from the folder it is started in."""
    name = module.partition(".")[0]
    return any(
        os.path.exists(os.path.join(folder, name + ending))
        for folder in call.state.cwds
        for ending in ("", ".py")
    )


def is_versioned(name: str) -> str | None:
    """Return the interpreter that a name like ``python3.12`` means."""
    bare = "python2" if name.startswith("python2") else name.rstrip("0123456789.")
    return bare if is_known(name) and bare in INTERPRETERS and bare != name else None
