"""What a refusal says is left behind is the caller's own; what the holder did is no news to the holder."""

from __future__ import annotations

import pytest

from tests.support.shells import Shell

STOPPED = "git -c sequence.editor='sed -i 1ibreak' rebase -q -i HEAD~1"
CONFLICT = "git cherry-pick side"
MORE = "echo create refs/heads/b$n HEAD"


pytestmark = pytest.mark.usefixtures("conflict")


def test_what_another_began_is_never_told_to_be_taken_back(ada: Shell, bob: Shell) -> None:
    """The way back of the holder's own rebase would be the end of it."""
    ada.run(STOPPED).ok()
    for command in ("commit --allow-empty -m x", "branch -f other side", "stash clear"):
        done = bob.run(f"echo x > new && git add new && git {command}")
        assert "back:" not in done.text, command
    bob.run("git commit -m x").fails(1, "ada holds")
    ada.run("git rebase --abort").ok()
    ada.run(CONFLICT)
    done = bob.run("git add app.py && git cherry-pick --continue").fails(1, "ada holds")
    assert "back:" not in done.text


def test_what_the_holder_does_by_itself_is_no_news(ada: Shell) -> None:
    for command in (
        f"{STOPPED}; git rebase --abort",
        "git branch -m main trunk && git branch -m trunk main",
        f"{CONFLICT}; git cherry-pick --abort",
        f"(for n in $(seq 99); do {MORE}; done; echo update refs/heads/main HEAD~1) |"
        " git update-ref --stdin && git reset -q --hard",
    ):
        ada.run(command).ok()
        assert "meanwhile" not in ada.stick("renew").ok().text, command


def test_a_branch_that_was_moved_from_another_worktree_is_told(ada: Shell, bob: Shell) -> None:
    """HEAD's own log says nothing of that."""
    bob.run("git worktree add -q ../elsewhere other").ok()
    bob.run("cd ../elsewhere && git update-ref refs/heads/main side").ok()
    assert "past the hooks" in ada.stick("renew").ok().err
    assert "past the hooks" not in ada.stick("renew").ok().err
