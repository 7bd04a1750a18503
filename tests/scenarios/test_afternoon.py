"""An afternoon in one tree: two agents and a person tell, ask, hand over and are woken. Nobody polls."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.inbox import Inbox, short_folder
from tests.support.sessions import Session
from tests.support.shells import Shells
from tests.support.world import git_repo

pytestmark = pytest.mark.skipif(
    not hasattr(socket, "AF_UNIX"), reason="no sockets in the file system"
)
READ = {"tool_name": "Bash", "tool_input": {"command": "git status"}}


@pytest.fixture
def places() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder


def test_one_asks_the_other_yields_and_the_first_is_woken(
    shells: Shells, tmp_path: Path, places: Path
) -> None:
    repo = git_repo(tmp_path / "repo")
    ada = shells.person(repo)
    ada.stick("init --only git").ok()
    ada.stick("join --as ada").ok()
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
    said = [ann.call("session-start").ok(), bo.call("session-start").ok()]
    ann.stick("take --why 'the login'").ok()
    said.append(ada.stick('tell all "the tests are red since noon"').ok())
    said.append(bo.call("pre-edit", **READ).ok())
    said.append(bo.edit().fails(2))
    said.append(bo.stick('ask --why "mend the tests"').ok())

    [woken] = inboxes["ann"].texts()  # the holder is idle: it is told that somebody asks
    assert woken == f"bo asks for the stick of {repo}. Run: stick notes"
    said.append(ann.call("prompt", prompt=woken).ok())
    (repo / "login.py").write_text("draft = 1\n")
    assert ann.run("git add login.py && git commit -qm draft").code == 0
    said.append(ann.stick('handoff bo --status "login drafted" --next "mend the tests"').ok())

    [woken] = inboxes["bo"].texts()
    assert woken.startswith(f"The stick of {repo} is reserved for you until ")
    said.append(bo.call("prompt", prompt=woken).ok())
    taken = bo.stick("take").ok()
    assert "login drafted" in taken.out
    said += [
        taken,
        bo.edit().ok(),
        ann.edit().fails(2),
        ann.stick("status").ok(),
        bo.stick("status").ok(),
    ]
    said.append(ada.stick("status").ok())
    assert inboxes["ann"].texts() == []  # nothing more was sent to anybody
    assert inboxes["bo"].texts() == []

    shown = "".join(result.text for result in said)
    assert shown.count("the tests are red since noon") == 2  # to ann, and to bo, once each
    assert shown.count('bo asks for the stick: \\"mend the tests') == 1
    log = ada.stick("log --json").ok().json["events"]
    kinds = [e["event_type"] for e in log if e["event_seq"]]
    assert kinds == ["claim", "note", "ask", "pass", "claim"]
    assert json.loads(ada.stick("status --json").ok().out)["unread"] == 0
    for inbox in inboxes.values():
        inbox.server.close()
