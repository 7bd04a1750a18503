"""Work is kept and brought back by processes that are killed, or refused by the disk, at any call.

A file is the old one or the new one and never torn, and a second run ends what was begun.
A sample (``STICK_KEPT_POINTS`` of each): set it to 0, and run with ``-o timeout=0``, for every point.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from stickhooks.recovery import blobs, lists
from tests.stress import crash_points, sample
from tests.stress.cases import repository, rooms_at
from tests.stress.crash_points import Point
from tests.stress.kept_cases import EDITED, KEPT
from tests.stress.tracing import Server
from tests.support.places import place

MEMORY = Path("/dev/shm")
COMMITTED = {"lib/core.py": "core = 1\n"}
TURN = dict.fromkeys(EDITED, "of the turn\n")
#: Before and after, by operation: what each file may be meanwhile.
ENDS = {
    "keep": (EDITED, EDITED),
    "keep much": (EDITED, EDITED),
    "restore": (COMMITTED, EDITED),
    "undo": (TURN, EDITED),
    "forget": ({**EDITED, "new/one": "other\n"},) * 2,
    "prune": (EDITED, EDITED),
}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    reason = crash_points.why_not()
    if reason:
        pytest.skip(f"NO CRASH POINT IS TRIED: {reason}")
    where = str(MEMORY) if os.access(MEMORY, os.W_OK) else None
    with TemporaryDirectory(prefix="kept-", dir=where) as name:
        yield Path(name)


def tree(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): path.read_text()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.relative_to(root).parts[0] not in (".git", ".talking-stick")
    }


def judge(name: str, root: Path, outcome: dict[str, object]) -> None:
    """See that the tree and the store are whole, and that a second run ends it."""
    before, after = ENDS[name]
    assert outcome.get("kind") != "crash", outcome
    there = tree(root)
    for path in {*before, *after}:
        assert there.get(path) in {before.get(path), after.get(path)}, path
    strange = {path for path in there if path not in after and not path.startswith("new/n")}
    assert not strange
    store = place(str(root))
    for listed in lists.every(store):
        for path, entry in listed.paths.items():
            assert entry.kind == "gone" or blobs.read(store, entry.blob) is not None, path
    KEPT[name].prepare(rooms_at(root))()  # undisturbed
    now = tree(root)
    assert {path: now.get(path) for path in after} == dict(after)
    if name == "forget":
        kept = [it.paths.get("new/one") for it in lists.every(store)]
        assert kept == [None] * len(kept)
    elif name == "prune":
        assert len(lists.names(store)) == 1
        assert set(lists.names(store)) == {it.id for it in lists.every(store)}
    else:
        newest = lists.newest(store)
        assert newest


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", KEPT)
def test_no_kill_and_no_disk_error_tears_anything(name: str, folder: Path) -> None:
    server = Server(folder / f"server of {name}")
    try:
        template = repository(folder / name / "template" / "r")
        KEPT[name].build(rooms_at(template))
        clean = folder / name / "run000" / "r"
        shutil.copytree(template, clean, symlinks=True)
        calls, outcome = server.run(name, clean, ())
        assert outcome.get("kind") == "ok", outcome
        judge(name, clean, dict(outcome))
        points = list(crash_points.points_of(name, calls))
        assert len(points) > 100
        count = sample.count("KEPT_POINTS", 4)
        drawn = random.Random(f"{sample.seed()} {name}").sample(
            points, min(count or 10**6, len(points))
        )
        for i, point in enumerate(drawn):
            try_point(server, point, template, folder / name / f"run{i + 1:03}" / "r")
    finally:
        server.close()


def try_point(server: Server, point: Point, template: Path, root: Path) -> None:
    shutil.copytree(template, root, symlinks=True)
    _, outcome = server.run(point.case, root, point.inject)
    try:
        judge(point.case, root, dict(outcome))
    except AssertionError as error:
        raise AssertionError(f"{point}: {error}") from error
    shutil.rmtree(root.parent)
