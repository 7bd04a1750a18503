"""What somebody wants of a room: the rest of it, all of it, or some paths."""

from __future__ import annotations

from stickhooks.fast.records import Frozen, dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


@dataclass(frozen=True)
class Wish(Frozen):
    """``paths`` below the workspace, as the disk spells them; ``whole``: while nobody else has a part.

    ``folds`` says that the disk takes names in another case for the same. ``typed`` are the words that ask
    for the same again.
    """

    paths: tuple[str, ...] = ()
    whole: bool = False
    folds: bool = False
    typed: tuple[str, ...] = ()


ROOM: Final = Wish()
