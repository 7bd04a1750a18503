"""Before a push: a branch goes to the remote that has the rooms only from who holds, by what that says now.

A plain push is not fenced by this: the lease is renewed first, so nobody may take over by time for as long as
it lasts, but what was begun before another takeover lands. ``stick push`` is fenced, and known here by the
room's ref, which moves with it: renewed here as well, that one would fail.
"""

import sys

from stickhooks.errors import Refusal
from stickhooks.fast.os import os, standard_input
from stickhooks.gate import decision
from stickhooks.handlers import common
from stickhooks.handlers.git_hook import REFUSED, GitHook, every_room, is_one_whole
from stickhooks.identity import resolver
from stickhooks.operations import obligations
from stickhooks.workspace import paths
from stickhooks.workspace.hook_names import PUSH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.operations.pushed_paths import Update
    from stickhooks.store.interface import Store

HEADS = "refs/heads/"
PLACE = "STICK_PUSHED_TO"


def answer(arguments: "list[str]", git_pid: str) -> int:
    """Refuse a push of branches unless the caller holds every room that it touches. The arguments are git's:
    the remote, and the address that is pushed to (githooks(5)), which the environment has."""
    remote, place = [*arguments, "", ""][:2]
    return GitHook(PUSH, decision.SEND, git_pid).answer(
        lambda hook, workspace: _rule(hook, workspace, remote, place or hook.env.get(PLACE, ""))
    )


def _rule(
    hook: GitHook, workspace: paths.Workspace, remote: str, place: str
) -> "decision.Verdict | int":
    updates = _updates(os.fsdecode(standard_input()))
    if not workspace.has_room() or workspace.git_dir is None:
        return 0
    if sys.platform == "win32":
        obligations.load_library()
    from stickhooks.store.engine.git_remote import ROOMS
    from stickhooks.store.engine.remote_fence import FENCES
    from stickhooks.store.opening import open_store

    rooms = [u for u in updates if u.ref.startswith((ROOMS, FENCES))]
    mirrors = _mirrors(hook, workspace, remote)
    branches = [u for u in updates if u.ref.startswith(HEADS)]
    store = open_store(workspace.root, workspace.git_dir, obligations.LOCK_TIMEOUT)
    if not (rooms or branches or mirrors) or not _is_to_engine(store, workspace, remote, place):
        return 0
    if mirrors or any(not u.new for u in rooms):
        common.say(_deletes(remote))
        return REFUSED
    if rooms:
        return 0  # fenced: it moves with that ref, or not at all
    return _judged(hook, workspace, store, branches, remote) if branches else 0


def _updates(text: str) -> "list[Update]":
    """Return what git says is pushed: lines of local ref, its commit, remote ref, its commit."""
    from stickhooks.operations.pushed_paths import Update

    lines = (line.split(" ") for line in text.splitlines())
    rows = [line for line in lines if len(line) == 4]
    return [Update(ref, _known(old), _known(new)) for _, new, ref, old in rows]


def _known(commit: str) -> str:
    return commit if commit.strip("0") else ""


def _is_to_engine(store: "Store", workspace: paths.Workspace, remote: str, place: str) -> bool:
    """Tell whether a push goes where the rooms are. A setting that names no one engine is the store's to
    refuse."""
    from stickhooks.store.engine.git_remote import GitRemote
    from stickhooks.store.engine.store import EngineStore
    from stickhooks.workspace import git_pushed

    if not isinstance(store, EngineStore):
        return False
    engine = store.engine
    if not isinstance(engine, GitRemote):
        return True
    return engine.remote == remote or place in git_pushed.push_places(workspace.root, engine.remote)


def _mirrors(hook: GitHook, workspace: paths.Workspace, remote: str) -> bool:
    """Tell whether all of the remote is to be as it is here. What that deletes git does not say: see
    ``run_pre_push_hook`` of git's transport.c."""
    from stickhooks.workspace import git_pushed

    words = (word for word in hook.command() if len(word) > len("--m"))
    asked = any("--mirror".startswith(word) for word in words)
    return asked or git_pushed.mirrors(workspace.root, remote)


def _deletes(remote: str) -> str:
    from stickhooks.text import plain, word

    told = f"this would delete the rooms of all clones, which are on {plain(remote)}"
    step = f"git push --all {word(remote)}"
    why = "a mirror has no ref that is not here, and theirs are on the remote alone"
    return f"stick: NOT PUSHED  {told}\n       {why}\n       next:    {step}"


def _judged(
    hook: GitHook,
    workspace: paths.Workspace,
    store: "Store",
    branches: "list[Update]",
    remote: str,
) -> decision.Verdict:
    """Judge by what the engine says now, and renew the lease there: what cannot be confirmed is refused."""
    try:
        store.paths()
    except Refusal:
        pass  # by the mirror, then: whoever holds by that has to renew, and hears why that fails
    targets = _targets(hook, workspace, branches, remote)
    verdict = decision.judge(targets, hook.kind, resolver.look(hook.env), hook.env)
    for ruling in verdict.allowed:
        if ruling.raw is not None and not {decision.BYPASS, decision.CLAIM} & {*ruling.due}:
            ruling.must = True
            if decision.RENEW not in ruling.due:
                ruling.due.insert(0, decision.RENEW)
    return common.settle(verdict)


def _targets(
    hook: GitHook, workspace: paths.Workspace, branches: "list[Update]", remote: str
) -> "list[paths.Target]":
    """Return what a push changes. Where no path differs it is still the room's branch that moves."""
    if is_one_whole(workspace):
        return [paths.Target(workspace, None)]
    from stickhooks.operations import pushed_paths

    found: list[str] = []
    for update in branches:
        names = pushed_paths.of(workspace, update, remote)
        if names is None:
            return every_room(workspace)
        found += names
    return paths.targets_of(workspace, found) or [paths.Target(workspace, None)]
