"""The command line: one place that runs a verb and turns what goes wrong into an exit code."""

import os
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

from stickhooks import __version__, house_verbs, render, turn_verbs, views
from stickhooks.desk import Desk
from stickhooks.errors import Refusal
from stickhooks.render import Reply
from stickhooks.verb import app

#: Importing them is what makes commands of them.
VERBS = (turn_verbs, house_verbs)


@app.callback(invoke_without_command=True)
def front(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> int | None:
    if version:
        render.write(1, f"stick {__version__}")
        raise typer.Exit(0)
    if context.invoked_subcommand is None:
        reply = views.status(Desk(), everybody=False)
        render.show(reply, as_json=os.environ.get("STICK_JSON") == "1")
        raise typer.Exit(reply.status)
    return None


def run(arguments: Sequence[str], env: dict[str, str]) -> int:
    """Run one command line and return its exit code. Nothing escapes as a traceback."""
    before = list(arguments).index("--") if "--" in arguments else len(arguments)
    options = arguments[:before]
    as_json = "--json" in options or env.get("STICK_JSON") == "1"
    try:
        return int(app(args=list(arguments), standalone_mode=False) or 0)
    except Refusal as refusal:
        reply = render.refused(refusal)
    except KeyboardInterrupt:
        reply = Reply(["interrupted"], "interrupted")
    except typer.Abort:
        reply = Reply(["interrupted"], "interrupted")
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        reply = Reply([what], "io", ["stick doctor"])
    except _usage_errors() as error:
        reply = _usage(error)
    except Exception as error:
        if "--debug" in options:
            traceback.print_exc()
        reply = Reply(
            [f"a fault of stick itself: {type(error).__name__}: {error}"],
            "internal",
            ["the same command with --debug at its end, and report what it prints"],
        )
    render.show(reply, as_json=as_json)
    return reply.status


def _usage_errors() -> type[Exception]:
    """Return what typer raises for wrong arguments; it does not export the class itself."""
    ancestors = typer.BadParameter.__mro__
    return next(c for c in reversed(ancestors) if c.__name__ == "ClickException")


def _usage(error: Exception) -> Reply:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "stick"
    told = error.format_message()  # type: ignore[attr-defined]
    return Reply([told], "usage", [f"{path} --help"])
