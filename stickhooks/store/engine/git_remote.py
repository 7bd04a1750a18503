"""Rooms on a git remote: one ref a workspace, moved by compare-and-swap.

``refs/stickhooks/rooms/NAME`` is a commit of ``document.json`` and ``events/ROOM/NUMBER.jsonl`` (500 events
a file, named by the first). A swap is one push with the expected old value as its lease
(git-push(1), ``--force-with-lease=REF:EXPECTED``; empty: the ref must not be there). No two commits
are alike, for the document names its operation: of two equal pushes both would be answered with
success. Every 500th commit has no parent, and the same tree: nothing is lost, and a clone's fetch
stays small.

Nothing of the user's repository is touched: objects lie in a repository of our own in the git dir,
which includes the user's configuration, so that credentials and ``insteadOf`` work as ever. The
remote's hooks, policies and locks answer in many words; which of them is a lost race is not read from
the words: the ref is asked for again.
"""

from __future__ import annotations

import os
import re
import time

from stickhooks.errors import Refusal
from stickhooks.store import layout
from stickhooks.store.engine import git_answers, turns
from stickhooks.store.engine.git_repository import Repository
from stickhooks.store.engine.interface import Moved, NoAnswer, Version
from stickhooks.store.event_log import number_of
from stickhooks.system import fresh
from stickhooks.text import word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Final

    from stickhooks.errors import Step
    from stickhooks.store.engine.beside import Beside
    from stickhooks.store.engine.git_repository import Done

