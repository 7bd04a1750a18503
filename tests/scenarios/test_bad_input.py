"""What is wrong is said in a clear sentence, with a documented exit code, and nothing is lost."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import MakeRepository
from tests.support.rights import bound, limited
from tests.support.shells import Shell, Shells, difference, held_lock, snapshot

pytestmark = pytest.mark.sampled(2)

HANDOFF = '--status "done" --next "go on"'
ESC, RTL = "\x1b[31mred", "abc\u202edef"
ROOT = os.geteuid() == 0


@pytest.fixture
def ada(shells: Shells, repo: Path) -> Shell:
    """Return a person who joined a room without hooks."""
    return shells.member(repo, "ada")


@pytest.fixture
def holder(shells: Shells, repo: Path) -> Shell:
    """Return a person who holds a room with git hooks, at turn 1."""
    shell = shells.person(repo)
    shell.run("stick init --only git && stick join --as ada && stick take").ok()
    return shell


def state_path(repo: Path) -> Path:
    return repo / ".talking-stick/room.json"


def raw_controls(text: str) -> list[str]:
    """Return the characters that must not reach a terminal."""
    return [c for c in text if not c.isprintable() and c != "\n"]


# --- places


def test_where_there_is_no_git_a_room_works_and_init_says_so(
    shells: Shells, tmp_path: Path
) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    one, two = shells.person(folder), shells.person(folder)
    assert "git hooks: none" in one.stick("init").ok().out
    one.stick("join --as one").ok()
    one.stick("take").ok()
    two.stick("check --path x").fails(75, "one holds")
    one.stick("doctor").ok()
    one.stick("uninit").ok()
    assert not list(folder.iterdir())
    one.stick("init --only git").fails(78, "no git repository")


def test_a_place_that_does_not_exist_is_no_room_and_none_is_made_there(
    ada: Shell, repo: Path, tmp_path: Path
) -> None:
    ada.stick("join /nonexistent/deep").fails(2, "mkdir -p")
    slips = ("take", "join", "status", "init", "release --status a --next b", "uninit")
    for verb in slips:  # a slip of the pen acts on no other room
        for place in ("/nonexistent/deep", f"{repo}/not/there/yet"):
            ada.stick(f"{verb} --room '{place}'").fails(2, f"there is no {place}", "stick rooms")
    assert not (repo / "not").exists()
    (repo / "web").mkdir()
    ada.stick("join --new web").ok()
    (repo / "web").rmdir()  # by a switch of branches, say: its room is still there
    ada.stick("take --room web").ok()
    ada.stick("take").ok()
    ada.stick("check --path ''").fails(2, "not a path")
    ada.stick("check --path not/there/yet").ok()
    ada.stick(f"check --path {'x' * 5000}").ok()
    ada.stick("check --path /nonexistent/x").ok()


# --- words and numbers


WRONG = {
    "handoff nobody": 2,
    f"handoff nobody {HANDOFF}": 66,
    f"handoff ada {HANDOFF}": 2,
    f"handoff '' {HANDOFF}": 2,
    f"take --why '{'x' * 501}'": 2,
    "takeover --reason ' '": 2,
    "takeover --reason x --expect -1": 2,
    "takeover --reason x --expect one": 2,
    "policy nonsense 1": 78,
    "policy reserve nobody": 78,
    "policy on_idle ''": 78,
    "policy owner_lease_ttl 0": 78,
    "policy owner_lease_ttl soon": 78,
    "policy owner_lease_ttl -5": 2,
    "policy owner_lease_ttl 99999999999999": 78,
    "policy claim_ttl 1y": 78,
    f"policy exempt {'x' * 201}": 78,
    "policy exempt $(printf 'a\\033b')": 78,
    "wait --timeout soon": 2,
    "wait --timeout -1": 2,
    "wait --timeout 1e9": 2,
    "take --lock-timeout x": 2,
    "log --limit many": 2,
    "check --for tea": 2,
    "init --only tea": 2,
    "init --only ''": 2,
    "run": 2,
    "close": 2,
    "nonsense": 2,
    "take ''": 2,
    "take --frobnicate": 2,
}


@pytest.mark.parametrize("words", ["status", "take --room ."])
def test_a_shell_whose_folder_was_removed_is_told_so(ada: Shell, repo: Path, words: str) -> None:
    gone = repo / "gone"
    done = ada.run(f"mkdir {gone} && cd {gone} && rmdir {gone} && stick {words}")
    done.fails(2, "the folder that this shell stands in was removed", "next:    cd YOUR-PROJECT")


def test_wrong_words_and_numbers_are_refused_and_nothing_is_lost(ada: Shell, repo: Path) -> None:
    ada.stick("take").ok()
    before = state_path(repo).read_bytes()
    for arguments, code in WRONG.items():
        refused = ada.stick(arguments).fails(code)
        assert refused.err.startswith("stick: "), arguments
        assert not raw_controls(refused.text), arguments
        assert state_path(repo).read_bytes() == before, arguments


def test_a_refusal_says_what_to_type_next(ada: Shell) -> None:
    ada.stick("take").ok()
    for arguments in (
        "policy reserve nobody",
        "policy nonsense",
        "release",
        "takeover",
        "nonsense",
    ):
        assert "next:" in ada.stick(arguments).err, arguments
    for arguments in ("handoff nobody", "init --only tea"):
        assert "next:" in ada.stick(f"{arguments}").err, arguments


@pytest.mark.parametrize(
    "arguments",
    ["wait --timeout soon", "check --for tea", "check --path ''", "takeover --reason ' '",
     "status --room ''", "take --lock-timeout x", "report -o ''", "policy owner_lease_ttl -1"],
)  # fmt: skip
def test_every_refusal_says_what_to_type_next(ada: Shell, arguments: str) -> None:
    refused = ada.stick(arguments).fails(2).err
    assert "next:" in refused
    step = refused.split("next:")[1].split("\n")[0].strip()
    assert ada.run(step).text != refused  # it leads on


@pytest.mark.parametrize(
    "arguments",
    ["@", "--@", "join --as @", "status --room @", "policy @ 3", "policy owner_lease_ttl @", "log --since @",
     "statusline --format @", "completion @", "help @", "report -o @"],
)  # fmt: skip
def test_what_was_typed_is_told_once_escaped_and_cut(ada: Shell, arguments: str) -> None:
    told = ada.stick(arguments.replace("@", "x" * 3000)).err
    assert "x" * 60 in told
    assert "x" * 256 not in told
    told = ada.stick(arguments.replace("@", shlex.quote("a\x1bb"))).err
    assert "\\\\" not in told
    assert not raw_controls(told)


def test_names_with_control_characters_or_marks_are_refused(ada: Shell, repo: Path) -> None:
    before = state_path(repo).read_bytes()
    for name in (ESC, RTL, "a\nb", "a\tb", " a", "x" * 65, "\u200f", "a\u2028b"):
        refused = ada.stick(f"join --as {shlex.quote(name)}").fails(2)
        assert not raw_controls(refused.text), name
    ada.run("stick join --as $(printf 'a\\377')").fails(2)
    ada.stick("join", {"STICK_AGENT": ESC}).fails(2)
    ada.stick("join", {"STICK_AGENT": RTL}).fails(2)
    assert state_path(repo).read_bytes() == before
    ada.stick("join --as 'Zoë Ünal-Ωmega'").ok()
    ada.stick("take --as nobody").fails(66, "not joined", "stick join")


# --- handoffs


def test_a_handoff_that_is_missing_or_too_long_is_refused_and_the_stick_kept(
    ada: Shell, repo: Path, tmp_path: Path
) -> None:
    ada.stick("take").ok()
    sources = {
        "empty": b"",
        "blank": b"  \n ",
        "huge": b"Status: " + b"x" * (17 << 10) + b"\nNext: y\n",
        "enormous": b"x" * (1 << 20),
        "binary": bytes(range(256)),
        "nul": b"Status: a\0b\nNext: c\n",
        "not_json": b'{"status": "a", ',
        "list": b'["status"]',
        "other": b'{"status": 1, "next_action": "b"}',
        "half": b'{"status": "a"}',
        "artifacts": b'{"status": "a", "next_action": "b", "artifacts": "c"}',
        "many": json.dumps({"status": "a", "next_action": "b", "artifacts": ["c"] * 101}).encode(),
        "nan": b'{"status": NaN, "next_action": "b"}',
        "deep": b'{"status": ' + b"[" * 100_000,
    }
    before = state_path(repo).read_bytes()
    for name, data in sources.items():
        source = tmp_path / name
        source.write_bytes(data)
        refused = ada.run("stick release --stdin", stdin=source).fails(2)
        assert "stick release --status" in refused.err, name
        assert len(refused.err) < 2000, name
        assert state_path(repo).read_bytes() == before, name
    long = "x" * (16 * 1024 + 1)
    for arguments in (
        "",
        "--status a",
        "--next b",
        "--status '' --next b",
        f"--status {long} --next b",
    ):
        refused = ada.stick(f"release {arguments}").fails(2)
        assert "stick release --status" in refused.err, arguments
    ada.stick(f"release --status {long[:-1]} --next b").ok()


def test_control_characters_in_a_handoff_are_shown_escaped(ada: Shell, tmp_path: Path) -> None:
    source = tmp_path / "handoff"
    told = {
        "status": f"{ESC}\r\x07",
        "next_action": f"{RTL}\n\x9b2J",
        "artifacts": ["\x1b]0;x\x07"],
    }
    source.write_text(json.dumps(told))
    ada.stick(f"take --why {shlex.quote(ESC + RTL)}").ok()
    for arguments in ("status", "status --all", "check", "policy"):
        assert not raw_controls(ada.stick(arguments).text), arguments
    ada.run("stick release --stdin", stdin=source).ok()
    for arguments in ("status", "log", "take", "status --all"):
        result = ada.stick(arguments).ok()
        assert not raw_controls(result.text), arguments
        assert "\\e[31mred" in result.text or "\\u202e" in result.text, arguments
    [event] = [e for e in ada.stick("log --json").json["events"] if e["handoff"]]
    assert event["handoff"] == told


@pytest.mark.parametrize("verbs", ["looking", "leaving"])
def test_control_characters_in_a_folders_name_never_reach_the_terminal(
    shells: Shells, tmp_path: Path, verbs: str
) -> None:
    folder = tmp_path / f"sh{ESC}op"
    folder.mkdir()
    ada = shells.person(folder)
    ada.run("git init -q .").ok()
    spoken = {
        "looking": ("status", "init --only git", "join --as ada", "take", "status", "rooms", "renew",
                    f"release {HANDOFF}", "log", "whoami --explain", "doctor"),
        "leaving": ("join --as ada", "take", f"close {HANDOFF}", "reopen", "leave", "uninit"),
    }[verbs]  # fmt: skip
    for arguments in spoken:
        assert not raw_controls(ada.stick(arguments).ok().text), arguments


NOT_UTF8 = "$(printf 'a\\377')"


@pytest.mark.parametrize(
    "arguments",
    [
        f"take --why {NOT_UTF8}",
        f"release --status {NOT_UTF8} --next b",
        f"close --status a --next {NOT_UTF8}",
        "release --stdin",
        f"release --status a --next b --artifact {NOT_UTF8}",
        f"policy exempt {NOT_UTF8}",
        f"join --as {NOT_UTF8}",
    ],
)
def test_text_that_is_not_utf8_never_breaks_the_room(
    ada: Shell, tmp_path: Path, arguments: str
) -> None:
    source = tmp_path / "surrogate"
    source.write_text('{"status": "a\\ud800", "next_action": "b"}')
    if not arguments.startswith("take"):
        ada.stick("take").ok()
    result = ada.run(f"stick {arguments}", stdin=source)
    assert result.code in (0, 2, 78), result
    ada.stick("status").ok()
    ada.stick("log").ok()


def test_a_folder_whose_name_is_not_utf8_never_breaks_the_room(ada: Shell, repo: Path) -> None:
    os.mkdir(os.fsencode(repo) + b"/b\xff")
    result = ada.run("stick join --new $(printf 'b\\377') --as b")
    assert result.code in (0, 2), result
    ada.stick("status").ok()
    ada.stick("rooms").ok()
    ada.run("cd $(printf 'b\\377') && stick status").ok()


def test_a_session_that_is_not_utf8_never_breaks_the_room(ada: Shell, shells: Shells) -> None:
    bot = shells.agent(ada.cwd, session="a\udcff")
    assert bot.stick("join --as bot").code in (0, 2)
    ada.stick("status --all").ok()


# --- states that cannot be used


def no_text(path: Path) -> None:
    path.write_bytes(b"")


def truncated(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def becomes(data: bytes) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.write_bytes(data)

    return change


def patched(**more: object) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.write_text(json.dumps({**json.loads(path.read_text()), **more}))

    return change


def outgrown(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" " * (2 << 20))


def linked(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def piped(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def folder_linked(path: Path) -> None:
    path.parent.rename(path.parent.with_name("moved"))
    path.parent.symlink_to("moved")


def folder_piped(path: Path) -> None:
    shutil.rmtree(path.parent)
    os.mkfifo(path.parent)


def folder_a_file(path: Path) -> None:
    shutil.rmtree(path.parent)
    path.parent.write_text("x")


DAMAGES: dict[str, Callable[[Path], None]] = {
    "empty": no_text,
    "truncated": truncated,
    "not json": becomes(b"hello"),
    "a list": becomes(b"[]"),
    "nested": becomes(b"[" * 200_000),
    "nan": patched(turn_id=float("nan")),
    "another room's": patched(path="src"),
    "2 MiB": outgrown,
    "a link": linked,
    "a pipe": piped,
    "a folder": folder,
    "folder linked": folder_linked,
    "folder a pipe": folder_piped,
    "folder a file": folder_a_file,
}


SAME_TO_DOCTOR = ("not json", "a list", "another room's", "2 MiB")


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_state_is_told_refused_by_the_gate_and_uninit_works(
    holder: Shell, repo: Path, damage: str
) -> None:
    DAMAGES[damage](state_path(repo))
    damaged = snapshot(repo / ".talking-stick")
    refused = holder.stick("take --json").fails(65).json
    assert refused["code"] == "state_corrupt"
    assert refused["next"][0] == "stick doctor"
    assert ".talking-stick" in refused["message"]
    told = holder.run("git commit --allow-empty -m x").fails(1).err
    assert "NOT COMMITTED  the room's state cannot be read" in told
    assert "next:    stick doctor" in told
    assert "stick uninit" in told
    assert not difference(damaged, snapshot(repo / ".talking-stick"))
    holder.stick("uninit").ok()
    assert not os.path.lexists(repo / ".talking-stick")
    ours = repo / ".git/stickhooks"
    kept = [path.name for path in ours.iterdir()] if ours.exists() else []
    assert kept in ([], ["snapshots"])  # as far as the turn's first snapshot was made by then
    holder.run("git commit -q --allow-empty -m x").ok()


@pytest.mark.parametrize("damage", [name for name in DAMAGES if name not in SAME_TO_DOCTOR])
def test_doctor_finds_and_mends_a_damaged_state(holder: Shell, repo: Path, damage: str) -> None:
    DAMAGES[damage](state_path(repo))
    holder.stick("doctor").fails(65, "stick doctor --fix")
    assert "mended" in holder.stick("doctor --fix").ok().out
    holder.run("stick join --as ada && stick take && git commit -q --allow-empty -m x").ok()
    turn = json.loads(state_path(repo).read_text())["turn_id"]
    assert turn == 1  # put back from the copy in the git dir: the turn goes on


def test_a_state_of_a_newer_version_is_left_alone(
    holder: Shell, shells: Shells, repo: Path
) -> None:
    patched(schema=2, surprise=[1])(state_path(repo))
    before = snapshot(repo / ".talking-stick")
    for verb in ("status", "take", "doctor", "doctor --fix"):
        refused = holder.stick(f"{verb} --json").fails(65).json
        assert refused["code"] == "state_too_new"
        assert "upgrade" in refused["next"][0]
    holder.run("git commit --allow-empty -m x").fails(1, "newer", "upgrade", "stick uninit")
    assert not difference(before, snapshot(repo / ".talking-stick"))
    agent = shells.agent(repo)
    agent.stick("uninit").fails(65, "newer", "upgrade")
    assert not difference(before, snapshot(repo / ".talking-stick"))
    told = holder.stick("uninit --dry-run").ok().out
    assert "but not the room's log" in told
    told = holder.stick("uninit").ok().out
    kept = Path(told.split("the log is kept: ")[1].splitlines()[0])
    assert list(kept.glob("*/events.jsonl"))
    assert "left: kept of uncommitted work: 1 snapshot" in told
    assert "turn 1 of ada began" in holder.run("stick init --only git && stick snapshots").ok().out


def test_a_room_that_cannot_be_read_leaves_what_was_kept_unless_it_is_forced(
    holder: Shell, repo: Path
) -> None:
    state_path(repo).write_text("{")
    shutil.rmtree(repo / ".git" / "stickhooks" / "rooms", ignore_errors=True)
    told = holder.stick("uninit --force").ok().out
    assert "removed what was kept of uncommitted work" in told
    assert "the log is kept: " in told


def test_keys_of_a_later_version_of_the_schema_are_kept(ada: Shell, repo: Path) -> None:
    patched(surprise={"a": [1]})(state_path(repo))
    ada.stick("take").ok()
    assert json.loads(state_path(repo).read_text())["surprise"] == {"a": [1]}


def test_a_tracked_folder_is_found_by_doctor_with_what_mends_it(holder: Shell) -> None:
    holder.run("git add -f .talking-stick && git commit -qm tracked").ok()
    told = holder.stick("doctor").fails(78, "git tracks").err
    assert "git rm -r --cached .talking-stick" in told


@pytest.mark.parametrize("verb", ["join", "init --only git"])
def test_a_repository_that_ships_a_link_for_a_folder_writes_nowhere_else(
    repo: Path, shells: Shells, verb: str
) -> None:
    (repo / ".talking-stick").symlink_to("src")
    before = snapshot(repo / "src")
    victim = shells.person(repo)
    victim.run("git add -f .talking-stick && git commit -qm x").ok()
    result = victim.stick(verb)
    assert "Traceback" not in result.text
    assert not difference(before, snapshot(repo / "src"))


def test_damage_of_one_room_leaves_the_others_at_work(holder: Shell, repo: Path) -> None:
    holder.run("stick join --new src && stick take --room src").ok()
    no_text(state_path(repo))
    holder.stick("check --path src/core.py").ok()
    holder.stick("check --path app.py").fails(65)


# --- a system that refuses


def test_a_lock_that_is_held_for_ever_ends_with_74(ada: Shell, repo: Path) -> None:
    before = state_path(repo).read_bytes()
    with held_lock(repo):
        refused = ada.stick("take --lock-timeout 300ms").fails(74, "lock", "nothing was changed")
        assert "stick status" in refused.err
        assert ada.stick("take --lock-timeout 300ms --json").fails(74).json["code"] == "io"
        ada.stick("status").ok()
        ada.stick("check --path app.py").fails(75)
    assert state_path(repo).read_bytes() == before
    ada.stick("take").ok()


def test_a_folder_that_may_not_be_written_ends_with_74(tmp_path: Path, env: dict[str, str]) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o555)
    done = bound(closed, "join --as ada", env)
    if done.returncode == 0 and ROOT:
        pytest.skip("file modes do not bind root here")
    assert done.returncode == 74, done
    for words in ("ermission denied", "nothing was changed", "next:"):
        assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(closed.iterdir())


def test_a_first_room_is_not_made_where_the_git_dir_may_not_be_written(
    repo: Path, env: dict[str, str], shells: Shells
) -> None:
    (repo / ".git").chmod(0o555)
    done = bound(repo, "join --as ada", env)
    if done.returncode == 0 and ROOT:
        pytest.skip("file modes do not bind root here")
    assert done.returncode == 74, done
    assert "outside this sandbox" in done.stderr
    assert "stick init" in done.stderr
    (repo / ".git").chmod(0o755)
    ada = shells.person(repo)
    ada.run("stick init --only git && stick join --as ada").ok()
    (repo / ".git/stickhooks").chmod(0o555)
    assert bound(repo, "take --as ada", env).returncode == 0
    (repo / ".git/stickhooks").chmod(0o755)
    anchor = repo / ".git/stickhooks/anchor.json"
    assert json.loads(anchor.read_text())["rooms"][""]["turn"] == 0
    ada.stick("renew").ok()
    assert json.loads(anchor.read_text())["rooms"][""]["turn"] == 1


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Path:
    """Return a folder on a file system of 128 KiB, for root where mounting is allowed."""
    place = tmp_path / "tiny"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(place)]
    allowed = ROOT and shutil.which("mount")
    if not allowed or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    return place


def fill(ballast: Path) -> None:
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass


def test_a_full_disk_ends_with_74_and_the_room_is_as_it_was(
    tiny_disk: Path, shells: Shells
) -> None:
    try:
        ada = shells.person(tiny_disk)
        ada.stick("join --as ada").ok()
        before = state_path(tiny_disk).read_bytes()
        ballast = tiny_disk / "ballast"
        fill(ballast)
        ada.stick("take").fails(74, "No space left", "nothing was changed")
        assert state_path(tiny_disk).read_bytes() == before
        ada.stick("status").ok()
        ballast.unlink()
        ada.stick("take").ok()
        assert [e["event_seq"] for e in ada.stick("log --json").json["events"]] == [1]
        ada.close()
    finally:
        subprocess.run(["umount", "-l", str(tiny_disk)], check=False)


def test_a_write_cut_short_ends_with_74_and_the_room_is_as_it_was(
    ada: Shell, repo: Path, env: dict[str, str]
) -> None:
    before = state_path(repo).read_bytes()

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    done = limited(repo, "join --as late", env, no_room)
    assert done.returncode == 74, done
    assert "Traceback" not in done.stderr
    assert "next:" in done.stderr
    assert state_path(repo).read_bytes() == before
    ada.stick("take").ok()


def test_a_room_begun_on_a_full_disk_is_still_hidden_from_git_afterwards(
    repo: Path, shells: Shells, env: dict[str, str]
) -> None:
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    done = limited(repo, "join", env, no_room)
    assert done.returncode == 74, done
    ada = shells.person(repo)
    ada.stick("join").ok()
    assert ada.run("git status --porcelain").ok().out == ""


def test_a_reader_that_goes_away_is_no_fault(ada: Shell) -> None:
    result = ada.run("{ stick policy; echo code $? >&2; } | true")
    assert "Traceback" not in result.err
    assert "code 0" in result.err


@pytest.mark.parametrize("verb", ["join", "init"])
def test_a_room_for_the_whole_machine_is_refused(shells: Shells, verb: str) -> None:
    shell = shells.person(Path("/"))
    shell.stick(verb).fails(2, "would govern every folder of this machine", "cd ")
    assert not Path("/.talking-stick").exists()


# --- streams that take nothing


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("stick status --json >/dev/full", 74),
        ("stick status >/dev/full", 74),
        ("stick log --json >/dev/full", 74),
        ("stick statusline >/dev/full", 0),
        ("stick statusline >&-", 0),
        ("stick log --graph >&-", 0),
        ("stick renew 2>&-", 0),
        ("stick join --as ada 2>/dev/full", 0),
        ("stick take --as nobody 2>/dev/full", 66),
        ("stick take --as nobody 2>&-", 66),
        ("stick release --stdin <&-", 2),
    ],
)
def test_a_stream_that_takes_nothing_changes_no_answer(
    shells: Shells, make_repository: MakeRepository, line: str, code: int
) -> None:
    ada = shells.person(make_repository("shop"))
    ada.run("stick join --as ada && stick take").ok()
    done = ada.run(line)
    assert done.code == code, done.text
    assert "Traceback (most" not in done.text
    assert "internal error" not in done.text


@pytest.mark.parametrize(
    "text",
    [
        '{"status": "did", "next": "do", "artifact": "a.py"}',
        '{"status": "did", "next_action": "do", "artifacts": ["a.py"]}',
        "Status: did\nNext: do\nArtifact: a.py\n",
        "status: did\nnext_action: do\nartifacts: a.py\n",
    ],
)
def test_a_handoff_is_read_by_the_names_of_the_options_and_of_the_fields(
    shells: Shells, make_repository: MakeRepository, tmp_path: Path, text: str
) -> None:
    ada = shells.person(make_repository("shop"))
    ada.run("stick join --as ada && stick take").ok()
    given = tmp_path / "handoff"
    given.write_text(text)
    ada.run("stick release --stdin", stdin=given).ok()
    handoff = ada.stick("take --json").ok().json["handoff"]
    assert handoff == {"status": "did", "next_action": "do", "artifacts": ["a.py"]}
