"""The lines of ``stick log``: an event, and a way past the gate beside it."""

from __future__ import annotations

from stickhooks.protocol.phases import named
from stickhooks.text import clock_time, plain, stamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from stickhooks.protocol.answers import LoggedEvent


#: The end of year 9999, in milliseconds: what lies beyond is no time of ours.
FAR = 253_402_300_800_000


def when(sighting: Mapping[str, Any]) -> int:
    """Return when something was seen (wall clock, ms), 0 where that is not told, or no time."""
    at = sighting.get("at")
    return at if type(at) is int and 0 < at < FAR else 0


def bypass_line(sighting: Mapping[str, Any]) -> str:
    at = when(sighting)
    time = clock_time(at) if at else "?"
    who, why = plain(sighting.get("agent_id")), plain(sighting.get("why"))
    return f"   -  {time}  {who} went past the gate ({plain(sighting.get('kind'))}): {why}"


def event_data(event: LoggedEvent, shift: int) -> dict[str, object]:
    return {**event, "created_at": stamp(event["created_at"], shift)}


def said(event: Mapping[str, Any]) -> str:
    """Say in a line what an event was: who did what, to whom, and why."""
    who = {
        "claim": "{to} took the stick" + (" from {by}" if event["from_agent_id"] else ""),
        "release": "{by} released it",
        "pass": "{by} handed it to {to}",
        "takeover": "{to} took it over from {by} ({kind})",
        "leave": "{by} left",
        "close": "{by} closed the room",
        "reopen": "{by} reopened the room",
        "note": "{by} wrote to " + ("{to}" if event["to_agent_id"] else "all"),
        "ask": "{by} asked {to} for the stick",
        "add": "{by} took more paths",
    }
    message = who[event["event_type"]].format(
        to=plain(event["to_agent_id"]), by=plain(event["from_agent_id"]), kind=event.get("kind")
    )
    if event.get("paths"):
        message += f" (for {plain(named(event['paths']))} alone)"
    if not event["reason"]:
        return message
    reason = plain(event["reason"])
    return message + (f': "{reason}"' if event["event_type"] == "note" else f": {reason}")


def event_line(event: Mapping[str, Any], shift: int) -> str:
    time = clock_time(event["created_at"], shift)
    line = f"{event['event_seq']:>4}  {time}  turn {event['turn_id']}  {said(event)}"
    if event["handoff"]:
        line += f"\n      status: {plain(event['handoff']['status'], 300)}"
        line += f"\n      next:   {plain(event['handoff']['next_action'], 300)}"
    return line
