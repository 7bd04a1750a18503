"""What is said where somebody puts the stick down: who has it next, and what still runs here."""

# bundle: release
from __future__ import annotations

from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.text import clock_time, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from stickhooks.protocol.answers import Answer

NAMED: Final = 5


def reply(desk: Desk, answer: Answer, running: Sequence[tuple[int, str]] = ()) -> Reply:
    """Tell to whom the stick went, and what the caller's session still runs here."""
    standing = desk.standing()
    left = [{"pid": pid, "command": command} for pid, command in running]
    if "paths" in answer or "also" in answer:
        from stickhooks.views import part_replies

        lines = [*part_replies.put_down(desk, answer), *_told(running)]
        return Reply(lines, data={**answer, "still_running": left}, standing=standing)
    heir = answer["reserved_for"]
    if heir:
        state = f"reserved for {plain(heir)}"
        if standing.reservation and standing.reservation["recipient"] == heir:
            until = clock_time(standing.reservation["expires_at"], standing.shift)
            state += f" until {until}"
        elif standing.lease and standing.lease["holder"] == heir:  # the waiter was that fast
            state = f"{plain(heir)} has it"
    else:
        state = "free; the handoff waits for whoever takes it next"
    lines = [f"released {standing.shown}: {state}", *_told(running)]
    return Reply(lines, data={**answer, "still_running": left}, standing=standing)


def _told(found: Sequence[tuple[int, str]]) -> list[str]:
    """Say what still runs."""
    if not found:
        return []
    named = ", ".join(f"{pid} ({command})" for pid, command in found[:NAMED])
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return [
        f"still running here, begun in your turn: {named}{more}; no hook judges what they write from now on"
    ]
