"""``stick board``: all rooms on one screen, live and silent in a terminal, once elsewhere."""

from __future__ import annotations

import os
import re
import shlex
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from stickhooks.errors import Refusal
from stickhooks.gate.standing import Standing
from stickhooks.protocol.commands import Ask, Wait
from stickhooks.store import codec, layout, reader
from stickhooks.text import clock_time
from stickhooks.views import board, columns, screen
from stickhooks.views.recent import Recent
from stickhooks.views.summary import Glance
from tests.support.editing import HANDOFF, Site, Terminal, need, site_for
from tests.support.shells import Shell, Shells, difference, eventually, snapshot
from tests.support.world import Table

LONG = "refactor the whole authentication layer, then whatever depends on the old cookies"


def plain_frame(seen: list[board.Seen], width: int, height: int) -> list[str]:
    return [line.plain for line in board.frame(seen, "the foot", width, height)]


def seen(*holders: str) -> list[board.Seen]:
    """Return rooms, each held by somebody."""
    found: list[board.Seen] = []
    for i, holder in enumerate(holders):
        table = Table(holder)
        table.take(holder)
        raw = reader.parsed(codec.encode(table.room, codec.Record(1, 0, "", 0)), "here")
        standing = Standing(raw, f"/shop/room{i}", 0, 0)
        found.append((standing.shown, Glance(standing, None, "root", frozenset(), None)))
    return found


# --- a frame


@pytest.mark.parametrize(("width", "height"), [(200, 50), (80, 24), (40, 24), (20, 10), (12, 4)])
def test_a_frame_fills_the_screen_exactly_and_never_wraps(width: int, height: int) -> None:
    lines = plain_frame(seen("ada", "日本" * 20, LONG[:60]), width, height)
    assert len(lines) == height
    assert all(columns.width(line) < width for line in lines)


def test_what_does_not_fit_is_counted() -> None:
    lines = plain_frame(seen(*["ada"] * 9), 80, 12)
    assert re.fullmatch(r"… \d+ more lines: make the window higher", lines[-2])
    assert lines[-1] == "the foot"


def test_damage_in_one_room_is_told_in_its_place_with_the_command_that_mends_it() -> None:
    lines = plain_frame([("/shop", Refusal("state_lost", what="x")), *seen("ada")], 100, 20)
    assert lines[0].startswith("/shop: the room's state is gone")
    assert lines[1] == "  next: stick doctor --fix"
    assert lines[3].startswith("└ ada holds /shop/room0")


def held_at(now: int) -> Glance:
    table = Table("ada")
    table.take("ada")
    raw = reader.parsed(codec.encode(table.room, codec.Record(1, 0, "", 0)), "here")
    return at(raw, raw["lease"]["renewed_at"] + now)  # type: ignore[index]


def at(raw: object, now: int) -> Glance:
    return Glance(Standing(raw, "/shop", now, now), None, "root", frozenset(), None)


