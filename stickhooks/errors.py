"""Everything stickhooks says no with: a stable code, a sentence, the next command, an exit code."""

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
    "held": 75,
    "reserved": 75,
    "free": 75,
    "room_held": 75,
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

# code: (sentence, what to type next). The sentence is completed with the refusal's details.
SENTENCES = {
    "invalid_input": ("{field} is not valid", ()),
    "invalid_handoff": ("the handoff's {field} is missing, empty or too long", ()),
    "state_corrupt": ("the room's state cannot be read: {what}", ("stick doctor", "stick uninit")),
    "state_too_new": (
        "the room's state was written by a newer stickhooks: {what}",
        ("pip install --upgrade WHERE-STICKHOOKS-CAME-FROM", "stick uninit"),
    ),
    "state_lost": (
        "the room's state is gone or older than its last known turn: {what}",
        ("stick doctor --fix", "stick uninit"),
    ),
    "no_room": ("there is no room here", ("stick join",)),
    "room_not_found": ("there is no such room", ("stick rooms", "stick join")),
    "unknown_member": ("{who} has not joined this room", ("stick join",)),
    "room_held": (
        "only the holder of the room above may do this, and {current_owner} holds it",
        ("stick wait",),
    ),
    "stale_lease": (
        "that lease is no longer current; stop writing and read again",
        ("stick status", "stick wait"),
    ),
    "turn_mismatch": (
        "the room is at turn {current_turn_id}; stop writing and read again",
        ("stick status", "stick wait"),
    ),
    "room_closed": ("the room is closed: there are no turns", ("stick reopen",)),
    "takeover_ineligible": (
        "a takeover is open, but not to you",
        ("stick wait",),
    ),
    "takeover_not_available": ("there is nothing to take over: the room is {room_state}", ()),
    "identity_taken": (
        "{agent_id} is somebody else, and nothing proves that you are it",
        ("stick whoami --explain", "stick join"),
    ),
}


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """A no: ``code`` is stable, ``message`` is for people, ``next`` is what to type.

    ``details`` (as keywords, or as ``told``) are for programs. Nothing has changed when this
    is raised, unless the message says otherwise.
    """

    def __init__(
        self,
        code: str,
        message: str | None = None,
        next: "list[str] | None" = None,
        *,
        told: "dict[str, object] | None" = None,
        **details: object,
    ) -> None:
        sentence, follow = SENTENCES.get(code, (code.replace("_", " "), ()))
        details = {**(told or {}), **details}
        who = details.get("agent_id") or details.get("to_agent_id")
        self.code = code
        self.message = message or sentence.format_map(_Told({"who": who, **details}))
        self.next = list(follow) if next is None else next
        self.details = details
        self.more: list[str] = []  # further lines for people, of another program's words
        super().__init__(self.message)

    @property
    def exit(self) -> int:
        """The exit code of the verbs; installed hooks have codes of their own."""
        return EXIT[self.code]


class _Told(dict):  # type: ignore[type-arg]
    def __missing__(self, key: str) -> str:
        return "?"
