"""What installed hooks call, by absolute path: ``python -I -S …/stickhooks/hook.py pre-commit``.

A script is compiled at every start, so this one only opens the pack, where there is one, and
goes on to ``answering``.
"""

import gc
import marshal
import sys

if __name__ == "__main__":
    gc.disable()  # it ends before there is anything to collect
    folder = __file__.rsplit("\\" if sys.platform == "win32" else "/", 1)[0]
    sys.path.append(folder[: -len("/stickhooks")])
    try:
        pack = open(f"{folder}/__pycache__/gate.{sys.implementation.cache_tag}.pack", "rb", 0)  # noqa: SIM115 - stays open
        finder, index, cores = marshal.loads(pack.read(int(pack.read(8), 16)))
        exec(finder, {"PACK": (pack, index, cores, folder)})
    except (OSError, ValueError, EOFError, TypeError):
        pass  # none, or a torn one: the modules are where they always are
    from stickhooks.answering import main
    from stickhooks.system import os

    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # to take an interpreter down in good order costs as much as the gate
