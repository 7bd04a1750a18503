"""Who is asking. One resolver for the command line and for every hook. Imported by the gate.

A name alone selects, it never proves. What proves is a client session, a process among
the caller's ancestors, or the lease id. A person outside every client session is believed
when they say their name as an act (``--as``), never by a variable that happens to be set.
"""

from stickhooks.clients import CLIENTS, Client
from stickhooks.fast.os import os
from stickhooks.system import processes

NAME_VARIABLE = "STICK_AGENT"
LEASE_VARIABLE = "STICK_LEASE"
PERSON = "human_cli"  # the kind of a session outside every client
RANDOM_ID = 16  # characters
INTERPRETERS = ("node", "bun", "deno", "MainThread")

#: machine, boot, pid namespace, pid, start
Key = tuple[object, ...]


class Sighting:
    """What can be seen of a caller: its place, ancestors, client session, and what it claims.

    ``client`` is that of the session; ``client_process`` the client's process where it is an
    ancestor. ``inside_client`` is True also when a client is above us but its
    session is not known. ``own`` is the caller itself: a shell becomes its last command
    (``bash -c 'stick join; stick whoami'``), so that what it was bound as is not above it.
    """

    __slots__ = (
        "ancestors",
        "client",
        "client_process",
        "inside_client",
        "leader",
        "lease",
        "name",
        "own",
        "place",
        "session",
        "sure",
    )

    def __init__(self) -> None:
        self.place = processes.where()
        self.own = processes.see(os.getpid())
        self.ancestors = processes.ancestors()
        self.leader: processes.Seen | None = None
        self.client: Client | None = None
        self.client_process: processes.Seen | None = None
        self.session = ""
        self.sure = False
        self.inside_client = False
        self.name = ""
        self.lease = ""

    def key(self, seen: "processes.Seen") -> Key:
        return (*self.place, seen.pid, seen.start)


def look(env: "dict[str, str]", payload: "tuple[Client, str] | None" = None) -> Sighting:
    """Look at the caller. ``payload`` is the client and the session id that a hook was sent."""
    sighting = Sighting()
    sighting.name = env.get(NAME_VARIABLE, "").strip()
    sighting.lease = env.get(LEASE_VARIABLE, "").strip()
    if payload:
        client, session = payload
        _find_labelled(sighting, client, env)
        sighting.session = f"{sighting.client.short}:{session}"  # type: ignore[union-attr]
        sighting.inside_client = sighting.sure = True
        return sighting
    _find_session(sighting, env)
    if not sighting.inside_client:
        sighting.leader = processes.session_leader(sighting.ancestors)
    return sighting


def _find_labelled(sighting: Sighting, client: Client, env: "dict[str, str]") -> None:
    """Find the client of a hook that was entered for ``client``: another may have run the entry.

    If another client stands between the hook and the one that it is labelled with, it was that.
    """
    sighting.client = client
    sighting.client_process = _client_process(client, env, sighting.ancestors, sure=True)
    if sighting.client_process is None:
        return
    distance = sighting.ancestors.index(sighting.client_process)
    for other in CLIENTS.values():
        if other is client or other.app:
            continue
        process = _client_process(other, env, sighting.ancestors[:distance])
        if process is not None:
            sighting.client, sighting.client_process = other, process
            distance = sighting.ancestors.index(process)


