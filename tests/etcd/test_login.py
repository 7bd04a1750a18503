"""Who we are to an etcd with users and TLS, and that nobody else learns of it."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from stickhooks.store.engine.etcd import Etcd
from tests.support.etcd_servers import Servers
from tests.support.shells import Shells
from tests.support.world import refused

SECRET = "a-very-secret-word"
ROLE = {"key": "c2hvcC8=", "range_end": "c2hvcDA="}  # shop/ to shop0


class Secured:
    """An etcd with TLS, where ada may read and write below ``shop/``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = folder / "cert.pem"
        command = (
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
            " -keyout key.pem -out cert.pem -subj /CN=localhost"
            " -addext subjectAltName=DNS:localhost,IP:127.0.0.1"
        )
        subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
        files = [f"--cert-file={folder}/cert.pem", f"--key-file={folder}/key.pem"]
        self.servers = Servers(folder, flags=files)
        self.servers.start()
        self.trust = ssl.create_default_context(cafile=str(self.authority))
        self._make_users()

    def _make_users(self) -> None:
        self.tell("auth/user/add", name="root", password=SECRET)
        self.tell("auth/user/add", name="ada", password=SECRET)
        self.tell("auth/user/add", name="eve", password=SECRET)
        self.tell("auth/user/grant", user="root", role="root")
        self.tell("auth/role/add", name="shop")
        self.tell("auth/role/grant", name="shop", perm={"permType": "READWRITE", **ROLE})
        self.tell("auth/user/grant", user="ada", role="shop")
        self.tell("auth/enable")

    def tell(self, path: str, **body: object) -> Any:
        place = f"https://127.0.0.1:{self.servers.ports[0]}/v3/{path}"
        data = json.dumps(body).encode()
        with urllib.request.urlopen(place, data, timeout=60, context=self.trust) as answer:
            return json.load(answer)

    def name(self, user: str = "", host: str = "localhost") -> str:
        return self.servers.name("shop", host, f"{user}@" if user else "")


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    if not shutil.which("openssl"):
        pytest.skip("no openssl to make certificates with")
    made = Secured(tmp_path_factory.mktemp("secured"))
    yield made
    made.servers.stop()


Asked = Callable[..., Etcd]


@pytest.fixture
def asked(secured: Secured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Asked]:
    """Return what gives an engine as a user, with an environment."""
    made: list[Etcd] = []
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")

    def make(user: str = "", name: str = "", **env: str) -> Etcd:
        for key in ("USER", "PASSWORD", "CACERT"):
            monkeypatch.delenv(f"ETCDCTL_{key}", raising=False)
        for key, value in {"CACERT": str(secured.authority), **env}.items():
            monkeypatch.setenv(f"ETCDCTL_{key}", value)
        made.append(Etcd(name or secured.name(user), str(tmp_path), str(tmp_path / ".git"), 20))
        return made[-1]

    yield make
    for one in made:
        one.wire.close()


@pytest.mark.parametrize(
    ("user", "env"),
    [
        ("ada", {"PASSWORD": SECRET}),
        ("", {"USER": f"ada:{SECRET}"}),
        ("", {"USER": "ada", "PASSWORD": SECRET}),
    ],
)
def test_the_password_is_in_the_environment(
    user: str, env: Mapping[str, str], asked: Asked
) -> None:
    assert asked(user, **env).load() is None


def test_the_password_and_the_authority_are_with_git(
    secured: Secured, asked: Asked, tmp_path: Path
) -> None:
    helper = f"!f() {{ test $1 != get || echo password={SECRET}; }}; f"
    for key, value in (
        ("credential.helper", helper), ("stickhooks.etcdCacert", str(secured.authority)),
    ):  # fmt: skip
        subprocess.run(["git", "config", key, value], cwd=tmp_path, check=True)
    assert asked("ada", CACERT="").load() is None


@pytest.mark.parametrize(
    ("user", "env", "told"),
    [
        ("", {}, "it wants a user, and was told none"),
        ("ada", {}, "the password of user ada on etcd is not known"),
        ("ada", {"PASSWORD": "other"}, "it does not take that user or that password"),
        ("eve", {"PASSWORD": SECRET}, "user eve may not read and write keys below shop/"),
        ("ada", {"PASSWORD": SECRET, "CACERT": ""}, "no member of it can be reached"),
    ],
)
def test_who_is_not_let_in_is_told_why(
    user: str, env: Mapping[str, str], told: str, asked: Asked
) -> None:
    refusal = refused(asked(user, **env).load, "engine")
    assert told in refusal.message
    assert SECRET not in f"{refusal.message} {refusal.next} {list(refusal.more)}"
    if not env.get("CACERT", "x"):
        assert "self-signed certificate" in refusal.more[0].replace("self signed", "self-signed")


def test_a_file_for_tls_that_is_none_is_named(asked: Asked, tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("none")
    one = asked("ada", PASSWORD=SECRET, CACERT=str(tmp_path / "none.pem"))
    assert "none.pem" in refused(one.load, "config").message


def test_tls_is_spoken_where_it_is_wanted_and_the_other_host_is_not_believed(
    secured: Secured, asked: Asked
) -> None:
    plain = secured.name("ada").replace("etcds:", "etcd:")
    assert "can be reached" in refused(asked(name=plain, PASSWORD=SECRET).load, "engine").message
    other = secured.name("ada", "127.0.0.2")
    assert refused(asked(name=other, PASSWORD=SECRET).load, "engine").more


def test_a_token_that_etcd_does_not_know_any_more_is_asked_for_again(
    secured: Secured, asked: Asked
) -> None:
    one = asked("ada", PASSWORD=SECRET)
    assert one.load() is None
    one.wire._token = "of yesterday.1"
    assert one.load() is None
    root = asked("root", PASSWORD=SECRET)
    root.wire.ask("auth/user/add", {"name": "bob", "password": "b"})  # every token is old now
    version = one.swap(None, b'{"revision":1,"clock":0,"rooms":{}}', {})
    one.delete(version, b"")


def test_no_password_stands_in_a_file_or_an_answer(
    secured: Secured, make_repository: Callable[[str], Path], shells: Shells
) -> None:
    clone = make_repository("ada")
    env = {"ETCDCTL_CACERT": str(secured.authority), "ETCDCTL_PASSWORD": SECRET}
    person = shells.person(clone, {**shells.env, **env})
    told = person.stick(f"init --only git --engine {secured.name('ada')}").ok().text
    told += person.stick("join --as ada").ok().text + person.stick("take --json").ok().text
    told += person.stick("engine --json").ok().text + person.stick("log --json").ok().text
    person.run("git commit -q --allow-empty -m one").ok()
    told += (
        person.stick("status --json", {"ETCDCTL_PASSWORD": "other"}).fails(74, "does not take").text
    )
    assert SECRET not in told
    files = [file for file in clone.rglob("*") if file.is_file()]
    assert not [file for file in files if SECRET.encode() in file.read_bytes()]
