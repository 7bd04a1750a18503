"""What a tool of somebody else's server would do, told by its arguments first, then by its name.

Loaded only when a client calls such a tool (the Model Context Protocol's, another plugin's). A name
only claims: so arguments that name commands or paths are judged, whatever the name says, and
a name that reads spares its paths the question.
"""

from stickhooks.clients import diffs, payloads, tool_names
from stickhooks.fast import json
from stickhooks.fast.os import os
from stickhooks.text import word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_DEPTH = 12
_LONGEST = 4096  # characters of a path
#: Keys as ``_plain`` gives them. Commands are one each; of the plural ones every item is one.
_COMMAND = frozenset((
    "command", "cmd", "commandline", "cmdline", "shellcommand", "bash", "sh", "shell", "script",
    "shellscript", "bashcommand", "execcommand", "runcommand", "terminalcommand",
))  # fmt: skip
_COMMANDS = frozenset(("commands", "cmds", "scripts", "commandlines", "shellcommands"))
_ARGUMENTS = ("args", "arguments", "argv", "params", "parameters")
_CODE = frozenset(
    ("code", "sourcecode", "snippet", "expression", "javascript", "python", "program")
)
_MAYBE_CODE = frozenset(("fn", "function", "cell"))
_DIFFS = ("diff", "patch")
#: A mapping under one of these has the files as keys.
_CHANGES = ("change", "edit", "modif", "update", "write", "replace", "creat", "delet", "patch")
_FOLDERS = frozenset((
    "cwd", "workdir", "workingdir", "workingdirectory", "dirpath", "directory", "dir", "folder",
    "root", "basepath", "basedir", "rootpath", "repopath", "projectpath", "workspace",
))  # fmt: skip
_ENVIRONMENT = frozenset(("env", "environ", "environment", "envvars", "environmentvariables"))
#: What stands under such a key is a path; under one of the next row only where it looks like one.
_PATHS = ("path", "file", "dest", "uri", "folder", "dir", "root", "cwd", "glob", "notebook")
_MAYBE_PATHS = (
    "target", "source", "src", "url", "location", "workspace", "output", "pattern", "include", "from",
    "to", "name", "document", "module", "into", "onto", "out", "where", "save",
)  # fmt: skip
_TEXTS = (
    "content", "text", "body", "message", "description", "instruction", "query", "prompt", "title",
    "oldstr", "newstr", "oldtext", "newtext", "data", "reason", "comment", "encoding", "language",
)  # fmt: skip
#: Under these stands where a tool writes, also one that reads; under the next ones what it does.
_OUTPUTS = ("output", "outfile", "outpath", "outdir", "save", "download", "dest", "writeto")
_VERBS = frozenset(("action", "op", "operation", "subcommand", "verb"))
#: Databases whose file may lie in the tree, the keys of what they are told, and what changes one.
_DATABASES = frozenset(("sqlite", "duckdb", "sql", "db", "database"))
_SQL = frozenset(("sql", "query", "statement", "statements", "queries", "sqlquery"))
#: Tools with such a word take what is typed into a terminal.
_TERMINALS = frozenset(("terminal", "tmux", "pty", "tty", "repl", "stdin"))
#: A tool that sends keys, with one of these, types into a page or a window.
_ELEMENTS = frozenset((
    "selector", "locator", "element", "elementid", "by", "ref", "xpath", "css", "uid", "window", "deviceid",
))  # fmt: skip
_TYPED = frozenset(("input", "text", "keys", "data", "stdin", "line", "chars"))
_RUN = frozenset(("run", "exec", "stdin"))
#: Tools with such a word run what their list of arguments says.
_RUNNING = frozenset(("run", "exec", "execute", "spawn", "process", "shell", "command", "terminal"))
#: Tools that end so take the words of such a program alone.
_PROGRAMS = frozenset((
    "git", "npm", "yarn", "pnpm", "cargo", "docker", "kubectl", "make", "pip", "go", "gh", "sqlite",
))  # fmt: skip
_GLOBS = "*?[{"


