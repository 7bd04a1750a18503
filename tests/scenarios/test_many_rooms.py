"""A workspace with very many rooms: what is asked of all of them costs so many times one, not more.

The work is counted, in calls of functions, and not timed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from stickhooks.gate import decision
from stickhooks.handlers import git_hook
from stickhooks.identity import resolver
from stickhooks.operations import file_modes, newcomer
from stickhooks.operations.context import Desk
from stickhooks.setup import doctor, init
from stickhooks.store import layout, reader
from stickhooks.store.snapshot import snapshots
from stickhooks.views import board, nearby, replies
from stickhooks.views import status as status_verb
from stickhooks.workspace import paths
from tests.support.many_rooms import carve, folder_of
from tests.support.world import Workspace, git_repo, refused

FEW, MANY = 20, 200


def work(act: Callable[[], object]) -> int:
    """Return how many functions are called while something is done, Python's own included."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return calls


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Workspace]:
    found = {}
    for count in (FEW, MANY):
        ws = Workspace(git_repo(tmp_path_factory.mktemp("many") / "shop"), git=True)
        ws.take("ana", ws.join("ana"))
        carve(ws.root, count)
        found[count] = ws
    return found


def gate(
    ws: Workspace, targets: Callable[[paths.Workspace], list[paths.Target]]
) -> decision.Verdict:
    place = paths.Workspace(str(ws.root), str(ws.git_dir))
    return decision.judge(targets(place), decision.REFS, resolver.look({}), {})


def one_file_in_each(place: paths.Workspace) -> list[paths.Target]:
    rooms = reader.Survey(place.root, place.git_dir).rooms
    return [paths.Target(place, f"{room}/part.py".lstrip("/")) for room in rooms]


def files_beside_them(place: paths.Workspace) -> list[paths.Target]:
    rooms = reader.Survey(place.root, place.git_dir).rooms
    return [paths.Target(place, f"other/{n}/part.py") for n in range(len(rooms))]


def last_room(ws: Workspace) -> str:
    return str(list((reader.read_anchor(str(ws.git_dir)) or {}).values())[-1]["id"])


ASKED: dict[str, Callable[[Workspace], object]] = {
    "rooms": lambda ws: ws.rooms.list_rooms(),
    "one room by its id": lambda ws: ws.rooms.state(last_room(ws)),
    "every room": lambda ws: snapshots(ws.store),
    "rooms shown": lambda ws: replies.rooms(Desk(str(ws.root))),
    "status": lambda ws: status_verb.status(Desk(str(ws.root)), everybody=True),
    "status in a part": lambda ws: status_verb.status(
        Desk(str(ws.root / folder_of(3))), everybody=False
    ),
    "board": lambda ws: board.rooms(Desk(str(ws.root))),
    "a name known next door": lambda ws: newcomer.next_door(
        newcomer.rooms_of((desk := Desk(str(ws.root))).store), desk.caller
    ),
    "who holds, for uninit": lambda ws: init._who_held(
        Desk(str(ws.root)), leaving=False, force=False
    ),
    "doctor's look at the rooms": lambda ws: list(doctor._rooms(Desk(str(ws.root)))),
    "the gate, all rooms": lambda ws: gate(ws, git_hook.every_room),
    "the gate, a file in each room": lambda ws: gate(ws, one_file_in_each),
    "the gate, as many files beside them": lambda ws: gate(ws, files_beside_them),
    "the prompt": lambda ws: nearby.Near(str(ws.root / folder_of(7))).close(),
    "the guard": lambda ws: file_modes.follow(paths.Workspace(str(ws.root), str(ws.git_dir))),
}


@pytest.mark.parametrize("what", ASKED)
def test_ten_times_the_rooms_are_ten_times_the_work(what: str, trees: dict[int, Workspace]) -> None:
    ask = ASKED[what]
    for ws in trees.values():  # what is loaded, or kept by a store, only once
        ask(ws)
    few, many = work(lambda: ask(trees[FEW])), work(lambda: ask(trees[MANY]))
    assert many <= few * (MANY / FEW) * 1.1 + 2000, (few, many)


