"""What a client asks its hook before a tool runs: whose session, from where, which paths or command.

The clients differ in the names of a few keys, and run each other's entries with arguments of
their own. So every known name of a key is understood, whatever client the entry was made for.

At the end stand the replies that several clients share. A reply is exit code, standard output, standard
error. Every refusal ends with code 2 and has text on standard error: that alone stops most clients,
and none of them takes it for a yes. The JSON carries the reason to those that read it.
"""

import sys

from stickhooks.clients import CLIENTS
from stickhooks.fast import bundle, json
from stickhooks.fast.os import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from stickhooks.clients import Client

EDIT = "edit"  # names paths
PATCH = "patch"  # brings a patch that names them
SHELL = "shell"  # brings a command

_CALLS = (("tool_name", "tool_input"), ("toolName", "toolArgs"), ("agent_action_name", "tool_info"))
_CLINE_CALLS = (("toolName", "parameters"), ("tool", "parameters"))
#: Cursor's event for tools of servers: they come by bare names there, which clients' own tools have as well.
_OF_SERVERS = "beforeMCPExecution"
_SESSIONS = ("session_id", "sessionId", "conversation_id", "trajectory_id", "taskId")
_ROOTS = ("workspace_roots", "workspaceRoots")
_PATHS = ("file_path", "notebook_path", "path", "filePath", "absolutePath", "target_file")
_PATCHES = ("command", "patchText", "patch", "input")
_COMMANDS = ("command", "command_line", "chars", "input")
#: Keys that would bring a second command beside the one that is judged.
_MORE_COMMANDS = ("commands", "cmd", "cmds", "script", "commandLine")
_FOLDERS = ("dir_path", "directory", "working_directory", "workingDirectory", "workdir", "cwd")
#: Keys that bring text, whatever they are called; the others with one of these words may be paths.
_TEXTS = ("content", "text", "old_str", "new_str", "instruction", "description", "command", "patch")
_NAMING = ("path", "file", "dest", "target", "source", "uri", "folder", "dir", "location")
_DEPTH = 6
_LOOKED_AT = 2000


class Request:
    """What a hook was asked. ``paths`` is None where it is no edit, ``command`` where no shell runs.

    ``own`` are the folders that the session is about. ``foreign`` is a tool of somebody else's
    server, with what it was called with. ``below`` is the agent below the session's own one that
    asks, by its type and id; ``""`` is the session's own.
    """

    __slots__ = ("below", "command", "cwd", "foreign", "own", "paths", "session")

    def __init__(self, session: str, cwd: "str | None") -> None:
        self.session = session
        self.cwd = cwd
        self.below = ""
        self.own: list[str] = []
        self.paths: list[str] | None = None
        self.command: str | None = None
        self.foreign: tuple[str, object] | None = None


def adapter_of(client: "Client") -> "ModuleType":
    """Load and return a client's adapter."""
    module = client.name.replace("-", "_")
    if f"{__package__}.{module}" not in sys.modules:
        bundle.more(f"{__package__}.{module}")
    return getattr(__import__(str(__package__), fromlist=[module]), module)  # type: ignore[no-any-return]


def read(payload: object, adapter: "ModuleType") -> Request:
    """Understand a payload. Raises ValueError, saying what is wrong with it."""
    if not isinstance(payload, dict):
        raise ValueError("it is not an object")
    request = Request(session_of(payload), folder_of(payload))
    request.own = _own(payload, request.cwd)
    request.below = below_of(payload)
    tool, given = _call(payload)
    if not isinstance(tool, str):
        raise ValueError("it names no tool")
    kind = adapter.TOOLS.get(tool) or _kind_elsewhere(tool)
    if kind is None:
        if adapter.foreign(tool):
            request.foreign = tool, given
        return request
    if isinstance(given, str) and given.lstrip().startswith("{"):
        given = json.read(given, floats=True)
    if (
        tool == "write_stdin"
        and isinstance(given, dict)
        and not str(given.get("chars", "")).strip()
    ):
        return request  # Codex asks for more of what a program says
    if kind == SHELL:
        request.command = _command(tool, given)
        request.cwd = _folder_within(request.cwd, given)
    elif kind == PATCH or isinstance(given, str):
        request.paths = _patched(tool, given)
    else:
        request.paths = _named(tool, given)
    return request


def is_foreign(tool: str) -> bool:
    """Tell whether a tool is one of a server, by its name in any client's form.

    ``mcp__SERVER__TOOL``, ``mcp_SERVER_TOOL``, ``MCP:TOOL``, ``SERVER-TOOL``, and what Gemini was told of.
    """
    return (
        tool[:4].lower() in ("mcp_", "mcp:")
        or "-" in tool
        or tool.startswith(("discovered_tool_", "use_mcp_"))
    )


