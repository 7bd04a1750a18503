"""What others want of a member, in words: who asked for the stick, and how much is unread."""

from stickhooks.protocol import phases
from stickhooks.text import age, command, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.errors import Step
    from stickhooks.gate.standing import Standing

ENOUGH = 3  # times that an agent gets one answer in one turn: it is the same from then on


def same(head: str, told: "list[str]", steps: "list[Step]") -> str:
    """Return the refusal of an agent that asks again and again: one line, that tells it to stop."""
    once = f"; `{plain(command(steps[0]))}` once" if steps else ""
    line = plain("; ".join(told))
    return f"stick: {head}  Same answer as before: {line}. Stop here{once}."


def by(raw, me: "str | None") -> "list[str]":  # type: ignore[no-untyped-def]
    """Return who asked for the stick in this turn, ``me`` last."""
    names = [plain(ask["agent_id"]) for ask in raw["asks"] if ask["agent_id"] != me]
    asked = [f"{', '.join(names)} asked for it"] if names else []
    return [*asked, "you asked for it"] if len(names) < len(raw["asks"]) else asked


def unread(raw, me: "str | None") -> int:  # type: ignore[no-untyped-def]
    """Return how many notes and asks a member was not shown yet."""
    return next((len(m.get("unread", ())) for m in raw["members"] if m["agent_id"] == me), 0)


def unread_line(raw, me: "str | None") -> "list[str]":  # type: ignore[no-untyped-def]
    """Return the line of a refusal that counts them, none where there are none."""
    count = unread(raw, me)
    return [f"notes for you: {count} unread; `stick notes`"] if count else []


def is_elsewhere(raw) -> bool:  # type: ignore[no-untyped-def]
    """Tell whether the holder of a room on an engine is in another clone."""
    return bool(raw["lease"].get("clone") != (raw.get("mirror") or {}).get("clone"))


def in_vain(raw, now: int, me: "str | None" = None) -> bool:  # type: ignore[no-untyped-def]
    """Tell whether the holder has done nothing since somebody, or ``me``, asked: see ``phases.is_idle``.
    One in another clone may write by its mirror, whatever is seen of it here."""
    lease, after = raw["lease"], raw["policy"].get("idle_after", 0)
    if lease and is_elsewhere(raw):
        return False
    asks = [a for a in raw.get("asks", ()) if me in (None, a["agent_id"])] if lease else []
    return any(phases.is_idle(now, lease["renewed_at"], a["asked_at"], after) for a in asks)


def lost(standing: "Standing", me: "str | None") -> bool:
    """Tell whether the stick may be taken from a holder that nothing proves to be gone, by ``me``."""
    if standing.keeper == me:
        return False
    idle = standing.phase == phases.OWNER_IDLE and me is not None
    return standing.phase == phases.STALE_OWNER or (
        idle and in_vain(standing.raw, standing.now, me)
    )


def idle(standing: "Standing") -> str:
    """Say since when an idle holder has done nothing."""
    return f", and did nothing for {age(standing.now - standing.lease['renewed_at'])} while asked"
