"""By real commands in plain shells: what was lost comes back by two commands that the tool itself tells."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

from stickhooks.recovery import lists, loose
from stickhooks.workspace import paths
from tests.support.rights import bound
from tests.support.shells import Shell, Shells

#: What takes uncommitted work away, and what of it: by a command of git's, before which git asks.
LOSSES = {
    "git reset -q --hard": ("app.py", "src/core.py"),
    "git checkout -- .": ("app.py", "src/core.py"),
    "git restore app.py": ("app.py",),
    "git clean -qfd": ("new/file",),
    "git stash -qu && git stash drop -q": ("app.py", "src/core.py", "new/file"),
    "git checkout -qf -B main": ("app.py", "src/core.py"),
}
WORK = {"app.py": "edited\n", "src/core.py": "edited too\n", "new/file": "new\n"}


def work(room: Path) -> None:
    for name, text in WORK.items():
        (room / name).parent.mkdir(exist_ok=True)
        (room / name).write_text(text)


def place(room: Path) -> lists.Place:
    workspace = paths.workspace_of(os.path.realpath(room))
    assert workspace
    found = lists.Place.of(workspace)
    assert found
    return found


def test_what_git_takes_in_a_plain_shell_comes_back_by_two_commands(ada: Shell, room: Path) -> None:
    ada.stick("init --only git --before-hook").ok()
    ada.stick("take").ok()
    for loss, taken in LOSSES.items():
        work(room)
        ada.run(loss).ok()
        assert not [name for name in taken if _text(room / name) == WORK[name]], loss
        ada.run("git gc -q --prune=now").ok()
        shown = ada.stick("restore").ok()
        assert "stick restore --apply" in shown.err, loss
        ada.stick("restore --apply").ok()
        for name, text in WORK.items():
            assert _text(room / name) == text, (loss, name)
    again = ada.stick("restore --json").ok().json
    assert again["paths"] == []


ODD = ("new\nline", 'it\'s \\ "q" $HOME', os.fsdecode(b"no-utf8-\xff"), "-dash")


def test_the_told_lines_bring_odd_names_back_and_take_that_back_from_a_folder_below(
    ada: Shell, room: Path
) -> None:
    """As bash reads them: other shells have other words for what no terminal shows."""
    folder = room / "src"
    ada.stick("take").ok()
    for name in ODD:
        (folder / name).write_text("committed\n")
    ada.run("git add . && git commit -qm odd").ok()
    for name in ODD:
        (folder / name).write_text("edited\n")
    ada.stick("release -m kept").ok()
    ada.stick("take").ok()
    ada.run("git checkout -q .").ok()
    for name in ODD:
        told = ada.run(f"stick restore -- {shlex.quote(name)}", cwd=folder).ok().err
        told = ada.run(f"bash -c {shlex.quote(line_of(told))}", cwd=folder).ok().err
        assert (folder / name).read_text() == "edited\n"
        ada.run(f"bash -c {shlex.quote(line_of(told))}", cwd=folder).ok()
        assert (folder / name).read_text() == "committed\n"


def line_of(lines: str) -> str:
    """Return the command that an answer tells next."""
    [line] = [line for line in lines.splitlines() if line.startswith("next: stick restore ")]
    return line.removeprefix("next: ").replace(" (takes this back)", "")


def test_what_an_undo_replaced_is_not_told_as_lost(ada: Shell, room: Path) -> None:
    ada.stick("take").ok()
    (room / "app.py").write_text("edited\n")
    assert "wrote  app.py" in ada.stick("undo --apply").ok().text
    assert "no more" not in ada.stick("status").ok().text


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_doctor_says_how_much_is_kept_and_whether_it_is_whole(ada: Shell, room: Path) -> None:
    work(room)
    ada.stick("take").ok()
    ada.stick("release -m done").ok()
    assert "kept of uncommitted work: 2 snapshots, " in ada.stick("doctor").text
    store = place(room)
    names = lists.names(store)
    Path(store.lists, f"{names[1]}.json").write_text("{")
    blob = next(Path(store.objects).glob("??/*"))
    blob.write_bytes(b"torn")
    told = ada.stick("doctor").fails(74).err
    assert f"the snapshot {names[1]} cannot be read" in told
    assert "1 of the files that the snapshot" in told
    for name in names:
        ada.stick(f"snapshots --forget {name}").ok()
    assert "snapshot" not in ada.stick("doctor").text
    shutil.rmtree(store.lists)
    Path(store.lists).write_text("no folder")
    assert "uncommitted work is not kept" in ada.stick("doctor").fails(74, "Not a directory").err


def test_what_doctor_says_of_a_damaged_snapshot_loses_none_of_its_whole_files(
    ada: Shell, room: Path
) -> None:
    work(room)
    (room / "more.txt").write_text("whole\n")
    ada.stick("take").ok()
    kept = lists.newest(place(room))
    assert kept
    blob = loose.path_of(place(room).objects, kept.paths["app.py"].blob)
    Path(blob).write_bytes(b"torn")
    (room / "more.txt").unlink()
    [line] = [line for line in ada.stick("doctor").err.splitlines() if "--forget" in line]
    ada.run(line.partition(":")[2]).ok()
    [saved] = room.parent.glob("shop-*/more.txt")
    assert saved.read_text() == "whole\n"
    assert "damaged" not in ada.stick("doctor").text


def test_uninit_says_how_much_it_takes_away(ada: Shell, room: Path) -> None:
    work(room)
    ada.stick("take").ok()
    there = Path(place(room).folder)
    assert (
        "would remove what was kept of uncommitted work: 1 snapshot"
        in ada.stick("uninit --dry-run").ok().text
    )
    left = ada.stick("uninit --keep-snapshots").ok().text
    assert "left: kept of uncommitted work: 1 snapshot" in left
    assert there.is_dir()
    ada.stick("init --only git").ok()
    removed = ada.stick("uninit").ok().text
    assert "removed what was kept of uncommitted work: 1 snapshot" in removed
    assert not (room / ".git/stickhooks").exists()


def test_what_cannot_be_read_makes_the_snapshot_incomplete(room: Path, env: dict[str, str]) -> None:
    work(room)
    shutil.copytree(room / "docs", room / "hidden")
    assert bound(room, "join --as ada", env).returncode == 0
    (room / "hidden").chmod(0)
    try:
        took = bound(room, "take --as ada", env)
    finally:
        (room / "hidden").chmod(0o755)
    assert took.returncode == 0, took.stderr
    assert "the snapshot is incomplete: " in took.stderr
    listed = lists.newest(place(room))
    assert listed
    assert "hidden" in listed.partial
    assert "app.py" in listed.paths
    assert not [path for path in listed.paths if path.startswith("hidden")]


def test_a_git_dir_that_cannot_be_written_fails_no_verb(ada: Shell, room: Path) -> None:
    work(room)
    ada.stick("take").ok()
    store = Path(place(room).folder)
    shutil.rmtree(store)
    store.write_text("in the way")
    released = ada.stick("release -m done").ok()
    assert "no snapshot of this turn was made: " in released.err
    assert store.read_text() == "in the way"


def test_contents_never_reach_log_json_or_report(ada: Shell, room: Path) -> None:
    (room / "app.py").write_text("SECRET = 'hunter2'\n")
    ada.stick("take").ok()
    ada.run("git checkout -q app.py").ok()
    for verb in ("snapshots --json", "restore --json", "undo --json", "restore", "log --json"):
        assert "hunter2" not in ada.stick(verb).text, verb
    ada.stick("restore --apply --json").ok()
    ada.stick("report -o ../room.html").ok()
    assert "hunter2" not in (room.parent / "room.html").read_text()
    assert (room / "app.py").read_text() == "SECRET = 'hunter2'\n"


def test_an_agent_without_the_stick_forgets_nothing_and_brings_nothing_back(
    shells: Shells, ada: Shell, room: Path
) -> None:
    work(room)
    ada.stick("take").ok()
    ada.run("git checkout -q app.py").ok()
    agent = shells.agent(room)
    agent.stick("join").ok()
    before = lists.names(place(room))
    agent.stick("snapshots --forget-all").fails(76, "ada")
    agent.stick("restore --apply").fails(75, "ada")
    assert lists.names(place(room)) == before
    assert _text(room / "app.py") != WORK["app.py"]
    assert "app.py" in agent.stick("restore").ok().out  # to look is for everybody
    ada.stick("snapshots --forget-all").ok()
    assert lists.names(place(room)) == []
