"""What ``stick init`` and ``stick doctor`` have to know of a coding client: the form of that data.

``setup.clients`` has a file for each client.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from stickhooks.clients import CLIENTS, payloads
from stickhooks.system import homes

if TYPE_CHECKING:
    from stickhooks.errors import Step
    from stickhooks.setup.scopes import Scope

PRE_EDIT: Final = "pre-edit"
AFTER_TOOL: Final = "after-tool"
EDIT_S: Final = 10  # seconds for one answer; the gate takes a fraction of one, and bounds itself
END_S: Final = 3  # Codex gives a hook no more as a session ends
SESSION: Final = "stick-doctor"  # nobody's; what is asked for is refused to everybody
SLOW: Final = f"an edit where our hook took longer than {EDIT_S} s"
SUBFOLDER: Final = "a start in a subfolder: `stick init --user`"
FOREIGN: Final = (
    "tools of MCP servers that name no path and no command, nor in their name that they write"
)
UNTRIED: Final = "what its documents do not tell: it was not run by us"

Wrong: TypeAlias = "tuple[str, Step]"  # what is wrong, and the command that mends it


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
class Answer:
    """What a hook answered; ``code`` is None where it did not end in time."""

    code: int | None
    out: str
    err: str

    @property
    def json(self) -> Mapping[str, Any]:
        try:
            document = json.loads(self.out)
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}


def exit_2(answer: Answer) -> bool:
    return answer.code == 2 and bool(answer.err.strip())


def _trusted(scope: Scope, place: Place, root: str) -> Iterator[Wrong]:
    return iter(())


@dataclass(frozen=True)
class Place:
    """One client. ``kind`` is ``settings``, or ``plugin``, ``script``, ``line``: a file of our own.

    ``rank`` is where it stands in lists. ``project`` is below the working tree; ``user`` is below
    the folder that the variable ``moved_by`` names, else below ``home`` in the user's home. An
    entry of ``settings`` is ``fixed``, the command under ``command``, the limit under ``limit``
    (``second`` of them are a second; 0: there is none), and for an edit ``closes``, which makes a
    failure of the hook a refusal; ``nested`` puts it into a group. ``posix`` tells that the command
    is run by sh, bash or zsh, whatever shell the user has; fish would not understand it. ``top`` is
    what the file has to say beside the hooks. ``own`` is the text of a file of ours: of a ``plugin``
    its name in ``hooks/``, of a ``line`` the line. ``lets`` is what the client does all the same,
    ``lets_of_project`` where it has hooks of the project only.

    ``edit`` returns the tool and its arguments for an edit of a path, ``payload`` what the client
    then sends to its hook; ``blocks`` tells which answers keep it from that edit, and ``trust`` what
    keeps it from asking at all. ``reloads`` is True
    where a session that runs reads settings that change and were there before, ``switches`` are those
    of its command line that drop all hooks. ``host`` is a script for node that loads a plugin as the
    client does.
    """

    rank: int
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
    own: str = ""
    reloads: bool = False
    switches: tuple[str, ...] = ()
    host: str = ""
    lets_of_project: tuple[str, ...] = ()
    edit: Callable[[str], tuple[str, Any]] = lambda path: ("", {})
    payload: Callable[[Place, str, str, Any], dict[str, Any]] = lambda p, r, t, g: p.usual(r, t, g)
    blocks: Callable[[Answer], bool] = exit_2
    trust: Callable[[Scope, Place, str], Iterator[Wrong]] = _trusted

    @property
    def tools(self) -> list[str]:
        """Return the tools that the hook is asked about; a client without hooks only commits."""
        return (
            list(payloads.adapter_of(CLIENTS[self.name]).TOOLS)
            if self.name in CLIENTS
            else ["git commit"]
        )

    @property
    def hooks(self) -> list[Hook]:
        """Return what the client calls, by the events that its adapter knows."""
        if self.name not in CLIENTS:
            return []
        events = payloads.adapter_of(CLIENTS[self.name]).EVENTS
        return [self._hook(ours, event) for ours, event in events.items()]

    def _hook(self, ours: str, event: str) -> Hook:
        limit = self.second * (END_S if ours == "session-end" else EDIT_S)
        if ours == AFTER_TOOL:
            return Hook(ours, event, self._edits(), limit)
        if not ours.startswith("pre-"):
            return Hook(ours, event, "", limit)
        named = self._matcher() if self.second and ours == PRE_EDIT else ""
        return Hook(PRE_EDIT, event, named, limit)

    def _edits(self) -> str:
        """Return the names of the tools that change files; ``""`` where the event knows no tools."""
        adapter = payloads.adapter_of(CLIENTS[self.name])
        if not self.second or getattr(adapter, "AFTER_ALL", False):
            return ""
        return f"^(?:{'|'.join(t for t, kind in adapter.TOOLS.items() if kind != payloads.SHELL)})$"

    def _matcher(self) -> str:
        """Return the names of the tools that are asked about: whole names, in every client's reading.

        Claude Code, Codex and Gemini search for a regular expression, Copilot matches it whole.
        """
        others = getattr(payloads.adapter_of(CLIENTS[self.name]), "FOREIGN", "")
        return f"^(?:{'|'.join((*self.tools, others))})$" if others else "|".join(self.tools)

    def user_base(self) -> Path:
        moved = os.environ.get(self.moved_by) if self.moved_by else None
        return Path(moved) if moved else homes.needed() / self.home

    def asks(self, root: str, path: str) -> dict[str, Any]:
        """Return what the client sends to its hook before it changes ``path``."""
        return self.payload(self, root, *self.edit(path))

    def usual(self, root: str, tool: str, given: object) -> dict[str, Any]:
        """Return what Claude Code sends, and those who took its form over."""
        event = self.hooks[0].event
        common = {"session_id": SESSION, "cwd": root, "hook_event_name": event}
        return {**common, "tool_name": tool, "tool_input": given}
