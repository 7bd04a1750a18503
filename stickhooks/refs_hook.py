"""The gate under a ref transaction: the last word before refs move, with their locks held."""

from stickhooks import check, door, identity, paths
from stickhooks.refs import STASH, Refs, Update
from stickhooks.system import os


def answer(git_pid: str) -> int:
    """Refuse a transaction that moves this tree unless the caller holds every room it touches."""
    env = dict(os.environ)
    try:
        workspace = door.workspace(env)
        if workspace is None or workspace.git_dir is None or not door.has_room(workspace):
            return 0
        updates, ended = _moves(workspace, env, git_pid)
        if not updates:
            if ended:
                _tell_end(workspace, env, git_pid, ended)
            return 0
        if told := _takes_the_room(workspace, updates, env, git_pid):
            door.say(told)
            return door.REFUSED
        whole = door.is_one_whole(workspace)
        targets = [check.Target(workspace, None)] if whole else _targets(workspace, updates, env)
        verdict = door.settled(targets, check.REFS, identity.look(env), env)
    except Exception as error:
        door.say(f"stick: NOT DONE  {door.fault(error)}\n       {door.WAY_OUT}")
        return door.REFUSED
    if verdict.ok and whole:
        door.leave_pass(verdict, git_pid, env)
    return door.conclude(verdict, check.REFS, workspace, git_pid, "reference-transaction")


def _moves(
    workspace: paths.Workspace, env: "dict[str, str]", git_pid: str
) -> "tuple[list[Update], list[str]]":
    """Return the updates on standard input that move this tree, and what they end if they do not."""

    def ask(ref: str) -> "str | None":
        from stickhooks import git

        return git.value_of(workspace.root, ref, env)

    lines = os.fsdecode(_input()).splitlines()
    updates = [Update(line) for line in lines if line.count(" ") >= 2]
    assert workspace.git_dir is not None
    refs = Refs(workspace.git_dir, paths.common_dir_of(workspace.git_dir), ask)
    begun = refs.under_way()
    if begun or any(u.ref in ("HEAD", "ORIG_HEAD") for u in updates):  # it matters what moves it
        from stickhooks import aftermath

        command = aftermath.command_of(git_pid)
        refs.verb = aftermath.verb_of(command)
        refs.ends, refs.rewinds = aftermath.ends(command), aftermath.rewinds(command)
    found = refs.matter(updates) if updates else []
    return found, begun if refs.verb and refs.ends and not found else []


def _tell_end(
    workspace: paths.Workspace, env: "dict[str, str]", git_pid: str, begun: "list[str]"
) -> None:
    """Tell the holder that somebody else ended what was under way: git has reset the files already."""
    verdict = check.judge(door.every_room(workspace), check.REFS, identity.look(env), env)
    if not verdict.ok:
        door.tell_holders(
            verdict,
            git_pid,
            f"ended what was under way ({begun[0]}); what was resolved in it is lost",
        )


def _takes_the_room(
    workspace: paths.Workspace, updates: "list[Update]", env: "dict[str, str]", git_pid: str
) -> str:
    """Return what is said where a stash would take the room's folder along, the holder's as well."""
    stash = next((u.new for u in updates if u.ref == STASH and not u.deletes), "")
    if not stash:
        return ""
    from stickhooks import aftermath, stashing

    command = aftermath.command_of(git_pid)
    folders = [] if stashing.only_stores(command) else stashing.taken(workspace.root, stash, env)
    return stashing.refusal(command, env.get("GIT_PREFIX", ""), folders) if folders else ""


def _input() -> bytes:
    pieces = []
    while piece := os.read(0, 1 << 16):
        pieces.append(piece)
    return b"".join(pieces)


def _targets(
    workspace: paths.Workspace, updates: "list[Update]", env: "dict[str, str]"
) -> "list[check.Target]":
    """Return what the updates touch: the paths between old and new, where these tell."""
    from stickhooks import git

    found: list[str] = []
    for update in updates:
        if update.deletes or not update.ref.startswith(("refs/heads/", "HEAD")):
            return door.every_room(workspace)
        old = git.value_of(workspace.root, update.ref, env) if update.creates else update.old
        paths_between = git.changed(workspace.root, old or update.old, update.new, env)
        if paths_between is None:
            return door.every_room(workspace)
        found += paths_between
    return [check.Target(workspace, path) for path in found] or [check.Target(workspace, None)]
