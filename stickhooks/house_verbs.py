"""The verbs that put stickhooks in and take it out, explain it, examine it, and are its door."""

from typing import Annotated

import typer

from stickhooks.desk import Desk
from stickhooks.errors import Refusal
from stickhooks.render import Reply
from stickhooks.verb import DryRun, User, app, verb


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


@verb("guard")
def guard(
    desk: Desk,
    chmod: Annotated[bool, typer.Option("--chmod", help="Read-only while nobody holds.")] = False,
    off: Annotated[bool, typer.Option("--off", help="Give every file its mode back.")] = False,
) -> Reply:
    """For tools without hooks: file modes follow the stick. Example: stick guard --chmod"""
    from stickhooks import guard as modes

    if chmod and off:
        raise Refusal("usage", "one of --chmod and --off", [])
    return modes.turn_on(desk) if chmod else modes.turn_off(desk) if off else modes.show(desk)


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
    name: Annotated[str, typer.Argument(help="pre-edit, pre-save, pre-commit, session-start, …")],
) -> int:
    """What installed hooks call. Example: stick hook pre-edit --client claude-code"""
    from stickhooks import answering

    return answering.main([name, *context.args])
