"""The verbs that put stickhooks in and take it out, explain it, and examine it."""

from __future__ import annotations

from stickhooks.cli.command import DRY_RUN, USER, argument, flag, option, verb
from stickhooks.errors import Refusal
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.setup.editors import EDITORS


def _parts() -> str:
    from stickhooks.setup import init as setup_init

    return f"list:{' '.join(setup_init.PARTS)}"


@verb("init", aloof=True)
def init(
    desk: Desk,
    user: bool = USER,
    only: str | None = option(
        "--only", "Only these: git,claude,codex,gemini,copilot,…", offers=_parts
    ),
    auto_claim: bool = flag("--auto-claim", "A member's first edit takes a free stick."),
    dry_run: bool = DRY_RUN,
    show: bool = flag("--print", "Only show every file that would be written."),
    before_hook: bool = flag("--before-hook", "Git keeps uncommitted work before it discards any."),
    verbose: bool = flag("--verbose", "Tell every hook, and what each client lets through."),
    engine: str | None = option("--engine", "Rooms shared with other clones: git:origin, say."),
    solo: bool = flag("--solo", "A room of your own, where .stickhooks.toml says they are shared."),
) -> Reply:
    """Make a room here and install the hooks. Example: stick init --only git,claude"""
    from stickhooks.setup import init as setup_init

    return setup_init.init(
        desk, user=user, only=only, auto_claim=auto_claim, dry_run=dry_run, show=show,
        keep_before=before_hook, verbose=verbose, engine=engine, solo=solo,
    )  # fmt: skip


@verb("uninit", aloof=True)
def uninit(
    desk: Desk,
    user: bool = USER,
    dry_run: bool = DRY_RUN,
    force: bool = flag("--force", "Also while somebody else holds; the log is kept."),
    keep_snapshots: bool = flag("--keep-snapshots", "What was kept of uncommitted work stays."),
) -> Reply:
    """Take hooks and room away again, byte for byte. Example: stick uninit --dry-run"""
    from stickhooks.setup import init as setup_init

    return setup_init.uninit(
        desk, user=user, dry_run=dry_run, force=force, keep_snapshots=keep_snapshots
    )


@verb("skill", keeps=True)
def skill(desk: Desk) -> Reply:
    """Print a SKILL.md for agents. Example: stick skill > .claude/skills/talking-stick/SKILL.md"""
    from stickhooks.setup import templates

    return Reply([templates.template("clients/SKILL.md").rstrip()])


@verb("agents-md", keeps=True)
def agents_md(desk: Desk) -> Reply:
    """Print a section for AGENTS.md or CLAUDE.md. Example: stick agents-md >> AGENTS.md"""
    from stickhooks.setup import templates

    return Reply([templates.template("clients/AGENTS.md").rstrip()])


@verb("editor")
def editor(
    desk: Desk,
    name: str = argument(
        f"{', '.join(EDITORS)}.", required=True, offers=f"words:{' '.join(EDITORS)}"
    ),
    install: bool = flag("--install", "Into your plugin folder."),
    uninstall: bool = flag("--uninstall", "Out of it again."),
    show: bool = flag("--print", "Only show it; the default."),
) -> Reply:
    """Have your editor ask before it saves. Example: stick editor vim --install"""
    from stickhooks.setup import editor_plugins as plugins

    wanted = {plugins.install: install, plugins.uninstall: uninstall, plugins.show: show}
    chosen = [act for act, asked in wanted.items() if asked] or [plugins.show]
    if len(chosen) > 1:
        raise Refusal("usage", "one of --install, --uninstall and --print", [])
    return chosen[0](name)


@verb("guard")
def guard(
    desk: Desk,
    chmod: bool = flag("--chmod", "Read-only while nobody holds."),
    off: bool = flag("--off", "Give every file its mode back."),
) -> Reply:
    """Make files read-only while nobody holds the stick. Example: stick guard --chmod"""
    from stickhooks.operations import file_modes as modes

    if chmod and off:
        raise Refusal("usage", "one of --chmod and --off", [])
    return modes.turn_on(desk) if chmod else modes.turn_off(desk) if off else modes.show(desk)


@verb("doctor", aloof=True, keeps=True)
def doctor(
    desk: Desk,
    fix: bool = flag("--fix", "Mend what is safe to mend."),
) -> Reply:
    """Say what is wrong here and how to mend it. Example: stick doctor --fix"""
    from stickhooks.setup import doctor as physician

    return physician.examine(desk, fix=fix)


@verb("engine", aloof=True, keeps=True)
def engine(
    desk: Desk,
    move: str | None = option("--move", "Move the rooms to git:REMOTE, or back to files."),
    delete: bool = flag("--delete", "Delete the rooms there, for all clones."),
    force: bool = flag("--force", "With --delete: do it; without this it is only shown."),
    reason: str | None = option("--reason", "With --move files: the engine is gone for good; why."),
) -> Reply:
    """Show where the rooms lie, or move them. Example: stick engine --move git:origin"""
    if reason is not None and (move != "files" or not reason.strip()):
        told = "--reason goes with --move files, and says why the engine is gone for good"
        raise Refusal("usage", told, ["stick engine --help"])
    if move is None and not delete:
        from stickhooks.views import shared

        return shared.show(desk)
    from stickhooks.setup import moving_rooms

    if move is not None and delete:
        raise Refusal("usage", "one of --move and --delete", [])
    if move is None:
        return moving_rooms.delete(desk, force=force)
    return moving_rooms.move(desk, move, reason or "")


@verb("demo", aloof=True)
def demo(
    desk: Desk,
    engine: str | None = option(
        "--engine", "git or etcd: two clones of one repository.", offers="words:git etcd"
    ),
) -> Reply:
    """Two members in a throwaway repository: refused, handed over, allowed. Example: stick demo"""
    from stickhooks.cli import demo as story

    return story.tell(quiet=desk.as_json, engine=engine)