ROOMS: Final = "refs/stickhooks/rooms/"
FAREWELLS: Final = "refs/stickhooks/farewell/"
FAREWELL: Final = "farewell.json"
PROBES: Final = "refs/stickhooks/probe/"
_TWO: Final = (b"1", b"2")
DOCUMENT: Final = "document.json"
EVENTS: Final = "events"
PER_FILE: Final = 500
SQUASH: Final = 500
MAIN: Final = "main"
SECONDS: Final = 5.0
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class GitRemote:
    """The document of a workspace on a remote, as git knows it: ``origin``, or ``origin#NAME`` for
    rooms of another name than ``main``. See ``Engine``."""

    least_ttl = 15 * 60_000
    reuse = 1.0
    poll = 5.0
    tells = False
    hurried = SECONDS
    fence = "`stick push` has a branch land with the stick alone"

    def __init__(self, remote: str, root: str, git_dir: str, seconds: float = SECONDS) -> None:
        self.name = f"git:{remote}"
        self.remote, _, name = remote.partition("#")
        self.room = _checked(name or MAIN, self.name)
        self.ref, self.farewell_ref = f"{ROOMS}{self.room}", f"{FAREWELLS}{self.room}"
        self.seconds = seconds
        self.beside: Beside | None = None  # what goes in the same push as the next swaps
        self.repository = Repository(
            os.path.join(git_dir, layout.GIT_FOLDER, layout.ENGINE_REPOSITORY), root, git_dir
        )

    @property
    def address_mark(self) -> str:
        return self.repository.address_mark

    @property
    def address_steps(self) -> list[Step]:
        name = word(self.remote)
        return [f"git remote get-url --push {name}", f"git remote set-url --push {name} URL"]

    def check(self) -> None:
        """Raise ``config`` for a name that git would take for a path, an address or an option: the name may
        be a tracked file's, and a repository in the tree has hooks; an address may have a password in it."""
        if self.repository.knows(self.remote):
            return
        told = "git:REMOTE names a remote of this repository, and there is none of that name here"
        raise Refusal("config", told, ["git remote"])

    # --- reading

    def load(self) -> Version | None:
        commit = self.commit()
        if commit is None:
            return None
        data = self.repository.file(commit, DOCUMENT)
        if data is None:
            self._fetch(commit)
            data = self.repository.file(commit, DOCUMENT)
        if data is None:
            raise Refusal("state_corrupt", what=f"{self.name}: {self.ref} has no {DOCUMENT}")
        return Version(commit, data)

    def commit(self, ref: str = "") -> str | None:
        """Return the commit that the remote's ref names now, None where it is not there."""
        return self.refs(ref or self.ref).get(ref or self.ref)

    def refs(self, pattern: str) -> dict[str, str]:
        """Return the commits of the remote's refs that a pattern of git-ls-remote(1) names, by ref."""
        done = self.repository.network(
            ["ls-remote", "--refs", self.repository.push_side(self.remote), pattern], self.seconds
        )
        if done is None:
            raise git_answers.silent(self.name, self.seconds)
        if done.code:
            raise git_answers.refused(self.name, done.errors)
        rows = [line.partition("\t") for line in done.output.decode().splitlines()]
        return {ref: commit for commit, _, ref in rows}

    def _fetch(self, commit: str, ref: str = "") -> None:
        """Fetch a commit of the ref; it may have moved on, and that is a commit on the way there."""
        done = self.repository.network(
            ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance",
             "--refmap=", "--recurse-submodules=no", self.repository.push_side(self.remote), ref or self.ref],
            self.seconds * 2,
        )  # fmt: skip
        if done is None:
            raise git_answers.silent(self.name, self.seconds * 2)
        if done.code:
            raise git_answers.refused(self.name, done.errors)
        self.repository.note_fetched(commit)

    def events(self, room_id: str, after: int, limit: int) -> list[bytes]:
        version = self.load()
        lines: list[bytes] = []
        while version and len(lines) < limit:
            wanted = after + len(lines) + 1
            data = self.repository.file(version.token, _file_of(room_id, wanted)) or b""
            found = [one for one in data.splitlines(keepends=True) if number_of(one) >= wanted]
            lines += found
            if not found:
                break
        return lines[:limit]

    def listen(self) -> None:
        return None

    def place(self, agent: str) -> None:
        return None

    # --- writing

    def swap(
        self, before: Version | None, data: bytes, events: Mapping[str, Sequence[bytes]]
    ) -> Version:
        commit = self._made(before, data, events)
        self._push(before, commit)
        return Version(commit, data)

    def _made(
        self, before: Version | None, data: bytes, events: Mapping[str, Sequence[bytes]]
    ) -> str:
        files = {DOCUMENT: data, turns.FILE: turns.lines_of(data)}
        for room_id, lines in events.items():
            for number, line in ((number_of(line), line) for line in lines):
                path = _file_of(room_id, number)
                if path not in files:
                    old = self.repository.file(before.token, path) if before else None
                    files[path] = old or b""
                files[path] += line
        squashed = before is not None and _revision(data) % SQUASH == 0
        return self.repository.commit(
            files, before.token if before else None, int(time.time()), alone=squashed
        )

    def probe(self) -> list[Refusal]:
        """Make, move and delete a ref of our own: return why the remote does not let us, if it does not."""
        ref = f"{PROBES}{fresh.uuid()}"
        first, second = (
            self.repository.commit({"probe": text}, None, 0, alone=True) for text in _TWO
        )
        for old, new in (("", first), (first, second), (second, "")):
            done = self._sent([f"--force-with-lease={ref}:{old}", self.remote, f"{new}:{ref}"])
            if done is None:
                return [git_answers.silent(self.name, self.seconds)]
            if done.code:
                return [git_answers.refused(self.name, done.errors, done.output)]
        return []

    def _push(self, before: Version | None, commit: str, farewell: str = "") -> None:
        """Move the ref from a version to a commit, or delete it and leave a ``farewell``. Raises Moved,
        NoAnswer, Refusal ``engine``."""
        expected = before.token if before else ""
        lease = f"--force-with-lease={self.ref}:{expected}"
        left = [f"+{farewell}:{self.farewell_ref}"] if farewell else []
        done = self._sent([lease, self.remote, f"{commit}:{self.ref}", *left])
        if done is None:
            raise NoAnswer
        if not done.code:
            return
        policy = not self.beside and git_answers.is_policy(done)
        if git_answers.was_not_sent(done) or policy:
            raise git_answers.refused(self.name, done.errors, done.output)
        now = self._after_refusal()
        if now == (commit or None):
            return
        if now != (expected or None):
            raise Moved
        if self.beside and (refusal := self.beside.refusal(done)):
            raise refusal
        if git_answers.is_answer(done):
            raise git_answers.refused(self.name, done.errors, done.output)
        raise NoAnswer

    def _sent(self, arguments: Sequence[str]) -> Done | None:
        if self.beside:
            return self.beside.sent(
                ["--atomic", "--porcelain", *arguments], self.repository.objects
            )
        return self.repository.network(
            ["push", "--atomic", "--no-verify", "--porcelain", "--no-follow-tags", "--no-signed",
             "--recurse-submodules=no", *arguments],
            self.seconds,
        )  # fmt: skip

    def _after_refusal(self) -> str | None:
        try:
            return self.commit()
        except Refusal:
            raise NoAnswer from None

    def delete(self, before: Version, farewell: bytes) -> None:
        note = self.repository.commit({FAREWELL: farewell}, None, int(time.time()), alone=True)
        self._push(before, "", note)

    def farewell(self) -> bytes | None:
        commit = self.commit(self.farewell_ref)
        if commit and self.repository.file(commit, FAREWELL) is None:
            self._fetch(commit, self.farewell_ref)
        return self.repository.file(commit, FAREWELL) if commit else None


def _checked(name: str, engine: str) -> str:
    if _NAME.fullmatch(name) and ".." not in name and not name.endswith((".", ".lock")):
        return name
    raise Refusal("config", f"{engine}: after # comes a name of letters, digits, '.', '_' and '-'")


def _file_of(room_id: str, number: int) -> str:
    first = (number - 1) // PER_FILE * PER_FILE + 1
    return f"{EVENTS}/{room_id}/{first:09}.jsonl"


def _revision(data: bytes) -> int:
    found = re.search(rb'"revision":(\d+)', data)
    return int(found[1]) if found else 0
