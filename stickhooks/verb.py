"""What all verbs share: the options they take, and how a function becomes one.

Every verb takes ``--room``, ``--as``, ``--json``, ``--lock-timeout`` and ``--debug``; ``verb``
adds them, so that a verb's own function shows only what is its own.
"""

import functools
import inspect
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

import typer

from stickhooks import audit, guard, render, views
from stickhooks.desk import Desk
from stickhooks.durations import seconds
from stickhooks.errors import EXIT, Refusal
from stickhooks.render import Reply

app = typer.Typer(
    name="stick",
    help="A talking stick for a working tree that several agents and people share.",
    no_args_is_help=False,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Why = Annotated[str | None, typer.Option("--why", help="What you want the stick for.")]
Status = Annotated[str | None, typer.Option("--status", help="Handoff: what was done.")]
Next = Annotated[str | None, typer.Option("--next", help="Handoff: what comes next.")]
Artifacts = Annotated[
    list[str] | None, typer.Option("--artifact", help="Handoff: a file to look at (repeatable).")
]
Stdin = Annotated[bool, typer.Option("--stdin", help="Read the handoff from standard input.")]
Timeout = Annotated[str | None, typer.Option("--timeout", help="Give up after: 90, 90s, 15m, 2h.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
User = Annotated[bool, typer.Option("--user", help="For all repositories of this user.")]

#: Verbs that leave the disk as it was; those that look after our git hooks; and those that
#: say nothing of what others did.
READING = ("status", "rooms", "log", "whoami", "check")
NOTICING = ("join", "take", "wait")
ALOOF = ("init", "uninit", "demo", "doctor", "check", "log")

_COMMON: dict[str, Any] = {
    "room": Annotated[str | None, typer.Option("--room", help="The room that governs this path.")],
    "said": Annotated[str | None, typer.Option("--as", help="Your name as a member.")],
    "as_json": Annotated[bool, typer.Option("--json", help="One JSON object instead of text.")],
    "lock_timeout": Annotated[
        str, typer.Option("--lock-timeout", help="How long to try for the lock.")
    ],
    "debug": Annotated[bool, typer.Option("--debug", help="Tracebacks for faults of stick.")],
}
_DEFAULTS: dict[str, Any] = {
    "room": None,
    "said": None,
    "as_json": False,
    "lock_timeout": "10s",
    "debug": False,
}


def verb(name: str, **settings: Any) -> Callable[[Callable[..., Reply]], Callable[..., int]]:
    """Make a command of a function from a Desk and options of its own to a Reply."""

    def register(function: Callable[..., Reply]) -> Callable[..., int]:
        own = list(inspect.signature(function).parameters.values())[1:]
        common = [
            inspect.Parameter(
                key,
                inspect.Parameter.KEYWORD_ONLY,
                default=_DEFAULTS[key],
                annotation=_COMMON[key],
            )
            for key in _COMMON
        ]

        @functools.wraps(function)
        def command(**options: Any) -> int:
            given = {key: options.pop(key) for key in _COMMON}
            desk = Desk(
                given["room"], given["said"], lock_timeout=seconds(given["lock_timeout"])
            )  # fmt: skip
            as_json = given["as_json"] or os.environ.get("STICK_JSON") == "1"
            desk.as_json = as_json
            settle = name not in READING
            told = [] if name in ALOOF else audit.meanwhile(desk, settle=settle)
            try:
                reply = function(desk, **options)
                if settle and name not in ALOOF:
                    guard.follow(desk.workspace)
                if settle and not told and name not in ALOOF:
                    told = audit.meanwhile(desk, settle=settle)
                if name in NOTICING:
                    told += _notice(desk)
            except Refusal as refusal:
                reply = views.refused(desk, refusal)
                if not reply.next and reply.status == EXIT["usage"]:
                    reply = replace(reply, next=[f"stick {name} --help"])
            if told:
                reply = replace(reply, data={**reply.data, "meanwhile": told})
            render.show(reply, as_json=as_json)
            for line in () if as_json else told:
                render.write(2, line)
            return reply.status

        keyword = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
        command.__signature__ = inspect.Signature([*keyword, *common])  # type: ignore[attr-defined]
        command.__annotations__ = {p.name: p.annotation for p in [*keyword, *common]}
        app.command(name, **settings)(command)
        return command

    return register


def _notice(desk: Desk) -> list[str]:
    from stickhooks import git_hooks

    try:
        return git_hooks.notice(desk.workspace)
    except (Refusal, OSError):
        return []  # a courtesy: `stick doctor` tells
