"""Which engine has the rooms of a workspace, and which clone of them this working tree is.

Both stand in the anchor: in the git dir, where no clone and no copied folder brings them, and where the
gate reads anyway. The id of the clone belongs to one tree on one machine: in a copied tree, or on a
copied disk, another one is drawn.
"""

from __future__ import annotations

import socket

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import Frozen, dataclass
from stickhooks.store import reader
from stickhooks.store.anchor import Anchor
from stickhooks.store.engine import kinds
from stickhooks.store.engine.store import EngineStore
from stickhooks.store.files import LOCK_TIMEOUT
from stickhooks.system import fresh, processes
from stickhooks.text import word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final

    from stickhooks.errors import Step
    from stickhooks.store.anchor import Marks
    from stickhooks.store.engine.interface import Version

PLACE_LIMIT: Final = 300  # characters
AWAY: Final = Next("uninit", "--keep-snapshots")  # what is kept of uncommitted work is no room's
GONE: Final = Next("engine", "--move", "files", "--reason", "WHY")  # of an engine that is no more
KEY: Final = "stickhooks.engine"  # of git's configuration


@dataclass(frozen=True)
class Setting(Frozen):
    """``name`` as typed at ``stick init --engine``, the ``clone``'s id, and its machine's; ``move`` is what
    was begun and is not finished: see ``moving``."""

    name: str
    clone: str
    machine: str
    move: Mapping[str, Any] | None = None

    @property
    def raw(self) -> dict[str, object]:
        move = {"move": dict(self.move)} if self.move else {}
        return {"name": self.name, "clone": self.clone, "machine": self.machine, **move}


def drawn(name: str) -> Setting:
    """Return a setting for this working tree, with a new clone's id."""
    return Setting(name, fresh.uuid(), processes.where()[0])


def enter(git_dir: str, tree: str, setting: Setting | None, marks: Marks | None = None) -> None:
    """Write a setting into an anchor, with ``marks`` or the rooms that it knows; None: the files are the
    truth. Raises ``io``."""
    anchor = Anchor(git_dir, tree)
    known = anchor.marks()
    anchor.engine = setting.raw if setting else None
    anchor.write(known if marks is None else marks)


def of(git_dir: str) -> tuple[Setting, object] | None:
    """Return the setting that an anchor names, and the working tree it was made in; None: no engine."""
    _, tree, engine = reader.whole_anchor(git_dir)
    if engine is None:
        return None
    values: Any = engine
    move = values.get("move") if isinstance(values.get("move"), dict) else None
    return Setting(values["name"], values["clone"], values["machine"], move), tree


class Shut:
    """In place of an engine: one that refuses, where none may be asked."""

    least_ttl, reuse, poll, seconds, hurried = 0, 0.0, 60.0, 0.0, 0.0
    room, fence, tells = "", "", False
    address_mark, address_steps = "", ()

    def __init__(self, name: str, told: str, steps: Sequence[Step], code: str = "config") -> None:
        self.name, self.told, self.steps, self.code = name, told, steps, code

    def _refusal(self) -> Refusal:
        return Refusal(self.code, self.told, self.steps)

    def check(self) -> None:
        raise self._refusal()

    def load(self) -> Version | None:
        raise self._refusal()

    def listen(self) -> None:
        return None

    def place(self, agent: str) -> None:
        return None

    def swap(
        self, before: Version | None, data: bytes, events: Mapping[str, Sequence[bytes]]
    ) -> Version:
        raise self._refusal()

    def events(self, room_id: str, after: int, limit: int) -> list[bytes]:
        raise self._refusal()

    def delete(self, before: Version, farewell: bytes) -> None:
        raise self._refusal()

    def farewell(self) -> bytes | None:
        raise self._refusal()

    def probe(self) -> list[Refusal]:
        return [self._refusal()]


def undecided(named: str, configured: str) -> Shut:
    """Return what stands in for an engine where the anchor names one, and git's configuration another."""
    told = (
        f"git's configuration says {KEY} {configured or 'none'}, and the git dir has noted {named}:"
        " no room is opened"
    )
    name = configured or named
    return Shut(name, told, [Next("init", "--engine", word(name)), AWAY])


def way_to(to: str) -> Next:
    """Return the command that moves rooms, or with ``""`` deletes them, and that goes on where it was cut
    short."""
    return Next("engine", "--move", word(to)) if to else Next("engine", "--delete", "--force")


def half_moved(setting: Setting) -> Shut:
    """Return what there is while the rooms are on their way: who holds an open mirror writes on, and
    nothing else is done before the move is."""
    to = str((setting.move or {}).get("to", ""))
    what = f"moved to {to}" if to else "deleted"
    told = f"the rooms of this workspace are being {what}, and that is not finished"
    return Shut(setting.name, told, [way_to(to), GONE, AWAY], "engine")


def opened(root: str, git_dir: str, lock_timeout: float, configured: str) -> EngineStore:
    """Return the store of a workspace on an engine. A copied tree gets a new clone's id.

    Where anchor and configuration name two, the store reads nothing and writes nothing.
    """
    entry = of(git_dir)
    if entry and entry[0].move and is_here(entry, root):
        shut = half_moved(entry[0])
        return EngineStore(root, git_dir, shut, entry[0].clone, lock_timeout=lock_timeout)
    if entry is None or entry[0].name != configured:
        shut = undecided(entry[0].name if entry else "none", configured)
        return EngineStore(root, git_dir, shut, "", lock_timeout=lock_timeout)
    setting = entry[0]
    if not is_here(entry, root):
        setting = drawn(setting.name)
        enter(git_dir, root, setting)
    engine = kinds.engine_named(setting.name, root, git_dir)
    if lock_timeout < LOCK_TIMEOUT:  # a hook
        engine.seconds = engine.hurried
    return EngineStore(
        root, git_dir, engine, setting.clone, place=_place(root), lock_timeout=lock_timeout
    )


def is_here(entry: tuple[Setting, object], root: str) -> bool:
    """Tell whether an entry was made in this very tree on this machine, and not copied."""
    setting, tree = entry
    return tree == root and setting.machine == processes.where()[0]


def _place(root: str) -> str:
    """Return what people know this clone by: its machine's name, and its folder there."""
    return f"{socket.gethostname()}:{root}"[:PLACE_LIMIT]
