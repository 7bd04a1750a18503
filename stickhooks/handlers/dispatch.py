"""Which hook is answered by what. Loads only what the one that was asked needs."""

import sys

from stickhooks.workspace.hook_names import ASKING, GIT_HOOKS, NOTING, PROBE, RECEIVE, TRANSACTION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

SESSION_HOOKS = ("session-start", "stop", "session-end")


def main(arguments: "list[str]") -> int:
    """Answer one hook and return the exit code that its caller understands."""
    name, options = (arguments[0], arguments[1:]) if arguments else ("", [])
    if name == "pre-edit":
        from stickhooks.handlers import client_edit

        return client_edit.answer(_option(options, "--client"))
    if name == "pre-save":
        from stickhooks.handlers import editor_save

        return editor_save.answer(options)
    if name in ASKING:
        from stickhooks.handlers import git_commit

        return git_commit.answer(name, _option(options, "--git"))
    if name == TRANSACTION:
        from stickhooks.handlers import git_transaction

        return git_transaction.answer(_option(options, "--git"))
    if name == RECEIVE:
        from stickhooks.handlers import git_receive

        return git_receive.answer()
    if name in NOTING:
        from stickhooks.handlers import git_after

        return git_after.answer(name, options[2:] if options[:1] == ["--git"] else options)
    if name in SESSION_HOOKS:
        from stickhooks.handlers import client_session

        return client_session.answer(name, _option(options, "--client"))
    if name == PROBE:
        sys.stderr.write(f"stick: asked {_word()} {' '.join(options)}\n")
        return 3
    from stickhooks.handlers import common

    there = ", ".join(("pre-edit", "pre-save", *SESSION_HOOKS, RECEIVE, *GIT_HOOKS))
    from stickhooks.text import plain

    common.say(f"stick: no such hook: {plain(name, 60)}; there are {there}")
    return 2


def _word() -> str:
    from stickhooks.fast.os import os

    return os.environ.get("STICK_PROBE", "")


def _option(options: "list[str]", name: str) -> str:
    return options[options.index(name) + 1] if name in options[:-1] else ""


def start() -> "NoReturn":
    """Answer the hook that this process was started for, and end it with the exit code."""
    from stickhooks.fast.os import leave

    leave(main(sys.argv[1:]))
