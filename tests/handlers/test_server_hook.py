"""The hook for the server, asked by its input in one bare repository: which branch moves with which rooms."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from stickhooks.fast import json
from stickhooks.setup.templates import template
from stickhooks.store.engine import turns
from tests.support.origin import git

NONE = "0" * 40
MAIN = "refs/heads/main"
ROOMS = "refs/stickhooks/rooms/main"


@dataclass(frozen=True)
class Held:
    """Who holds a room: the turn, the clone and what wrote the lease; no clone for a free one."""

    turn: int
    clone: str = ""
    operation: str = ""


class Server:
    """A bare repository with the hook, and commits by what they change."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "origin.git"
        self.revision = 0
        git(folder, "init", "-q", "--bare", "-b", "main", str(self.path))
        git(self.path, "config", "user.name", "t")
        git(self.path, "config", "user.email", "t@example.org")
        self.hook = self.path / "hooks" / "pre-receive"
        self.hook.parent.mkdir(exist_ok=True)
        self.hook.write_text(template("pre-receive"))
        self.hook.chmod(0o755)
        files = {"a": "1", "src/a": "1", "src/deep/a": "1", "docs/a": "1"}
        self.base = self.commit(files)
        self.root = self.commit({**files, "a": "2"}, self.base)
        self.src = self.commit({**files, "src/a": "2"}, self.base)
        self.both = self.commit({**files, "a": "2", "src/a": "2"}, self.base)
        self.docs = self.commit({**files, "docs/a": "2"}, self.base)
        git(self.path, "update-ref", MAIN, self.base)

    def commit(self, files: dict[str, str], parent: str = "") -> str:
        """Make a commit of files, and return its name."""
        lines = [f"commit refs/made\nmark :1\ncommitter t <t@x> {self.revision} +0000\ndata 0"]
        self.revision += 1
        lines += [f"from {parent}"] if parent else []
        lines += ["deleteall"]
        lines += [
            f"M 100644 inline {path}\ndata {len(d.encode())}\n{d}" for path, d in files.items()
        ]
        stream = "reset refs/made\n\n" + "\n".join(lines) + "\n\nget-mark :1\ndone\n"
        made = ["git", "fast-import", "--quiet", "--force"]
        done = subprocess.run(
            made,
            cwd=self.path,
            input=f"feature done\n{stream}",
            capture_output=True,
            text=True,
            check=True,
        )
        git(self.path, "update-ref", "-d", "refs/made")
        return done.stdout.strip()

    def rooms(self, rooms: dict[str, Held], parent: str = "", *, exempt: str = "") -> str:
        """Make a commit of the rooms' ref as the engine makes it."""
        self.revision += 1
        told = {
            path: {
                "turn_id": held.turn,
                "policy": {"exempt": [exempt] if exempt else []},
                "lease": {
                    "holder": f"who-{held.clone}", "clone": held.clone, "operation": held.operation,
                    "place": f"desk:/{held.clone}", "wall": 0,
                } if held.clone else None,
            }
            for path, held in rooms.items()
        }  # fmt: skip
        data = json.write({"schema": 1, "revision": self.revision, "rooms": told})
        lines = turns.lines_of(data.encode()).decode()
        return self.commit({"document.json": data, "turns": lines}, parent)

    def ask(self, *lines: tuple[str, str, str]) -> tuple[bool, str]:
        """Return whether the hook lets a push go, and what it says."""
        text = "".join(f"{old} {new} {ref}\n" for old, new, ref in lines)
        done = subprocess.run(
            [self.hook], cwd=self.path, input=text, capture_output=True, text=True,
            env={"PATH": "/usr/bin:/bin:/usr/local/bin", "GIT_DIR": "."}, check=False,
        )  # fmt: skip
        assert done.returncode in (0, 1)
        return done.returncode == 0, done.stderr


ADA = Held(3, "ada", "op-1")
RENEWED = replace(ADA, operation="op-2")
BOB = Held(4, "bob", "op-2")


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


