"""In place of ``import os`` and ``import stat``: ``os`` where it is loaded already, else ``fast.bare_os``.

An interpreter that ran its ``site`` has ``os``. One that was started with ``-S``, as the hooks
are, would build a dozen abstract base classes for it: 0.2 B0 for the gate.
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
    """End this process with what was printed, but without the interpreter's own finalization.

    Finalization costs as much as the gate.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:  # closed by whoever started us
                stream.flush()
        except OSError:
            pass
    os._exit(code)
