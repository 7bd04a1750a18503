"""Everything stickhooks says no with: a stable code, a sentence, the next command, an exit code."""

import sys

from stickhooks import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    #: What to type: a verb of ours, or a line for another program.
    Step: TypeAlias = "Next | str"

EXIT = {
    "ok": 0,
    "internal": 1,
    "usage": 2,
    "invalid_input": 2,
    "invalid_handoff": 2,
    "state_corrupt": 65,
    "state_too_new": 65,
    "state_lost": 65,
    "no_room": 66,
    "room_not_found": 66,
    "unknown_member": 66,
    "takeover_available": 69,
    "io": 74,
    "engine": 74,
    "held": 75,
    "reserved": 75,
    "free": 75,
    "room_held": 75,
    "unconfirmed": 75,
    "stale_lease": 76,
    "turn_mismatch": 76,
    "room_closed": 77,
    "takeover_ineligible": 77,
    "takeover_not_available": 77,
    "identity_taken": 77,
    "config": 78,
    "timeout": 124,
    "interrupted": 130,
}

# code: (sentence, what to type next). The sentence is completed with the refusal's details. A step is
# a verb of ours with its arguments, or a line for another program.
SENTENCES: "dict[str, tuple[str, tuple[tuple[str, ...] | str, ...]]]" = {
    "invalid_input": ("{field} is not valid", ()),
    "invalid_handoff": ("the handoff's {field} is missing, empty or too long", ()),
    "state_corrupt": ("the room's state cannot be read: {what}", (("doctor",), ("uninit",))),
    "state_too_new": (
        "the room's state was written by a newer stickhooks than this one, {program}: {what}. A person"
        " may end the room without it: `stick uninit` then leaves its log and what was kept of"
        " uncommitted work",
        ("pip install --upgrade WHERE-STICKHOOKS-CAME-FROM",),
    ),
    "state_lost": (
        "the room's state is gone or older than its last known turn: {what}",
        (("doctor", "--fix"), ("uninit",)),
    ),
    "unconfirmed": (
        "that the stick is still yours cannot be confirmed: {what}",
        (("status",), ("doctor",)),
    ),
    "no_room": ("there is no room here", (("join",),)),
    "room_not_found": ("there is no such room", (("rooms",), ("join",))),
    "unknown_member": ("{who} has not joined this room", (("join",),)),
    "room_held": (
        "only the holder of the room above may do this, and {current_owner} holds it",
        (("wait",),),
    ),
    "stale_lease": (
        "that lease is no longer current; stop writing and read again",
        (("status",), ("wait",)),
    ),
    "turn_mismatch": (
        "the room is at turn {current_turn_id}; stop writing and read again",
        (("status",), ("wait",)),
    ),
    "room_closed": ("the room is closed: there are no turns", (("log",),)),
    "takeover_ineligible": ("a takeover is open, but not to you", (("wait",),)),
    "takeover_not_available": ("there is nothing to take over: the room is {room_state}", ()),
    "identity_taken": (
        "{agent_id} is a member already, and nothing proves that you are {agent_id}",
        (("whoami", "--explain"), ("join",)),
    ),
}


UNCHANGED = "nothing was changed"
HALF = "it is half done; do it again"


class Next:
    """What to type next: a verb of ours in a ``room``, ``""`` for the one where the reader stands.

    ``args`` are words as they are typed: what comes from outside was quoted by ``text.word``.
    ``after`` is the step that has to succeed before; ``note`` tells people when it is the right one.
    ``text.command`` makes the line of it.
    """

    __slots__ = ("after", "args", "note", "room", "verb")

    def __init__(
        self, verb: str, *args: str, room: str = "", after: "Step | None" = None, note: str = ""
    ) -> None:
        self.verb, self.args, self.room, self.after, self.note = verb, args, room, after, note

    def at(self, room: str) -> "Next":
        """Return the same step for a room, unless it names one, or only asks for help."""
        if not room or self.room or "--help" in self.args:
            return self
        after = self.after.at(room) if isinstance(self.after, Next) else self.after
        return Next(self.verb, *self.args, room=room, after=after, note=self.note)

    def _facts(self) -> "tuple[object, ...]":
        return self.verb, self.args, self.room, self.after, self.note

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Next) and self._facts() == other._facts()

    def __hash__(self) -> int:
        return hash(self._facts())

    def __repr__(self) -> str:
        return f"Next{self._facts()}"


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """A no: ``code`` is stable, ``message`` is for people, ``next`` is what to type.

    ``details`` (as keywords, or as ``told``) are for programs; ``more`` are further lines, of another
    program's words. Nothing has changed when this is raised, unless the message says otherwise:
    with ``ends`` it says so either way, and the detail ``half`` tells which.
    """

    def __init__(
        self,
        code: str,
        message: str | None = None,
        next: "Sequence[Step] | None" = None,
        *,
        told: "dict[str, object] | None" = None,
        more: "Sequence[str]" = (),
        ends: bool = False,
        **details: object,
    ) -> None:
        sentence, follow = SENTENCES.get(code, (code.replace("_", " "), ()))
        details = {**(told or {}), **details}
        who = details.get("agent_id") or details.get("to_agent_id")
        self.code = code
        self.sentence = message or sentence.format_map(_Told({"who": who, **details}))
        if next is None:
            next = [step if isinstance(step, str) else Next(*step) for step in follow]
        self.next = next
        self.details = details
        self.more = more
        self.ends = ends
        super().__init__(self.sentence)

    @property
    def message(self) -> str:
        """The sentence for people."""
        state = HALF if self.details.get("half") else UNCHANGED
        return f"{self.sentence}; {state}" if self.ends else self.sentence

    @property
    def exit(self) -> int:
        """The exit code of the verbs; installed hooks have codes of their own."""
        return EXIT[self.code]


def too_new(what: str) -> Refusal:
    """Return the refusal of a state that a newer program wrote; it tells where this one is installed."""
    return Refusal("state_too_new", what=what, program=f"{__version__} in {sys.prefix}")


class _Told(dict):  # type: ignore[type-arg]
    def __missing__(self, key: str) -> str:
        return "?"
