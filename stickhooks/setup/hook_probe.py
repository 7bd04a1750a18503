"""Proves that git asks our hooks: git itself starts each in this working tree, with nothing changed by it.

A hook that is told a word in ``STICK_PROBE`` has the gate's own interpreter say that word, before
anything else and before other people's hooks, and ends with 1. Only a file that begins with these
lines of ours is started: whatever else stands there might do something.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stickhooks.setup import hook_files
from stickhooks.setup.templates import template
from stickhooks.system import text_files
from stickhooks.text import plain, word
from stickhooks.workspace import git, paths

VARIABLE: Final = "STICK_PROBE"
LIMIT_S: Final = 15.0
#: git runs a hook by itself from this version on; before, it is started as git would.
RUNS_HOOKS: Final = (2, 36)
_VALUE: Final = re.compile(r"stick_(hook|python|gate)=(?P<value>.+)")


def unproven(workspace: paths.Workspace, names: Sequence[str]) -> tuple[str, str]:
    """Have git start our hooks of these names; return what is wrong with the first that does not
    answer, and what shows why. Two ``""`` where all did. Takes up to ``LIMIT_S`` a hook."""
    folder = git.hooks_path(workspace.root)[0]
    # hooks of others that git's configuration names would be started too (2.54)
    configured = git.hooks_in_configuration(workspace.root)
    alone = all(name.startswith("stickhooks-") for name in configured)
    for name in names:
        path = Path(folder, name)
        if not answers_first(text_files.read(path) or ""):
            continue  # of another version of ours, or not ours: told as that, and never started
        command = _command(path, alone=alone)
        if why := asked(workspace.root, command, name):
            return f"the git hook {path} does not answer: {why}", _shown(command)
    return "", ""


def answers_first(text: str) -> bool:
    """Tell whether a hook begins with our lines, up to those that answer. Values may be another's."""
    probe = template("probe")
    head, is_there, _ = text.partition(probe)
    if not is_there or "\r" in head:
        return False
    first, *lines = head.splitlines()
    return hook_files.has_our_shell(first) and all(map(_does_nothing, lines))


def _does_nothing(line: str) -> bool:
    """Tell whether a line of a hook's is a comment, or only names the hook, the interpreter, the gate."""
    value = _VALUE.fullmatch(line)
    value_text = value["value"].replace("'\"'\"'", "") if value else ""  # as shlex.quote has it
    quoted = bool(value_text) and bool(
        re.fullmatch(r"'[^']*'|[\w@%+=:,./-]+", value_text, re.ASCII)
    )
    return quoted or bool(re.fullmatch(r"(#.*|set \+euCf( #.*)?)?", line))


def _command(path: Path, *, alone: bool) -> list[str]:
    arguments = ["prepared"] if path.name == "reference-transaction" else []
    if alone and git.version() >= RUNS_HOOKS:
        return git.hook_command(path.name, arguments)
    return [str(path), *arguments]


def asked(root: str, command: list[str], name: str, *, refuses: bool = True) -> str:
    """Start a hook; return ``""`` where it gave the answer and its refusal, if it ``refuses``, came
    through, else why not."""
    nonce = os.urandom(8).hex()
    env = {**git.clean(os.environ), VARIABLE: nonce}
    try:
        done = subprocess.run(
            command, cwd=root, env=env, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=LIMIT_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"not in {LIMIT_S:.0f} s"
    except OSError as error:
        return error.strerror or str(error)
    said = os.fsdecode(done.stdout + done.stderr)
    if answer(nonce, name) not in said:
        words = [line for line in said.splitlines() if VARIABLE not in line]
        return plain(" ".join(words).strip() or f"exit {done.returncode}, and no word", 200)
    return "" if done.returncode or not refuses else "its refusal does not reach git"


def answer(nonce: str, name: str) -> str:
    return f"stick: asked {nonce} {name}"


def _shown(command: list[str]) -> str:
    return f"{VARIABLE}=1 {' '.join(word(part) for part in command)}"


# --- a line that somebody put into a hook of their own

_LINE: Final = re.compile(
    r'(?P<exec>exec )?stick hook pre-commit( "\$@")?(?P<ends> *\|\| *exit( [1-9]\d*| "?\$\?"?)?)? *(#.*)?'
)
_BEFORE: Final = re.compile(r'\s*(#.*|set -\w+|set -o \w+|\. ".*husky\.sh")?\s*')


def stops_git(text: str, *, errexit: bool = False) -> bool:
    """Tell whether the first command of a hook in sh is ours, and its refusal ends the hook.

    It is only read, for the lines below may do anything. ``errexit`` where ``sh -e`` runs it.
    """
    first, *lines = text.splitlines() or [""]
    if first.startswith("#!") and not re.search(r"\b(sh|bash|dash|ksh|zsh)\b", first):
        return False
    errexit = errexit or bool(re.match(r"#!.*sh -\w*e", first))
    for line in lines if first.startswith("#!") else [first, *lines]:
        ours = _LINE.fullmatch(line.strip())
        if ours:
            return bool(ours["exec"] or ours["ends"] or errexit)
        if not _BEFORE.fullmatch(line):
            return False
        errexit = errexit or bool(re.match(r"\s*set (-\w*e|-o errexit)", line))
    return False


def by_hand(folder: str) -> bool:
    """Tell whether the hook that git runs there asks by a line of ours, and can."""
    hook = Path(folder, "pre-commit")
    text = text_files.read(hook) or ""
    if not text or not os.access(hook, os.X_OK):
        return False
    if stops_git(text):
        return True
    behind = Path(folder).parent / "pre-commit"  # husky's: its own hook runs that by `sh -e`
    return "h" in os.listdir(folder) and stops_git(text_files.read(behind) or "", errexit=True)
