"""What git did before it asked is told: to the caller at once, to the holder at the next command."""

from __future__ import annotations

import pytest

from tests.support.shells import Shell

COMMIT = "git commit -q --allow-empty -m"
PAST = "git -c core.hooksPath=/dev/null"


pytestmark = [pytest.mark.sampled(4), pytest.mark.usefixtures("conflict")]


@pytest.mark.parametrize(
    "command",
    ["git reset --hard", "git reset -q --hard HEAD", "git reset --hard main", "git reset"],
)
def test_a_reset_that_moves_no_ref_is_refused_and_told(
    ada: Shell, bob: Shell, command: str
) -> None:
    ada.run("echo work >> app.py; git add app.py; git reset -q; git add app.py").ok()
    told = bob.run(command)
    assert told.code
    assert "too late for the" in told.err
    said = ada.stick("status").ok().text
    assert "bob" in said
    assert "git reset" in said
    assert "git reset" in ada.stick("log").ok().out
    ada.run("git reset -q --hard").ok()


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("git merge -q side", "git merge --abort"),
        ("git cherry-pick side", "git cherry-pick --abort"),
        ("git revert --no-edit HEAD~1", "git revert --abort"),
        ("git rebase -q side", "git rebase --abort"),
        ("git am -q ../p", "git am --abort"),
        ("git merge -q side", "git reset -q --merge"),
    ],
)
def test_the_holder_is_told_who_ended_what_was_under_way(
    ada: Shell, bob: Shell, begin: str, end: str
) -> None:
    if "revert" in begin:
        ada.run("echo more > app.py; git commit -qam more").ok()
    ada.run(begin)
    said = bob.run(end).ok().err
    assert said.count("TOO LATE  ada holds") == 1, said
    assert "git fsck --lost-found" in said
    told = [x for x in ada.stick("status").ok().err.splitlines() if "ended what was under way" in x]
    assert len(told) == 1, told
    assert "bob" in told[0]


@pytest.mark.parametrize("begin", ["git merge -q side", "git cherry-pick side"])
def test_what_was_ended_is_begun_again_by_the_line_that_is_printed(
    ada: Shell, bob: Shell, begin: str
) -> None:
    conflicts = "git ls-files -s; git rev-parse -q --verify MERGE_HEAD; sed s/'>.*'// app.py"
    ada.run(begin)
    before = ada.run(conflicts).out
    said = bob.run(" ".join([*begin.split()[:2], "--abort"])).ok().err
    again = next(x.split("again:")[1].strip() for x in said.splitlines() if "again:" in x)
    assert again in ada.stick("status").err
    ada.run(again)
    assert ada.run(conflicts).out == before


@pytest.mark.parametrize("begin", ["git cherry-pick side", "git revert --no-edit HEAD~1"])
def test_what_stops_at_conflicts_is_told_to_both_and_ended_by_who_began_it(
    ada: Shell, bob: Shell, begin: str
) -> None:
    ada.run("echo more > app.py; git commit -qam more; echo w >> README; stick renew").ok()
    before = ada.run("git status --porcelain; git diff; ls .git/*HEAD | grep -v ORIG").out
    said = bob.run(begin).fails(1, "ada holds", "with conflicts").err
    told = ada.stick("renew").ok().err
    assert "bob" in told
    assert "with conflicts" in told
    back = next(x.split("back:")[1].strip() for x in said.splitlines() if "back:" in x)
    assert "TOO LATE" not in bob.run(back).ok().err
    assert ada.run("git status --porcelain; git diff; ls .git/*HEAD | grep -v ORIG").out == before
    assert "meanwhile" not in ada.stick("renew").ok().err


