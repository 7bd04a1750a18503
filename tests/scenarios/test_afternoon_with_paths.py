"""An afternoon by paths: two agents and a person side by side; one asks, one yields, the first is woken."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from tests.support.inbox import Inbox, short_folder
from tests.support.sessions import Session, state
from tests.support.shells import Result, Shell, Shells, eventually
from tests.support.world import git_repo

pytestmark = pytest.mark.skipif(
    not hasattr(socket, "AF_UNIX"), reason="no sockets in the file system"
)


@dataclass
class Afternoon:
    """A repository, a person and two sessions of a client, and all that was printed to anybody."""

    repo: Path
    ada: Shell
    ann: Session
    bo: Session
    inboxes: dict[str, Inbox]
    said: list[str] = field(default_factory=list)

    def heard(self, result: Result, code: int = 0) -> Result:
        assert result.code == code, result.text
        self.said.append(result.text)
        return result

    def commit(self, who: Shell, *paths: str, code: int = 0) -> Result:
        for path in paths:
            with (self.repo / path).open("a") as file:
                file.write(f"by {who.pid}\n")
        named = " ".join(paths)
        return self.heard(who.run(f"git add {named} && git commit -qm work -- {named}"), code)


@pytest.fixture
def afternoon(shells: Shells, tmp_path: Path) -> Iterator[Afternoon]:
    repo = git_repo(tmp_path / "shop")
    for name in ("src/login/a.py", "src/pay/b.py", "tests/t.py", "docs/guide.md"):
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text("one\n")
    ada = shells.person(repo)
    ada.stick("init --only git").ok()
    ada.run("git add -A && STICK_BYPASS=begin git commit -qm begin").ok()
    ada.stick("join --as ada").ok()
    with short_folder() as places:
        inboxes = {name: Inbox(places / name) for name in ("ann", "bo")}
        ann, bo = (
            Session(
                shells,
                repo,
                "claude-code",
                f"STICK_AGENT={name} CLAUDE_CODE_MESSAGING_SOCKET={inbox.path}",
            )
            for name, inbox in inboxes.items()
        )
        for one in (ann, bo):
            one.call("session-start").ok()
        yield Afternoon(repo, ada, ann, bo, inboxes)
        for inbox in inboxes.values():
            inbox.server.close()


def test_paths_side_by_side_one_asks_the_other_yields_and_the_first_is_woken(
    afternoon: Afternoon,
) -> None:
    it, ada, ann, bo = afternoon, afternoon.ada, afternoon.ann, afternoon.bo
    ann.stick("take src/login tests --why 'the login'").ok()
    bo.stick("take src/pay --why 'the bill'").ok()
    ada.stick("take docs").ok()
    it.commit(ann, "src/login/a.py")
    it.commit(bo, "src/pay/b.py")
    it.commit(ada, "docs/guide.md")
    it.commit(bo, "tests/t.py", code=1)
    bo.run("git reset -q; git checkout -q -- tests", {"STICK_BYPASS": "mine"}).ok()

    refusal = it.heard(bo.edit("tests/t.py"), 2).text
    assert "ann holds src/login, tests" in refusal
    it.heard(ada.stick('tell all "the shop opens at five"'))
    it.heard(bo.stick('ask tests --why "a test of the bill"'))
    [woken] = it.inboxes["ann"].texts()
    assert woken == f"bo asks for the stick of {it.repo}. Run: stick notes"
    it.heard(ann.call("prompt", prompt=woken))
    waiting = ada.begin("stick wait src/login")  # a person waits beside them, in the foreground
    eventually(lambda: state(it.repo)["waiters"])
    process = waiting.process()
    assert any(wakes_in_a_second(process) < 10 for _ in range(5)), "who waits polls"
    before = process.cpu_times()

    yields = "handoff bo --status 'login drafted' --next 'test the bill'"
    it.heard(ann.stick(f"{yields} --turn 1"))
    [woken] = it.inboxes["bo"].texts()
    assert woken.startswith(f"The stick of {it.repo} is reserved for you until ")
    it.heard(bo.call("prompt", prompt=woken))
    taken = it.heard(bo.stick("take"))
    assert "src/login, tests" in taken.out
    assert "login drafted" in taken.out
    it.commit(bo, "tests/t.py", "src/pay/b.py", "src/login/a.py")
    assert "bo holds src/login, tests" in it.heard(ann.edit("src/login/a.py"), 2).text
    for who in (ann, bo):
        it.heard(who.stick("status"))
    spent = process.cpu_times()
    assert waiting.so_far().code == -1
    it.heard(bo.stick("release --turn 4 --status 'bill tested' --next 'read it'"))
    got = it.heard(waiting.result())  # the person waited for src/login alone, and was not passed by
    assert "bill tested" in got.out
    assert spent.user + spent.system - before.user - before.system < 1, "who waits computes"
    it.commit(ada, "src/login/a.py", "docs/guide.md")
    told_once(it)


def wakes_in_a_second(process: psutil.Process) -> int:
    """Return how often a process began to wait anew in a second in which nothing was to be told to it."""
    before = process.num_ctx_switches().voluntary
    time.sleep(1)
    return int(process.num_ctx_switches().voluntary - before)


def told_once(it: Afternoon) -> None:
    """Hold what was printed to all, and what was sent and written, to the story: each thing once."""
    shown = "".join(it.said)
    assert shown.count("the shop opens at five") == 2  # to ann, and to bo
    assert shown.count("a test of the bill") == 1
    assert shown.count("login drafted") == 1
    assert shown.count("bill tested") == 1
    assert [inbox.texts() for inbox in it.inboxes.values()] == [[], []]  # nobody was told again
    answer = it.ada.stick("log --json").ok().json["events"]
    kinds = [(e["event_type"], e["turn_id"]) for e in answer if e["event_seq"]]
    assert kinds == [
        ("claim", 1), ("claim", 2), ("claim", 3), ("note", 0), ("ask", 1),
        ("pass", 1), ("claim", 4), ("release", 4), ("claim", 5),
    ]  # fmt: skip
    room = json.loads(it.ada.stick("status --json").ok().out)
    assert room["unread"] == 0
    assert it.repo.joinpath("src/login/a.py").read_text().count("by") == 3
