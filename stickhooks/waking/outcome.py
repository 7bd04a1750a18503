"""What came of a try to wake somebody, as it is noted."""

from __future__ import annotations

from stickhooks.fast.records import Frozen, dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

SUBMITTED: Final = "submitted"  # handed to the client, which says no more
RECEIVED: Final = "received"  # a prompt hook of ours saw the words
AMBIGUOUS: Final = "ambiguous"  # handed over, and the client may hold it back
FAILED: Final = "failed"


@dataclass(frozen=True)
class Outcome(Frozen):
    """``why`` is plain text of ours: never a path, an address or anything else of ``reach/``."""

    wake: str
    why: str = ""
