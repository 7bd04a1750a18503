"""Rooms over HTTP, with the password in the remote's address, where git's users have it: nothing that we
print, keep, send or start has it, nor the id of a lease; also where something fails.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from stickhooks.cli import error_handler
from tests.support.shells import Shells
from tests.support.team import HANDOFF
from tests.support.web import PASSWORD, USER, bare_of, served

#: Git's own: it shows the address that it was given to whoever lists processes, and gives it to a hook.
OF_GIT = ("git-remote-http", "remote-http", "git send-pack", "/bin/sh .git/hooks/pre-push")


@contextmanager
def listed(*secrets: str) -> Iterator[list[str]]:
    """Watch the command lines of this machine for a secret, but for those of git's transport."""
    found: list[str] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            for process in psutil.process_iter(["cmdline"]):
                words = " ".join(process.info["cmdline"] or ())
                if any(secret in words for secret in secrets) and not any(
                    name in words for name in OF_GIT
                ):
                    found.append(words)

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield found
    finally:
        ended.set()
        watching.join()


def test_no_secret_is_told_kept_sent_or_listed(
    tmp_path: Path, make_repository: Callable[[str], Path], shells: Shells
) -> None:
    clone, root = make_repository("ada"), tmp_path / "root"
    bare = root / "origin.git"
    bare_of(clone, bare)
    told = []
    with served(tmp_path / "web", root) as address, listed(PASSWORD) as found:
        with open(clone / ".git" / "config", "a") as config:
            config.write(
                f'[remote "origin"]\n\turl = http://{USER}:{PASSWORD}@{address}/origin.git\n'
            )
        shells.person(clone).stick("init --only git --engine git:origin").ok()
        ada = shells.member(clone, "ada")
        lease = str(ada.stick("take --json").ok().json["lease_id"])
        ada.run("git commit -q --allow-empty -m one").ok()
        for words in ("push --json", "engine --json", "doctor --json", "status", "log --json"):
            told.append(ada.stick(words).text)
        subprocess.run(
            ["git", "config", "receive.hideRefs", "refs/stickhooks"], cwd=bare, check=True
        )
        told += [ada.stick(words).text for words in ("doctor", "renew", "push")]
    ends = ("status --json", "push", "doctor", f"{HANDOFF} --json", "engine --move files")
    told += [ada.stick(words).text for words in ends]  # nobody serves it any more
    assert not [text for text in told if PASSWORD in text]
    assert not [text for text in told if lease in text]
    assert not [words for words in found if lease in words or PASSWORD in words]
    ours = [clone / ".talking-stick", clone / ".git" / "stickhooks", Path(shells.env["HOME"])]
    files = [file for folder in ours for file in folder.rglob("*") if file.is_file()]
    assert not [file for file in files if PASSWORD.encode() in file.read_bytes()]
    every = ["git", "cat-file", "--batch-all-objects", "--batch"]
    sent = subprocess.run(every, cwd=bare, capture_output=True, check=True).stdout
    assert b"event_seq" in sent
    assert PASSWORD.encode() not in sent
    assert lease.encode() not in sent


@pytest.mark.parametrize("words", [["status"], ["status", "--debug"], ["status", "--json"]])
def test_what_breaks_inside_tells_no_password(
    words: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    def breaks() -> int:
        raise ValueError(f"http://{USER}:{PASSWORD}@127.0.0.1/x is odd")

    assert error_handler.caught(breaks, words, {}) == 1
    told = capfd.readouterr()
    assert "127.0.0.1/x is odd" in told.out + told.err
    assert PASSWORD not in told.out + told.err