@pytest.mark.parametrize(
    ("theirs", "left", "end"),
    [
        ("git cherry-pick side", "git cherry-pick --abort", "git cherry-pick --abort"),
        ("git am -q ../p", "git am --quit", "git am --abort"),
    ],
)
def test_who_began_the_same_once_does_not_end_the_holders_unseen(
    ada: Shell, bob: Shell, theirs: str, left: str, end: str
) -> None:
    bob.run(theirs)
    bob.run(left)
    ada.run("git reset -q --hard; git clean -fdq").ok()
    ada.stick("status").ok()
    ada.run(theirs)
    ada.run("echo resolved > app.py; git add app.py").ok()
    assert "TOO LATE  ada holds" in bob.run(end).err
    told = [x for x in ada.stick("status").ok().err.splitlines() if "ended what was under way" in x]
    assert len(told) == 1, told


@pytest.mark.parametrize("begin", ["git cherry-pick side", "git revert --no-edit HEAD~1"])
def test_what_another_began_is_not_forgotten_by_quit(ada: Shell, bob: Shell, begin: str) -> None:
    ada.run("echo more > app.py; git commit -qam more").ok()
    ada.run(begin)
    seen = "git ls-files -s; ls .git/*HEAD; cat .git/MERGE_MSG app.py"
    before = ada.run(seen).ok().out
    end = " ".join([*begin.split()[:2], "--quit"])
    bob.run(end).fails(128, "ada holds")
    assert ada.run(seen).out == before
    ada.run(end).ok()


def test_the_holders_own_abort_is_no_news(ada: Shell) -> None:
    ada.run("git merge -q side; git merge --abort").ok()
    assert "under way" not in ada.stick("renew").ok().text


def test_a_planted_marker_opens_no_door(ada: Shell, bob: Shell) -> None:
    ada.run("git update-ref ORIG_HEAD HEAD~1").ok()
    bob.run("git rev-parse side > .git/MERGE_HEAD; git update-ref refs/heads/main HEAD~1").fails(
        128, "ada holds"
    )
    bob.run(
        "rm .git/MERGE_HEAD; mkdir .git/rebase-merge; git rev-parse HEAD~1 > .git/rebase-merge/orig-head"
    )
    bob.run("git update-ref HEAD HEAD~1").fails(128, "ada holds")


def past(ada: Shell) -> list[str]:
    lines = ada.stick("renew").ok().err.splitlines()
    return [line for line in lines if "meanwhile" in line]


def test_a_commit_past_the_hooks_is_told_once_though_the_holder_committed_on_top(
    ada: Shell, bob: Shell
) -> None:
    past(ada)
    bob.run(f"{PAST} commit -q --allow-empty -m sneaked").ok()
    ada.run(f"{COMMIT} mine; {COMMIT} again").ok()
    told = past(ada)
    assert len(told) == 1, told
    assert "sneaked" in told[0]
    assert past(ada) == []
    assert ada.stick("log").ok().out.count("sneaked") == 1


def test_a_reset_to_where_hooks_saw_head_is_told_after_another_move_past_them(
    ada: Shell, bob: Shell
) -> None:
    past(ada)
    bob.run(f"{PAST} commit -q --allow-empty -m sneaked").ok()
    ada.run(f"{COMMIT} five; {COMMIT} six").ok()
    bob.run(f"{PAST} reset -q --hard HEAD~1").ok()
    ada.run(f"{COMMIT} mine").ok()
    told = past(ada)
    assert len(told) == 2, told
    assert "sneaked" in told[0]
    assert "reset: moving to HEAD~1" in told[1]


def test_there_and_back_is_told(ada: Shell, bob: Shell) -> None:
    past(ada)
    bob.run(f"{PAST} commit -q --allow-empty -m sneaked; {PAST} reset -q --hard HEAD~1").ok()
    assert "sneaked" in " ".join(past(ada))
    assert past(ada) == []


