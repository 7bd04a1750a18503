"""Each command that is printed as a way back is run where it is printed: nothing of the holder's is lost.

The holder has work of several kinds; somebody else's command is refused too late, or stops halfway.
The way back then leads byte for byte to where it began; and where the holder has gone on working in
between, it keeps that, or does nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import copied_room
from tests.support.shells import Result, Shell, Shells, environment

pytestmark = pytest.mark.sampled(5)

WORK = {
    "loose": "echo w >> services/web/index.html; chmod +x services/web/site.css;"
    " mkdir -p d; echo u > d/new; echo u2 > 'a b'",
    "staged": "echo s >> src/core.py; git add src/core.py; echo more >> src/core.py;"
    " echo n > fresh; git add fresh",
}
LATER = "echo later > later; git add later; echo later >> services/api/main.py"
SEEN = (
    "git ls-files -s; git diff --binary; git status --porcelain; git rev-parse HEAD; git branch -v;"
    " git stash list; (cd .git; ls -d *_HEAD rebase-* sequencer 2>/dev/null | grep -v ORIG);"
    " ls -lR --time-style=+ . | grep -v total"
)
STASHED = {
    "": "echo x >> app.py; git stash -q",
    "-u": "echo x >> app.py; echo u > untracked; git rm -q docs/guide.md; git stash -q -u",
    "new": "echo n > added; git add added; echo x >> app.py; git stash -q -m 'my own words'",
    "elsewhere": "git switch -q side~1; echo x >> README; git stash -q; git switch -q main",
    "--index": "echo x >> app.py; git add app.py; echo y >> README; git stash -q",
}
LATE = {
    "git cherry-pick clean": "",
    "git cherry-pick clean clean2": "",
    "git cherry-pick side": "",
    "git cherry-pick clean side": "",
    "git revert --no-edit HEAD": "",
    "git revert --no-edit HEAD clean-base": "",
    "git reset -q HEAD~1": "",
    "git reset -q --keep HEAD~1": "",
    "git checkout -q -B main clean": "",
    "git switch -q -C other clean": "",
    "git stash pop -q": STASHED[""],
    "git stash pop -q ": STASHED["-u"],
    "git stash pop -q  ": STASHED["new"],
    "git stash pop -q   ": STASHED["elsewhere"],
    "git stash pop -q --index": STASHED["--index"],
    "git am -q ../clean.patch": "",
    "git rebase -q --no-verify clean": "",
    "git rebase -q --no-verify --autostash clean": "",
    "git rebase -q --no-verify --autostash --apply clean": "",
    "git rebase -q --no-verify --autostash ahead": "",
    "git reset -q --hard HEAD~1": "",
}  # fmt: skip
#: Git itself throws work away before it asks; there the way back is for the rest alone.
LOSSY = ("git reset -q --hard HEAD~1",)
UNSTAGING = ("git reset -q HEAD~1", "git reset -q --keep HEAD~1")


class Stage:
    """The holder's tree, put back from a copy before each command."""

    def __init__(self, ada: Shell, bob: Shell, room: Path) -> None:
        self.ada, self.bob, self.room = ada, bob, room
        self.copy = room.parent / "copy"
        ada.run(
            "git tag clean-base && git switch -qc clean && echo c > clean && git add clean &&"
            " git commit -qm clean && git branch clean1 && echo c2 > c2 && git add c2 && git rm -q app.py"
            " && git commit -qm clean2 && git branch clean2 && git reset -q --hard HEAD~1 &&"
            " git format-patch -q -1 --stdout > ../clean.patch &&"
            " git switch -q main && git switch -qc ahead && echo a > ahead && git add ahead &&"
            " git commit -qm ahead && git switch -q main && echo last > last && git add last &&"
            " git commit -qm last"
        ).ok()
        shutil.copytree(room, self.copy, symlinks=True)

    def begin(self, work: str, before: str = "") -> str:
        shutil.rmtree(self.room)
        shutil.copytree(self.copy, self.room, symlinks=True)
        self.ada.run(f"git update-index -q --refresh; {before or 'true'}; {WORK[work]}").ok()
        return self.seen()

    def seen(self) -> str:
        return self.ada.run(SEEN).out


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, template_conflict: Path) -> Iterator[Stage]:
    """One stage for all commands: each begins from the copy."""
    folder = tmp_path_factory.mktemp("stage")
    (folder / "home").mkdir()
    env = environment(folder / "home")
    shells = Shells(folder / "shells", env)
    room = copied_room(template_conflict, folder / "shop", env)
    shutil.copyfile(template_conflict.parent / "p", folder / "p")
    ada, bob = shells.holder(room, "ada"), shells.member(room, "bob")
    yield Stage(ada, bob, room)
    shells.close()


