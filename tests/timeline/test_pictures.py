"""``stick log --graph`` and ``stick report`` as people and programs meet them, in real rooms."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from xml.etree import ElementTree

import pytest

from stickhooks.store import event_log, layout
from stickhooks.system.folder import Folder
from tests.support.shells import Shell, Shells, difference, eventually, snapshot

pytestmark = pytest.mark.sampled(3)

HANDOFF = '--status "the login works" --next "write its tests"'


@pytest.fixture
def lived(shells: Shells, room: Path, ada: Shell, bob: Shell) -> Path:
    """Return a room where ada held, bob waited in vain, was refused by every gate, and went past one."""
    ada.stick("take").ok()
    bob.stick("wait --timeout 50ms").fails(124)
    bob.run("git commit -q --allow-empty -m x").fails(1)
    bob.stick("hook pre-save --path app.py").fails(75)
    bot = shells.agent(room)
    bot.edit("app.py").fails(2)
    bot.hook(command(bot, "touch app.py")).fails(2)
    bob.run("git commit -q --allow-empty -m x", {"STICK_BYPASS": "the shop burns"}).ok()
    ada.stick(f"release {HANDOFF}").ok()
    return room


def command(bot: Shell, text: str) -> dict[str, object]:
    payload = bot.payload("app.py", "Bash")  # type: ignore[attr-defined]
    return {**payload, "tool_input": {"command": text}}


def figures(shell: Shell, arguments: str = "log --graph") -> dict[str, object]:
    found = shell.stick(f"{arguments} --json").ok().json["figures"]
    assert isinstance(found, dict)
    return found


def members(shell: Shell) -> list[dict[str, object]]:
    found = shell.stick("status --all --json").ok().json["members"]
    assert isinstance(found, list)
    return found


def rows(shell: Shell) -> dict[str, dict[str, object]]:
    found = shell.stick("log --graph --json").ok().json["rows"]
    return {row["member"]: row for row in found}


# --- what is known


def test_every_gate_that_refuses_is_seen_with_who_and_how(lived: Path, ada: Shell) -> None:
    seen = figures(ada)
    assert seen["refused_by"] == {"git": 1, "editor": 1, "edit": 1, "shell": 1}
    assert (seen["refused"], seen["bypasses"], seen["turns"]) == (4, 1, 1)
    marks = rows(ada)["bob"]["marks"]
    assert isinstance(marks, list)
    assert [(m["kind"], m.get("gate"), m["told"]) for m in marks] == [
        ("refused", "git", ""), ("refused", "editor", "app.py"), ("bypass", "git", "the shop burns"),
    ]  # fmt: skip


def test_what_was_undone_or_restored_is_drawn_and_told(room: Path, ada: Shell) -> None:
    ada.stick("take").ok()
    ada.run("echo x >> app.py").ok()
    ada.stick("undo --apply").ok()
    row = rows(ada)["ada"]
    assert [(mark["kind"], mark["told"]) for mark in row["marks"]] == [  # type: ignore[attr-defined]
        ("back", "stick undo of turn 1 (app.py)"),
    ]
    assert figures(ada)["brought_back"] == 1
    assert "ada brought back: stick undo of turn 1 (app.py)" in ada.stick("log --graph").ok().out
    assert "brought work back: stick undo of turn 1 (app.py)" in ada.stick("log").ok().out
    assert 'class="back"' in ada.stick("report -o - --format svg").ok().out


def test_commits_and_the_reason_of_a_turn_are_told(room: Path, ada: Shell) -> None:
    ada.stick('take --why "mend the login"').ok()
    ada.run("echo x >> app.py && git commit -qam mended").ok()
    row = rows(ada)["ada"]
    assert [(mark["kind"], mark["told"]) for mark in row["marks"]] == [("commit", "mended")]  # type: ignore[attr-defined]
    assert row["spans"][0]["why"] == "mend the login"  # type: ignore[index]
    assert figures(ada)["commits"] == 1
    assert "mend the login" in ada.stick("log").ok().out


def test_a_wait_in_vain_has_a_beginning_and_an_end(lived: Path, ada: Shell) -> None:
    spans = rows(ada)["bob"]["spans"]
    assert isinstance(spans, list)
    assert [(span["kind"], span["ended"]) for span in spans] == [("waiting", "timeout")]


def test_a_wait_that_was_interrupted_says_so_and_one_that_brought_the_stick_is_measured(
    room: Path, ada: Shell, bob: Shell
) -> None:
    ada.stick("take").ok()
    for end in ("interrupt", "release"):
        waiting = bob.begin("stick wait")
        eventually(lambda: any(m["waiting"] for m in members(ada)))
        if end == "interrupt":
            waiting.send(signal.SIGINT)
            waiting.result().fails(130)
            assert rows(ada)["bob"]["spans"][-1]["ended"] == "interrupted"  # type: ignore[index]
    ada.stick(f"release {HANDOFF}").ok()
    waiting.result().ok()
    assert figures(ada)["waits"] == 1


# --- stick log --graph


def test_the_graph_is_plain_text_in_a_pipe(lived: Path, ada: Shell) -> None:
    told = ada.stick("log --graph").ok().out
    assert "\x1b" not in told
    for words in (
        "held ",
        "1 turn,",
        "4 refused writes",
        "1 bypass",
        "bob went past the gate",
    ):
        assert words in told
    assert any(line.startswith("ada ") and "█" in line for line in told.splitlines())


def test_the_graph_takes_the_signs_that_its_stream_can(lived: Path, ada: Shell) -> None:
    told = ada.stick("log --graph", {"PYTHONIOENCODING": "ascii", "COLUMNS": "60"}).ok().out
    assert told.isascii()
    assert "# holds the stick" in told
    assert max(map(len, told.splitlines())) <= 60


def test_on_a_terminal_the_graph_has_colours_and_with_no_color_none(
    lived: Path, ada: Shell
) -> None:
    script = "script -qec 'stick log --graph' /dev/null"
    if ada.run("command -v script").code:
        pytest.skip("no script: no terminal to draw on")
    able = {"TERM": "xterm"}
    assert "\x1b[" in ada.run(script, able).ok().out
    assert "\x1b[" not in ada.run(script, {**able, "NO_COLOR": "1"}).ok().out


def test_drawing_writes_nothing_in_the_room(lived: Path, ada: Shell) -> None:
    before = snapshot(lived)
    ada.stick("log --graph").ok()
    ada.stick("report -o - --format svg").ok()
    ada.stick("log --graph --json").ok()
    assert difference(before, snapshot(lived)) == []


def test_a_window_is_a_duration_and_anything_else_is_told(lived: Path, ada: Shell) -> None:
    ada.stick("log --graph --since 24h").ok()
    assert figures(ada, "log --graph --since 0")["turns"] == 0
    ada.stick("log --graph --since yesterday").fails(
        2, "is not a duration", "stick log --graph --since 24h"
    )
    ada.stick("log --since 2h").ok()
    ada.stick("log --graph --limit 3").fails(2, "stick log --graph --since 24h")


def test_where_nothing_happened_yet_that_is_the_answer(ada: Shell) -> None:
    told = ada.stick("log --graph").ok()
    assert "nothing happened yet" in told.out
    assert "stick take" in told.err


def test_where_there_is_no_room_nothing_is_drawn(shells: Shells, make_repository: object) -> None:
    far = shells.person(make_repository("other"))  # type: ignore[operator]
    for arguments in ("log --graph", "report -o room.svg"):
        far.stick(arguments).fails(66, "there is no room", "stick join")
    assert not (far.cwd / "room.svg").exists()


# --- stick report


def test_a_report_is_written_as_its_ending_says(lived: Path, ada: Shell, tmp_path: Path) -> None:
    for name in ("room.svg", "ROOM.HTML", "room.htm"):
        told = ada.stick(f"report -o {tmp_path / name}").ok().out
        assert f"wrote {tmp_path / name}" in told
    root = ElementTree.fromstring((tmp_path / "room.svg").read_text())
    assert "bob" in [element.text for element in root.iter()]
    assert (tmp_path / "ROOM.HTML").read_text().startswith("<!doctype html>")
    assert ada.stick(f"report -o {tmp_path / 'page'} --format html").ok()


def test_a_report_goes_to_standard_output_alone(lived: Path, ada: Shell) -> None:
    told = ada.stick("report -o - --format svg").ok()
    assert ElementTree.fromstring(told.out).tag.endswith("svg")
    assert told.err == ""


def test_for_programs_a_report_tells_figures_and_rows(
    lived: Path, ada: Shell, tmp_path: Path
) -> None:
    data = ada.stick(f"report -o {tmp_path / 'room.svg'} --json").ok().json
    assert data["file"] == str(tmp_path / "room.svg")
    assert data["figures"]["turns"] == 1
    assert {row["member"] for row in data["rows"]} > {"ada", "bob"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("-o room.png", 2, "ends in neither .svg nor .html"),
        ("-o room", 2, "stick report -o room.html"),
        ("-o room.svg --format png", 2, "--format knows svg and html"),
        ("-o -", 2, "stick report -o - --format svg"),
        ("-o folder.svg", 2, "stick report -o folder.svg/room.html"),
        ("-o /dev/null --format svg", 2, "not a regular file"),
        ("-o no/such/folder/room.svg", 74, "No such file or directory"),
        ("-o app.py/room.svg", 74, "Not a directory"),
        ("-o room.svg --since soon", 2, "is not a duration"),
        ("", 2, "stick report --help"),
    ],
)
def test_what_cannot_be_written_is_told_in_a_sentence_with_the_next_command(
    lived: Path, ada: Shell, arguments: str, code: int, words: str
) -> None:
    (lived / "folder.svg").mkdir()
    before = snapshot(lived)
    ada.stick(f"report {arguments}").fails(code, words)
    assert ada.stick(f"report {arguments} --json").fails(code).json["exit"] == code
    assert difference(before, snapshot(lived)) == []


def test_what_was_there_stays_until_all_of_the_new_one_is_written(
    lived: Path, ada: Shell, tmp_path: Path
) -> None:
    place = tmp_path / "room.svg"
    place.write_text("the old one")
    place.chmod(0o640)
    limited = f"trap '' XFSZ; ulimit -f 4; stick report -o {place}"  # no file beyond 2 KiB
    ada.run(limited).fails(74, "what was there is as it was")
    assert place.read_text() == "the old one"
    assert sorted(p.name for p in tmp_path.glob("room.*")) == ["room.svg"]
    (tmp_path / "link.svg").symlink_to(place)
    ada.stick(f"report -o {tmp_path / 'link.svg'}").ok()
    assert place.read_text().startswith("<svg")
    assert place.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "link.svg").is_symlink()


def test_an_empty_room_gets_a_picture_that_says_so(ada: Shell, tmp_path: Path) -> None:
    told = ada.stick(f"report -o {tmp_path / 'room.svg'}").ok().out
    assert "nothing happened yet" in told
    assert "nothing happened yet" in (tmp_path / "room.svg").read_text()


# --- hostile logs


def test_a_hostile_log_is_drawn_and_reaches_no_terminal(
    lived: Path, ada: Shell, tmp_path: Path
) -> None:
    [log] = (lived / ".talking-stick/log").glob("*/sightings.jsonl")
    evil = "\x1b[2J<script>"
    now = json.loads(log.read_text().splitlines()[-1])["at"]
    odd: list[object] = [
        {"at": now, "what": "claim", "agent_id": "mallory"}, {"at": now, "what": ["x"], "agent_id": "a"},
        {"at": now, "what": "refused", "agent_id": evil, "kind": evil, "path": evil},
        {"at": 1 << 80, "what": "wait", "agent_id": "late"}, {"at": -5, "what": "wait", "agent_id": "b"},
        {"at": now, "what": "bypass", "agent_id": 7, "why": 7}, {"at": "now"}, [], None, "x",
        {"at": now, "what": "told", "agent_id": "ada", "moves": [[1], ["c", now, "w", evil], None]},
        {"at": now, "what": "outside", "agent_id": "", "did": evil, "paths": None},
    ]  # fmt: skip
    with log.open("a") as file:
        file.write("".join(json.dumps(one) + "\n" for one in odd) + "{\n\0\n")
    told = ada.stick("log --graph").ok().out
    assert all(char == "\n" or char.isprintable() for char in told)
    assert "\\e[2J<script>" in told
    assert "mallory" not in told
    ada.stick(f"report -o {tmp_path / 'room.html'}").ok()
    assert "<script" not in (tmp_path / "room.html").read_text()
    [events] = (lived / ".talking-stick/log").glob("*/events.jsonl")
    events.write_bytes(b'{"event_seq":1,"event_type":[]}\n' + events.read_bytes())
    ada.stick("log --graph").ok()
    events.unlink()
    os.mkfifo(events)
    ada.stick("log --graph").ok()


def test_a_whole_log_is_read_up_to_its_length_and_to_the_first_line_that_is_none(
    tmp_path: Path,
) -> None:
    lines = [b'{"n":%d}\n' % n for n in range(50_000)]
    (tmp_path / layout.EVENTS).write_bytes(b"".join(lines))

    def numbers(length: int) -> list[object]:
        found = []
        with Folder.open(str(tmp_path)) as folder:
            try:
                for value in event_log.every(folder, length):
                    assert isinstance(value, dict)
                    found.append(value["n"])
            except ValueError:
                found.append(None)
        return found

    size = sum(map(len, lines))
    assert numbers(size) == list(range(50_000))
    assert numbers(size - 1) == list(range(49_999))
    assert numbers(sum(map(len, lines[:30_000]))) == list(range(30_000))
    assert numbers(0) == []
    lines[40_000] = b"},{\n"
    (tmp_path / layout.EVENTS).write_bytes(b"".join(lines))
    assert numbers(size) == [*range(40_000), None]
