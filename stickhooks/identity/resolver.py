"""Who is asking. One resolver for the command line and for every hook. Imported by the gate.

A name alone selects, it never proves. What proves is a client session, a process among
the caller's ancestors, or the lease id. A person outside every client session is believed
when they say their name as an act (``--as``), never by a variable that happens to be set.
"""

from stickhooks.clients import CLIENTS, Client
from stickhooks.fast.os import os
from stickhooks.protocol import phases
from stickhooks.system import processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

NAME_VARIABLE = "STICK_AGENT"
LEASE_VARIABLE = "STICK_LEASE"
RANDOM_ID = 16  # characters
NAMED_BY = 8  # letters and digits of a session's id
INTERPRETERS = ("node", "bun", "deno", "MainThread")

Key = tuple[object, ...]  # machine, boot, pid namespace, pid, start
#: the client, its process where that is an ancestor, ``short:id``, and whether it is surely above us
ClientSession = tuple["Client | None", "processes.Seen | None", str, bool]
#: a member or None, how that is shown in words, and whether its session or process is to be written down
Shown = tuple["str | None", str, bool]


class Sighting:
    """What can be seen of a caller: its place, ancestors, client session, and what it claims.

    ``client`` is that of the session; ``client_process`` the client's process where it is an
    ancestor. ``inside_client`` is True also when a client is above us but its
    session is not known. ``own`` is the caller itself: a shell becomes its last command
    (``bash -c 'stick join; stick whoami'``), so that what it was bound as is not above it.
    ``below`` is the agent below the session's own one that asks, where a payload names it.
    ``life`` says of the key of a process whether it lives, and its parent's pid; None: look.
    """

    __slots__ = (
        "ancestors", "below", "client", "client_process", "inside_client", "leader", "lease", "life", "name",
        "own", "place", "session",
    )  # fmt: skip

    def __init__(
        self,
        ancestors: "list[processes.Seen]",
        session: "ClientSession",
        leader: "processes.Seen | None" = None,
        name: str = "",
        lease: str = "",
    ) -> None:
        self.place = processes.where()
        self.own = processes.see(os.getpid())
        self.ancestors = ancestors
        self.leader = leader
        self.client, self.client_process, self.session, self.inside_client = session
        self.name = name
        self.lease = lease
        self.below = ""
        self.life: Callable[[Key], tuple[str, int]] | None = None

    def key(self, seen: "processes.Seen") -> Key:
        return (*self.place, seen.pid, seen.start)


def look(
    env: "dict[str, str]", payload: "tuple[Client, str] | tuple[Client, str, str] | None" = None
) -> Sighting:
    """Look at the caller. ``payload`` is what a hook was sent: client, session id, and an agent ``below``."""
    ancestors = processes.ancestors()
    if payload:
        client, process = _labelled(payload[0], env, ancestors)
        session: ClientSession = client, process, f"{client.short}:{payload[1]}", True
    else:
        session = _session_around(env, ancestors)
    inside = session[3]
    leader = None if inside else processes.session_leader(ancestors)
    name, lease = (env.get(variable, "").strip() for variable in (NAME_VARIABLE, LEASE_VARIABLE))
    sighting = Sighting(ancestors, session, leader, name, lease)
    sighting.below = payload[2] if payload and len(payload) > 2 else ""
    return sighting


def _labelled(
    client: Client, env: "dict[str, str]", ancestors: "list[processes.Seen]"
) -> "tuple[Client, processes.Seen | None]":
    """Return the client of a hook that was entered for ``client``: another may have run the entry.

    If another client stands between the hook and the one that it is labelled with, it was that.
    """
    asked, copilot = client, CLIENTS["copilot"]
    nearest = _client_process(client, env, ancestors, sure=True)
    if nearest is None and client.name == "claude-code" and any(map(env.get, copilot.marks)):
        client, nearest = copilot, _client_process(copilot, env, ancestors)  # it runs its entries
    if nearest is None:
        return asked, None
    for other in CLIENTS.values():
        if other is asked or other.app:
            continue
        process = _client_process(other, env, ancestors[: ancestors.index(nearest)])
        if process is not None:
            client, nearest = other, process
    return client, nearest


