"""Where each coding client keeps its hooks, and what those stop: data, as its documents and runs say.

The words of ``lets`` are what ``stick init`` prints and the README's table shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from stickhooks.clients import CLIENTS

PRE_EDIT: Final = "pre-edit"
EDIT_S: Final = 10  # seconds for one answer; the gate takes a fraction of one, and bounds itself
END_S: Final = 3  # Codex gives a hook no more as a session ends


@dataclass(frozen=True)
class Hook:
    """One entry: which hook of ours the client calls at which event of its own, for which tools.

    ``limit`` is in the client's unit; 0 where it knows none.
    """

    name: str
    event: str
    matcher: str = ""
    limit: int = 0


@dataclass(frozen=True)
class Place:
    """One client. ``kind`` is ``settings``, or ``plugin``, ``script``, ``line``: a file of our own.

    ``project`` is below the working tree; ``user`` is below the folder that the variable
    ``moved_by`` names, else below ``home`` in the user's home. An entry of ``settings`` is
    ``fixed``, the command under ``command``, the limit under ``limit`` (``second`` of them
    are a second; 0: there is none), and for an edit ``closes``, which makes a failure of the
    hook a refusal; ``nested`` puts it into a group. ``posix`` tells that the command is run by
    sh, bash or zsh, whatever shell the user has; fish would not understand it. ``top`` is what
    the file has to say beside the hooks. ``lets`` is what the client does all the same,
    ``lets_of_project`` where it has hooks of the project only.
    """

    short: str
    name: str
    title: str
    programs: tuple[str, ...]
    folders: tuple[str, ...]
    project: str
    user: str
    home: str
    lets: tuple[str, ...]
    kind: str = "settings"
    moved_by: str = ""
    nested: bool = False
    posix: bool = False
    command: str = "command"
    limit: str = "timeout"
    second: int = 1
    fixed: Mapping[str, object] = field(default_factory=dict)
    closes: Mapping[str, object] = field(default_factory=dict)
    top: Mapping[str, object] = field(default_factory=dict)
    comments: bool = False
    lets_of_project: tuple[str, ...] = ()

    @property
    def tools(self) -> list[str]:
        """Return the tools that the hook is asked about; a client without hooks only commits."""
        return list(CLIENTS[self.name].adapter().TOOLS) if self.name in CLIENTS else ["git commit"]

    @property
    def hooks(self) -> list[Hook]:
        """Return what the client calls, by the events that its adapter knows."""
        if self.name not in CLIENTS:
            return []
        events = CLIENTS[self.name].adapter().EVENTS
        return [self._hook(ours, event) for ours, event in events.items()]

    def _hook(self, ours: str, event: str) -> Hook:
        limit = self.second * (END_S if ours == "session-end" else EDIT_S)
        if not ours.startswith("pre-"):
            return Hook(ours, event, "", limit)
        return Hook(PRE_EDIT, event, "|".join(self.tools) if self.second else "", limit)


SLOW: Final = f"an edit where our hook took longer than {EDIT_S} s"
SUBFOLDER: Final = "a start in a subfolder: `stick init --user`"
UNTRIED: Final = "what its documents do not tell: it was not run by us"

PLACES: Final = (
    Place(
        "claude", "claude-code", "Claude Code", ("claude",), (".claude",),
        project=".claude/settings.local.json",
        user="settings.json", home=".claude", moved_by="CLAUDE_CONFIG_DIR",
        nested=True, posix=True, fixed={"type": "command"}, closes={"onFailure": "block"},
        lets=("`disableAllHooks` in its settings",), lets_of_project=(SUBFOLDER,),
    ),
    Place(
        "codex", "codex", "Codex CLI", ("codex",), (".codex",),
        project=".codex/hooks.json",
        user="hooks.json", home=".codex", moved_by="CODEX_HOME",
        nested=True, fixed={"type": "command"},
        lets=(
            "everything until you trust the hook: type `/hooks` in codex",
            SLOW,
        ),
        lets_of_project=("everything where you do not trust the project",),
    ),
    Place(
        "gemini", "gemini", "Gemini CLI", ("gemini",), (".gemini",),
        project=".gemini/settings.json",
        user=".gemini/settings.json", home="", moved_by="GEMINI_CLI_HOME",
        nested=True, posix=True, second=1000, fixed={"type": "command", "name": "stick"},
        comments=True,
        lets=(SLOW, "git in its shell runs no git hooks: only this hook judges commands there"),
        lets_of_project=(SUBFOLDER,),
    ),
    Place(
        "copilot", "copilot", "Copilot CLI", ("copilot",), (".copilot",),
        project=".github/hooks/stick.json",
        user="hooks/stick.json", home=".copilot", moved_by="COPILOT_HOME",
        posix=True, fixed={"type": "command"}, command="bash", limit="timeoutSec",
        top={"version": 1},
        lets=(SLOW,),
        lets_of_project=("everything in a folder it does not trust: `stick init --user`",),
    ),
    Place(
        "opencode", "opencode", "OpenCode", ("opencode",), (".opencode", ".config/opencode"),
        project=".opencode/plugins/stick.js",
        user="opencode/plugins/stick.js", home=".config", moved_by="XDG_CONFIG_HOME",
        kind="plugin",
        lets=("tools of other plugins and of MCP servers",),
    ),
    Place(
        "cursor", "cursor", "Cursor", ("cursor", "cursor-agent"), (".cursor",),
        project=".cursor/hooks.json",
        user="hooks.json", home=".cursor",
        closes={"failClosed": True}, top={"version": 1}, comments=True,
        lets=("Tab completions, and what you type yourself", UNTRIED),
    ),
    Place(
        "windsurf", "windsurf", "Windsurf", ("windsurf",), (".windsurf", ".codeium/windsurf"),
        project=".windsurf/hooks.json",
        user="hooks.json", home=".codeium/windsurf",
        second=0, fixed={"show_output": True},
        lets=("an edit where our hook was stopped from outside: only exit 2 blocks", UNTRIED),
    ),
    Place(
        "cline", "cline", "Cline", ("cline",), (".clinerules", "Documents/Cline"),
        project=".clinerules/hooks/PreToolUse",
        user="Hooks/PreToolUse", home="Documents/Cline",
        kind="script",
        lets=("everything while hooks are switched off in its settings", UNTRIED),
    ),
    Place(
        "aider", "aider", "aider", ("aider",), (),
        project=".aider.conf.yml", user=".aider.conf.yml", home="",
        kind="line",
        lets=("every edit of a file: it has no hook, only its commits are stopped",),
    ),
)  # fmt: skip

BY_SHORT: Final = {place.short: place for place in PLACES}
