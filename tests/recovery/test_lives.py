"""Random lives of a tree: edits, turns, losses, commits, gc, restore, undo, in any order.

After each step: undo changes no bytes that the turn did not leave; restore replaces nothing that git
or we do not have; what was kept comes back byte for byte, mode and link; the index changes by
``--index`` alone; nothing outside the tree changes, nor what a room inside governs; what an undo or a
restore replaced comes back by the line that it told. Hooks after an edit see some of them.
A sample; at size: ``STICK_LIVES=1000 STICK_STEPS_OF_A_LIFE=60``.
"""

from __future__ import annotations

import os
import random
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stickhooks.errors import Next, Refusal
from stickhooks.operations.reply import Reply
from stickhooks.recovery import blobs, edits, entries, lists, pruning, undoing
from stickhooks.recovery.entries import Entry, Turn, Written
from tests.stress import sample
from tests.support.keeping import Keeping, repository
from tests.support.world import content, git

NAMES = ("a", "b", "dir/c", "dir/d", "run.sh", "new", "fresh/one", "fresh/two", "odd\nname", "link")
AGENTS = ("ada", "bob")
INSIDE = "cy"  # has the room of a folder inside
Tree = dict[str, tuple[str, bytes]]


class Life:
    """One tree, and all bytes that were ever in a snapshot, a commit or the index, by path."""

    names: tuple[str, ...] = NAMES

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.kept = Keeping(repository(folder / "ws"))
        self.root = self.kept.root
        self.outside = folder / "outside"
        self.outside.mkdir()
        (self.outside / "theirs").write_text("theirs\n")
        for agent in AGENTS:
            self.kept.join(agent)
        self.kept.join(INSIDE, "fresh", new=True)
        self.log: list[str] = []

    def acts(self) -> tuple[Callable[[], None], ...]:
        return (
            self.edit, self.edit, self.edit, self.remove, self.link, self.mode, self.stage, self.commit,
            self.lose, self.lose, self.collect, self.turn, self.turn, self.keep, self.keep, self.restore,
            self.restore, self.undo, self.undo, self.prune, self.block, self.seen, self.seen,
            self.turn_inside,
        )  # fmt: skip

    def step(self) -> None:
        act = self.random.choice(self.acts())
        self.log.append(act.__name__)
        act()
        assert content(self.outside) == {"theirs": b"theirs\n"}

    # --- what happens to a tree

    def path(self) -> Path:
        return self.root / self.random.choice(self.names)

    def free(self, path: Path) -> bool:
        """Have the folder of a path be one, and nothing but a file lie at it; tell whether it could be."""
        if path.parent.is_symlink() or (path.parent.exists() and not path.parent.is_dir()):
            return False
        path.parent.mkdir(exist_ok=True)
        if path.is_dir() and not path.is_symlink():
            return False
        path.unlink(missing_ok=True)
        return True

    def edit(self) -> None:
        path = self.path()
        if self.free(path):
            path.write_bytes(self.random.choice((b"x\n", b"", b"\r\n\0", self.random.randbytes(9))))

    def seen(self) -> None:
        """Have the holder, or another past the gate, edit a file: the hook after that keeps it."""
        path = self.path()
        if path.name == "link" or not self.free(path) or not os.path.isdir(self.kept.place.lists):
            return
        path.write_bytes(self.random.randbytes(9))
        holder, by = self.holder() or "", self.random.choice(AGENTS)
        name, room_id = str(path.relative_to(self.root)), self.kept.ids[AGENTS[0]]
        turn = Turn("", room_id, self.kept.leases[holder][3] if holder else 0, holder)
        at = time.time_ns() // 10**6
        edits.note(self.kept.place, name, Written(by, turn, by == holder, at))

    def link(self) -> None:
        path = self.path()
        if self.free(path):
            path.symlink_to(self.random.choice(("nowhere", str(self.outside), "a")))

    def mode(self) -> None:
        path = self.path()
        if path.is_file() and not path.is_symlink():
            path.chmod(self.random.choice((0o644, 0o755, 0o600)))

    def remove(self) -> None:
        path = self.path()
        if not path.is_dir() or path.is_symlink():
            path.unlink(missing_ok=True)

    def block(self) -> None:
        """Have a folder become a link that leads out, or a file become a folder."""
        path = self.random.choice((self.root / "fresh", self.root / "a"))
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
            path.symlink_to(self.outside)
        else:
            path.unlink(missing_ok=True)
            path.mkdir()

    def git(self, *arguments: str) -> None:
        """Run git, which may find nothing to do there, or something in its way."""
        try:
            git(self.root, *arguments)
        except subprocess.CalledProcessError:
            self.log.append("(failed)")

    def stage(self) -> None:
        self.git("add", "-A", "--", self.random.choice(("a", "dir", ".")))

    def commit(self) -> None:
        how = self.random.choice((["-a"], [], ["--amend"]))
        self.git("commit", "-q", "--allow-empty", "--no-verify", "-m", "x", *how)

    def lose(self) -> None:
        how = self.random.choice((
            ["reset", "-q", "--hard"], ["clean", "-qfd"], ["checkout", "-q", "HEAD", "--", "."],
            ["stash", "-qu"], ["rm", "-rqf", "--ignore-unmatch", "dir"],
        ))  # fmt: skip
        self.git(*how)
        if how[0] == "stash":
            self.git("stash", "clear")

    def collect(self) -> None:
        git(self.root, "reflog", "expire", "--expire=now", "--all")
        git(self.root, "gc", "-q", "--prune=now")

    # --- what we do

    def holder(self) -> str | None:
        return next((name for name in self.kept.leases if name != INSIDE), None)

    def turn_inside(self) -> None:
        if INSIDE in self.kept.leases:
            self.kept.release(INSIDE)
        else:
            self.kept.take(INSIDE)

    def turn(self) -> None:
        if self.holder():
            self.kept.release(str(self.holder()))
        else:
            self.kept.take(self.random.choice(AGENTS))

    def keep(self) -> None:
        listed = self.kept.keep("before")
        now = self.kept.tree()
        for path, entry in listed.paths.items():
            assert is_as(now.get(path), entry, self.data(entry)), path

    def data(self, entry: Entry) -> bytes:
        return blobs.read(self.kept.place, entry.blob) if entry.blob else b""

    def prune(self) -> None:
        pruning.prune(
            self.kept.place, self.random.randint(1, 3), self.random.choice((10**4, 10**8))
        )

    def tried(self, act: Callable[[], Reply]) -> Reply | None:
        """Return what a verb answers, None where it was refused to who does not hold the stick."""
        try:
            return act()
        except Refusal as refusal:
            if refusal.code in ("free", "unknown_member", "held"):
                return None
            raise

    def restore(self) -> None:
        index = git(self.root, "ls-files", "-s")
        before, had = self.kept.tree(), self.had()
        marks = [listed.mark for listed in lists.every(self.kept.place)]
        mark = self.random.choice(["", *marks])
        names = self.random.sample(self.names, self.random.choice((0, 0, 2)))
        reply = self.tried(lambda: self.kept.restore(self.holder(), *names, mark=mark))
        if reply is None:
            assert self.kept.tree() == before
            return
        self.check_changes(before, set(reply.data["written"]), had)  # type: ignore[call-overload]
        assert git(self.root, "ls-files", "-s") == index
        self.take_back(before, reply)

    def take_back(self, before: Tree, reply: Reply) -> None:
        """Sometimes do what the answer says takes it back: what was replaced is there again."""
        lines = [step for step in reply.next if isinstance(step, Next) and "--from" in step.args]
        if not lines or self.random.random() < 0.5:
            return
        mark, *paths, _ = lines[0].args[1:]
        names = [os.path.relpath(shlex.split(path)[0], self.root) for path in paths]
        done = self.kept.restore(self.holder(), *names, mark=mark)
        now = self.kept.tree()
        assert not done.data["failed"]
        for path in names:
            assert now.get(path) == before[path], f"{path!r} was not taken back"

    def had(self) -> dict[str, set[tuple[str, bytes]]]:
        """Return by path all that snapshots and the index have, before a command that brings back."""
        found: dict[str, set[tuple[str, bytes]]] = {}
        for listed in lists.every(self.kept.place):
            for path, entry in listed.paths.items():
                found.setdefault(path, set()).add((entry.kind, self.data(entry)))
        return found

    def check_changes(
        self, before: Tree, written: set[str], had: dict[str, set[tuple[str, bytes]]]
    ) -> None:
        """See that only what is said was changed, to what was kept, and over nothing that is lost now."""
        now = self.kept.tree()
        changed = {path for path in {*before, *now} if before.get(path) != now.get(path)}
        assert changed <= written, changed - written
        for path in changed:
            assert path in now, f"{path!r} was removed"
            if path in before:  # replaced
                assert self.is_kept(path, before[path][1]), path

    def is_kept(self, path: str, data: bytes) -> bool:
        """Tell whether a snapshot has these bytes of a path, or git's index."""
        for listed in lists.every(self.kept.place):
            if path in listed.paths and self.data(listed.paths[path]) == data:
                return True
        staged = subprocess.run(
            ["git", "cat-file", "blob", f":{path}"],
            cwd=self.root, capture_output=True, check=False,
        )  # fmt: skip
        return staged.returncode == 0 and staged.stdout == data

    def undo(self) -> None:
        room = next(iter(self.kept.ids.values()))
        begins = [
            it.of.turn for it in lists.every(self.kept.place)
            if it.why == "take" and it.of and it.of.room_id == room
        ]  # fmt: skip
        if not begins:
            return
        number = self.random.choice(begins)
        turn = undoing.find(self.kept.place, "", room, number, "")
        before, index = self.kept.tree(), git(self.root, "ls-files", "-s")
        reply = self.tried(lambda: self.kept.undo(self.holder(), str(number)))
        if reply is None:
            assert self.kept.tree() == before
            return
        assert git(self.root, "ls-files", "-s") == index
        written: set[str] = set(reply.data["written"])  # type: ignore[call-overload]
        self.check_changes(before, written, {})
        assert not any(path.startswith("fresh/") for path in written)  # of the room inside
        for path in written & set(before):
            if turn.end and (left := turn.end.paths.get(path)):
                assert is_as(before[path], left, self.data(left)), f"{path!r} was not what it left"
        for path in written:
            was = turn.begin.paths.get(path)
            if was and was.blob:
                assert is_as(self.kept.tree()[path], was, self.data(was)), path
        self.take_back(before, reply)


def is_as(there: tuple[str, bytes] | None, entry: Entry, data: bytes) -> bool:
    if entry.kind == entries.GONE:
        return there is None
    if there is None:
        return False
    kind = "link" if entry.kind == entries.LINK else oct(entry.mode)
    return there == (kind, data)


def live(life: Life, seed: int) -> None:
    for _ in range(sample.count("STEPS_OF_A_LIFE", 25)):
        try:
            life.step()
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            raise AssertionError(f"seed {seed}, {life.log}: {error!r}") from error
    assert os.path.isdir(life.root)


@pytest.mark.parametrize("seed", sample.seeds("LIVES", 4))
def test_a_random_life(seed: int, tmp_path: Path) -> None:
    live(Life(tmp_path, seed), seed)
