"""What a shell command of an agent would write, told without running it.

``grammar`` parses it, ``words`` says what its words expand to, ``verdict`` walks it with the
``state`` the shell would be in, and ``programs`` is the table of who judges which program. What
options and words a program may have stands in text files, which ``tables`` reads.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from stickhooks.shell.answer import Writes
    from stickhooks.shell.state import Alias


def writes(
    command: str,
    cwd: str,
    env: Mapping[str, str] | None = None,
    reads: tuple[str, ...] = (),
    alias: Alias | None = None,
) -> Writes:
    """Tell what a command would write: see ``verdict.writes``, which is loaded only then."""
    from stickhooks.shell import verdict

    return verdict.writes(command, cwd, env, reads, alias)
