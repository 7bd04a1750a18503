"""More clients of databases: MongoDB's shell, DuckDB, and those that are given one statement by an option."""

from __future__ import annotations

from stickhooks.shell import tables
from stickhooks.shell.databases import asked, only_reads, opened, said
from stickhooks.shell.options import listed, one_dash
from stickhooks.shell.state import Call
from stickhooks.shell.words import as_typed, is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

_TABLE: Final = tables.by_program("databases")
#: What has MongoDB's shell run a function, or write.
_MONGO_RUNS: Final = (
    "$out",
    "$merge",
    "$function",
    "$where",
    "$accumulator",
    "=>",
    "function",
    "require",
    "eval",
)
#: What may stand for itself; the functions print what they are handed.
_MONGO_VALUES: Final = (
    "true",
    "false",
    "null",
    "undefined",
    "db",
    "print",
    "printjson",
    "tojson",
    "new",
)
#: The options with a statement, by client.
_STATEMENTS: Final = {
    "clickhouse-client": "q query", "sqlcmd": "Q q", "cqlsh": "e execute", "trino": "execute",
    "snowsql": "q query", "usql": "c command", "pgcli": "c",
}  # fmt: skip


def mongosh(call: Call) -> None:
    """Judge ``mongosh --eval``: only calls that are listed, and no code that is given to one of them."""
    given = listed(call.words, _TABLE["mongosh"])
    if given.has("version help"):
        return
    texts = given.values("eval")
    if given.odd or not texts or not all(map(_of_mongo, texts)) or not _no_script(given.operands):
        call.tree(f"{call.name} may write")


def _no_script(operands: list[str]) -> bool:
    """Tell whether nothing but a database stands there: further words are files that it runs."""
    names = list(map(plain, operands))
    return len(names) < 2 and not any(name.endswith((".js", ".mongodb")) for name in names)


def _only_names(bare: str) -> bool:
    """Tell whether the names in a text are called, are keys, or are values of the database: what is handed to
    another function is called there, and a word before another is a command of the shell."""
    text = "".join(one if one.isalnum() or one in "_$." else f" {one} " for one in bare)
    words = text.split()
    return all(
        after in ("(", ":") or word in _MONGO_VALUES or not word.strip("_$.0123456789")
        or (word.startswith("db.") and before not in ("(", ","))
        or (word.startswith(".") and before == ")")
        for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False)
        if word[0].isalnum() or word[0] in "_$."
    )  # fmt: skip


def _of_mongo(text: str) -> bool:
    bare, quote = "", ""
    for character in as_typed(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        else:
            bare += character
    called = ["".join(one.replace(")", " ").split()[-1:]) for one in bare.split("(")[:-1]]
    names = [name.rpartition(".")[2].strip("{[,:!") for name in called]
    plainly = is_known(text) and not any(one in bare or one in text for one in _MONGO_RUNS)
    marks = set("`\\=;@#") & set(bare.replace("==", "").rstrip(";\n "))
    known = _TABLE["mongo-calls"].split()
    first, *others = as_typed(text).split() or [""]
    shows = first in ("show", "use") and len(others) == 1 and others[0].replace("_", "").isalnum()
    return (
        plainly and not quote and not marks and (shows or _only_names(bare))
        and all(not name or name in known for name in names)
    )  # fmt: skip


def duckdb(call: Call) -> None:
    given = listed(one_dash(call.words), _TABLE["duckdb"])
    if not asked(call, given) or given.has("version help"):
        return
    texts = [*given.values("c s"), *given.operands[1:]]
    if not texts:
        call.tree("duckdb reads its statements from where they cannot be seen")
        return
    said(call, texts, only_reads)
    opened(call, given.operands[0] if given.operands else ":memory:", given.has("readonly"))


def other(call: Call) -> None:
    given = listed(call.words, _TABLE[call.name])
    texts = given.values(_STATEMENTS[call.name])
    if not asked(call, given) or given.has("version help l list"):
        return
    if texts:
        said(call, texts, only_reads)
    else:
        call.tree(f"{call.name} reads its statements from where they cannot be seen")


def mysqldump(call: Call) -> None:
    given = listed(call.words, _TABLE["mysqldump"])
    if given.odd:
        call.tree(f"{call.name} may write a file: {plain(given.odd)}")


HANDLERS: Final[dict[str, Callable[[Call], None]]] = {
    **dict.fromkeys(("mongosh", "mongo"), mongosh),
    **dict.fromkeys(("mysqldump", "mariadb-dump"), mysqldump),
    "duckdb": duckdb,
    **dict.fromkeys(_STATEMENTS, other),
}