def step(done: Result, label: str) -> str:
    lines = [x.split(label, 1)[1].strip() for x in done.err.splitlines() if f" {label}" in x]
    return lines[-1].partition("   (")[0] if lines else ""


def list_again(stage: Stage, done: Result) -> None:
    again = step(done, "again:")
    if again:
        stage.ada.run(again.removeprefix("stick wait && ")).ok()


@pytest.mark.parametrize("command", LATE)
@pytest.mark.parametrize("work", WORK)
def test_the_way_back_leads_to_where_it_began(stage: Stage, command: str, work: str) -> None:
    before = stage.begin(work, LATE[command])
    done = stage.bob.run(command)
    assert done.code
    if "stick:" not in done.err:
        assert (
            work == "staged" or command == "git rebase -q --no-verify clean"
        )  # git itself refuses
        return
    stage.bob.run(step(done, "back:")).ok()
    list_again(stage, done)
    if command not in LOSSY and not (work == "staged" and command in UNSTAGING):
        assert stage.seen() == before, done.err


@pytest.mark.parametrize("command", LATE)
def test_the_way_back_keeps_what_the_holder_did_in_between(stage: Stage, command: str) -> None:
    stage.begin("loose", LATE[command])
    done = stage.bob.run(command)
    back = step(done, "back:")
    if "--abort" in back:
        return  # what git has for conflicts, of use at once
    stage.ada.run(LATER).ok()
    stage.bob.run(back)
    kept = stage.ada.run("cat later; git cat-file -p :later; tail -1 services/api/main.py").ok()
    assert kept.out == "later\n" * 3, (back, done.err)
    assert (stage.room / "d/new").read_text() == "u\n"
    assert (stage.room / "a b").read_text() == "u2\n"


def test_a_dropped_entry_comes_back_with_its_own_words(stage: Stage) -> None:
    before = stage.begin("loose", STASHED["new"])
    back = step(stage.bob.run("git stash drop -q"), "back:")
    assert back.startswith("stick wait && ")
    stage.ada.run(back.removeprefix("stick wait && ")).ok()
    assert stage.seen() == before


@pytest.mark.parametrize(
    "command", ["git reset -q --hard", "git reset -q --hard main", "git reset -q"]
)
def test_a_reset_that_moves_nothing_prints_no_way_back_but_finds_what_was_staged(
    stage: Stage, command: str
) -> None:
    stage.begin("staged")
    staged = stage.ada.run("git cat-file -p :src/core.py").ok().out
    done = stage.bob.run(command)
    assert done.code
    assert "back:" not in done.err
    stage.bob.run(step(done, "find:")).ok()
    lost = stage.room / ".git/lost-found/other"
    assert staged in [file.read_text(errors="replace") for file in lost.iterdir()]
    assert "git fsck --lost-found" in stage.ada.stick("status").err


@pytest.mark.parametrize("command", ["git merge -q side", "git cherry-pick side"])
def test_after_a_hard_reset_of_what_was_under_way_it_can_be_begun_again(
    stage: Stage, command: str
) -> None:
    stage.begin("loose")
    stage.ada.run(command)
    conflicts = stage.ada.run("git ls-files -u; cat app.py").out
    assert "<<<<<<<" in conflicts
    stage.ada.run("echo solved > app.py")
    again = step(stage.bob.run("git reset -q --hard"), "again:")
    stage.ada.run(again)
    assert stage.ada.run(
        "git ls-files -u; git diff --diff-filter=U --name-only; grep -c '<<<' app.py"
    ).out
    assert "=======\ns\n>>>>>>>" in (stage.room / "app.py").read_text()
