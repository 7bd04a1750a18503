"""In place of ``import os`` and ``import stat``: ``os`` where it is loaded already, else ``fast.bare_os``.

An interpreter that ran its ``site`` has ``os``. One that was started with ``-S``, as the hooks
are, would build a dozen abstract base classes for it: 0.2 B0 for the gate.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

if TYPE_CHECKING or "os" in sys.modules or "posix" not in sys.builtin_module_names:
    import os
    import stat
else:
    import _stat as stat

    from stickhooks.fast import bare_os as os

__all__ = ["leave", "os", "standard_input", "stat"]


def standard_input(limit: int = sys.maxsize, ready: "Callable[[], bool]" = lambda: True) -> bytes:
    """Return what is on standard input: to its end, while ``ready``, or until it is more than ``limit``.

    Raises OSError where it is closed, or no file to read from.
    """
    pieces: list[bytes] = []
    size = 0
    while size <= limit and ready():
        piece = os.read(0, 1 << 16)
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


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
