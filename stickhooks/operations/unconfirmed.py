"""What is said of a write that happened, but that the disk did not confirm."""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.store.snapshot import Unconfirmed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.protocol.answers import Answer


class told_if_doubtful:  # noqa: N801 - used like a function
    """Within this, a write that happened but that the disk did not confirm is told as such."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, doubt: object, trace: object) -> None:
        if isinstance(doubt, Unconfirmed):
            raise Refusal(
                "io",
                f"done, but the disk did not confirm it ({doubt}): a power cut may undo it",
                [Next("status")],
                told={"done": True, "answer": dict(self.answer)},
            ) from doubt
