"""Real editors for the tests: the accounts that run them, the room they write in, terminals.

An editor or program that is not installed skips its tests, by name. So does the account of
a normal user where the tests do not run as root, or where it cannot read this checkout.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.support.shells import PATIENCE_S, STICK, Result, Shell, Shells, environment, eventually

NOBODY = 65534
BECOME = f"setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups"
#: Lets a normal user into a checkout or a Python below /root; what it may write stays the same.
READING_ALL = "--inh-caps=+dac_read_search --ambient-caps=+dac_read_search"
#: Whoever runs the tests (in CI: root), and a normal user.
ACCOUNTS: Final = ("me", "nobody")
AS_ME = pytest.mark.parametrize("site", ["me"], indirect=True)
AS_NOBODY = pytest.mark.parametrize("site", ["nobody"], indirect=True)
HANDOFF = '--status "done" --next "go on"'


def need(*programs: str) -> None:
    """Skip, by name, what cannot be tried here."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


class Site:
    """A room that bob holds, and ada, a member who does not. All run as one account."""

    def __init__(self, base: Path, become: str, template: Path) -> None:
        self.base = base
        self.become = become
        self.home, self.root = base / "home", base / "shop"
        self.home.mkdir()
        shutil.copytree(template, self.root)
        terminal = {"TMUX_TMPDIR": str(base), "TERM": "xterm-256color"}
        # Without SHELL, tmux runs the account's login shell, and nobody's is nologin.
        self.env = {**environment(self.home), **terminal, "SHELL": "/bin/sh"}
        self.shells = Shells(base / "shells", self.env)
        self.own()
        self.ada, self.bob = self.person(), self.person()
        self.holder = self.bob
        self.bob.run("stick init --only git && stick join --as bob").ok()
        self.bob.stick('take --why "refactor auth"').ok()
        self.ada.stick("join --as ada").ok()

    def own(self) -> None:
        """Give all files to the account."""
        if self.become:
            subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", self.base], check=True)

    def person(self, env: Mapping[str, str] | None = None) -> Shell:
        """Return a shell of the account, in the room."""
        shell = self.shells.person(self.root, env)
        self.own()
        if self.become:
            shell.say(f"exec {self.become} sh -c 'echo done 0 0; exec sh'")
            shell.finished("0")  # only now is nobody but the new one reading
        return shell

    def give(self, name: str) -> None:
        """Hand the stick to ada or bob."""
        receiver = {"ada": self.ada, "bob": self.bob}[name]
        if receiver is not self.holder:
            self.holder.stick(f"handoff {name} {HANDOFF}").ok()
            receiver.stick('take --why "refactor auth"').ok()
            self.holder = receiver

    def folder(self, name: str, files: Mapping[str, str]) -> Path:
        """Make a folder of files in the room, as the account."""
        folder = self.root / name
        folder.mkdir()
        for path, text in files.items():
            (folder / path).write_text(text)
        self.own()
        return folder

    def outside(self) -> Path:
        """Make a repository without a room, and return a new name in it."""
        folder = Path(tempfile.mkdtemp(dir=self.base))
        subprocess.run(["git", "init", "-q", folder], env=self.env, check=True)
        self.own()
        return folder / "notes.txt"


def site_for(account: str, template: Path) -> Iterator[Site]:
    """Make a site outside of pytest's own folders, which nobody else may enter."""
    become = "" if account == "me" else _becoming_nobody()
    with tempfile.TemporaryDirectory(prefix="stick-editors-", ignore_cleanup_errors=True) as name:
        base = Path(name)
        base.chmod(0o755)
        site = Site(base, become, template)
        try:
            yield site
        finally:
            site.shells.close()


def _becoming_nobody() -> str:
    """Return the command that becomes a normal user who can run stick. Skips where there is none."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    for become in (BECOME, f"{BECOME} {READING_ALL}"):
        trial = [*become.split(), "sh", "-c", f"exec {shlex.quote(str(STICK))} --version"]
        if subprocess.run(trial, capture_output=True, check=False).returncode == 0:
            return become
    pytest.skip(f"a normal user cannot run {STICK}: it lies in a folder that others may not enter")


def wrote(site: Site, path: Path) -> str:
    """Return who was seen to save a path with the stick in hand, ``""`` where nobody was."""
    relative = str(path.relative_to(site.root))
    found = site.ada.run("cat .git/stickhooks/snapshots/main/lists/*.edits").text
    lines = [json.loads(line) for line in found.splitlines() if line.startswith('{"path"')]
    return next((it["by"] for it in lines if it["path"] == relative and it["holds"]), "")


class Terminal:
    """A real terminal (tmux) with ada's shell in it: keys go in, a screen comes out."""

    def __init__(self, site: Site, columns: int = 160) -> None:
        need("tmux")
        self.site = site
        self.shell = site.person()
        self.socket = site.base / f"tmux-{site.shells.all.index(self.shell)}"
        self.tmux(f"-f /dev/null new-session -d -x {columns} -y 24 sh")
        self.type("stick join --as ada; clear; echo re''ady")
        self.see("ready")

    def tmux(self, command: str) -> Result:
        return self.shell.run(f"tmux -S {self.socket} {command}").ok()

    def keys(self, *keys: str) -> None:
        """Press keys, named as tmux names them: Enter, Escape, C-x."""
        self.tmux(f"send-keys {shlex.join(keys)}")

    def type(self, text: str) -> None:
        """Type a line and press Enter."""
        self.tmux(f"send-keys -l {shlex.quote(text)}")
        self.keys("Enter")

    @property
    def screen(self) -> str:
        return self.tmux("capture-pane -p -J").out

    def see(self, *words: str) -> str:
        """Return the screen as soon as all words are on it."""
        return self._wait(f"{words} did not appear", lambda s: all(word in s for word in words))

    def gone(self, *words: str) -> str:
        """Return the screen as soon as none of the words is on it."""
        return self._wait(f"{words} did not go", lambda s: not any(word in s for word in words))

    def _wait(self, otherwise: str, is_so: Callable[[str], bool]) -> str:
        last: list[str] = []

        def look() -> list[str]:
            last[:] = [self.screen]
            return last if is_so(last[0]) else []

        try:
            eventually(look, PATIENCE_S)
        except AssertionError:
            raise AssertionError(f"{otherwise}:\n{last[0]}") from None
        return last[0]

    def close(self) -> None:
        self.shell.run(f"tmux -S {self.socket} kill-server")
