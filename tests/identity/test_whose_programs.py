"""A person's shell, what is exec'd in it, what runs below it, and programs that no shell started."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stickhooks.clients import CLIENTS
from stickhooks.gate import cache
from stickhooks.identity import programs, resolver
from stickhooks.system import processes
from stickhooks.system.processes import Seen
from tests.support.shells import Shell, Shells, eventually

#: A desktop program: a terminal in it runs the first command; its button runs the second.
DESKTOP = """
import os, pty, subprocess, sys
in_terminal, by_button = sys.argv[1:]
if in_terminal:
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp("sh", ["sh", "-c", in_terminal + "; exit"])
    try:
        while os.read(fd, 4096):
            pass
    except OSError:
        pass
    os.waitpid(pid, 0)
done = subprocess.run(["sh", "-c", "exec " + by_button], stdin=subprocess.DEVNULL)
sys.exit(done.returncode)
"""
COMMIT = "git commit -q --allow-empty -m button"


@pytest.fixture
def shop(room: Path) -> Path:
    return room


@pytest.fixture
def ada(shop: Path, shells: Shells) -> Shell:
    shell = shells.person(shop)
    shell.stick("join --as ada").ok()
    shell.stick("take").ok()
    return shell


@pytest.fixture
def desktop(tmp_path: Path) -> Callable[[str, str], str]:
    file = tmp_path / "desktop.py"
    file.write_text(DESKTOP)

    def command(in_terminal: str, by_button: str) -> str:
        words = [sys.executable, str(file), in_terminal, by_button]
        return f"setsid -w {shlex.join(words)}"

    return command


def who(shell: Shell, command: str = "stick whoami --json") -> object:
    return shell.run(command).json["you"]["id"]


# --- a client exec'd in a person's shell


def _claude(folder: Path) -> Path:
    """Return a program named as the client, that runs a command below itself."""
    client = folder / "claude"
    client.symlink_to("/bin/sh")
    return client


def test_a_client_execd_in_a_joined_shell_is_not_the_person(
    ada: Shell, shells: Shells, tmp_path: Path
) -> None:
    client = _claude(tmp_path)
    told = "CLAUDECODE=1 CLAUDE_CODE_SESSION_ID=0123456789abcdef0123"
    asked = (
        "stick whoami --json; stick release --status x --next y; git commit -q --allow-empty -m x"
    )
    script = tmp_path / "asked.sh"
    script.write_text(
        f"export {told}\n( {asked} ) >{tmp_path}/out 2>&1\necho $? >{tmp_path}/code\n"
    )
    assert who(ada) == "ada"
    ada.run(COMMIT).ok()  # leaves a note for the fast answer
    ada.say(f"exec {client} {script}")
    code = tmp_path / "code"
    eventually(lambda: code.exists() and code.read_text().strip())
    out = (tmp_path / "out").read_text()
    assert code.read_text().strip() != "0"
    assert '"id": "ada"' not in out.partition('"you"')[2].partition("}")[0]
    assert "ada holds" in out


def test_the_fast_answer_ends_where_the_shell_runs_another_program(
    shop: Path, ada: Shell, tmp_path: Path
) -> None:
    """The note names pid, session and start of the shell: a client exec'd there has all three."""
    ada.run(COMMIT).ok()
    client = tmp_path / "claude"
    client.write_bytes(Path(sys.executable).resolve().read_bytes())
    client.chmod(0o755)
    script = tmp_path / "direct.py"
    script.write_text(
        "import subprocess\n"
        "done = subprocess.run(['git', 'commit', '-q', '--allow-empty', '-m', 'x'])\n"
        f"open({str(tmp_path / 'code')!r}, 'w').write(str(done.returncode) + '.')\n"
    )
    ada.say(COMMIT)  # by the shell itself, not by a subshell of it
    ada.say(f"exec {client} -I -S {script}")
    eventually(lambda: (tmp_path / "code").exists() and "." in (tmp_path / "code").read_text())
    assert (tmp_path / "code").read_text() == "1."


@pytest.mark.parametrize("name", ["two words", "with)paren", "tmux: server", "zażółć"])
def test_a_name_that_sh_would_read_otherwise_leaves_no_note(name: str) -> None:
    assert not cache._is_word(name)


# --- below a person's terminal


def test_ones_own_process_counts(ada: Shell) -> None:
    told = ada.run("bash -c 'stick join --as bot >/dev/null; stick whoami --json'").json
    assert told["you"]["id"] == "bot"
    assert who(ada) == "ada"


def test_a_home_made_agent_leaves_the_terminal_its_member(ada: Shell, tmp_path: Path) -> None:
    agent = tmp_path / "agent.py"
    agent.write_text(
        "import subprocess\n"
        "ask = lambda what: subprocess.run(what, shell=True, capture_output=True, text=True).stdout\n"
        "ask('stick join --as bot; true')\n"
        "print(ask('true; stick whoami --json'))\n"
    )
    assert ada.run(f"{sys.executable} {agent}").json["you"]["id"] == "bot"
    assert who(ada) == "ada"


def test_an_agent_below_an_agent_leaves_that_its_own(ada: Shell) -> None:
    inner = "stick join --as inner >/dev/null; stick whoami --json; true"
    outer = (
        f"stick join --as outer >/dev/null; sh -c {shlex.quote(inner)}; stick whoami --json; true"
    )
    out = ada.run(f"bash -c {shlex.quote(outer)}").ok().out
    assert out.index('"inner"') < out.index('"outer"')
    assert who(ada) == "ada"


