"""What a Python one-liner may name: builtins, functions of modules, methods, attributes.

``python.txt`` lists what only reads, whatever it is given. What is not there is asked.
"""

from __future__ import annotations

from stickhooks.shell import tables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_TABLE: Final = tables.load("python")


def _names(what: str) -> frozenset[str]:
    return frozenset(_TABLE[what,].split())


def _by_module(what: str) -> dict[str, str]:
    return {key[1]: names for key, names in _TABLE.items() if key[0] == what}


#: Builtins that may be called, and handed to others as they are: ``map(str, x)``, ``key=len``.
HANDED: Final = _names("handed")
#: These may be called only.
CALLED: Final = _names("called")
CONSTANTS: Final = frozenset(("__name__", "__file__", "__doc__", "Ellipsis", "NotImplemented"))
#: Attributes of a module or a value that begin with an underscore, and those that tell a version.
SPECIAL: Final = ("__version__", "__file__", "__name__", "__doc__")
VERSIONS: Final = (*SPECIAL, "VERSION", "version_info", "__version_info__")
#: Functions by their module. ``*`` stands for all that it has; such may be called, not handed on.
FUNCTIONS: Final = _by_module("functions")
#: Values of modules, which may be named uncalled.
VALUES: Final = _by_module("values")
#: Lists and tables that Python itself goes by: they may be looked at, and kept nowhere.
LENT: Final = ("sys.path", "sys.modules")
LOOKING: Final = _names("looking")
#: Methods that write nothing, of whatever has one of this name here.
METHODS: Final = _names("methods")
#: These may not be handed on: what they do depends on how many words they are given.
COUNTED: Final = (
    "replace",
    "copy",
    "open",
    "execute",
    "to_string",
    "to_json",
    "to_csv",
    "to_markdown",
    "to_html",
    "agg",
    "aggregate",
    "apply",
    "map",
    "transform",
)
#: A method whose name begins so tells something, unless it is one that ends in a file.
_TELLING: Final = ("get_", "list_", "describe_", "is_", "has_")
_ENDING: Final = ("_to_", "file", "download")
#: Packages from which anything may be imported, to see that it is there.
PACKAGES: Final = _names("packages")
ATTRIBUTES: Final = _names("attributes")


def tells(method: str) -> bool:
    """Tell whether a method of any value writes nothing, by its name."""
    if method in METHODS:
        return True
    return method.startswith(_TELLING) and not any(one in method for one in _ENDING)
