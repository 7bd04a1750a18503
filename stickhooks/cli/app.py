"""The long road: typer reads the command line, explains it, and says what is wrong with it."""

import inspect
import os
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from stickhooks import __version__
from stickhooks.cli import error_handler, help_commands
from stickhooks.cli.command import COMMON, FLAG, NUMBER, TEXTS, VERBS, Option, Verb, perform
from stickhooks.cli.help_groups import Grouped
from stickhooks.errors import Next, Refusal
from stickhooks.operations import policy
from stickhooks.operations.context import Desk
from stickhooks.text import quoted
from stickhooks.views import output, status

FOREIGN = {"ignore_unknown_options": True}
TYPES = {FLAG: bool, NUMBER: int | None, TEXTS: list[str] | None}

app = typer.Typer(
    name="stick",
    cls=Grouped,
    help="A talking stick for a working tree that several agents and people share.",
    no_args_is_help=False,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _enter(one: Verb) -> None:
    """Make a command of a verb."""

    def command(**given: Any) -> int:
        return perform(one, given)

    options = {**one.options, **COMMON}
    parameters = [_parameter(key, option) for key, option in options.items()]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    command.__doc__ = one.function.__doc__
    app.command(one.name, context_settings=FOREIGN if one.foreign else None)(command)


def _parameter(name: str, option: Option) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    make: Callable[..., Any] = typer.Option if option.flags else typer.Argument
    parameter = make(*option.flags, help=option.help)
    of = (list[str] if option.kind == TEXTS else str) if option.required else None
    annotation = Annotated[of or TYPES.get(option.kind, str | None), parameter]  # type: ignore[valid-type]
    default = inspect.Parameter.empty if option.required else option.default
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


for _verb in VERBS.values():
    _enter(_verb)


@app.command("hook", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def hook(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="pre-edit, pre-save, pre-commit, session-start, …")],
) -> int:
    """What installed hooks call. Example: stick hook pre-edit --client claude-code"""
    from stickhooks.handlers import common

    return common.main([name, *context.args])


@app.callback(invoke_without_command=True)
def front(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> int | None:
    if version:
        output.write(1, f"stick {__version__}")
        raise typer.Exit(0)
    if context.invoked_subcommand is None:
        reply = status.first_look(Desk())
        output.show(reply, as_json=os.environ.get("STICK_JSON") == "1")
        raise typer.Exit(reply.status)
    return None


def run(arguments: Sequence[str], env: dict[str, str]) -> int:
    """Run one command line and return its exit code. Nothing escapes as a traceback."""
    return error_handler.caught(lambda: _run(arguments), arguments, env)


def _run(arguments: Sequence[str]) -> int:
    try:
        return int(app(args=list(arguments), standalone_mode=False) or 0)
    except typer.Abort:
        raise KeyboardInterrupt from None
    except OSError as error:
        if error.filename is None and _printed_by_typer(error):
            raise OSError(error.errno, error.strerror, output.STDOUT) from None
        raise
    except _usage_errors() as error:
        raise _usage(error, arguments) from None


def _printed_by_typer(error: OSError) -> bool:
    """Tell whether this came of what typer prints itself, past ``views.output.write``: a help text."""
    at = error.__traceback__
    while at is not None and at.tb_frame.f_code.co_name != "echo":
        at = at.tb_next
    return at is not None


def _usage_errors() -> type[Exception]:
    """Return what typer raises for wrong arguments; it does not export the class itself."""
    ancestors = typer.BadParameter.__mro__
    return next(c for c in reversed(ancestors) if c.__name__ == "ClickException")


def _usage(error: Exception, arguments: Sequence[str]) -> Refusal:
    context = getattr(error, "ctx", None)
    name = next((one for one in arguments if one in VERBS), "")  # some errors name no command
    path = context.command_path if context and context.parent else f"stick {name}".rstrip()
    message = error.format_message()  # type: ignore[attr-defined]
    unknown = message.partition("No such command '")[2].partition("'")[0]
    number = message.removeprefix("No such option: -")
    if name == "policy" and number[:1].isdigit():
        key = next((one for one in arguments if one in policy.NAMES), "")
        said = f"{key or 'no setting'} takes no negative value: {quoted('-' + number)}"
        return Refusal("usage", said, [Next("policy", *([key] if key else []))])
    return Refusal(
        "usage", message, help_commands.hints(unknown) if unknown else [f"{path} --help"]
    )
