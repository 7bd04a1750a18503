"""Who we are to etcd, and whom we trust: from the environment, as its own ``etcdctl`` has it, or from git.

The user may be in the engine's name; else ``ETCDCTL_USER`` has it, as ``USER`` or ``USER:PASSWORD``. The
password is there, in ``ETCDCTL_PASSWORD``, or with git's credential helper (gitcredentials(7),
``protocol=etcds``), which is asked without a prompt. Files for TLS: ``ETCDCTL_CACERT``, ``ETCDCTL_CERT``,
``ETCDCTL_KEY``, or in git's configuration ``stickhooks.etcdCacert`` and so on, for hooks that are started
without the environment. Nothing of it is written anywhere, shown, or given to another program than git.
"""

from __future__ import annotations

import os

from stickhooks.errors import Refusal
from stickhooks.store.engine.git_repository import Repository
from stickhooks.text import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from typing import Final

    from stickhooks.store.engine.etcd_address import Address

FILES: Final = ("CACERT", "CERT", "KEY")
_TLS: Final = "TLS to etcd"


class Login:
    """What one clone shows of itself to an etcd."""

    def __init__(self, address: Address, repository: Repository) -> None:
        self.address, self.repository = address, repository
        told, colon, password = os.environ.get("ETCDCTL_USER", "").partition(":")
        self.user = address.user or told
        self._known = password if colon and told == self.user else ""

    def password(self) -> str:
        """Return the user's password. Raises ``engine`` where nobody has it."""
        found = self._known or os.environ.get("ETCDCTL_PASSWORD", "") or self._of_git()
        if found:
            return found
        raise Refusal(
            "engine",
            f"the password of user {plain(self.user)} on etcd is not known: ETCDCTL_PASSWORD has it, or git's"
            " credential helper; nothing was changed",
            ["git help credentials"],
        )

    def _of_git(self) -> str:
        host, port = self.address.endpoints[0]
        protocol = "etcds" if self.address.secure else "etcd"
        asked = f"protocol={protocol}\nhost={host}:{port}\nusername={self.user}\n\n"
        answer = self.repository.credential(asked)
        lines = [line.partition("=") for line in answer.splitlines()]
        return next((value for key, _, value in lines if key == "password"), "")

    def trust(self) -> ssl.SSLContext:
        """Return what TLS needs. Raises ``config`` for a file of it that cannot be used."""
        import ssl

        authority, certificate, key = (self._file(name) for name in FILES)
        try:
            context = ssl.create_default_context(cafile=authority or None)
            if certificate:
                context.load_cert_chain(certificate, key or None, lambda: "")
        except (OSError, ValueError) as error:
            named = ", ".join(plain(name) for name in (authority, certificate, key) if name)
            reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
            message = (
                f"{_TLS} cannot begin with {named or 'the certificates of this machine'}: {reason}"
            )
            raise Refusal(
                "config", message, ["git config --get-regexp 'stickhooks.etcd.*'"]
            ) from None
        return context

    def _file(self, name: str) -> str:
        value = os.environ.get(f"ETCDCTL_{name}", "")
        return value or self.repository.setting(f"stickhooks.etcd{name.capitalize()}")