def moves(server: Server, before: dict[str, Held], after: dict[str, Held]) -> tuple[str, str, str]:
    """Return the line of a push that moves the rooms' ref, with the ref as it was before."""
    old = server.rooms(before)
    git(server.path, "update-ref", ROOMS, old)
    return old, server.rooms(after, old), ROOMS


def test_the_branch_goes_with_a_renewal_of_the_turn_that_is_current(server: Server) -> None:
    push = server.base, server.root, MAIN
    for before, after, goes in (
        (ADA, RENEWED, True),
        (ADA, ADA, False),  # the same lease: another change of the room
        (ADA, BOB, False),  # a takeover
        (ADA, Held(3), False),  # a release
        (Held(2), ADA, False),  # a grant: what is pushed was made before it
        (BOB, replace(BOB, operation="op-9", turn=5), False),
        (ADA, replace(RENEWED, clone="bob"), False),
    ):
        assert server.ask(moves(server, {"": before}, {"": after}), push)[0] is goes, (
            before,
            after,
        )
    said = server.ask(moves(server, {"": ADA}, {"": BOB}), push)[1]
    assert "who-ada holds the stick since 1970-01-01 00:00 UTC in desk:/ada" in said
    assert "next:    stick push" in said


def test_a_branch_alone_is_refused_where_there_are_rooms_and_nowhere_else(server: Server) -> None:
    push = server.base, server.root, MAIN
    assert server.ask(push)[0]
    assert server.ask((NONE, server.rooms({"": ADA}), ROOMS))[0]  # the rooms are made
    line = moves(server, {"": ADA}, {"": RENEWED})
    for it in (push, (NONE, server.src, "refs/heads/new"), (server.base, NONE, MAIN)):
        assert not server.ask(it)[0]
        assert server.ask(it, line)[0]
        assert server.ask(line, it)[0]
    assert server.ask(line)[0]
    assert server.ask((NONE, server.src, "refs/tags/v1"))[0]
    assert not server.ask(push, (NONE, server.src, "refs/tags/v1"))[0]


def test_rooms_that_are_no_more_are_not_asked_for(server: Server) -> None:
    push = server.base, server.root, MAIN
    fence = "refs/stickhooks/fence/main"
    git(server.path, "update-ref", fence, server.rooms({}))
    assert server.ask(push)[0]
    unread = server.commit({"document.json": '{"schema":1,"revision":9,"rooms":{}}'})
    git(server.path, "update-ref", "refs/stickhooks/fence/docs", unread)
    assert not server.ask(push)[0]
    git(server.path, "update-ref", "refs/stickhooks/fence/docs", server.rooms({"": Held(3)}))
    assert "nobody holds" in server.ask(push)[1]


def test_each_room_of_the_changed_paths_is_asked_for(server: Server) -> None:
    mine, theirs = {"": ADA, "src": Held(1)}, {"": ADA, "src": BOB}
    renewed = {"": RENEWED, "src": Held(1)}
    both = {"": ADA, "src": replace(ADA, turn=7)}
    table = [
        (mine, renewed, server.root, True),
        (mine, renewed, server.src, False),  # nobody holds it
        (mine, renewed, server.both, False),
        (theirs, {**theirs, "": RENEWED}, server.root, True),
        (theirs, {**theirs, "": RENEWED}, server.src, False),
        (both, {**both, "": RENEWED}, server.both, True),  # the other was renewed before
        (both, {**both, "": RENEWED, "src": Held(7)}, server.both, False),
        ({"src": ADA}, {"src": RENEWED}, server.src, True),
        ({"src": ADA}, {"src": RENEWED}, server.root, True),  # lies in no room
    ]
    for before, after, new, goes in table:
        told = server.ask(moves(server, before, after), (server.base, new, MAIN))
        assert told[0] is goes, (before, after, told[1])
    for new in (server.src, server.root):  # rewritten and deleted branches concern every room
        rewritten = server.root if new == server.src else NONE
        line = moves(server, theirs, {**theirs, "": RENEWED})
        assert "who-bob holds room src" in server.ask(line, (new, rewritten, MAIN))[1]
    line = moves(server, theirs, {**theirs, "": RENEWED})
    assert server.ask(line, (NONE, server.root, "refs/heads/new"))[0]
    assert not server.ask(line, (NONE, server.src, "refs/heads/new"))[0]


