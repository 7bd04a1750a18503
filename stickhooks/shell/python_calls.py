"""Calls in a Python program that read or write by what they are given: files, frames, databases."""

from __future__ import annotations

from stickhooks.shell.grammar import Unclear

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

#: With these alone, ``replace`` is a date's.
_DATE_PARTS: Final = (
    "year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo", "fold",
)  # fmt: skip
#: Open a file by a mode that stands second: it has to be one that reads.
OPENING: Final = ("io.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open", "tarfile.open",
                  "zipfile.ZipFile", "tokenize.open", "wave.open", "rasterio.open")  # fmt: skip
#: Read a file by these words; others have them write it, or run what it holds.
LOADING: Final = {
    "torch.load": "map_location weights_only",
    "numpy.load": "mmap_mode",
    "h5py.File": "mode",
}
#: Open a database; what is asked of it stands in ``execute``.
CONNECTING: Final = ("sqlite3.connect", "psycopg2.connect", "psycopg.connect", "pymysql.connect")
FINDING: Final = "importlib.util.find_spec"
#: What these do depends on what they are given: they are called only, and handed to nobody.
BY_ARGUMENTS: Final = (*OPENING, *LOADING, *CONNECTING, FINDING)
#: Tell the names that a module has: it may be handed to these.
VERSION_OF: Final = "getattr"
LOOKED_THROUGH: Final = ("hasattr", "dir", VERSION_OF)
_OF_SQLITE: Final = ("database", "uri", "timeout", "check_same_thread", "isolation_level")
#: Turn a table into text, where no file is named; and what may be said about how it looks.
_SHOWING: Final = ("to_string", "to_json", "to_csv", "to_markdown", "to_html")
_LOOKS: Final = (
    "index", "header", "columns", "max_rows", "max_cols", "max_colwidth", "float_format", "na_rep", "sep",
    "orient", "indent", "justify", "line_width", "min_rows", "tablefmt", "date_format",
)  # fmt: skip


def kind_of(node: Any) -> str:
    """Return the name of a node's kind, as `ast` has it."""
    return type(node).__name__


def is_version(node: Any) -> bool:
    """Tell whether a call asks by name for what a module tells of itself: ``getattr(x, "__version__")``."""
    from stickhooks.shell import python_names

    name: Any = node.args[1] if len(node.args) in (2, 3) and not node.keywords else None
    asks = kind_of(node.func) == "Name" and node.func.id == VERSION_OF
    return asks and kind_of(name) == "Constant" and name.value in python_names.VERSIONS


def reading_mode(node: Any, place: int) -> None:
    """Raise Unclear unless a file is opened by a mode that reads, as it stands there."""
    allowed = ("mode", "encoding", "errors", "newline", "buffering", "name", "file")
    odd = [one for one in node.keywords if one.arg not in allowed]
    if odd or any(kind_of(one) == "Starred" for one in node.args):
        raise Unclear("it opens a file, who knows how")
    modes = [one.value for one in node.keywords if one.arg == "mode"] + node.args[place : place + 1]
    for mode in modes:
        text = mode.value if kind_of(mode) == "Constant" else None
        if not isinstance(text, str) or text[:1] != "r" or "+" in text:
            raise Unclear("it opens a file to write")


def loading(function: str, node: Any) -> None:
    """Raise Unclear where a file is loaded that may run something, or be written."""
    words = LOADING[function].split()
    given = {one.arg: getattr(one.value, "value", None) for one in node.keywords}
    if function == "h5py.File" and len(node.args) == 2:
        given["mode"] = getattr(node.args[1], "value", None)
    most = 2 if function == "h5py.File" else 1
    alone = 0 < len(node.args) <= most and kind_of(node.args[0]) != "Starred"
    safe = {
        "torch.load": given.get("weights_only") is True,
        "numpy.load": given.get("mmap_mode", "r") == "r",
        "h5py.File": given.get("mode") == "r",
    }
    if not alone or not set(given) <= set(words) or not safe[function]:
        raise Unclear(f"it calls {function}, who knows how")


def _handed_a_function(method: str, node: Any) -> None:
    """Raise Unclear unless a frame's method is given a function that stands there, or names alone."""
    first: Any = node.args[0] if node.args else None
    several = len(node.args) > 1
    if method in ("agg", "aggregate"):
        known = all(kind_of(one.value) == "Tuple" for one in node.keywords)
    else:
        known = kind_of(first) in ("Lambda", "Dict") and all(
            one.arg == "axis" for one in node.keywords
        )
    if several or not known or kind_of(first) == "Starred":
        raise Unclear(f"it calls .{method}, which may call any method")


def counted(method: str, node: Any) -> None:
    """Raise Unclear where a method of ``python_names.COUNTED`` may write, by what it is given."""
    if method == "open":
        reading_mode(node, 0)
        return
    if method == "execute":
        _statement(node)
        return
    if method in ("agg", "aggregate", "apply", "map", "transform"):
        _handed_a_function(method, node)
        return
    if method in _SHOWING:
        if node.args or any(one.arg not in _LOOKS for one in node.keywords):
            raise Unclear(f"it calls .{method}, which may write a file")
        return
    given = len(node.args)
    starred = any(kind_of(one) == "Starred" for one in node.args)
    dates = node.keywords and all(one.arg in _DATE_PARTS for one in node.keywords)
    if method == "copy" and not given and not node.keywords:
        return
    if (
        method == "replace"
        and not starred
        and ((given == 0 and dates) or (given > 1 and not node.keywords))
    ):
        return
    raise Unclear(f"it calls .{method}, which may be a file's")


def find_spec(node: Any) -> None:
    """Raise Unclear where a module is looked for in another, which is imported then."""
    name = node.args[0].value if node.args and kind_of(node.args[0]) == "Constant" else None
    if not isinstance(name, str) or "." in name or node.keywords:
        raise Unclear("it looks for a module in another one")


def database(function: str, node: Any) -> list[tuple[str, bool]]:
    """Return the file that is opened as a database of SQLite, and whether it is only read there."""
    if function != "sqlite3.connect":
        return []
    given = {one.arg: one.value for one in node.keywords}
    if len(node.args) > 1 or not set(given) <= set(_OF_SQLITE):
        raise Unclear("it opens a database, who knows how")
    place: Any = node.args[0] if node.args else given.get("database")
    name = place.value if kind_of(place) == "Constant" else None
    if not isinstance(name, str):
        raise Unclear("it opens a database whose name is not known")
    if "uri" not in given:
        return [(name, False)]
    path, _, query = name.removeprefix("file:").partition("?")
    if "%" in path or (query and query not in ("mode=ro", "mode=ro&immutable=1", "immutable=1")):
        raise Unclear("it opens a database by an address that is not understood")
    return [(path, "mode=ro" in query)]


def _statement(node: Any) -> None:
    """Raise Unclear unless a statement stands there as it is, and only reads."""
    from stickhooks.shell import databases

    text: Any = node.args[0] if node.args else None
    parts = [text] if kind_of(text) == "Constant" else getattr(text, "values", None)
    if not parts or kind_of(text) not in ("Constant", "JoinedStr"):
        raise Unclear("it asks a database something that is not known")
    said = [str(part.value) if kind_of(part) == "Constant" else "x" for part in parts]
    databases.only_reads("".join(said))
