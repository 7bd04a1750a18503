"""The gate under a ref transaction: the last word before refs move, with their locks held."""

from stickhooks.fast.os import os, standard_input
from stickhooks.gate import decision
from stickhooks.handlers import common
from stickhooks.identity import resolver
from stickhooks.workspace import paths
from stickhooks.workspace.refs import REPLACED, STASH, Refs, Update

#: Of a pick or a revert with conflicts; of a pick without them as well, until it is committed.
PICKED = ("CHERRY_PICK_HEAD", "REVERT_HEAD")


def answer(git_pid: str) -> int:
    """Refuse a transaction that moves this tree unless the caller holds every room it touches."""
    env = dict(os.environ)
    try:
        workspace = common.workspace(env)
        if workspace is None or workspace.git_dir is None:
            return 0
        if not workspace.has_room():
            return _elsewhere(workspace, env, git_pid)
        moves = _moves(workspace, env, git_pid)
        if not moves.matter:
            return _pass(workspace, moves, env, git_pid)
        if told := _takes_the_room(workspace, moves.matter, env, git_pid):
            common.say(told)
            return common.REFUSED
        whole = common.is_one_whole(workspace)
        targets = (
            [decision.Target(workspace, None)] if whole else _targets(workspace, moves.matter, env)
        )
        verdict = common.settled(targets, decision.REFS, resolver.look(env), env)
        if verdict.ok and _shared(workspace, moves.matter, env, git_pid, here=True):
            return common.REFUSED
    except Exception as error:
        common.say(f"stick: NOT DONE  {common.fault(error)}\n       {common.WAY_OUT}")
        return common.REFUSED
    if verdict.ok and whole:
        common.leave_pass(verdict, git_pid, env)
    return common.conclude(verdict, workspace, git_pid, "reference-transaction")


def _elsewhere(workspace: paths.Workspace, env: "dict[str, str]", git_pid: str) -> int:
    """Answer in a worktree without a room, for what it shares with others."""
    updates = _moves(workspace, env, git_pid).matter
    return common.REFUSED if _shared(workspace, updates, env, git_pid, here=False) else 0


def _shared(
    workspace: paths.Workspace,
    updates: "list[Update]",
    env: "dict[str, str]",
    git_pid: str,
    *,
    here: bool,
) -> bool:
    if not any(u.ref == STASH or u.ref.startswith(REPLACED) for u in updates):
        return False
    from stickhooks.handlers import shared_refs

    return shared_refs.refused(workspace, updates, env, git_pid, here=here)


class Moves:
    """What a transaction does: the updates that ``matter`` move this tree. ``ends`` and ``begins``
    name marks of an operation under way, where nothing that matters moves."""

    __slots__ = ("begins", "ends", "matter", "quits")

    def __init__(self) -> None:
        self.matter: "list[Update]" = []
        self.ends: "list[str]" = []
        self.begins: "dict[str, str]" = {}
        self.quits = False  # what is ended is ended before anything was changed


def _moves(workspace: paths.Workspace, env: "dict[str, str]", git_pid: str) -> Moves:
    """Return what the updates on standard input do."""

    def ask(ref: str) -> "str | None":
        from stickhooks.workspace import git

        return git.value_of(workspace.root, ref, env)

    lines = os.fsdecode(standard_input()).splitlines()
    updates = [Update(line) for line in lines if line.count(" ") >= 2]
    assert workspace.git_dir is not None
    refs, moves = Refs(workspace.git_dir, paths.common_dir_of(workspace.git_dir), ask), Moves()
    begun = refs.under_way()
    picked = [u for u in updates if u.ref in PICKED]
    if begun or picked or any(u.ref in ("HEAD", "ORIG_HEAD") for u in updates):
        from stickhooks.handlers import undo_hints  # it matters what moves it

        command = undo_hints.command_of(git_pid)
        refs.verb = undo_hints.verb_of(command)
        refs.ends, refs.rewinds = undo_hints.ends(command), undo_hints.rewinds(command, git_pid)
        moves.quits = "--quit" in command and any(u.deletes for u in picked)
    moves.matter = refs.matter(updates) if updates else []
    if refs.verb in ("cherry-pick", "revert"):
        moves.begins = {u.ref: u.new for u in picked if not u.deletes}
    if refs.verb and refs.ends and not moves.matter:
        moves.ends = begun
    return moves


def _pass(workspace: paths.Workspace, moves: Moves, env: "dict[str, str]", git_pid: str) -> int:
    """Let a transaction go that moves nothing here; tell what it ends, or what it leaves half done."""
    if not (moves.ends or moves.begins):
        return 0
    verdict = decision.judge(common.every_room(workspace), decision.REFS, resolver.look(env), env)
    if verdict.ok:
        if common.is_one_whole(workspace):
            common.leave_pass(verdict, git_pid, env)
        if moves.begins:
            from stickhooks.workspace import begun_operations

            begun_operations.forget(workspace.git_dir or "")
        return 0
    from stickhooks.handlers import unfinished_operations

    if moves.begins:
        return unfinished_operations.begun_by(verdict, workspace, moves.begins, env, git_pid)
    if moves.quits:
        return unfinished_operations.quit_by(verdict, workspace, git_pid)
    return unfinished_operations.ended_by(verdict, workspace, git_pid)


def _takes_the_room(
    workspace: paths.Workspace, updates: "list[Update]", env: "dict[str, str]", git_pid: str
) -> str:
    """Return what is said where a stash would take the room's folder along, the holder's as well."""
    stash = next((u.new for u in updates if u.ref == STASH and not u.deletes), "")
    if not stash:
        return ""
    from stickhooks.handlers import stash_all, undo_hints

    command = undo_hints.command_of(git_pid)
    folders = [] if stash_all.only_stores(command) else stash_all.taken(workspace.root, stash, env)
    return stash_all.refusal(command, env.get("GIT_PREFIX", ""), folders) if folders else ""


def _targets(
    workspace: paths.Workspace, updates: "list[Update]", env: "dict[str, str]"
) -> "list[decision.Target]":
    """Return what the updates touch: the paths between old and new, where these tell."""
    from stickhooks.workspace import git

    found: list[str] = []
    for update in updates:
        if update.deletes or not update.ref.startswith(("refs/heads/", "HEAD")):
            return common.every_room(workspace)
        old = git.value_of(workspace.root, update.ref, env) if update.creates else update.old
        paths_between = git.changed(workspace.root, old or update.old, update.new, env)
        if paths_between is None:
            return common.every_room(workspace)
        found += paths_between
    return [decision.Target(workspace, path) for path in found] or [
        decision.Target(workspace, None)
    ]
