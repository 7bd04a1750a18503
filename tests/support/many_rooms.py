"""A workspace with very many rooms, laid down at once: to make them one by one is not what is tried."""

from __future__ import annotations

from pathlib import Path

from stickhooks.fast import json
from stickhooks.protocol.model import Room
from stickhooks.store import codec, layout, reader
from stickhooks.store.files import FileStore
from stickhooks.system import fresh


def folder_of(number: int) -> str:
    return f"packages/part-{number:05d}"


def carve(root: Path, count: int, *, turn: int = 0) -> list[str]:
    """Give a workspace that has a room so many nested ones, a file in each; return their paths."""
    git_dir = root / ".git"
    store = FileStore(str(root), str(git_dir))
    before = store.load("")
    assert before
    known = reader.read_anchor(str(git_dir)) or {}
    rooms = [folder_of(number) for number in range(count)]
    for path in rooms:
        (root / path).mkdir(parents=True)
        (root / path / "part.py").write_text("part = 1\n")
        room = Room(fresh.uuid(), path, before.room.created_at, turn_id=turn)
        record = codec.Record(1, 0, before.record.clock_boot, before.record.clock_offset)
        (root / layout.FOLDER / layout.state_name(path)).write_bytes(codec.encode(room, record))
        known[path] = {"id": room.room_id, "turn": turn, "event": 0}
    text = json.write({"schema": 1, "tree": str(root), "rooms": known})
    Path(layout.anchor_of(str(git_dir))).write_text(text)
    return rooms
