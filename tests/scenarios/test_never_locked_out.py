"""Whatever is lost, there is a way on that the refusal itself prints; and on that way the gate stays shut.

The way is walked in real shells, command by command as it is printed, until the stick is had.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stickhooks.protocol.model import Policy
from stickhooks.system import processes
from tests.conftest import MakeRepository
from tests.support.asking import Outsider
from tests.support.rights import bound, give_up_rights
from tests.support.shells import Result, Shell, Shells, eventually
from tests.support.world import DAY, MINUTE, Workspace, process, refused

pytestmark = pytest.mark.sampled(2)

ROOT = os.geteuid() == 0
STEPS = 8
ELSEWHERE = "0123456789abcdef0123456789abcdef"


def state_path(repo: Path, room: str = "room") -> Path:
    return repo / f".talking-stick/{room}.json"


def patch(repo: Path, change: Callable[[Any], None]) -> None:
    """Change a state as it lies on the disk."""
    raw = json.loads(state_path(repo).read_text())
    change(raw)
    state_path(repo).write_text(json.dumps(raw))


def member(raw: Any, name: str) -> Any:
    return next(m for m in raw["members"] if m["agent_id"] == name)


def impatient(shell: Shell) -> None:
    """Have everything run out after a second, so that no test waits for long."""
    for setting in ("owner_lease_ttl 1s", "claim_ttl 1s", "gone_grace 0s"):
        shell.stick(f"policy {setting}").ok()


def soon(shell: Shell) -> None:
    """Let only the proof of a death take effect at once; no lease runs out in the meantime."""
    shell.stick("policy gone_grace 0s").ok()


def told(result: Result) -> list[str]:
    """Return the commands that an answer prints, the best first."""
    return [line.strip() for line in re.findall(r"^\s*(?:next|or): +(.+)$", result.text, re.M)]


def way_on(shell: Shell, path: str = "app.py", name: str = "") -> list[str]:
    """Type what is printed, and nothing else, until the gate lets us write. Returns what was typed.

    With ``name`` somebody who has to join again does so under that name: all who sit at these
    terminals have the same login name.
    """
    typed: list[str] = []
    result = shell.stick(f"check --path {path}")
    while result.code != 0:
        assert "Traceback" not in result.text, result.text
        commands = told(result)
        assert commands, f"no way on is printed:\n{result.text}"
        assert len(typed) < STEPS, f"it goes in circles: {typed}\n{result.text}"
        command = commands[0]
        if command.endswith("stick wait"):
            command += " --timeout 5s"
        if name:
            command = command.replace("stick join", f"stick join --as {name}")
        typed.append(command)
        result = shell.run(command)
        if result.code == 0:
            result = shell.stick(f"check --path {path}")
    return typed


def shut(shell: Shell) -> None:
    """The gate is shut to this one."""
    result = shell.stick("check --path app.py")
    assert result.code != 0, f"the gate is open\n{result.text}"
    assert "Traceback" not in result.text, result.text


@pytest.fixture
def ada(shells: Shells, room: Path) -> Shell:
    """Return somebody who has joined and taken the stick, with all settings as they come."""
    return shells.holder(room, "ada")


@pytest.fixture
def bob(ada: Shell, bob: Shell) -> Shell:
    """Return another member, who came later."""
    return bob


@pytest.fixture
def outsider(room: Path) -> Outsider:
    return Outsider(room)


# --- the holder loses something


def test_a_holder_that_lost_its_lease_id_waits_and_has_a_new_one(tmp_path: Path) -> None:
    ws = Workspace(tmp_path)
    room = ws.join("ana")
    _, _, lease, turn = ws.take("ana", room)
    again = ws.take("ana", room)
    assert again[3] == turn + 1
    assert again[2] != lease
    refused(lambda: ws.rooms.heartbeat("ana", room, lease, turn), "turn_mismatch")


def test_a_person_whose_terminal_died_comes_back_in_another(
    ada: Shell, room: Path, shells: Shells, outsider: Outsider
) -> None:
    ada.kill()
    outsider.is_refused()
    again = shells.person(room)
    again.stick("join --as ada").ok()
    assert way_on(again) == []


def test_who_replaces_an_agent_that_died_gets_the_stick(
    room: Path, shells: Shells, outsider: Outsider
) -> None:
    agent, other = shells.agent(room), shells.agent(room)
    agent.run("stick join && stick take").ok()
    agent.stick("policy gone_grace 0s").ok()
    other.stick("join").ok()
    shut(other)
    agent.kill()
    outsider.is_refused()
    assert any("takeover" in command for command in way_on(other))
    outsider.is_refused()


@pytest.mark.parametrize("what", ["boot", "machine", "pidns", "start"])
def test_a_holder_whose_process_proves_nothing_is_waited_for_no_longer_than_its_lease(
    what: str, ada: Shell, bob: Shell, room: Path, outsider: Outsider
) -> None:
    impatient(ada)
    ada.stick("renew").ok()

    def forget(raw: Any) -> None:
        known = member(raw, "ada")["process"]
        known[what] = None if what == "start" else ELSEWHERE

    patch(room, forget)
    outsider.is_refused()
    way_on(bob)  # by waiting or by a takeover, whichever the lease leaves
    outsider.is_refused()
    ada.stick("check --path app.py").fails(75)


def test_a_holder_of_an_earlier_boot_comes_back_by_saying_its_name(
    ada: Shell, room: Path, shells: Shells, outsider: Outsider
) -> None:
    def reboot(raw: Any) -> None:
        member(raw, "ada")["process"]["boot"] = ELSEWHERE
        raw["clock"]["boot"] = ELSEWHERE

    patch(room, reboot)
    outsider.is_refused()
    again = shells.person(room)
    again.stick("join --as ada").ok()
    assert way_on(again) == []


def test_a_holder_whose_pid_was_given_to_another_process_is_gone(
    ada: Shell, bob: Shell, room: Path, outsider: Outsider
) -> None:
    soon(ada)

    def reuse(raw: Any) -> None:
        member(raw, "ada")["process"]["start"] += 1

    patch(room, reuse)
    outsider.is_refused()
    assert any("takeover" in command for command in way_on(bob))
    outsider.is_refused()


@pytest.fixture
def zombie() -> Iterator[int]:
    """A process that has ended and that nobody has asked for."""
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", "pass"]) as child:

        def ended() -> bool:
            seen = processes.see(child.pid)
            return seen is not None and seen.state == "Z"

        eventually(ended)
        yield child.pid


@pytest.mark.skipif(not processes.LINUX, reason="zombies are seen in /proc")
def test_a_holder_that_is_a_zombie_is_gone(
    ada: Shell, bob: Shell, room: Path, outsider: Outsider, zombie: int
) -> None:
    soon(ada)
    seen = processes.see(zombie)
    assert seen

    def swap(raw: Any) -> None:
        member(raw, "ada")["process"].update(pid=seen.pid, start=seen.start)

    patch(room, swap)
    outsider.is_refused()
    assert any("takeover" in command for command in way_on(bob))
    outsider.is_refused()


def test_a_holder_in_another_pid_namespace_is_waited_for_no_longer_than_its_lease(
    room: Path, shells: Shells, outsider: Outsider
) -> None:
    bob = shells.person(room)
    bob.stick("join --as bob").ok()
    impatient(bob)
    inside = bob.run("unshare -pf --mount-proc sh -c 'stick join --as ada && stick take'; true")
    if "not permitted" in inside.text or "not found" in inside.text:
        pytest.skip(f"PID NAMESPACES ARE NOT TESTED HERE: {inside.err}")
    raw = json.loads(state_path(room).read_text())
    assert raw["lease"]["holder"] == "ada", inside.text
    outsider.is_refused()
    assert way_on(bob)
    outsider.is_refused()


# --- somebody else never comes


def test_a_room_whose_closer_died_is_reopened_by_any_member(
    ada: Shell, bob: Shell, outsider: Outsider
) -> None:
    ada.stick("close --status done --next nothing").ok()
    ada.kill()
    outsider.is_refused()
    shut(bob)
    assert "stick reopen" in way_on(bob)
    outsider.is_refused()


def test_a_stick_promised_to_somebody_who_died_is_had_at_once(
    ada: Shell, bob: Shell, room: Path, shells: Shells, outsider: Outsider
) -> None:
    soon(ada)
    cy = shells.person(room)
    cy.stick("join --as cy").ok()
    ada.stick("handoff bob --status done --next 'go on'").ok()
    bob.kill()
    outsider.is_refused()
    assert way_on(cy)
    outsider.is_refused()


def test_a_stick_promised_to_somebody_who_never_comes_is_had_after_a_while(
    ada: Shell, bob: Shell, room: Path, shells: Shells, outsider: Outsider
) -> None:
    impatient(ada)
    cy = shells.person(room)
    cy.stick("join --as cy").ok()
    ada.stick("handoff bob --status done --next 'go on'").ok()
    outsider.is_refused()
    shut(bob)
    assert way_on(cy)
    outsider.is_refused()


@pytest.mark.parametrize("last", ["held", "promised", "closed", "free"])
def test_where_everyone_is_gone_a_newcomer_gets_the_stick(
    last: str, ada: Shell, bob: Shell, room: Path, shells: Shells, outsider: Outsider
) -> None:
    soon(ada)
    verb = {"promised": "handoff bob", "closed": "close", "free": "release"}.get(last)
    if verb:
        ada.stick(f"{verb} --status done --next 'go on'").ok()
    ada.kill()
    bob.kill()
    outsider.is_refused()
    newcomer = shells.person(room) if last == "closed" else shells.agent(room)
    assert way_on(newcomer)
    outsider.is_refused()


# --- clocks


@pytest.mark.parametrize("step", [DAY, -DAY])
def test_a_clock_that_is_set_a_day_off_deposes_nobody_and_locks_nobody_out(
    step: int, tmp_path: Path
) -> None:
    ws = Workspace(tmp_path, git=True)
    (tmp_path / ".git").mkdir()
    ws.boot = "boot"
    room = ws.join("ana")
    ws.join("bo")
    held = ws.take("ana", room)
    ws.wall += step
    assert ws.rooms.wait("bo", room)["status"] == "not_yet"
    ws.rooms.heartbeat(*held)
    ws.monotonic += 45 * MINUTE
    assert ws.rooms.wait("bo", room)["status"] == "takeover_available"
    assert ws.rooms.takeover("bo", room, "ana is away", held[3])["status"] == "your_turn"


@pytest.mark.parametrize("step", [DAY, -DAY])
def test_after_a_boot_with_the_clock_a_day_off_the_holder_goes_on(
    step: int, tmp_path: Path
) -> None:
    ws = Workspace(tmp_path)
    ws.boot = "one"
    room = ws.join("ana")
    held = ws.take("ana", room)
    ws.boot, ws.monotonic = "two", 5
    ws.wall += step
    assert ws.rooms.wait("ana", room, held[2])["status"] == "already_owner"
    ws.rooms.release(*held, {"status": "done", "next_action": "on"})
    assert ws.take("ana", room)[3] == held[3] + 1


# --- files are lost


LOSSES = {
    "git clean": "git clean -qfdx",
    "git stash": "git -c core.hooksPath=/dev/null stash -qa",
    "rm": "rm -rf .talking-stick",
    "rm of the state": "rm .talking-stick/room.json",
}


@pytest.mark.parametrize(
    ("loss", "when"),
    [
        *[(loss, "held") for loss in LOSSES],
        ("git clean", "promised"),
        ("git stash", "waiting"),
        ("rm", "waiting"),
        ("rm of the state", "promised"),
    ],
)
def test_a_folder_that_was_wiped_is_made_anew_by_what_is_printed(
    loss: str, when: str, ada: Shell, bob: Shell, outsider: Outsider
) -> None:
    waiter = None
    if when == "promised":
        ada.stick("handoff bob --status done --next 'go on'").ok()
    elif when == "waiting":
        waiter = bob.begin("stick wait --timeout 20s")
        eventually(lambda: "waiting" in waiter.so_far().text)
    ada.run("rm -r .git/stickhooks/copies").ok()  # else the same room comes back
    ada.run(LOSSES[loss])  # the last step of a stash meets our hooks, and is refused already
    ada.run("test ! -e .talking-stick/room.json").ok()
    outsider.is_refused()
    shut(ada)
    typed = way_on(ada, name="ada")
    assert "stick doctor --fix" in typed
    outsider.is_refused()
    if waiter:
        assert "Traceback" not in waiter.result().text
        shut(bob)
    ada.stick("release --status done --next 'go on'").ok()
    assert way_on(bob, name="bob")
    shut(ada)
    outsider.is_refused()


@pytest.mark.parametrize("loss", ["git clean -qfdx", "rm -rf .talking-stick"])
def test_who_lost_the_room_with_the_hooks_gets_on_by_the_words_of_the_commit_hook(
    loss: str, ada: Shell
) -> None:
    ada.run(f"rm -r .git/stickhooks/copies; {loss} && echo x >> app.py").ok()
    refusal = ada.run("git commit -qam x")
    assert refusal.code != 0
    typed: list[str] = []
    while refusal.code != 0 and len(typed) < STEPS:
        typed.append(told(refusal)[0])
        done = ada.run(typed[-1])
        refusal = ada.run("git commit -qam x") if done.code == 0 else done
    assert refusal.code == 0, typed


def test_an_older_state_put_back_is_no_way_to_an_old_turn(
    ada: Shell, bob: Shell, room: Path, outsider: Outsider
) -> None:
    old = state_path(room).read_bytes()
    ada.stick("release --status done --next 'go on'").ok()
    bob.stick("take").ok()
    shutil.rmtree(room / ".git/stickhooks/copies")  # with it the newest state comes back by itself
    state_path(room).write_bytes(old)
    shut(ada)
    outsider.is_refused()
    typed = way_on(bob, name="bob")
    assert "stick doctor --fix" in typed
    shut(ada)
    outsider.is_refused()
    assert json.loads(state_path(room).read_text())["turn_id"] > 2
    told = bob.stick("status").ok().out
    assert "handoff    from ada" in told
    assert "next: go on" in told


def test_a_nested_room_whose_state_was_deleted_is_made_anew_and_the_root_goes_on(
    ada: Shell, room: Path, outsider: Outsider
) -> None:
    ada.run("stick join --new src && stick take --room src").ok()
    state_path(room, "room.src").unlink()
    outsider.is_refused("src/core.py")
    ada.stick("check --path app.py").ok()
    ada.stick("check --path src/core.py").fails(65)
    typed = way_on(ada, "src/core.py")
    assert f"stick doctor --fix --room {room}/src" in typed
    ada.stick("check --path app.py").ok()
    outsider.is_refused("src/core.py")
    outsider.is_refused()


# --- trees that came from elsewhere


def test_a_copied_tree_is_shut_to_strangers_and_its_lease_runs_out(
    ada: Shell, room: Path, shells: Shells, tmp_path: Path
) -> None:
    impatient(ada)
    ada.stick("renew").ok()
    copy = tmp_path / "copy"
    ada.run(f"cp -r {room} {copy}").ok()
    Outsider(copy).is_refused()
    newcomer = shells.person(copy)
    shut(newcomer)
    assert way_on(newcomer, name="eve")
    Outsider(copy).is_refused()
    before = json.loads(state_path(room).read_text())
    assert before["lease"]["holder"] == "ada"


def test_a_clone_that_ships_a_state_opens_a_room_of_ones_own(
    ada: Shell, room: Path, shells: Shells, tmp_path: Path, outsider: Outsider
) -> None:
    ada.run("git add -f .talking-stick/room.json && STICK_BYPASS=x git commit -qm shipped").ok()
    clone = tmp_path / "clone"
    ada.run(f"git clone -q {room} {clone}").ok()
    person = shells.person(clone)
    first = person.stick("check --path app.py").ok()
    assert "is ignored here" in first.err
    person.run("stick join --as eve && stick take").ok()
    raw = json.loads(state_path(clone).read_text())
    assert raw["room_id"] != json.loads(state_path(room).read_text())["room_id"]
    person.stick("check --path app.py").ok()
    Outsider(clone).is_refused()


# --- the git dir cannot be written


def test_where_the_git_dir_may_not_be_written_turns_go_on(
    ada: Shell, bob: Shell, room: Path, env: dict[str, str], outsider: Outsider
) -> None:
    ada.stick("release --status done --next 'go on'").ok()
    for folder in (room / ".git/stickhooks", room / ".git"):
        folder.chmod(0o555)
    try:
        done = bound(room, "take --as bob", env)
        assert done.returncode == 0, done
        if ROOT and not _binds(room / ".git"):
            pytest.skip("FILE MODES DO NOT BIND ROOT HERE")
        outsider.is_refused()
        assert bound(room, "check --path app.py --as bob", env).returncode == 0
        done = bound(room, "release --as bob --status done --next on", env)
        assert done.returncode == 0, done
        outsider.is_refused()
    finally:
        for folder in (room / ".git", room / ".git/stickhooks"):
            folder.chmod(0o755)
    ada.stick("take").ok()
    outsider.is_refused()


def _binds(folder: Path) -> bool:
    """Tell whether file modes bind a process that gave up the right to pass them over."""
    home = {"HOME": str(folder), "PATH": os.environ["PATH"]}
    done = bound(folder.parent, f"init --only git --room {folder.parent}", home)
    return done.returncode == 0 or "denied" in done.stderr


@pytest.mark.skipif(not ROOT, reason="ONLY ROOT MAY MOUNT: A READ-ONLY GIT DIR IS NOT TESTED")
def test_on_a_read_only_git_dir_turns_go_on(ada: Shell, bob: Shell, outsider: Outsider) -> None:
    mount = "mount --bind .git .git && mount -o remount,ro,bind .git"
    inside = bob.run(
        f"unshare -m sh -c '{mount} || exit 77; stick status >/dev/null; stick check --path app.py;"
        " stick wait --timeout 1s; stick doctor; true'"
    )
    if inside.code == 77:
        pytest.skip(f"MOUNTS ARE NOT ALLOWED HERE: {inside.err}")
    assert "Traceback" not in inside.text
    ada.stick("release --status done --next 'go on'").ok()
    turns = bob.run(
        f"unshare -m sh -c '{mount} && stick take && stick check --path app.py"
        " && stick release --status half --next rest'"
    )
    turns.ok()
    outsider.is_refused()
    assert way_on(ada)
    shut(bob)
    outsider.is_refused()


UNWRITABLE = {
    "mounted read-only": "mount --bind {0} {0} && mount -o remount,ro,bind {0}",
    "is full": "cp -r {0} kept && mount -t tmpfs -o size=64k tmpfs {0} && cp -r kept/. {0}"
    " && {{ head -c 99999 /dev/zero >{0}/more 2>/dev/null; true; }}",
}


@pytest.mark.skipif(not ROOT, reason="ONLY ROOT MAY MOUNT: A READ-ONLY FOLDER IS NOT TESTED")
@pytest.mark.parametrize("told", UNWRITABLE)
def test_a_folder_that_cannot_be_written_is_found_by_doctor_and_told_in_full(
    ada: Shell, room: Path, told: str
) -> None:
    mount = UNWRITABLE[told].format(".talking-stick")
    inside = ada.run(f"unshare -m sh -c '{mount} || exit 77; stick doctor; stick renew'")
    if inside.code == 77:
        pytest.skip(f"MOUNTS ARE NOT ALLOWED HERE: {inside.err}")
    assert inside.code == 74
    assert f"{room}/.talking-stick" in inside.err
    assert told in inside.err
    assert f"stick: {room}/.talking-stick: " in inside.err
    ada.stick("renew").ok()
    assert way_on(ada) == []


@pytest.mark.parametrize("place", [".talking-stick/room.json", ".talking-stick", ".git/hooks"])
def test_what_only_file_modes_keep_from_us_is_not_made_anew(
    ada: Shell, room: Path, env: dict[str, str], place: str
) -> None:
    before = state_path(room).read_bytes()
    (room / place).chmod(0)
    try:
        seen = subprocess.run(
            ["test", "-r", str(room / place)], preexec_fn=give_up_rights, check=False
        )
        if seen.returncode == 0:
            pytest.skip("FILE MODES DO NOT BIND ROOT HERE")
        done = bound(room, "doctor --fix", env)
    finally:
        (room / place).chmod(0o755)
    assert done.returncode in (74, 78), done
    assert "Traceback" not in done.stderr
    assert f"{'ls -ld' if 'git' in place else 'u+rw'}" in done.stderr
    assert str(room / place) in done.stderr
    assert state_path(room).read_bytes() == before
    ada.stick("renew").ok()


def test_a_folder_that_uninit_cannot_remove_is_no_clone_and_is_named(
    ada: Shell, room: Path, env: dict[str, str]
) -> None:
    (room / ".talking-stick/log").chmod(0o555)
    done = bound(room, "uninit --force", env)
    if done.returncode == 0:
        pytest.skip("FILE MODES DO NOT BIND ROOT HERE")
    assert done.returncode == 74
    assert "could not be removed" in done.stderr
    left = done.stderr.split("rm -r ")[1].split()[0]
    assert Path(left).parent == room
    assert "there is no room" in bound(room, "status", env).stdout
    ada.run(f"chmod -R u+w {left} && rm -r {left} && git status --porcelain").ok()


# --- rules of the law that only long times show


def test_a_policy_of_a_day_does_not_outlive_a_death(tmp_path: Path) -> None:
    ws = Workspace(tmp_path, policy=Policy(owner_lease_ttl=30 * DAY))
    room = ws.join("ana")
    ws.rooms.join("ana", "", process=process(1))
    ws.join("bo")
    held = ws.take("ana", room)
    ws.dead.add(process(1))
    refused(lambda: ws.rooms.takeover("bo", room, "why", held[3]), "takeover_not_available")
    ws.wall += MINUTE
    assert ws.rooms.takeover("bo", room, "why", held[3])["status"] == "your_turn"


def test_a_linked_worktree_is_not_locked_out_by_the_main_one(
    ada: Shell, room: Path, make_repository: MakeRepository, shells: Shells, tmp_path: Path
) -> None:
    tree = tmp_path / "linked"
    ada.run(f"git worktree add -q {tree}").ok()
    person = shells.person(tree)
    person.run("echo x >> app.py && git commit -qam x").ok()
    person.run("stick join --as bo && stick take").ok()
    Outsider(tree).is_refused()
    Outsider(room).is_refused()
    shutil.rmtree(tree)
    ada.stick("check --path app.py").ok()
