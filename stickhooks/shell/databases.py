"""Clients of databases: which of their statements only read, and write no file on the way.

``select`` writes by ``into`` and by functions (``lo_export``, ``writefile``); the clients' own commands
write and run programs (``\\!``, ``\\o``, ``.shell``, ``.output``): what may stand there is listed.
"""

from __future__ import annotations

from stickhooks.fast.os import os
from stickhooks.shell.grammar import Unclear
from stickhooks.shell.options import Options, listed
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
#: A statement that begins to read may write by these alone: in a ``with``, and by ``into``.
_WRITING: Final = (
    "insert",
    "update",
    "delete",
    "merge",
    "into",
    "replace",
    "copy",
    "call",
    "do",
    "set",
)
#: What may stand before a bracket: words of the language, and functions.
_BEFORE_BRACKET: Final = """
    in and or not on from join where as values over filter exists any all some union except intersect
    select when then else case end using lateral by having between like limit offset explain analyze
    distinct materialized within group array row interval is with ilike
    count sum min max avg total abs round ceil ceiling floor mod power sqrt sign random greatest least
    length char_length octet_length lower upper trim ltrim rtrim substr substring position strpos instr
    concat concat_ws left right lpad rpad repeat reverse split_part format printf replace regexp_replace
    regexp_matches quote hex unhex char ascii initcap to_char to_date to_timestamp to_number cast
    coalesce nullif ifnull iif if isnull typeof date time datetime julianday strftime unixepoch now
    date_trunc date_part extract age current_date current_timestamp from_unixtime unix_timestamp
    date_format datediff dateadd date_add date_sub timestampdiff year month day hour minute curdate
    row_number rank dense_rank ntile lag lead first_value last_value nth_value percentile_cont
    array_agg string_agg group_concat json_agg jsonb_agg json_build_object jsonb_build_object
    json_extract json_array_length json_each json_object json_array json_type json_valid jsonb_pretty
    to_json to_jsonb row_to_json jsonb_array_elements json_array_elements jsonb_each jsonb_object_keys
    unnest generate_series array_length cardinality md5 version database current_database schema
    current_schema current_user user last_insert_rowid changes sqlite_version
    pg_size_pretty pg_total_relation_size pg_relation_size pg_table_size pg_indexes_size
    pg_database_size pg_get_viewdef pg_get_functiondef pg_get_indexdef pg_get_constraintdef
    pg_get_expr pg_encoding_to_char pg_is_in_recovery pg_backend_pid pg_postmaster_start_time
    obj_description col_description format_type to_regclass has_table_privilege current_setting
    pragma_table_info pragma_table_list pragma_index_list pragma_index_info pragma_database_list
    varchar char decimal numeric tables
"""
#: Settings of SQLite that are told; the first with a word in brackets behind them.
_PRAGMAS: Final = """
    table_info table_xinfo index_list index_info index_xinfo foreign_key_list integrity_check
    quick_check foreign_key_check
"""
_PRAGMAS_ALONE: Final = """
    user_version schema_version journal_mode encoding page_count page_size database_list
    compile_options freelist_count application_id function_list collation_list table_list auto_vacuum
    synchronous foreign_keys
"""
_DOTS: Final = """
    tables schema indexes indices databases headers header mode width nullvalue separator timeout show
    help fullschema dbinfo stats quit exit echo changes bail timer dump
"""
_SLASHES: Final = """
    d dt dv df dn du di ds dx dT dp dg dm da db dc dC dd dD des dew deu dF dO dy l list z conninfo x
    timing sf sv encoding q quit pset a t
"""
_MARKS: Final = "(),.*+-/%<>=!|[]@~&^:?"
_PSQL: Final = (
    "aAbeEHlnqstwWxX10zVc:d:F:h:P:p:R:T:U:v:o>L>f! command= dbname= host= port= username= no-align "
    "echo-all echo-queries echo-errors html list no-readline quiet single-step tuples-only no-password "
    "password expanded no-psqlrc single-transaction field-separator= pset= record-separator= csv "
    "table-attr= variable= set= version help? output> log-file> file! field-separator-zero "
    "record-separator-zero single-line"
)
_MYSQL: Final = (
    "e:u:p?h:P:D:NBsStvrwAEHXCVGLS: execute= user= password? host= port= database= batch silent table "
    "verbose vertical raw skip-column-names no-auto-rehash html xml compress version help protocol= "
    "socket= defaults-file= defaults-extra-file= default-character-set= ssl-mode= connect-timeout= "
    "column-names auto-rehash force quick unbuffered"
)
_SQLITE: Final = (
    "- ascii bail batch box column csv header noheader html json line list markdown nullvalue= quote "
    "readonly safe separator= newline= stats table tabs version nofollow help"
)
_PG_DUMP: Final = (
    "acCOxsbBvwWF:h:p:U:d:t:T:n:N:E:Z:j:Vf> schema-only data-only clean create no-owner no-acl "
    "no-privileges format= host= port= username= dbname= table= exclude-table= schema= "
    "exclude-schema= encoding= inserts column-inserts if-exists quote-all-identifiers no-password "
    "password file> compress= jobs= verbose version help section= exclude-table-data= no-comments"
)
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
    if first == "pragma":
        _pragma(tokens[1:])
    elif first not in _BEGINNINGS:
        raise Unclear(f"the statement {first} may write")
    known = _BEFORE_BRACKET.split()
    for place, token in enumerate(tokens):
        following = tokens[place + 1] if place + 1 < len(tokens) else ""
        if token in _WRITING and not (token == "replace" and following == "("):
            raise Unclear(f"a statement with {token} may write")
        named = token == "'" or token[0].isalpha() or token[0] == "_"
        if following == "(" and named and token not in known and first != "pragma":
            raise Unclear(f"nobody knows what the function {token} does")


