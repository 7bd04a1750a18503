"""What a look from a prompt needs: the room that governs a folder, read and nothing else."""

from stickhooks.fast.os import os
from stickhooks.gate.standing import Standing
from stickhooks.identity import resolver
from stickhooks.protocol import phases
from stickhooks.store import reader
from stickhooks.system import clock
from stickhooks.workspace import paths


class Near:
    """The rooms of the workspace that a folder lies in. Raises what ``store.reader.Survey`` raises.

    ``here`` is the room that governs the folder; None where there is none.
    """

    __slots__ = ("here", "rooms", "survey", "workspace")

    def __init__(self, folder: str) -> None:
        self.workspace = paths.workspace_of(folder)
        self.survey: reader.Survey | None = None
        self.rooms: list[str] = []
        self.here: str | None = None
        if self.workspace is not None:
            self.survey = reader.Survey(self.workspace.root, self.workspace.git_dir)
            self.rooms = self.survey.rooms
            here = self.workspace.relative(folder)
            spelled = paths.spelled(self.workspace.root, here, self.rooms)
            self.here = phases.governing(self.rooms, spelled)

    def shown(self, room: str) -> str:
        root = self.workspace.root if self.workspace else ""
        return f"{root}/{room}" if room else root

    def state(self) -> "dict[str, object] | None":
        """Return the governing room's state; None where there is none, or nobody has joined yet."""
        if self.survey is None or self.here is None:
            return None
        reading = self.survey.load(self.here)
        return reading[0] if reading else None

    def standing(self, raw) -> Standing:  # type: ignore[no-untyped-def]
        """Return where the stick is now, by a state."""
        wall, monotonic, boot = clock.read()
        mark = raw["clock"]
        set_ = mark["boot"], mark["offset"], mark.get("shift", 0)
        now = phases.room_time(wall, monotonic, boot, *set_)
        return Standing(raw, self.shown(self.here or ""), now, wall)

    def close(self) -> None:
        if self.survey is not None:
            self.survey.close()


def me(raw, sighting: resolver.Sighting, said: str) -> "str | None":  # type: ignore[no-untyped-def]
    """Return the member that looks: a name alone is enough to look."""
    return resolver.caller_in(raw, sighting, said).agent_id


def folder_of(place: str) -> str:
    """Return a place as a real path. Raises ValueError for what is none."""
    return paths.real(os.path.expanduser(place) if place else ".")
