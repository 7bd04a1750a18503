"""Rooms on an engine that is no git remote, and branches on one: a ref there that moves with each turn.

``refs/stickhooks/fence/NAME`` is a commit of who holds, as the server's ``pre-receive`` reads it. Whoever
gets a turn moves that ref *before* it is answered, and a fenced push moves it too, in one ``git push
--atomic`` with the branch. A push goes in this order:

1  the ref is read
2  every lease is renewed on the engine, which refuses whoever does not hold
3  branch and ref are pushed, with the commit of 1 as the lease of the ref

Who takes over before 2 has the renewal refused. Who takes over after 2 moves the ref after 1, and before it
is told that it holds: then the server moves neither. So what lands, lands before the next holder begins.

The document says with ``fence`` that there is one: with the first ``stick push``, so that a team that never
pushes so pays nothing. A ref that is gone, or has another id, is not made anew by a claim: the remote may be
another repository. That turn is not fenced, and says so; the holder's next push makes the ref.
"""

from __future__ import annotations

import time

from stickhooks.errors import Refusal
from stickhooks.fast import json
from stickhooks.fast.records import replace
from stickhooks.store.engine import turns
from stickhooks.store.engine.commit import busy, in_doubt
from stickhooks.store.engine.document import FENCE, OPERATIONS
from stickhooks.store.engine.git_remote import DOCUMENT, SECONDS, GitRemote
from stickhooks.store.engine.interface import Moved, NoAnswer, Version
from stickhooks.system import fresh
from stickhooks.text import plain, word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Any, Final

    from stickhooks.store.engine.beside import Beside
    from stickhooks.store.engine.document import Document
    from stickhooks.store.engine.store import EngineStore, Sending

FENCES: Final = "refs/stickhooks/fence/"
SETTING: Final = (
    "stickhooks.fence"  # what this clone calls the remote, where that is not what others do
)
REMOTE: Final = "origin"
LANDS: Final = "`stick push` has a branch land with the stick alone"
NOT_YET: Final = "the first `stick push` has branches land with the stick alone"
ENDED: Final = "rooms"  # of a fence: it has none any more, as a document says it
OPEN: Final = "branches go to {remote} without the stick again"
ATTEMPTS: Final = 12
SENDINGS: Final = 3  # of a branch, with no answer


class Fence(GitRemote):
    """The ref on a remote, and what it says. Its rooms are elsewhere: it is no engine of any."""

    def __init__(
        self, remote: str, room: str, root: str, git_dir: str, seconds: float = SECONDS
    ) -> None:
        super().__init__(f"{remote}#{room}", root, git_dir, seconds)
        self.name, self.ref = remote, f"{FENCES}{self.room}"

    def check(self) -> None:
        if not self.repository.knows(self.remote):
            told = f"there is no remote {self.remote} here"
            raise Refusal("config", told, ["git remote", f"git config {SETTING} REMOTE"])

    def move(self, before: Version | None, data: bytes, operation: str) -> None:
        """Have the ref say who holds by a document. Raises as ``swap`` of an engine does."""
        raw: Any = json.read(data.decode())
        told = {
            "schema": 1, "revision": raw["revision"], "fence": raw[FENCE]["id"],
            "operations": [*_operations(said(before)), operation][-OPERATIONS:],
            "turns": {room["room_id"]: room["turn_id"] for room in raw["rooms"].values()},
        }  # fmt: skip
        files = {DOCUMENT: json.write(told).encode(), turns.FILE: turns.lines_of(data)}
        commit = self.repository.commit(files, None, int(time.time()), alone=True)
        self._push(before, commit)

    def end(self, ids: Collection[str]) -> str:
        """Have the ref fence nothing any more, for its rooms, by their ids, are no more: return what came of
        it, ``""`` where it is not of these.

        A server's hook lets nobody delete one that says who holds, so it first says that there are no rooms;
        by that the hook lets branches go, also where the server lets nobody delete. Raises ``engine``.
        """
        told = ""
        for _ in range(ATTEMPTS):
            there = self.load()
            mark = said(there)
            if there is None or not set(mark.get("turns", ())) & set(ids):
                return told
            told = OPEN.format(remote=plain(self.remote))
            data = json.write({**mark, ENDED: {}}).encode()
            files = {DOCUMENT: data, turns.FILE: turns.lines_of(data)}
            ended = there.token
            try:
                if ENDED not in mark:
                    ended = self.repository.commit(files, None, int(time.time()), alone=True)
                    self._push(there, ended)
                self._push(Version(ended, data), "")
                return told
            except (Moved, NoAnswer):
                pass
            except Refusal:
                if self.commit() != ended:
                    raise
                return f"{told}; {self.ref} stays there, and says that there are no rooms any more"
        raise busy(self.name, doubt=False)


def way_to_end(remote: str, ref: str) -> str:
    """Return the commands of git that delete a fence: a server's hook lets nobody delete one that says who
    holds, and what is no fence it lets go."""
    name = word(remote)
    return f"git push -f {name} HEAD:{ref} && git push {name} :{ref}"


def of(store: EngineStore, asked: str | None = None) -> Fence:
    """Return the fence of the rooms of a store: on the remote that this clone's setting names, or the
    document, or that is ``asked`` for."""
    assert store.git_dir
    told = noted(store.document)
    made = Fence(REMOTE, store.engine.room, store.root, store.git_dir)
    remote = made.repository.setting(SETTING) or (told and str(told.get("remote"))) or asked
    if remote and remote != REMOTE:
        made = Fence(remote, store.engine.room, store.root, store.git_dir)
    made.check()
    return made


