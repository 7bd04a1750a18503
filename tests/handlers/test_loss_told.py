"""What a command took of uncommitted work is told at once, or by the next verb: once, and how old it is."""

from __future__ import annotations

import pytest

from tests.support.shells import Shell

BACK = "back: stick restore"
WORK = "an afternoon of work\n"


def work(ada: Shell) -> None:
    for path in ("app.py", "README", "new.txt"):  # the same bytes elsewhere would be no loss
        (ada.cwd / path).write_text(path + WORK)
    ada.run("git add README").ok()


@pytest.fixture
def asked(ada: Shell) -> Shell:
    """The holder, with git's before-hook, some uncommitted work, and a branch like main."""
    ada.stick("take").ok()
    ada.stick("init --only git --before-hook").ok()
    ada.run("git branch other").ok()
    work(ada)
    return ada


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("git checkout .", "1 file (app.py)"),
        ("git checkout -q HEAD -- app.py README", "2 files (README, app.py)"),
        ("cd src && git checkout ../app.py", "1 file (app.py)"),
        ("git restore app.py", "1 file (app.py)"),
        ("git restore -q --staged --worktree .", "2 files (README, app.py)"),
        ("git reset -q --hard", "2 files (README, app.py)"),
        ("git checkout -q -f other", "2 files (README, app.py)"),
        ("git checkout -q -f -B main other", "2 files (README, app.py)"),
        ("git switch -q --discard-changes other", "2 files (README, app.py)"),
    ],
)
def test_what_a_command_took_is_told_after_it_with_the_line_that_brings_it_back(
    asked: Shell, command: str, files: str
) -> None:
    told = asked.run(command).ok().err
    shown = command.partition("&& ")[2] or command
    assert told.count(f"stick: {shown} took uncommitted work from {files}, kept ") == 1, told
    assert told.count(BACK) == 1
    assert "took uncommitted" not in asked.run(command).text  # nothing was there any more
    assert "meanwhile" not in asked.stick("take").text


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "command", ["git clean -fdq", "rm new.txt", "git stash -uq; git stash drop -q"]
)
def test_where_git_runs_nothing_afterwards_the_next_verb_tells(asked: Shell, command: str) -> None:
    asked.run("git stash -uq; git stash pop -q").ok()  # kept before it
    asked.run(command).ok()
    told = asked.stick("take").ok().text
    assert "is in the tree no more; kept " in told, told
    assert "new.txt" in told
    assert BACK in told
    assert BACK not in asked.stick("take").ok().text


def test_work_that_was_put_away_or_committed_is_no_loss(asked: Shell) -> None:
    assert "took" not in asked.run("git stash -uq; git stash pop -q").ok().err
    asked.run("git switch -q -c topic; git switch -q main").ok()  # keeps what is not committed
    (asked.cwd / "app.py").write_text(WORK + "finished\n")
    asked.run("git add .; git commit -qm finished").ok()
    assert BACK not in asked.run("git checkout .; git reset -q --hard").ok().err
    assert BACK not in asked.stick("take").ok().text


def test_what_a_commits_hook_puts_aside_is_not_told_as_taken(asked: Shell) -> None:
    hook = asked.cwd / ".git/hooks/pre-commit"
    ours = hook.read_text()
    aside = "git diff > ../patch; git checkout -q -- .; git apply ../patch || exit 1\n"
    hook.write_text(ours + aside)
    done = asked.run("git commit -qm staged").ok()
    assert "took" not in done.err
    assert BACK not in asked.stick("take").ok().text
    assert (asked.cwd / "app.py").read_text() == "app.py" + WORK


def test_without_the_before_hook_the_age_of_what_is_kept_is_told_and_the_hook_offered(
    ada: Shell,
) -> None:
    (ada.cwd / "app.py").write_text("as the turn began\n")
    ada.stick("take").ok()
    (ada.cwd / "app.py").write_text(WORK)  # saved later, and kept by nobody
    told = ada.run("git checkout .").ok().err
    assert "uncommitted work in 1 file (app.py) is in the tree no more; kept " in told
    assert "as it was then" in told
    assert "stick init --before-hook" in told
    assert BACK in told


def test_the_holder_is_told_what_another_took(asked: Shell, bob: Shell) -> None:
    assert BACK in bob.run("git checkout .").ok().err
    told = asked.stick("status").ok().text
    assert "bob at" in told
    assert (
        "overwrote files here with git checkout or restore; git checkout . took uncommitted" in told
    )
    assert told.count(BACK) == 1


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "command",
    ["git reset --hard", "git reset -q --hard other", "git checkout -q -f -B main other"],
)
def test_a_refusal_that_comes_too_late_names_what_was_kept(
    asked: Shell, bob: Shell, command: str
) -> None:
    told = bob.run(command)
    assert "took uncommitted work from 2 files (README, app.py), kept" in told.err, told.err
    assert told.err.count(BACK) == 1
    assert "are lost" not in told.err
    assert asked.stick("status").ok().text.count(BACK) == 1
