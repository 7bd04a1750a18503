"""The verbs that tell of the program itself, and what to type for words that other tools have."""

from __future__ import annotations

from stickhooks import __version__
from stickhooks.cli import (
    note_commands,
    recovery_commands,
    setup_commands,
    turn_commands,
    view_commands,
)
from stickhooks.cli.command import VERBS, argument, verb
from stickhooks.errors import Refusal
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.text import quoted

#: Importing them enters their verbs: with those of this module they are all.
MODULES = (turn_commands, note_commands, recovery_commands, view_commands, setup_commands)
#: A verb that people look for, and ours.
MEANT = {
    "lock": "take", "acquire": "take", "claim": "take", "grab": "take", "checkout": "take",
    "unlock": "release", "free": "release", "drop": "release", "done": "release",
    "pass": "handoff", "give": "handoff", "steal": "takeover", "force": "takeover",
    "history": "log", "events": "log", "who": "status", "show": "status", "list": "rooms",
    "ls": "rooms", "watch": "board", "install": "init", "setup": "init", "uninstall": "uninit",
    "remove": "uninit", "fix": "doctor", "config": "policy",
    "note": "tell", "message": "tell", "say": "tell", "request": "ask", "inbox": "notes",
    "read": "notes",
}  # fmt: skip


def _verbs() -> str:
    return f"words:{' '.join(VERBS)}"


@verb("help", reads=True, aloof=True, keeps=True)
def help(desk: Desk, name: str | None = argument("A verb.", offers=_verbs)) -> Reply:
    """Explain a verb, or list them all. Example: stick help take"""
    from typer.main import get_command

    from stickhooks.cli import app

    group = get_command(app.app)
    command = group if name is None else group.commands.get(name)  # type: ignore[attr-defined]
    if command is None:
        raise Refusal("usage", f"there is no verb {quoted(name)}", hints(str(name)))
    with command.make_context(
        f"stick {name}" if name else "stick", [], resilient_parsing=True
    ) as context:
        return Reply(command.get_help(context).rstrip().splitlines())


@verb("version", reads=True, aloof=True, keeps=True)
def version(desk: Desk) -> Reply:
    """Show the version. Example: stick version"""
    return Reply([f"stick {__version__}"], data={"version": __version__})


def hints(name: str) -> list[str]:
    """Return what to type instead of a verb that there is not."""
    meant = MEANT.get(name.lower())
    return [f"stick {meant}"] if meant else ["stick --help"]