def _session_around(env: "dict[str, str]", ancestors: "list[processes.Seen]") -> "ClientSession":
    """Return the client session we are in: that of the nearest client above us.

    A session variable without its client among our ancestors may have been handed on by a
    terminal multiplexer; it is kept as a claim that only another pid namespace can excuse.
    """
    nearest = len(ancestors)
    found: ClientSession = None, None, "", False
    for client in CLIENTS.values():
        session = client.session_in(env)
        if client.app and not client.told_by(env):
            continue
        process = _client_process(client, env, ancestors)
        name = f"{client.short}:{session}" if session else ""
        if process is not None:
            distance = ancestors.index(process)
            if distance < nearest:
                nearest = distance
                found = client, process, name, True
        elif session and not found[3]:
            found = client, None, name, False
    return found


def _client_process(
    client: Client,
    env: "dict[str, str]",
    ancestors: "list[processes.Seen]",
    sure: bool = False,
) -> "processes.Seen | None":
    """Return the client's process among the ancestors: the nearest, of a desktop program the first.

    Helpers of the same name right below it are part of it, and the processes of a desktop
    program share only the first. A script shows the name of its interpreter, so where it is
    ``sure``, or the environment says, that the client is about, what interpreters run is looked at.
    A variable that names pid 1 tells nothing: that one is above everybody.
    """
    pid = env.get(client.pid, "") if client.pid else ""
    known = [a for a in ancestors if str(a.pid) == pid and a.pid != 1]
    found = [a for a in ancestors if a in known or a.name in client.processes]
    if not found:
        told = sure or client.told_by(env)  # or it was exec'd in a terminal's own shell
        scripts = (
            a for a in ancestors if a.name.startswith(INTERPRETERS) and (told or a.pid == a.session)
        )
        found = [a for a in scripts if client.processes & processes.words_of(a.pid)]
    if not found or client.app:
        return found[-1] if found else None
    for seen, above in zip(found, [*found[1:], None], strict=True):
        if str(seen.pid) == pid or above is None or seen.parent != above.pid:
            return seen
    return found[-1]


class Binding:
    """By what one member is known: client sessions, and processes as keys.

    ``person`` is True where they were recorded outside every client: then the processes prove
    nothing inside one, for a client may have been exec'd in a person's shell (same pid and start).
    ``dead`` are those of the processes that somebody proved dead.
    """

    __slots__ = ("agent_id", "dead", "person", "processes", "sessions")

    def __init__(
        self,
        agent_id: str,
        sessions: "list[str]",
        processes: "list[Key]",
        person: bool = False,
        dead: "tuple[Key, ...]" = (),
    ) -> None:
        self.agent_id = agent_id
        self.sessions = sessions
        self.processes = processes
        self.person = person
        self.dead = dead


class Caller:
    """Who asks. ``agent_id`` is a member or None; ``proof`` says in words how that is proven, or ``""``.

    ``name`` is what the caller would be called if it joined. ``session`` is its client session
    as far as it is believed. ``succeeds`` is True when that is a new session of a bound process, or
    comes from another process than the one that ended: to be written down. ``person`` is False
    inside a client.
    """

    __slots__ = (
        "agent_id", "evidence", "name", "person", "proof", "session", "sighting", "succeeds",
    )  # fmt: skip

    def __init__(
        self,
        sighting: Sighting,
        session: str,
        name: str,
        agent_id: "str | None",
        proof: str,
        succeeds: bool,
        evidence: "list[str]",
    ) -> None:
        self.sighting = sighting
        self.session = session
        self.person = is_person(sighting, session)
        self.name = name
        self.agent_id = agent_id
        self.proof = proof
        self.succeeds = succeeds
        self.evidence = evidence


