"""Every name of ours on disk, in ``.talking-stick`` and in our folder of the git dir; nobody else spells one.

Folders of ours have mode 0700 and files 0600; the hooks that git and clients run can be executed.
What hooks in ``sh`` and in editors spell too (``hooks/*``) stays as it is: they were installed by
other versions. Each name stands in docs/reference/state-on-disk.md as well, with who writes it.
"""

from stickhooks.fast.os import os
from stickhooks.system.folder import read_file

# --- in the workspace

FOLDER = ".talking-stick"
LOCK = "lock"  # of all rooms of the workspace; filelock can hold it too
LOGS = "log"  # a folder a room id, with what follows
EVENTS = "events.jsonl"
ACTIVITY = "sightings.jsonl"
OLDER_ACTIVITY = "sightings.older.jsonl"
REMINDED = "reminded."  # with a turn behind it: its holder was reminded of the handoff
ENGINE_SEEN = "engine.json"  # what a clone has seen last of its engine's document
WAIT_QUEUE = "line"  # a file a member that waits, locked by the waiting process
REACH = "reach"  # a file a member: what reaches its session, told to nobody
STRAYS = "strays"  # states that were damaged, or came with a clone
RESTORED = "restored"  # a folder a turn or snapshot: what may not be replaced is put there
_STATE, _ENDING = "room", ".json"

# --- in the git dir of the working tree

GIT_FOLDER = "stickhooks"
ANCHOR = "anchor.json"
ANCHOR_STRAY = "anchor.json.stray-"  # with a mark behind it: a folder that lay in its place
COPIES = "copies"  # a folder a room id: state, events, and what follows
COPIED_STATE = "state.json"
WITNESS = "witness"
TURN_HEADS = "heads"
PASS = "pass"  # what the gate allowed to one git process
SEAL = "seal"
ENGINE_REPOSITORY = "engine.git"  # commits of rooms on a git remote, on their way
MOVING = "moving.json"  # the rooms of an engine that are being moved to the files here
FILE_MODES = "guard.json"
FILE_MODES_LOCK = "guard.lock"
HEAD = "head"  # where the hooks saw HEAD last
HEADS = "heads"  # the values they saw it take
REFLOG = "reflog"  # how much of git's log of HEAD has been read
BEGUN = "begun"  # an operation of git that was begun: a name, then a line a mark
BEGUN_ENDED = "begun.ended"  # what was told to be ended last, and when
STASHES = "stashes"  # the entries of the list of stashes that were made in this room, a line each
PATCHES = ("back.0", "back.1")  # what git is about to overwrite
UNGUARDED = "unguarded.json"  # clients that ran before their hooks were put in
SNAPSHOT_DUE = "snapshot-due"  # its mtime: when the next snapshot of a holder's work is due
ASKED = "asked"  # the git process for which the before-hook kept the tree last
OWN_MOVES = "own"  # git commands of the holder that no git hook sees
LOSSES_TOLD = "losses-told"
NOTES = (
    LOSSES_TOLD,
    ENGINE_REPOSITORY,
    MOVING,
    ASKED,
    SNAPSHOT_DUE,
    OWN_MOVES,
    UNGUARDED,
    ANCHOR,
    PASS,
    SEAL,
    HEAD,
    HEADS,
    REFLOG,
    BEGUN,
    BEGUN_ENDED,
    STASHES,
    *PATCHES,
)

# --- in the git dir that the worktrees share, and where something is installed

SNAPSHOTS = "snapshots"  # a folder a working tree, with what follows; see `recovery.lists`
SNAPSHOT_LISTS = "lists"
SNAPSHOT_OBJECTS = "objects"
SNAPSHOT_LOCK = "lock"  # of pruning alone
HOOKS = "hooks"  # that git's configuration names
HOOKS_MANIFEST = "hooks.json"
BEFORE_HOOK = "before-hook"  # what core.fsmonitor has git read
GIT_HOOKS = "git-hooks"  # where core.hooksPath leads, if it must
HOOKS_PATH = "hooks-path.json"  # where it led before
INSTALLED = "installed.json"
KEPT_LOG = "stickhooks-log-"  # with time and process behind it

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")


def state_name(room: str) -> str:
    """Return the file name of a room's state; distinct rooms differ even where case is ignored."""
    escaped = [c if _stays(c) else "".join(f"%{b:02x}" for b in os.fsencode(c)) for c in room]
    return f"{_STATE}.{''.join(escaped)}{_ENDING}" if room else _STATE + _ENDING


def _stays(char: str) -> bool:
    return char in _PLAIN or (char > "\x7f" and char.isalnum() and char == char.casefold())


def room_of_name(name: str) -> str | None:
    """Return the room whose state a file of that name holds, or None if it is not a state."""
    if name == state_name(""):
        return ""
    if not (name.startswith(f"{_STATE}.") and name.endswith(_ENDING)):
        return None
    parts = name[len(_STATE) + 1 : -len(_ENDING)].split("%")
    try:
        data = parts[0].encode() + b"".join(
            bytes([int(part[:2], 16)]) + part[2:].encode() for part in parts[1:]
        )
    except ValueError:
        return None
    room = os.fsdecode(data)
    return room if state_name(room) == name else None


def rooms_among(names: "list[str]") -> "list[str]":
    """Return the rooms whose states files of these names hold."""
    return [room for name in names if (room := room_of_name(name)) is not None]


def anchor_of(git_dir: str) -> str:
    return os.path.join(git_dir, GIT_FOLDER, ANCHOR)


def git_dir_of(folder: str) -> "str | None":
    """Return the git dir of the working tree whose top is ``folder``, or None.

    A linked worktree and a submodule have a file there that names it. An empty ``.git``
    is none: nobody gets a workspace without a room by making a folder.
    """
    dot = os.path.join(folder, ".git")
    try:
        os.stat(os.path.join(dot, "HEAD"))
        return os.path.realpath(dot)
    except PermissionError:  # a git dir that this account may not enter is one all the same
        if os.path.lexists(dot):
            return os.path.realpath(dot)
    except (OSError, ValueError):
        pass
    try:
        text = (read_file(dot, 1 << 16) or b"").decode("utf-8", "surrogateescape")
    except ValueError:
        return None
    if not text.startswith("gitdir:"):
        return None
    named = os.path.realpath(os.path.join(folder, text[len("gitdir:") :].strip()))
    return named if os.path.exists(os.path.join(named, "HEAD")) else None
