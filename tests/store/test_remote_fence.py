"""Branches on a git remote, with the rooms elsewhere: the ref that moves with each turn, and what lands when
somebody takes over in each moment of a push."""

from __future__ import annotations

import itertools
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from stickhooks.errors import Refusal
from stickhooks.store.engine import remote_fence
from stickhooks.store.engine.beside import Beside
from stickhooks.store.engine.git_repository import Done
from stickhooks.store.engine.interface import Version
from stickhooks.store.engine.remote_fence import Fence
from tests.store.test_fence import (
    BRANCH,
    Always_lost,
    Clone,
    Done_lost,
    Lost_at_first,
    in_her_hook,
    lease_of,
    on_the_server,
    tip,
)
from tests.support.documents import REPOSITORY
from tests.support.memory_engine import MemoryEngine
from tests.support.origin import Origin, git
from tests.support.world import HOUR, refused

REF = f"{remote_fence.FENCES}main"


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    return Origin(tmp_path)


@pytest.fixture
def people(origin: Origin) -> tuple[Clone, Clone]:
    engine = MemoryEngine()
    return Clone(origin, "ada", engine), Clone(origin, "bob", engine)


def fence_of(clone: Clone, kind: type[Fence] = Fence) -> Fence:
    return kind("origin", "main", str(clone.tree), str(clone.tree / ".git"), 60)


def push(
    clone: Clone,
    fence: Fence | None = None,
    kind: type[Beside] = Beside,
    after: Callable[[], object] = lambda: None,
) -> Beside:
    """Push the branch; ``after`` is called once the lease was renewed."""
    token = lease_of(clone)
    beside = kind(str(clone.tree), "origin", [f"{BRANCH}:{BRANCH}"], lambda _: None)

    def renew() -> None:
        clone.rooms.heartbeat(clone.name, *token)
        after()

    remote_fence.push(clone.store, fence or fence_of(clone), beside, renew)
    return beside


def ref(origin: Origin) -> str:
    return git(origin.path, "for-each-ref", "--format=%(objectname)", REF)


def note(clone: Clone) -> object:
    snapshot = clone.store.load("")
    assert snapshot
    fence = dict((snapshot.record.mirror or {}).get("fence") or {})  # type: ignore[call-overload]
    fence.pop("id", "")
    return fence


def begun(ada: Clone) -> None:
    """Have the fence be there, and a commit that is not pushed."""
    ada.take()
    ada.commit()
    push(ada)
    ada.commit()


def test_a_branch_moves_with_the_ref_and_each_turn_moves_it(
    origin: Origin, people: tuple[Clone, Clone]
) -> None:
    ada, bob = people
    ada.take()
    made = ada.commit()
    assert ref(origin) == ""  # who never pushes so pays nothing
    push(ada)
    assert tip(origin) == made
    before = ref(origin)
    assert bob.take_over() == "ok"
    assert ref(origin) != before
    assert note(bob) == {"turn": 2, "why": ""}
    lines = git(origin.path, "cat-file", "blob", f"{REF}:turns")
    assert "turn 2\nclone bob" in lines
    before = ref(origin)
    bob.rooms.heartbeat("bob", *lease_of(bob))
    assert ref(origin) == before  # a renewal moves nothing
    assert git(origin.path, "rev-list", "--count", REF) == "1"


