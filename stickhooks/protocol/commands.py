"""What may be asked of a room, and which fields such a request must have.

Fields are checked in the order listed; a string of white space is a missing one.
"""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import Frozen, dataclass, field
from stickhooks.protocol.model import Handoff, Policy, Process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Final

    from stickhooks.protocol.answers import HandoffAnswer

NAME_LIMIT = 64
REASON_LIMIT = 500
LABEL_LIMIT = 200
TEXT_LIMIT = 16 * 1024
ARTIFACTS_LIMIT = 100
ARTIFACT_LIMIT = 500
NOTE_LIMIT = 1024  # bytes
PATHS_LIMIT = 100  # of one part
PATH_LIMIT = 1024  # bytes


@dataclass(frozen=True)
class Command(Frozen):
    agent_id: str


@dataclass(frozen=True)
class Join(Command):
    """Become a member, or come back. ``beside`` adds the process to those already known.

    ``proven`` says that the caller is that member, should the name be taken: by proof, by a
    person's act, or because that member is gone. ``program`` is the one whose terminal a person
    joined in; ``programs`` says whose programs without a terminal are that person's as well.
    ``sharing`` are members that have the session too, in other processes, and keep it.
    """

    context_path: str = ""
    process: Process | None = None
    session_kind: str | None = None
    display_name: str | None = None
    session: str | None = None
    beside: bool = False
    proven: bool = True
    program: Process | None = None
    programs: Mapping[str, object] | None = None
    sharing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wait(Command):
    """One attempt to get the stick. ``auto_from`` as in a lease: a first write asks by itself.

    With ``paths`` (below the workspace, as the disk spells them) for these alone; with ``whole`` for the
    room while nobody else has a part of it. ``folds`` as in a part.
    """

    room_id: str
    lease_id: str | None = None
    why: str | None = None
    auto_from: str | None = None
    paths: tuple[str, ...] = ()
    whole: bool = False
    folds: bool = False


@dataclass(frozen=True)
class Enlist(Command):
    """Take a place in the line, for what a ``Wait`` may ask for."""

    room_id: str
    why: str | None = None
    paths: tuple[str, ...] = ()
    whole: bool = False
    folds: bool = False


@dataclass(frozen=True)
class Delist(Command):
    """Give up the place in the line."""

    room_id: str


@dataclass(frozen=True)
class Held(Command):
    """What only the holder may ask, with the lease and turn that name its holding."""

    room_id: str
    lease_id: str
    expected_turn_id: int


@dataclass(frozen=True)
class Heartbeat(Held):
    pass


@dataclass(frozen=True)
class Release(Held):
    handoff: object = None


@dataclass(frozen=True)
class Pass(Held):
    to_agent_id: str = ""
    handoff: object = None


@dataclass(frozen=True)
class Close(Held):
    handoff: object = None


@dataclass(frozen=True)
class Takeover(Command):
    room_id: str
    reason: str
    expected_turn_id: int


@dataclass(frozen=True)
class Leave(Command):
    room_id: str
    force: bool = False


@dataclass(frozen=True)
class Reopen(Command):
    """Open a closed room. ``person`` is False where the caller is inside a client session."""

    room_id: str
    reason: str | None = None
    person: bool = True


@dataclass(frozen=True)
class Heard(Command):
    """The closer was told that somebody opened the room."""

    room_id: str


@dataclass(frozen=True)
class Tell(Command):
    """Leave a note for a member, for ``holder`` or for ``all``. ``person`` says that one wrote it."""

    room_id: str
    to: str
    text: str
    person: bool = False


@dataclass(frozen=True)
class Ask(Command):
    """Ask the holder for the stick. ``person`` says that one asks; ``for_turn`` is that of a part."""

    room_id: str
    why: str | None = None
    person: bool = False
    for_turn: int | None = None


@dataclass(frozen=True)
class Read(Command):
    """The member was shown the notes and asks of these numbers."""

    room_id: str
    event_seqs: tuple[int, ...]


@dataclass(frozen=True)
class SetPolicy(Command):
    room_id: str
    policy: Policy = field(default_factory=Policy)


@dataclass(frozen=True)
class Bind(Command):
    """Write down by what a member was recognised.

    A session that succeeds one in the same process, or the ``process`` in which a session goes on
    whose own has ended. ``sharing`` as in a join.
    """

    room_id: str
    session: str
    process: Process | None = None
    sharing: tuple[str, ...] = ()


def is_text(value: object, limit: int) -> bool:
    """Tell whether a field holds text: not only white space, and within its limit in bytes."""
    return _is_given(value) and len(str(value).encode()) <= limit


def is_name(value: object) -> bool:
    """Tell whether this can name a member: up to 64 characters, every one of them visible."""
    return (
        isinstance(value, str)
        and bool(value.strip())
        and value == value.strip()
        and len(value) <= NAME_LIMIT
        and value.isprintable()
    )


def check_new_name(name: str) -> None:
    """Refuse a new member whose name reads as an option or a path. Those who have one keep it."""
    told = ""
    if name.startswith("-") or "/" in name or not name.strip("."):
        told = f"{name!r} cannot be a name: it reads as an option or a path"
    elif name in ("all", "holder"):
        told = f"{name!r} cannot be a name: `stick tell {name} …` means somebody else"
    if told:
        raise Refusal("invalid_input", told, [Next("join", "--as", "NAME")], field="agent_id")


