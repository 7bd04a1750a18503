"""Who is the same member is judged twice, by ``identity.resolver`` and in ``sh`` by ``hooks/allowed``.

The whole hook runs here, with a ``/proc`` of a made-up machine: what it allows without asking the
gate, the resolver must say of the same member.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from stickhooks.gate import cache, decision
from stickhooks.identity import resolver
from stickhooks.protocol import phases
from stickhooks.setup import git_hooks
from stickhooks.system import clock, processes
from stickhooks.system.processes import Seen
from stickhooks.workspace import paths
from tests.stress import sample
from tests.support.asking import Gate
from tests.support.callers import PLACE
from tests.support.shells import Shell

pytestmark = pytest.mark.skipif(not processes.LINUX, reason="reads /proc")

PID = 5_000_000  # of no real process: the largest pid of Linux is 4,194,304
EARLY, LATE = 100, 10**12  # long before the note, and after it
NAMES = ("bash", "timeout", "claude", "codex", "python3", "agent", "tmux: server")
Member = dict[str, Any]
VALUES = {
    "CLAUDECODE": ("", "1"),
    "CLAUDE_CODE_SESSION_ID": ("", "one", "two", "one|"),
    "CLAUDE_PID": ("", f"{PID + 2}", f"{PID + 3}"),
    "CODEX_SESSION_ID": ("", "one", "|one"),
    "STICK_SESSION_ID": ("", "one"),
    "STICK_AGENT": ("bo",),
}


@dataclass
class Asker:
    """A git process, the processes above it from the topmost on, and its environment."""

    git: Seen
    above: list[Seen]
    env: dict[str, str] = field(default_factory=dict)

    def caller(self, members: list[Member]) -> resolver.Caller:
        """Return who the gate says it is, asked by a hook of that git."""
        hook, gate = below(self.git, "pre-commit", 1), below(self.git, "python", 2)
        ancestors = [hook, self.git, *reversed(self.above)]
        session = resolver._session_around(self.env, ancestors)
        leaders = [one for one in ancestors if one.pid == gate.session and not session[3]]
        name = self.env.get(resolver.NAME_VARIABLE, "")
        sighting = resolver.Sighting(ancestors, session, next(iter(leaders), None), name)
        sighting.own, sighting.place = gate, PLACE
        return resolver.resolve(sighting, resolver.bindings_of(members))

    def everybody(self) -> list[Seen]:
        return [*self.above, self.git]


def below(parent: Seen, name: str, more: int = 1) -> Seen:
    return Seen(parent.pid + 1000 * more, parent.pid, parent.start, name, "S", parent.session)


def member(name: str, bound: list[Seen], sessions: list[str], person: bool) -> Member:
    places = [dict(zip(("machine", "boot", "pidns"), PLACE, strict=True)) for _ in bound]
    found = [
        {**p, "pid": b.pid, "start": b.start, "dead": False}
        for p, b in zip(places, bound, strict=True)
    ]
    return {
        "agent_id": name,
        "sessions": sessions,
        "session_kind": phases.PERSON if person else "hook",
        "process": found[0] if found else None,
        "beside": found[1:],
    }


class Machine:
    """A room, the note that the gate leaves, and the hook that reads it."""

    def __init__(self, root: Path) -> None:
        self.seen: dict[int, Seen] = {}
        self.gate = Gate(root)
        self.gate.take("ana")
        self.workspace = paths.Workspace(str(root), str(root / ".git"))
        self.proc = root / "proc"
        self.hook = root / "hook"
        text = git_hooks.hook_text("pre-commit", kept=False).replace("/proc/", f"{self.proc}/")
        lines = ["stick_python=/bin/false" if "stick_python=" in x else x for x in text.split("\n")]
        self.hook.write_text("\n".join(lines))
        self.raw = json.loads((root / ".talking-stick/room.json").read_text())
        self.raw["clock"] = {**self.raw["clock"], "boot": clock.boot_id()}

    def note(self, asker: Asker, members: list[Member]) -> None:
        """Leave what the gate leaves of a git that it allowed."""
        self.seen[asker.git.pid] = asker.git
        ruling, verdict = decision.Ruling(self.workspace, ""), decision.Verdict(decision.COMMIT)
        ruling.raw, ruling.caller = {**self.raw, "members": members}, asker.caller(members)
        verdict.allowed.append(ruling)
        cache.leave(verdict, str(asker.git.pid), asker.env)

    def allows(self, asker: Asker) -> bool:
        """Tell whether the hook allows what a git asks without asking the gate."""
        for one in asker.everybody():
            zeros = " ".join("0" * 15)
            (self.proc / str(one.pid)).mkdir(parents=True, exist_ok=True)
            (self.proc / str(one.pid) / "stat").write_text(
                f"{one.pid} ({one.name}) S {one.parent} 0 {one.session} {zeros} {one.start} 0\n"
            )
        (self.proc / "uptime").write_text(Path("/proc/uptime").read_text())
        env = {"PATH": os.defpath, "STICK_GIT": str(asker.git.pid), **asker.env}
        done = subprocess.run(
            ["sh", self.hook], cwd=self.gate.root, env=env, capture_output=True, check=False
        )
        return done.returncode == 0


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    made = Machine(tmp_path_factory.mktemp("machine"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "see", made.seen.get)
        yield made


# --- who is allowed first


def chain(*names: str) -> list[Seen]:
    """Return processes from the topmost on; all but that are of one terminal session."""
    return [
        Seen(PID + i, PID + i - 1, EARLY + i, name, "S", PID + bool(i))
        for i, name in enumerate(names)
    ]


def git_below(above: list[Seen], pid: int, start: int | None, session: int = 0) -> Seen:
    return Seen(pid, above[-1].pid, start, "git", "S", session or above[-1].session)


def first(*names: str, **env: str) -> Asker:
    above = chain(*names)
    return Asker(git_below(above, PID + 50, EARLY + 50), above, env)


IN_SHELL = first("login", "bash")
IN_CLIENT = first(
    "login", "bash", "claude", "sh", CLAUDECODE="1", CLAUDE_CODE_SESSION_ID="one", CLAUDE_PID="1"
)
TWO_SESSIONS = first(
    "login", "bash", "claude", CLAUDE_CODE_SESSION_ID="one", CODEX_SESSION_ID="|one"
)
ana = partial(member, "ana")
#: who asks first, and by what ana is known, who was allowed
FIRST: dict[str, tuple[Asker, Member]] = {
    "a shell": (IN_SHELL, ana([IN_SHELL.above[1]], [], True)),
    "the terminal's leader": (IN_SHELL, ana([IN_SHELL.above[0]], [], True)),
    "what became git": (IN_SHELL, ana([IN_SHELL.git], [], True)),
    "a session": (IN_CLIENT, ana([], ["claude:one"], False)),
    "a session and its client": (IN_CLIENT, ana([IN_CLIENT.above[2]], ["claude:one"], False)),
    "a client without a session": (IN_CLIENT, ana([IN_CLIENT.above[2]], [], False)),
    "a shell below a client": (IN_CLIENT, ana([IN_CLIENT.above[3]], [], False)),
    "a session beside another": (
        TWO_SESSIONS, ana([TWO_SESSIONS.above[2]], ["claude:one"], False)
    ),
}  # fmt: skip


# --- who asks next

Change = Callable[[Asker], Asker]


def put(i: int, **fields: object) -> Change:
    """Let one of the processes above be another now: in its program, or all but its pid."""

    def change(asker: Asker) -> Asker:
        above = list(asker.above)
        old = {name: getattr(above[i], name) for name in Seen.__slots__}
        above[i] = Seen(**{**old, **fields})
        return replace(asker, above=above)

    return change


def under(name: str, start: int) -> Change:
    """Let one more process be between the git and those above it."""

    def change(asker: Asker) -> Asker:
        last = asker.above[-1]
        above = [
            *asker.above,
            Seen(PID + 70 + len(asker.above), last.pid, start, name, "S", last.session),
        ]
        return replace(asker, above=above, git=git_below(above, asker.git.pid, asker.git.start))

    return change


def instead(name: str, start: int) -> Change:
    """Let another process be in the place of that above the git: a new shell, another program."""
    return lambda asker: under(name, start)(replace(asker, above=asker.above[:-1]))


def with_env(**env: str) -> Change:
    return lambda asker: replace(asker, env={k: v for k, v in {**asker.env, **env}.items() if v})


def with_git(start: int = LATE, session: int = 0) -> Change:
    return lambda asker: replace(asker, git=git_below(asker.above, PID + 60, start, session))


CHANGES: dict[str, Change] = {
    "nothing": lambda asker: asker,
    "an earlier git": with_git(EARLY + 40),
    "another terminal session": with_git(session=PID + 9),
    "no variables": lambda asker: replace(asker, env={}),
    **{f"{k}={v}": with_env(**{k: v}) for k, values in VALUES.items() for v in values},
    "the same words": with_env(CLAUDE_CODE_SESSION_ID="one|", CODEX_SESSION_ID="one"),
    **{f"{i} became {n}": put(i, name=n) for i in (-1, -2) for n in ("claude", "codex", "agent")},
    **{f"{i} is another": put(i, start=EARLY + 90) for i in (-1, -2)},
    **{f"under {n}, {at}": under(n, at) for n in NAMES for at in (EARLY + 60, LATE)},
    **{f"instead {n}, {at}": instead(n, at) for n in NAMES for at in (EARLY + 60, LATE)},
}  # fmt: skip
OTHER_SESSIONS = ["claude:two", "claude:one|", "codex:one", "opencode:one", "codex:|one"]


def known_otherwise(asker: Asker, ana: Member, person: bool) -> Member:
    """Return bo, whose is all that ana is not known by; who joined before the note began before it."""
    keys = {(p["pid"], p["start"]) for p in (ana["process"], *ana["beside"]) if p}
    other = [p for p in asker.everybody() if (p.pid, p.start) not in keys and p.start != LATE]
    return member("bo", other[1:], OTHER_SESSIONS, person)


def hold(machine: Machine, name: str, *changes: str) -> bool:
    """Hold what the hook allows to what the resolver says. Tell whether it allowed it."""
    asked, ana = FIRST[name]
    second = with_git()(asked)
    for change in changes:
        second = CHANGES[change](second)
    # A shell goes on as whose it was started, whatever is run above it since.
    if asked.git.parent == PID + 1 and any(change.startswith("-2") for change in changes):
        return False
    everybody = [[ana, known_otherwise(second, ana, person)] for person in (True, False)]
    machine.note(asked, everybody[0])
    if not machine.allows(second):
        return False
    for members in everybody:
        before, after = asked.caller(members), second.caller(members)
        assert (after.agent_id, after.person) == ("ana", before.person), (name, changes)
        assert after.proof
    return True


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", FIRST)
def test_what_sh_allows_is_the_same_members(machine: Machine, name: str) -> None:
    allowed = [change for change in CHANGES if hold(machine, name, change)]
    assert ("nothing" in allowed) == (name in {
        "a shell", "the terminal's leader", "a session and its client",
    })  # fmt: skip


PAIRS = [(name, *pair) for name in FIRST for pair in combinations(CHANGES, 2)]


@pytest.mark.parametrize("given", sample.some(PAIRS, "ANSWERS", 60), ids=", ".join)
def test_what_sh_allows_after_two_changes_is_the_same_members(
    machine: Machine, given: tuple[str, ...]
) -> None:
    hold(machine, *given)


# --- a real one


def test_what_a_member_was_allowed_that_became_git_is_not_its_terminals(ada: Shell) -> None:
    """The shell of ``sh -c 'stick join …; git commit'`` becomes its last command."""
    became = "stick join --as bot; stick take; exec git commit -q --allow-empty -m x"
    ada.run(f"sh -c '{became}'; git commit -q --allow-empty -m y").fails(1, "bot holds")