def session_of(payload: "dict[str, object]") -> str:
    """Return the session id of a payload. Raises ValueError where it has none."""
    for key in _SESSIONS:
        session = payload.get(key)
        if isinstance(session, str) and session.strip():
            return session
    raise ValueError("it has no session_id")


def below_of(payload: object) -> str:
    """Return the type and id of the agent below the session's own one that a payload is about, or ``""``.

    Claude Code and Codex name it in the hooks of what a subagent does, and nothing where none does it.
    """
    told = payload if isinstance(payload, dict) else {}
    name, kind = told.get("agent_id"), told.get("agent_type")
    if not isinstance(name, str) or not name.strip():
        return ""
    return f"{kind.strip()} {name}" if isinstance(kind, str) and kind.strip() else name


def folder_of(payload: "dict[str, object]") -> "str | None":
    """Return the folder a session works in, None where it is not told."""
    cwd = payload.get("cwd")
    roots = next((payload[key] for key in _ROOTS if key in payload), None)
    if not cwd and isinstance(roots, list) and roots:
        cwd = roots[0]
    if not cwd and (cwd is None or cwd == ""):
        return None
    if not isinstance(cwd, str) or not os.path.isabs(cwd):
        raise ValueError("its cwd is not an absolute path")
    return cwd


def _own(payload: "dict[str, object]", cwd: "str | None") -> "list[str]":
    roots = [root for key in _ROOTS for root in _strings(payload.get(key))]
    return list(dict.fromkeys([*([cwd] if cwd else []), *filter(os.path.isabs, roots)]))


def projects(env: "dict[str, str]") -> "list[str]":
    """Return the folders that a client says its session is about."""
    named = [env.get(name, "") for client in CLIENTS.values() for name in client.projects]
    return list(dict.fromkeys(value for value in named if os.path.isabs(value)))


def places(payload: object) -> "list[str]":
    """Return the places that even an odd payload names, to see whether there is a room.

    Under whatever key: a client may call things by names that nobody here knows.
    """
    found: list[str] = []
    for value in _strings(payload):
        found += [value, *(value.split() if len(value) < 1 << 16 else ())]
    cwd = payload.get("cwd") if isinstance(payload, dict) else None
    base = cwd if isinstance(cwd, str) else ""
    texts = [one for value in dict.fromkeys(found) if value.strip() for one in readings(value)]
    named = [os.path.expanduser(value) for value in texts]
    usable = [value for value in named if len(value) < 1 << 12 and "\0" not in value]
    joined = [os.path.join(base, value) for value in usable[:_LOOKED_AT]]
    return [path for path in joined if os.path.isabs(path)]


def _strings(value: object, depth: int = _DEPTH) -> "list[str]":
    """Return all texts in a value, at any depth that a client uses."""
    if isinstance(value, str):
        return [value]
    inner = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(inner, list) or not depth:
        return []
    return [text for one in inner for text in _strings(one, depth - 1)]


def _call(payload: "dict[str, object]") -> "tuple[object, object]":
    """Return the tool that is called, and with what."""
    inner = payload.get("preToolUse")
    source, pairs = (inner, _CLINE_CALLS) if isinstance(inner, dict) else (payload, _CALLS)
    for tool, given in pairs:
        if tool in source:
            return _of_a_server(payload, source[tool]), source.get(given)
    return None, None


def _of_a_server(payload: "dict[str, object]", tool: object) -> object:
    """Return a tool by Cursor's name for those of servers, where its event is for them alone."""
    told = payload.get("hook_event_name") == _OF_SERVERS and isinstance(tool, str)
    return tool if not told or str(tool)[:4].lower() == "mcp:" else f"MCP:{tool}"


def _kind_elsewhere(tool: str) -> "str | None":
    """Return what a tool of another client does: entries are run by clients they are not for."""
    kinds = (adapter_of(client).TOOLS.get(tool) for client in CLIENTS.values())
    return next((kind for kind in kinds if kind), None)


def _named(tool: str, given: object) -> "list[str]":
    if not isinstance(given, dict):
        raise ValueError(f"{tool} has no arguments")
    found = [given[key] for key in _PATHS if key in given]
    more = _named_elsewhere(given)
    if not (found or more) or not all(isinstance(path, str) and path for path in found):
        raise ValueError(f"{tool} names no path")
    return list(dict.fromkeys(path for text in [*found, *more] for path in readings(text)))


def _named_elsewhere(given: object, depth: int = _DEPTH) -> "list[str]":
    """Return the paths under keys that only look like such a key, and in lists of edits."""
    found: list[str] = []
    if isinstance(given, dict):
        for key, value in given.items():
            texts = [*_strings(value, 1), str(key)]
            sure = _names_paths(key)
            if not _brings_text(key):
                found += [
                    one for one in texts if _is_absolute(one) or (sure and _looks_like_one(one))
                ]
    inner = list(given.values()) if isinstance(given, dict) else given
    for one in inner if isinstance(inner, list) and depth else ():
        if isinstance(one, dict | list):
            found += _named_elsewhere(one, depth - 1)
    return found


