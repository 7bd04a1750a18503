"""How each kind of span and mark is shown: no colour says what a sign does not say as well."""

from __future__ import annotations

from typing import Final, NamedTuple

from stickhooks.timeline import model


class Kind(NamedTuple):
    """What a legend says of a kind, its sign in text and in plain ASCII, and its colour there (SGR).

    A mark has a ``shape`` too, an SVG path from ``x`` and ``y`` on; what one of it and what several
    are called; and what is ``said`` of a member that has it.
    """

    words: str
    sign: str
    ascii: str
    colour: str
    shape: str = ""
    noun: tuple[str, str] = ("", "")
    said: str = ""


KINDS: Final = {
    model.HELD: Kind("holds the stick: nobody else may write", "█", "#", "34"),
    model.LOST: Kind("held, then taken over", "▒", "%", "31"),
    model.PATHS: Kind("has some paths alone", "▬", "=", "36"),
    model.WAITING: Kind("waits for it", "─", "-", "2"),
    model.RESERVED: Kind("reserved for this member", "┄", "~", "33"),
    model.REFUSED: Kind(
        "a write was refused", "x", "x", "31", "M{x:.1f} {y:.1f}m-4 -4l8 8m0 -8l-8 8",
        ("refused write", "refused writes"), "was refused a write",
    ),
    model.TAKEOVER: Kind(
        "takes over", "▼", "v", "31", "M{x:.1f} {y:.1f}m0 5l-6 -10h12z",
        ("takeover", "takeovers"), "took over",
    ),
    model.BYPASS: Kind(
        "goes past the gate, on the record", "!", "!", "35",
        "M{x:.1f} {y:.1f}m-1.6 -7h3.2l-.7 8.6h-1.8zm0 10.4h3.2v3.2h-3.2z",
        ("bypass", "bypasses"), "went past the gate",
    ),
    model.OUTSIDE: Kind(
        "changes the tree outside of any turn", "◆", "o", "35",
        "M{x:.1f} {y:.1f}m0 -6l6 6l-6 6l-6 -6z",
        ("change outside", "changes outside"), "acted without the stick",
    ),
    model.BACK: Kind(
        "brings work back (undo, restore)", "↶", "u", "36",
        "M{x:.1f} {y:.1f}m-6 -1l4.5 -4.5v3h2a4.5 4.5 0 0 1 0 9h-3.5v-2h3.5a2.5 2.5 0 0 0 0 -5h-2v3z",
        ("undo or restore", "undos and restores"), "brought back",
    ),
    model.ASK: Kind(
        "asks the holder for the stick", "?", "?", "33",
        "M{x:.1f} {y:.1f}m0 5l-5 -5l5 -5l5 5z", ("ask", "asks"), "asked for the stick",
    ),
    model.NOTE: Kind(
        "leaves a note", "\u00b7", ".", "2",
        "M{x:.1f} {y:.1f}m-5 -3.5h10v7h-10zm0 0l5 4l5 -4", ("note", "notes"), "left a note",
    ),
    model.PART: Kind(
        "takes or gives back some paths", "p", "p", "34",
        "M{x:.1f} {y:.1f}m-5 -5h4l1.5 2h4.5v8h-10z",
        ("take or return of paths", "takes and returns of paths"),
    ),
    model.COMMIT: Kind(
        "a commit", "•", "*", "32", "M{x:.1f} {y:.1f}m-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0",
        ("commit", "commits"), "committed",
    ),
}  # fmt: skip
