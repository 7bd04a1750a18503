"""The package's compiled modules in one file, for a start in half the time.

Python finds, checks and reads a compiled file for each module; a gate that needs twenty pays
for that more than for all its own work. The pack lies beside those files, written by the
same user, and is believed under the same condition: a module's source has the time and size it
had when it was compiled. What is not in it, or changed since, is imported as ever.

``hook.py`` runs this module's code before anything of ours is imported, with PACK given.
"""

import marshal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from io import FileIO
    from types import ModuleType

    #: name: time and size of the source, its path below the package, place and length in the pack
    Index = dict[str, tuple[int, int, str, int, int]]
    #: place and length of their code in the pack, and their names in order
    Core = tuple[int, int, list[str]]

if TYPE_CHECKING or "posix" in sys.builtin_module_names:
    from posix import stat
else:
    from nt import stat

NAME = f"gate.{sys.implementation.cache_tag}.pack"
#: What is run at once: what every hook needs, what the short road of the verbs needs.
HOOKS, VERBS = 0, 1
_Spec: "type[ModuleSpec]" = type(sys.__spec__)
_Module: "type[ModuleType]" = type(sys)


class Pack:
    """A finder and loader of what lies in an open pack."""

    def __init__(self, file: "FileIO", index: "Index", folder: str) -> None:
        self.file = file
        self.index = index
        self.folder = folder

    def begin(self, core: "Core") -> None:
        """Have modules come from the pack; those of the core are run at once, in order.

        They do without the import system, whose price for so many is that of reading them.
        """
        sys.meta_path.insert(0, self)
        place, length, names = core
        if any(self._origin(name) is None for name in names):
            return
        for name, code in zip(names, marshal.loads(self._read(place, length)), strict=True):
            if name in sys.modules:
                continue
            module = _Module(name)
            module.__file__ = f"{self.folder}/{self.index[name][2]}"
            module.__package__, _, short = name.rpartition(".")
            if name == "stickhooks" or module.__file__.endswith("/__init__.py"):
                module.__package__ = name
                module.__path__ = [module.__file__[: -len("/__init__.py")]]
            sys.modules[name] = module
            exec(code, module.__dict__)
            if short != name:
                setattr(sys.modules[name[: -len(short) - 1]], short, module)

    def _origin(self, name: str) -> "str | None":
        """Return the path of a module's source, if that is as it was."""
        time, size, below, _, _ = self.index[name]
        origin = f"{self.folder}/{below}"
        try:
            found = stat(origin)
        except OSError:
            return None
        return origin if (found.st_mtime_ns, found.st_size) == (time, size) else None

    def _read(self, place: int, length: int) -> bytes:
        self.file.seek(place)
        return self.file.read(length)

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> "ModuleSpec | None":
        origin = self._origin(name) if name in self.index else None
        if origin is None:
            return None
        package = origin.endswith("/__init__.py")
        spec = _Spec(name, self, origin=origin, is_package=package)  # type: ignore[arg-type]
        spec.has_location = True
        spec.cached = ""  # else it is worked out, and nobody asks
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(origin[: -len("/__init__.py")])
        return spec

    def create_module(self, spec: "ModuleSpec") -> None:
        return None

    def exec_module(self, module: "ModuleType") -> None:
        _, _, _, place, length = self.index[module.__name__]
        exec(marshal.loads(self._read(place, length)), module.__dict__)


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
        _, index, cores = marshal.loads(file.read(int(file.read(8), 16)))
        Pack(file, index, folder).begin(cores[core])
    except (OSError, ValueError, EOFError, TypeError):
        return


if "PACK" in globals():
    _file, _index, _cores, _folder = globals()["PACK"]
    Pack(_file, _index, _folder).begin(_cores[HOOKS])
