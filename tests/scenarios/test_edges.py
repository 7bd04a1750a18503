"""What stands at the edges: words, names, other people's tools, streams, the way the program starts."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.shells import Shell, Shells, eventually

pytestmark = pytest.mark.sampled(3)


@pytest.mark.parametrize(
    ("said", "meant"), [("lock", "take"), ("unlock", "release"), ("history", "log")]
)
def test_a_word_of_another_tool_is_answered_with_the_verb(
    ada: Shell, said: str, meant: str
) -> None:
    ada.stick(said).fails(2, f"next:    stick {meant}")


def test_help_and_version_are_verbs_too(ada: Shell) -> None:
    assert "--why" in ada.stick("help take").ok().out
    assert "release" in ada.stick("help").ok().out
    assert ada.stick("version").ok().out == ada.stick("--version").ok().out
    ada.stick("help nonsense").fails(2, "no verb", "stick --help")


def test_a_handoff_in_one_line(ada: Shell, bob: Shell) -> None:
    ada.stick("take").ok()
    ada.stick('release -m "login works" --status x').fails(2, "-m is the status")
    ada.stick('release -m "login works"').ok()
    told = bob.stick("take").ok().text
    assert "login works" in told
    assert "continue" in told


def test_check_takes_files_as_they_are(ada: Shell, bob: Shell) -> None:
    ada.stick("take").ok()
    ada.stick("check app.py src/core.py").ok()
    bob.stick("check app.py").fails(75, "ada holds")
    bob.stick("check /nonexistent/x app.py").fails(75, "ada holds")


def test_log_since_tells_events_and_sightings_in_order_of_time(ada: Shell, bob: Shell) -> None:
    ada.stick("take").ok()
    bob.run('echo b > b.txt; git add b.txt; STICK_BYPASS="why not" git commit -qm x')
    ada.stick("release -m done").ok()
    lines = ada.stick("log --since 1h").ok().out
    assert lines.index("took") < lines.index("why not") < lines.index("released")
    assert "took" not in ada.stick("log --since 0s").ok().out
    ada.stick("log --since yesterday").fails(2, "not a duration", "stick log --since 24h")
    running = bob.begin("stick log --follow")
    eventually(lambda: "released" in running.so_far().out)
    text = running.so_far().out
    running.send(signal.SIGINT)
    running.result().fails(130)
    assert text.index("took") < text.index("why not") < text.index("released")


def test_seconds_that_nobody_means_are_asked_about(ada: Shell) -> None:
    ada.stick("policy owner_lease_ttl 5").fails(
        78, "5 seconds", "owner_lease_ttl 5m", "owner_lease_ttl 5s"
    )
    ada.stick("policy claim_ttl 30").fails(78, "30 seconds")
    ada.stick("policy owner_lease_ttl 5s").ok()
    ada.stick("policy owner_lease_ttl 90").ok()
    ada.stick("policy gone_grace 5").ok()


@pytest.mark.parametrize("word", ["none", "off", "null", "NONE", "[]"])
def test_no_word_for_nothing_is_taken_for_a_file(ada: Shell, word: str) -> None:
    ada.stick("policy exempt docs/*").ok()
    ada.stick(f"policy exempt '{word}'").fails(78, "stick policy exempt ''")
    ada.stick("policy exempt ''").ok()
    assert "(none)" in ada.stick("policy exempt").ok().out


def test_uninit_while_somebody_else_holds_wants_force_and_keeps_the_log(
    ada: Shell, bob: Shell, room: Path
) -> None:
    bob.stick("join --new src").ok()
    ada.stick("take").ok()
    bob.stick("uninit").fails(75, "ada holds", "stick uninit --force")
    assert (room / ".talking-stick").is_dir()
    told = bob.stick("uninit --force").ok().out
    assert "src" in told
    kept = Path(told.split("the log is kept: ")[1].splitlines()[0])
    assert list(kept.glob("*/events.jsonl"))
    assert kept.parent == room / ".git"
    assert not (room / ".talking-stick").exists()


@pytest.mark.parametrize(
    ("how", "code", "words"),
    [
        *(
            (how, 2, "home folder")
            for how in ("init", "join", "join --as ada", "join --new", "join .")
        ),
        ("run true", 66, "no room"),
    ],
)
def test_no_room_is_made_of_a_home_folder(
    how: str, code: int, words: str, shells: Shells, home: Path
) -> None:
    shells.person(home).stick(how).fails(code, words)
    assert not (home / ".talking-stick").exists()


def test_the_home_of_a_repository_may_have_a_room(shells: Shells, home: Path) -> None:
    ada = shells.person(home)
    ada.stick("join").fails(2, "home folder", "cd YOUR-PROJECT")
    ada.run("git init -q . && stick join").ok()
    sub = home / "project"
    sub.mkdir()
    shells.person(sub).stick("join").ok()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize(
    "command", ["--help", "take --help", "help init", "", "status --json", "version"]
)
def test_a_full_standard_output_is_told_as_that(ada: Shell, command: str) -> None:
    told = ada.run(f"stick {command} > /dev/full").fails(74, "standard output: No space left")
    assert "next:" not in told.text, "stick doctor does not make room there"


@pytest.mark.parametrize(
    "script", ["import stickhooks.__main__", "from stickhooks.__main__ import main"]
)
def test_ctrl_c_before_main_leaves_no_traceback(script: str) -> None:
    """The script of an entry point imports main() first; from then on nobody sees a traceback."""
    code = f"{script}\nimport os, signal\nos.kill(os.getpid(), signal.SIGINT)\nwhile True: pass"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "stick: interrupted\n")


def test_another_encoding_runs_nothing_of_the_current_folder(ada: Shell, repo: Path) -> None:
    package = repo / "stickhooks"
    package.mkdir()
    for name in ("__init__.py", "__main__.py"):
        (package / name).write_text("open('pwned', 'w')")
    env = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    assert "free" in ada.stick("statusline", env).ok().out
    ada.stick("status", env).ok()
    assert not (repo / "pwned").exists()


@pytest.mark.parametrize("delay", [0.01, 0.03, 0.06, 0.1, 0.2])
def test_an_interrupt_at_the_start_is_no_traceback(room: Path, ada: Shell, delay: float) -> None:
    code = (
        "import os, signal, threading, sys; from stickhooks.__main__ import main;"
        f"threading.Timer({delay}, os.kill, (os.getpid(), signal.SIGINT)).start();"
        "sys.argv = ['stick', 'help']; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=room, env=ada.env, capture_output=True, text=True
    )
    assert done.returncode in (0, 130)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["json", "typing", "filelock", "psutil", "typer", "dataclasses"])
def test_by_module_nothing_of_the_current_folder_is_run_but_what_python_itself_runs(
    room: Path, ada: Shell, name: str
) -> None:
    (room / f"{name}.py").write_text("open('ran', 'w')\nraise SystemExit('ran')\n")
    for words in ("status", "--help", "doctor", "log --graph"):
        ada.run(f"{sys.executable} -m stickhooks {words}").ok()
    assert not (room / "ran").exists()


@pytest.mark.parametrize("name", ["a\x1b[31mb", "a\x9b31mb", "\u202egpj.exe", "a\tb", "\u2028"])
def test_names_of_hooks_and_clients_are_shown_escaped(ada: Shell, name: str) -> None:
    for line in (f"hook {shlex.quote(name)}", f"hook pre-edit --client {shlex.quote(name)}"):
        told = ada.stick(line).fails(2, "there are").text
        assert all(c.isprintable() for c in told.replace("\n", "")), told


def test_a_deadline_holds_where_an_exception_is_swallowed() -> None:
    code = (
        "import os, time, weakref; from stickhooks.system import deadline as time_limit\n"
        "class Thing: pass\n"
        "time_limit.begin(0.2, lambda: os._exit(2))\n"
        "thing = Thing(); seen = weakref.ref(thing, lambda _: time.sleep(1)); del thing\n"
        "time.sleep(600)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 2  # by the deadline: what it runs would sleep on


def test_streams_that_are_closed_or_full_are_no_fault(room: Path, ada: Shell) -> None:
    for line in ("log", "status", "--version", "help", "completion bash"):
        for end in (">&-", "2>&- >&-", "| head -c 1", "> /dev/full"):
            done = ada.run(f"stick {line} {end}")
            assert done.code in (0, 74), (line, end, done.text)
            assert "Traceback" not in done.text


@pytest.mark.parametrize("name", ["-x", "--help", "../x", "a/b", ".", ".."])
def test_no_member_is_called_like_an_option_or_a_path(
    shells: Shells, room: Path, name: str
) -> None:
    eve = shells.person(room)
    eve.stick(f"join --as={name}").fails(2, "cannot be a name")
    eve.stick("join --as x-..y:1").ok()
