"""A session from another process than the one that is recorded: the same one, or one beside it?

Clients resume a session under the id that it had. Where the recorded process is proven dead, the
session goes on in this one, and that is written down. Where it lives, two processes have one
session, and each of them is a member. What cannot be seen decides nothing: the session speaks.
Loaded only where the two differ.
"""

from stickhooks.identity import liveness, resolver
from stickhooks.identity.resolver import Binding, Key, Shown, Sighting
from stickhooks.system import processes

#: Whether a process lives, and its parent's pid.
Life = tuple[str, int]


def shown(sighting: Sighting, session: str, known: "list[Binding]") -> Shown:
    """Return whose the session is, from a client's process that no member of it is recorded by.

    ``known`` are the members that have it. None of them is the caller where all live apart.
    """
    process = sighting.client_process
    assert process is not None
    lives = [(binding, _life_of(sighting, binding)) for binding in known]
    for binding, life in lives:
        if life == liveness.GONE and (sighting.place[2] or not processes.LINUX):
            agent = binding.agent_id
            told = f"client session {session} is {agent}'s, whose process has ended"
            return agent, f"{told}: it goes on in {process.pid}", True
    for binding, life in lives:
        if life != liveness.ALIVE:
            return binding.agent_id, f"client session {session} is {binding.agent_id}'s", False
    other = known[0].agent_id
    told = f"client session {session} is {other}'s in another process, which lives"
    return None, f"{told}; this one is {process.pid}", False


def others(sighting: Sighting, session: str, bindings: "list[Binding]") -> "tuple[str, ...]":
    """Return the members that have the caller's session in another process, and so keep it,
    whatever name the caller says."""
    known = resolver.with_session(bindings, session)
    me = resolver.shown_by(sighting, session, bindings) if known else None
    return tuple(binding.agent_id for binding in known if me is None or binding.agent_id != me[0])


def _life_of(sighting: Sighting, binding: Binding) -> str:
    """Say whether a member lives in a process apart from the caller's, is gone, or that is unknown."""
    lives = [_life(sighting, binding, key) for key in binding.processes]
    if lives and all(life == liveness.GONE for life, _ in lives):
        return liveness.GONE
    alive = [
        key
        for key, (life, parent) in zip(binding.processes, lives, strict=True)
        if life == liveness.ALIVE and not _is_kin(sighting, key, parent)
    ]
    return liveness.ALIVE if alive else liveness.UNKNOWN


def _is_kin(sighting: Sighting, key: Key, parent: int) -> bool:
    """Tell whether a process is parent or child of the caller's client: a launcher and what it started."""
    process = sighting.client_process
    assert process is not None
    return parent == process.pid or (key[3] == process.parent)


def _life(sighting: Sighting, binding: Binding, key: Key) -> Life:
    if key in binding.dead:
        return liveness.GONE, 0
    return (sighting.life or look_at)(key)


class _Process:
    """A process by its key, for ``liveness.judge``."""

    __slots__ = ("boot", "dead", "machine", "pid", "pidns", "start")

    def __init__(self, key: Key) -> None:
        self.machine, self.boot, self.pidns, self.pid, self.start = key
        self.dead = False


def look_at(key: Key) -> Life:
    """Say whether a process lives, as far as can be seen from here, and its parent's pid."""
    process = _Process(key)
    life = liveness.judge(process)[0]  # type: ignore[arg-type]
    seen = processes.see(process.pid) if life == liveness.ALIVE else None  # type: ignore[arg-type]
    return life, seen.parent if seen else 0