class Foreign:
    """What a foreign tool was called with.

    ``commands`` are lines for a shell, each with the folder that it was given, ``""`` for none.
    ``outputs`` are paths that are written, whatever the tool's name says; ``paths`` are what may be
    paths, absolute or not; ``bases`` folders that the relative ones may start
    from. ``code`` is True where code is brought that nobody here can read.
    """

    __slots__ = (
        "_spoken",
        "bases",
        "code",
        "commands",
        "maybe",
        "outputs",
        "paths",
        "reads",
        "tool",
        "writes",
    )

    def __init__(self, tool: str, given: object) -> None:
        if tool == "use_mcp_tool" and isinstance(given, dict):  # Cline's
            tool, given = str(given.get("tool_name", "")), given.get("arguments")
        if tool == "pre_mcp_tool_use" and isinstance(given, dict):  # Windsurf's
            tool = f"mcp__{given.get('mcp_server_name', '')}__{given.get('mcp_tool_name', '')}"
            given = given.get("mcp_tool_arguments")
        self.tool = tool
        self.writes, self.reads = tool_names.said_by(tool)
        self.commands: list[tuple[str, str]] = []
        self.paths: list[str] = []
        self.outputs: list[str] = []  # paths that are written, whatever the name says
        self.maybe: list[str] = []  # texts that are paths only where something lies there
        self.bases: list[str] = []
        self.code = False
        #: Paths where a text is expected: they count where no other does.
        self._spoken: list[str] = []
        self._look(given, "", _DEPTH)
        for path in () if self.paths else self._spoken:
            self._path(path)

    @property
    def names_nothing(self) -> bool:
        return not (self.commands or self.code or self.paths)

    def _look(self, value: object, key: str, depth: int) -> None:
        """Take in a value, by the key that it stands under, at any depth."""
        if isinstance(value, str):
            self._text(value, key, depth)
        elif isinstance(value, dict) and depth:
            self._object(value, key, depth)
        elif isinstance(value, list) and depth:
            for one in value:
                self._look(one, key, depth - 1)
        elif isinstance(value, dict | list):
            self.code = True  # too deep to be read

    def _object(self, given: "dict[str, object]", above: str, depth: int) -> None:
        names = {str(name): _plain(str(name)) for name in given}
        folder = next((str(given[n]) for n, plain in names.items() if plain in _FOLDERS), "")
        known = [n for n, plain in names.items() if plain in _COMMAND | _COMMANDS and given[n]]
        environment = [n for n, plain in names.items() if plain in _ENVIRONMENT]
        taken = set(environment) if known else set()
        for name in known:
            taken |= {name, *(n for n, plain in names.items() if plain in _ARGUMENTS)}
            for line in _lines(given, name, names):
                told = "".join(f"export {one}; " for n in environment for one in _set(given[n]))
                self.commands.append((told + line, folder))
        if not known:
            self.commands += [(line, folder) for line in self._typed(given, names)]
        for name, value in given.items():
            plain = names[str(name)]
            if plain in _VERBS and isinstance(value, str):
                self._said(value)
            if plain in _SQL and isinstance(value, str):
                self._asked(value)
            if name in taken:
                continue
            if any(one in plain for one in _OUTPUTS):
                self._output(value)
            if known and plain in _FOLDERS:
                continue  # where the command runs
            if any(one in plain for one in _DIFFS):
                self._diffs(value)
            if isinstance(value, dict) and any(one in plain for one in _CHANGES):
                self.paths += [str(key) for key in value if _may_be_path(str(key))]
            code = plain in _CODE or (plain in _MAYBE_CODE and "(" in str(value))
            if code and isinstance(value, str) and value.strip():
                self._code(value, given, folder)
                continue
            if _is_path(str(name)) or (_names(above) and _may_be_path(str(name))):
                self.paths.append(str(name))
            elif _may_be_path(str(name)) and not _brings_text(above):
                self.maybe.append(str(name))
            self._look(value, plain if _names(plain) or _brings_text(plain) else above, depth - 1)

    def _typed(self, given: "dict[str, object]", names: "dict[str, str]") -> "Iterator[str]":
        """Yield the command lines that stand under the key of a terminal's input, or as words alone."""
        spoken = tool_names.words(self.tool)
        session = not {"pid", "sessionid", "processid"}.isdisjoint(names.values())
        keys = {"send", "keys"} <= set(spoken) and _ELEMENTS.isdisjoint(names.values())
        terminal = keys or not _TERMINALS.isdisjoint(spoken) or (session and "process" in spoken)
        for name, plain in names.items():
            value = given[name]
            if isinstance(value, str) and (
                (plain in _RUN and " " in value.strip()) or (terminal and plain in _TYPED)
            ):
                yield value
        runs = not _RUNNING.isdisjoint(spoken)
        for name, plain in names.items():
            value = given[name] if plain == "argv" or (runs and plain in _ARGUMENTS) else None
            if isinstance(value, list) and value:
                yield payloads.line_of([str(item) for item in value])
        program = spoken[-1] if spoken and spoken[-1] in _PROGRAMS else ""
        first = [given[name] for name, plain in names.items() if plain in _VERBS]
        more = [given[name] for name, plain in names.items() if plain in _ARGUMENTS]
        if program and (first or more):
            listed = [
                item
                for one in (*first, *more)
                for item in (one if isinstance(one, list) else [one])
            ]
            yield " ".join([program, *(word(str(item)) for item in listed)])

    def _said(self, verb: str) -> None:
        """Take a verb that stands in an argument as one of the tool's name."""
        if any(tool_names.is_writing(one, read=False) for one in tool_names.words(verb)):
            self.writes, self.reads = True, False

    def _asked(self, sql: str) -> None:
        """Take a statement that changes a database as a verb of the tool's name."""
        if _DATABASES.isdisjoint(tool_names.words(self.tool)):
            return
        from stickhooks.clients import statements

        if statements.change(sql):
            self.writes, self.reads = True, False

    def _output(self, value: object) -> None:
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and ("/" in one or "." in one[:-1]) and not _is_url(one):
                self.outputs += [os.path.expanduser(path) for path in payloads.readings(one)]

    def _code(self, code: str, given: "dict[str, object]", folder: str) -> None:
        """Judge code as an interpreter's where the language is told and a shell could be given it."""
        told = f"{given.get('language', '')} {given.get('lang', '')} {self.tool}".lower()
        if "python" in told or "jupyter" in told:
            self.commands.append((f"python3 -c {word(code)}", folder))
        else:
            self.code = True

    def _text(self, text: str, key: str, depth: int) -> None:
        bare = text.strip()
        if bare[:1] in ("{", "[", '"') and depth and not _brings_text(key):
            try:
                self._look(json.read(bare, floats=True), key, depth - 1)
                return
            except ValueError:
                pass
        if "\n" in bare and not _brings_text(key) and diffs.is_one(bare):
            self._diffs(text)
        if not bare or "\n" in bare or "\0" in bare or len(bare) > _LONGEST:
            return
        if _is_path(bare) and _brings_text(key):
            self._spoken.append(bare)
        elif _is_path(bare):
            self._path(bare)
        elif _names(key) and not _is_url(bare):
            sure = any(name in key for name in _PATHS) or "/" in bare or "." in bare[:-1]
            (self.paths if sure else self.maybe).append(bare)
        elif not _brings_text(key):
            self.maybe.append(bare)

    def _diffs(self, value: object) -> None:
        """Take the files that diffs change; one that cannot be read may change any."""
        for one in value if isinstance(value, list) else [value]:
            try:
                self.paths += diffs.paths_of(one) if isinstance(one, str) else []
            except ValueError:
                self.code = True

    def _path(self, text: str) -> None:
        found = [os.path.expanduser(one) for one in payloads.readings(text)]
        self.paths += found
        self.bases += [path for path in found if os.path.isabs(path)]


