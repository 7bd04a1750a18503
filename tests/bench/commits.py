"""What the hooks add to a ``git commit``, beside what the cheapest hook in Python adds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from .figures import Cost, Row, interleaved, ratio
from .ground import Caller, Ground

COMMIT = ("git", "commit", "-q", "--allow-empty", "-m", "measure")


def added(ground: Ground, rounds: int) -> Iterator[Row]:
    """For a caller that is new each time, as an agent's shells are, and for one that commits again."""
    with_stick, agent = ground.held("commits")
    again, person = _held_by_a_person(ground)
    plain, cheapest = ground.repository("plain"), ground.repository("cheapest")
    hook = cheapest / ".git/hooks/pre-commit"
    hook.write_text(f'#!/bin/sh\n"{ground.python}" -I -S -c pass\n')
    hook.chmod(0o755)
    anew = ("sh", "-c", f"{' '.join(COMMIT)}; exit $?")
    acts: dict[str, Callable[[], Cost]] = {}
    for who, caller, command, repo in (
        ("new", agent, anew, with_stick), ("again", person, COMMIT, again),
    ):  # fmt: skip
        for name, place in (("plain", plain), ("cheapest", cheapest), ("stick", repo)):
            acts[f"{who} {name}"] = _act(caller, command, place)
    noted = str(with_stick / ".git/stickhooks/pass")  # that the agent was allowed
    acts["first stick"] = lambda: agent.run(*anew, cwd=str(with_stick), remove=noted)
    found = interleaved(rounds, acts)
    for who, name in (("new", "an agent's, each in a new shell"), ("again", "a person's, again")):
        yield ratio(
            f"git commit, added by the hooks / by sh -> python: {name}",
            found[f"{who} stick"], found[f"{who} cheapest"], "<=", 1.3, base=found[f"{who} plain"],
        )  # fmt: skip
    yield ratio(
        "  the first one after anything changed in the room",
        found["first stick"], found["new cheapest"], base=found["new plain"],
    )  # fmt: skip


def _act(caller: Caller, command: tuple[str, ...], place: Path) -> Callable[[], Cost]:
    return lambda: caller.run(*command, cwd=str(place))


def _held_by_a_person(ground: Ground) -> tuple[Path, Caller]:
    repo = ground.repository("again")
    person = ground.person(repo)
    for words in (("init", "--only", "git"), ("join", "--as", "ada"), ("take",)):
        person.run(ground.stick, *words)
    return repo, person
