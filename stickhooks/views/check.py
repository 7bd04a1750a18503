"""``stick check``: the gate asked by hand, or for an editor or git in its own words. Writes nothing."""

from __future__ import annotations

from stickhooks.errors import Refusal
from stickhooks.gate import copied_rooms, decision, messages, shut
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.text import quoted
from stickhooks.views import output
from stickhooks.workspace import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def check(desk: Desk, named: Sequence[str], purpose: str) -> Reply:
    """Ask the gate by hand, or for an editor or git in its own words. Writes nothing."""
    kind = {"": decision.BY_HAND, "git": decision.COMMIT, "editor": decision.EDITOR}.get(purpose)
    if kind is None:
        raise Refusal("usage", f"--for knows git and editor, not {quoted(purpose)}", [])
    found = {path: _targets(path) for path in named}
    targets = [target for each in found.values() for target in each]
    if not named:
        targets = _whole(desk, kind)
    folder = next(filter(None, (paths.hidden(path) for path in named if not found[path])), "")
    if folder:
        verdict = shut.verdict(kind, folder)
    else:
        verdict = decision.judge(targets, kind, desk.sighting, desk.env, desk.said)
    for warning in copied_rooms.warnings(verdict):
        output.write(2, warning)
    ruling = verdict.refused or next(iter(verdict.allowed), None)
    standing = messages.standing_of(ruling) if ruling and ruling.raw is not None else None
    me = ruling.agent_id if ruling else None
    if verdict.refused is None:
        lines = [] if kind == decision.EDITOR else ["you may write"]
        return Reply(lines, standing=standing, me=me)
    if kind == decision.EDITOR and not desk.as_json:
        output.write(2, messages.line(verdict))
        return Reply([], exit=verdict.exit)
    lines, follow = messages.words(verdict, verdict.refused)
    data = {"path": verdict.path}
    return Reply(lines, verdict.code, follow, data, standing, me)


def _targets(path: str) -> list[paths.Target]:
    try:
        return paths.targets(path)
    except ValueError as error:
        raise Refusal("invalid_input", f"{quoted(path)}: {error}", field="path") from None


def _whole(desk: Desk, kind: str) -> list[paths.Target]:
    """Return what is asked without a path: what is staged for git, else the room here."""
    if kind == decision.COMMIT and desk.workspace.git_dir:
        from stickhooks.workspace import git

        staged = git.staged(desk.workspace.root, git.clean(desk.env))
        return paths.targets_of(desk.workspace, staged)
    return [paths.Target(desk.workspace, desk.here or None)]
