"""``os`` and ``stat`` for the gate, at the price that it can pay.

An interpreter that ran its ``site`` has ``os`` already. One that was started with ``-S``, as
the hooks are, would build a dozen abstract base classes for it, a fifth of its whole start;
there ``bare_os`` stands in.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING or "os" in sys.modules or "posix" not in sys.builtin_module_names:
    import os
    import stat
else:
    import _stat as stat

    from stickhooks import bare_os as os

__all__ = ["os", "stat"]
