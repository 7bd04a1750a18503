"""Why a write was refused, in words: holder, since when, alive or not, why, and the cooperative next step.

Loaded only when something is to be said. Where the stick is, ``gate.standing`` says.
"""

from stickhooks.errors import Next
from stickhooks.gate import asked, decision
from stickhooks.gate.standing import MAYBE_LOST, UNPROVEN, WHY, Standing
from stickhooks.identity.resolver import Caller
from stickhooks.protocol import phases
from stickhooks.text import Urgent, command, labelled, plain, word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.errors import Step

    Words = tuple[list[str], list[Step]]

LINE = 149  # characters: an editor's status line

HEADS = {
    decision.EDIT: "NOT EDITED",
    decision.SHELL: "NOT RUN",
    decision.FOREIGN: "NOT RUN",
    decision.EDITOR: "NOT SAVED",
    decision.COMMIT: "NOT COMMITTED",
    decision.REFS: "NOT DONE",
    decision.PUSH: "NOT PUSHED",
    decision.SEND: "NOT PUSHED",
    decision.BY_HAND: "NOT ALLOWED",
}


def words(verdict: decision.Verdict, ruling: decision.Ruling) -> "Words":
    """Return what is said of a refused room, line by line, and what to type, the best first."""
    lines, commands = _WORDS[ruling.ground](ruling, verdict)
    if not (ruling.alone and not ruling.room and verdict.stands == ruling.workspace.root):
        from stickhooks.gate import whereabouts

        room = whereabouts.aside(verdict, ruling)
        commands = [step.at(room) if isinstance(step, Next) else step for step in commands]
    if ruling is verdict.refusals[0]:
        if verdict.kind == decision.COMMIT and verdict.passed and ruling.ground != "not settled":
            from stickhooks.gate import mixed_commit

            line, part = mixed_commit.part(verdict)
            lines, commands = [*lines, line], [*part, *commands]
        if verdict.because:
            lines = [*lines, verdict.because]
    return lines, commands


def standing_of(ruling: decision.Ruling) -> Standing:
    """Return the room of a ruling as it stood when it was judged."""
    standing = Standing(ruling.raw, ruling.shown, ruling.now, ruling.wall)
    return standing.seen_by(ruling.agent_id)


def _not_holder(ruling: decision.Ruling, verdict: decision.Verdict) -> "Words":
    standing, caller, me = standing_of(ruling), ruling.caller, ruling.agent_id
    assert caller is not None
    lines = [standing.headline(me), *standing.details(me)]
    if ruling.code == "free":
        lines[0] += "; take the stick before you write"
    if standing.phase in MAYBE_LOST and asked.lost(standing, me) and not caller.person:
        lines.append(UNPROVEN)
    commands = standing.next(me, person=caller.person)
    if caller.agent_id and not caller.proof and standing.is_of_another_clone(caller.agent_id):
        told, commands = _of_another_clone(standing.raw, caller)
        lines.append(told)
    elif caller.agent_id and not caller.proof:
        said = "STICK_AGENT" if caller.sighting.name == caller.agent_id else "--as"
        name = plain(caller.agent_id)
        lines.append(f"{said} says {name}, but this process is not {name}'s")
        commands = [Next("join", "--as", word(caller.agent_id))] if caller.person else []
        commands.append(Next("whoami", "--explain"))
    elif me is None:
        lines.append(f"you ({plain(caller.name)}) have not joined")
        commands = offered(standing, caller, commands)
    if caller.sighting.below:
        lines.append(
            f"asked by {plain(caller.sighting.below, WHY)}, which acts for {plain(caller.name)}"
        )
    if me is not None and caller.proof and "unread" in standing.member(me):
        lines += asked.unread_line(standing.raw, me)
    if standing.phase != phases.CLOSED:
        commands += _urgent(verdict.kind, person=caller.person)
    return lines, commands


def _of_another_clone(raw, caller: Caller) -> "tuple[str, list[Step]]":  # type: ignore[no-untyped-def]
    from stickhooks.store.engine import names

    name = names.name_here(raw, str(caller.agent_id), names.clone_of(raw))
    told = f"{plain(str(caller.agent_id))} joined from another clone, and is proven there only"
    return told, [Next("join", "--as", word(name))] if caller.person else [
        Next("whoami", "--explain")
    ]