class Halting(Fence):
    """A fence that lets somebody act in one moment of a push."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.acts: dict[str, Callable[[], object]] = {}

    def _at(self, moment: str) -> None:
        self.acts.pop(moment, lambda: None)()

    def load(self) -> Version | None:
        self._at("before the ref is read")
        found = super().load()
        self._at("once the ref was read")
        return found

    def move(self, before: Version | None, data: bytes, operation: str) -> None:
        self._at("before it is sent")
        super().move(before, data, operation)


MOMENTS = (
    "before the ref is read", "once the ref was read", "once the lease was renewed",
    "before it is sent",
)  # fmt: skip


@pytest.mark.parametrize("moment", MOMENTS)
def test_who_takes_over_in_any_moment_finds_the_branch_as_it_was(
    origin: Origin, people: tuple[Clone, Clone], moment: str
) -> None:
    ada, bob = people
    begun(ada)
    before, fence = tip(origin), fence_of(ada, Halting)
    assert isinstance(fence, Halting)
    ends: list[str] = []
    fence.acts[moment] = lambda: ends.append(bob.take_over())
    renewals = itertools.count()

    def after() -> None:
        if next(renewals) == 1:  # the first one is from before the ref is read
            fence._at("once the lease was renewed")

    refused(lambda: push(ada, fence, after=after), "turn_mismatch")
    assert ends == ["ok"]
    assert tip(origin) == before


@pytest.mark.parametrize("window", [in_her_hook, on_the_server])
def test_a_takeover_while_it_is_sent_leaves_the_branch_as_it_was(
    origin: Origin, people: tuple[Clone, Clone], window: Callable[[Origin, Clone], None]
) -> None:
    ada, bob = people
    begun(ada)
    before, ends = tip(origin), list[str]()
    window(origin, ada)

    def pushes() -> None:
        try:
            push(ada)
        except Refusal as refusal:
            ends.append(refusal.code)

    pushing = threading.Thread(target=pushes)
    pushing.start()
    until = time.monotonic() + 200
    while not (origin.folder / "begun").exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert bob.take_over() == "ok"
    (origin.folder / "go").touch()
    pushing.join()
    assert ends == ["turn_mismatch"]
    assert tip(origin) == before


@pytest.mark.parametrize("fault", [Done_lost, Lost_at_first])
def test_an_answer_that_is_lost_is_found_out(
    origin: Origin, people: tuple[Clone, Clone], fault: type[Beside]
) -> None:
    ada, _ = people
    begun(ada)
    push(ada, kind=fault)
    assert tip(origin) == git(ada.tree, "rev-parse", "HEAD")


def test_what_landed_before_a_takeover_is_not_called_undone(
    origin: Origin, people: tuple[Clone, Clone]
) -> None:
    ada, bob = people
    begun(ada)

    class Taken(Done_lost):
        def sent(self, arguments: Sequence[str], objects: str) -> Done:
            done = super().sent(arguments, objects)
            assert bob.take_over() == "ok"
            return done

    push(ada, kind=Taken)
    assert tip(origin) == git(ada.tree, "rev-parse", "HEAD")


def test_what_was_sent_and_may_land_yet_is_not_called_undone(
    origin: Origin, people: tuple[Clone, Clone]
) -> None:
    ada, bob = people
    begun(ada)

    class Taken(Always_lost):
        def sent(self, arguments: Sequence[str], objects: str) -> Done:
            away = origin.path.rename(origin.path.with_suffix(".away"))
            assert bob.take_over() == "ok"
            away.rename(origin.path)
            return super().sent(arguments, objects)

    assert refused(lambda: push(ada, kind=Taken), "engine").details["doubt"]


def test_what_cannot_be_found_out_is_said(origin: Origin, people: tuple[Clone, Clone]) -> None:
    ada, _ = people
    begun(ada)
    before = tip(origin)
    assert refused(lambda: push(ada, kind=Always_lost), "engine").details["doubt"]
    assert tip(origin) == before


def test_a_turn_is_given_where_the_remote_does_not_answer_and_says_that_it_is_not_fenced(
    origin: Origin, people: tuple[Clone, Clone]
) -> None:
    ada, bob = people
    begun(ada)
    away = origin.path.rename(origin.path.with_suffix(".away"))
    assert bob.take_over() == "ok"
    away.rename(origin.path)
    noted = note(bob)
    assert isinstance(noted, dict)
    assert "no repository at that place" in noted["why"]
    before = ref(origin)
    bob.rooms.heartbeat("bob", *lease_of(bob))
    assert ref(origin) == before  # once a turn: no hook waits for it again and again
    git(bob.tree, "pull", "-q", "origin", "main")
    made = bob.commit()
    push(bob)
    assert tip(origin) == made


def test_a_claim_makes_no_ref_and_the_next_push_does(
    origin: Origin, people: tuple[Clone, Clone]
) -> None:
    ada, bob = people
    begun(ada)
    git(origin.path, "update-ref", "-d", REF)
    assert bob.take_over() == "ok"
    assert ref(origin) == ""
    noted = note(bob)
    assert isinstance(noted, dict)
    assert "has no fence of these rooms" in noted["why"]
    git(bob.tree, "pull", "-q", "origin", "main")
    bob.commit()
    push(bob)
    assert ref(origin)
    assert remote_fence.trouble(fence_of(bob), bob.store.document) == ""


def test_a_grant_whose_answer_was_lost_moves_the_ref_before_it_opens(
    origin: Origin, people: tuple[Clone, Clone], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = people
    begun(ada)
    before = ref(origin)
    bob.store.stale()
    bob.store.paths()
    bob.ahead += HOUR

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:  # as by a kill between the grant and its answer
        patched.setattr(type(bob.store), "_passed", killed)
        room, _ = bob.rooms.look("")
        with pytest.raises(KeyboardInterrupt):
            bob.rooms.takeover("bob", bob.room_id, "away", room.turn_id)
    assert ref(origin) == before
    bob.store.stale()
    bob.store.paths()
    snapshot = bob.store.load("")
    assert snapshot
    assert "until" not in (snapshot.record.mirror or {})  # not open, and nobody was answered
    bob.rooms.heartbeat("bob", *lease_of(bob))
    assert ref(origin) != before
    assert note(bob) == {"turn": 2, "why": ""}


def test_a_late_claim_does_not_put_the_ref_back(
    origin: Origin, people: tuple[Clone, Clone]
) -> None:
    """Who was given a turn, and is slow to say so, comes after who has the next one."""
    ada, bob = people
    begun(ada)
    assert bob.take_over() == "ok"
    older, now = bob.store.version, bob.store.document
    assert older
    assert now
    ada.store.stale()
    assert ada.take_over() == "ok"
    before = ref(origin)
    assert remote_fence._passed(bob.store, older.data, now) == ""
    assert ref(origin) == before


def test_what_others_wrote_into_the_ref_is_no_fence(
    origin: Origin, people: tuple[Clone, Clone]
) -> None:
    ada, _ = people
    begun(ada)
    for number, words in enumerate(
        ("[]", "no json", '{"fence": 7}', '{"revision": 1}', "{" * 9000)
    ):
        tree = origin.folder / f"written {number}"
        git(origin.folder, "init", "-q", str(tree))
        (tree / "document.json").write_text(words)
        git(tree, "add", ".")
        git(tree, "-c", "user.name=x", "-c", "user.email=x@y", "commit", "-q", "-m", "x")
        git(tree, "push", "-q", "--force", str(origin.path), f"HEAD:{REF}")
        assert remote_fence.said(fence_of(ada).load()) == {}


def test_a_fence_that_ends_opens_the_branch_also_where_it_says_who_holds(
    origin: Origin, people: tuple[Clone, Clone]
) -> None:
    ada, bob = people
    begun(ada)
    hook = origin.path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text((REPOSITORY / "hooks" / "pre-receive").read_text())
    hook.chmod(0o755)
    assert not fence_of(bob).end(["another room"])
    assert ref(origin)
    with pytest.raises(subprocess.CalledProcessError):
        git(ada.tree, "push", "-q", "origin", BRANCH)
    assert fence_of(bob).end([bob.room_id])
    assert not fence_of(bob).end([bob.room_id])
    git(ada.tree, "push", "-q", "origin", BRANCH)
    assert tip(origin) == git(ada.tree, "rev-parse", "HEAD")


def test_a_fence_that_nobody_may_delete_says_that_there_are_no_rooms(
    origin: Origin, people: tuple[Clone, Clone]
) -> None:
    ada, bob = people
    begun(ada)
    snapshot = ada.store.load("")
    assert snapshot
    ids = [snapshot.room.room_id]
    assert fence_of(bob).end(["another room"]) == ""
    origin.hook("update", "case $3 in 0000*) exit 1 ;; esac")
    assert f"{REF} stays there" in fence_of(bob).end(ids)
    assert "room " not in git(origin.path, "cat-file", "blob", f"{REF}:turns")
    push(ada)  # who still has the rooms makes it anew
    assert "room " in git(origin.path, "cat-file", "blob", f"{REF}:turns")
    assert f"{REF} stays there" in fence_of(bob).end(ids)
    (
        origin.path / "hooks" / "update"
    ).unlink()  # and one who was killed before the deletion goes on
    assert "without the stick again" in fence_of(bob).end(ids)
    assert ref(origin) == ""
