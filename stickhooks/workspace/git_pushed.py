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


def goes_to(folder: str, branch: str) -> str:
    """Return the remote ref that git pushes a branch to (``push.default``), its own name for none."""
    form = "--format=%(push:remoteref)"
    return _ask(folder, ("for-each-ref", form, f"refs/heads/{branch}")) or branch


def tracked(folder: str, remote: str, ref: str) -> str:
    """Return where a remote's branch was when it was looked at last, ``""`` where that is not known."""
    return commit_of(folder, f"refs/remotes/{remote}/{ref.removeprefix('refs/heads/')}")


def introduced(folder: str, new: str, remote: str) -> list[str]:
    """Return the paths that commits touch which a remote has on no branch, as far as is known here."""
    behind = ("--not", f"--remotes={remote}")
    shown = ("--format=", "--name-only", "-z", "--no-renames", "-m")
    return [it for it in _run(folder, ("log", *shown, new, *behind)).split("\0") if it]


def push_places(folder: str, remote: str) -> list[str]:
    """Return the addresses that pushes to a remote go to, and those that are fetched from."""
    ways = (("--push", "--all"), ("--all",))
    told = (_ask(folder, ("remote", "get-url", *way, remote)) for way in ways)
    return [line for one in told for line in one.splitlines()]


def mirrors(folder: str, remote: str) -> bool:
    """Tell whether every push to a remote deletes there what is not here (``remote.NAME.mirror``)."""
    return _ask(folder, ("config", "--type=bool", "--get", f"remote.{remote}.mirror")) == "true"


def _ask(folder: str, arguments: tuple[str, ...]) -> str:
    try:
        return _run(folder, arguments).strip()
    except Refusal:
        return ""
