"""What a command writes through a link that it made itself is asked for where the link leads."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from stickhooks.handlers import client_command
from stickhooks.shell import links
from stickhooks.shell.links import PLACES_LIMIT, Links
from stickhooks.shell.verdict import writes
from stickhooks.shell.words import UNKNOWN
from tests.conftest import build
from tests.shell.test_shell_reach import FILES, Ground, hold
from tests.support.shells import environment


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A shop that somebody holds, a link to it in a folder without a room, and a repository beside it."""
    top = tmp_path_factory.mktemp("linked")
    shop = build(top / "dev/shop", FILES)
    hold(shop)
    build(top / "dev/other", {"x.py": "x = 1\n"})
    (top / "empty").mkdir()
    (top / "empty/old").symlink_to(shop)
    return Ground(top, shop, environment(top / "home"))


THROUGH = """
    ln -s {R} l && echo x > l/app.py
    ln -s {R}/app.py l; echo x > l
    ln -s ../dev/shop l; touch l/new
    ln -sr ../dev/shop w/l; touch w/l/new
    ln -s {R}; touch shop/new
    ln -st . {R}; touch shop/new
    ln --sym --target-directory=. {R}; touch shop/x
    ln {R}/app.py l && echo x >> l
    ln -s {R}/* . && echo x > app.py
    cp -rs {R} l; echo x > l/app.py
    cp -al {R} l && echo x >> l/app.py
    cp -sR {R} . ; echo >> shop/app.py
    cp -a old new && echo x > new/app.py
    cp -P old new && rm new/app.py
    mv old new && echo x > new/app.py
    rsync -a --link-dest={R} {R}/ c/; echo x >> c/app.py
    find {R} -name app.py -exec ln -s {} l ';'; echo x > l
    mkdir x; cd x; ln -s {R} l; echo x > l/app.py
    mkdir -p w && cd w && ln -s ../../dev/shop l && touch l/x
    mkdir -p w/v; cd w; cd v; ln -s ../../../dev/shop; touch shop/x
    mkdir x; ln -s {R} x/l; mv x y; echo x > y/l/app.py
    D=l; S={R}; ln -s $S $D; echo x > $D/app.py
    for d in l m; do ln -s {R} $d; echo x > $d/app.py; done
    for d in */; do ln -s {R} $d/l; echo x > $d/l/app.py; done
    while read x; do echo x > l/app.py; ln -s {R} l; done
    (ln -s {R} l); echo x > l/app.py
    f() { ln -s {R} l; }; f; echo x > l/app.py
    [ -e l ] || ln -s {R} l; touch l/x
    sudo ln -s {R} l; echo x | sudo tee l/app.py
    ln -s {R} a; ln -s a b; echo x > b/app.py
    ln -s {R} ~/a; touch ~/a/x
    ln -s {R}/src l && echo x > l/../app.py
    ln -s {R} l && (cd l/src && echo x > ../app.py)
    ln -s {R} l && cd l && make
    ln -s {R} l && make -C l
    ln -s {R} l && black l
    ln -s {R} l && git -C l add app.py
    ln -s {R} l && rm -rf l/*
    ln -s {R} l && find l/ -delete
    ln -s {R} l; sed -i s/a/b/ */app.py
    ln -s {R} l; ln -s x l
    ln -s "$(dirname {R}/x)" l; echo x > l/app.py
    mount --bind {R} m && echo x > m/app.py
    mkdir -p w && cd w && touch ../../dev/shop/x
"""
BESIDE = """
    ln -s {R} l
    ln -sfn {R} l
    rm -f l && ln -s {R} l
    ln -s {R} l; rm l
    ln -s {R} l; unlink l; touch y
    ln -s {R} l; touch y
    ln -s {R} l; cat l/app.py; ls l/
    ln -s {R}/node_modules node_modules && ls node_modules
    cp -a {R} copy && echo x > copy/app.py
    cp -r {R}/src copy; rm -rf copy
    ln -s ../dev/other l && echo x > l/x.py
    ln -s ../dev/other l && make -C l; cat {R}/app.py
    mkdir x && ln -s {R} x/l && touch x/y
"""


def rows(text: str, ground: Ground) -> list[str]:
    found = [line.strip() for line in text.splitlines() if line.strip()]
    return [line.replace("{R}", str(ground.shop)) for line in found]


def test_what_is_written_through_a_link_that_was_just_made_is_refused(linked: Ground) -> None:
    passed = [c for c in rows(THROUGH, linked) if linked.passes(c, linked.top / "empty")]
    assert not passed


def test_a_link_that_nothing_is_written_through_is_no_write_where_it_leads(linked: Ground) -> None:
    refused = [c for c in rows(BESIDE, linked) if not linked.passes(c, linked.top / "empty")]
    assert not refused


def test_a_link_in_paths_of_ones_own_leads_to_another_part(tmp_path: Path) -> None:
    shop = build(tmp_path / "shop", {"tests/a": "1\n", "docs/b": "1\n"})
    command = "ln -s ../docs tests/link; echo x > tests/link/y"
    writes = client_command.at
    found = {t.path for p in _paths(command, shop) for t in writes(p, str(shop), [])}
    assert not found  # no room yet
    hold(shop)
    found = {t.path for p in _paths(command, shop) for t in writes(p, str(shop), [])}
    assert found == {"tests/link", "tests/link/y", "docs/y"}


def _paths(command: str, folder: Path) -> list[str]:
    from stickhooks import shell

    return shell.writes(command, str(folder)).paths


def test_links_in_a_circle_end_and_too_many_are_not_known() -> None:
    links = Links()
    links.note(("/w",), "a", "b", by_text=True)
    links.note(("/w",), "b", "a", by_text=True)
    assert sorted(links.through("/w/a/x", follows=True, any_below=False)) == ["/w/a/x", "/w/b/x"]
    links.note(("/w",), "c", "c/c", by_text=True)
    found = links.through("/w/c/x", follows=True, any_below=False)
    assert found[-1] == UNKNOWN
    assert len(found) == PLACES_LIMIT + 1


def fill(folder: str) -> None:
    for number in range(links.ENTRIES_LIMIT + 1):
        Path(folder, f"a{number}").touch()


def test_of_more_entries_than_are_looked_at_nobody_knows_where_they_lead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "TEMPORARY", ())  # where this test's own folder may lie
    fill(str(tmp_path))
    assert list(links.inside(str(tmp_path))) == [UNKNOWN]
    assert writes(f"touch {tmp_path}/a*", "/srv").whole
    assert not writes(f"touch {tmp_path}/b*", "/srv").whole


def test_a_full_folder_for_temporary_files_is_not_asked_about() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        fill(folder)
        assert list(links.inside(folder)) == []
        assert not writes(f"touch {folder}/a*", "/srv").whole
