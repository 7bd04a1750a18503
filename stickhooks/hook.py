"""What installed hooks call, by absolute path: ``python -I -S …/stickhooks/hook.py pre-commit``.

A script is compiled at every start, so this one opens the pack, where there is one, and goes on.
"""

import marshal
import sys
from _frozen_importlib_external import MAGIC_NUMBER

if __name__ == "__main__":
    folder = __file__.rsplit("\\" if sys.platform == "win32" else "/", 1)[0]
    sys.path.append(folder[: -len("/stickhooks")])
    try:
        pack = open(f"{folder}/__pycache__/gate.{MAGIC_NUMBER.hex()}.pack", "rb", 0)  # noqa: SIM115
        head = marshal.loads(pack.read(int(pack.read(8), 16)))
        exec(head[0], {"PACK": (pack, head, folder)})
    except Exception:
        pass  # none, or a damaged one: the modules are where they always are
    from stickhooks.handlers.common import start

    start()
