"""Random lives in a tree that is harder to read: repositories inside, filters, sparse checkouts, flags.

As ``test_lives``, and beside what happens there: turns for paths, a rebase, a merge and a stash past the
gate, linked worktrees that come and go. Nothing of ours ever changes what lies in another repository.
At size: ``STICK_LIVES=1000 STICK_STEPS_OF_A_LIFE=60``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stickhooks.operations.wishes import Wish
from stickhooks.recovery import blobs, lists, making
from stickhooks.recovery.entries import Turn
from tests.recovery.test_lives import NAMES, Life, Tree, live
from tests.stress import sample
from tests.support import places
from tests.support.world import HANDOFF, git, git_repo

FOREIGN = ("inner/", "sub/")
PART = "dir"


class HardLife(Life):
    names = (*NAMES, "x.bin", "dir/y.bin", os.fsdecode(b"no-utf8-\xff"), "-dash 'q\"")

    def __init__(self, folder: Path, seed: int) -> None:
        super().__init__(folder, seed)
        self.folder = folder
        self.parts: dict[str, tuple[str, str, str, int]] = {}
        origin = folder / "origin"
        git_repo(origin)
        (origin / "theirs").write_text("of the submodule\n")
        git(origin, "add", "-A")
        git(origin, "commit", "-qm", "theirs")
        allowed = ("-c", "protocol.file.allow=always")
        git(self.root, *allowed, "submodule", "--quiet", "add", str(origin), "sub")
        git(self.root, "config", "filter.turned.clean", "tr a-z n-za-m")
        git(self.root, "config", "filter.turned.smudge", "tr a-z n-za-m")
        git(self.root, "config", "gc.auto", "0")
        (self.root / ".gitattributes").write_text("*.bin filter=turned\n")
        (self.root / "x.bin").write_text("turned\n")
        git(self.root, "add", "-A")
        git(self.root, "commit", "-qm", "hard", "--no-verify")
        inner = self.root / "inner"
        git_repo(inner)
        (inner / "own").write_text("own\n")
        git(inner, "add", "-A")
        git(inner, "commit", "-qm", "inner")

    def acts(self) -> tuple[Callable[[], None], ...]:
        hard = (
            self.foreign, self.sparse, self.flag, self.setting, self.rebase, self.merge, self.pop,
            self.linked, self.part, self.part, self.read_only,
        )  # fmt: skip
        return (*super().acts(), *hard)

    # --- what happens to a tree

    def git(self, *arguments: str) -> None:
        try:
            super().git(*arguments)
        except UnicodeDecodeError:
            self.log.append("(complained of a name that is no text)")

    def foreign(self) -> None:
        """Edit what lies in another repository, or lose it there."""
        folder = self.root / self.random.choice(FOREIGN)
        if not folder.is_dir() or not (folder / ".git").exists():
            return
        if self.random.random() < 0.5:
            (folder / self.random.choice(("own", "theirs", "new"))).write_text("edited\n")
        else:
            git(folder, "checkout", "-q", ".")

    def sparse(self) -> None:
        if self.random.random() < 0.5:
            self.git("sparse-checkout", "disable")
        else:
            self.git("sparse-checkout", "set", "--no-cone", "/a", "/*.bin", "/.gitattributes")

    def flag(self) -> None:
        flags = ("skip-worktree", "no-skip-worktree", "assume-unchanged", "no-assume-unchanged")
        path = self.random.choice(("a", "b", "dir/c", "dir/d", "run.sh", "x.bin"))
        self.git("update-index", f"--{self.random.choice(flags)}", "--", path)

    def setting(self) -> None:
        name, values = self.random.choice((
            ("core.autocrlf", ("true", "false", "input")), ("core.fileMode", ("true", "false")),
            ("core.trustctime", ("true", "false")), ("core.untrackedCache", ("true", "false")),
            ("core.splitIndex", ("true", "false")), ("index.version", ("2", "4")),
        ))  # fmt: skip
        self.git("config", name, self.random.choice(values))

    def rebase(self) -> None:
        self.git("rebase", "-q", "--no-verify", "--autostash", "HEAD~2")
        self.git("rebase", "--abort")

    def merge(self) -> None:
        self.git("merge", "-q", "--no-verify", "-m", "x", "HEAD@{3}")
        self.git("merge", "--abort")

    def pop(self) -> None:
        self.git("stash", "-qu")
        if self.random.random() < 0.5:
            self.edit()
        self.git("stash", "pop", "-q")

    def read_only(self) -> None:
        path = self.path()
        if path.is_file() and not path.is_symlink():
            path.chmod(0o444)

    def linked(self) -> None:
        """Have work be kept in a linked worktree, and that be removed: what was kept stays."""
        there = self.folder / "linked"
        self.git("worktree", "add", "-qf", "--detach", str(there))
        if not (there / ".git").exists():
            return
        data = self.random.randbytes(9)
        (there / "of it").write_bytes(data)
        made = making.make(places.workspace(there), "before", seconds=60)
        place = places.place(there)
        self.git("worktree", "remove", "--force", "--force", str(there))
        shutil.rmtree(there, ignore_errors=True)
        self.git("worktree", "prune")
        self.collect()
        assert made
        listed = lists.read(place, made.id)
        assert listed
        assert blobs.read(place, listed.paths["of it"].blob) == data

    # --- what we do

    def part(self) -> None:
        """Begin or end a turn for a folder alone, beside that of the rest."""
        if self.parts:
            _, turn = self.parts.popitem()
            name, room_id, lease, number = turn
            self.kept.ws.rooms.release(name, room_id, lease, number, HANDOFF)
            self.kept.keep("release", of=Turn(PART, room_id, number, name))
            return
        agent = next(name for name in ("bob", "ada") if name != self.holder())
        answer = self.kept.ws.rooms.wait(agent, self.kept.ids[agent], wish=Wish((PART,)))
        if answer["status"] == "your_turn":
            room_id, number = self.kept.ids[agent], int(str(answer["turn_id"]))
            self.parts[PART] = (agent, room_id, str(answer["lease_id"]), number)
            self.kept.keep("take", of=Turn(PART, room_id, number, agent))

    def restore(self) -> None:
        """Bring back, sometimes as who has the folder alone."""
        if not self.parts or self.random.random() < 0.5:
            super().restore()
            return
        others, self.kept.leases = self.kept.leases, {self.parts[PART][0]: self.parts[PART]}
        try:
            super().restore()
        finally:
            self.kept.leases = others

    def check_changes(
        self, before: Tree, written: set[str], had: dict[str, set[tuple[str, bytes]]]
    ) -> None:
        super().check_changes(before, written, had)
        assert not [path for path in written if path.startswith(FOREIGN)]

    def is_kept(self, path: str, data: bytes) -> bool:
        """Tell so also of what git gives again with its filters and line ends."""
        if super().is_kept(path, data):
            return True
        done = subprocess.run(
            ["git", "cat-file", "--filters", f":0:{path}"],
            cwd=self.root, capture_output=True, check=False,
        )  # fmt: skip
        return done.returncode == 0 and done.stdout == data


@pytest.mark.parametrize("seed", sample.seeds("LIVES", 3))
def test_a_hard_random_life(seed: int, tmp_path: Path) -> None:
    live(HardLife(tmp_path, seed), seed)
