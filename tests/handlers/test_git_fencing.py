"""The last word is asked with the ref locks held; what moved past the hooks is found and told."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from stickhooks.workspace.refs import Refs, Update
from tests.support.editing import need
from tests.support.shells import Shell, Shells, eventually

REFUSED = 1
HANDOFF = '--status "done" --next "go on"'


@pytest.fixture
def room(repo: Path, shells: Shells) -> Path:
    shells.person(repo).stick("init --only git").ok()
    return repo


@pytest.fixture
def ada(shells: Shells, room: Path) -> Shell:
    return shells.holder(room, "ada", "work")


# --- fencing


def test_a_takeover_between_the_first_check_and_the_write_stops_the_commit(
    ada: Shell, bob: Shell, room: Path
) -> None:
    before = ada.run("git rev-parse HEAD").out
    ada.run("stick policy owner_lease_ttl 1s && stick renew").ok()
    editor = room.parent / "editor"
    editor.write_text(
        '#!/bin/sh\ntouch ../editing\nwhile [ ! -e ../taken ]; do sleep 0.05; done\necho x > "$1"\n'
    )
    editor.chmod(0o755)
    commit = ada.begin("git commit --allow-empty", {"GIT_EDITOR": str(editor)})
    eventually((room.parent / "editing").exists)
    eventually(lambda: bob.stick('takeover --reason "it is over"').code == 0)
    (room.parent / "taken").touch()
    done = commit.result()
    assert done.code != 0
    assert "NOT DONE  bob holds" in done.err
    assert ada.run("git rev-parse HEAD").out == before


def test_one_commit_asks_the_gate_once(ada: Shell, room: Path) -> None:
    need("strace")
    trace = room.parent / "trace"
    ada.run(f"strace -f -s 999 -o {trace} -e trace=execve git commit -q --allow-empty -m x").ok()
    assert trace.read_text().count("hook.py") == 1


def test_the_same_shell_asks_again_without_python_until_anything_changes(
    ada: Shell, bob: Shell, room: Path
) -> None:
    commit, note = "git commit -q --allow-empty -m x", ".git/stickhooks/pass"
    first = f"{commit} && cp {note} ../first"
    same = f"cmp -s ../first {note}"  # Python would have written another
    ada.run(f"sh -c '{first} && {commit} && {same}'").ok()
    ada.run(f"sh -c '{first} && STICK_AGENT=ada {commit} && ! {same}'").ok()
    ada.run(f"sh -c '{first} && stick renew >/dev/null && {commit} && ! {same}'").ok()
    ada.run(f"sh -c '{first} && setsid -w {commit} && ! {same}'").ok()
    bob.run(f"sh -c 'STICK_BYPASS=why {commit} && {commit}'").fails(REFUSED, "ada holds")
    ada.run(f"sh -c '{first} && stick release {HANDOFF} >/dev/null && {commit}'").fails(REFUSED)


def test_an_agents_new_shells_ask_again_without_python_until_anything_changes(
    ada: Shell, shells: Shells, room: Path
) -> None:
    agent = shells.agent(room)
    ada.stick(f"release {HANDOFF}").ok()
    agent.run("stick join && stick take").ok()
    commit, note = "git commit -q --allow-empty -m x", ".git/stickhooks/pass"
    agent.run(f"{commit} && cp {note} ../first").ok()
    same = f"cmp -s ../first {note}"  # Python would have written another
    agent.run(f"{commit} && {same}").ok()
    agent.run(f"bash -c 'timeout 60 sh -c \"{commit}\"; true' && {same}").ok()
    python = f"{sys.executable} -c 'import os; os.system(\"{commit}\")'"
    agent.run(
        f"{python} && ! {same} && {commit} && cp {note} ../first"
    ).ok()  # what else may it be?
    agent.run(f"STICK_LEASE=x {commit} && ! {same}").ok()
    agent.run(f"{commit} && cp {note} ../first").ok()
    told = f"CLAUDECODE=1 CLAUDE_PID={agent.pid} CLAUDE_CODE_SESSION_ID={agent.session}"
    ada.run(f"{told} {commit}").fails(REFUSED, "claude:")  # handed on, as tmux does: nobody's
    agent.run(f"CODEX_SESSION_ID=other {commit} && ! {same}").ok()
    agent.run(f"{commit} && stick release {HANDOFF} >/dev/null && {commit}").fails(REFUSED)


def test_a_shell_is_asked_about_again_when_a_room_was_carved_out(ada: Shell, room: Path) -> None:
    commit = "git commit -q --allow-empty -m x"
    carve = "stick join --new services/web >/dev/null && echo x >> services/web/index.html"
    ada.run(f"sh -c '{commit} && {carve} && git commit -qam web'").fails(REFUSED, "services/web")


def test_a_shell_is_asked_about_again_when_the_lease_is_due_to_be_renewed(
    ada: Shell, room: Path
) -> None:
    commit, note = "git commit -q --allow-empty -m x", ".git/stickhooks/pass"
    ada.run("stick policy owner_lease_ttl 8s && stick renew").ok()
    later = f"{commit} && cp {note} ../first && sleep 3 && {commit} && ! cmp -s ../first {note}"
    ada.run(f"sh -c '{later}'").ok()


def test_what_the_gate_allowed_is_void_after_any_write_in_the_room(
    ada: Shell, bob: Shell, room: Path
) -> None:
    """The note of a process that is still there does not outlive a turn."""
    ada.run("git commit -q --allow-empty -m x").ok()
    note = room / ".git/stickhooks/pass"
    seen = note.read_text().splitlines()[0].split(" ", 4)[4]
    assert (room / ".talking-stick/room.json").read_text().startswith(seen + "\n")
    ada.stick(f"release {HANDOFF}").ok()
    assert not (room / ".talking-stick/room.json").read_text().startswith(seen + "\n")


def test_a_note_of_an_earlier_process_with_the_same_pid_opens_nothing(
    ada: Shell, bob: Shell, room: Path
) -> None:
    script = room.parent / "same-pid"
    script.write_text(
        "read -r first < .talking-stick/room.json\n"
        'echo "$$ $1 - 0 $first" > .git/stickhooks/pass\n'
        "exec git commit -q --allow-empty -m x\n"
    )
    bob.run(f"sh {script} 1").fails(REFUSED, "ada holds")
    begun = "$(set -- $(sed 's/.*) //' /proc/$$/stat); echo ${20})"
    script.write_text(script.read_text().replace("$1", begun))
    bob.run(f"sh {script}").ok()  # what the note looks like that counts


def test_an_abort_that_was_begun_opens_the_way_back_to_its_own_beginning_only(
    ada: Shell, bob: Shell, room: Path
) -> None:
    """A cherry-pick leaves the ORIG_HEAD of an earlier reset as it was."""
    change = "echo {0} > app.py && git commit -qam {0}"
    ada.run(f"{change.format(1)} && {change.format(2)} && git reset -q --hard HEAD~1").ok()
    ada.run(f"git switch -qc side && {change.format(3)} && git switch -q main").ok()
    ada.run(change.format(4)).ok()
    ada.run("git cherry-pick side").fails(1)
    for there in ("HEAD~1", "ORIG_HEAD"):
        bob.run(f"git update-ref refs/heads/main {there}").fails(128, "ada holds")
    bob.run("git reset --merge ORIG_HEAD").fails(128, "ada holds")  # ends what was begun, elsewhere
    bob.run("git cherry-pick --abort").ok()
    assert bob.run("git log -1 --format=%s").out.strip() == "4"


def test_an_older_orig_head_is_no_way_back_of_a_pick(tmp_path: Path) -> None:
    """Nor for a git whose command cannot be seen, and which may end what was begun."""
    tip, older = "a" * 40, "b" * 40
    (tmp_path / "sequencer").mkdir()
    files = {"HEAD": "ref: refs/heads/main", "packed-refs": f"{tip} refs/heads/main"}
    left = {"CHERRY_PICK_HEAD": "c" * 40, "sequencer/head": tip, "ORIG_HEAD": older}
    for name, line in {**files, **left}.items():
        (tmp_path / name).write_text(f"{line}\n")
    refs = Refs(str(tmp_path), str(tmp_path), lambda _: None)
    assert refs.matter([Update(f"{tip} {older} refs/heads/main")])
    assert not refs.matter([Update(f"{tip} {tip} HEAD")])


@pytest.mark.parametrize("kind", ["submodule", "git dir elsewhere"])
def test_a_git_dir_that_is_named_from_outside_its_tree_is_guarded(
    shells: Shells, repo: Path, kind: str
) -> None:
    above = repo.parent
    person = shells.person(above)
    if kind == "submodule":
        person.run("git init -q sup && cd sup && git -c protocol.file.allow=always submodule -q add"
                   f" {repo} sub && git commit -qm sub").ok()  # fmt: skip
        tree, git_dir = above / "sup/sub", above / "sup/.git/modules/sub"
    else:
        person.run("git clone -q --separate-git-dir=apart.git shop tree").ok()
        tree, git_dir = above / "tree", above / "apart.git"
    ada = shells.person(tree)
    ada.run("stick init --only git && stick join --as ada && stick take").ok()
    ada.run("git commit -q --allow-empty -m more").ok()
    move = f"git --git-dir={git_dir} update-ref refs/heads/main HEAD~1"
    bob = shells.person(above)
    bob.run(move).fails(128, "ada holds")
    ada.run(f"cd / && {move}").ok()


# --- audit


def test_a_commit_past_the_hooks_is_told_to_the_holder_once_and_stays_in_the_log(
    ada: Shell, bob: Shell, room: Path
) -> None:
    bob.run("git -c core.hooksPath=/dev/null commit -q --allow-empty -m sneaky").ok()
    assert "past the hooks" in ada.stick("status").ok().err
    assert "past the hooks" in ada.stick("status --json").json["meanwhile"][0]
    told = ada.stick("renew").ok().err
    assert "sneaky" in told
    assert "T. Ester" in told
    assert "sneaky" not in ada.stick("renew").ok().err
    assert "sneaky" in ada.stick("log").ok().out
    assert "past the hooks" not in bob.stick("status").ok().text  # the holder's news alone


def test_a_switch_of_branches_by_another_is_told_with_who_and_which_files(
    ada: Shell, bob: Shell, room: Path
) -> None:
    ada.run("git branch side && echo more >> app.py && git commit -qam more").ok()
    bob.run("git switch -q side").ok()
    told = ada.stick("renew").ok().err
    assert "meanwhile: bob at" in told
    assert "checked out" in told
    assert "app.py" in told
    assert "bob at" in ada.stick("log").ok().out


def test_files_checked_out_over_the_tree_are_told(ada: Shell, bob: Shell, room: Path) -> None:
    (room / "app.py").write_text("ada's work\n")
    bob.run("git checkout -q -- app.py").ok()
    assert "bob at" in ada.stick("renew").ok().err


def test_what_the_holder_does_is_not_told(ada: Shell, room: Path) -> None:
    ada.run("git commit -q --allow-empty -m x && git switch -qc fresh && git switch -q main").ok()
    ada.run("git commit -q --amend --allow-empty -m y").ok()
    assert "meanwhile" not in ada.stick("renew").ok().err
    assert "without" not in ada.stick("log").ok().out


# --- a repository on a server


@pytest.fixture
def server(tmp_path: Path, repo: Path, shells: Shells) -> Path:
    """Return a folder with a bare repository in it, and a room around it."""
    folder = tmp_path / "server"
    folder.mkdir()
    ada = shells.person(folder)
    ada.run(f"git clone -q --bare '{repo}' shop.git && stick join --as ada").ok()
    ada.run("git -C shop.git config receive.advertisePushOptions true").ok()
    hook = folder / "shop.git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\nexec stick hook pre-receive\n")
    hook.chmod(0o755)
    return folder


def test_a_push_to_a_server_is_for_the_holder_of_the_room_around_it(
    server: Path, repo: Path, shells: Shells
) -> None:
    ada = shells.person(server)
    lease = ada.run("stick join --as ada && stick take --json").out.splitlines()[-1]
    bob = shells.person(repo)
    push = f"git push -q '{server}/shop.git' HEAD:refs/heads/fresh"
    bob.run(push).fails(1, "NOT PUSHED", "ada holds")
    ada.run(f"cd '{repo}' && {push}").ok()
    lease_id = json.loads(lease)["lease_id"]
    bob.run(
        push.replace("fresh", "other").replace("push -q", f"push -q -o stick-lease={lease_id}")
    ).ok()
    bob.run(push.replace("fresh", "third").replace("push -q", "push -q -o stick-lease=nope")).fails(
        1
    )


def test_a_push_where_there_is_no_room_passes(server: Path, repo: Path, shells: Shells) -> None:
    ada = shells.person(server)
    ada.stick("uninit").ok()
    shells.person(repo).run(f"git push -q '{server}/shop.git' HEAD:refs/heads/fresh").ok()
