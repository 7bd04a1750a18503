"""In whatever encoding a terminal speaks, the rooms are the same: their files are named in UTF-8."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import MakeRepository
from tests.support.shells import Shells

LATIN = "en_US.ISO-8859-1"
ROOM = "a b/ü'x"


@pytest.fixture(scope="module")
def latin(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a terminal that speaks Latin-1."""
    folder = tmp_path_factory.mktemp("locales")
    try:
        subprocess.run(
            ["localedef", "-i", "en_US", "-f", "ISO-8859-1", folder / LATIN],
            check=True, capture_output=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not installed: a locale in Latin-1 (localedef and its charmaps)")
    return {"LOCPATH": str(folder), "LC_ALL": LATIN}


def test_a_nested_room_with_any_name_refuses_and_stays_what_it_is(
    make_repository: MakeRepository, shells: Shells, latin: dict[str, str]
) -> None:
    repository = make_repository("shop")
    (repository / ROOM).mkdir(parents=True)
    ada, bob = shells.person(repository), shells.person(repository)
    ada.run("stick init --only git && stick join --as ada && stick take").ok()
    bob.run(f'stick join --as bob && stick join --new "{ROOM}"').fails(
        75, "only the holder of", "ada holds"
    )
    ada.stick("release --status a --next b").ok()
    bob.run(f'stick join --new "{ROOM}" && stick take --room "{ROOM}"').ok()
    ada.stick("take").ok()
    ada.run(f'echo r > "{ROOM}/f" && git add -A').ok()
    for env in ({}, latin):
        ada.run("git commit -qm x", env).fails(1, "bob holds")
        ada.run(f'stick check --path "{ROOM}/f"', env).fails(75, "bob holds")
        assert ada.run("stick rooms --json", env).ok().json["rooms"][1]["owner"] == "bob"
    before = states(repository)
    assert len(before) == 2
    ada.stick("doctor --fix", latin)  # has nothing to mend: it sees the rooms that there are
    assert states(repository) == before


def states(repository: Path) -> dict[str, bytes]:
    """Return the files of the rooms, by name."""
    found = (repository / ".talking-stick").glob("*.json")
    return {path.name: path.read_bytes() for path in found}


def test_words_are_kept_as_they_were_typed(
    make_repository: MakeRepository, shells: Shells, latin: dict[str, str]
) -> None:
    repository = make_repository("shop")
    ada = shells.person(repository)
    ada.run("stick join --as ada && stick take").ok()
    ada.run("stick release --status grüße --next 日本", latin).ok()
    handoff = ada.stick("take --json").ok().json["handoff"]
    assert (handoff["status"], handoff["next_action"]) == ("grüße", "日本")


def test_latin_is_what_it_is_called(latin: dict[str, str]) -> None:
    env = {**latin, "PATH": "/usr/bin:/bin"}
    told = subprocess.run(["locale", "charmap"], env=env, capture_output=True, check=True)
    assert told.stdout.strip() == b"ISO-8859-1"
    assert Path(latin["LOCPATH"], LATIN).is_dir()
