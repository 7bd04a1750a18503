"""What a command would write, as the judge says it."""

from __future__ import annotations

from stickhooks.fast.records import Frozen, dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.shell.state import Danger


@dataclass(frozen=True)
class Writes(Frozen):
    """What a command would write; nothing in any field where it only reads.

    ``paths`` are absolute; one may be a folder, and then anything below it is meant. ``whole`` is
    a reason in words when anything may be written in a tree, ``unclear`` when the command cannot
    be understood; both are meant for ``trees``, the folders where the shell is then, and for
    whatever the words of ``dangers`` lead to. ``later`` are paths that are written with the stick
    of the room that governs a folder, each with that folder, and so are dangers with ``held``.
    ``ran`` are commands that were given as reading ones.
    """

    paths: list[str]
    whole: str | None
    unclear: str | None
    trees: list[str]
    dangers: tuple[Danger, ...] = ()
    later: tuple[tuple[str, str], ...] = ()
    ran: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        return not (self.paths or self.whole or self.unclear)