def check_fields(command: Command) -> None:
    """Refuse a request with a field that is missing or out of bounds, the first in order."""
    for name, fits in _FIELDS.get(type(command), ()):
        if not fits(value := getattr(command, name)):
            raise Refusal("invalid_input", _wrong(name, value), field=name)
    if isinstance(command, Pass) and command.to_agent_id == command.agent_id:
        raise Refusal("invalid_input", "the stick cannot be passed to oneself", field="to_agent_id")
    if isinstance(command, Release | Pass | Close):
        handoff_of(command.handoff)


def _wrong(field: str, value: object) -> str:
    """Say what is wrong with a field, by the option that a caller knows it by."""
    option, limit = _OPTIONS.get(field, (field, LABEL_LIMIT))
    if value is None or (isinstance(value, str) and not value.strip()):
        return f"{option} is empty"
    if field == "text" and isinstance(value, str) and len(value) <= limit:
        return f"{option} is too long (at most {limit} bytes in UTF-8), or no text"
    if isinstance(value, str) and len(value) > limit:
        return f"{option} is too long (at most {limit} characters)"
    return f"{option} is not valid"


def handoff_of(value: object) -> Handoff:
    """Return a handoff from what was sent, or refuse and name the field that is wrong."""
    if isinstance(value, Handoff):
        value = handoff_answer(value)
    if not isinstance(value, dict):
        told = "a handoff is an object with status and next_action"
        raise Refusal("invalid_handoff", told, field="handoff")
    for name in ("status", "next_action"):
        if not is_text(value.get(name), TEXT_LIMIT):
            raise Refusal("invalid_handoff", field=name)
    artifacts = value.get("artifacts")
    if artifacts is not None and not _are_artifacts(artifacts):
        raise Refusal("invalid_handoff", field="artifacts")
    return Handoff(
        status=value["status"],
        next_action=value["next_action"],
        artifacts=None if artifacts is None else tuple(artifacts),
    )


def _are_artifacts(value: object) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) <= ARTIFACTS_LIMIT
        and all(is_text(item, ARTIFACT_LIMIT * 4) and len(item) <= ARTIFACT_LIMIT for item in value)
    )


def _is_given(value: object) -> bool:
    """Tell whether a field holds text that a file can take, and not only white space."""
    if not isinstance(value, str) or not value.strip():
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_label_or_none(value: object) -> bool:
    return value is None or (_is_given(value) and len(str(value)) <= LABEL_LIMIT)


def _is_reason(value: object) -> bool:
    return _is_given(value) and len(str(value)) <= REASON_LIMIT


def _is_reason_or_none(value: object) -> bool:
    return value is None or _is_reason(value)


def _is_note(value: object) -> bool:
    return is_text(value, NOTE_LIMIT)


def _are_paths(value: object) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) <= PATHS_LIMIT
        and all(is_text(path, PATH_LIMIT) and "\0" not in path for path in value)
    )


def _is_turn(value: object) -> bool:
    return type(value) is int and value >= 0


#: Of a field, what people call it, and its limit in characters.
_OPTIONS: Final = {
    "agent_id": ("the name", NAME_LIMIT),
    "to_agent_id": ("the recipient's name", NAME_LIMIT),
    "why": ("--why", REASON_LIMIT),
    "reason": ("the reason", REASON_LIMIT),
    "expected_turn_id": ("the turn", LABEL_LIMIT),
    "display_name": ("the client's name", LABEL_LIMIT),
    "to": ("the recipient's name", NAME_LIMIT),
    "text": ("the note", NOTE_LIMIT),
    "paths": (f"the list of at most {PATHS_LIMIT} paths", PATH_LIMIT),
}
_ASKED: Final = (("agent_id", is_name), ("room_id", _is_given))
_HELD: Final = (*_ASKED, ("lease_id", _is_given), ("expected_turn_id", _is_turn))
_FIELDS: Final[Mapping[type[Command], tuple[tuple[str, Callable[[object], bool]], ...]]] = {
    Join: (
        ("agent_id", is_name),
        ("context_path", _is_given),
        ("session_kind", _is_label_or_none),
        ("display_name", _is_label_or_none),
        ("session", _is_label_or_none),
    ),
    Wait: (*_ASKED, ("why", _is_reason_or_none), ("paths", _are_paths)),
    Enlist: (*_ASKED, ("why", _is_reason_or_none), ("paths", _are_paths)),
    Delist: _ASKED,
    Heartbeat: _HELD,
    Release: _HELD,
    Pass: (*_HELD, ("to_agent_id", is_name)),
    Close: _HELD,
    Takeover: (*_ASKED, ("reason", _is_reason), ("expected_turn_id", _is_turn)),
    Leave: _ASKED,
    Reopen: (*_ASKED, ("reason", _is_reason_or_none)),
    Heard: _ASKED,
    Tell: (*_ASKED, ("to", is_name), ("text", _is_note)),
    Ask: (*_ASKED, ("why", _is_reason_or_none)),
    Read: _ASKED,
    SetPolicy: _ASKED,
    Bind: (*_ASKED, ("session", _is_label_or_none)),
}


def handoff_answer(handoff: Handoff) -> HandoffAnswer:
    """Return a handoff as it is told and written: ``artifacts`` only where some were named."""
    answer: HandoffAnswer = {"status": handoff.status, "next_action": handoff.next_action}
    if handoff.artifacts is not None:
        answer["artifacts"] = list(handoff.artifacts)
    return answer
