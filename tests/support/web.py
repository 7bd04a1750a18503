"""A real web server with git-http-backend(1) behind basic authentication."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.listening import listens

USER, PASSWORD = "ada", "open-sesame-41"
CONFIGURATION = """
server.modules = ("mod_auth", "mod_authn_file", "mod_alias", "mod_setenv", "mod_cgi")
server.document-root = "{folder}"
server.port = {port}
server.bind = "127.0.0.1"
auth.backend = "plain"
auth.backend.plain.userfile = "{folder}/users"
auth.require = ("/git/" => ("method" => "basic", "realm" => "git", "require" => "valid-user"))
alias.url = ("/git/" => "{backend}/")
setenv.set-environment = ("GIT_PROJECT_ROOT" => "{root}", "GIT_HTTP_EXPORT_ALL" => "1")
cgi.assign = ("git-http-backend" => "")
"""


@contextmanager
def served(folder: Path, root: Path) -> Iterator[str]:
    """Serve the repositories below ``root``; gives the address without user and password."""
    server = shutil.which("lighttpd") or shutil.which("lighttpd", path="/usr/sbin")
    where = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True)
    backend = Path(where.stdout.strip()) / "git-http-backend"
    if not server or not backend.exists():
        pytest.skip("no lighttpd, or no git-http-backend")
    folder.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
    settings = CONFIGURATION.format(folder=folder, port=port, backend=backend, root=root)
    (folder / "lighttpd.conf").write_text(settings)
    with (
        open(folder / "errors", "wb") as errors,
        subprocess.Popen(
            [server, "-D", "-f", str(folder / "lighttpd.conf")], stdout=errors, stderr=errors
        ) as process,
    ):
        try:
            if not listens(port, process):
                pytest.skip("lighttpd does not start here")
            yield f"127.0.0.1:{port}/git"
        finally:
            process.terminate()


def bare_of(clone: Path, bare: Path) -> None:
    """Make a bare repository of a clone, which can be pushed to over HTTP."""
    subprocess.run(["git", "clone", "-q", "--bare", str(clone), str(bare)], check=True)
    subprocess.run(["git", "config", "http.receivepack", "true"], cwd=bare, check=True)
