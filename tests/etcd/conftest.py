"""One etcd for the tests of this folder, where there is one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from stickhooks.store.engine.etcd import Etcd
from tests.support.etcd_servers import Servers

_count = itertools.count(1)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    made = Servers(tmp_path_factory.mktemp("etcd"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def name(servers: Servers) -> str:
    """Return the name of rooms that nobody has yet."""
    return servers.name(f"test/{next(_count)}")


@pytest.fixture
def engine(name: str) -> Iterator[Callable[..., Etcd]]:
    """Return what gives engines of one document, or of another name, each as another process has it."""
    made: list[Etcd] = []

    def make(other: str = "", seconds: float = 60, kind: type[Etcd] = Etcd) -> Etcd:
        made.append(kind(other or name, "/", "/", seconds))
        return made[-1]

    yield make
    for one in made:
        one.wire.close()
