"""The one door of the program: runs a command, and turns whatever comes of it into an exit code."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run ``stick`` with the arguments of this process, and exit with the documented code."""
    _speak_utf8()
    gc.disable()  # while modules are loaded there is nothing to collect
    arguments, env = sys.argv[1:], dict(os.environ)
    code = _quickly(arguments, env)
    if code is None:
        _collect()
        from stickhooks.cli import run

        sys.exit(run(arguments, env))
    from stickhooks.system import leave

    leave(code)


def _speak_utf8() -> None:
    """Begin anew where names of files would be read in another encoding than the hooks read them in."""
    if sys.getfilesystemencoding() != "utf-8" and sys.executable:
        again = [sys.executable, "-X", "utf8", "-m", "stickhooks", *sys.argv[1:]]
        os.execv(sys.executable, again)


def _quickly(arguments: list[str], env: dict[str, str]) -> int | None:
    """Run a command on its short road, and return its exit code; None where it has none."""
    from stickhooks import pack, prompt_road

    folder = os.path.dirname(__file__)
    if prompt_road.leads(arguments):
        pack.begin(folder, pack.GIT)
        return prompt_road.answer(arguments, env)
    pack.begin(folder, pack.VERBS)
    from stickhooks import faults, short

    call = short.read(arguments)
    _collect()
    return None if call is None else faults.caught(call, arguments, env)


def _collect() -> None:
    """Collect from here on, for some commands wait for hours, but not what stays to the end."""
    gc.freeze()
    gc.enable()


if __name__ == "__main__":
    main()
