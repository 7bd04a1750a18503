"""Rooms on a git remote over HTTP: git-http-backend behind a real web server, with a password; who may not is
told so, and the password is nowhere in what we say, keep or call.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from stickhooks.errors import Refusal
from stickhooks.store.engine.git_remote import GitRemote
from stickhooks.store.engine.store import EngineStore
from tests.protocol.test_conformance import ROOT, Replay, traces
from tests.support import two_engines
from tests.support.origin import git
from tests.support.web import PASSWORD, USER, served


class Web:
    """A bare repository behind a web server, and clones that know it by some address."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.address = folder, address
        self.bare = folder / "root" / "origin.git"

    def clone(
        self, name: str, user: str = f"{USER}:{PASSWORD}@", where: str = "origin"
    ) -> GitRemote:
        tree = self.folder / name
        git(self.folder, "init", "-q", "-b", "main", str(tree))
        url = f"http://{user}{self.address}/{where}.git"
        git(tree, "remote", "add", "origin", url)
        return GitRemote("origin", str(tree), str(tree / ".git"), 60)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    folder = tmp_path_factory.mktemp("web")
    root = folder / "root"
    root.mkdir()
    git(folder, "init", "-q", "--bare", "-b", "main", str(root / "origin.git"))
    with served(folder / "server", root) as address:
        yield Web(folder, address)


def test_an_engine_over_http_is_one_like_any_other(web: Web) -> None:
    two_engines.play(web.clone("one"), web.clone("two"))


def test_a_trace_is_answered_over_http(web: Web, tmp_path: Path) -> None:
    [trace] = traces()[0].values
    clone = web.clone("three")
    clone.least_ttl = 0
    replay = Replay(trace, EngineStore(ROOT, None, clone, "here", folder=str(tmp_path / "room")))
    for step in trace["steps"][:8]:
        replay.step(step)


@pytest.mark.parametrize(
    ("user", "where", "words"),
    [
        ("ada:wrong@", "origin", "does not take the credentials"),
        ("", "origin", "git has no credentials for the server, and may not ask here"),
        (f"{USER}:{PASSWORD}@", "nowhere", "there is no repository at that place"),
    ],
)
def test_401_and_404_have_their_sentences(web: Web, user: str, where: str, words: str) -> None:
    clone = web.clone(f"{user[4:6]}{where}", user, where)
    with pytest.raises(Refusal, match=words) as caught:
        clone.load()
    assert PASSWORD not in str(vars(caught.value))
    helps = "git config --add credential.helper cache && git ls-remote" in str(caught.value.next)
    assert helps == (not user)  # who is asked once, and keeps no answer, is told the same again


def test_403_is_that_one_may_only_read(web: Web) -> None:
    clone = web.clone("reader")
    before = clone.load()
    git(web.bare, "config", "http.receivepack", "false")
    try:
        with pytest.raises(Refusal, match="lets you read, and not write") as caught:
            clone.swap(before, two_engines.text(9), {})
        [refusal] = clone.probe()
        assert "lets you read" in refusal.message
    finally:
        git(web.bare, "config", "--unset", "http.receivepack")
    assert PASSWORD not in str(vars(caught.value))


def test_a_credential_helper_is_asked_and_the_password_is_told_nowhere(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With git's traces on, and an address of its own for pushes: neither words, files nor commands of ours
    have it."""
    called: list[str] = []
    run = subprocess.Popen.__init__

    def noted(self: object, words: list[str], *more: object, **how: object) -> None:
        called.append(" ".join(map(str, words)))
        run(self, words, *more, **how)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess.Popen, "__init__", noted)
    monkeypatch.setenv("GIT_TRACE", "1")
    monkeypatch.setenv("GIT_TRACE_CURL", "1")
    monkeypatch.setenv("GIT_TRACE_REDACT", "0")
    monkeypatch.setenv("GIT_CURL_VERBOSE", "1")
    told = []
    helper = web.clone("helped", "")
    words = f"!f() {{ echo username={USER}; echo password={PASSWORD}; }}; f"
    git(Path(helper.repository.root), "config", "credential.helper", words)
    in_url = web.clone("in-url", "")
    push = f"http://{USER}:{PASSWORD}@{web.address}/origin.git"
    git(Path(in_url.repository.root), "config", "remote.origin.pushurl", push)
    called.clear()
    for clone in (helper, in_url):
        version = clone.swap(
            clone.load(), two_engines.text(20), {"r": [b'{"event_seq":1,"x":0}\n']}
        )
        assert clone.load() == version
        git(web.bare, "config", "receive.hideRefs", "refs/stickhooks")
        told += [str(vars(refusal)) for refusal in clone.probe()]
        git(web.bare, "config", "--unset", "receive.hideRefs")
        called[:] = [line for line in called if "config" not in line.split()[1:2]]
        asked = clone.repository.network(["ls-remote", "origin"], 60)
        assert asked
        assert "uthorization" not in asked.errors  # a header, with user and password in base64
        told.append(clone.name)
    own = [path for path in Path(helper.repository.path).rglob("*") if path.is_file()]
    own += [path for path in Path(in_url.repository.path).rglob("*") if path.is_file()]
    every = ["git", "cat-file", "--batch-all-objects", "--batch"]
    objects = subprocess.run(every, cwd=web.bare, capture_output=True, check=True).stdout
    assert b"event_seq" in objects
    assert PASSWORD.encode() not in objects
    assert not [path for path in own if PASSWORD.encode() in path.read_bytes()]
    assert not [line for line in called if PASSWORD in line]
    assert len(told) == 4
    assert not [line for line in told if PASSWORD in line or "Basic " in line]
