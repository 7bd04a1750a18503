"""What a client asks its hook before a tool runs: whose session, from where, which paths or command.

The clients differ in the names of a few keys, and run each other's entries with arguments of
their own. So every known name of a key is understood, whatever client the entry was made for.
"""

from stickhooks import jsontext
from stickhooks.clients import CLIENTS
from stickhooks.system import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

EDIT = "edit"  # names paths
PATCH = "patch"  # brings a patch that names them
SHELL = "shell"  # brings a command

_CALLS = (("tool_name", "tool_input"), ("toolName", "toolArgs"), ("agent_action_name", "tool_info"))
_CLINE_CALLS = (("toolName", "parameters"), ("tool", "parameters"))
_SESSIONS = ("session_id", "sessionId", "conversation_id", "trajectory_id", "taskId")
_ROOTS = ("workspace_roots", "workspaceRoots")
_PATHS = ("file_path", "notebook_path", "path", "filePath", "absolutePath", "target_file")
_PATCHES = ("command", "patchText", "patch", "input")
_COMMANDS = ("command", "command_line")
_FOLDERS = ("dir_path", "working_directory", "workdir", "cwd")


class Request:
    """What a hook was asked. ``paths`` is None where it is no edit, ``command`` where no shell runs."""

    __slots__ = ("command", "cwd", "paths", "session")

    def __init__(self, session: str, cwd: "str | None") -> None:
        self.session = session
        self.cwd = cwd
        self.paths: list[str] | None = None
        self.command: str | None = None


def read(payload: object, adapter: "ModuleType") -> Request:
    """Understand a payload. Raises ValueError, saying what is wrong with it."""
    if not isinstance(payload, dict):
        raise ValueError("it is not an object")
    request = Request(session_of(payload), folder_of(payload))
    tool, given = _call(payload)
    if not isinstance(tool, str):
        raise ValueError("it names no tool")
    kind = adapter.TOOLS.get(tool) or _kind_elsewhere(tool)
    if kind is None:
        return request
    if isinstance(given, str) and given.lstrip().startswith("{"):
        given = jsontext.read(given, floats=True)
    if kind == SHELL:
        request.command = _command(tool, given)
        request.cwd = _folder_within(request.cwd, given)
    elif kind == PATCH or isinstance(given, str):
        request.paths = _patched(tool, given)
    else:
        request.paths = _named(tool, given)
    return request


def session_of(payload: "dict[str, object]") -> str:
    """Return the session id of a payload. Raises ValueError where it has none."""
    for key in _SESSIONS:
        session = payload.get(key)
        if isinstance(session, str) and session.strip():
            return session
    raise ValueError("it has no session_id")


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


def places(payload: object) -> "list[str]":
    """Return the places that even an odd payload names, to see whether there is a room."""
    if not isinstance(payload, dict):
        return []
    given = _call(payload)[1]
    cwd = payload.get("cwd")
    found = [cwd]
    for key in _ROOTS:
        roots = payload.get(key)
        found += roots if isinstance(roots, list) else []
    if isinstance(given, dict):
        found += [given.get(key) for key in (*_PATHS, *_FOLDERS)]
    base = cwd if isinstance(cwd, str) else ""
    named = [os.path.expanduser(value) for value in found if isinstance(value, str) and value]
    return [os.path.join(base, value) for value in named if os.path.isabs(base or value)]


def _call(payload: "dict[str, object]") -> "tuple[object, object]":
    """Return the tool that is called, and with what."""
    inner = payload.get("preToolUse")
    source, pairs = (inner, _CLINE_CALLS) if isinstance(inner, dict) else (payload, _CALLS)
    for tool, given in pairs:
        if tool in source:
            return source[tool], source.get(given)
    return None, None


def _kind_elsewhere(tool: str) -> "str | None":
    """Return what a tool of another client does: entries are run by clients they are not for."""
    kinds = (client.adapter().TOOLS.get(tool) for client in CLIENTS.values())
    return next((kind for kind in kinds if kind), None)


def _named(tool: str, given: object) -> "list[str]":
    if not isinstance(given, dict):
        raise ValueError(f"{tool} has no arguments")
    found = [given[key] for key in _PATHS if key in given]
    if not found or not all(isinstance(path, str) and path for path in found):
        raise ValueError(f"{tool} names no path")
    return found


def _patched(tool: str, given: object) -> "list[str]":
    from stickhooks import patches

    texts = [given] if isinstance(given, str) else _texts(given, _PATCHES)
    if len(texts) != 1:
        raise ValueError(f"{tool} brings no patch")
    return patches.paths_of(texts[0])


def _command(tool: str, given: object) -> str:
    """Return the command of a shell tool; one that was given as words is made a line of a shell."""
    found = [given[key] for key in _COMMANDS if key in given] if isinstance(given, dict) else []
    if len(found) == 1 and isinstance(found[0], str) and found[0].strip():
        return found[0]
    words = found[0] if len(found) == 1 else None
    if not isinstance(words, list) or not words or not all(isinstance(w, str) for w in words):
        raise ValueError(f"{tool} brings no command")
    if len(words) == 3 and words[0].endswith("sh") and words[1] in ("-c", "-lc"):
        return str(words[2])
    from stickhooks.telling import word

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
