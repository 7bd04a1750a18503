"""The gate under a ref transaction: the last word before refs move, with their locks held."""

from stickhooks.fast.os import os, standard_input
from stickhooks.gate import decision
from stickhooks.handlers import common
from stickhooks.handlers.git_hook import REFUSED, GitHook, every_room, is_one_whole
from stickhooks.workspace import paths
from stickhooks.workspace.hook_names import TRANSACTION
from stickhooks.workspace.refs import REPLACED, STASH, Refs, Update

#: Of a pick or a revert with conflicts; of a pick without them as well, until it is committed.
PICKED = ("CHERRY_PICK_HEAD", "REVERT_HEAD")


def answer(git_pid: str) -> int:
    """Refuse a transaction that moves this tree unless the caller holds every room it touches."""
    return GitHook(TRANSACTION, decision.REFS, git_pid).answer(_rule)


def _rule(hook: GitHook, workspace: paths.Workspace) -> "decision.Verdict | int":
    if workspace.git_dir is None:
        return 0
    moves, here = _moves(hook, workspace), workspace.has_room()
    if not here:
        return REFUSED if _shared(hook, workspace, moves.matter, here=here) else 0
    if not moves.matter:
        return _pass(hook, workspace, moves)
    if told := _takes_the_room(hook, workspace, moves.matter):
        common.say(told)
        return REFUSED
    verdict = hook.judged_whole(lambda: _targets(hook, workspace, moves.matter))
    if verdict.ok and _shared(hook, workspace, moves.matter, here=here):
        return REFUSED
    return verdict


def _shared(
    hook: GitHook, workspace: paths.Workspace, updates: "list[Update]", *, here: bool
) -> bool:
    """Tell whether a transaction is refused for what this tree shares with other worktrees."""
    if not any(u.ref == STASH or u.ref.startswith(REPLACED) for u in updates):
        return False
    from stickhooks.handlers import shared_refs

    return shared_refs.refused(hook, workspace, updates, here=here)


class Moves:
    """What a transaction does: the updates that ``matter`` move this tree. ``ends`` and ``begins``
    name marks of an operation under way, where nothing that matters moves."""

    __slots__ = ("begins", "ends", "matter", "quits")

    def __init__(self) -> None:
        self.matter: "list[Update]" = []
        self.ends: "list[str]" = []
        self.begins: "dict[str, str]" = {}
        self.quits = False  # what is ended is ended before anything was changed


def _moves(hook: GitHook, workspace: paths.Workspace) -> Moves:
    """Return what the updates on standard input do."""

    def ask(ref: str) -> "str | None":
        from stickhooks.workspace import git

        return git.value_of(workspace.root, ref, hook.env)

    lines = os.fsdecode(standard_input()).splitlines()
    updates = [Update(line) for line in lines if line.count(" ") >= 2]
    assert workspace.git_dir is not None
    refs, moves = Refs(workspace.git_dir, paths.common_dir_of(workspace.git_dir), ask), Moves()
    begun = refs.under_way()
    picked = [u for u in updates if u.ref in PICKED]
    if begun or picked or any(u.ref in ("HEAD", "ORIG_HEAD") for u in updates):
        from stickhooks.handlers import undo_hints  # it matters what moves it

        command = hook.command()
        refs.verb = undo_hints.verb_of(command)
        refs.ends, refs.rewinds = (
            undo_hints.ends(command),
            undo_hints.rewinds(command, hook.git_pid),
        )
        moves.quits = "--quit" in command and any(u.deletes for u in picked)
    moves.matter = refs.matter(updates) if updates else []
    if refs.verb in ("cherry-pick", "revert"):
        moves.begins = {u.ref: u.new for u in picked if not u.deletes}
    if refs.verb and refs.ends and not moves.matter:
        moves.ends = begun
    return moves


def _pass(hook: GitHook, workspace: paths.Workspace, moves: Moves) -> int:
    """Let a transaction go that moves nothing here; tell what it ends, or what it leaves half done."""
    if not (moves.ends or moves.begins):
        return 0
    if hook.every_room().ok:
        hook.whole = is_one_whole(workspace)
        hook.leave_pass()
        if moves.begins:
            from stickhooks.workspace import begun_operations

            begun_operations.forget(workspace.git_dir or "")
        return 0
    from stickhooks.handlers import unfinished_operations

    if moves.begins:
        return unfinished_operations.begun_by(hook, workspace, moves.begins)
    end = unfinished_operations.quit_by if moves.quits else unfinished_operations.ended_by
    return end(hook, workspace)


def _takes_the_room(hook: GitHook, workspace: paths.Workspace, updates: "list[Update]") -> str:
    """Return what is said where a stash would take the room's folder along, the holder's as well."""
    stash = next((u.new for u in updates if u.ref == STASH and not u.deletes), "")
    if not stash:
        return ""
    from stickhooks.handlers import stash_all

    command, root = hook.command(), workspace.root
    folders = [] if stash_all.only_stores(command) else stash_all.taken(root, stash, hook.env)
    prefix = hook.env.get("GIT_PREFIX", "")
    if not folders:
        return ""
    from stickhooks.gate import whereabouts

    leading = whereabouts.leading(hook.kind, os.path.normpath(os.path.join(root, prefix)), root)
    return stash_all.refusal(command, prefix, folders, leading)


def _targets(
    hook: GitHook, workspace: paths.Workspace, updates: "list[Update]"
) -> "list[paths.Target]":
    """Return what the updates touch: the paths between old and new, where these tell."""
    from stickhooks.workspace import git

    found: list[str] = []
    for update in updates:
        if update.deletes or not update.ref.startswith(("refs/heads/", "HEAD")):
            return every_room(workspace)
        old = git.value_of(workspace.root, update.ref, hook.env) if update.creates else update.old
        paths_between = git.changed(workspace.root, old or update.old, update.new, hook.env)
        if paths_between is None:
            return every_room(workspace)
        found += paths_between
    return paths.targets_of(workspace, found)
