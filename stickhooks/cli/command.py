"""What all verbs share: their options, said once for both roads, and how one is performed.

A verb is a function from a Desk and options of its own to a Reply. ``@verb`` enters it into
VERBS with what its defaults say of its options; ``cli.fast_parser`` reads plain command lines by that, and
``cli.app`` makes typer commands of it. Every verb takes ``--room``, ``--as``, ``--json``,
``--lock-timeout`` and ``--debug`` as well.
"""

from __future__ import annotations

import os

from stickhooks import text
from stickhooks.errors import EXIT, Next, Refusal
from stickhooks.fast import bundle
from stickhooks.fast.records import replace
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.protocol.moment import member_of
from stickhooks.store import layout
from stickhooks.views import output, replies
from stickhooks.workspace import git_environment, hook_seal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Final

#: What the value of an option is.
TEXT: Final = "text"
TEXTS: Final = "texts"  # may be given several times
NUMBER: Final = "number"
FLAG: Final = "flag"


class Option:
    """One option of a verb; without flags an argument, which without a default must be given.

    ``offers`` is what a shell completes its value with: one of the kinds of ``cli.completion``, or what
    returns it. No record, as little as ``Verb``: some ninety are made at each start, for a third of the time.
    """

    __slots__ = ("default", "flags", "help", "kind", "offers", "required")

    def __init__(
        self,
        kind: str,
        flags: tuple[str, ...],
        help: str,
        default: Any = None,
        required: bool = False,
        offers: str | Callable[[], str] = "",
    ) -> None:
        self.kind = kind
        self.flags = flags
        self.help = help
        self.default = default
        self.required = required
        self.offers = offers


class Verb:
    """One verb: its function, its options by the names of that function's parameters, and its flags.

    - ``foreign``: ``cli.app`` reads its arguments as they are, for they are somebody else's
    - ``reads``: it leaves the disk as it was
    - ``shows``: it shows rooms, and says so where they cannot be written from here
    - ``aloof``: it says nothing of what others did
    - ``tends``: it looks after our git hooks
    - ``warns``: it says where nothing enforces the stick
    - ``refreshes``: it has what the gate loads made anew where the package was put in anew
    - ``gets``: after it succeeds the caller holds the stick; ``shell.stick`` knows these by name
    - ``keeps``: it ends nobody's turn; ``shell.stick`` knows these by name
    """

    __slots__ = (
        "aloof", "foreign", "function", "gets", "keeps", "name", "options", "reads", "refreshes", "shows",
        "tends", "warns",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        function: Callable[..., Reply],
        options: Mapping[str, Option],
        *,
        foreign: bool = False,
        reads: bool = False,
        shows: bool = False,
        aloof: bool = False,
        tends: bool = False,
        warns: bool = False,
        refreshes: bool = False,
        gets: bool = False,
        keeps: bool = False,
    ) -> None:
        self.name = name
        self.function = function
        self.options = options
        self.foreign = foreign
        self.reads = reads
        self.shows = shows
        self.aloof = aloof
        self.tends = tends
        self.warns = warns
        self.refreshes = refreshes
        self.gets = gets
        self.keeps = keeps


def option(
    flag: str,
    help: str,
    default: object = None,
    *,
    required: bool = False,
    offers: str | Callable[[], str] = "",
) -> Any:
    return Option(TEXT, (flag,), help, default, required, offers)


def options(flag: str, help: str, *, offers: str = "") -> Any:
    return Option(TEXTS, (flag,), help, offers=offers)


def number(flag: str, help: str, default: int | None = None) -> Any:
    return Option(NUMBER, (flag,), help, default)


def flag(name: str, help: str) -> Any:
    return Option(FLAG, (name,), help, False)


def argument(help: str, *, required: bool = False, offers: str | Callable[[], str] = "") -> Any:
    return Option(TEXT, (), help, required=required, offers=offers)


def arguments(help: str, *, required: bool = True, offers: str = "") -> Any:
    return Option(TEXTS, (), help, required=required, offers=offers)


WHY: Final[Any] = option("--why", "What you want the stick for.")
#: By the parameters of ``operations.handoff_input.gather``.
HANDOFF: Final[Mapping[str, Option]] = {
    "status": option("--status", "Handoff: what was done."),
    "next_action": option("--next", "Handoff: what comes next."),
    "artifacts": options("--artifact", "Handoff: a file to look at (repeatable).", offers="files"),
    "from_stdin": flag(
        "--stdin", "Read it from standard input: JSON, or lines Status: … Next: … Artifacts: …"
    ),
    "message": option("-m", "Handoff in one line: what was done; next: continue."),
}
TIMEOUT: Final[Any] = option("--timeout", "Give up after: 90, 90s, 15m, 2h.")
SINCE: Final[Any] = option("--since", "Only the last: 90m, 24h, 7d.")
DRY_RUN: Final[Any] = flag("--dry-run", "Only say what would be done.")
USER: Final[Any] = flag("--user", "For all repositories of this user.")

COMMON: Final[Mapping[str, Option]] = {
    "room": option("--room", "The room that governs this path.", offers="rooms"),
    "said": option("--as", "Your name as a member.", offers="members"),
    "as_json": flag("--json", "One JSON object instead of text."),
    "lock_timeout": option("--lock-timeout", "How long to try for the lock.", "10s"),
    "debug": flag("--debug", "Show the traceback of an internal error."),
}

VERBS: Final[dict[str, Verb]] = {}