def test_a_head_that_names_no_branch_is_told_once(ada: Shell, bob: Shell) -> None:
    past(ada)
    bob.run("git symbolic-ref HEAD refs/heads/nope").ok()
    assert len(past(ada)) == 1
    assert past(ada) == []


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (f"{PAST} rebase -q -X ours side", "rebase"),
        (f"{PAST} rebase -q --apply HEAD~1 --onto side~1", "rebase"),
        (f"{PAST} am -q ../q", "am: "),
        (f"{PAST} reset -q --hard HEAD~1", "reset: moving"),  # where it was once, and hooks saw it
        (f"{PAST} checkout -q side", "checkout: moving from main to side"),
        (f"{PAST} checkout -q side; {PAST} checkout -q main", "checkout: moving from side to main"),
        (f"{PAST} merge -q -X ours side", "merge side"),
        (f"{PAST} cherry-pick -X theirs side", "cherry-pick"),
        (f"{PAST} commit -q --allow-empty --amend -m other", "commit (amend)"),
        (f"{PAST} update-ref HEAD side", "does not say how"),
        ("git symbolic-ref HEAD refs/heads/side", "does not say how"),
        ("git rev-parse side > .git/refs/heads/main", "has no entry for it"),
        ("git symbolic-ref HEAD refs/heads/nope", "a branch that is not there"),
        (f"rm .git/logs/HEAD; {PAST} commit -q --allow-empty -m sneaked", "sneaked"),
        (f"git config core.logAllRefUpdates false; rm -r .git/logs; {PAST} commit -q --allow-empty"
         " -m sneaked", "has no entry for it"),
    ],
)  # fmt: skip
def test_what_moved_head_past_the_hooks_is_told_though_the_holder_went_on(
    ada: Shell, bob: Shell, command: str, words: str
) -> None:
    ada.run(
        f"git switch -qc more; echo z > z.py; git add z.py; git commit -qm z; git switch -q main;"
        f" {COMMIT} one; {COMMIT} two; git format-patch -q -1 --stdout more > ../q"
    ).ok()
    past(ada)
    ada.run(f"{COMMIT} three; {COMMIT} four").ok()
    bob.run(command)
    ada.run(f"{COMMIT} mine; {COMMIT} again").ok()
    told = past(ada)
    assert any(words in line for line in told), told
    assert not any("mine" in line or "again" in line for line in told), told
    assert past(ada) == []
    assert "past the hooks" in ada.stick("log").ok().out


@pytest.mark.parametrize(
    "command",
    [
        f"{COMMIT} a && git checkout -q side", f"{COMMIT} a && git checkout -q side && {COMMIT} b",
        f"git checkout -q --orphan fresh; {COMMIT} b", "git switch -q --orphan fresh",
        f"git switch -q --orphan fresh; {COMMIT} b; git checkout -q main; {COMMIT} c",
        f"git branch -m main trunk; {COMMIT} b", f"{COMMIT} a; git update-ref HEAD HEAD~1; {COMMIT} b",
        "git pack-refs --all; git checkout -q side; git checkout -q main",
        "git rebase side; git rebase --abort", "git am -q ../p; git am --abort",
        f"{COMMIT} a; {COMMIT} b; git rebase -q --force-rebase HEAD~2",
        f"{COMMIT} a; git reset -q --hard HEAD~1; {COMMIT} b; git reset -q --hard HEAD~1",
        f"git config core.logAllRefUpdates false; {COMMIT} a; git checkout -q side; {COMMIT} b",
        "git reflog expire --expire=now --all",
        f"{COMMIT} a && git reset -q --hard HEAD~1", "git rebase -q -X ours side",
        "git checkout -q side; git checkout -q main", "git checkout -q --orphan fresh",
        "git commit -q --amend -m other", "git merge -q -X ours side", "git cherry-pick -X ours side",
        "git checkout -q --detach; git commit -q --allow-empty -m d", "git switch -q -c fresh",
        "git stash -q; git pull -q -X ours --no-rebase --no-edit . side",
        "git bisect start HEAD HEAD~1; git bisect reset",
    ],
)  # fmt: skip
def test_what_the_holder_does_is_no_news(ada: Shell, command: str) -> None:
    past(ada)
    ada.run(command)
    assert past(ada) == []
