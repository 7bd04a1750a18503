"""What stickhooks asks git of a push: one function a command."""

from __future__ import annotations

from stickhooks.errors import Refusal
from stickhooks.workspace import git_process

_run = git_process.run


def branch_here(folder: str) -> str:
    """Return the branch that is checked out, ``""`` for a detached HEAD."""
    return _ask(folder, ("symbolic-ref", "-q", "--short", "HEAD"))


def commit_of(folder: str, name: str) -> str:
    """Return the commit that a branch or any other name stands for, ``""`` where it is not here."""
    return _ask(folder, ("rev-parse", "-q", "--verify", f"{name}^{{commit}}"))


def goes_to(folder: str, remote: str, branch: str) -> str:
    """Return the remote ref that git pushes a branch to: by ``remote.NAME.push``, by ``push.default``
    where that says ``upstream``, else one of its own name."""
    form = "--format=%(push:remoteref)"
    told = _ask(folder, ("for-each-ref", form, f"refs/heads/{branch}"))
    if not told and default(folder) in ("upstream", "tracking"):
        told = upstream(folder, remote, branch)
    return told or branch


def default(folder: str) -> str:
    """Return ``push.default`` (git-config(1))."""
    return _ask(folder, ("config", "--get", "push.default")) or "simple"


def branch_named(folder: str, name: str) -> str:
    """Return the full name of the ref that a name stands for, of a branch if there is one; ``""`` for none,
    as for a commit."""
    if commit_of(folder, f"refs/heads/{name}"):
        return f"refs/heads/{name}"
    return _ask(folder, ("rev-parse", "-q", "--verify", "--symbolic-full-name", name))


def upstream(folder: str, remote: str, branch: str) -> str:
    """Return the branch of a remote that a branch is set to be pulled from, ``""`` for none there."""
    form = "--format=%(upstream:remotename) %(upstream:remoteref)"
    there, _, ref = _ask(folder, ("for-each-ref", form, f"refs/heads/{branch}")).partition(" ")
    return ref.removeprefix("refs/heads/") if there == remote else ""


def tracked(folder: str, remote: str, ref: str) -> str:
    """Return where a remote's branch was when it was looked at last, ``""`` where that is not known."""
    return commit_of(folder, f"refs/remotes/{remote}/{ref.removeprefix('refs/heads/')}")


def introduced(folder: str, new: str, remote: str) -> list[str]:
    """Return the paths that commits touch which a remote has on no branch, as far as is known here."""
    behind = ("--not", f"--remotes={remote}")
    shown = ("--format=", "--name-only", "-z", "--no-renames", "-m")
    return [it for it in _run(folder, ("log", *shown, new, *behind)).split("\0") if it]


def remotes(folder: str) -> list[str]:
    """Return the names of all remotes."""
    return _ask(folder, ("remote",)).splitlines()


def push_places(folder: str, remote: str) -> list[str]:
    """Return the addresses that pushes to a remote go to, and those that are fetched from."""
    fetched = _ask(folder, ("remote", "get-url", "--all", remote)).splitlines()
    return [*pushed_to(folder, remote), *fetched]


def pushed_to(folder: str, remote: str) -> list[str]:
    """Return the addresses that a push to a remote goes to, one after the other."""
    return _ask(folder, ("remote", "get-url", "--push", "--all", remote)).splitlines()


def mirrors(folder: str, remote: str) -> bool:
    """Tell whether every push to a remote deletes there what is not here (``remote.NAME.mirror``)."""
    return _ask(folder, ("config", "--type=bool", "--get", f"remote.{remote}.mirror")) == "true"


def _ask(folder: str, arguments: tuple[str, ...]) -> str:
    try:
        return _run(folder, arguments).strip()
    except Refusal:
        return ""