def is_person(sighting: Sighting, session: str) -> bool:
    return not (sighting.inside_client or session)


def resolve(
    sighting: Sighting,
    bindings: "list[Binding]",
    lease: "tuple[str, str] | None" = None,
    said: str = "",
) -> Caller:
    """Return who asks: by ``said`` (``--as``), session, ancestors, terminal, in that order.

    ``lease`` is the holder and lease id of the room, for a caller that brings the lease id.
    """
    session = _believed_session(sighting, bindings)
    shown = shown_by(sighting, session, bindings) or (None, _why_nobody(sighting, session), False)
    evidence = [shown[1]]
    if lease and sighting.lease and sighting.lease == lease[1]:
        shown = lease[0], f"{LEASE_VARIABLE} is the lease id of {lease[0]}", False
        evidence.append(shown[1])  # the lease speaks for its holder, the session for nobody
    agent, proof, succeeds = shown
    wanted = said or sighting.name
    if not wanted:
        name = agent or newcomer(sighting, session, [b.agent_id for b in bindings])
        return Caller(sighting, session, name, agent, proof if agent else "", succeeds, evidence)
    evidence.append(f"named {wanted} by {'--as' if said else NAME_VARIABLE}")
    if agent != wanted:
        proof = ""
        if said and is_person(sighting, session):
            proof = "a person said so by --as"
        else:
            succeeds = False
            evidence.append(f"nothing proves that the caller is {wanted}")
    member = wanted if any(wanted == binding.agent_id for binding in bindings) else None
    return Caller(sighting, session, wanted, member, proof, succeeds, evidence)


def _believed_session(sighting: Sighting, bindings: "list[Binding]") -> str:
    """Return the caller's client session, ``""`` where it has none that can be believed.

    A variable without its client above us is believed only in another pid namespace than
    the bound process's, where ancestors say nothing.
    """
    if sighting.inside_client or not sighting.session:
        return sighting.session
    pidns = sighting.place[2]
    bound = [key for b in bindings if sighting.session in b.sessions for key in b.processes]
    if bound:
        elsewhere = any(key[2] != pidns for key in bound)
    else:
        known = {key for b in bindings for key in b.processes}
        spoken = any(sighting.key(seen) in known for seen in sighting.ancestors)
        elsewhere = processes.LINUX and pidns != processes.INITIAL_PIDNS and not spoken
    return sighting.session if elsewhere else ""


def shown_by(sighting: Sighting, session: str, bindings: "list[Binding]") -> "Shown | None":
    """Return the member whom the evidence shows, the evidence, and whether it succeeds as a session."""
    if not is_person(sighting, session):
        return _shown_in_client(sighting, session, bindings)
    by_process = by_process_of(bindings)
    found = _shown_by_process(sighting, by_process, sighting.ancestors)
    leader = sighting.leader
    if found is None and leader and (agent := by_process.get(sighting.key(leader))):
        return agent, f"the terminal's process {leader.pid} ({leader.name}) is {agent}'s", False
    return found


def by_process_of(bindings: "list[Binding]") -> "dict[Key, str]":
    """Return whose each process is. One that was not recorded exactly proves nothing."""
    return {key: b.agent_id for b in bindings for key in b.processes if key[4] is not None}


