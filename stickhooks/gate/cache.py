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
"""

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
OURS = (resolver.NAME_VARIABLE, resolver.LEASE_VARIABLE, decision.BYPASS_VARIABLE)


def leave(verdict: decision.Verdict, git_pid: str, env: "dict[str, str]") -> None:
    """Note that a git process may write all of a workspace: only one whole room can say so.

    Where something had to be written down first, the next hook asks again. A note that
    cannot be written is done without.
    """
    ruling = verdict.allowed[0] if len(verdict.allowed) == 1 else None
    if ruling is not None and ruling.raw is not None and not (ruling.room or ruling.wrote):
        head = reader.first_line(ruling.raw)
        whom = _whom(ruling.caller, git_pid, env)
        until = _renewal_at(ruling.raw) if whom else 0
        _note(ruling.workspace.git_dir, git_pid, head, until, whom, _told(env))


def marks() -> "list[str]":
    """Return the variables that may say another name than the processes above do, or a reason."""
    of_clients = {
        name for c in CLIENTS.values() for name in (*c.sessions, *c.marks, c.pid) if name
    }  # fmt: skip
    ours = set(OURS)
    return sorted(of_clients | ours)


def _renewal_at(raw: "dict[str, object]") -> int:
    """Return when the lease is due to be renewed, in seconds of ``/proc/uptime``; 0 where that is not known.

    ``sh`` will read that clock, and in some containers it began when they did.
    """
    wall, monotonic, boot = clock.read()
    lease, set_, policy = raw["lease"], raw["clock"], raw["policy"]
    if not lease or not boot or set_["boot"] != boot:  # type: ignore[index]
        return 0
    now = phases.room_time(wall, monotonic, boot, boot, set_["offset"])  # type: ignore[index]
    ttl = policy["owner_lease_ttl"]  # type: ignore[index]
    due = phases.renewal_at(lease["expires_at"], ttl)  # type: ignore[index]
    try:
        with open("/proc/uptime", "rb", buffering=0) as file:
            up = int(float(file.read(64).split()[0]) * 1000)
    except (OSError, ValueError, IndexError):
        return 0
    return max(0, (up + due - now) // 1000)


def refuse(git_dir: "str | None", git_pid: str, hook: str) -> None:
    """Note a refusal where the same hook stands in git's configuration as well: once is enough."""
    if git_dir is None:
        return
    twins = os.path.join(paths.common_dir_of(git_dir), layout.GIT_FOLDER, layout.HOOKS)
    if os.path.isdir(twins):
        _note(git_dir, git_pid, f"refused {hook}", 0, "", "")


def _whom(caller: "resolver.Caller | None", git_pid: str, env: "dict[str, str]") -> str:
    """Return by what the caller can be known again in ``sh``, ``""`` where it cannot."""
    if not any(env.get(name) for name in marks()):
        seen = processes.see(int(git_pid)) if git_pid.isdigit() else None
        parent = processes.see(seen.parent) if seen else None
        if seen is None or parent is None or not _is_word(parent.name):
            return ""
        return f"{parent.pid}:{seen.session}:{parent.start}:{parent.name}"
    client = caller.sighting.client_process if caller else None
    if client is None or caller is None or caller.succeeds or not caller.session:
        return ""
    if any(env.get(name) for name in OURS) or not _told(env).isprintable():
        return ""
    return f"client:{client.pid}:{client.start}"


def _is_word(name: str) -> bool:
    """Tell whether ``sh`` reads a name as one word, and as we do."""
    return name.isascii() and name.isprintable() and not set(name) & set(" \\()")


def _told(env: "dict[str, str]") -> str:
    return SEPARATOR.join(env.get(name, "") for name in marks())


def _note(git_dir: "str | None", git_pid: str, what: str, until: int, whom: str, told: str) -> None:
    seen = processes.see(int(git_pid)) if git_pid.isdigit() else None
    if seen is None or git_dir is None:
        return
    try:
        with Folder.open(os.path.join(git_dir, layout.GIT_FOLDER)) as folder:
            line = f"{git_pid} {seen.start} {whom or '-'} {until} {what}\n{told}\n"
            folder.write(layout.PASS, line.encode("utf-8", "surrogateescape"))
    except OSError:
        return
