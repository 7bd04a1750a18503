"""The package's compiled modules in one file, for a start in half the time.

Python finds, checks and reads a compiled file for each module; a gate that needs twenty pays
for that more than for all its own work. The pack lies beside those files, written by the
same user, and is believed under the same condition: a module's source has the time and size it
had when it was compiled. What is not in it, or changed since, is imported as ever.

``hook.py`` runs this module's code before anything of ours is imported, with PACK given.
"""

import marshal
import sys
from _frozen_importlib_external import MAGIC_NUMBER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from io import FileIO
    from types import CodeType, ModuleType

    #: Name, path below the package, time and size of a source.
    Part = tuple[str, str, int, int]
    #: The code of this module; the index; the cores: place, length, parts; the length of the whole.
    Head = tuple[CodeType, str, list[tuple[int, int, list[Part]]], int]

if TYPE_CHECKING or "posix" in sys.builtin_module_names:
    from posix import stat
else:
    from nt import stat

#: The magic number is that of the bytecode: another Python's pack is another file.
NAME = f"gate.{MAGIC_NUMBER.hex()}.pack"
#: What is run at once: what git's hooks need, what a client's edit needs, and the short road.
GIT, EDIT, VERBS = 0, 1, 2
_Spec: "type[ModuleSpec]" = type(sys.__spec__)
_Module: "type[ModuleType]" = type(sys)


class Pack:
    """A finder and loader of what lies in an open pack.

    The index has a line a module: its name, the time and size of its source, that one's path below
    the package, place and length in the pack. It is searched, and not taken apart, for few are asked for.
    Raises ValueError for a pack that lost its end.
    """

    def __init__(self, file: "FileIO", head: "Head", folder: str) -> None:
        self.file = file
        self.index = head[1]
        self.cores = head[2]
        self.folder = folder
        if file.seek(0, 2) != head[3]:
            raise ValueError

    def begin(self, core: int) -> None:
        """Have modules come from the pack; those of a core are run at once, in order.

        They do without the import system, whose price for so many is that of reading them.
        """
        sys.meta_path.insert(0, self)
        try:
            self._run(core)
        except BaseException:
            sys.meta_path.remove(self)
            raise

    def _run(self, core: int) -> None:
        place, length, parts = self.cores[core]
        for _, below, time, size in parts:
            found = stat(f"{self.folder}/{below}")
            if found.st_mtime_ns != time or found.st_size != size:
                return
        codes = marshal.loads(self._read(place, length))
        for (name, below, _, _), code in zip(parts, codes, strict=True):
            if name in sys.modules:
                continue
            module = _Module(name)
            module.__file__ = f"{self.folder}/{below}"
            module.__package__, _, short = name.rpartition(".")
            if module.__file__.endswith("/__init__.py"):
                module.__package__ = name
                module.__path__ = [module.__file__[: -len("/__init__.py")]]
            sys.modules[name] = module
            try:
                exec(code, module.__dict__)
            except BaseException:
                del sys.modules[name]  # as an import would
                raise
            if short != name:
                setattr(sys.modules[name[: -len(short) - 1]], short, module)

    def _entry(self, name: str) -> "list[str] | None":
        place = self.index.find(f"\n{name}\t") + 1
        return self.index[place : self.index.index("\n", place)].split("\t") if place else None

    def _origin(self, name: str) -> "str | None":
        """Return the path of a module's source, if that is as it was."""
        entry = self._entry(name)
        if entry is None:
            return None
        origin = f"{self.folder}/{entry[3]}"
        try:
            found = stat(origin)
        except OSError:
            return None
        same = entry[1] == str(found.st_mtime_ns) and entry[2] == str(found.st_size)
        return origin if same else None

    def _read(self, place: int, length: int) -> bytes:
        self.file.seek(place)
        return self.file.read(length)

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> "ModuleSpec | None":
        origin = self._origin(name)
        code = self._code(name) if origin else None
        if origin is None or code is None:
            return None
        package = origin.endswith("/__init__.py")
        spec = _Spec(name, self, origin=origin, is_package=package)  # type: ignore[arg-type]
        spec.has_location = True
        spec.loader_state = code
        spec.cached = ""  # else it is worked out, and nobody asks
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(origin[: -len("/__init__.py")])
        return spec

    def create_module(self, spec: "ModuleSpec") -> None:
        return None

    def exec_module(self, module: "ModuleType") -> None:
        spec = module.__spec__
        assert spec is not None
        exec(spec.loader_state, module.__dict__)

    def _code(self, name: str) -> "CodeType | None":
        """Return a module's code, None where the pack is damaged there: then it is imported as ever."""
        entry = self._entry(name)
        assert entry is not None
        try:
            code = marshal.loads(self._read(int(entry[4]), int(entry[5])))
        except Exception:
            return None
        return code if hasattr(code, "co_code") else None


def is_due(folder: str) -> bool:
    """Tell whether the pack is missing, or older than the package was put in place."""
    try:
        made = stat(f"{folder}/__pycache__/{NAME}").st_mtime_ns
        return made < max(stat(folder).st_mtime_ns, stat(f"{folder}/__init__.py").st_mtime_ns)
    except OSError:
        return True


def begin(folder: str, core: int) -> None:
    """Have the package's modules come from its pack, where it has one, those of a core at once."""
    try:
        file = open(f"{folder}/__pycache__/{NAME}", "rb", 0)  # noqa: SIM115 - stays open
        head = marshal.loads(file.read(int(file.read(8), 16)))
        Pack(file, head, folder).begin(core)
    except Exception:
        return  # none, or a damaged one: the modules are where they always are


if "PACK" in globals():  # the hooks'
    import gc

    gc.disable()  # a hook ends before there is anything to collect
    Pack(*globals()["PACK"]).begin(EDIT if "pre-edit" in sys.argv[1:2] else GIT)