@pytest.mark.parametrize("width", [60, 100, 200])
def test_the_rest_of_a_lease_is_a_bar(width: int) -> None:
    bars = [board.lease_bar(held_at(minutes * 60_000), width) for minutes in (0, 15, 44)]
    full = [bar.count("█") for bar in bars]
    assert full == sorted(full, reverse=True)
    assert 0 < full[2] < full[1] < full[0] == min(40, width // 3)
    assert [bar.split(" ", 1)[1] for bar in bars] == ["45 min left", "30 min left", "1 min left"]
    assert any("█" in line for line in plain_frame([("/shop", held_at(0))], width, 20))
    assert not board.lease_bar(held_at(0), 49)


def test_paths_that_somebody_has_alone_have_their_reason_their_bar_and_who_asked() -> None:
    table = Table("ada", "bob", "cy")
    table.ask(Wait("bob", "R", paths=("docs", "src"), why="the manual"))
    table.ask(Ask("cy", "R", "one line", for_turn=1))
    raw = reader.parsed(codec.encode(table.room, codec.Record(1, 0, "", 0)), "here")
    lines = plain_frame([("/shop", at(raw, 15 * 60_000))], 100, 30)
    until = f"bob until {clock_time(45 * 60_000, 0)} (turn 1)"
    assert f"  paths      docs, src: {until}: the manual" in lines
    assert [line for line in lines if re.fullmatch(r" {13}█+░+ 30 min left", line)]
    assert "  asked      by cy 15 min ago for docs, src: one line" in lines
    late = [
        line for line in plain_frame([("/shop", at(raw, 46 * 60_000))], 150, 30) if "bob" in line
    ]
    assert "bob, whose lease ran out 1 min ago" in late[0]
    assert "bob holds docs, src in /shop" in late[1]
    assert "its lease ran out 1 min ago (it was for: the manual)" in late[1]


def test_rooms_stand_as_a_tree() -> None:
    [(_, glance)] = seen("ada")
    rooms = [(path, glance) for path in ("/shop", "/shop/a", "/shop/a/b", "/shop/c", "/shopping")]
    heads = [line for line in plain_frame(rooms, 80, 60) if "ada holds" in line]
    assert [len(line) - len(line.lstrip(" ")) for line in heads] == [0, 0, 2, 0, 0]
    assert [line.lstrip(" ").startswith("└ ") for line in heads] == [False, True, True, True, False]


def test_the_last_events_stand_below_the_rooms_and_beside_them_on_a_wide_screen() -> None:
    happened = [Recent(i * 60_000, "web" if i % 2 else "", f"deed {i}", i == 8) for i in range(9)]
    for width, height in ((60, 30), (80, 24), (120, 24), (149, 24), (150, 24), (200, 24)):
        lines = board.frame(seen("ada"), "the foot", width, height, happened)
        told = [line.plain for line in lines]
        assert len(told) == height
        assert all(columns.width(line) < width for line in told)
        beside = [line for line in told if "ada holds" in line and "last events" in line]
        assert bool(beside) == (width >= 150)
        assert [line for line in told if "[web] deed 7" in line]
    short = [line.plain for line in board.frame(seen("ada"), "the foot", 80, 6, happened)]
    assert not [line for line in short if "deed" in line]


def test_whose_notes_are_unread_is_told() -> None:
    glance = held_at(0)
    glance.standing.raw["members"][0]["unread"] = [3, 4]
    assert "  unread     \u2709 ada 2" in plain_frame([("/shop", glance)], 80, 20)


def test_without_a_room_the_frame_says_what_to_type() -> None:
    lines = plain_frame([], 80, 10)
    assert lines[:2] == ["there is no room here; everybody may write", "next: stick init"]


@pytest.mark.parametrize(("no_color", "colours"), [("", {"1;33m"}), ("1", set())])
def test_colour_is_left_out_where_nobody_wants_it(
    no_color: str, colours: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm")
    console = screen.console()
    with console.capture() as written:
        console.print(*board.frame(seen("ada"), "", 80, 10))
    assert set(re.findall(r"1;3\dm", written.get())) == colours


# --- once


@pytest.fixture
def ada(shells: Shells, repo: Path) -> Shell:
    shell = shells.person(repo)
    for command in ("join --as ada", "join --new services/web", f"take --why '{LONG}'"):
        shell.stick(command).ok()
    return shell


def test_in_a_pipe_there_is_one_plain_frame_that_holds_everything(ada: Shell) -> None:
    result = ada.stick("board").ok()
    assert "\x1b" not in result.text
    assert f"ada (you) holds {ada.cwd} since " in result.out
    assert LONG in result.out
    assert f"nobody holds {ada.cwd}/services/web" in result.out
    assert "may write  you alone, until " in result.out


def test_programs_get_one_object_with_every_room(ada: Shell, repo: Path) -> None:
    (repo / ".talking-stick" / layout.state_name("services/web")).write_text("{")
    first, second = ada.stick("board --json").ok().json["rooms"]
    assert (first["path"], first["holder"]["id"], first["you"]["id"]) == (str(repo), "ada", "ada")
    assert (first["waiting"], first["handoff"]) == ([], None)
    assert (second["path"], second["code"]) == (f"{repo}/services/web", "state_corrupt")


def test_the_last_events_are_told_once_too(ada: Shell, shells: Shells, repo: Path) -> None:
    bob = shells.member(repo, "bob")
    bob.stick("hook pre-save --path app.py").fails(75)
    told = ada.stick("board").ok().out
    assert f"ada took the stick: {LONG}" in told
    assert "bob was refused a write (editor: app.py)" in told
    last = ada.stick("board --json").ok().json["recent"]
    assert [one["message"] for one in last if one["room"] == "."][-1].startswith("bob was refused")


def test_it_writes_nothing(ada: Shell, repo: Path, home: Path) -> None:
    before = snapshot(repo, home)
    ada.stick("board").ok()
    ada.stick("board --json").ok()
    assert not difference(before, snapshot(repo, home))


# --- live


@pytest.fixture(scope="module")
def site(template: Path) -> Iterator[Site]:
    need("tmux")
    for made in site_for("me", template):
        made.bob.stick("join --new services/web").ok()
        yield made


@pytest.fixture
def terminal(site: Site) -> Iterator[Terminal]:
    made = Terminal(site)
    yield made
    made.close()


def test_it_is_redrawn_when_something_changes(terminal: Terminal, site: Site) -> None:
    site.give("bob")
    terminal.type("stick board")
    terminal.see("bob holds", "services/web", "q leaves")
    site.give("ada")
    terminal.see("ada (you) holds")
    site.give("bob")
    terminal.gone("ada (you) holds")


def test_ctrl_c_leaves_cleanly_and_what_was_typed_goes_nowhere(terminal: Terminal) -> None:
    terminal.type("stty -a > before; echo mark''ed; stick board; echo \"left: $?\"")
    terminal.see("q leaves")
    terminal.gone("marked")  # it is the terminal's other screen
    terminal.tmux("send-keys -l 'rm -rf nothing'")
    terminal.keys("Enter", "C-z")
    terminal.keys("C-c")
    assert "rm -rf" not in terminal.see("left: 0", "marked")
    terminal.type("stty -a | cmp - before && echo same''again")
    terminal.see("sameagain")
    assert terminal.tmux("display-message -p '#{cursor_flag}#{alternate_on}'").out == "10\n"


@pytest.mark.parametrize("way", ["q", "TERM", "HUP"])
def test_every_way_out_gives_the_terminal_back(way: str, terminal: Terminal) -> None:
    codes = {"q": 0, "TERM": 128 + signal.SIGTERM, "HUP": 128 + signal.SIGHUP}
    terminal.type('stick board; echo "left: $?"')
    terminal.see("q leaves")
    if way == "q":
        terminal.keys("q")
    else:
        os.kill(pid_of_board(terminal), getattr(signal, f"SIG{way}"))
    terminal.see(f"left: {codes[way]}")
    assert terminal.tmux("display-message -p '#{cursor_flag}#{alternate_on}'").out == "10\n"


def pid_of_board(terminal: Terminal) -> int:
    tty = terminal.tmux("display-message -p '#{pane_tty}'").out.strip()
    listed = terminal.shell.run(f"ps -ww -t {shlex.quote(tty)} -o pid=,args=").ok().out
    [found] = [line.split()[0] for line in listed.splitlines() if "stick board" in line]
    return int(found)


def test_it_follows_the_size_of_the_terminal(terminal: Terminal) -> None:
    terminal.type("stick board")
    wide = terminal.see("q leaves")
    terminal.tmux("resize-window -x 40 -y 30")
    narrow = eventually(lambda: (s := terminal.screen) and s != wide and "q leaves" in s and s)
    assert all(columns.width(line) <= 40 for line in narrow.splitlines())
    assert "may write" in narrow
    assert "Ctrl-C or q leaves" in narrow.rstrip().splitlines()[-1]


def test_while_nothing_moves_it_writes_nothing_and_takes_next_to_no_time(
    terminal: Terminal, site: Site
) -> None:
    terminal.type("stick board")
    terminal.see("q leaves")
    pid = pid_of_board(terminal)
    marks = snapshot(site.root)
    before = used(pid), written(pid)
    terminal.shell.run("sleep 2").ok()
    after = used(pid), written(pid)
    assert after[1] == before[1]
    assert after[0] - before[0] <= 0.1 * os.sysconf("SC_CLK_TCK")
    assert not difference(marks, snapshot(site.root))


def used(pid: int) -> int:
    """Return the processor time of a process, in clock ticks."""
    field = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(field[11]) + int(field[12])


def written(pid: int) -> str:
    """Return how many bytes a process has written, to whatever it is."""
    return Path(f"/proc/{pid}/io").read_text().split("wchar: ")[1].split()[0]


def test_hostile_names_and_reasons_stay_text(terminal: Terminal, site: Site) -> None:
    site.give("bob")
    site.bob.stick(f"release {HANDOFF}").ok()
    eve = site.person()
    name = "[red]eve[bold] :smile: $(touch pwned)"
    eve.stick(f"join --as {shlex.quote(name)}").ok()
    eve.stick("take --why \"$(printf '\\033[2J\\007[bold]x')\"").ok()
    terminal.type("stick board")
    terminal.see(f"{name} holds", "\\e[2J\\x07[bold]x")
    assert not (site.root / "pwned").exists()
    eve.stick(f"release {HANDOFF}").ok()
    site.bob.stick("take").ok()
