"""Which engine has the rooms of a workspace, and which clone of them this working tree is.

Both stand in the anchor: in the git dir, where no clone and no copied folder brings them, and where the
gate reads anyway. The id of the clone belongs to one tree on one machine: in a copied tree, or on a
copied disk, another one is drawn.
"""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import dataclass
from stickhooks.store import reader
from stickhooks.store.anchor import Anchor
from stickhooks.store.engine import git_answers
from stickhooks.store.engine.git_remote import GitRemote
from stickhooks.store.engine.store import EngineStore
from stickhooks.system import fresh, processes
from stickhooks.text import word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final

    from stickhooks.store.engine.interface import Engine, Version

GIT: Final = "git:"  # with a remote behind it, as git knows it
KEY: Final = "stickhooks.engine"  # of git's configuration


@dataclass(frozen=True, slots=True)
class Setting:
    """``name`` as typed at ``stick init --engine``, the ``clone``'s id, and its machine's."""

    name: str
    clone: str
    machine: str

    @property
    def raw(self) -> dict[str, object]:
        return {"name": self.name, "clone": self.clone, "machine": self.machine}


def drawn(name: str) -> Setting:
    """Return a setting for this working tree, with a new clone's id."""
    return Setting(name, fresh.uuid(), processes.where()[0])


def enter(git_dir: str, tree: str, setting: Setting) -> None:
    """Write a setting into the anchor of a git dir, with the rooms that it knows. Raises ``io``."""
    anchor = Anchor(git_dir, tree)
    marks = anchor.marks()
    anchor.engine = setting.raw
    anchor.write(marks)


def of(git_dir: str) -> tuple[Setting, object] | None:
    """Return the setting that an anchor names, and the working tree it was made in; None: no engine."""
    _, tree, engine = reader.whole_anchor(git_dir)
    if engine is None:
        return None
    values: Any = engine
    return Setting(values["name"], values["clone"], values["machine"]), tree


def engine_named(name: str, root: str, git_dir: str) -> Engine:
    """Return the engine of a name. Raises ``config`` for one that we know nothing of."""
    if name.startswith(GIT) and name[len(GIT) :]:
        return GitRemote(name[len(GIT) :], root, git_dir)
    raise Refusal(
        "config",
        f"{git_answers.without_password(name)} names no engine: git:REMOTE is one, with a remote"
        " of this repository",
        [Next("init", "--engine", "git:origin")],
    )


class Undecided:
    """In place of an engine: the anchor names one, git's configuration another, and none is asked."""

    least_ttl, reuse, poll = 0, 0.0, 60.0

    def __init__(self, named: str, configured: str) -> None:
        self.name = configured or named
        self.told = (
            f"git's configuration says {KEY} {configured or 'none'}, and the git dir has noted {named}:"
            " no room is opened"
        )
        self.steps = [Next("init", "--engine", word(self.name)), Next("uninit")]

    def load(self) -> Version | None:
        raise Refusal("config", self.told, self.steps)

    def swap(
        self, before: Version | None, data: bytes, events: Mapping[str, Sequence[bytes]]
    ) -> Version:
        raise Refusal("config", self.told, self.steps)

    def events(self, room_id: str, after: int, limit: int) -> list[bytes]:
        raise Refusal("config", self.told, self.steps)

    def delete(self, before: Version) -> None:
        raise Refusal("config", self.told, self.steps)


def opened(root: str, git_dir: str, lock_timeout: float, configured: str) -> EngineStore:
    """Return the store of a workspace on an engine. A copied tree gets a new clone's id.

    Where anchor and configuration name two, the store reads nothing and writes nothing.
    """
    entry = of(git_dir)
    if entry is None or entry[0].name != configured:
        named = entry[0].name if entry else "none"
        return EngineStore(
            root, git_dir, Undecided(named, configured), "", lock_timeout=lock_timeout
        )
    setting, tree = entry
    if tree != root or setting.machine != processes.where()[0]:
        setting = drawn(setting.name)
        enter(git_dir, root, setting)
    engine = engine_named(setting.name, root, git_dir)
    return EngineStore(root, git_dir, engine, setting.clone, lock_timeout=lock_timeout)
