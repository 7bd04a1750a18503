"""Clients of databases: which of their statements only read, and write no file on the way.

``select`` writes by ``into`` and by functions (``lo_export``, ``writefile``); the clients' own commands
write and run programs (``\\!``, ``\\o``, ``.shell``, ``.output``): what may stand there is listed.
"""

from __future__ import annotations

from stickhooks.fast.os import os
from stickhooks.shell import tables
from stickhooks.shell.grammar import Unclear
from stickhooks.shell.options import Options, listed, one_dash
from stickhooks.shell.state import Call
from stickhooks.shell.words import as_typed, has_glob, is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

_BEGINNINGS: Final = (
    "select",
    "with",
    "values",
    "show",
    "describe",
    "desc",
    "explain",
    "table",
    "(",
)
#: Statements that say for this session what is meant, or how an answer looks; ``_`` is one name or number.
_OF_SESSION: Final = (
    "use _", "use database _", "use schema _", "use warehouse _", "use role _", "use catalog _",
    "set names _", "set search_path to _", "set search_path = _", "set statement_timeout = _",
    "set statement_timeout to _", "set time zone _", "set timezone = _", "set character set _",
    "set client_encoding to _", "begin", "commit", "rollback", "end", "start transaction",
    "start transaction read only", "begin transaction read only",
)  # fmt: skip
#: A statement that begins to read may write by these alone: in a ``with``, and by ``into``.
_WRITING: Final = (
    "insert", "update", "delete", "merge", "into", "replace", "copy", "call", "do", "set",
)  # fmt: skip
#: The options of the clients, and the words of their languages that only read.
_TABLE: Final = tables.by_program("databases")
_MARKS: Final = "(),.*+-/%<>=!|[]@~&^:?"
_IN_HEADER: Final = 18  # the byte that tells a write-ahead log (https://sqlite.org/fileformat.html)


def only_reads(text: str) -> None:
    """Raise Unclear unless all statements of a text only read."""
    statement: list[str] = []
    for token in [*_tokens(text), ";"]:
        if token != ";":
            statement.append(token)
        elif statement:
            _statement(statement)
            statement = []


def _tokens(text: str) -> list[str]:
    """Return words in small letters, marks as they are, and ``'`` for all that stands in quotes."""
    found: list[str] = []
    place = 0
    while place < len(text):
        start, character = place, text[place]
        if character in "'\"`":
            place = text.find(character, start + 1) + 1
            if not place or "\\" in text[start:place]:
                raise Unclear("a string in a statement has no end, or a backslash")
            found.append("'")
        elif text.startswith("--", place):
            place = (text + "\n").find("\n", place)
        elif text.startswith("/*", place):
            place = text.find("*/", start + 3) + 2
            if place < 2 or text[start + 2 : start + 3] in ("!", "+", "M"):
                raise Unclear("a comment in a statement has no end, or is run")
        elif character.isalnum() or character == "_":
            while place < len(text) and (text[place].isalnum() or text[place] == "_"):
                place += 1
            found.append(text[start:place].lower())
        elif text.startswith("\\G", place) and not text[place + 2 :].strip(" ;\n"):
            place = len(text)
        elif character.isspace() or character in _MARKS or character == ";":
            place += 1
            found += [] if character.isspace() else [character]
        else:
            raise Unclear(f"a statement has a {character}")
    return found


def _statement(tokens: list[str]) -> None:
    first = tokens[0]
    if " ".join(tokens) in _OF_SESSION or _is_named(tokens):
        return
    if first == "pragma":
        _pragma(tokens[1:])
    elif first not in _BEGINNINGS:
        raise Unclear(f"the statement {first} may write")
    known = _TABLE["brackets"].split()
    for place, token in enumerate(tokens):
        following = tokens[place + 1] if place + 1 < len(tokens) else ""
        if token in _WRITING and not (token == "replace" and following == "("):
            raise Unclear(f"a statement with {token} may write")
        named = token in ("'", "]") or token[0].isalpha() or token[0] == "_"
        if following == "(" and named and token not in known and first != "pragma":
            raise Unclear(f"stick does not know what the function {token} does")


def _is_named(tokens: list[str]) -> bool:
    """Tell whether a statement of the session ends with the one name, number or text that it may have."""
    last = tokens[-1]
    return (last == "'" or last.isidentifier() or last.isdigit()) and (
        " ".join([*tokens[:-1], "_"]) in _OF_SESSION
    )


def _pragma(words: list[str]) -> None:
    if words[1:2] == ["."]:
        words = words[2:]
    name, rest = "".join(words[:1]), words[1:]
    bracket = len(rest) == 3 and rest[0] == "(" and rest[2] == ")"
    if name in _TABLE["pragmas"].split() and (not rest or bracket):
        return
    if name not in _TABLE["pragmas-alone"].split() or rest:
        raise Unclear(f"the pragma {name} may change the database")


