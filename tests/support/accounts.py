"""Accounts for the tests: programs started by root as another uid, in trees that each may reach.

An account is a number that no password file needs to know. Where Python or the package lie in a
folder that is root's alone, these run in a mount namespace of their own that shows them there.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import stickhooks
from stickhooks.setup.templates import FOLDER
from tests.support.shells import STICK, Result, environment

NEEDED = ("setpriv", "unshare", "setsid", "mount")
TOLD = {"safe.directory": "*", "init.defaultBranch": "main"}


@dataclass(frozen=True)
class Account:
    """Somebody with a uid, and groups beside the own one. ``base`` is a folder that all can reach.

    With ``alone`` no other account's processes are seen: ``/proc`` is mounted with ``hidepid``.
    """

    uid: int
    base: Path
    groups: Sequence[int] = ()
    umask: int = 0o022
    more: dict[str, str] = field(default_factory=dict)
    alone: bool = False

    @property
    def env(self) -> dict[str, str]:
        home = self.base / f"home-{self.uid}"
        if not home.exists():
            home.mkdir()
            os.chown(home, self.uid, self.uid)
        count = {"GIT_CONFIG_COUNT": str(len(TOLD))}
        for i, (key, value) in enumerate(TOLD.items()):
            count |= {f"GIT_CONFIG_KEY_{i}": key, f"GIT_CONFIG_VALUE_{i}": value}
        return environment(home) | count | self.more

    def run(self, command: str, cwd: Path, stdin: str = "") -> Result:
        """Run a shell command as this account, in a terminal session of its own."""
        groups = f"--groups={','.join(map(str, self.groups))}" if self.groups else "--clear-groups"
        becoming = f"setpriv --reuid={self.uid} --regid={self.uid} {groups}" if self.uid else ""
        hidden = "mount -t proc -o hidepid=2 proc /proc" if self.alone else ""
        script = (
            f"{_shown(self.base)}\n{hidden}\numask {self.umask:o}\ncd {shlex.quote(str(cwd))} &&"
            f" exec {becoming} setsid -w sh -c {shlex.quote(command)}"
        )
        done = subprocess.run(
            ["unshare", "-m", "sh", "-e", "-c", script],
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def stick(self, arguments: str, cwd: Path) -> Result:
        return self.run(f"stick {arguments}", cwd)


def _shown(base: Path) -> str:
    """Return the commands that show Python and the package where a closed folder hides them."""
    shown: dict[Path, list[Path]] = {}
    package = Path(stickhooks.__path__[0])
    beside = package.parent / FOLDER  # of a checkout
    needed = [Path(sys.base_prefix), Path(sys.prefix), package]
    for place in [*needed, *([beside] if beside.exists() else [])]:
        path = place.resolve()
        closed = [one for one in (*path.parents, path) if not one.stat().st_mode & 0o001]
        if closed:
            shown.setdefault(min(closed, key=lambda one: len(one.parts)), []).append(path)
    within, over = [], []
    for number, (closed_folder, paths) in enumerate(shown.items()):
        stage = base / f"shown-{number}"
        for path in dict.fromkeys(paths):
            to = stage / path.relative_to(closed_folder)
            to.mkdir(parents=True, exist_ok=True)
            within.append(shlex.join(["mount", "--rbind", str(path), str(to)]))
        over.append(shlex.join(["mount", "--rbind", str(stage), str(closed_folder)]))
    return "\n".join([*within, *over])


def skip_unless_tried(base: Path) -> None:
    """Skip by name what only root can try, and where another account cannot run ``stick`` at all."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to work as other accounts")
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    tried = Account(40_009, base).run(f"{shlex.quote(str(STICK))} version && git --version", base)
    if tried.code:
        pytest.skip(f"another account cannot run stick here: {tried.err[:200]}")
