"""Every git command that moves refs, index or tree: who may, who may not, and what is left behind.

Each command runs three times from the same beginning: without hooks (but for those in the
configuration, which newer gits let nobody leave out), by the holder (it must come to the
same), and by somebody else. All rows are tried in the plain kind of repository, and a dozen in
each other kind; ``-m long`` tries the others there too. ``STICK_GITS`` names further gits to try
it with, as a search path of folders.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from stickhooks.setup import git_hooks
from stickhooks.setup.report import Report
from stickhooks.system import clock
from stickhooks.workspace import paths
from tests.support.documents import marked, page
from tests.support.shells import environment
from tests.support.world import Workspace

PASSES = "passes"
CLEAN = "refused, and nothing is changed"
LATE = "refused, with the tree changed, and the way back is told"
TREE = "refused, with the tree changed"
GITS = ["", *filter(None, os.environ.get("STICK_GITS", "").split(os.pathsep))]


@dataclass(frozen=True)
class Op:
    """A git command, what has to be there before it, and what it does for somebody else."""

    command: str
    other: str
    before: str = ""
    everywhere: bool = False  # in every kind of repository


STAGED = "echo new > new.txt; git add new.txt"
PICKED = "git checkout -q work.txt"
HOOKLESS = "git -c core.hooksPath=/dev/null"
MERGING = f"{PICKED}; {HOOKLESS} merge -q --no-commit --no-ff side"
PICKING = (
    f"{HOOKLESS} cherry-pick -n side; {PICKED};"
    " git rev-parse side > $(git rev-parse --git-dir)/CHERRY_PICK_HEAD"
)
REBASING = f"{PICKED}; GIT_SEQUENCE_EDITOR='sed -i 1ibreak' {HOOKLESS} rebase -q -i HEAD~1"

OPS = (
    Op("git commit -qm x", CLEAN, STAGED, everywhere=True),
    Op("git commit -qam x", CLEAN, everywhere=True),
    Op("git commit -qm x work.txt", CLEAN),
    Op("git commit -q --amend -m x", CLEAN, everywhere=True),
    Op("git commit -q --allow-empty -m x", CLEAN),
    Op("git commit -q --no-verify -m x", CLEAN, STAGED, everywhere=True),
    Op("git commit -q --amend --no-verify -m x", CLEAN, STAGED),
    Op("git update-ref refs/heads/main side", CLEAN, everywhere=True),
    Op("git update-ref HEAD $(git commit-tree -p HEAD -m x HEAD^{tree})", CLEAN, everywhere=True),
    Op("git update-ref --no-deref HEAD side", CLEAN),  # away from its branch, without the tree
    Op("git branch -f other side", CLEAN, everywhere=True),
    Op("git branch -D other", CLEAN, everywhere=True),
    Op("git branch -m other another", CLEAN),
    Op("git merge -q ahead", CLEAN, everywhere=True),
    Op("git merge -q --no-ff -m x side", CLEAN),
    Op("git merge -q --squash side", CLEAN),
    Op("git pull -q --no-rebase origin ahead", CLEAN),
    Op("git pull -q --rebase origin ahead", CLEAN, PICKED),
    Op("git reset -q --soft HEAD~1", CLEAN, everywhere=True),
    Op("git stash push -q", CLEAN, everywhere=True),
    Op("git stash drop -q", CLEAN),  # the last one: the list loses it, the ref does not
    Op("git rebase -q side", CLEAN, PICKED, everywhere=True),
    Op("git am -q ../one.patch", TREE, PICKED),
    Op("git cherry-pick side", LATE, everywhere=True),
    Op("git revert --no-edit HEAD", LATE),
    Op("git reset -q --hard HEAD~1", LATE, PICKED, everywhere=True),
    Op("git reset -q HEAD~1", LATE),  # the way back may not cost what is not committed
    Op("git reset -q --keep HEAD~1", LATE),
    Op("git stash pop -q", LATE, PICKED),
    Op("git checkout -q -B main side", LATE),
    Op("git switch -q -C other side", LATE),
    Op("git merge --abort", PASSES, MERGING),
    Op("git cherry-pick --abort", PASSES, PICKING),
    Op("git rebase --abort", PASSES, REBASING),
    Op("git am --abort", PASSES, f"{PICKED}; {HOOKLESS} am -q ../wrong.patch"),
    Op("git checkout -q side", PASSES, everywhere=True),
    Op("git switch -q --detach side", PASSES, everywhere=True),
    Op("git switch -q -c fresh", PASSES, everywhere=True),
    Op("git branch fresh", PASSES, everywhere=True),
    Op("git bisect start -q HEAD HEAD~2", PASSES, PICKED),
    Op("git tag fresh", PASSES),
    Op("git notes add -m x", PASSES),
    Op("git fetch -q origin", PASSES, everywhere=True),
    Op("git fetch -q origin ahead:fetched", PASSES),
    Op("git push -q origin HEAD:refs/heads/pushed", PASSES, everywhere=True),
    Op("git gc -q", PASSES, everywhere=True),
    Op("git pack-refs --all --prune", PASSES, everywhere=True),
    Op("git worktree add -q ../elsewhere -b elsewhere", PASSES),
    Op("git worktree add -q --detach ../elsewhere", PASSES),
    Op("git status --short", PASSES, everywhere=True),
)  # fmt: skip
UNBORN = (
    Op("git commit -qm first", CLEAN, STAGED),
    Op("git commit -q --no-verify -m first", CLEAN, STAGED),
    Op("git fetch -q ../origin.git ahead:fetched", PASSES),
)
#: Tried in every kind of repository, every time.
FEW = {
    "git commit -qm x", "git commit -q --no-verify -m x", "git update-ref refs/heads/main side",
    "git update-ref HEAD $(git commit-tree -p HEAD -m x HEAD^{tree})", "git branch -D other",
    "git merge -q ahead", "git stash push -q", "git rebase -q side", "git reset -q --hard HEAD~1",
    "git checkout -q side", "git switch -q -c fresh", "git pack-refs --all --prune",
}  # fmt: skip
KINDS = ("plain", "linked", "submodule", "packed", "sha256", "detached", "unborn", "reftable")


def ops(kind: str, rest: bool) -> list[Op]:
    if kind == "unborn":
        return list(UNBORN)
    rows = [op for op in OPS if op.everywhere or kind in ("plain", "linked")]
    if kind != "plain":
        rows = [op for op in rows if (op.command in FEW) != rest]
    if kind == "detached":  # HEAD alone moves, which is all there is to see of a switch too
        away = ("update-ref refs/heads/main", "pull")
        rows = [op for op in rows if not any(word in op.command for word in away)]
    return rows


class Stage:
    """A place with repositories in it, put up again from a copy before every run."""

    def __init__(self, folder: Path, kind: str, git: str, rest: bool) -> None:
        self.ops = ops("sha256" if kind == "reftable" else kind, rest)
        self.place = folder / "place"
        self.copy = folder / "copy"
        self.env = environment(folder) | {
            "GIT_AUTHOR_DATE": "2026-01-01T12:00:00Z",
            "GIT_COMMITTER_DATE": "2026-01-01T12:00:00Z",
            "GIT_EDITOR": "true",
            "GIT_ALLOW_PROTOCOL": "file",
        }
        if git:
            self.env["PATH"] = f"{git}{os.pathsep}{self.env['PATH']}"
        self.place.mkdir()
        (folder / "quiet").write_text("[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n")
        self.env["GIT_CONFIG_GLOBAL"] = str(folder / "quiet")  # nothing of its own behind our back
        (folder / "none").mkdir()
        self.env["GIT_TEMPLATE_DIR"] = str(folder / "none")  # no sample hooks to copy
        self.repo = self.place / "repo"
        self.tree = self._build(kind)
        self.lease = self._room()
        shutil.copytree(self.place, self.copy, symlinks=True)

    def _build(self, kind: str) -> Path:
        form = "--object-format=sha256" if kind == "sha256" else ""
        form += " --ref-format=reftable" if kind == "reftable" else ""
        self.run(f"git init -q -b main {form} repo", self.place)
        if kind == "unborn":
            self._history(self.place / "origin-tree", "git init -q -b main origin-tree")
            self.run("git clone -q --bare origin-tree origin.git", self.place)
            return self.repo
        self._history(self.repo, "")
        if kind == "submodule":
            self.run(
                "git init -q -b main top && cd top && git submodule -q add ../repo sub", self.place
            )
            self._branches(self.place / "top/sub")
            return self.place / "top/sub"
        if kind == "linked":
            self.run(
                "git branch -q -m main trunk && git worktree add -q ../linked -b main", self.repo
            )
            self._dirty(self.place / "linked")
            return self.place / "linked"
        if kind == "packed":
            self.run("git pack-refs --all --prune", self.repo)
        if kind == "detached":
            self.run("git checkout -q --detach", self.repo)
        self._dirty(self.repo)
        return self.repo

    def _history(self, repo: Path, init: str) -> None:
        commit = "git add . && git commit -q -m"
        self.run(
            f"{init or 'true'}; cd {repo}; for n in 1 2 3; do echo $n > n.txt; echo $n > f$n.txt;"
            f" echo w > work.txt; {commit} c$n; done; git branch other;"
            f" git switch -q -c side HEAD~1; echo s > side.txt; {commit} side;"
            f" git switch -q -c ahead main; echo a > ahead.txt; {commit} ahead;"
            " git format-patch -q -1 --stdout side > ../one.patch;"
            " sed 's/side.txt/f1.txt/' ../one.patch > ../wrong.patch;"
            " git switch -q main; git clone -q --bare . ../origin.git;"
            " git remote add origin ../origin.git; git fetch -q;"
            " echo stashed > f3.txt; git stash push -q",
            self.place,
        )

    def _branches(self, sub: Path) -> None:
        self.run(
            "git branch -q other; git branch -q side origin/side; git branch -q ahead origin/ahead;"
            " git config user.name t; echo stashed > f3.txt; git stash push -q", sub,
        )  # fmt: skip
        self._dirty(sub)

    def _dirty(self, tree: Path) -> None:
        (tree / "work.txt").write_text("somebody's work\n")

    def _room(self) -> str:
        """Make a room that somebody holds, with the git hooks, and return the lease."""
        workspace = paths.workspace_of(str(self.tree))
        assert workspace
        assert workspace.git_dir
        ws = Workspace(self.tree)
        ws.store = type(ws.store)(str(self.tree), workspace.git_dir)
        ws.rooms.store, ws.rooms.clock = ws.store, clock.read
        lease = ws.take("ada", ws.join("ada"))[2]
        report = Report(dry=False)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", self.env["PATH"])
            git_hooks.install(workspace, report, required=True)
        assert not report.troubles
        return lease

    def again(self, op: Op) -> None:
        """Put everything back to where an operation begins."""
        shutil.rmtree(self.place)
        shutil.copytree(self.copy, self.place, symlinks=True)
        self.run(f"git update-index -q --refresh; {op.before}", STICK_LEASE=self.lease)

    def run(
        self, command: str, folder: Path | None = None, **env: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", command], cwd=folder or self.tree, env=self.env | env,
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def state(self) -> dict[str, str]:
        """Return refs, index and files."""
        told = self.run(
            "git for-each-ref; echo @; git symbolic-ref -q HEAD; git rev-parse -q --verify HEAD;"
            " echo @; git ls-files -s"
        ).stdout
        refs, head, index = told.split("@\n")
        files = {
            str(path.relative_to(self.tree)): path.read_text()
            for path in sorted(self.tree.rglob("*"))
            if path.is_file() and not path.relative_to(self.tree).parts[0].startswith(".")
        }
        return {"refs": refs, "head": head, "index": index, **files}

    def locks(self) -> list[Path]:
        return [p for p in self.place.rglob("*.lock") if ".talking-stick" not in p.parts]


#: Plain repositories are tried whole every time, and of the other kinds some, which the seed draws.
EVERY = [
    pytest.param(
        (kind, git, False), id=f"{kind}-{git}",
        marks=() if kind == "plain" else pytest.mark.sampled(3),
    )
    for git in GITS for kind in KINDS
]  # fmt: skip
REST = [
    pytest.param((kind, git, True), id=f"{kind}-{git}-rest", marks=pytest.mark.long)
    for git in GITS for kind in KINDS if kind not in ("plain", "unborn")
]  # fmt: skip


@pytest.fixture(scope="module", params=EVERY + REST)
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    kind, git, rest = request.param
    if kind == "reftable" and not _knows_reftable(git):
        pytest.skip("this git has no reftable: it is new in 2.45")
    return Stage(tmp_path_factory.mktemp(kind), kind, git, rest)


def _knows_reftable(git: str) -> bool:
    command = [os.path.join(git, "git") if git else "git", "init", "-h"]
    return (
        "ref-format" in subprocess.run(command, capture_output=True, text=True, check=False).stdout
    )


def test_every_command_does_what_the_table_tells(stage: Stage) -> None:
    wrong = []
    for op in stage.ops:
        stage.again(op)
        before = stage.state()
        free = stage.run(op.command.replace("git ", f"{HOOKLESS} ", 1), STICK_LEASE=stage.lease)
        expected = stage.state()
        assert free.returncode == 0, (op.command, free.stderr)
        stage.again(op)
        allowed = stage.run(op.command, STICK_LEASE=stage.lease)
        if allowed.returncode or "stick:" in allowed.stderr or stage.state() != expected:
            wrong.append(
                f"{op.command}: not what git does: {changes(expected, stage.state())}\n{allowed.stderr}"
            )
        wrong += [f"{op.command}: left {stage.locks()}"] if stage.locks() else []
        stage.again(op)
        done = stage.run(op.command)
        found = judged(stage, op, before, expected, stage.state(), done)
        wrong += [f"{op.command}: {what}\n{done.stderr}" for what in found]
    assert not wrong, "\n".join(wrong)


def judged(
    stage: Stage, op: Op, before: dict[str, str], expected: dict[str, str],
    after: dict[str, str], done: subprocess.CompletedProcess[str],
) -> Iterator[str]:  # fmt: skip
    """Yield what is not as the table tells it."""
    if stage.locks():
        yield f"left {stage.locks()}"
    if op.other == PASSES:
        if done.returncode or after != expected:
            yield f"was to pass: {done.returncode} {changes(expected, after)}"
        return
    if done.returncode == 0 or "stick: NOT " not in done.stderr or "ada holds" not in done.stderr:
        yield f"was to be refused: {done.returncode}"
    if {key: after[key] for key in ("refs", "head")} != {
        key: before[key] for key in ("refs", "head")
    }:
        yield f"refs have moved: {changes(before, after)}"
    if op.other == CLEAN and after != before:
        yield f"was to leave nothing: {changes(before, after)}"
    if after.get("work.txt") != before.get("work.txt") and op.other != LATE:
        yield "somebody's work is gone"
    if op.other == LATE:
        told = [
            line.split("back:")[1].strip() for line in done.stderr.splitlines() if "back:" in line
        ]
        if not told:
            yield "no way back is told"
            return
        back = stage.run(told[-1])
        if back.returncode or stage.state() != before:
            yield f"{told[-1]} leads to {back.returncode} {changes(before, stage.state())} {back.stderr}"


def changes(before: dict[str, str], after: dict[str, str]) -> str:
    keys = sorted(before.keys() | after.keys())
    return "; ".join(
        f"{key}: {before.get(key)!r} -> {after.get(key)!r}"
        for key in keys
        if before.get(key) != after.get(key)
    )


def test_the_rows_for_every_kind_are_rows_of_the_table() -> None:
    assert {op.command for op in OPS if op.everywhere} >= FEW


def test_the_reference_tells_the_table() -> None:
    rows = marked(page("reference/git"), "git").strip().splitlines()[2:]
    told = dict(zip((CLEAN, TREE, LATE, PASSES), [*rows[:3], " ".join(rows[3:])], strict=True))
    for op in OPS:
        words = op.command.split()
        verb = "new branches" if words[1:] in (["branch", "fresh"],) else words[1]
        if words[-1] == "--abort":
            verb = "--abort"
        assert verb in told[op.other], op.command
