"""What the law answers, as types alone: nothing of this is loaded. A status that is not here is none.

``--json`` and the recorded walks show an answer as it is, so these names stay.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, Required, TypeAlias, TypedDict

#: What became of a command. With those in ``moment.GOT`` the caller holds the stick.
Status: TypeAlias = Literal[
    "your_turn", "already_owner", "not_yet", "takeover_available", "closed", "ok", "waiting", "left",
    "released", "passed", "reopened", "open", "removed", "told", "asked",
]  # fmt: skip


class HandoffAnswer(TypedDict, total=False):
    """A handoff as it is told and written; ``artifacts`` only where some were named."""

    status: Required[str]
    next_action: Required[str]
    artifacts: list[str]


class Answer(TypedDict, total=False):
    """One answer; which keys it has follows from command and status. Times are room time, milliseconds."""

    status: Status
    room_id: str
    room_state: str
    # a turn, and the lease of it
    turn_id: int
    lease_id: str
    lease_expires_at: int
    handoff: HandoffAnswer | None
    from_agent_id: str | None
    reason: str
    revoked_agent_id: str | None
    # who keeps it, and what was logged
    current_owner: str
    reserved_for: str | None
    event_seq: int
    cursor: str
    # of parts: what they are of, whose turn keeps them, and what came along
    paths: list[str]
    for_turn: int
    waits_for_all: str
    unread_from: int
    also: list[Answer]
    # words between members
    to: list[str]
    holder: str
    again: bool
    # a member that joined, or left
    agent_id: str


class Joined(TypedDict):
    """The answer to a join: where, and the room as it is then."""

    agent_id: str
    room_id: str
    canonical_path: str
    workspace_root: str
    joined_existing_room: bool
    room_state: dict[str, Any]


class LoggedEvent(TypedDict):
    """One event of the log; ``kind`` only where there is one."""

    event_seq: int
    room_id: str
    turn_id: int
    event_type: str
    from_agent_id: str | None
    to_agent_id: str | None
    handoff: HandoffAnswer | None
    reason: str | None
    created_at: int
    kind: NotRequired[str]
    paths: NotRequired[list[str]]
