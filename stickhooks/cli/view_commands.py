"""The verbs that look: at the room, its log and its policy, on a board, in a prompt."""

from __future__ import annotations

from stickhooks.cli.command import SINCE, argument, arguments, flag, number, option, options, verb
from stickhooks.errors import Next, Refusal
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.text import quoted
from stickhooks.views import replies

SHELLS = ("bash", "zsh", "fish")


@verb("status", reads=True, shows=True, keeps=True)
def status(
    desk: Desk,
    everybody: bool = flag("--all", "With the members."),
) -> Reply:
    """Say who may write here now. Example: stick status --all"""
    from stickhooks.views import status as glance

    return glance.status(desk, everybody=everybody)


@verb("rooms", reads=True, shows=True, keeps=True)
def rooms(desk: Desk) -> Reply:
    """List the rooms of this workspace. Example: stick rooms"""
    return replies.rooms(desk)


@verb("log", reads=True, shows=True, keeps=True, aloof=True)
def log(
    desk: Desk,
    after: int | None = number("--after", "Only events numbered above; 0: from the first."),
    limit: int | None = number("--limit", "At most so many; 500 at once."),
    follow: bool = flag("--follow", "Go on as they come."),
    graph: bool = flag("--graph", "As a timeline."),
    since: str | None = SINCE,
    files: bool = flag("--files", "Each turn's files, commits and snapshots."),
) -> Reply:
    """Show what happened in the room. Example: stick log --graph --since 24h"""
    if files and (graph or after is not None or follow or since):
        message = "--files shows the newest turns: no --after, --follow, --graph, --since"
        raise Refusal("usage", message, [Next("log", "--files")])
    if files:
        from stickhooks.views import deeds

        return deeds.files(desk, limit)
    if graph and (after is not None or limit or follow):
        message = (
            "--graph shows all of the log, or what --since names: no --after, --limit, --follow"
        )
        raise Refusal("usage", message, [Next("log", "--graph", "--since", "24h")])
    if graph:
        from stickhooks.timeline import command as timeline_command

        return timeline_command.graph(desk, since)
    from stickhooks.views import log as views_log

    return views_log.log(desk, after=after, limit=limit, follow=follow, since=since)


@verb("report", reads=True, shows=True, aloof=True)
def report(
    desk: Desk,
    output: str = option(
        "-o", "room.svg, room.html, or - for standard output.", required=True, offers="files"
    ),
    form: str | None = option("--format", "svg or html.", offers="words:svg html"),
    since: str | None = SINCE,
) -> Reply:
    """Draw the timeline of the room into a file. Example: stick report -o room.html --since 7d"""
    from stickhooks.timeline import command as timeline_command

    return timeline_command.report(desk, output, form, since)


@verb("whoami", reads=True, shows=True, keeps=True)
def whoami(
    desk: Desk,
    explain: bool = flag("--explain", "With the evidence."),
) -> Reply:
    """Say as whom you are recognised, and by what. Example: stick whoami --explain"""
    from stickhooks.views import whoami as views_whoami

    return views_whoami.whoami(desk, explain=explain)


def _settings() -> str:
    from stickhooks.operations import policy as operations_policy

    return f"words:{' '.join(operations_policy.NAMES)}"


@verb("policy", keeps=True)
def policy(
    desk: Desk,
    key: str | None = argument("A setting.", offers=_settings),
    value: str | None = argument("Its new value.", offers="policy_value"),
) -> Reply:
    """Show or change the room's policy. Example: stick policy owner_lease_ttl 20m"""
    from stickhooks.operations import policy as operations_policy

    if key is None or value is None:
        return operations_policy.show(desk, key)
    return operations_policy.change(desk, key, value)


@verb("check", reads=True, aloof=True, keeps=True)
def check(
    desk: Desk,
    file: list[str] | None = arguments("What to write.", required=False, offers="files"),
    path: list[str] | None = options("--path", "The same, as an option.", offers="files"),
    purpose: str = option(
        "--for", "Answer as a hook of git or of an editor.", "", offers="words:git editor"
    ),
) -> Reply:
    """Ask whether you may write. Never writes. Example: stick check src/a.py"""
    from stickhooks.views import check as views_check

    return views_check.check(desk, [*(file or []), *(path or [])], purpose)


@verb("board", reads=True, shows=True, aloof=True, keeps=True)
def board(desk: Desk) -> Reply:
    """Watch all rooms of this workspace live. Example: stick board"""
    from stickhooks.views import board as live

    return live.board(desk)


def _formats() -> str:
    from stickhooks.views import statusline as short

    return f"words:{' '.join(short.FORMATS)}"


@verb("statusline", reads=True, aloof=True, keeps=True)
def statusline(
    desk: Desk,
    format: str = option(
        "--format", "plain, zsh, tmux, starship or claude.", "plain", offers=_formats
    ),
) -> Reply:
    """Print one short line for a prompt or a status bar. Example: stick statusline

    Nothing where there is no room; it never writes, and always ends with 0. How to have it:

    \b
    tmux (set it in ~/.tmux.conf):
      set -g status-right '#(stick statusline --format tmux --room "$(tmux display -pt #D "##{pane_current_path}")" --as YOU)'
    zsh (in ~/.zshrc):
      setopt PROMPT_SUBST; RPROMPT='$(stick statusline --format zsh)'
    starship (in ~/.config/starship.toml):
      [custom.stick]
      command = "stick statusline --format starship"
      when = true
    Claude Code (in its settings.json):
      "statusLine": {"type": "command", "command": "stick statusline --format claude"}
    """  # noqa: E501 - tmux wants it in one line
    from stickhooks.views import statusline as short

    if format not in short.FORMATS:
        message = f"--format knows {', '.join(short.FORMATS)}, not {quoted(format)}"
        raise Refusal("usage", message, [Next("statusline", "--help")])
    message = short.line(desk.env, format, "" if format == "claude" else desk.place, desk.said)
    return Reply([message], data={"line": message})


@verb("completion", reads=True, aloof=True, keeps=True)
def completion(
    desk: Desk,
    shell: str = argument("bash, zsh or fish.", required=True, offers=f"words:{' '.join(SHELLS)}"),
) -> Reply:
    """Print a script that completes stick in a shell. Example: stick completion bash

    \b
    bash: eval "$(stick completion bash)"                          in ~/.bashrc
    zsh:  eval "$(stick completion zsh)"                           in ~/.zshrc, after compinit
    fish: stick completion fish > ~/.config/fish/completions/stick.fish
    """
    from stickhooks.setup import templates

    if shell not in SHELLS:
        message = f"there is no completion for {quoted(shell)}; there is for {', '.join(SHELLS)}"
        raise Refusal("usage", message, [Next("completion", "bash")])
    return Reply([templates.template(f"completion/stick.{shell}").rstrip()])
