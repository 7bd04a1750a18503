"""What a verb answers, for people and for programs alike; ``views.output`` prints it."""

from __future__ import annotations

from stickhooks.errors import EXIT, Refusal
from stickhooks.fast.records import Frozen, dataclass, field
from stickhooks.gate.standing import Standing
from stickhooks.text import without_long_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Literal, TypeAlias

    from stickhooks.errors import Step

Tone: TypeAlias = "Literal['go', 'wait', 'stop', '']"


@dataclass(frozen=True)
class Reply(Frozen):
    """What a verb has to say. ``lines`` are for people, ``data`` for programs.

    ``tone`` colours the first line on a terminal. ``exit`` overrides the code's exit where a
    verb hands on somebody else's (``stick run``). ``after`` is done once it was shown.
    """

    lines: Sequence[str]
    code: str = "ok"
    next: Sequence[Step] = ()
    data: Mapping[str, object] = field(default_factory=dict)
    standing: Standing | None = None
    me: str | None = None
    exit: int | None = None
    tone: Tone = ""
    after: Callable[[], object] | None = None

    @property
    def status(self) -> int:
        return EXIT[self.code] if self.exit is None else self.exit


def refusing(refusal: Refusal, standing: Standing | None = None, me: str | None = None) -> Reply:
    """Return the reply for a refusal, with the details that its code promises."""
    data = {"details": refusal.details} if refusal.details else {}
    message = without_long_words(refusal.message)
    return Reply([message, *refusal.more], refusal.code, refusal.next, data, standing, me)
