"""The command line: reads arguments, asks, shows the reply. It decides nothing itself.

Every verb takes ``--room``, ``--as``, ``--json``, ``--lock-timeout`` and ``--debug``; ``verb``
adds them, so that a verb's own function shows only what is its own.
"""

import functools
import inspect
import os
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any

import typer

from stickhooks import __version__, audit, handoffs, render, views
from stickhooks.commands import REASON_LIMIT
from stickhooks.desk import Desk
from stickhooks.durations import seconds
from stickhooks.errors import EXIT, Refusal
from stickhooks.render import Reply
from stickhooks.telling import word

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


# --- turns


@verb("join")
def join(
    desk: Desk,
    path: Annotated[str | None, typer.Argument(help="A folder; default: here.")] = None,
    new: Annotated[bool, typer.Option("--new", help="A room of its own for this folder.")] = False,
) -> Reply:
    """Become a member of the room here, or come back. Example: stick join --as ada"""
    if path is not None:
        if not os.path.isdir(path):
            told = f"{path} is not a folder; a name is given with --as"
            follow = [f"stick join --as {word(path)}", f"mkdir -p {word(path)}"]
            raise Refusal("invalid_input", told, follow, field="context_path")
        desk = desk.moved(path)
    before = desk.known_as()
    answer = desk.join(new=new)
    return views.joined(desk, answer, before)


@verb("take")
def take(desk: Desk, why: Why = None) -> Reply:
    """Try once to get the stick. Example: stick take --why "fix the login" """
    return views.turn(desk, desk.take(why))


@verb("wait")
def wait(
    desk: Desk,
    timeout: Timeout = None,
    why: Why = None,
    takeover: Annotated[
        str | None,
        typer.Option("--takeover", help="Take over from a lost holder, for this reason."),
    ] = None,
) -> Reply:
    """Wait until the stick is yours. Example: stick wait --timeout 15m --why "run the tests" """
    from stickhooks import waiting

    limit = None if timeout is None else seconds(timeout)
    seat = desk.seat()
    with views.Progress(desk, seat.agent_id) as progress:
        answer = waiting.wait(
            desk.rooms, desk.store, seat.agent_id, seat.path,
            timeout=limit, why=why, takeover=takeover, proven=seat.proven, progress=progress,
        )  # fmt: skip
    return views.turn(desk, answer)


@verb("release")
def release(
    desk: Desk,
    status: Status = None,
    next: Next = None,
    artifact: Artifacts = None,
    stdin: Stdin = False,
) -> Reply:
    """Put the stick down, with a handoff. Example: stick release --status "done" --next "test it" """
    handoff = handoffs.gather("stick release", status, next, artifact, stdin)
    return views.put_down(desk, desk.put_down("release", handoff))


@verb("handoff")
def handoff(
    desk: Desk,
    to: Annotated[str, typer.Argument(help="The member to hand the stick to.")],
    status: Status = None,
    next: Next = None,
    artifact: Artifacts = None,
    stdin: Stdin = False,
) -> Reply:
    """Hand the stick to one member. Example: stick handoff bob --status "done" --next "review" """
    text = handoffs.gather(f"stick handoff {word(to)}", status, next, artifact, stdin)
    return views.put_down(desk, desk.put_down("pass", text, to))


@verb("renew")
def renew(desk: Desk) -> Reply:
    """Renew your lease. Hooks do that by themselves. Example: stick renew"""
    seat = desk.seat()
    lease = desk.lease(seat)
    answer = desk.rooms.heartbeat(
        seat.agent_id, seat.room_id, lease.lease_id, seat.room.turn_id
    )  # fmt: skip
    return views.renewed(desk, answer)


@verb("takeover")
def takeover(
    desk: Desk,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is written down.")],
    expect: Annotated[
        int | None, typer.Option("--expect", help="Only if the room is at this turn.")
    ] = None,
) -> Reply:
    """Take a turn that was abandoned. Example: stick takeover --reason "bob's laptop died" """
    return views.turn(desk, desk.takeover(reason, expect))


