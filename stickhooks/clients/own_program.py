"""How a step is typed in a client's shell: ``stick``, or the whole path where that shell finds none.

Codex runs the commands of its model in a login shell (``bash -lc``), which makes the search path
anew: of a virtual environment that was entered in a terminal it knows nothing. Loaded only where
something is said.
"""

import sys

from stickhooks.clients import Client
from stickhooks.fast.os import os
from stickhooks.text import word

NAME = "stick"
LIMIT_S = 1.5
#: What stands before a command of ours in what is said: a line of steps, a second command, a quote.
_BEFORE = ("    ", "&& ", "`")


def steps(text: str, client: Client, env: "dict[str, str]") -> str:
    """Return a text with its steps as the shell of a client finds their program."""
    program = name_for(client, env)
    if program != NAME:
        for before in _BEFORE:
            text = text.replace(f"{before}{NAME} ", f"{before}{program} ")
    return text


def name_for(client: Client, env: "dict[str, str]") -> str:
    """Return what our program is called in a client's shell; its plain name where no other is known."""
    beside = os.path.join(os.path.dirname(sys.executable), NAME)
    if is_found(client, env) or not os.path.exists(beside):
        return NAME
    return word(beside)


def is_found(client: Client, env: "dict[str, str]", program: str = NAME) -> bool:
    """Tell whether the shell of a client finds a program; one that does not say so in time does not."""
    if client.login_shell:
        return _by_login_shell(env, program)
    places = [os.path.join(folder, program) for folder in env.get("PATH", "").split(os.pathsep)]
    return any(map(os.path.exists, places))


def _by_login_shell(env: "dict[str, str]", program: str) -> bool:
    import subprocess

    try:
        done = subprocess.run(
            ["bash", "-lc", f"command -v {program}"], env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=LIMIT_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
