"""Git's hooks that come too late to refuse: they note what was done without the stick.

Never disturbs: whatever goes wrong in here, git goes on.
"""

from stickhooks import check, disk, door, identity, paths, sightings
from stickhooks.system import os

PATHS = 100
HEAD = "head"  # in our folder of the git dir: where the hooks saw HEAD last
OUTSIDE = sightings.OUTSIDE


def answer(name: str, arguments: "list[str]") -> int:
    """Note what git just did, if the gate would not have allowed it to the caller. Always 0."""
    env = dict(os.environ)
    try:
        workspace = door.workspace(env)
        if workspace is None or workspace.git_dir is None or not door.has_room(workspace):
            return 0
        if name == "post-checkout":
            _record_head(workspace.git_dir, arguments)
        verdict = check.judge(door.every_room(workspace), check.REFS, identity.look(env), env)
        if not verdict.ok:
            _note(verdict, workspace, name, arguments, env)
    except Exception:
        pass
    return 0


def _note(
    verdict: check.Verdict,
    workspace: paths.Workspace,
    name: str,
    arguments: "list[str]",
    env: "dict[str, str]",
) -> None:
    old, new, did = _done(name, arguments)
    from stickhooks import git

    touched = git.between(workspace.root, old, new, env)[:PATHS] if old != new else []
    for ruling in verdict.refusals:
        if ruling.raw is None:
            continue
        who = ruling.caller.name if ruling.caller else ""
        sightings.note(
            workspace.root, str(ruling.raw["room_id"]), OUTSIDE,
            agent_id=who, kind=name, did=did, paths=touched,
        )  # fmt: skip


def _done(name: str, arguments: "list[str]") -> "tuple[str, str, str]":
    """Return the commits before and after, and what was done, in words."""
    if name == "post-checkout" and len(arguments) == 3:
        old, new, branch = arguments
        if branch == "1":
            return old, new, f"checked out {new[:10]}"
        return new, new, "checked files out over those of the tree"
    words = {"post-commit": "committed", "post-merge": "merged", "post-rewrite": "rewrote commits"}
    before = "ORIG_HEAD" if name == "post-merge" else "HEAD~1"
    return before, "HEAD", words.get(name, name)


def _record_head(git_dir: str, arguments: "list[str]") -> None:
    """A switch of branches is seen by no transaction in older gits; ``stick log`` knows it from here."""
    if len(arguments) != 3 or not arguments[1].isalnum():
        return
    path = os.path.join(git_dir, disk.ANCHOR_FOLDER, HEAD)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(fd, f"{_commit(git_dir, arguments)}\n".encode())
    finally:
        os.close(fd)


def _commit(git_dir: str, arguments: "list[str]") -> str:
    """Return where HEAD is after a switch: ``nowhere`` on a branch without a commit (``--orphan``)."""
    from stickhooks.refs import Refs

    refs = Refs(git_dir, paths.common_dir_of(git_dir), lambda ref: arguments[1])
    return arguments[1] if arguments[2] != "1" or refs.tip() else "nowhere"
