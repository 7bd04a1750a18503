"""Which side of a shared file system a room belongs to: locks of one side are not seen on another.

A side is one mount of one kernel: its boot, and the device number of our folder there. No two mounts
that are there at once have the same number, bind mounts share it as they share their locks, and so
do a machine and its containers. The number alone is not enough: a machine and a VM count alike. Nor is
the boot alone: a tree and a FUSE mount of it have the same one.

A state says which side wrote it. Two sides differ harmlessly on an ordinary file system (the machine
was started again, the disk is another); where one of the two is known to share files without
their locks, the room stays with the side it belongs to until somebody moves it.
"""

from stickhooks.errors import Next, Refusal
from stickhooks.system import clock, filesystem, processes
from stickhooks.text import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from stickhooks.errors import Step
    from stickhooks.system.folder import Folder

FIX = Next("doctor", "--fix")
UNKNOWN = "unknown"


class Side:
    """One side: boot, device, the type of the file system and the tree's path there."""

    __slots__ = ("boot", "device", "kind", "root")

    def __init__(self, boot: str, device: int, kind: str, root: str) -> None:
        self.boot, self.device, self.kind, self.root = boot, device, kind, root


def written(side: "Side", before: "Mapping[str, object] | None") -> "Mapping[str, object] | None":
    """Return our side as it stands in a state. What was there ``before`` stays where ours is not
    known; there is none where locks are a server's, who grants them to all of its sides."""
    if not side.kind:
        return before
    if filesystem.is_network(side.kind):
        return None
    return {"boot": side.boot, "dev": side.device, "kind": side.kind, "root": side.root}


def here(folder: "Folder", device: int, root: str) -> Side:
    """Return our own side, by the open folder of the rooms and the device of a file in it."""
    kind = filesystem.kind_at(folder.path, folder.fd)
    boot = clock.boot_id()
    if not boot and filesystem.is_shared(kind):
        boot = processes.where()[0]  # no boots are told apart here: the machine is all there is
    return Side(boot, device, kind, root)


def is_here(side: "Mapping[str, Any]", device: int, boot: str) -> bool:
    """Tell whether a state's side is certainly ours, by what costs nothing to know."""
    return bool(side["dev"] == device and side["boot"] == boot)


def differ(side: "Mapping[str, Any] | None", ours: Side) -> bool:
    """Tell whether locks taken on a state's side are not seen on ours.

    Without ``/proc`` (in some sandboxes) neither boot nor type is known: then the device says it.
    """
    if side is None or is_here(side, ours.device, ours.boot):
        return False
    if not ours.kind:
        return bool(side["dev"] != ours.device)
    return _apart(side["kind"]) or _apart(ours.kind)


def _apart(kind: str) -> bool:
    return filesystem.is_shared(kind) or filesystem.is_network(kind)


def refusal(raw: "Mapping[str, Any]", ours: Side) -> Refusal:
    """Return ``io`` for a write to a room of another side: whose it is, where, why, and the way on."""
    side, keeper = raw["side"], _keeper(raw)
    whose = f"{plain(keeper or _first(raw))}'s side" if keeper or _first(raw) else "another side"
    return Refusal(
        "io",
        f"this room belongs to {whose}: {plain(side['root'])} ({plain(side['kind'])})."
        f" Here, {plain(ours.root)} ({plain(ours.kind or UNKNOWN)}), locks taken there are not seen,"
        f" so two could hold the stick at once; nothing was changed. {_way(side, ours, keeper)}",
        steps(keeper, None),
        other_side=dict(side),
    )


def _way(side: "Mapping[str, Any]", ours: Side, keeper: str) -> str:
    again = (side["root"], side["kind"]) == (ours.root, ours.kind)
    where = "This file system was mounted again since" if again else "Write there"
    when = f"when {plain(keeper)} has released it" if keeper else "while nobody holds it"
    return f"{where}, or move the room here {when}"


def steps(keeper: "str | None", me: "str | None") -> "list[Step]":
    """Return what helps: nobody but its keeper moves a room that is kept for somebody."""
    return [FIX] if keeper in (None, "", me) else [Next("status"), FIX]


def _keeper(raw: "Mapping[str, Any]") -> str:
    """Return the holder, or whom the stick is kept for, ``""`` where it is nobody's."""
    lease, reservation = raw["lease"], raw["reservation"]
    return str(lease["holder"] if lease else reservation["recipient"] if reservation else "")


def _first(raw: "Mapping[str, Any]") -> str:
    members = sorted(raw["members"], key=lambda member: int(member["ordinal"]))
    return str(members[0]["agent_id"]) if members else ""


def trouble(raw: "Mapping[str, Any]", folder: "Folder", device: int, root: str) -> "Refusal | None":
    """Return why nothing may be written to a room from here, None where its locks are ours."""
    side = raw.get("side")
    if side is None or is_here(side, device, clock.boot_id()):
        return None
    ours = here(folder, device, root)
    return refusal(raw, ours) if differ(side, ours) else None
