"""``stick whoami``: as whom the caller is recognised, and by what evidence."""

from __future__ import annotations

from stickhooks.errors import Next
from stickhooks.identity import resolver
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.text import plain


def whoami(desk: Desk, *, explain: bool) -> Reply:
    """Tell as whom the caller is recognised; an unknown caller is an answer too."""
    caller = desk.caller(desk.snapshot().room if desk.store.paths() else None)
    name, kind = plain(caller.agent_id), "a person" if caller.person else "an agent"
    if caller.agent_id and caller.proof:
        lines = [f"{name} ({kind})"]
    elif caller.agent_id:
        lines = [f"not recognised: {name} is a member, but nothing proves that you are {name}"]
    else:
        lines = [f"not a member yet; `stick join` would name you {plain(caller.name)} ({kind})"]
    proof = caller.proof or None
    data: dict[str, object] = {"name": caller.name, "person": caller.person, "proof": proof}
    if explain:
        data["evidence"] = evidence = [*caller.evidence, *_seen(caller)]
        lines += [f"  - {plain(line)}" for line in evidence]
    follow = [] if caller.agent_id else [Next("join")]
    return Reply(lines, next=follow, data=data, me=caller.agent_id if caller.proof else None)


def _seen(caller: resolver.Caller) -> list[str]:
    sighting = caller.sighting
    chain = " < ".join(f"{process.pid} {process.name}" for process in sighting.ancestors[:8])
    lines = [f"processes above the caller: {chain}" if chain else "no process above can be seen"]
    if caller.session:
        lines.append(f"client session: {caller.session}")
    elif sighting.session:
        lines.append(f"not believed, for its client is not above us: {sighting.session}")
    if sighting.leader:
        lines.append(f"terminal session led by: {sighting.leader.pid} {sighting.leader.name}")
    if not sighting.place[2]:
        lines.append("the pid namespace is not known here: processes prove nothing")
    return lines