def said(call: Call, texts: list[str], judge: Callable[[str], None]) -> None:
    """Judge each text that a client is given."""
    try:
        for text in texts:
            if not is_known(text):
                raise Unclear("there is an expansion in its statement")
            judge(as_typed(text))
    except Unclear as reason:
        call.tree(f"{call.name} may write: {reason}")


def asked(call: Call, given: Options) -> bool:
    """Note what an option writes; tell whether all options are listed."""
    call.paths(given.written)
    if given.odd:
        call.tree(f"{call.name} may write or run something: {plain(given.odd)}")
    return not given.odd


def psql(call: Call) -> None:
    given = listed(call.words, _TABLE["psql"])
    if not asked(call, given) or given.has("version help V ?"):
        return
    settings = given.values("v variable set P pset")
    if any(not plain(one).startswith(("ON_ERROR_STOP", "pager=", "format=", "border=", "null=", "footer="))
           for one in settings):  # fmt: skip
        call.tree(f"psql is given a variable: {plain(settings[0])}")
    texts = given.values("c command") or ([call.stdin] if call.stdin is not None else [])
    if texts:
        said(call, texts, _of_psql)
    elif not given.has("l list"):
        call.tree("psql reads its commands from where they cannot be seen")


def _of_psql(text: str) -> None:
    sql = []
    for line in text.splitlines():
        if line.lstrip().startswith("\\"):
            name = line.lstrip()[1:].split(maxsplit=1)
            odd = [one for one in line.lstrip()[1:] if not (one.isalnum() or one in "+ _.*\"?'-=")]
            if odd or not name or name[0].rstrip("+S") not in _TABLE["slashes"].split():
                raise Unclear(f"stick does not know what {line.strip()} does")
        else:
            sql.append(line)
    only_reads("\n".join(sql))


def mysql(call: Call) -> None:
    given = listed(call.words, _TABLE["mysql"])
    if not asked(call, given) or given.has("version help V"):
        return
    texts = given.values("e execute") or ([call.stdin] if call.stdin is not None else [])
    if texts:
        said(call, texts, only_reads)
    else:
        call.tree("mysql reads its statements from where they cannot be seen")


def sqlite(call: Call) -> None:
    given = listed(one_dash(call.words), _TABLE["sqlite3"])
    if not asked(call, given) or given.has("version help"):
        return
    texts = given.operands[1:] or ([call.stdin] if call.stdin is not None else [])
    if not texts:
        call.tree("sqlite3 reads its statements from where they cannot be seen")
        return
    said(call, texts, _of_sqlite)
    opened(call, given.operands[0] if given.operands else ":memory:", given.has("readonly"))


def _of_sqlite(text: str) -> None:
    sql = []
    for line in text.splitlines():
        name = line.lstrip()[1:].split() if line.lstrip().startswith(".") else []
        if not line.lstrip().startswith("."):
            sql.append(line)
        elif not name or not any(
            one.startswith(name[0]) and len(name[0]) > 2 for one in _TABLE["dots"].split()
        ):
            raise Unclear(f"stick does not know what {line.strip()} does")
    only_reads("\n".join(sql))


def opened(call: Call, database: str, readonly: bool) -> None:
    """Note a file that SQLite makes where it is missing, or brings in order before it reads."""
    if not is_known(database) or has_glob(database) or not call.state.cwds:
        call.tree("sqlite3 makes the file that it is given, where there is none")
        return
    name = plain(database)
    if name in (":memory:", ""):
        return
    for folder in call.state.cwds:
        path = os.path.join(folder, name)
        if not os.path.isdir(os.path.dirname(path)):
            continue  # nor can it be made there
        if not os.path.exists(path) or _is_touched(path, readonly):
            call.path(name)


def _is_touched(path: str, readonly: bool) -> bool:
    """Tell whether to read a database changes its folder: it has a log to be written back."""
    if os.path.exists(path + "-journal"):
        return not readonly
    logged = _has_log(path)
    return logged and (readonly or os.path.exists(path + "-wal"))


def _has_log(path: str) -> bool:
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        return os.read(file, 100)[_IN_HEADER : _IN_HEADER + 1] == b"\x02"
    finally:
        os.close(file)


def pg_dump(call: Call) -> None:
    given = listed(call.words, _TABLE["pg_dump"])
    if asked(call, given) and given.has("j jobs") and not given.written:
        call.tree("pg_dump writes a folder")


def pg_dumpall(call: Call) -> None:
    asked(call, listed(call.words, _TABLE["pg_dumpall"]))


HANDLERS: Final[dict[str, Callable[[Call], None]]] = {
    "psql": psql,
    "sqlite3": sqlite,
    **dict.fromkeys(("mysql", "mariadb"), mysql),
    "pg_dump": pg_dump,
    "pg_dumpall": pg_dumpall,
}
