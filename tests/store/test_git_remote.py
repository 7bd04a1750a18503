"""The engine on a git remote: real git, a bare repository over file, and clones of it."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from stickhooks.errors import Refusal
from stickhooks.store.engine import git_answers, git_remote, git_repository
from stickhooks.store.engine.git_remote import GitRemote
from stickhooks.store.engine.interface import Moved, NoAnswer, Version
from stickhooks.store.engine.store import EngineStore
from tests.protocol.test_conformance import ROOT, Replay, traces
from tests.stress import sample
from tests.support.numbered import each_once, line
from tests.support.origin import Origin, git
from tests.support.world import refused

REF = "refs/stickhooks/rooms/main"


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    return Origin(tmp_path)


def lock(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("")


def text(revision: int, operation: str = "") -> bytes:
    return b'{"schema":1,"revision":%d,"op":"%s"}\n' % (revision, operation.encode())


def test_what_one_clone_swaps_the_other_loads(origin: Origin) -> None:
    one, two = origin.clone(), origin.clone()
    assert one.load() is None
    first = one.swap(None, text(1), {"r": [line(1), line(2)]})
    assert two.load() == first
    second = two.swap(first, text(2), {"r": [line(3)]})
    assert one.load() == second
    assert one.events("r", 0, 10) == [line(1), line(2), line(3)]
    assert one.events("r", 1, 1) == [line(2)]


def test_what_is_here_is_not_fetched_again(origin: Origin) -> None:
    one, two = origin.clone(), origin.clone()
    git(Path(two.repository.root), "config", "fetch.unpackLimit", "1")  # a pack a fetch
    version = None
    for revision in range(1, 9):
        version = one.swap(version, text(revision), {})
    assert two.load() == version
    before = objects(two)
    version = one.swap(version, text(9), {})
    assert two.load() == version
    assert objects(two) - before == 4  # the commit, its tree, its document and its turns


def objects(clone: GitRemote) -> int:
    """Return how many objects a clone has, those that it has twice counted twice."""
    counts = git(Path(clone.repository.path), "count-objects", "-v").splitlines()
    facts = dict(line.split(": ") for line in counts)
    return int(facts["count"]) + int(facts["in-pack"])


def test_a_stale_swap_and_a_second_making_are_refused(origin: Origin) -> None:
    one, two = origin.clone(), origin.clone()
    first = one.swap(None, text(1, "one"), {})
    with pytest.raises(Moved):
        two.swap(None, text(1, "two"), {})
    two.load()
    two.swap(first, text(2, "two"), {})
    with pytest.raises(Moved):
        one.swap(first, text(2, "one"), {})


def test_of_clones_that_make_it_at_once_one_wins(origin: Origin) -> None:
    clones = [origin.clone() for _ in range(4)]
    won: list[str] = []

    def make(number: int) -> None:
        try:
            won.append(clones[number].swap(None, text(1, str(number)), {}).token)
        except (Moved, Refusal):
            pass

    threads = [threading.Thread(target=make, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert git(origin.path, "rev-parse", REF) == won[0]


def test_a_squash_loses_no_event_and_has_no_parent(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_remote, "SQUASH", 3)
    monkeypatch.setattr(git_remote, "PER_FILE", 2)
    one, two = origin.clone(), origin.clone()
    version = one.swap(None, text(1), {"r": [line(1)]})
    for revision in range(2, 8):
        version = one.swap(version, text(revision), {"r": [line(revision)]})
    assert two.events("r", 0, 100) == [line(number) for number in range(1, 8)]
    assert git(origin.path, "rev-list", "--count", REF) == "2"


def test_the_users_repository_stays_as_it_was(origin: Origin) -> None:
    one, two = origin.clone(), origin.clone()
    version = one.swap(None, text(1), {"r": [line(1)]})
    two.load()
    two.swap(version, text(2), {})
    tree = Path(two.repository.root)
    assert git(tree, "for-each-ref") == ""
    assert git(tree, "status", "--porcelain") == ""
    assert not (tree / ".git" / "FETCH_HEAD").exists()
    assert not list((tree / ".git" / "objects").glob("??/*"))


def test_the_users_hooks_do_not_run_and_the_servers_do(origin: Origin) -> None:
    one = origin.clone()
    hooks = Path(one.repository.root) / ".git" / "hooks"
    for name in ("pre-push", "reference-transaction"):
        hooks.mkdir(exist_ok=True)
        (hooks / name).write_text("#!/bin/sh\nexit 1\n")
        (hooks / name).chmod(0o755)
    one.swap(None, text(1), {})
    origin.hook("pre-receive", "echo no rooms here >&2; exit 1")
    version = one.load()
    refusal = refused(lambda: one.swap(version, text(2), {}), "engine")
    assert "a hook of the server declines" in refusal.message
    assert any("no rooms here" in words for words in refusal.more)


def test_two_names_are_two_documents(origin: Origin) -> None:
    one, two = origin.clone(), origin.clone("#docs")
    one.swap(None, text(1), {})
    assert two.load() is None
    refused(lambda: origin.clone("#../x"), "config")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda it: git(it.path, "config", "transfer.hideRefs", "refs/stickhooks"), "hides"),
        (lambda it: lock(it.path / f"{REF}.lock"), "lock of another push"),
        (lambda it: git(it.path, "config", "receive.advertiseAtomic", "false"), "--atomic"),
    ],
)
def test_what_is_no_lost_race_is_told_apart(
    origin: Origin, spoil: Callable[[Origin], object], words: str
) -> None:
    spoil(origin)
    refusal = refused(lambda: origin.clone().swap(None, text(1), {}), "engine")
    assert words in refusal.message


def test_a_remote_that_is_not_there_or_too_slow_changes_nothing(
    origin: Origin, tmp_path: Path
) -> None:
    one = origin.clone()
    version = one.swap(None, text(1), {})
    os.rename(origin.path, tmp_path / "away")
    assert "no repository at that place" in refused(one.load, "engine").message
    refused(lambda: one.swap(version, text(2), {}), "engine")
    os.rename(tmp_path / "away", origin.path)
    origin.hook("pre-receive", "sleep 30")
    one.seconds = 2
    with pytest.raises(NoAnswer):
        one.swap(version, text(2), {})
    one.seconds = 60
    assert one.load() == version


@pytest.mark.parametrize(
    ("errors", "not_sent"),
    [
        ("git@host: Permission denied (publickey).\nfatal: Could not read", True),
        ("fatal: unable to access 'https://x/': Failed to connect to x port 443", True),
        (
            "remote: hook: /var/log/pushes: Permission denied (13)\nfatal: the remote end hung up",
            False,
        ),
        ("remote: curl: Failed to connect to tickets port 80\nerror: RPC failed; 504", False),
        ("/etc/profile: line 3: /root/x: Permission denied\nfatal: the remote end hung up", False),
    ],
)
def test_what_a_hook_of_the_server_prints_is_no_sign_that_nothing_was_sent(
    errors: str, not_sent: bool
) -> None:
    done = git_repository.Done(128, b"", errors)
    assert git_answers.was_not_sent(done) == not_sent


def test_no_password_of_an_address_is_told(origin: Origin) -> None:
    one = origin.clone()
    git(Path(one.repository.root), "remote", "set-url", "origin", "http://ada:secret@127.0.0.1:1/x")
    refusal = refused(one.load, "engine")
    assert "secret" not in f"{refusal.message} {refusal.more}"


def test_what_an_outer_git_set_is_left_out(
    origin: Origin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clone = origin.clone()
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    clone.swap(None, text(1), {})
    assert clone.load() is not None


def test_answers_that_are_lost_are_found_out(origin: Origin) -> None:
    """Each second push ends without an answer: of half of these the server had done it."""
    drawn = random.Random(5)

    class Cutting(GitRemote):
        def _push(self, before: Version | None, commit: str, farewell: str = "") -> None:
            chance = drawn.random()
            if chance < 0.25:
                raise NoAnswer
            super()._push(before, commit, farewell)
            if chance > 0.75:
                raise NoAnswer

    clone = origin.clone()
    engine = Cutting("origin", clone.repository.root, f"{clone.repository.root}/.git", 60)
    assert each_once(engine, 8) == clone.events("r", 0, 100)


@pytest.mark.parametrize("trace", sample.some(traces(), "GIT_TRACES", 1))
def test_a_trace_is_answered_exactly(
    trace: dict[str, list[dict[str, object]]], origin: Origin, tmp_path: Path
) -> None:
    store = EngineStore(ROOT, None, origin.clone(), "here", folder=str(tmp_path / "room"))
    store.engine.least_ttl = 0
    replay = Replay(trace, store)
    for step in trace["steps"][:30]:
        replay.step(step)
