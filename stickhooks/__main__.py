"""The one door of the program: runs a command, and turns whatever comes of it into an exit code."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run ``stick`` with the arguments of this process, and exit with the documented code."""
    gc.disable()  # a command ends before there is anything to collect
    from stickhooks import pack

    pack.begin(os.path.dirname(__file__))
    arguments, env = sys.argv[1:], dict(os.environ)
    from stickhooks import faults, short

    call = short.read(arguments)
    if call is None:
        gc.enable()
        from stickhooks.cli import run

        sys.exit(run(arguments, env))
    code = faults.caught(call, arguments, env)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # to take an interpreter down in good order takes longer than the command


if __name__ == "__main__":
    main()
