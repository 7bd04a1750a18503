"""Our own commands: after some of them the stick of one room is held, after others it is not.

What follows ``stick take &&`` is written with that room's stick and no other's: the words name
the room, or it is the one around the folder in which the shell stands then.
"""

from __future__ import annotations

from stickhooks.fast.records import replace
from stickhooks.shell.options import Options, listed
from stickhooks.shell.state import Call, Held, Outcome, State, folders_at
from stickhooks.shell.words import is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: The stick is got by these where they succeed. With an option that is not listed they may do less.
GETTING: Final = ("wait", "take", "takeover")
_GETTING_OPTIONS: Final = (
    "- room= as= json lock-timeout= debug timeout= why= takeover= reason= expect= notify"
)
KEEPING: Final = (
    "status", "log", "rooms", "whoami", "check", "policy", "renew", "join", "doctor", "skill",
    "agents-md", "board", "statusline", "completion", "help", "version", "tell", "ask", "notes",
    "snapshots", "restore", "undo", "blame", "engine", "push",
)  # fmt: skip
_ALL_OPTIONS: Final = (
    "ho:m: room= as= lock-timeout= timeout= why= takeover= reason= expect= status= next= artifact= "
    "format= since= after= limit= for= json debug help version dry-run stdin unread all notify new programs "
    "turn= whole"
)


def judge(call: Call) -> Outcome | None:
    given = listed(call.words, _ALL_OPTIONS)
    verb = given.operands[0] if given.operands else ""
    if not is_known(verb):
        call.nobody_knows(f"an expansion in what stick is to do: {plain(verb)}")
    call.outputs(given.values("o") if verb == "report" else ())
    if given.has("help dry-run version") or verb in KEEPING or not verb:
        return None
    if verb in GETTING:
        return _getting(call)
    if verb == "run":
        _run(call, call.words[call.words.index(verb) + 1 :])
    return _put_down(call)


def _put_down(call: Call) -> Outcome:
    """Return what is so after a verb that may end a turn, in whatever shell it runs."""
    call.found.turns += 1
    without = replace(call.state, held=None)
    return Outcome(without, without)


def _getting(call: Call) -> Outcome:
    given = listed(call.words, _GETTING_OPTIONS)
    if given.odd or len(given.operands) > 1:  # with paths it gets these, and not the room
        return Outcome(call.state, call.state)
    return Outcome(_holding(call, given), call.state)


def _holding(call: Call, given: Options) -> State:
    rooms = given.values("room")
    folders = folders_at(rooms[-1], call.state) if rooms else call.state.cwds
    held = Held(folders[0], call.found.turns) if len(folders) == 1 else None
    return replace(call.state, held=held)


def _run(call: Call, words: list[str]) -> None:
    """Judge what ``stick run`` runs: with the stick of the room that it waits for."""
    given = listed(words, _GETTING_OPTIONS, permute=False)
    if given.odd:
        call.nobody_knows(f"stick does not know what stick run does with {plain(given.odd)}")
    elif given.operands:
        replace(call, state=_holding(call, given)).run(given.operands)
