"""A real sshd on a high port of this machine, with keys of its own, for the account that runs the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.etcd_servers import free_ports
from tests.support.listening import listens

SERVER = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/mine.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
LogLevel ERROR
"""
CLIENT = """
Host server
  HostName 127.0.0.1
  Port {port}
  IdentityFile {folder}/mine
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
"""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve this account; gives the command by which git reaches the host ``server``."""
    server = os.environ.get("STICK_SSHD") or shutil.which("sshd", path=f"{os.defpath}:/usr/sbin")
    if not (server and shutil.which("ssh") and shutil.which("ssh-keygen")):
        pytest.skip("no sshd, or no ssh")
    folder.mkdir()
    for name in ("host", "mine", "other"):
        key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(key, check=True)
    [port] = free_ports(1)
    host = (folder / "host.pub").read_text()
    (folder / "known").write_text(f"[127.0.0.1]:{port} {host}")
    (folder / "sshd_config").write_text(SERVER.format(port=port, folder=folder))
    (folder / "config").write_text(CLIENT.format(port=port, folder=folder))
    with (
        open(folder / "errors", "wb") as errors,
        subprocess.Popen(
            [server, "-D", "-e", "-f", str(folder / "sshd_config")], stdout=errors, stderr=errors
        ) as process,
    ):
        try:
            if not listens(port, process):
                told = (folder / "errors").read_text().strip()
                pytest.skip(f"sshd does not start here: {told[:200]}")
            yield f"ssh -F '{folder}/config'"
        finally:
            process.terminate()