def _pragma(words: list[str]) -> None:
    if words[1:2] == ["."]:
        words = words[2:]
    name, rest = "".join(words[:1]), words[1:]
    bracket = len(rest) == 3 and rest[0] == "(" and rest[2] == ")"
    if name in _PRAGMAS.split() and (not rest or bracket):
        return
    if name not in _PRAGMAS_ALONE.split() or rest:
        raise Unclear(f"the pragma {name} may change the database")


def _said(call: Call, texts: list[str], judge: Callable[[str], None]) -> None:
    """Judge each text that a client is given."""
    try:
        for text in texts:
            if not is_known(text):
                raise Unclear("there is an expansion in its statement")
            judge(as_typed(text))
    except Unclear as reason:
        call.tree(f"{call.name} may write: {reason}")


def _asked(call: Call, given: Options) -> bool:
    """Note what an option writes; tell whether all options are listed."""
    for path in given.written:
        call.path(path)
    if given.odd:
        call.tree(f"{call.name} may write or run something: {plain(given.odd)}")
    return not given.odd


def psql(call: Call) -> None:
    given = listed(call.words, _PSQL)
    if not _asked(call, given) or given.has("version help V ?"):
        return
    settings = given.values("v variable set P pset")
    if any(not plain(one).startswith(("ON_ERROR_STOP", "pager=", "format=", "border=", "null=", "footer="))
           for one in settings):  # fmt: skip
        call.tree(f"psql is given a variable: {plain(settings[0])}")
    texts = given.values("c command") or ([call.stdin] if call.stdin is not None else [])
    if texts:
        _said(call, texts, _of_psql)
    elif not given.has("l list"):
        call.tree("psql reads its commands from where they cannot be seen")


def _of_psql(text: str) -> None:
    sql = []
    for line in text.splitlines():
        if line.lstrip().startswith("\\"):
            name = line.lstrip()[1:].split(maxsplit=1)
            odd = [one for one in line.lstrip()[1:] if not (one.isalnum() or one in "+ _.*\"?'-=")]
            if odd or not name or name[0].rstrip("+S") not in _SLASHES.split():
                raise Unclear(f"nobody knows what {line.strip()} does")
        else:
            sql.append(line)
    only_reads("\n".join(sql))


def mysql(call: Call) -> None:
    given = listed(call.words, _MYSQL)
    if not _asked(call, given) or given.has("version help V"):
        return
    texts = given.values("e execute") or ([call.stdin] if call.stdin is not None else [])
    if texts:
        _said(call, texts, only_reads)
    else:
        call.tree("mysql reads its statements from where they cannot be seen")


def sqlite(call: Call) -> None:
    words = ["-" + word if word[:1] == "-" != word[1:2] else word for word in call.words]
    given = listed(words, _SQLITE)
    if not _asked(call, given) or given.has("version help"):
        return
    texts = given.operands[1:] or ([call.stdin] if call.stdin is not None else [])
    if not texts:
        call.tree("sqlite3 reads its statements from where they cannot be seen")
        return
    _said(call, texts, _of_sqlite)
    _opened(call, given.operands[0] if given.operands else ":memory:", given.has("readonly"))


def _of_sqlite(text: str) -> None:
    sql = []
    for line in text.splitlines():
        name = line.lstrip()[1:].split() if line.lstrip().startswith(".") else []
        if not line.lstrip().startswith("."):
            sql.append(line)
        elif not name or not any(
            one.startswith(name[0]) and len(name[0]) > 2 for one in _DOTS.split()
        ):
            raise Unclear(f"nobody knows what {line.strip()} does")
    only_reads("\n".join(sql))


def _opened(call: Call, database: str, readonly: bool) -> None:
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
    given = listed(call.words, _PG_DUMP)
    if _asked(call, given) and given.has("j jobs") and not given.written:
        call.tree("pg_dump writes a folder")


HANDLERS: Final[dict[str, Callable[[Call], None]]] = {
    "psql": psql,
    "sqlite3": sqlite,
    **dict.fromkeys(("mysql", "mariadb"), mysql),
    "pg_dump": pg_dump,
}
