"""The anchor, kept in the git dir: the rooms, with the last turn of each; ``store.reader`` reads it.

It is written under the lock of the rooms. Without git there is none, and nothing is written.
"""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.fast import json
from stickhooks.protocol.model import Room
from stickhooks.store import layout, reader
from stickhooks.system import publish
from stickhooks.system.folder import Folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final, TypeAlias

Marks: TypeAlias = dict[str, dict[str, object]]
GROWTH: Final = 100  # bytes by which the mark of a new room may grow


def mark_of(raw: Mapping[str, object]) -> dict[str, object]:
    """Return what the anchor says of a room with this state."""
    return {"id": raw["room_id"], "turn": reader.latest_turn(raw), "event": raw["event_seq"]}


class Anchor:
    """The anchor of one workspace, whose working tree it names; ``git_dir`` is None where there is no git."""

    def __init__(self, git_dir: str | None, tree: str) -> None:
        self.git_dir = git_dir
        self.tree = tree
        self.seen: Marks = {}  # as read when the room was, under the lock
        self.engine: dict[str, object] | None = None  # that has the rooms, as read with them

    def marks(self) -> Marks:
        """Return the anchor's rooms; a damaged one knows none. Raises ``io`` for one that this account
        cannot read: what it knows must not be written over."""
        if self.git_dir is None:
            return {}
        try:
            return self._now_or_seen()[0]
        except Refusal as refusal:
            if refusal.code == "io":
                raise
            return {}

    def raise_to(self, room: Room) -> bool:
        """Bring the anchor to the turn just published. Where it cannot be written (a sandbox), the
        next call from outside does it: a turn higher than the anchor's is no loss.

        False where there is a git dir and no anchor at all: other rooms have to be entered as well.
        """
        if self.git_dir is None:
            return True
        mark: dict[str, object] = {
            "id": room.room_id, "turn": room.latest_turn, "event": room.event_seq,
        }  # fmt: skip
        try:
            marks, tree = self._now_or_seen()
            if not marks:
                return False
            old = marks.get(room.path, {})
            if old.get("id") == room.room_id:
                mark = {**old, **mark}
            if old != mark or tree != self.tree:
                data = self._data({**marks, room.path: mark})
                if len(data) <= reader.ANCHOR_LIMIT:  # else it stays behind, and can be read
                    self._put(data)
        except (OSError, Refusal):
            pass
        return True

    def _now_or_seen(self) -> tuple[Marks, object]:
        """Return the anchor's rooms, and the working tree that it names; of an anchor that was
        removed or damaged since, the rooms that it had before.

        Else the other rooms of the workspace would count as a clone's, or every room as lost.
        """
        assert self.git_dir is not None
        try:
            rooms, tree, engine = reader.whole_anchor(self.git_dir)
            self.engine = engine if rooms is not None else self.engine
        except Refusal as refusal:
            if refusal.code == "io" or not self.seen:
                raise
            rooms, tree = None, None
        return dict(rooms or self.seen), tree

    def write(self, marks: Marks, spare: int = 0) -> None:
        """Write the anchor. ``spare`` bytes a room are kept free: a room that is made must leave all
        others what their marks grow by. Raises ``io``; nothing is changed then."""
        if self.git_dir is None:
            return
        data = self._data(marks)
        if len(data) + spare * len(marks) > reader.ANCHOR_LIMIT:
            raise _full(len(marks) - 1)
        try:
            self._put(data)
        except OSError as error:
            raise Refusal(
                "io",
                f"{self.git_dir} cannot be written ({error.strerror}), so no room can be made or"
                " removed from here: run `stick init` in a shell outside this sandbox",
                [Next("init")],
            ) from None

    def _data(self, marks: Marks) -> bytes:
        engine = {"engine": self.engine} if self.engine else {}
        return (
            json.write({"schema": 1, "tree": self.tree, **engine, "rooms": marks}) + "\n"
        ).encode()

    def _put(self, data: bytes) -> None:
        assert self.git_dir is not None
        with (
            Folder.open(self.git_dir) as git_dir,
            git_dir.sub(layout.GIT_FOLDER, make=True) as folder,
        ):
            publish.clear(folder)
            publish.publish(folder, layout.ANCHOR, data)
            folder.sync()

    def undo(self, before: Marks, refusal: Refusal) -> None:
        """Put the anchor back, for what should have followed it failed; say so if even that fails."""
        if self.marks() == before:
            return
        try:
            self.write(before)
        except Refusal:
            refusal.details["half"] = True


def _full(count: int) -> Refusal:
    return Refusal(
        "io",
        f"the workspace has {count} rooms, and the list of them in the git dir has no place for one"
        f" more; nothing was changed: a nested room that is not needed can be given back",
        [Next("rooms"), Next("close", "--remove")],
    )
