"""The verbs that show without being asked twice: the board, the status line, the completions."""

from __future__ import annotations

from stickhooks.cli.command import argument, option, verb
from stickhooks.errors import Next, Refusal
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.text import quoted

SHELLS = ("bash", "zsh", "fish")


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
