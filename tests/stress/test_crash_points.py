"""An operation may be killed, or refused by the disk, at any system call. Nothing breaks by it.

A sample (``sample.py``); ``python -m tests.stress.crash_points`` tries every point.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.stress import crash_points, crash_verdict, sample, tracing
from tests.stress.crash_points import Bench, Point, Prepared
from tests.stress.one_operation import BEGIN, END
from tests.stress.part_cases import EVERY
from tests.stress.tracing import Call

MEMORY = Path("/dev/shm")  # where a write costs no wait for a disk, more points fit
LOOKED_AT = ("release", "first grant")  # by tests of the verdict
MISSED = (
    100  # of so many, one may lie where memory was laid out otherwise: an ``mmap`` more or less
)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    reason = crash_points.why_not()
    if reason:
        pytest.skip(f"NO CRASH POINT IS TRIED: {reason}")
    place = str(MEMORY) if os.access(MEMORY, os.W_OK) else None
    with TemporaryDirectory(prefix="crash-points-", dir=place) as name:
        made = Bench(Path(name))
        yield made
        made.close()


@pytest.fixture(scope="module")
def prepared(bench: Bench) -> list[Prepared]:
    return bench.prepare({*LOOKED_AT, *sample.some(list(EVERY), "CASES", 15)})


@pytest.mark.timeout(1200)
def test_no_kill_and_no_disk_error_breaks_a_room(bench: Bench, prepared: list[Prepared]) -> None:
    chosen = crash_points.choose(prepared, sample.count("POINTS", 150), sample.seed())
    report = bench.run(chosen)
    lines: list[str] = []
    crash_points.told(report, lines.append)
    print("\n".join(lines))
    assert report.points + len(report.missed) >= len(chosen)
    assert len(report.missed) <= 1 + len(chosen) // MISSED
    assert not report.violations, "\n".join(lines)


def test_every_operation_has_points_of_every_kind(prepared: list[Prepared]) -> None:
    for one in prepared:
        kinds = {point.how for point in one.points}
        assert "KILL" in kinds
        assert len([point for point in one.points if point.how == "KILL"]) > 50, one.name
        assert {"EIO", "ENOSPC", "EROFS", "EIO on", "ENOSPC on", "EROFS on"} <= kinds, one.name


def test_a_room_without_its_newest_event_would_be_seen(prepared: list[Prepared]) -> None:
    release = next(one for one in prepared if one.name == "release")
    root = release.root
    log = next((root / ".talking-stick/log").rglob("events.jsonl"))
    whole = log.read_bytes()
    log.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    try:
        found = crash_verdict.judge_logs(release.before, crash_verdict.look(root))
        assert any("missing from the log" in told for told in found)
    finally:
        log.write_bytes(whole)


def test_an_answer_that_did_not_take_effect_would_be_seen(prepared: list[Prepared]) -> None:
    grant = next(one for one in prepared if one.name == "first grant")
    root, before, after = grant.root, grant.before, grant.after
    world = crash_verdict.look(root)

    def told(outcome: dict[str, object]) -> list[str]:
        return list(crash_verdict.judge_answer(grant.name, before, after, outcome, world))

    assert any("not in effect" in one for one in told({"kind": "ok", "answer": {}}))
    doubtful = {"kind": "refusal", "done": True, "message": "", "answer": {}}
    assert any("not in effect" in one for one in told(doubtful))
    assert told({"kind": "refusal", "done": False, "message": ""}) == []
    assert told({}) == []
    assert any("a traceback" in one for one in told({"kind": "crash", "text": ""}))


def test_calls_are_counted_each_by_its_name() -> None:
    trace = 'write(1, "a", 1) = 1\nfsync(3) = 0\nwrite(1, "b", 1) = 1\n+++ killed by SIGKILL +++\n'
    calls = tracing.calls_of(trace)
    assert [(call.name, call.number) for call in calls] == [
        ("write", 1),
        ("fsync", 1),
        ("write", 2),
    ]


def test_a_fault_that_stays_fails_all_that_follows_and_nothing_before() -> None:
    calls = tracing.calls_of("\n".join([
        f'newfstatat(AT_FDCWD, "{BEGIN}") = -1', 'write(1, "a", 1) = 1',
        "fsync(3) = 0", 'write(1, "b", 1) = 1', f'newfstatat(AT_FDCWD, "{END}") = -1',
    ]))  # fmt: skip
    points = list(crash_points.points_of("release", calls))
    last = next(
        p for p in points if p.how == "EIO on" and p.call == Call("write", 2, calls[3].text)
    )
    assert "write:error=EIO:when=2+" in last.inject
    assert "fsync:error=EIO:when=2+" in last.inject
    assert isinstance(last, Point)