def verb(
    name: str, more: Mapping[str, Option] | None = None, **flags: bool
) -> Callable[[Callable[..., Reply]], Any]:
    """Enter a function among the verbs, with the flags of ``Verb``.

    The function's parameters after the Desk are the verb's options; ``more`` come by their keys.
    """

    def register(function: Callable[..., Reply]) -> Callable[..., Reply]:
        code = function.__code__
        names = code.co_varnames[1 : code.co_argcount]
        own = dict(zip(names, function.__defaults__ or (), strict=True))
        VERBS[name] = Verb(name, function, {**own, **(more or {})}, **flags)
        return function

    return register


def perform(verb: Verb, values: Mapping[str, Any]) -> int:
    """Run a verb with its options and those of all verbs, show what it says, return its exit code."""
    from stickhooks.system.durations import seconds

    room, said, as_json, timeout, _ = (values[key] for key in COMMON)
    try:
        limit = seconds(timeout)
    except Refusal as refusal:
        message = f"--lock-timeout: {refusal.message}"
        raise Refusal("usage", message, [Next(verb.name, "--lock-timeout", "10s")]) from None
    desk = Desk(room, said, lock_timeout=limit)
    desk.as_json = as_json or os.environ.get("STICK_JSON") == "1"
    own = {key: values[key] for key in verb.options}
    news = [] if verb.aloof else _meanwhile(desk, verb)
    try:
        if room is not None:
            desk.check_named()
        reply = verb.function(desk, **own)
        news += _afterwards(desk, verb, news)
    except Refusal as refusal:
        reply = replies.refused(desk, refusal)
        if not reply.next and reply.status == EXIT["usage"]:
            reply = replace(reply, next=[Next(verb.name, "--help")])
    if desk.as_json and None in (reply.standing, reply.me):
        reply = replies.placed(desk, reply)
    if news:
        reply = replace(reply, data={**reply.data, "meanwhile": news})
    told = not verb.aloof and desk.as_json and _with_notes(desk, reply)
    if not told:
        output.show(reply, as_json=desk.as_json)
    for line in () if desk.as_json else news:
        output.write(2, line)
    if not (verb.aloof or desk.as_json):
        _with_notes(desk, reply)
    if reply.after:
        reply.after()
    if desk.news:
        from stickhooks import waking

        waking.wake_all(desk.news)
    keep_snapshot(desk)
    return reply.status


def keep_snapshot(desk: Desk) -> None:
    """Keep what is uncommitted where a turn began or ended, and say what was not kept."""
    for line in desk.boundaries.keep():
        output.write(2, f"stick: {line}")


def _with_notes(desk: Desk, reply: Reply) -> bool:
    """Show the caller the notes that it has not read: on standard error, to programs within the reply.

    Tell whether that was done. Nothing is loaded for it where there are none.
    """
    reader = None if reply.after else _reader(desk)
    if reader is None:
        return False
    from stickhooks.views import notes

    return notes.shown(desk, reader, reply)


def _reader(desk: Desk) -> tuple[str, str] | None:
    """Return the caller, and the room's path, where it is proven and has notes that it was not shown."""
    try:
        room = desk.snapshot().room
        if not any(member.unread for member in room.members):
            return None
        caller = desk.caller(room)
    except (Refusal, OSError, ValueError):
        return None
    member = member_of(room, caller.agent_id if caller.proof else None)
    return (member.agent_id, room.path) if member and member.unread else None


def _afterwards(desk: Desk, verb: Verb, news: list[str]) -> list[str]:
    """Do what follows a verb that went well, and return what there is to say of it."""
    lines = _other_side(desk) if verb.shows else []
    if not (verb.reads or verb.aloof):
        guard(desk)
        known = news or (desk.told_as_holder and not verb.foreign)  # `run` takes its time
        lines += [] if known else _meanwhile(desk, verb)
    if verb.tends:
        lines += _notice(desk, verb)
    if verb.refreshes and bundle.is_due(os.path.dirname(os.path.dirname(__file__))):
        from stickhooks.fast import build

        build.refresh()  # where a package was put in anew, the gate would be slow till the next init
    return lines


def _other_side(desk: Desk) -> list[str]:
    """Say of a room that is shown where it cannot be written from, and the command that changes that."""
    try:
        trouble = desk.store.trouble(desk.snapshot())
    except (Refusal, OSError):
        return []
    if trouble is None:
        return []
    return [f"OTHER SIDE  {trouble.message}; next: {text.command(trouble.next[-1])}"]


def _meanwhile(desk: Desk, verb: Verb) -> list[str]:
    from stickhooks.operations import audit

    return audit.meanwhile(desk, settle=not verb.reads)


def guard(desk: Desk) -> None:
    """Have file modes follow the stick, where that was asked for."""
    git_dir = desk.workspace.git_dir
    if git_dir and os.path.lexists(os.path.join(git_dir, layout.GIT_FOLDER, layout.FILE_MODES)):
        from stickhooks.operations import file_modes as modes

        modes.follow(desk.workspace)


def _notice(desk: Desk, verb: Verb) -> list[str]:
    elsewhere = git_environment.hooks_path_variable(
        desk.env
    )  # no place of a file that could be mended
    if not elsewhere and hook_seal.holds(desk.workspace):
        return []
    from stickhooks.setup import git_hooks
    from stickhooks.views import enforcement

    try:
        lines = [] if elsewhere else git_hooks.notice(desk.workspace)
    except (Refusal, OSError):
        lines = []  # a courtesy: `stick doctor` tells
    if not verb.warns:
        return lines
    lacking = enforcement.line(*enforcement.lacking(desk, write=True))
    return [*lines, lacking] if lacking else lines
