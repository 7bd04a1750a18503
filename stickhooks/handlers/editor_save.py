"""What a text editor asks before it writes a file, and when it opens one; and what it tells after it."""

from stickhooks.fast.os import os
from stickhooks.gate import decision
from stickhooks.handlers import common
from stickhooks.identity import resolver
from stickhooks.workspace import paths

REFUSED = 75
USAGE = "stick: usage: pre-save [--look] [--bypass WHY] [--urgent COMMAND] --path PATH"


def answer(options: "list[str]") -> int:
    """Answer 0 where the caller may write the path, 75 with one line on standard error where not.

    ``--look`` only asks, for an early warning: nothing is written down. ``--bypass`` goes past
    the gate for a reason, on the record. ``--urgent`` is how this editor does that, told to people.
    """
    path, look = common.option(options, "--path"), "--look" in options
    if not path:
        common.say(USAGE)
        return 2
    env = dict(os.environ)
    if common.option(options, "--bypass"):
        env[decision.BYPASS_VARIABLE] = common.option(options, "--bypass")
    try:
        targets = paths.targets(path)
        folder = "" if targets else paths.hidden(path)
        if not targets and not folder:
            return 0
        sighting = resolver.look(env)
        if folder:
            from stickhooks.gate import shut

            verdict = shut.verdict(decision.EDITOR, folder)
        else:
            ask = decision.judge if look else common.settled
            verdict = ask(targets, decision.EDITOR, sighting, env)
    except BaseException as error:  # an interrupted gate has not said yes
        told = common.fault(error) if isinstance(error, Exception) else "the gate was interrupted"
        common.say(f"stick: NOT SAVED  {told}; {common.WAY_OUT}")
        return REFUSED
    if not verdict.ok:
        urgent = common.option(options, "--urgent") if _is_person(verdict, sighting) else ""
        _say_no(verdict, "READ-ONLY" if look else "", urgent)
        return REFUSED
    _say_what_happened(verdict, look)
    return 0


def saved(options: "list[str]") -> int:
    """Keep what an editor has written, with who did so; always 0, and silent: the file is saved."""
    path = common.option(options, "--path")
    try:
        found = paths.targets(path) if path else []
        if found:
            from stickhooks.handlers import written

            env = dict(os.environ)
            written.note(found, resolver.look(env), env, decision.EDITOR, "an editor")
    except BaseException:  # a bonus: nothing depends on it
        pass
    return 0


def _is_person(verdict: decision.Verdict, sighting: resolver.Sighting) -> bool:
    caller = verdict.refusals[0].caller
    return caller.person if caller else resolver.is_person(sighting, sighting.session)


def _say_no(verdict: decision.Verdict, head: str, urgent: str) -> None:
    from stickhooks.gate import messages

    common.say(messages.line(verdict, head=head, urgent=urgent))


def _say_what_happened(verdict: decision.Verdict, look: bool) -> None:
    common.say_warnings(verdict)
    for ruling in () if look else verdict.allowed:
        if decision.CLAIM in ruling.due:
            from stickhooks.text import plain

            common.say(f"stick: the stick of {plain(ruling.shown)} is yours now")
