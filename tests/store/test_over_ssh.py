"""Rooms on a git remote over ssh: a real sshd, and what is said where it does not let us in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stickhooks.store.engine.git_remote import GitRemote
from tests.support import sshd, two_engines
from tests.support.origin import git
from tests.support.world import refused


class Server:
    """A bare repository, and clones that reach it by ssh."""

    def __init__(self, folder: Path, command: str) -> None:
        self.folder, self.command = folder, command
        git(folder, "init", "-q", "--bare", "-b", "main", str(folder / "origin.git"))

    def clone(self, name: str, more: str = "") -> GitRemote:
        tree = self.folder / name
        git(self.folder, "init", "-q", "-b", "main", str(tree))
        git(tree, "remote", "add", "origin", f"ssh://server{self.folder}/origin.git")
        git(tree, "config", "core.sshCommand", f"{self.command} {more}")
        return GitRemote("origin", str(tree), str(tree / ".git"), 60)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("ssh")
    with sshd.served(folder / "sshd") as command:
        yield Server(folder, command)


def test_an_engine_over_ssh_is_one_like_any_other(server: Server) -> None:
    two_engines.play(server.clone("one"), server.clone("two"))


SAYS: dict[str, tuple[Callable[[Path], str], str]] = {
    "no key": (lambda it: "-o PubkeyAuthentication=no", "does not let you in"),
    "another host": (lambda it: "-o UserKnownHostsFile=/dev/null", "ssh does not know the server"),
    "no such port": (lambda it: "-p 1", "the server refuses connections"),
}


@pytest.mark.parametrize("case", SAYS)
def test_who_is_not_let_in_is_told_why_and_nobody_is_asked(server: Server, case: str) -> None:
    options, words = SAYS[case]
    clone = server.clone(case, options(server.folder / "sshd"))
    refusal = refused(clone.load, "engine")
    assert words in refusal.message
    assert refusal.next == ["git ls-remote origin 'refs/stickhooks/*'"]
    [trouble] = clone.probe()
    assert words in trouble.message