def offered(standing: Standing, caller: Caller, commands: "list[Step]") -> "list[Step]":
    """Return the commands for somebody whom nothing shows to be a member, with those that may do so.

    Where the keeper is a person, that may be who asks: in a new terminal, or by a program
    without one. Such a program can be made known only by an act, so that comes first.
    """
    from stickhooks.identity import programs

    keeper = standing.member(standing.keeper)
    person = keeper if keeper and keeper["session_kind"] == phases.PERSON else None
    if standing.is_of_another_clone(standing.keeper):
        person = None
    if not caller.person or standing.phase == phases.CLOSED:
        return commands
    steps = programs.steps(person["agent_id"] if person else caller.name, caller)
    if len(steps) > 1:
        return [*steps, *commands]
    return [*commands[:1], *steps, *commands[1:]] if person else commands


def _unreadable(ruling: decision.Ruling, verdict: decision.Verdict) -> "Words":
    """The state cannot be used: with the command that mends it."""
    lines, commands = _not_settled(ruling, verdict)
    return lines, commands + _urgent(verdict.kind, person=ruling.person)


def _other_side(ruling: decision.Ruling, verdict: decision.Verdict) -> "Words":
    """Locks taken here are not seen where the room belongs: with who has it there."""
    from stickhooks.store import sides

    standing, caller, me = standing_of(ruling), ruling.caller, ruling.agent_id
    assert caller is not None
    lines, _ = _not_settled(ruling, verdict)
    urgent = _urgent(verdict.kind, person=caller.person)
    return [*lines, standing.headline(me)], sides.steps(standing.keeper, me) + urgent


def _not_settled(ruling: decision.Ruling, verdict: decision.Verdict) -> "Words":
    assert ruling.fault is not None
    return [plain(ruling.fault.message)], list(ruling.fault.next)


def _our_files(ruling: decision.Ruling, verdict: decision.Verdict) -> "Words":
    path = plain(verdict.path or "")
    told = f"{path} belongs to stickhooks or to git: no edit tool may change it"
    return [told], [Next("status")]


def _not_begun(ruling: decision.Ruling, verdict: decision.Verdict) -> "Words":
    told = f"{plain(ruling.shown)} has a room that nobody has joined yet"
    return [told], [Next("take", after=Next("join"))]


_WORDS = {
    "not holder": _not_holder,
    "our files": _our_files,
    "not begun": _not_begun,
    "unreadable": _unreadable,
    "other side": _other_side,
    "not settled": _not_settled,
}


def text(verdict: decision.Verdict, *, head: str = "") -> str:
    """Return a refusal for people and agents, the most important words first."""
    (first, *more), commands = words(verdict, verdict.refusals[0])
    if verdict.again >= asked.ENOUGH:
        told = [first, *filter(None, [verdict.because]), *(one for one in more if one == UNPROVEN)]
        return asked.same(head or HEADS[verdict.kind], told, commands)
    lines = [*map(plain, more), *labelled(commands)]
    head = f"stick: {head or HEADS[verdict.kind]}  {plain(first)}"
    return "\n".join([head, *(f"       {line}" for line in lines)])


def line(verdict: decision.Verdict, *, head: str = "", urgent: str = "") -> str:
    """Return a refusal in one line of under 150 characters, for an editor's status line.

    ``urgent`` is how to go past the gate, for people only.
    """
    lines, commands = words(verdict, verdict.refusals[0])
    steps = [f"next: {plain(command(commands[0]), 50)}"] if commands else []
    steps += [f"urgent: {plain(urgent, 50)}"] if urgent else []
    follow = f" ({'; '.join(steps)})" if steps else ""
    told = f"stick: {head or HEADS[verdict.kind]}  {lines[0]}"
    return plain(told, LINE - len(follow)) + follow


def _urgent(kind: str, *, person: bool) -> "list[Step]":
    """A person may go past the gate, on the record. An agent is not told of it."""
    if person and kind in (decision.COMMIT, decision.REFS, decision.SEND):
        verb = {decision.COMMIT: "commit ", decision.SEND: "push "}.get(kind, "")
        return [Urgent(f'{decision.BYPASS_VARIABLE}="why" git {verb}…   (recorded)')]
    return []