def _shown_in_client(sighting: Sighting, session: str, bindings: "list[Binding]") -> "Shown | None":
    """Return the member of the session: where several processes have it, that of this process."""
    process, apart = sighting.client_process, None
    if known := with_session(bindings, session):
        mine = [b for b in known if process is None or sighting.key(process) in b.processes]
        if mine:
            agent = mine[0].agent_id
            return agent, f"client session {session} is {agent}'s", False
        from stickhooks.identity import resumed

        apart = resumed.shown(sighting, session, known)
        if apart[0]:
            return apart
    if process is None:
        return None
    below = sighting.ancestors[: sighting.ancestors.index(process) + 1]
    of_agents = [b for b in bindings if not b.person]
    by_process = by_process_of(of_agents)
    alone = by_process_of([b for b in of_agents if not b.sessions])
    found = _shown_by_process(sighting, alone, below)
    member = by_process.get(sighting.key(process))
    if found is None and member and sighting.client and sighting.client.one_session:
        return member, f"a new session in {member}'s client process {process.pid}", bool(session)
    return found or apart


def with_session(bindings: "list[Binding]", session: str) -> "list[Binding]":
    """Return the members that have a session: several, where it runs in several processes."""
    some = bindings if session else []
    return [b for b in some if any(is_same_session(session, one) for one in b.sessions)]


def is_same_session(session: str, known: str) -> bool:
    """Tell whether two sessions are one. Clients run each other's hooks, and label them wrongly:

    an id that is long enough to be drawn at random is the same session under any label.
    """
    one, other = session.partition(":")[2], known.partition(":")[2]
    return session == known or (one == other and len(one) >= RANDOM_ID)


def _shown_by_process(
    sighting: Sighting, by_process: "dict[Key, str]", ancestors: "list[processes.Seen]"
) -> "Shown | None":
    own = sighting.own
    if own is not None and (agent := by_process.get(sighting.key(own))):
        return agent, f"the caller's own process {own.pid} is {agent}'s", False
    for seen in ancestors:
        if member := by_process.get(sighting.key(seen)):
            told = f"the process {seen.pid} ({seen.name}) above the caller is {member}'s"
            return member, told, False
    return None


def _why_nobody(sighting: Sighting, session: str) -> str:
    if session:
        return f"no member has the client session {session}"
    if sighting.inside_client:
        return "the caller runs inside a client whose session is not known"
    if not sighting.ancestors:
        return "the caller's ancestors cannot be seen"
    return "no process above the caller is a member's"


def newcomer(sighting: Sighting, session: str, taken: "Iterable[str]") -> str:
    """Return the name for somebody whom nobody named: client and session, or the login name.

    Of a session the end: many ids begin with the time. An agent gets a digit more where a name is taken.
    """
    if session:
        client, _, number = session.partition(":")
        end = "".join(one for one in number if one.isalnum())[-NAMED_BY:]
        return _free(f"{client}:{end or 'session'}", taken)
    if sighting.inside_client and sighting.client and sighting.client_process:
        return _free(f"{sighting.client.short}:{sighting.client_process.pid}", taken)
    from stickhooks.system import users

    return users.login_name()


def _free(name: str, taken: "Iterable[str]") -> str:
    known = {one.casefold() for one in taken}  # names that differ by case are alike
    number, free = 1, name
    while free.casefold() in known:
        number += 1
        free = f"{name}-{number}"
    return free


def caller_in(raw, sighting: Sighting, said: str = "") -> Caller:  # type: ignore[no-untyped-def]
    """Return who asks, by the bindings and the lease of a parsed state."""
    lease = (raw["lease"]["holder"], raw["lease"]["lease_id"]) if raw["lease"] else None
    return resolve(sighting, bindings_of(raw["members"]), lease, said)


def bindings_of(members: "list[dict]") -> "list[Binding]":  # type: ignore[type-arg]
    """Return the bindings of members as they stand in a parsed state."""
    found = []
    for m in members:
        known = [p for p in (m["process"], *m["beside"]) if p]
        keys, dead = [*map(_key, known)], tuple(_key(p) for p in known if p["dead"])
        person = m["session_kind"] == phases.PERSON
        found.append(Binding(m["agent_id"], m["sessions"], keys, person, dead))
    return found


def _key(process: "dict[str, object]") -> Key:
    return tuple(process[name] for name in ("machine", "boot", "pidns", "pid", "start"))