def noted(now: Document | None) -> Mapping[str, Any] | None:
    """Return what a document says of its fence, None for none."""
    told = now.extra.get(FENCE) if now else None
    return told if isinstance(told, dict) and isinstance(told.get("id"), str) else None


def said(version: Version | None) -> Mapping[str, Any]:
    """Return what a fence's ref says, {} for nothing: others wrote it."""
    try:
        raw: Any = json.read(version.data.decode()) if version else {}
    except ValueError:
        return {}
    whole = isinstance(raw, dict) and type(raw.get("revision")) is int
    return raw if whole and isinstance(raw.get("turns"), dict) else {}


def _operations(mark: Mapping[str, Any]) -> list[str]:
    """Return those that moved the ref last, by which an answer that was lost is found again."""
    found = mark.get("operations")
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def trouble(fence: Fence, now: Document | None) -> str:
    """Return why the ref on a remote does not fence the rooms of a document, ``""`` where it does.
    Raises what asking raises."""
    told = noted(now)
    if told is None or said(fence.load()).get("fence") == told["id"]:
        return ""
    return f"{fence.remote} has no fence of these rooms: somebody deleted it, or it is another repository"


# --- a turn that was given


def passed(store: EngineStore, version: Version, now: Document, sending: Sending) -> Sending:
    """Have the fence know of turns that were just given, before who got them is told. The mirror notes for
    which turn that was done, or why not: it is tried once a turn."""
    fields, fence = dict(sending.fields), (noted(now) or {}).get("id", "")
    for path in sending.leases:
        known, turn = fields[path].get(FENCE) or {}, now.rooms[path]["turn_id"]
        if (known.get("id"), known.get("turn")) != (fence, turn):
            why = _passed(store, version.data, now)
            fields[path] = {**fields[path], FENCE: {"id": fence, "turn": turn, "why": why}}
    return replace(sending, fields=fields)


def _passed(store: EngineStore, data: bytes, now: Document) -> str:
    """Return why the fence does not know of a turn, ``""`` where it does."""
    told = noted(now)
    try:
        fence = of(store, str((told or {}).get("remote")))
        for _ in range(ATTEMPTS):
            there = fence.load()
            mark = said(there)
            if told is None or mark.get("fence") != told["id"]:
                return trouble(fence, now)
            if mark["revision"] >= now.revision:
                return ""  # by whoever came after us
            try:
                fence.move(there, data, fresh.uuid())
                return ""
            except (Moved, NoAnswer):
                pass
    except Refusal as refusal:
        if refusal.code != "config":
            return refusal.sentence
        return f"{refusal.sentence} (`git config {SETTING} NAME` says what it is called)"
    return f"others moved the fence on {fence.remote} again and again meanwhile"


# --- a push


def push(store: EngineStore, fence: Fence, beside: Beside, renew: Callable[[], object]) -> None:
    """Push branches with the fence. ``renew`` renews every lease that has to be held, and raises for whoever
    does not hold; nothing was pushed then. Raises ``engine`` where git or the server refuses."""
    sent, lost, last = set[str](), 0, ""
    renew()  # what this does to the ref for a turn that it does not know is done before it is read
    for _ in range(ATTEMPTS):
        before = _read(fence, doubt=bool(lost))  # before the engine is asked: see above
        mark = said(before)
        if sent.intersection(_operations(mark)):
            return
        if lost >= SENDINGS:
            break
        store.stale()
        time.sleep(0.002)  # two renewals of one millisecond are one
        try:
            renew()
        except Refusal as refusal:
            # what was sent may land until somebody moves the ref
            if before and before.token == last:
                raise in_doubt(fence.name, refusal.sentence) from None
            raise
        told, now, version = noted(store.document), store.document, store.version
        assert now
        assert version
        if told is None or mark.get("fence") != told["id"]:
            _make(store, fence, before)
            renew()
            continue
        if not all(mark["turns"].get(r["room_id"]) == r["turn_id"] for r in now.rooms.values()):
            _try(fence, before, version.data)  # in the same push the server would not know the turn
            continue
        operation = fresh.uuid()
        sent.add(operation)
        fence.beside = beside
        try:
            fence.move(before, version.data, operation)
            return
        except Moved:
            pass  # by others, and it may be after us: the next reading tells
        except NoAnswer:
            lost, last = lost + 1, before.token if before else ""
        finally:
            fence.beside = None
    raise busy(fence.name, doubt=bool(lost))


def _read(fence: Fence, *, doubt: bool) -> Version | None:
    try:
        return fence.load()
    except Refusal as refusal:
        if doubt:
            raise in_doubt(fence.name, refusal.sentence) from None
        raise


def _make(store: EngineStore, fence: Fence, before: Version | None) -> None:
    """Have the document say that there is a fence, and only then make the ref: every turn that is given from
    then on moves it."""
    with store.exclusive():
        store.put_beside({FENCE: {"id": fresh.uuid(), "remote": fence.remote}})
    assert store.version
    _try(fence, before, store.version.data)


def _try(fence: Fence, before: Version | None, data: bytes) -> None:
    try:
        fence.move(before, data, fresh.uuid())
    except (Moved, NoAnswer):
        pass  # the next round reads what is there
