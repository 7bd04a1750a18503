"""``stick wait --notify``: by the terminal or the desktop, as plain text, and never at a price."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stickhooks.errors import Refusal
from stickhooks.operations.reply import Reply
from stickhooks.system import desktop as notification
from stickhooks.text import plain
from stickhooks.views import notify
from tests.support.editing import HANDOFF, Site, Terminal, need, site_for
from tests.support.shells import Shell, Shells, eventually
from tests.support.world import refused

NINE = "\x1b]9;stick: it is yours\a"


# --- what is sent


@pytest.mark.parametrize(
    ("env", "sequence"),
    [
        ({"TERM": "xterm-kitty"}, NINE),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, NINE),
        ({"TERM_PROGRAM": "iTerm.app"}, NINE),
        ({"TERM_PROGRAM": "WezTerm"}, NINE),
        ({"TERM": "xterm-ghostty"}, NINE),
        ({"WT_SESSION": "x"}, NINE),
        ({"TERM": "rxvt-unicode-256color"}, ""),
        ({"TERM": "foot"}, NINE),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7200"}, ""),
        ({"TERM": "xterm-256color"}, ""),
        ({"TERM": "linux"}, ""),
        ({}, ""),
    ],
    ids=str,
)
def test_a_terminal_gets_the_sequence_that_it_understands(
    env: dict[str, str], sequence: str
) -> None:
    assert notify.for_terminal("it is yours", env) == sequence


def test_within_tmux_the_sequence_is_wrapped_for_the_terminal_outside() -> None:
    env = {"TMUX": "/tmp/x,1,0", "TERM": "tmux-256color"}
    told = notify.for_terminal("it is yours", env, lambda: "xterm-256color iTerm2 3.5")
    assert told == f"\x1bPtmux;{NINE}\x1b\\".replace("\x1b]", "\x1b\x1b]")
    assert notify.for_terminal("it is yours", env, lambda: "xterm-256color XTerm(367)") == ""


def test_no_text_ends_its_sequence_or_adds_a_field() -> None:
    hostile = "a\x1b\\b\x07c\x9cd;e"
    for env in ({"TERM": "xterm-kitty"}, {"TERM": "foot"}, {"TERM_PROGRAM": "WezTerm"}):
        told = notify.for_terminal(plain(hostile), env)
        inner = told.removesuffix("\x1b\\").removesuffix("\a")[1:]
        assert inner.isprintable()
        assert "d,e" in inner


def test_the_desktop_is_asked_by_arguments_and_never_by_a_shell_or_in_markup() -> None:
    text = '"; rm -rf / <b>&'
    there = {"DISPLAY": ":0"}
    assert notification.command(text, there, "linux") == [
        "notify-send", "--app-name=stick", "--", "stick", '"; rm -rf / &lt;b&gt;&amp;',
    ]  # fmt: skip
    mac = notification.command(text, {}, "darwin")
    assert (mac[0], mac[-3:]) == ("osascript", ["--", text, "stick"])
    assert not any(text in word for word in mac[:-2])
    assert notification.command(text, {}, "linux") == []


def test_what_is_not_there_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    notify.send("it is yours", {"DISPLAY": ":0", "TMUX": "x"})


# --- when


def test_the_end_of_the_block_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sent = sending(monkeypatch, tmp_path)
    with notify.at_the_end(True, {"DISPLAY": ":0"}) as notice:
        assert notice.of(Reply(["it is yours", "more"])).lines == ["it is yours", "more"]
    assert eventually(sent) == ["it is yours"]


def test_a_wait_that_ran_out_is_told_and_an_interrupted_one_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sent = sending(monkeypatch, tmp_path)

    def ends(code: str) -> None:
        with notify.at_the_end(True, {"DISPLAY": ":0"}):
            raise Refusal(code, f"it is {code}", [])

    refused(lambda: ends("interrupted"), "interrupted")
    refused(lambda: ends("timeout"), "timeout")
    assert eventually(sent) == ["it is timeout"]


def test_who_did_not_ask_is_not_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sent = sending(monkeypatch, tmp_path)
    with notify.at_the_end(False, {"DISPLAY": ":0"}) as notice:
        notice.of(Reply(["it is yours"]))
    assert sent() == []


def sending(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Sent:
    """Put a ``notify-send`` of ours first on the search path, and return what it was sent."""
    recorder(folder)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return Sent(folder)


class Sent:
    def __init__(self, folder: Path) -> None:
        self.log = folder / "sent"

    def __call__(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


def recorder(folder: Path) -> None:
    """Make a program ``notify-send`` that writes its last argument down, then takes its time."""
    program = folder / "notify-send"
    program.write_text(f"#!{sys.executable}\nimport sys\nopen({str(folder / 'sent')!r}, 'a')"
                       ".write(sys.argv[-1] + '\\n')\n")  # fmt: skip
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


# --- for real


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "bin"
    made.mkdir()
    recorder(made)
    return made


def desktop(folder: Path, shell: Shell) -> dict[str, str]:
    return {"PATH": f"{folder}{os.pathsep}{shell.env['PATH']}", "DISPLAY": ":0"}


@pytest.fixture
def pair(shells: Shells, repo: Path) -> tuple[Shell, Shell]:
    made = shells.person(repo), shells.person(repo)
    for shell, name in zip(made, ("ada", "bob"), strict=True):
        shell.stick(f"join --as {name}").ok()
    return made


def test_the_turn_that_came_is_told_on_the_desktop(pair: tuple[Shell, Shell], folder: Path) -> None:
    ada, bob = pair
    ada.stick("take").ok()
    running = bob.begin("stick wait --notify", desktop(folder, bob))
    eventually(lambda: "ada holds" in running.so_far().err)
    ada.stick(f"release {HANDOFF}").ok()
    running.result().ok()
    [told] = eventually(Sent(folder))
    assert told.startswith("the stick is yours: ")


def test_a_lost_holder_and_a_closed_room_are_told_as_well(
    pair: tuple[Shell, Shell], folder: Path
) -> None:
    ada, bob = pair
    ada.stick("policy owner_lease_ttl 1s").ok()
    ada.stick("take").ok()
    time.sleep(1.1)
    bob.stick("wait --notify", desktop(folder, bob)).fails(69)
    assert "its lease ran out" in eventually(Sent(folder))[0]
    ada.stick("renew").ok()
    ada.stick(f"close {HANDOFF}").ok()
    bob.stick("wait --notify", desktop(folder, bob)).fails(77)
    assert "closed" in eventually(lambda: Sent(folder)()[1:])[0]


def test_a_notification_that_hangs_holds_nobody_up(pair: tuple[Shell, Shell], folder: Path) -> None:
    pid = folder / "hangs"
    (folder / "notify-send").write_text(f"#!/bin/sh\necho $$ >{pid}\nexec sleep 600\n")
    pair[0].stick("wait --notify", desktop(folder, pair[0])).ok()
    os.kill(int(eventually(lambda: pid.exists() and pid.read_text().strip())), signal.SIGKILL)


@pytest.fixture
def site(template: Path) -> Iterator[Site]:
    need("tmux")
    yield from site_for("me", template)


class Outside:
    """A terminal that shows a tmux session; what it was sent is kept."""

    def __init__(self, terminal: Terminal) -> None:
        self.seen = b""
        self.fd, inside = pty.openpty()
        os.set_blocking(self.fd, False)
        env = {**terminal.site.env, "TERM": "xterm-256color"}
        self.process = subprocess.Popen(
            ["tmux", "-S", terminal.socket, "attach"], env=env,
            stdin=inside, stdout=inside, stderr=inside, start_new_session=True,
        )  # fmt: skip
        os.close(inside)

    def has(self, data: bytes) -> bool:
        with contextlib.suppress(OSError):
            while piece := os.read(self.fd, 1 << 16):
                self.seen += piece
        return data in self.seen

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.fd)


def test_in_tmux_the_bell_rings_and_the_sequence_reaches_the_terminal_outside(site: Site) -> None:
    terminal = Terminal(site)
    terminal.tmux("set -g allow-passthrough on")
    outside = Outside(terminal)
    try:
        eventually(lambda: outside.has(b"ready"))
        terminal.type("KITTY_WINDOW_ID=1 stick wait --notify")
        terminal.see("waiting (1st of 1): bob")
        site.bob.stick(f"release {HANDOFF}").ok()
        eventually(lambda: outside.has(b"\x1b]9;stick: the stick is yours"))
        assert outside.has(b"\a")
        terminal.see("the stick is yours")
    finally:
        outside.close()
        terminal.close()
