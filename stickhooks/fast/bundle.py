"""In place of Python's import system, for the modules that every hook or verb needs: one file of them.

The import system finds, checks and reads a file for each of 31 to 73 modules; here they are
read at once and run one after the other. Without it the gate costs 1.51 B0 instead of 1.16, and
``stick take`` 0.7 B0 more.

The bundle lies beside the compiled files, written by the same user, and is believed under the
same condition: every source has the time and size that it had when it was compiled. Where one
has not, and for every other module, Python imports as ever.

``hook.py`` runs this module's code before anything of ours is imported, with PACK given.
"""

import marshal
import sys
from _frozen_importlib_external import MAGIC_NUMBER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from io import FileIO
    from types import CodeType, ModuleType

    #: Name, path below the package, time and size of a source.
    Part = tuple[str, str, int, int]
    #: The code of this module; the cores: place, length, parts; the length of the whole.
    Head = tuple[CodeType, list[tuple[int, int, list[Part]]], int]

if TYPE_CHECKING or "posix" in sys.builtin_module_names:
    from posix import stat
else:
    from nt import stat

#: The magic number is that of the bytecode: another Python's bundle is another file.
NAME = f"gate.{MAGIC_NUMBER.hex()}.pack"
#: The cores: what git's hooks need, what a client's edit needs, the fast parser's verbs; and what
#: comes after these: what a hook needs to write (a renewal, a claim), what ``stick join`` does.
GIT, EDIT, VERBS, WRITE, JOIN = 0, 1, 2, 3, 4
_Module: "type[ModuleType]" = type(sys)


def run(file: "FileIO", head: "Head", folder: str, core: int) -> None:
    """Run the modules of a core in order, none where one of their sources was changed.

    Raises ValueError for a bundle that lost its end.
    """
    place, length, parts = head[1][core]
    if file.seek(0, 2) != head[2]:
        raise ValueError
    for _, below, time, size in parts:
        source = stat(f"{folder}/{below}")
        if source.st_mtime_ns != time or source.st_size != size:
            return
    file.seek(place)
    codes = marshal.loads(file.read(length))
    for (name, below, _, _), code in zip(parts, codes, strict=True):
        if name not in sys.modules:
            _run(name, f"{folder}/{below}", code)


def _run(name: str, source: str, code: "CodeType") -> None:
    module = _Module(name)
    module.__file__ = source
    module.__package__, _, short = name.rpartition(".")
    if source.endswith("/__init__.py"):
        module.__package__ = name
        module.__path__ = [source[: -len("/__init__.py")]]
    sys.modules[name] = module
    try:
        exec(code, module.__dict__)
    except BaseException:
        del sys.modules[name]  # as an import would
        raise
    if short != name:
        setattr(sys.modules[name[: -len(short) - 1]], short, module)


def is_due(folder: str) -> bool:
    """Tell whether the bundle is missing, or older than the package was put in place."""
    try:
        made = stat(f"{folder}/__pycache__/{NAME}").st_mtime_ns
        return made < max(stat(folder).st_mtime_ns, stat(f"{folder}/__init__.py").st_mtime_ns)
    except OSError:
        return True


def begin(folder: str, core: int) -> None:
    """Run the modules of a core from the package's bundle, where it has one."""
    try:
        with open(f"{folder}/__pycache__/{NAME}", "rb", 0) as file:
            run(file, marshal.loads(file.read(int(file.read(8), 16))), folder, core)
    except Exception:
        return  # none, or a damaged one: the modules are where they always are


if "PACK" in globals():  # the hooks'
    import gc

    gc.disable()  # a hook ends before there is anything to collect
    file, head, folder = globals()["PACK"]
    run(file, head, folder, EDIT if "pre-edit" in sys.argv[1:2] else GIT)