def test_the_gate_of_one_file_does_hardly_more_among_many_rooms(
    trees: dict[int, Workspace],
) -> None:
    def one_file(place: paths.Workspace) -> list[paths.Target]:
        return [paths.Target(place, "app.py")]

    gate(trees[FEW], one_file)
    few, many = (work(lambda n=n: gate(trees[n], one_file)) for n in (FEW, MANY))  # type: ignore[misc]
    assert many - few <= (MANY - FEW) * 40, (few, many)


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    ws = Workspace(git_repo(tmp_path / "shop"), git=True)
    ws.take("ana", ws.join("ana"))
    return ws


def test_many_lost_rooms_are_told_by_as_many_looks(ws: Workspace) -> None:
    counts = {}
    for count in (FEW, MANY):
        tree = Workspace(git_repo(ws.root.parent / f"lost-{count}"), git=True)
        tree.take("ana", tree.join("ana"))
        for path in carve(tree.root, count, turn=3):
            (tree.folder / layout.state_name(path)).unlink()
        counts[count] = work(lambda tree=tree: list(tree.store.every()))  # type: ignore[misc]
        codes = [getattr(found, "code", "ok") for _, found in tree.store.every()]
        assert codes == ["ok", *["state_lost"] * count]
    assert counts[MANY] <= counts[FEW] * (MANY / FEW) * 1.1 + 2000, counts


def test_a_room_removed_while_all_are_listed_is_not_told_as_lost(ws: Workspace) -> None:
    first, second, third = carve(ws.root, 3, turn=1)
    ws.join("ana", second)
    listing: Iterator[tuple[str, object]] = ws.store.every()
    assert next(listing)[0] == ""
    ws.rooms.remove("ana", str(ws.store.load(second).room.room_id))  # type: ignore[union-attr]
    assert [path for path, _ in listing] == [first, third]


def test_damage_in_one_room_hides_no_other(ws: Workspace) -> None:
    first, second, third = carve(ws.root, 3)
    (ws.folder / layout.state_name(second)).write_text("{")
    found = dict(ws.store.every())
    assert set(found) == {"", first, second, third}
    assert getattr(found[second], "code", "") == "state_corrupt"
    assert refused(lambda: snapshots(ws.store)).code == "state_corrupt"


def test_a_room_is_found_by_its_id_behind_a_damaged_one(ws: Workspace) -> None:
    first, second = carve(ws.root, 2)
    wanted = ws.store.load(second)
    assert wanted
    (ws.folder / layout.state_name(first)).write_text("{")
    assert ws.rooms.state(wanted.room.room_id)["room"]["canonical_path"].endswith(second)


def test_what_changed_leaves_out_many_rooms_as_it_leaves_out_few(ws: Workspace) -> None:
    from stickhooks.operations import changes
    from stickhooks.workspace import git

    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for who in ("AUTHOR", "COMMITTER"):
        env |= {f"GIT_{who}_NAME": "t", f"GIT_{who}_EMAIL": "t@example.org"}

    def commit(*names: str) -> None:
        for name in names:
            (ws.root / name).write_text(name)
        subject = " ".join(names)
        for command in (["add", "--", *names], ["commit", "-q", "--no-verify", "-m", subject]):
            subprocess.run(
                ["git", "-c", "core.hooksPath=/dev/null", *command],
                cwd=ws.root,
                env=env,
                check=True,
            )

    rooms = carve(ws.root, git.EXCLUDED + 5)
    inside = f"{rooms[4]}/part.py"
    commit("app.py")
    commit(inside)
    commit("lib.py", inside)
    (ws.root / "app.py").write_text("more")
    (ws.root / inside).write_text("more")
    place = paths.Workspace(str(ws.root), str(ws.git_dir))
    for told_of in (rooms[:5], rooms):  # git is told of five, and of more it is told nothing
        found = changes.of_room(place, "", ["", *told_of], "then", 0)
        assert found
        assert found.commits == [f"lib.py {inside}", "app.py"]
        assert "app.py" in (found.files or [])
        assert inside not in (found.files or [])
