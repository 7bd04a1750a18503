"""The name of rooms on etcd, as typed at ``stick init --engine``, and what it says.

    etcd://127.0.0.1:2379/team/app            plain text, for this machine alone
    etcds://ada@h1:2379,h2:2379/team/app#docs TLS; a user of etcd; rooms of another name than ``main``

No password stands in it: the name is shown, and may be in a tracked file.
"""

from __future__ import annotations

import re

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import Frozen, dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

PLAIN: Final = "etcd://"
SECURE: Final = "etcds://"
PORT: Final = 2379  # of etcd's clients (etcd.io, "Configuration options", --listen-client-urls)
MAIN: Final = "main"
EXAMPLE: Final = "etcds://HOST:2379/PREFIX"
_HOST: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")
_USER: Final = re.compile(r"[A-Za-z0-9._-]+")
_PREFIX: Final = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")
_ROOM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LOOPBACK: Final = re.compile(r"localhost|127\.[0-9.]+|::1")


@dataclass(frozen=True)
class Address(Frozen):
    """``endpoints`` are host and port of the members that are asked, in this order; ``room`` is what the
    rooms of this workspace are called there, below ``prefix``."""

    name: str
    secure: bool
    user: str
    endpoints: tuple[tuple[str, int], ...]
    prefix: str
    room: str


def read(name: str) -> Address:
    """Return what a name says. Raises ``config`` for one that says nothing, or too much."""
    secure = name.startswith(SECURE)
    rest = name.removeprefix(SECURE if secure else PLAIN)
    place, _, room = rest.partition("#")
    hosts, _, prefix = place.partition("/")
    user, at, hosts = hosts.rpartition("@")
    if ":" in user:
        raise _wrong(
            "a password is no part of it: the environment has it, or git's credential helper"
        )
    if at and not _USER.fullmatch(user):
        raise _wrong("before @ comes a user of etcd, of letters, digits, '.', '_' and '-'")
    endpoints = tuple(_endpoint(host) for host in hosts.split(","))
    if not secure and not all(_LOOPBACK.fullmatch(host) for host, _ in endpoints):
        raise _wrong(
            f"{PLAIN} is plain text, for this machine alone; over a network it is {SECURE}"
        )
    if not _PREFIX.fullmatch(prefix):
        raise _wrong("after the hosts comes /PREFIX, which this repository alone has there")
    if room and not _ROOM.fullmatch(room):
        raise _wrong("after # comes a name of letters, digits, '.', '_' and '-'")
    return Address(name, secure, user, endpoints, prefix, room or MAIN)


def _endpoint(text: str) -> tuple[str, int]:
    found = _HOST.fullmatch(text)
    port = int(found[2] or PORT) if found else 0
    if not found or not 0 < port < 1 << 16:
        raise _wrong("it names no host, as HOST:2379,HOST:2379")
    return found[1].strip("[]"), port


def _wrong(told: str) -> Refusal:
    message = f"that names no place on etcd: {told}"
    return Refusal("config", message, [Next("init", "--engine", EXAMPLE)])