def _find_session(sighting: Sighting, env: "dict[str, str]") -> None:
    """Find the client session we are in: that of the nearest client above us.

    A session variable without its client among our ancestors may have been handed on by a
    terminal multiplexer; it is kept as a claim that only another pid namespace can excuse.
    """
    nearest = len(sighting.ancestors)
    for client in CLIENTS.values():
        session = client.session_in(env)
        if client.app and not client.told_by(env):
            continue
        process = _client_process(client, env, sighting.ancestors)
        if process is not None:
            distance = sighting.ancestors.index(process)
            if distance < nearest:
                nearest = distance
                sighting.client, sighting.client_process = client, process
                sighting.session = f"{client.short}:{session}" if session else ""
                sighting.inside_client = sighting.sure = True
        elif session and not sighting.inside_client:
            sighting.client = client
            sighting.session = f"{client.short}:{session}"


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
    """

    __slots__ = ("agent_id", "person", "processes", "sessions")

    def __init__(
        self, agent_id: str, sessions: "list[str]", processes: "list[Key]", person: bool = False
    ) -> None:
        self.agent_id = agent_id
        self.sessions = sessions
        self.processes = processes
        self.person = person


class Caller:
    """Who asks. ``agent_id`` is a member or None; ``proof`` says in words how that is proven, or ``""``.

    ``name`` is what the caller would be called if it joined. ``session`` is its client session
    as far as it is believed. ``succeeds`` is True when that is a new session of a bound process,
    to be written down. ``person`` is False inside a client.
    """

    __slots__ = (
        "agent_id", "evidence", "name", "person", "proof", "session", "sighting", "succeeds",
    )  # fmt: skip

    def __init__(self, sighting: Sighting, session: str) -> None:
        self.sighting = sighting
        self.session = session
        self.agent_id: str | None = None
        self.name = ""
        self.proof = ""
        self.person = not (sighting.inside_client or session)
        self.succeeds = False
        self.evidence: list[str] = []


def resolve(
    sighting: Sighting,
    bindings: "list[Binding]",
    lease: "tuple[str, str] | None" = None,
    said: str = "",
) -> Caller:
    """Say who asks: by ``said`` (``--as``), session, ancestors, terminal, in that order.

    ``lease`` is the holder and lease id of the room, for a caller that brings the lease id.
    """
    caller = Caller(sighting, _believed_session(sighting, bindings))
    members = {binding.agent_id for binding in bindings}
    shown = _shown(caller, bindings)
    if lease and sighting.lease and sighting.lease == lease[1]:
        shown = lease[0], f"{LEASE_VARIABLE} is the lease id of {lease[0]}"
        caller.evidence.append(shown[1])
        caller.succeeds = False  # the lease speaks for its holder, the session for nobody
    wanted = said or sighting.name
    caller.name = wanted or (shown[0] if shown else default_name(caller))
    if not wanted:
        if shown:
            caller.agent_id, caller.proof = shown
        return caller
    caller.evidence.append(f"named {wanted} by {'--as' if said else NAME_VARIABLE}")
    caller.agent_id = wanted if wanted in members else None
    if shown and shown[0] == wanted:
        caller.proof = shown[1]
    elif said and caller.person:
        caller.proof = "a person said so by --as"
    else:
        caller.succeeds = False
        caller.evidence.append(f"nothing proves that the caller is {wanted}")
    return caller


def _believed_session(sighting: Sighting, bindings: "list[Binding]") -> str:
    """Return the caller's client session, ``""`` where it has none that can be believed.

    A variable without its client above us is believed only in another pid namespace than
    the bound process's, where ancestors say nothing.
    """
    if sighting.sure or not sighting.session:
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


def _shown(caller: Caller, bindings: "list[Binding]") -> "tuple[str, str] | None":
    """Return the member whom the evidence shows, and the evidence."""
    sighting = caller.sighting
    if not caller.person:
        found = _shown_in_client(caller, bindings)
    else:
        by_process = by_process_of(bindings)
        found = _shown_by_process(sighting, by_process, sighting.ancestors)
        leader = sighting.leader
        if found is None and leader is not None and sighting.key(leader) in by_process:
            agent = by_process[sighting.key(leader)]
            found = agent, f"the terminal's process {leader.pid} ({leader.name}) is {agent}'s"
    caller.evidence.append(found[1] if found else _why_nobody(caller))
    return found


def by_process_of(bindings: "list[Binding]") -> "dict[Key, str]":
    """Return whose each process is. One that was not recorded exactly proves nothing."""
    return {key: b.agent_id for b in bindings for key in b.processes if key[4] is not None}


def _shown_in_client(caller: Caller, bindings: "list[Binding]") -> "tuple[str, str] | None":
    sighting, session = caller.sighting, caller.session
    for binding in bindings:
        if session and any(is_same_session(session, known) for known in binding.sessions):
            return binding.agent_id, f"client session {session} is {binding.agent_id}'s"
    process = sighting.client_process
    if process is None:
        return None
    below = sighting.ancestors[: sighting.ancestors.index(process) + 1]
    of_agents = [b for b in bindings if not b.person]
    by_process = by_process_of(of_agents)
    found = _shown_by_process(
        sighting, by_process_of([b for b in of_agents if not b.sessions]), below
    )
    agent = by_process.get(sighting.key(process))
    if found is None and agent and sighting.client and sighting.client.one_session:
        caller.succeeds = bool(session)
        return agent, f"a new session in {agent}'s client process {process.pid}"
    return found


def is_same_session(session: str, known: str) -> bool:
    """Tell whether two sessions are one. Clients run each other's hooks, and label them wrongly:

    an id that is long enough to be drawn at random is the same session under any label.
    """
    one, other = session.partition(":")[2], known.partition(":")[2]
    return session == known or (one == other and len(one) >= RANDOM_ID)


def _shown_by_process(
    sighting: Sighting, by_process: "dict[Key, str]", ancestors: "list[processes.Seen]"
) -> "tuple[str, str] | None":
    own = sighting.own
    if own is not None and (agent := by_process.get(sighting.key(own))):
        return agent, f"the caller's own process {own.pid} is {agent}'s"
    for seen in ancestors:
        agent = by_process.get(sighting.key(seen))
        if agent:
            return agent, f"the process {seen.pid} ({seen.name}) above the caller is {agent}'s"
    return None


def _why_nobody(caller: Caller) -> str:
    if caller.session:
        return f"no member has the client session {caller.session}"
    if not caller.person:
        return "the caller runs inside a client whose session is not known"
    if not caller.sighting.ancestors:
        return "the caller's ancestors cannot be seen"
    return "no process above the caller is a member's"


def default_name(caller: Caller) -> str:
    """Return the name for somebody whom nobody named: client and session, or the login name."""
    sighting = caller.sighting
    if caller.session:
        client, _, session = caller.session.partition(":")
        return f"{client}:{session[:8]}"
    if not caller.person and sighting.client and sighting.client_process:
        return f"{sighting.client.short}:{sighting.client_process.pid}"
    return login_name()


def login_name() -> str:
    try:
        import pwd

        return pwd.getpwuid(os.geteuid()).pw_name
    except (ImportError, KeyError):
        return os.environ.get("USERNAME") or os.environ.get("USER") or "somebody"


def bindings_of(members: "list[dict]") -> "list[Binding]":  # type: ignore[type-arg]
    """Return the bindings of members as they stand in a parsed state."""
    return [
        Binding(
            m["agent_id"],
            m["sessions"],
            [_key(p) for p in (m["process"], *m["beside"]) if p],
            m["session_kind"] == PERSON,
        )
        for m in members
    ]


def _key(process: "dict[str, object]") -> Key:
    return tuple(process[name] for name in ("machine", "boot", "pidns", "pid", "start"))