def test_the_terminals_own_shell_may_become_another(ada: Shell) -> None:
    assert "stick join --as ada" in ada.stick("join --as bo --json").ok().json["next"]
    assert who(ada) == "bo"
    ada.run("echo $(stick join --as cy)").ok()
    assert who(ada) == "cy"


# --- programs that no shell started


def test_a_join_in_its_terminal_makes_a_program_known(
    ada: Shell, desktop: Callable[[str, str], str]
) -> None:
    other = ada.run(f"cd / && cd - && {desktop('', COMMIT)}")
    assert other.code == 0  # it is below ada's own shell


def test_a_program_of_nobodys_shell(
    shop: Path, ada: Shell, shells: Shells, desktop: Callable[[str, str], str]
) -> None:
    elsewhere = shells.person(shop)
    refused = elsewhere.run(desktop("", COMMIT))
    refused.fails(
        1, "stick join --as ada (in a terminal inside this program", "--as ada --programs"
    )
    elsewhere.run(desktop("stick join --as ada", COMMIT)).ok()
    assert who(elsewhere) is None  # the shell that started it is not ada
    asked = elsewhere.run(desktop("stick join --as ada", "stick whoami --json"))
    assert asked.json["you"]["id"] == "ada"


def test_a_program_stays_whose_it_is(
    shop: Path, ada: Shell, shells: Shells, desktop: Callable[[str, str], str]
) -> None:
    terminal = "stick join --as ada; setsid -w sh -c 'stick join --as bo; true'"
    asked = shells.person(shop).run(desktop(terminal, "stick whoami --json"))
    assert asked.json["you"]["id"] == "ada"


@pytest.mark.parametrize(
    "name",
    ["bash", "fish", "-zsh", "systemd", "sshd", "sshd-session", "tmux: server", "SCREEN", "zellij",
     "gnome-terminal-", "konsole", "kitty", "alacritty", "wezterm-gui", "Xorg", "login", "cron",
     "script", "setsid", "su", "sudo", "gnome-session-b", "nu", "containerd-shim"],
)  # fmt: skip
def test_what_starts_terminals_for_everybody_is_never_bound(name: str) -> None:
    assert programs._starts_for_all(Seen(1 << 30, 1, 1, name, "S", 1))


@pytest.mark.parametrize("name", ["code", "java", "emacs", "idea", "zed", "gitk", "python3"])
def test_an_editor_may_be_bound(name: str) -> None:
    assert not programs._starts_for_all(Seen(1 << 30, 1, 1, name, "S", 1))


def test_programs_without_a_terminal(
    shop: Path, ada: Shell, shells: Shells, desktop: Callable[[str, str], str]
) -> None:
    elsewhere = shells.person(shop)
    elsewhere.run(desktop("", COMMIT)).fails(1)
    ada.stick("join --as ada --programs").ok()
    elsewhere.run(desktop("", COMMIT)).ok()
    save = "stick hook pre-save --path app.py"
    elsewhere.run(desktop("", save)).ok()
    # for the gate alone
    assert elsewhere.run(desktop("", "stick whoami --json")).json["you"]["id"] is None
    elsewhere.run(desktop("", "stick release --status x --next y")).fails(66)
    # not below a client, nor with its words in the environment
    elsewhere.run(f"CLAUDECODE=1 {desktop('', COMMIT)}").fails(1)
    shells.agent(shop).run(desktop("", COMMIT)).fails(1)
    # not below somebody else
    bo = shells.member(shop, "bo")
    bo.run(desktop("", COMMIT)).fails(1, "ada holds")
    assert "those without a terminal count as ada for the hooks" in ada.stick("status").out
    assert "by a program of ada" in ada.stick("log").out
    # at most one member's
    bo.stick("join --as bo --programs").ok()
    elsewhere.run(desktop("", COMMIT)).fails(1)
    ada.stick("join --as ada --programs").ok()
    elsewhere.run(desktop("", COMMIT)).ok()
    # taken back by leaving
    ada.stick("release --status x --next y").ok()
    ada.stick("leave").ok()
    assert "those without a terminal" not in ada.stick("status").out
    elsewhere.run(desktop("", COMMIT)).fails(1)


def test_an_agent_cannot_own_programs(shop: Path, ada: Shell, shells: Shells) -> None:
    shells.agent(shop).stick("join --programs").fails(2, "--programs is for a person")


def test_an_account_or_namespace_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    before = programs.granted()
    monkeypatch.setattr(processes, "where", lambda: ("machine", "boot", "4026532000:17"))
    assert programs.granted() != before


# --- a new terminal


def test_a_new_terminal_is_told_how_to_be_known(shop: Path, ada: Shell, shells: Shells) -> None:
    new = shells.person(shop)
    new.run(COMMIT).fails(1, "stick join --as ada (if that is you)", "stick wait")
    new.stick("release --status x --next y").fails(66, "stick join --as ada (if that is you)")
    new.stick("join --as ada").ok()
    new.run(COMMIT).ok()


def test_an_agent_is_not_told_to_be_a_person(shop: Path, ada: Shell, shells: Shells) -> None:
    agent = shells.agent(shop)
    refused = agent.run(COMMIT)
    refused.fails(1, "stick wait")
    assert "if that is you" not in refused.text


def test_a_script_execd_in_a_terminal_is_known_without_its_variables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processes, "words_of", lambda pid: frozenset({"gemini-cli"}))
    gemini = CLIENTS["gemini"]
    leads, below = Seen(50, 1, 1, "node", "S", 50), Seen(51, 1, 1, "node", "S", 50)
    assert resolver._client_process(gemini, {}, [leads]) is leads
    assert resolver._client_process(gemini, {}, [below]) is None
