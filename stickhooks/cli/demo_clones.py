"""``stick demo --engine``: two clones, as on two machines, with the room on the remote that both have,
or on an etcd that is started for it. The branch is fenced on the remote in both.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from stickhooks.cli import demo
from stickhooks.cli.demo import Member, Unlike, say

VARIABLE: Final = "STICK_ETCD"
PATIENCE_S: Final = 60.0
EMPTY: Final = "git commit -q --allow-empty -m"


def etcd() -> str:
    """Return the program of etcd, ``""`` where there is none."""
    return os.environ.get(VARIABLE) or shutil.which("etcd") or ""


def on_git(folder: Path, members: list[Member]) -> None:
    """Tell it in a throwaway folder; whatever comes out otherwise raises ``Unlike``."""
    _story(folder, members, "git:origin")


def on_etcd(folder: Path, members: list[Member]) -> None:
    """The same, with the room on an etcd of one member. See ``on_git``."""
    with _served(folder / "etcd") as engine:
        say("", f"0. An etcd of one member, for this demo alone: {engine}")
        _story(folder, members, engine)


@contextlib.contextmanager
def _served(folder: Path) -> Iterator[str]:
    client, peer = _free_port(), _free_port()
    place, between = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    folder.mkdir()
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [etcd(), f"--data-dir={folder}/data", "--name=demo", f"--listen-client-urls={place}",
             f"--advertise-client-urls={place}", f"--listen-peer-urls={between}",
             f"--initial-advertise-peer-urls={between}", f"--initial-cluster=demo={between}",
             "--unsafe-no-fsync", "--logger=zap"],
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        _until_up(process, client)
        yield f"etcd://127.0.0.1:{client}/shop"
    finally:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_up(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise Unlike("etcd was to start, and does not answer")


def _story(folder: Path, members: list[Member], engine: str) -> None:
    env = demo.environment(folder)
    remote = folder / "team.git"
    demo.by_git(
        ["clone", "-q", "--bare", str(demo.repository_in(folder, env)), str(remote)], folder, env
    )

    def clones(name: str, host: str) -> Member:
        demo.by_git(["clone", "-q", str(remote), host], folder, env)
        members.append(Member(f"{name}@{host}", folder / host, env))
        return members[-1]

    say("", f"1. A bare repository, {remote}, and two clones of it, as on two machines.")
    ada, bob = clones("ada", "desk"), clones("bob", "laptop")
    ada.types(f"stick init --only git --engine {engine}", says=f"rooms on {engine}, made there")
    bob.types(f"stick init --only git --engine {engine}", says="as they are there")

    say("", "2. ada joins in her clone and takes the stick; her branch goes with it.")
    ada.types("stick join --as ada", quiet=True)
    ada.types('stick take --why "refactor the login"', says="yours")
    ada.types("echo \"print('login')\" >> app.py && git commit -qam 'start the login'")
    ada.types("stick push", says="pushed ")

    say("", "3. bob, in his clone, may not write: it is one stick.")
    bob.types("stick join --as bob", quiet=True)
    bob.types("stick take", expect=75, says="ada holds")
    bob.types(f'{EMPTY} "sweep it in"', expect=1, says="NOT COMMITTED")

    say("", "4. ada hands over, with a commit that she has not pushed.")
    ada.types(f'{EMPTY} "one more thing"')
    ada.types('stick handoff bob --status "login drafted" --next "write its tests"')

    say("", "5. bob takes it, reads the handoff, pulls, commits and pushes.")
    bob.types("stick take", says="write its tests")
    bob.types("git pull -q && touch test_app.py && git add . && git commit -qm 'test the login'")
    bob.types("stick push", says="pushed ")

    say("", "6. ada holds no more: neither her commits nor her pushes pass.")
    ada.types(f"{EMPTY} more", expect=1, says="NOT COMMITTED")
    ada.types("stick push", expect=76, says="bob holds")
    ada.types("git push -q", expect=1, says="bob holds")

    say("", "7. --no-verify skips her own hook. The server has one as well, and decides.")
    hook = remote / "hooks" / "pre-receive"
    ada.types(f"stick push --server-hook > '{hook}' && chmod +x '{hook}'")
    ada.types("git push -q --no-verify --force", expect=1, says="bob holds")
    bob.types(f'{EMPTY} "and one more" && stick push', says="pushed ")
