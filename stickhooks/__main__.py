"""The one door of the program: runs a command, and turns whatever comes of it into an exit code."""

from __future__ import annotations

import gc
import marshal
import os
import sys
from _frozen_importlib_external import MAGIC_NUMBER

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
if __name__ == "__main__" and not sys.flags.safe_path and sys.path[0] != _OURS:
    del sys.path[0]  # by `-m` the current folder comes first: a clone's `json.py` would be run

#: What ``cli.prompt_parser`` answers: found out without it, for a module costs these 0.015 B0.
PROMPTS = ("statusline", "__names", "__offers", "hook")

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal  # the real one brings enum, and every start would pay for that
else:
    import _signal


def main() -> None:
    """Run ``stick`` with the arguments of this process, and exit with the documented code."""
    _speak_utf8()
    gc.disable()  # while modules are loaded there is nothing to collect
    arguments, env = sys.argv[1:], dict(os.environ)
    code = _quickly(arguments, env)
    if code is None:
        _collect()
        from stickhooks.cli.app import run

        _interrupt_as_ever()
        code = run(arguments, env)
    from stickhooks.fast.os import leave

    leave(code)


def _leave_quietly_on_interrupt() -> None:
    """Until a command runs, and can say more, Ctrl-C ends this process: imports have no better answer."""
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _interrupted)


def _interrupt_as_ever() -> None:
    """Have Ctrl-C raise KeyboardInterrupt again, which every command answers."""
    if _signal.getsignal(_signal.SIGINT) is _interrupted:
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)


def _interrupted(number: int, frame: object) -> None:
    try:
        os.write(2, b"stick: interrupted\n")
    finally:
        os._exit(130)


# As soon as anything of ours runs: the script that calls main() imports this first.
_leave_quietly_on_interrupt()


def _speak_utf8() -> None:
    """Begin anew where names of files would be read in another encoding than the hooks read them in."""
    if sys.getfilesystemencoding() != "utf-8" and sys.executable:
        # As it was started, by the same words: `-m stickhooks` would run what the current folder
        # calls so, and a clone may bring a folder of that name.
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def _open_pack(core: str) -> None:
    """Run the modules of a core from the pack, where there is one: as ``hook.py`` does."""
    folder = os.path.dirname(__file__)
    try:
        pack = open(f"{folder}/__pycache__/gate.{MAGIC_NUMBER.hex()}.pack", "rb", 0)  # noqa: SIM115
        head = marshal.loads(pack.read(int(pack.read(8), 16)))
        exec(head[0], {"PACK": (pack, head, folder), "CORE": core})
    except Exception:  # none, or a damaged one: the modules are where they always are
        return


def _quickly(arguments: list[str], env: dict[str, str]) -> int | None:
    """Run a command on its short road, and return its exit code; None where it has none."""
    if arguments[:1] and arguments[0] in PROMPTS:
        _open_pack("git")
        from stickhooks.cli import prompt_parser

        return prompt_parser.answer(arguments, env)
    _open_pack("verbs")
    from stickhooks.cli import error_handler, fast_parser

    call = fast_parser.read(arguments)
    _collect()
    if call is None:
        return None
    _interrupt_as_ever()
    return error_handler.caught(call, arguments, env)


def _collect() -> None:
    """Collect from here on, for some commands wait for hours, but not what stays to the end."""
    gc.freeze()
    gc.enable()


if __name__ == "__main__":
    main()
