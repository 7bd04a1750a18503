"""``os`` and ``stat`` for the gate, at the price that it can pay.

An interpreter that ran its ``site`` has ``os`` already. One that was started with ``-S``, as
the hooks are, would build a dozen abstract base classes for it, a fifth of its whole start;
there ``fast.bare_os`` stands in.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

if TYPE_CHECKING or "os" in sys.modules or "posix" not in sys.builtin_module_names:
    import os
    import stat
else:
    import _stat as stat

    from stickhooks.fast import bare_os as os

__all__ = ["leave", "os", "stat"]


def leave(code: int) -> "NoReturn":
    """End this process with what was printed, but without taking the interpreter down in good order.

    That costs as much as the gate.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:  # closed by whoever started us
                stream.flush()
        except OSError:
            pass
    os._exit(code)
