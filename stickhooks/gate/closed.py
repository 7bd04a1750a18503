"""What is said of a room that was closed: the closer's words, and who opens it again."""

from stickhooks.protocol import phases
from stickhooks.text import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.gate.standing import Standing

WHY = 120  # characters


def details(standing: "Standing", me: "str | None" = None) -> "list[str]":
    letter, lines = standing.raw["letter"], []
    if letter and letter["event_type"] == "close":
        text = letter["handoff"]
        done, follow = plain(text["status"], WHY), plain(text["next_action"], WHY)
        lines.append(f"{plain(letter['author'])} wrote: {done}; next: {follow}")
    person = (standing.member(me) or {}).get("session_kind") == phases.PERSON
    if standing.bars(person=person):
        lines.append("a person closed it, and a person opens it again: ask there, do not write")
    return lines