@verb("leave")
def leave(
    desk: Desk,
    force: Annotated[bool, typer.Option("--force", help="Also with the stick in hand.")] = False,
) -> Reply:
    """Stop being a member. Example: stick leave"""
    answer = desk.leave(force=force)
    return Reply([f"{answer['agent_id']} has left {desk.rooms.shown(desk.path())}"], data=answer)


@verb("close")
def close(
    desk: Desk,
    status: Status = None,
    next: Next = None,
    artifact: Artifacts = None,
    stdin: Stdin = False,
    remove: Annotated[bool, typer.Option("--remove", help="Remove a nested, free room.")] = False,
) -> Reply:
    """Close the room: no turns until somebody reopens it. Example: stick close --status … --next …"""
    seat = desk.seat()
    shown = desk.rooms.shown(seat.path)
    if remove and seat.path != desk.here:  # so it is after a removal: the room above is not meant
        told = [f"{desk.rooms.shown(desk.here)} has no room of its own; {shown} governs it"]
        return Reply(told, data={"status": "removed"})
    if remove:
        answer = desk.rooms.remove(seat.agent_id, seat.room_id)
        told = [f"the room {shown} is gone; the room above governs its folder"]
        return Reply([*told, *views.waiting_handoff(seat.room)], data=answer)
    text = handoffs.gather("stick close", status, next, artifact, stdin)
    answer = desk.put_down("close", text)
    return Reply([f"{shown} is closed; the handoff stays"], next=["stick reopen"], data=answer)


@verb("reopen")
def reopen(desk: Desk) -> Reply:
    """Open a closed room again. Example: stick reopen"""
    seat = desk.seat()
    answer = desk.rooms.reopen(seat.agent_id, seat.room_id)
    return Reply([f"{desk.rooms.shown(seat.path)} is open"], next=["stick take"], data=answer)


@verb("run", context_settings={"ignore_unknown_options": True})
def run_command(
    desk: Desk,
    command: Annotated[list[str], typer.Argument(help="-- and the command.")],
    timeout: Timeout = None,
    why: Why = None,
) -> Reply:
    """Wait, run a command with the stick, release. Example: stick run -- make release"""
    from stickhooks import running, waiting

    limit = None if timeout is None else seconds(timeout)
    seat = desk.seat()
    reason = why or f"run {command[0]}"[:REASON_LIMIT]
    with views.Progress(desk, seat.agent_id) as progress:
        grant = waiting.wait(
            desk.rooms, desk.store, seat.agent_id, seat.path,
            timeout=limit, why=reason, proven=seat.proven, progress=progress,
        )  # fmt: skip
    if grant["status"] not in ("your_turn", "already_owner"):
        return views.turn(desk, grant)
    for line in render.handoff_lines(grant):
        render.write(2, line)
    ttl = seat.room.policy.owner_lease_ttl
    code = running.run(
        desk.rooms, seat.agent_id, grant, ttl, command, functools.partial(render.write, 2),
        stdout=2 if desk.as_json else None,  # standard output is for the one object
    )  # fmt: skip
    return Reply([], exit=code, data={"command": list(command)})


# --- looking


@verb("status")
def status(
    desk: Desk,
    everybody: Annotated[bool, typer.Option("--all", help="With the members.")] = False,
) -> Reply:
    """Say who may write here now. Example: stick status --all"""
    return views.status(desk, everybody=everybody)


@verb("rooms")
def rooms(desk: Desk) -> Reply:
    """List the rooms of this workspace. Example: stick rooms"""
    return views.rooms(desk)


@verb("log")
def log(
    desk: Desk,
    after: Annotated[int, typer.Option("--after", help="Only events numbered above.")] = 0,
    limit: Annotated[int | None, typer.Option("--limit", help="At most; 500 at once.")] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on as they come.")] = False,
) -> Reply:
    """Show what happened in the room. Example: stick log --limit 20"""
    return views.log(desk, after=after, limit=limit, follow=follow)


@verb("whoami")
def whoami(
    desk: Desk,
    explain: Annotated[bool, typer.Option("--explain", help="With the evidence.")] = False,
) -> Reply:
    """Say as whom you are recognised, and by what. Example: stick whoami --explain"""
    return views.whoami(desk, explain=explain)


