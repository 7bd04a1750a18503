"""What the gate allowed to one git process, so that its later hooks need not ask again.

One commit runs up to seven hooks. The first that asks the gate leaves a note in the git dir:
which process asked, and the first line of the room's state as it was read. The others
compare both in ``sh``. A turn that was taken since, anything else that was written in the
room, or a room carved out of it makes the note void; so does another process that got the
same pid, where ``/proc`` shows when it started.

The note also names that process's parent, a person's shell say. What the same parent asks
next, in the same session and with no variable set that could name somebody else, is the same
member's, until the lease is due to be renewed: that too is told in ``sh``. Of an agent, whose
shells are new each time, it names the client and what that says in the environment.

A git process may be a member of its own: ``sh -c 'stick join --as bot; git commit'`` becomes its
last command. What such a one was allowed is no word about its parent; and a git that began
before the note, and may have joined then, asks the gate.
"""

# bundle: git
from stickhooks.clients import CLIENTS
from stickhooks.fast.os import os
from stickhooks.gate import decision
from stickhooks.identity import resolver
from stickhooks.protocol import phases
from stickhooks.store import layout, reader
from stickhooks.system import clock, processes
from stickhooks.system.folder import Folder
from stickhooks.workspace import paths

SEPARATOR = "|"
TICK_MS = 10  # what the start of a process is counted in by ``/proc``, on every Linux of today
OURS = (resolver.NAME_VARIABLE, resolver.LEASE_VARIABLE, decision.BYPASS_VARIABLE)


def leave(verdict: decision.Verdict, git_pid: str, env: "dict[str, str]") -> None:
    """Note that a git process may write all of a workspace: only one whole room can say so.

    Where something had to be written down first, the next hook asks again. A note that
    cannot be written is done without.
    """
    ruling = verdict.allowed[0] if len(verdict.allowed) == 1 else None
    if ruling is not None and ruling.raw is not None and not (ruling.room or ruling.wrote):
        if "mirror" in ruling.raw:
            return  # it closes by itself, and the state's first line does not tell
        head = reader.first_line(ruling.raw)
        whom = _whom(ruling, git_pid, env)
        up = _uptime() if whom else 0
        until = _renewal_at(ruling.raw, up)
        _note(ruling.workspace.git_dir, git_pid, head, until, whom, _told(env), up // TICK_MS)


def marks() -> "list[str]":
    """Return the variables that may say another name than the processes above do, or a reason."""
    of_clients = {
        name for c in CLIENTS.values() for name in (*c.sessions, *c.marks, c.pid) if name
    }  # fmt: skip
    ours = set(OURS)
    return sorted(of_clients | ours)


def _uptime() -> int:
    """Return what ``/proc/uptime`` says, in milliseconds; 0 where there is none."""
    try:
        with open("/proc/uptime", "rb", buffering=0) as file:
            return int(float(file.read(64).split()[0]) * 1000)
    except (OSError, ValueError, IndexError):
        return 0


def _renewal_at(raw: "dict[str, object]", up: int) -> int:
    """Return when the lease is due to be renewed, in seconds of ``/proc/uptime``; 0 where that is not known.

    ``sh`` will read that clock, and in some containers it began when they did.
    """
    wall, monotonic, boot = clock.read()
    lease, set_, policy = raw["lease"], raw["clock"], raw["policy"]
    if not up or not lease or not boot or set_["boot"] != boot:  # type: ignore[index]
        return 0
    now = phases.room_time(wall, monotonic, boot, boot, set_["offset"])  # type: ignore[index]
    ttl = policy["owner_lease_ttl"]  # type: ignore[index]
    idle = policy.get("idle_after", 0) if "asks" in raw else 0  # type: ignore[attr-defined]
    due = phases.renewal_at(lease["expires_at"], ttl, idle)  # type: ignore[index]
    return max(0, (up + due - now) // 1000)


def refuse(git_dir: "str | None", git_pid: str, hook: str) -> None:
    """Note a refusal where the same hook stands in git's configuration as well: once is enough."""
    if git_dir is None:
        return
    twins = os.path.join(paths.common_dir_of(git_dir), layout.GIT_FOLDER, layout.HOOKS)
    if os.path.isdir(twins):
        _note(git_dir, git_pid, f"refused {hook}", 0, "", "", 0)


def _whom(ruling: decision.Ruling, git_pid: str, env: "dict[str, str]") -> str:
    """Return by what the caller can be known again in ``sh``, ``""`` where it cannot."""
    caller = ruling.caller
    above = caller.sighting.ancestors if caller else []
    upto = next((i for i, seen in enumerate(above, 1) if str(seen.pid) == git_pid), len(above))
    if caller is None or upto == len(above):
        return ""
    bindings = resolver.bindings_of(ruling.raw["members"])  # type: ignore[index, arg-type]
    if not any(env.get(name) for name in marks()):
        return _by_parent(caller, above[upto - 1], above[upto], bindings)
    client = caller.sighting.client_process
    known = resolver.with_session(bindings, caller.session)
    if client is None or not any(caller.sighting.key(client) in b.processes for b in known):
        return ""
    if any(env.get(name) for name in OURS) or not (_is_plain(env) and _is_word(client.name)):
        return ""
    return f"client:{client.pid}:{client.start}:{client.name}"


def _by_parent(
    caller: resolver.Caller,
    git: "processes.Seen",
    parent: "processes.Seen",
    bindings: "list[resolver.Binding]",
) -> str:
    bound, sighting = resolver.by_process_of(bindings), caller.sighting
    below = sighting.ancestors[: sighting.ancestors.index(parent)]
    own = [sighting.own] if sighting.own else []
    if any(sighting.key(one) in bound for one in [*own, *below]) or not _is_word(parent.name):
        return ""
    return f"{parent.pid}:{git.session}:{parent.start}:{parent.name}"


def _is_word(name: str) -> bool:
    """Tell whether ``sh`` reads a name as one word, and as we do."""
    return name.isascii() and name.isprintable() and not set(name) & set(" \\()")


def _is_plain(env: "dict[str, str]") -> bool:
    """Tell whether no other environment is told by the same words."""
    told = _told(env)
    return told.isprintable() and told.count(SEPARATOR) == len(marks()) - 1


def _told(env: "dict[str, str]") -> str:
    return SEPARATOR.join(env.get(name, "") for name in marks())


def _note(
    git_dir: "str | None", git_pid: str, what: str, until: int, whom: str, told: str, since: int
) -> None:
    seen = processes.see(int(git_pid)) if git_pid.isdigit() else None
    if seen is None or git_dir is None:
        return
    try:
        with Folder.open(os.path.join(git_dir, layout.GIT_FOLDER)) as folder:
            line = f"{git_pid} {seen.start} {whom or '-'} {until} {what}\n{told}\n{since}\n"
            folder.write(layout.PASS, line.encode("utf-8", "surrogateescape"))
    except OSError:
        return