def test_what_a_policy_exempts_is_nobodys(server: Server) -> None:
    for glob, goes in (
        ("docs/**", True),
        ("docs/", True),
        ("/docs/a", True),
        ("a", True),
        ("b", False),
    ):
        before, after = {"": Held(1), "src": ADA}, {"": Held(1), "src": RENEWED}
        old = server.rooms(before, exempt=glob)
        git(server.path, "update-ref", ROOMS, old)
        line = old, server.rooms(after, old, exempt=glob), ROOMS
        assert server.ask(line, (server.base, server.docs, MAIN))[0] is goes, glob


def test_rooms_with_odd_names_are_found(server: Server) -> None:
    odd = 'a "b\\c\n[d]'
    before, after = {odd: ADA, "": BOB}, {odd: RENEWED, "": BOB}
    new = server.commit({"x": "1"}, server.base)
    assert not server.ask(moves(server, before, after), (server.base, new, MAIN))[0]
    quoted = '"a \\"b\\\\c\\n[d]/f"'
    inside = server.commit(
        {"a": "1", "src/a": "1", "src/deep/a": "1", "docs/a": "1", quoted: "x"}, server.base
    )
    told = server.ask(moves(server, before, after), (server.base, inside, MAIN))
    assert told[0], told[1]


def test_what_cannot_be_read_is_refused(server: Server) -> None:
    push = server.base, server.root, MAIN
    old = server.rooms({"": ADA})
    git(server.path, "update-ref", ROOMS, old)
    stale = "revision 1\nroom \nturn 3\n"
    for files in (
        {"document.json": '{"schema":1,"revision":9,"rooms":{}}'},
        {"document.json": '{"schema":1,"revision":9,"rooms":{}}', "turns": stale},
        {},
    ):
        new = server.commit(files, old)
        told = server.ask((old, new, ROOMS), push)
        assert not told[0]
        assert "stick renew" in told[1]
    moved = moves(server, {"": ADA}, {"": RENEWED})
    git(server.path, "update-ref", ROOMS, moved[1])  # somebody was faster
    assert "has changed meanwhile" in server.ask(moved, push)[1]
    line = moves(server, {"": ADA, "src": BOB}, {"": RENEWED, "src": BOB})
    assert not server.ask(line, (server.base, "1" * 40, MAIN))[0]


def test_rooms_that_are_held_are_not_deleted(server: Server) -> None:
    for rooms, goes in (
        ({"": ADA}, False),
        ({"": Held(3)}, True),
        ({"": Held(3), "src": BOB}, False),
    ):
        old = server.rooms(rooms)
        git(server.path, "update-ref", ROOMS, old)
        assert server.ask((old, NONE, ROOMS))[0] is goes


def test_which_branches_are_asked_about_is_set_on_the_server(server: Server) -> None:
    moves(server, {"": ADA}, {"": RENEWED})
    git(server.path, "config", "--add", "stickhooks.guard", MAIN)
    git(server.path, "config", "--add", "stickhooks.guard", "refs/heads/release/*")
    for ref, goes in ((MAIN, False), ("refs/heads/release/1", False), ("refs/heads/topic", True)):
        assert server.ask((NONE, server.src, ref))[0] is goes


def test_the_hook_that_was_there_goes_on_with_the_same_input(server: Server) -> None:
    theirs = server.hook.with_name("pre-receive.next")
    theirs.write_text("#!/bin/sh\ncat > told; exit ${CODE:-0}\n")
    theirs.chmod(0o755)
    push = server.base, server.root, MAIN
    assert server.ask(push)[0]
    assert (server.path / "told").read_text() == " ".join(push) + "\n"
    theirs.write_text("#!/bin/sh\nexit 1\n")
    assert not server.ask(push)[0]
    assert not server.ask(moves(server, {"": ADA}, {"": BOB}), push)[0]
