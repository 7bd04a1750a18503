"""Who joins and has said no name, or one that somebody else has."""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.identity import resolver
from stickhooks.text import command, word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stickhooks.errors import Step
    from stickhooks.identity.resolver import Caller
    from stickhooks.protocol.model import Room
    from stickhooks.store.interface import Store


def rooms_of(store: Store) -> Iterator[Room]:
    """Yield the rooms of a workspace that can be read."""
    for _, found in store.every():
        if found and not isinstance(found, Refusal):
            yield found.room


def next_door(rooms: Iterable[Room], caller_in: Callable[[Room], Caller]) -> str:
    """Return the name by which the caller is known in one of the workspace's rooms, or ``""``."""
    for room in rooms:
        caller = caller_in(room)
        if caller.agent_id and caller.proof:
            return caller.agent_id
    return ""


def name(rooms: Iterable[Room], caller: Caller) -> str:
    """Return a name for a caller that no member of the workspace's rooms has."""
    known = [member.agent_id for room in rooms for member in room.members]
    return resolver.newcomer(caller.sighting, caller.session, known)


def taken(caller: Caller) -> Refusal:
    """Return the refusal for a name that nothing proves, with how to get another."""
    name = caller.agent_id or caller.name
    steps: list[Step] = [Next("join", "--as", word(name)), "unset STICK_AGENT"]
    if not caller.person:
        other = word(resolver.newcomer(caller.sighting, caller.session, [name]))
        first: Step = Next("join", "--as", other)
        if caller.sighting.name:
            first = f"env -u STICK_AGENT {command(first)}"
        steps = [first, Next("whoami", "--explain")]
    return Refusal(
        "identity_taken",
        f"{name} is a member already, and nothing proves that you are {name}",
        steps,
        agent_id=name,
    )
