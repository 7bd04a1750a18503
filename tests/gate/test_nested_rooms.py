"""Rooms within rooms: members side by side, and commits that mix their parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.shells import Agent, Shell, Shells

pytestmark = pytest.mark.sampled(4)

HANDOFF = '--status "done" --next "go on"'
REFUSED = 1


@pytest.fixture
def room(repo: Path, shells: Shells) -> Path:
    shells.person(repo).stick("init --only git,claude").ok()
    return repo


@pytest.fixture
def ada(shells: Shells, room: Path) -> Shell:
    """Return a member who holds the room of the workspace itself."""
    return shells.holder(room, "ada")


@pytest.fixture
def web(shells: Shells, room: Path) -> Shell:
    return settled(shells, room, "services/web", "web")


@pytest.fixture
def api(shells: Shells, room: Path) -> Shell:
    return settled(shells, room, "services/api", "api")


def settled(shells: Shells, room: Path, folder: str, name: str) -> Shell:
    """Return somebody who made a room of a folder, and holds it; the shell stays at the top."""
    shell = shells.person(room)
    shell.stick(f"join --new {folder} --as {name}").ok()
    shell.stick(f"take --room {folder}").ok()
    return shell


def edit(room: Path, *paths: str) -> None:
    for path in paths:
        (room / path).parent.mkdir(exist_ok=True, parents=True)
        with (room / path).open("a") as file:
            file.write("more\n")


def names(shell: Shell, commit: str = "HEAD") -> Sequence[str]:
    told = shell.run(f"git show --format= --name-only --no-renames {commit}").ok().out
    return sorted(told.split())


def printed(refusal: str) -> str:
    """Return the command for the part that passes, as it was printed."""
    found = re.search(r"next: +(git commit -- .*)", refusal)
    assert found, refusal
    return found[1]


def test_members_write_side_by_side_each_in_the_room_it_holds(
    web: Shell, api: Shell, ada: Shell, room: Path
) -> None:
    own = {web: "services/web/site.css", api: "services/api/main.py", ada: "app.py"}
    for shell, path in own.items():
        shell.stick(f"check --path {path}").ok()
        for other in own.values():
            if other != path:
                shell.stick(f"check --path {other}").fails(75)
        edit(room, path)
        shell.run(f"git commit -qm x {path}").ok()
    listed = ada.stick("rooms").ok().out
    assert [line.split()[-1] for line in listed.splitlines()] == ["ada", "api", "web"]


def test_a_client_edits_only_in_the_room_it_holds(room: Path, shells: Shells, ada: Shell) -> None:
    bot: Agent = shells.agent(room)
    ada.stick(f"release {HANDOFF}").ok()
    bot.stick("join --new services/web --as bot").ok()
    bot.stick("take --room services/web").ok()
    ada.stick("take").ok()
    bot.edit("services/web/index.html").ok()
    bot.edit("services/web/new.html", "Write").ok()
    bot.edit("app.py").fails(2, "ada holds")
    bot.edit("services/api/main.py").fails(2, "ada holds")
    bot.edit("services/webby").fails(2, "ada holds")


def test_a_commit_of_ones_own_room_passes_whatever_else_changed(
    web: Shell, api: Shell, ada: Shell, room: Path
) -> None:
    edit(room, "services/web/site.css", "services/api/main.py", "app.py", "services/web/new.html")
    web.run("git add services/web && git commit -qm x").ok()
    assert names(web) == ["services/web/new.html", "services/web/site.css"]
    api.run("git commit -qm x services/api/main.py").ok()
    ada.run("git commit -qm x app.py").ok()


def test_commit_all_is_refused_where_others_changed_too(web: Shell, ada: Shell, room: Path) -> None:
    edit(room, "services/web/site.css", "app.py")
    for shell, holder in ((web, "ada"), (ada, "web")):
        shell.run("git commit -am x").fails(REFUSED, f"{holder} holds")
    edit(room, "services/web/site.css")
    web.run("git commit -qm x services/web").ok()
    ada.run("git commit -qam x").ok()
    assert names(ada) == ["app.py"]


@pytest.mark.parametrize("folder", [".", "services", "services/web", "docs"])
def test_the_command_printed_for_a_mixed_index_commits_exactly_the_part_that_passes(
    web: Shell, ada: Shell, room: Path, folder: str
) -> None:
    here = room / folder
    edit(room, "services/web/site.css", "services/web/new.html", "app.py", "docs/new.md")
    web.run("git rm -q services/web/index.html README && git add .").ok()
    told = web.run("git commit -m x", cwd=here).fails(REFUSED, "ada holds").err
    command = printed(told).replace("git commit", "git commit -qm part", 1)
    web.run(command, cwd=here).ok()
    mine = ["services/web/index.html", "services/web/new.html", "services/web/site.css"]
    assert names(web) == mine
    edit(room, "services/web/site.css")
    ada.run("git add services/web").ok()
    told = ada.run("git commit -m x", cwd=here).fails(REFUSED, "web holds").err
    command = printed(told).replace("git commit", "git commit -qm part", 1)
    ada.run(command, cwd=here).ok()
    assert names(ada) == ["README", "app.py", "docs/new.md"]
    status = ada.run("git status --porcelain --untracked-files=no").ok().out
    assert status == "M  services/web/site.css\n"


def test_a_rename_across_rooms_needs_both(web: Shell, ada: Shell, room: Path) -> None:
    move = "git mv services/web/site.css docs/site.css"
    for shell, holder in ((web, "ada"), (ada, "web")):
        shell.run(f"{move} && git commit -m x").fails(REFUSED, f"{holder} holds")
        shell.run("git read-tree --reset -u HEAD").ok()
    ada.stick(f"release {HANDOFF}").ok()
    web.run("stick join && stick take").ok()
    web.run(f"{move} && git commit -qm x").ok()
    assert names(web) == ["docs/site.css", "services/web/site.css"]


def test_deletions_are_judged_by_the_room_of_what_was_there(
    web: Shell, ada: Shell, room: Path
) -> None:
    ada.run("git rm -qr services/web && git commit -m x").fails(REFUSED, "web holds")
    web.run("git commit -qm x").ok()
    ada.run("git rm -q README && git commit -qm x").ok()


def test_names_that_need_quoting_are_judged_and_printed_right(
    ada: Shell, room: Path, shells: Shells
) -> None:
    ada.stick(f"release {HANDOFF}").ok()
    folder = "ser vices/it's ü"
    (room / folder).mkdir(parents=True)
    odd = shells.person(room / folder)
    odd.stick("join --new --as odd").ok()
    odd.stick("take").ok()
    ada.stick("take").ok()
    edit(room, f"{folder}/a b.txt", "app.py")
    told = odd.run("git add :/ && git commit -m x").fails(REFUSED).err
    odd.run(printed(told).replace("git commit", "git commit -qm part", 1)).ok()
    assert odd.run("git show --format= --name-only -z").out == f"{folder}/a b.txt\0"


def test_a_room_is_not_carved_out_while_somebody_else_holds_above(
    ada: Shell, room: Path, shells: Shells
) -> None:
    other = shells.member(room, "other")
    refused = other.stick("join --new services/web --json").fails(75).json
    assert refused["code"] == "room_held"
    assert "ada" in refused["message"]
    assert len(ada.stick("rooms --json").ok().json["rooms"]) == 1
    ada.stick("join --new services/web").ok()
    assert len(ada.stick("rooms --json").ok().json["rooms"]) == 2


def test_a_room_is_removed_only_while_it_is_free_and_nobody_else_holds_above(
    web: Shell, ada: Shell, room: Path, shells: Shells
) -> None:
    here = "--room services/web"
    web.stick(f"close --remove {here}").fails(75)
    web.stick(f"release {HANDOFF} {here}").ok()
    assert web.stick(f"close --remove --json {here}").fails(75).json["code"] == "room_held"
    ada.stick(f"release {HANDOFF}").ok()
    web.stick(f"close --remove {here}").ok()
    assert len(ada.stick("rooms --json").ok().json["rooms"]) == 1
    web.run("git commit --allow-empty -m x").fails(REFUSED, "nobody holds")
    ada.run("stick take && git rm -qr services/web && git commit -qm x").ok()


def test_the_room_of_the_workspace_itself_is_not_removed(ada: Shell) -> None:
    ada.stick(f"release {HANDOFF}").ok()
    ada.stick("close --remove").fails(2, "cannot be removed")


def test_a_nested_room_alone_leaves_the_rest_free(repo: Path, shells: Shells) -> None:
    maker, guest = shells.person(repo), shells.person(repo)
    maker.stick("join --new services/web --as maker").ok()
    maker.stick("take --room services/web").ok()
    guest.stick("check --path app.py").ok()
    guest.stick("check --path services/web/index.html").fails(75, "maker holds")
    assert "nobody has joined yet" in guest.stick("take").fails(66).err


def test_a_room_of_its_own_needs_a_folder(ada: Shell) -> None:
    for place in ("app.py", "services/none"):
        ada.stick(f"join --new {place}").fails(2, "is not a folder")


def test_a_nested_room_takes_over_the_policy_of_the_room_above(ada: Shell, room: Path) -> None:
    ada.stick("policy claim_ttl 7m").ok()
    ada.stick("join --new services/web").ok()
    assert ada.stick("policy claim_ttl --room services/web").ok().out.strip() == "7m"


def test_a_commit_without_paths_asks_for_the_room_of_the_workspace(web: Shell, ada: Shell) -> None:
    web.run("git commit --allow-empty -m x").fails(REFUSED, "ada holds")
    ada.run("git commit -q --allow-empty -m x").ok()


def test_uninit_says_who_held_which_room(web: Shell, ada: Shell, room: Path) -> None:
    ada.stick("uninit").fails(75, "web holds", "--force")
    told = ada.stick("uninit --force").ok().out
    assert f"web holds {room}/services/web" in told
    assert "ada holds" in told
    assert not (room / ".talking-stick").exists()


def test_a_refusal_of_another_room_names_it_in_what_to_type(
    web: Shell, ada: Shell, shells: Shells, room: Path
) -> None:
    bob = shells.member(room / "services/web", "bob")
    bob.stick(f"join --room {room} --as bob").ok()
    verbs = {
        f"release {HANDOFF}": 76, "renew": 76, "take": 75, "takeover --reason x": 77,
        "wait --timeout 0s": 124, "policy reserve order": 75,
    }  # fmt: skip
    for verb, code in verbs.items():
        told = f"stick wait --room {room}"
        bob.stick(f"{verb} --room {room}").fails(code, "ada holds", told)
    edit(room, "services/web/index.html", "app.py")
    refusal = bob.run(f"git add {room} && git commit -qm both").fails(REFUSED, "ada holds").err
    command = refusal.split("next:")[1].split("\n")[0].strip()
    assert command == f"stick wait --room {room}"
    ada.stick(f"release {HANDOFF}").ok()
    bob.run(command).ok()
    assert bob.stick(f"status --room {room} --json").json["holder"]["id"] == "bob"


def test_who_may_not_carve_a_room_out_is_told_who_holds_and_how_to_wait(
    ada: Shell, shells: Shells, room: Path
) -> None:
    eve = shells.person(room / "services/web")
    told = eve.stick("join --new . --as eve").fails(75, "only the holder of", "ada holds").err
    assert "stick join && stick wait" in told
