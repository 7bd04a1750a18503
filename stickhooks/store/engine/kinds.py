"""Which engines there are: a row each, by how a name of it begins. What one is like its own file says."""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import Frozen, dataclass
from stickhooks.store.engine import git_answers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from stickhooks.store.engine.interface import Engine


@dataclass(frozen=True)
class Kind(Frozen):
    """``prefix`` begins its names, ``form`` shows one and ``means`` explains it; ``opened`` gives the
    engine of what follows the prefix, for a working tree and its git dir. It connects to nothing yet."""

    prefix: str
    form: str
    means: str
    opened: Callable[[str, str, str], Engine]


def _git(remote: str, root: str, git_dir: str) -> Engine:
    from stickhooks.store.engine.git_remote import GitRemote

    return GitRemote(remote, root, git_dir)


def _etcd(place: str, root: str, git_dir: str) -> Engine:
    from stickhooks.store.engine.etcd import Etcd

    return Etcd(f"etcd://{place}", root, git_dir)


def _etcd_by_tls(place: str, root: str, git_dir: str) -> Engine:
    from stickhooks.store.engine.etcd import Etcd

    return Etcd(f"etcds://{place}", root, git_dir)


KINDS: Final = (
    Kind("git:", "git:REMOTE", "with a remote of this repository", _git),
    Kind("etcds://", "etcds://HOST:2379,HOST:2379/PREFIX", "with members of an etcd", _etcd_by_tls),
    Kind("etcd://", "etcd://127.0.0.1:2379/PREFIX", "with one of this machine", _etcd),
)


def engine_named(name: str, root: str, git_dir: str) -> Engine:
    """Return the engine of a name. Raises ``config`` for one that we know nothing of."""
    for kind in KINDS:
        if name.startswith(kind.prefix) and name != kind.prefix:
            return kind.opened(name.removeprefix(kind.prefix), root, git_dir)
    forms = "; ".join(f"{kind.form}, {kind.means}" for kind in KINDS)
    raise Refusal(
        "config",
        f"{git_answers.without_password(name)} names no engine. There is {forms}",
        [Next("init", "--engine", "git:origin")],
    )
