"""Unread notes beside what a verb answers: on standard error, to programs within the one object."""

from __future__ import annotations

from stickhooks.fast.records import replace
from stickhooks.operations import notes
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.operations.rooms import Rooms
from stickhooks.store.opening import open_store
from stickhooks.views import output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def shown(desk: Desk, reader: tuple[str, str], reply: Reply) -> bool:
    """Show a reader, which is a member and a room's path, its unread notes. Tell whether that was done.

    To programs it is the whole reply that is written, with the notes in it.
    """
    member, path = reader
    workspace = desk.workspace
    rooms = Rooms(open_store(workspace.root, workspace.git_dir, notes.LOCK_TIMEOUT))
    stream = 1 if desk.as_json else 2

    def answer(told: Sequence[notes.Note], cut: int) -> bytes:
        if not desk.as_json:
            text = "\n".join(notes.lines(told, cut))
        else:
            beside = {"notes": [note.data(cut) for note in told], "notes_are": notes.HEADS}
            text = output.json_line(output.envelope(replace(reply, data={**reply.data, **beside})))
        return (text + "\n").encode("utf-8", "backslashreplace")

    return bool(notes.deliver(rooms, path, member, stream, answer))
