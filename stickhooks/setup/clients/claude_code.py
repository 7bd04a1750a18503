"""Claude Code: where its hooks lie, what keeps it from asking them, what it blocks on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stickhooks.setup.client_places import FOREIGN, Answer, Place, Wrong
from stickhooks.setup.client_switches import all_off, json_of, policies, table
from stickhooks.setup.scopes import Scope


def _blocks(answer: Answer) -> bool:
    decision = table(answer.json, "hookSpecificOutput")
    return answer.code == 2 or (answer.code == 0 and decision.get("permissionDecision") == "deny")


def _trust(scope: Scope, place: Place, root: str) -> Iterator[Wrong]:
    """Find what turns its hooks off: anybody's switch, or a company's policy."""
    mine = place.user_base()
    for folder in (mine, Path(root, ".claude")):
        for name in ("settings.json", "settings.local.json"):
            yield from all_off(folder / name)
    for path in _policies(mine):
        yield from all_off(path)
        if json_of(path).get("allowManagedHooksOnly") is True:
            problem = (
                f"a policy lets Claude Code run managed hooks only: allowManagedHooksOnly in {path}"
            )
            yield f"{problem}; edits are not refused", f"ask the administrator of {path}"


def _policies(mine: Path) -> list[Path]:
    """Return what may hold a policy: sent by its server, or put on the machine."""
    base = policies("/etc/claude-code", "/Library/Application Support/ClaudeCode", "ClaudeCode")
    parts = sorted((base / "managed-settings.d").glob("*.json"))
    return [mine / "remote-settings.json", base / "managed-settings.json", *parts]


PLACE = Place(
    1, "claude", "claude-code", "Claude Code", ("claude",), (".claude",),
    project=".claude/settings.local.json",
    user="settings.json", home=".claude", moved_by="CLAUDE_CONFIG_DIR",
    nested=True, posix=True, fixed={"type": "command"}, closes={"onFailure": "block"},
    lets=(
        "`--bare`, `--safe-mode`, `--restricted`, `--setting-sources` without `local` (an SDK's default),"
        " `disableAllHooks` in its settings, a managed policy",
        FOREIGN,
    ),
    lets_of_project=("a start in a subfolder before 2.1.332: `stick init --user`",),
    reloads=True, switches=("--bare", "--safe-mode", "--restricted"),
    edit=lambda path: ("Edit", {"file_path": path, "old_string": "a", "new_string": "b"}),
    blocks=_blocks, trust=_trust,
)  # fmt: skip