def _names_paths(key: object) -> bool:
    name = str(key).lower()
    return any(word in name for word in _NAMING) and not _brings_text(key)


def _brings_text(key: object) -> bool:
    """Tell whether a key brings text; a key that is a path itself brings what is written there."""
    name = str(key).lower()
    return any(word in name for word in _TEXTS) and not _is_absolute(name)


def _is_absolute(text: str) -> bool:
    """Tell whether a text is a path by itself, under whatever key."""
    bare = text.strip()
    return "\n" not in bare and (os.path.isabs(bare) or bare[:5].lower() == "file:")


def _looks_like_one(text: str) -> bool:
    return ("/" in text or "." in text or "\\" in text) and "\n" not in text


def readings(text: str) -> "list[str]":
    """Return what paths a text may mean: of a ``file:`` URI the path, plain and with its escapes read.

    RFC 8089: ``file:/path``, ``file:///path`` and ``file://host/path`` are one, in any case.
    """
    bare = text.strip()
    found = [text, bare] if bare != text else [text]
    if bare[:5].lower() == "file:":
        path = bare[5:]
        if path.startswith("//"):
            path = path[2 + path[2:].find("/") :] if "/" in path[2:] else ""
        found = [one for one in (path, _unescaped(path)) if one] or [text]
    return found


def _unescaped(path: str) -> str:
    """Read ``%20`` and its like. What is no escape stays as it is."""
    first, *rest = path.encode("utf-8", "surrogateescape").split(b"%")
    done = [first]
    for piece in rest:
        try:
            done.append(bytes.fromhex(piece[:2].decode("ascii")) + piece[2:])
        except ValueError:
            done.append(b"%" + piece)
    return b"".join(done).decode("utf-8", "surrogateescape")


def _patched(tool: str, given: object) -> "list[str]":
    from stickhooks.clients import patches

    texts = [given] if isinstance(given, str) else _texts(given, _PATCHES)
    if len(texts) != 1:
        raise ValueError(f"{tool} brings no patch")
    return patches.paths_of(texts[0])


def _command(tool: str, given: object) -> str:
    """Return the command of a shell tool; one that was given as words is made a line of a shell."""
    found = [given[key] for key in _COMMANDS if key in given] if isinstance(given, dict) else []
    if isinstance(given, dict) and any(given.get(key) for key in _MORE_COMMANDS):
        raise ValueError(f"{tool} brings a command under a key that is not known")
    if len(found) == 1 and isinstance(found[0], str) and found[0].strip():
        return found[0]
    words = found[0] if len(found) == 1 else None
    if not isinstance(words, list) or not words or not all(isinstance(w, str) for w in words):
        raise ValueError(f"{tool} brings no command")
    return line_of(words)


def line_of(words: "list[str]") -> str:
    """Return words as a line of a shell: of ``bash -c LINE`` the line, else each word quoted."""
    if len(words) == 3 and words[0].endswith("sh") and words[1] in ("-c", "-lc"):
        return words[2]
    from stickhooks.text import word

    return " ".join(word(one) for one in words)


def _folder_within(cwd: "str | None", given: object) -> "str | None":
    """Return the folder that a shell tool was told to run in, if it was."""
    for folder in _texts(given, _FOLDERS):
        if cwd or os.path.isabs(folder):
            return os.path.join(cwd or "", folder)
    return cwd


def _texts(given: object, keys: "tuple[str, ...]") -> "list[str]":
    if not isinstance(given, dict):
        return []
    return [given[key] for key in keys if isinstance(given.get(key), str) and given[key]]


# --- replies


def refused(reason: str, body: object = None) -> "tuple[int, str, str]":
    return 2, json.write(body) + "\n" if body else "", reason + "\n"


def said(body: "dict[str, object]") -> "tuple[int, str, str]":
    """Return a reply that only tells something."""
    return 0, json.write(body) + "\n", ""


def context(event: str, text: str) -> "dict[str, object]":
    """Return what Claude Code, and those who took its form over, give to their model."""
    return {"hookSpecificOutput": {"hookEventName": event, "additionalContext": text}}


def blocked(reason: str) -> "dict[str, object]":
    return {"decision": "block", "reason": reason}


def anybodys(reason: str) -> "dict[str, object]":
    """Return the one body of a refusal in which every client finds its own word for no.

    Seen to stop an edit, with exit code 2, in Claude Code, Codex, Gemini and Copilot CLI.
    """
    return {
        **blocked(reason),
        "permission": "deny",
        "user_message": reason,
        "agent_message": reason,
        "permissionDecision": "deny",
        "permissionDecisionReason": reason,
        "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": "deny",
            "permissionDecisionReason": reason,
        },
    }
