"""The words of the gate's refusals. Loaded only when something is refused.

A refusal names holder, since when, alive or not, why, and the cooperative next step.
"""

from stickhooks.errors import Refusal
from stickhooks.fast.os import os
from stickhooks.gate import decision
from stickhooks.gate.describe import Standing
from stickhooks.identity.resolver import PERSON, Caller
from stickhooks.protocol import phases
from stickhooks.store import reader
from stickhooks.text import plain, word

LINE = 149  # characters: an editor's status line
PATHS = 20  # so many are named one by one

HEADS = {
    decision.EDIT: "NOT EDITED",
    decision.SHELL: "NOT RUN",
    decision.EDITOR: "NOT SAVED",
    decision.COMMIT: "NOT COMMITTED",
    decision.REFS: "NOT DONE",
    decision.PUSH: "NOT PUSHED",
    decision.BY_HAND: "NOT ALLOWED",
}


def not_yours(
    ruling: decision.Ruling, standing: Standing, caller: Caller, kind: str
) -> decision.Ruling:
    """Refuse somebody who does not hold the stick."""
    me = ruling.agent_id
    lines = [standing.headline(me), *standing.details(me)]
    if standing.code == "free":
        lines[0] += "; take the stick before you write"
    room = ruling.shown if ruling.room or kind == decision.PUSH or _has_others(ruling) else ""
    commands = standing.next(me, person=caller.person, room=room)
    if caller.agent_id and not caller.proof:
        said = "STICK_AGENT" if caller.sighting.name == caller.agent_id else "--as"
        name = plain(caller.agent_id)
        lines.append(f"{said} says {name}, but this process is not {name}'s")
        commands = [f"stick join --as {word(caller.agent_id)}"] if caller.person else []
        commands.append("stick whoami --explain")
    elif me is None:
        lines.append(f"you ({plain(caller.name)}) have not joined")
        commands = offered(standing, caller, commands)
    if standing.phase != phases.CLOSED:
        commands += _urgent(kind, person=caller.person)
    return ruling.refuse(standing.code, lines, commands)


def offered(standing: Standing, caller: Caller, commands: "list[str]") -> "list[str]":
    """Return the commands for somebody whom nothing shows to be a member, with those that may do so.

    Where the keeper is a person, that may be who asks: in a new terminal, or by a program
    without one. Such a program can be made known only by an act, so that comes first.
    """
    from stickhooks.identity import programs

    keeper = standing.member(standing.keeper)
    person = keeper if keeper and keeper["session_kind"] == PERSON else None
    if not caller.person or standing.phase == phases.CLOSED:
        return commands
    steps = programs.steps(person["agent_id"] if person else caller.name, caller)
    if len(steps) > 1:
        return [*steps, *commands]
    return [*commands[:1], *steps, *commands[1:]] if person else commands


def _has_others(ruling: decision.Ruling) -> bool:
    """Tell whether the caller's shell may stand in another room than the one that refuses."""
    survey = reader.Survey(ruling.workspace.root, ruling.workspace.git_dir)
    survey.close()
    return len(survey.rooms) > 1


def unreadable(
    ruling: decision.Ruling, refusal: Refusal, kind: str, *, person: bool
) -> decision.Ruling:
    """Refuse because the state cannot be used, with the command that mends it."""
    commands = refusal.next + _urgent(kind, person=person)
    return ruling.refuse(refusal.code, [plain(refusal.message)], commands)


def on_another_side(
    ruling: decision.Ruling, refusal: Refusal, standing: Standing, caller: Caller, kind: str
) -> decision.Ruling:
    """Refuse because locks taken here are not seen where the room belongs, with who has it there."""
    from stickhooks.store import sides

    ruling.standing, me = standing, ruling.agent_id
    lines = [plain(refusal.message), standing.headline(me)]
    commands = sides.steps(standing.keeper, me) + _urgent(kind, person=caller.person)
    return ruling.refuse(refusal.code, lines, commands)


def not_by_tools(ruling: decision.Ruling, path: str) -> decision.Ruling:
    told = f"{plain(path)} belongs to stickhooks or to git: no edit tool may change it"
    return ruling.refuse("held", [told], ["stick status"])


def not_begun(ruling: decision.Ruling) -> decision.Ruling:
    told = f"{plain(ruling.shown)} has a room that nobody has joined yet"
    return ruling.refuse("free", [told], ["stick join && stick take"])


def foreign(folder: str) -> str:
    return (
        f"stick: {plain(folder)} was copied from another checkout and is ignored here;"
        " `stick init` starts a room of your own"
    )


def tell_part(verdict: decision.Verdict, env: "dict[str, str]") -> None:
    """Where a commit mixes rooms, print first the commit of the part that would pass.

    It names what is staged, path by path: a folder would sweep in what nobody staged. In a
    merge git commits no part at all.
    """
    refused = verdict.refusals[0]
    refused.lines.append("the commit touches more than the rooms you hold")
    git_dir = refused.workspace.git_dir
    if git_dir is None or os.path.exists(os.path.join(git_dir, "MERGE_HEAD")):
        return
    if len(verdict.passed) <= PATHS:
        top = ":/" if env.get("GIT_PREFIX") else ""
        command = "git commit -- " + " ".join(word(f"{top}{path}") for path in verdict.passed)
    else:
        others = " ".join(word(f":(top,exclude){r.room}") for r in verdict.refusals if r.room)
        mine = " ".join(word(f":/{r.room}") for r in verdict.allowed) or ":/"
        command = (
            f"git diff --cached --name-only --no-renames -z -- {mine} {others} |"
            " git commit --pathspec-from-file=- --pathspec-file-nul -m …"
        )
    refused.lines[-1] += "; your part alone passes"
    refused.next.insert(0, command)


def text(verdict: decision.Verdict, kind: str) -> str:
    """Return a refusal for people and agents, the most important words first."""
    refused = verdict.refusals[0]
    first, *more = refused.lines
    told = [f"stick: {HEADS[kind]}  {plain(first)}", *(f"       {plain(line)}" for line in more)]
    for i, command in enumerate(refused.next):
        label = "urgent:" if decision.BYPASS_VARIABLE in command else "or:" if i else "next:"
        told.append(f"       {label:<8} {plain(command)}")
    return "\n".join(told)


def line(verdict: decision.Verdict, kind: str, *, head: str = "", urgent: str = "") -> str:
    """Return a refusal in one line of under 150 characters, for an editor's status line.

    ``urgent`` is how to go past the gate, for people only.
    """
    refused = verdict.refusals[0]
    steps = [f"next: {plain(refused.next[0], 50)}"] if refused.next else []
    steps += [f"urgent: {plain(urgent, 50)}"] if urgent else []
    follow = f" ({'; '.join(steps)})" if steps else ""
    told = f"stick: {head or HEADS[kind]}  {refused.lines[0]}"
    return plain(told, LINE - len(follow)) + follow


def _urgent(kind: str, *, person: bool) -> "list[str]":
    """A person may go past the gate, on the record. An agent is not told of it."""
    if person and kind in (decision.COMMIT, decision.REFS):
        verb = "commit " if kind == decision.COMMIT else ""
        return [f'{decision.BYPASS_VARIABLE}="why" git {verb}…   (recorded)']
    return []