def without_glob(path: str) -> str:
    """Return the folder that all matches of a glob lie below; a path without one as it is."""
    head = path
    for mark in _GLOBS:
        head = head.partition(mark)[0]
    return path if head == path else head[: head.rfind("/") + 1] or "."


def _plain(key: str) -> str:
    return "".join(letter for letter in key.lower() if letter.isalnum())


def _names(key: str) -> bool:
    return any(name in key for name in (*_PATHS, *_MAYBE_PATHS)) and not _brings_text(key)


def _brings_text(key: str) -> bool:
    return any(name in key for name in _TEXTS)


def _is_path(text: str) -> bool:
    return text[:1] in ("/", "~") or text[:5].lower() == "file:" or os.path.isabs(text)


def _may_be_path(text: str) -> bool:
    return ("/" in text or "." in text[:-1]) and not _is_url(text)


def _is_url(text: str) -> bool:
    scheme, mark, _ = text.partition("://")
    return bool(mark) and scheme.isalnum() and scheme.lower() != "file"


def _lines(given: "dict[str, object]", name: str, names: "dict[str, str]") -> "list[str]":
    """Return the command lines under a key: a text, words, or several of them."""
    value = given[name]
    if names[name] in _COMMANDS and isinstance(value, list):
        return [line for one in value for line in _lines({name: one}, name, {name: "command"})]
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        line = payloads.line_of(value)
    elif isinstance(value, dict):
        inner = {str(key): _plain(str(key)) for key in value}
        known = [key for key, plain in inner.items() if plain in _COMMAND]
        return [line for key in known for line in _lines(value, key, inner)] or ["unknown-command"]
    else:
        line = str(value)
    more = [given[n] for n, plain in names.items() if plain in _ARGUMENTS]
    for one in more:
        extra = one if isinstance(one, list) else [one]
        line += "".join(f" {word(str(item))}" for item in extra)
    return [line]


def _set(environment: object) -> "list[str]":
    """Return the assignments of an environment, as a shell writes them."""
    if isinstance(environment, dict):
        return [f"{word(str(name))}={word(str(value))}" for name, value in environment.items()]
    listed = environment if isinstance(environment, list) else [environment]
    return [word(str(one)) for one in listed if one]
