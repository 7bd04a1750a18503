"""``stick statusline``: one line for a prompt, fast, never a fault, never a write."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from stickhooks.gate.standing import Standing
from stickhooks.protocol import phases
from stickhooks.store import codec, reader
from stickhooks.system import clock
from stickhooks.views import statusline
from tests.support.documents import page
from tests.support.editing import need
from tests.support.modules import FOLDERS, GATE, HEAVY
from tests.support.shells import Shell, Shells, difference, eventually, snapshot
from tests.support.world import HOUR, MINUTE, Table

pytestmark = pytest.mark.sampled(4)

HANDOFF = '--status "done" --next "go on"'


@pytest.fixture
def room(repo: Path) -> Path:
    """Return a repository that gets its room by the first join, and no hooks."""
    return repo


def told(table: Table, me: str | None = None) -> str:
    raw = reader.parsed(codec.encode(table.room, codec.Record(1, 0, "", 0)), "here")
    return statusline.words(Standing(raw, "/shop", table.now, clock.read()[0]), me)


# --- the words


def test_the_words_for_every_phase() -> None:
    table = Table("ana", "bo", "cy")
    assert told(table) == "free"
    table.take("ana")
    table.now = 12 * MINUTE
    assert told(table, "bo") == "ana 12m"
    assert re.fullmatch(r"yours until (\d+ \w+ )?\d\d:\d\d", told(table, "ana"))
    table.enlist("cy")
    table.enlist("bo")
    assert told(table) == "ana 12m, 2 waiting"
    assert told(table, "bo") == "ana 12m, you 2nd of 2"
    table.now = HOUR
    assert told(table, "cy") == "ana 1h, lease over, you 1st of 2"
    assert told(table, "ana") == "yours, lease over, 2 waiting"
    table.pass_to("bo")
    assert told(table, "ana") == "for bo, 1 waiting"
    assert told(table, "bo") == "yours to take, 1 waiting"
    table.now += HOUR
    assert told(table, "ana") == "for bo, overdue, 1 waiting"
    table.take("bo")
    table.close()
    assert told(table, "bo").startswith("closed")


def test_a_long_name_is_cut_and_an_odd_one_escaped() -> None:
    table = Table("x" * 64)
    table.take("x" * 64)
    assert told(table) == "x" * 19 + "… 0s"


def test_every_format_disarms_what_its_reader_would_run() -> None:
    text = "stick: #[fg=red]#(x) $(y) `z` \\w 1m"
    assert statusline._for("zsh", "stick: %n%F{red} 1m") == "stick: %%n%%F{red} 1m"
    forms = {form: statusline._for(form, text) for form in statusline.FORMATS}
    assert forms["plain"] == forms["claude"] == text
    assert forms["tmux"] == "stick: ##[fg=red]##(x) $(y) `z` \\w 1m"
    assert forms["starship"] == "stick: #[fg=red]#(x) ?(y) ?z? ?w 1m"


# --- the program


def test_it_tells_who_may_write_from_any_folder_of_the_room(
    ada: Shell, bob: Shell, repo: Path
) -> None:
    assert ada.stick("statusline").ok().out == "stick: free\n"
    ada.stick("take").ok()
    assert ada.stick("statusline").ok().out.startswith("stick: yours until ")
    inside = bob.run("stick statusline", cwd=repo / "src").ok().out
    assert re.fullmatch(r"stick: ada \d+s\n", inside)
    ada.stick(f"close {HANDOFF}").ok()
    assert bob.stick("statusline").ok().out == "stick: closed\n"


def test_it_says_nothing_where_there_is_no_room(repo: Path, shells: Shells, tmp_path: Path) -> None:
    for place in (repo, tmp_path, Path("/")):
        assert not shells.person(place).stick("statusline").ok().text
    assert not shells.person(repo).stick("statusline --room /nonexistent/x").ok().text


def test_it_knows_a_member_by_the_name_that_it_is_given(ada: Shell, shells: Shells) -> None:
    ada.stick("take").ok()
    bar = shells.person(Path("/"))
    room = f"--room {ada.cwd}"
    assert bar.stick(f"statusline {room}").out.startswith("stick: ada ")
    assert bar.stick(f"statusline {room} --as ada").out.startswith("stick: yours")


@pytest.mark.parametrize(
    ("damage", "mark"),
    [("{", "damaged!"), ('{"schema": 99}', "too new!"), (None, "lost!"), ("[" * 100_000, "damaged!")],
    ids=["torn", "newer", "gone", "deep"],
)  # fmt: skip
def test_what_cannot_be_read_is_a_short_mark_and_still_exit_0(
    ada: Shell, repo: Path, damage: str | None, mark: str
) -> None:
    ada.stick("take").ok()
    state = repo / ".talking-stick/room.json"
    state.unlink() if damage is None else state.write_text(damage)
    result = ada.stick("statusline").ok()
    assert (result.out, result.err) == (f"stick: {mark}\n", "")


def test_a_folder_that_is_gone_is_a_mark_too(ada: Shell, tmp_path: Path) -> None:
    result = ada.run(f"mkdir {tmp_path}/x; cd {tmp_path}/x; rmdir {tmp_path}/x; stick statusline")
    assert (result.code, result.err) == (0, "")
    assert result.out in ("", "stick: ?\n")


def test_it_never_writes(ada: Shell, repo: Path, home: Path) -> None:
    ada.stick("policy owner_lease_ttl 1s").ok()
    ada.stick("take").ok()
    before = snapshot(repo, home)
    for form in statusline.FORMATS:
        ada.stick(f"statusline --format {form}").ok()
    assert not difference(before, snapshot(repo, home))


def test_wrong_arguments_are_told_as_everywhere(ada: Shell) -> None:
    ada.stick("statusline --format nonsense").fails(2, "plain, zsh, tmux, starship, claude")
    ada.stick("statusline nonsense").fails(2, "stick statusline --help")
    ada.stick("statusline --format").fails(2, "--format")
    ada.stick("statusline --nonsense x").fails(2, "No such option")
    assert ada.stick("statusline --json").ok().json["line"] == "stick: free"
    assert ada.stick("statusline", {"STICK_JSON": "1"}).ok().json["line"] == "stick: free"


def test_help_shows_the_line_of_configuration_for_each_reader(ada: Shell) -> None:
    help = ada.stick("statusline --help").ok().out
    for line in ("#(stick statusline --format tmux", "[custom.stick]", '"statusLine": {"type"'):
        assert line in help
    prompts = page("how-to/prompts-and-completion")
    for line in help.splitlines():
        if "statusline --format" in line and "Example" not in line:
            assert line.strip() in prompts


# --- Claude Code


def claude(shell: Shell, payload: object, tmp_path: Path) -> str:
    name = tmp_path / "payload"
    name.write_bytes(payload if isinstance(payload, bytes) else json.dumps(payload).encode())
    result = shell.run("cd / && stick statusline --format claude", stdin=name).ok()
    assert not result.err
    return result.out


def test_claude_code_names_the_folder_and_the_session(
    shells: Shells, repo: Path, tmp_path: Path
) -> None:
    bot = shells.agent(repo)
    bot.stick("join --as bot").ok()
    bot.stick("take").ok()
    sent = {"session_id": bot.session, "cost": {"total_cost_usd": 0.01}}
    for where in (
        {"cwd": str(repo)},
        {"workspace": {"current_dir": str(repo / "src"), "project_dir": "/"}, "cwd": "/"},
        {"workspace": {"project_dir": str(repo)}},
    ):
        assert claude(bot, {**sent, **where}, tmp_path).startswith("stick: yours until ")
    other = shells.agent(repo)
    assert claude(other, {"session_id": other.session, "cwd": str(repo)}, tmp_path).startswith(
        "stick: bot "
    )


@pytest.mark.parametrize("payload", [b"", b"{", b"[1]", b"\xff", b'{"cwd": 7, "workspace": []}'])
def test_an_odd_payload_is_passed_over(ada: Shell, payload: bytes, tmp_path: Path) -> None:
    assert claude(ada, payload, tmp_path) == ""


def test_standard_input_that_stays_open_and_silent_does_not_hold_it_up(
    ada: Shell, repo: Path
) -> None:
    read, write = os.pipe()
    done = subprocess.run(
        ["stick", "statusline", "--format", "claude"], stdin=read, cwd=repo, env=ada.env,
        capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    os.close(read)
    os.close(write)
    assert done.stdout == b"stick: free\n"


def test_closed_standard_streams_do_no_harm(ada: Shell) -> None:
    assert ada.run("stick statusline --format claude <&-").ok().out == "stick: free\n"


# --- zsh


@pytest.mark.parametrize("name", ["%n", "%(!.root.%F{red})", "$(touch pwned)", "`touch pwned`%%"])
def test_a_zsh_prompt_shows_a_hostile_name_as_it_is(
    ada: Shell, repo: Path, shells: Shells, name: str
) -> None:
    need("zsh")
    shells.person(repo).run(f"stick join --as {shlex.quote(name)} && stick take").ok()
    prompts = page("how-to/prompts-and-completion")
    line = re.search(
        r"^(setopt PROMPT_SUBST.*stick statusline --format zsh.*)  +# zsh$", prompts, re.M
    )
    assert line
    shown = ada.run(f"zsh -fc {shlex.quote(line[1] + '; print -P -- $RPROMPT')}").ok().out
    assert f"stick: {name} " in shown
    assert not list(repo.glob("pwned"))


# --- tmux


def test_tmux_shows_a_hostile_name_as_it_is(ada: Shell, repo: Path, shells: Shells) -> None:
    need("tmux")
    name = "#[fg=red]#(date)%H"
    shells.member(repo, name).stick("take").ok()
    tmux = f"env -u TMUX TERM=xterm-256color SHELL=/bin/sh tmux -f /dev/null -S {repo.parent}"
    inner, outer = f"{tmux}/inner", f"{tmux}/outer"
    command = "#(stick statusline --format tmux --room #{q:pane_current_path})"
    try:
        ada.run(f"{inner} new-session -d sleep 600").ok()
        ada.run(f"{inner} set -g status-interval 1").ok()
        ada.run(f"{inner} set -g status-right {shlex.quote(command)}").ok()
        ada.run(f"{outer} new-session -d -x 100 -y 10 {shlex.quote(f'{inner} attach')}").ok()
        eventually(lambda: f"stick: {name} " in ada.run(f"{outer} capture-pane -p").out)
    finally:
        ada.run(f"{outer} kill-server; {inner} kill-server")


@pytest.mark.parametrize(
    "name", ["a\ntouch pwned\n", "$(touch pwned)", "#(touch pwned)", "a\tb';\"x"]
)
def test_tmux_runs_nothing_that_a_folder_is_called(
    ada: Shell, repo: Path, tmp_path: Path, name: str
) -> None:
    need("tmux")
    folder = repo / name
    folder.mkdir()
    prompts = page("how-to/prompts-and-completion")
    line = re.search(r"set -g status-right '(.*)'", prompts)
    assert line
    command = line[1].replace("YOU", "ada")
    go = f"cd {shlex.quote(str(folder))} && exec sleep 600"
    tmux = f"env -u TMUX TERM=xterm-256color SHELL=/bin/sh tmux -f /dev/null -S {repo.parent}"
    inner, outer = f"{tmux}/inner", f"{tmux}/outer"
    try:
        ada.run(f"{inner} new-session -d {shlex.quote(go)}").ok()
        ada.run(f"{inner} set -g status-interval 1").ok()
        ada.run(f"{inner} set -g status-right-length 60").ok()
        ada.run(f"{inner} set -g status-right {shlex.quote(command)}").ok()
        ada.run(f"{outer} new-session -d -x 120 -y 10 {shlex.quote(f'{inner} attach')}").ok()
        eventually(lambda: "stick: free" in ada.run(f"{outer} capture-pane -p").out)
    finally:
        ada.run(f"{outer} kill-server; {inner} kill-server")
    assert not [path for path in tmp_path.rglob("pwned") if path.is_file()]
    assert not (Path.home() / "pwned").exists()


# --- the fast road


@pytest.mark.parametrize("arguments", [["statusline"], ["__names", "members"]])
def test_it_imports_what_the_gate_does_and_no_more(
    ada: Shell, repo: Path, arguments: list[str]
) -> None:
    code = "import sys; sys.argv[0] = 'stick'; from stickhooks.__main__ import main; main()"
    path = str(Path(phases.__file__).parents[2])
    run = f"import sys; sys.path.insert(0, {path!r}); {code}"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-X", "importtime", "-c", run, *arguments],
        cwd=repo, env=ada.env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout
    loaded = set(re.findall(r"^import time:.*\| +([\w.]+)$", done.stderr, re.MULTILINE))
    assert not {name.partition(".")[0] for name in loaded} & HEAVY
    ours = {name.partition(".")[2] for name in loaded if name.startswith("stickhooks.")}
    assert ours <= GATE | FOLDERS | {"__main__", "system.users"}  # who runs it is no member here