@verb("policy")
def policy(
    desk: Desk,
    key: Annotated[str | None, typer.Argument(help="A setting.")] = None,
    value: Annotated[str | None, typer.Argument(help="Its new value.")] = None,
) -> Reply:
    """Show or change the room's policy. Example: stick policy owner_lease_ttl 20m"""
    from stickhooks import policies

    if key is None or value is None:
        return policies.show(desk, key)
    return policies.change(desk, key, value)


@verb("check")
def check(
    desk: Desk,
    path: Annotated[list[str] | None, typer.Option("--path", help="What to write.")] = None,
    purpose: Annotated[str, typer.Option("--for", help="git or editor: its way to say no.")] = "",
) -> Reply:
    """Ask whether you may write. Never writes. Example: stick check --path src/a.py"""
    return views.check(desk, path or [], purpose)


# --- installing


@verb("init")
def init(
    desk: Desk,
    user: User = False,
    only: Annotated[
        str | None, typer.Option("--only", help="Some of: git,claude,codex,gemini,copilot,…")
    ] = None,
    auto_claim: Annotated[
        bool, typer.Option("--auto-claim", help="A member's first edit takes a free stick.")
    ] = False,
    dry_run: DryRun = False,
    show: Annotated[
        bool, typer.Option("--print", help="Only show every file that would be written.")
    ] = False,
) -> Reply:
    """Make a room here and install the hooks. Example: stick init --only git,claude"""
    from stickhooks import install

    return install.init(
        desk, user=user, only=only, auto_claim=auto_claim, dry_run=dry_run, show=show
    )


@verb("uninit")
def uninit(desk: Desk, user: User = False, dry_run: DryRun = False) -> Reply:
    """Take hooks and room away again, byte for byte. Example: stick uninit --dry-run"""
    from stickhooks import install

    return install.uninit(desk, user=user, dry_run=dry_run)


@verb("skill")
def skill(desk: Desk) -> Reply:
    """Print a SKILL.md for agents. Example: stick skill > .claude/skills/talking-stick/SKILL.md"""
    from stickhooks import templates

    return Reply([templates.template("clients/SKILL.md").rstrip()])


@verb("agents-md")
def agents_md(desk: Desk) -> Reply:
    """Print a section for AGENTS.md or CLAUDE.md. Example: stick agents-md >> AGENTS.md"""
    from stickhooks import templates

    return Reply([templates.template("clients/AGENTS.md").rstrip()])


@verb("editor")
def editor(
    desk: Desk,
    name: Annotated[str, typer.Argument(help="vim, neovim, emacs, kakoune, micro, vscode.")],
    install: Annotated[bool, typer.Option("--install", help="Into your plugin folder.")] = False,
    uninstall: Annotated[bool, typer.Option("--uninstall", help="Out of it again.")] = False,
    show: Annotated[bool, typer.Option("--print", help="Only show it; the default.")] = False,
) -> Reply:
    """Have your editor ask before it saves. Example: stick editor vim --install"""
    from stickhooks import editors

    wanted = {editors.install: install, editors.uninstall: uninstall, editors.show: show}
    chosen = [act for act, asked in wanted.items() if asked] or [editors.show]
    if len(chosen) > 1:
        raise Refusal("usage", "one of --install, --uninstall and --print", [])
    return chosen[0](name)


@verb("doctor")
def doctor(
    desk: Desk,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what is safe to mend.")] = False,
) -> Reply:
    """Say what is wrong here and how to mend it. Example: stick doctor --fix"""
    from stickhooks import doctor as physician

    return physician.examine(desk, fix=fix)


@verb("demo")
def demo(desk: Desk) -> Reply:
    """Two members in a throwaway repository: refused, handed over, allowed. Example: stick demo"""
    from stickhooks import demo as story

    return story.tell(quiet=desk.as_json)


@app.command("hook", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def hook(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="pre-edit, pre-save, pre-commit, pre-merge-commit.")],
) -> int:
    """What installed hooks call. Example: stick hook pre-edit --client claude-code"""
    from stickhooks import hook as door

    return door.main([name, *context.args])


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


# --- one place for everything that goes wrong


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
