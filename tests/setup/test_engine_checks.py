"""``stick doctor`` at a remote that does not let us: real bare repositories, their settings and hooks."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stickhooks.errors import Refusal
from stickhooks.operations.context import Desk
from stickhooks.setup import engine_checks
from stickhooks.store.engine import setting
from stickhooks.store.engine.store import EngineStore
from stickhooks.system import clock
from stickhooks.text import command
from tests.support.origin import Origin, git

TTL = 45 * 60_000


class Clinic:
    """A clone whose rooms are on a bare repository, and what doctor says of that."""

    def __init__(self, folder: Path) -> None:
        self.origin = Origin(folder)
        self.engine = self.origin.clone()
        self.root = Path(self.engine.repository.root)
        self.git_dir = str(self.root / ".git")
        made = setting.drawn("git:origin")
        setting.enter(self.git_dir, str(self.root), made)
        git(self.root, "config", "stickhooks.engine", "git:origin")
        self.desk().rooms.join("ada", "")

    def desk(self) -> Desk:
        return Desk(str(self.root), env={"HOME": str(self.root)})

    def told(self) -> list[tuple[str, str, str]]:
        found = engine_checks.amiss(self.desk())
        return [(code, what, command(step)) for code, what, step in found]


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path)


def declines(name: str, refs: str) -> Callable[[Clinic], object]:
    words = (
        f'while read old new ref; do case $ref in {refs}) echo "not $ref" >&2; exit 1;; esac; done'
    )
    return lambda it: it.origin.hook(name, words)


def configures(key: str, value: str) -> Callable[[Clinic], object]:
    return lambda it: git(it.origin.path, "config", key, value)


def leaves_a_lock(it: Clinic) -> None:
    git(it.origin.path, "pack-refs", "--all")
    (it.origin.path / "packed-refs.lock").write_text("")


DRY = "git push --dry-run origin HEAD"
HIDES = ("engine", "hides refs/stickhooks", "hiderefs")
DECLINES = ("engine", "a hook of the server declines", DRY)
SANDBOX = ("engine", "a sandbox may push its own branch only", DRY)
LOCK = ("engine", "a lock of another push is left", "packed-refs.lock")
RENAMED = ("config", "none of that name here", "git remote")
ATOMIC = ("engine", "--atomic", "receive.advertiseAtomic true")
TROUBLES: dict[str, tuple[Callable[[Clinic], object], tuple[str, str, str]]] = {
    "hidden by transfer": (configures("transfer.hideRefs", "refs/stickhooks/probe"), HIDES),
    "hidden by receive": (configures("receive.hideRefs", "refs/stickhooks"), HIDES),
    "a hook": (declines("pre-receive", "refs/stickhooks/*"), DECLINES),
    "its own branch only": (declines("pre-receive", "refs/heads/mine) ;; *"), SANDBOX),
    "no atomic": (configures("receive.advertiseAtomic", "false"), ATOMIC),
    "a lock": (leaves_a_lock, LOCK),
    "renamed": (lambda it: git(it.root, "remote", "rename", "origin", "team"), RENAMED),
}


def test_nothing_is_wrong_and_nothing_is_left(clinic: Clinic) -> None:
    assert clinic.told() == []
    assert "probe" not in git(clinic.origin.path, "for-each-ref")


@pytest.mark.parametrize("name", TROUBLES)
def test_each_trouble_has_its_sentence_and_step(clinic: Clinic, name: str) -> None:
    spoil, (code, words, step) = TROUBLES[name]
    spoil(clinic)
    [(told, what, way)] = clinic.told()
    assert told == code
    assert words in what
    assert step in way


def test_a_lock_at_the_room_names_the_file(clinic: Clinic) -> None:
    place = clinic.origin.path / "refs/stickhooks/rooms/main.lock"
    place.write_text("")
    with pytest.raises(Refusal, match="a lock of another push is left") as caught:
        clinic.desk().rooms.join("bob", "")
    step = command(caught.value.next[0])
    assert step.endswith("main.lock # on the server, while nobody pushes")
    subprocess.run(["sh", "-c", step], check=True)
    clinic.desk().rooms.join("bob", "")


def test_a_clock_that_was_set_forward_is_told(clinic: Clinic) -> None:
    rooms = clinic.desk().rooms
    snapshot = rooms.store.load("")
    assert snapshot
    rooms.wait("ada", snapshot.room.room_id)
    desk = clinic.desk()
    wall, since_boot, boot = clock.read()
    # a second more than is told: the two clocks are not read at one moment, nor rounded alike
    desk.rooms.clock = lambda: (wall + 3_601_000, since_boot, boot)
    [(code, what, step)] = list(engine_checks.amiss(desk))
    assert (code, command(step)) == ("config", "stick renew")
    assert "set forward by 60 min" in what or "set forward by 1 h" in what


def test_hours_that_nobody_watched_are_no_wrong_clock(clinic: Clinic) -> None:
    from stickhooks.setup import doctor

    desk = clinic.desk()
    assert isinstance(desk.store, EngineStore)
    desk.rooms.clock = lambda: (time.time_ns() // 1_000_000 + 3_600_000, *clock.read()[1:])
    assert not [f for f in doctor._rooms(desk) if "clock" in f.what]
