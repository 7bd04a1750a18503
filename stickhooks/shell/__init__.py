"""What a shell command of an agent would write, told without running it.

``grammar`` parses it, ``words`` says what its words expand to, ``verdict`` walks it with the
``state`` the shell would be in, and ``programs`` is the table of who judges which program.
"""

from stickhooks.shell.verdict import Writes, writes

__all__ = ["Writes", "writes"]
