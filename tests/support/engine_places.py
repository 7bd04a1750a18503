"""Where the rooms of several clones may lie, each a real place: a git remote, by files or by HTTP; an etcd.
What gives engines of a place to threads, and to processes of their own."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from stickhooks.store.engine.etcd import Etcd
from stickhooks.store.engine.git_remote import GitRemote
from stickhooks.store.engine.interface import Engine
from tests.support import web
from tests.support.cutting_proxy import CuttingProxy
from tests.support.etcd_servers import Servers

KINDS: Final = ("git", "http", "etcd")
SECONDS: Final = 60.0


@dataclass(frozen=True)
class Place:
    """An engine's place: of ``kind``, at ``address``, with clones in ``folder``."""

    kind: str
    address: str
    folder: str
    open: list[Etcd] = field(default_factory=list, compare=False)

    def clone(self, name: str) -> Path:
        """Return the working tree of that name; it is made where it is not there."""
        tree = Path(self.folder, name)
        if not (tree / ".git" / "config").exists():
            _git(self.folder, "init", "-q", "-b", "main", str(tree))
            if self.kind != "etcd":
                _git(str(tree), "remote", "add", "origin", self.address)
        return tree

    def engine(self, clone: str, room: str = "main") -> Engine:
        """Return an engine as a clone has it, for rooms of a name."""
        tree = self.clone(clone)
        if self.kind == "etcd":
            self.open.append(Etcd(f"{self.address}#{room}", str(tree), f"{tree}/.git", SECONDS))
            return self.open[-1]
        return GitRemote(f"origin#{room}", str(tree), f"{tree}/.git", SECONDS)

    def close(self) -> None:
        for engine in self.open:
            engine.wire.close()


@contextlib.contextmanager
def opened(kind: str, folder: Path) -> Iterator[Place]:
    """Have a place for as long as it is needed. Skips the test where this machine lacks what serves it."""
    with cutting(kind, folder) as (place, _):
        yield place


@contextlib.contextmanager
def cutting(kind: str, folder: Path) -> Iterator[tuple[Place, CuttingProxy | None]]:
    """The same, by a proxy that cuts answers off once its ``share`` is set; none for files."""
    origin = folder / "served" / "origin.git"
    with contextlib.ExitStack() as stack:
        proxy = None
        if kind == "etcd":
            servers = Servers(folder / "etcd")
            stack.callback(servers.stop)
            servers.start()
            proxy = CuttingProxy(servers.ports[0], b"/v3/kv/txn", 7)
            address = f"etcd://127.0.0.1:{proxy.port}/table"
        else:
            _git(str(folder), "init", "-q", "--bare", "-b", "main", str(origin))
            address = str(origin)
        if kind == "http":
            _git(str(origin), "config", "http.receivepack", "true")
            there = stack.enter_context(web.served(folder / "web", origin.parent))
            host, _, path = there.partition("/")
            proxy = CuttingProxy(int(host.rpartition(":")[2]), b"/git-receive-pack HTTP", 7)
            address = f"http://{web.USER}:{web.PASSWORD}@127.0.0.1:{proxy.port}/{path}/origin.git"
        if proxy:
            stack.callback(proxy.close)
        place = Place(kind, address, str(folder))
        stack.callback(place.close)
        yield place, proxy


def _git(folder: str, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True)
