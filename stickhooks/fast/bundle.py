"""In place of Python's import system, for the modules that every hook or verb needs: one file of them.

The import system finds, checks and reads a file for each of 31 to 73 modules; here they are
read at once and run one after the other. Without it the gate costs 1.51 B0 instead of 1.16, and
``stick take`` 0.7 B0 more.

The bundle lies beside the compiled files, written by the same user, and is believed under the
same condition: every source has the time and size that it had when it was compiled. Where one
has not, and for every other module, Python imports as ever.

``hook.py`` and ``__main__.py`` open it and run this module's code, which it begins with, before
anything else of ours is imported.
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
    #: Where a core begins, the length of its list of parts, and that of its code.
    Place = tuple[int, int, int]
    #: The code of this module; the cores by their names; the length of the whole; what it was made by.
    Head = tuple[CodeType, dict[str, Place], int, tuple[Part, ...]]
    #: The open file, its head, and the package's folder.
    Pack = tuple[FileIO, Head, str]

if TYPE_CHECKING or "posix" in sys.builtin_module_names:
    from posix import stat
else:
    from nt import stat

#: The magic number is that of the bytecode: another Python's bundle is another file.
NAME = f"gate.{MAGIC_NUMBER.hex()}.pack"
#: With which core a hook begins; those of git, which are not here, with "git".
OF_HOOKS = {"pre-edit": "edit", "after-tool": "notes", "prompt": "notes"}
_Module: "type[ModuleType]" = type(sys)
_HERE = "stickhooks.fast.bundle"
#: Where code in the bundle finds other modules of ours, as ``build`` has it. By import statements the gate
#: costs 1.19 B0 instead of 1.16, and ``stick take`` 2.45 instead of 2.26.
LOADED = "_loaded_modules"
_pack: "Pack | None" = None


def more(core: str) -> None:
    """Run the modules of a core from the bundle, where there is one that has it: once."""
    if _pack is not None and core in _pack[1][1]:
        try:
            run(_pack, core)
            del _pack[1][1][core]
        except Exception:
            return  # a damaged one: the modules are where they always are


def run(pack: "Pack", core: str) -> None:
    """Run the modules of a core in order, none where one of their sources was changed.

    Raises ValueError for a bundle that lost its end.
    """
    file, head, folder = pack
    place, length, size_of_code = head[1][core]
    if file.seek(0, 2) != head[2]:
        raise ValueError
    file.seek(place)
    parts = marshal.loads(file.read(length))
    for _, below, time, size in parts:
        source = stat(f"{folder}/{below}")
        if source.st_mtime_ns != time or source.st_size != size:
            return
    # All at once: a name that stands in many modules is read, and interned, once.
    codes = marshal.loads(file.read(size_of_code))
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
    vars(module)[LOADED] = sys.modules
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


if "PACK" in globals():  # opened by one of the two starts
    import gc

    gc.disable()  # while modules are loaded, and in a hook, there is nothing to collect
    pack = globals()["PACK"]
    core = globals().get("CORE") or OF_HOOKS.get(sys.argv[1] if len(sys.argv) > 1 else "", "git")
    sys.modules[_HERE] = module = _Module(_HERE)
    vars(module).update(globals())  # what is asked of it later
    run(pack, core)
    if sys.platform == "win32":  # where an open file can be neither replaced nor removed
        pack[0].close()
    else:
        _pack = pack
