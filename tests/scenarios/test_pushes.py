"""What keeps the work of somebody who does not hold off the shared branch, in two real clones: ``stick
push``, the hook ``pre-push``, and the server's ``pre-receive``. And what does not: the docs say so.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.support.shells import Shell, Shells
from tests.support.team import ENGINE, HANDOFF, Team

COMMIT = "git commit -q --allow-empty -m"
PAST = "git -c core.hooksPath=/dev/null commit -q --allow-empty -m past"
ROOM = "refs/stickhooks/rooms/main"


def head(clone: Path) -> str:
    told = ["git", "rev-parse", "HEAD"]
    return subprocess.run(
        told, cwd=clone, capture_output=True, text=True, check=True
    ).stdout.strip()


def with_server_hook(team: Team, shell: Shell) -> None:
    hook = team.origin / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(shell.stick("push --server-hook").ok().out)
    hook.chmod(0o755)


def test_a_branch_goes_with_the_stick_from_the_holder_alone(team: Team) -> None:
    ada, bob = team.people()
    ada.stick("take --why 'the login'").ok()
    ada.run(f"{COMMIT} one").ok()
    room = team.tip(ROOM)
    told = ada.stick("push --json").ok().json
    assert (told["branch"], told["already"]) == ("main", False)
    assert team.tip() == head(team.folders[0]) == told["new"]
    assert team.tip(ROOM) != room
    assert "it landed" in ada.stick("push origin main").ok().text
    bob.run(PAST).ok()
    before, room, place = (
        team.tip(),
        team.tip(ROOM),
        f"in {ada.run('hostname').out.strip()}:{team.folders[0]}"[:50],  # long ones are cut
    )
    bob.stick("push").fails(76, "ada holds", place, "the login", "nothing was pushed", "stick wait")
    for how in ("origin main", "origin HEAD:fresh +HEAD:main", f"'{team.origin}' HEAD:main"):
        bob.run(f"git push {how}").fails(1, "NOT PUSHED", "ada holds", place, "stick wait")
    bob.run("git push origin :main").fails(1, "NOT PUSHED", "ada holds")
    assert team.tip() == before
    ada.run(f"{COMMIT} two && git push -q origin main").ok()
    assert team.tip() == head(team.folders[0])
    assert team.tip(ROOM) != room
    renewed = team.tip(ROOM)
    ada.run("git push -q origin main").ok()  # nothing to push, and so nothing to ask
    assert team.tip(ROOM) == renewed


def test_the_last_who_leaves_is_told_what_opens_the_branches(team: Team) -> None:
    ada, bob = team.people()
    with_server_hook(team, bob)
    ada.stick("take").ok()
    assert "nobody is a member" not in ada.stick("uninit").ok().text
    way = f"git push origin :{ROOM}"
    assert f"or {way}" in bob.stick("uninit").ok().text
    ada.run(f"{COMMIT} one && git push origin main").fails(1, "with the stick")
    ada.run(f"{way} && git push -q origin main").ok()


def test_what_is_nobodys_turn_passes(team: Team, tmp_path: Path) -> None:
    ada, bob = team.people()
    ada.stick("take").ok()
    bob.run(f"{PAST}; git tag v1 && git push -q origin v1").ok()
    bob.run(
        f"git init -q --bare '{tmp_path}/other.git' && git push -q '{tmp_path}/other.git' main"
    ).ok()
    bob.stick(f"push '{tmp_path}/other.git'").fails(78, "do not fence", "git push")
    bob.stick("push origin v1:refs/tags/v2").fails(2, "is no branch")


def test_each_room_of_what_is_pushed_has_to_be_held(team: Team) -> None:
    ada, bob = team.people()
    ada.run("mkdir -p sub && stick join --new sub && stick take && stick take --room sub").ok()
    ada.run("echo 1 >sub/new && echo 1 >new && git add . && git commit -q -m both").ok()
    ada.stick("push").ok()
    assert team.tip() == head(team.folders[0])
    ada.run(f"{HANDOFF.replace('release', 'stick release --room sub')}").ok()
    bob.run("mkdir -p sub && stick join sub && stick take --room sub").ok()
    ada.run("echo 2 >new && git commit -q -am above && stick push").ok()
    above = team.tip()
    ada.run("echo 2 >sub/new && git -c core.hooksPath=/dev/null commit -q -am past").ok()
    ada.stick("push").fails(76, "bob holds", "/sub since")
    ada.run("git push origin main").fails(1, "NOT PUSHED", "bob holds")
    assert team.tip() == above


def test_a_deposed_holder_whose_files_say_that_it_holds_reaches_nothing(team: Team) -> None:
    ada, bob = team.people()
    ada.stick("take").ok()
    ada.run(f"{COMMIT} one").ok()
    ours = team.folders[0] / ".talking-stick"
    kept = ours.with_name("kept")
    shutil.copytree(ours, kept)
    ada.stick(HANDOFF).ok()
    bob.stick("take").ok()
    for push in ("git push origin main", "stick push"):
        shutil.rmtree(ours)
        shutil.copytree(kept, ours)
        refused = ada.run(push)
        assert refused.code in (1, 76)
        assert "bob holds" in refused.text
    assert team.tip() != head(team.folders[0])


def test_without_an_answer_nothing_is_pushed(team: Team) -> None:
    ada, _ = team.people()
    ada.stick("take").ok()
    ada.run(f"{COMMIT} one").ok()
    team.away()
    ada.stick("push").fails(74, "no repository at that place", "nothing was changed")
    team.back()
    ada.run("git push -q origin main").ok()


def test_a_mirror_that_would_delete_the_rooms_is_refused(team: Team) -> None:
    ada, _ = team.people()
    ada.stick("take").ok()
    ada.run("git push --mirror origin").fails(1, "NOT PUSHED", "delete the rooms", "git push --all")
    ada.run("git push --mir origin").fails(1, "NOT PUSHED")
    ada.run(f"git push origin :{ROOM}").fails(1, "NOT PUSHED", "delete the rooms")
    assert team.tip(ROOM)


def test_what_is_not_stopped_without_the_servers_hook(team: Team) -> None:
    ada, bob = team.people()
    ada.stick("take").ok()
    bob.run(f"{PAST} && git push -q --no-verify origin main").ok()
    assert team.tip() == head(team.folders[1])
    bob.run("git push -q --mirror --no-verify origin").ok()
    assert not team.tip(ROOM)
    ada.stick("status").fails(65, "it has none of the rooms")


def test_the_server_decides_where_it_has_our_hook(team: Team) -> None:
    ada, bob = team.people()
    with_server_hook(team, ada)
    ada.stick("take").ok()
    ada.run(f"{COMMIT} one").ok()
    ada.run("git push origin main").fails(
        1, "a branch goes with the stick", "ada holds", "stick push"
    )
    ada.stick("push").ok()
    before = team.tip()
    assert before == head(team.folders[0])
    bob.run(f"{PAST} && git push --no-verify origin HEAD:fresh").fails(1, "ada holds")
    bob.run("git push --mirror --no-verify origin").fails(1, "ada holds", "deletes the rooms")
    assert team.tip() == before
    assert team.tip(ROOM)
    ada.stick("push origin main:topic").ok()
    ada.stick("push origin :topic").ok()
    assert not team.tip("refs/heads/topic")
    ada.run(f"{COMMIT} two --amend").ok()
    ada.stick("push").fails(
        74, "did not take main", "non-fast-forward", "git pull --rebase origin main"
    )
    ada.stick("push origin +main").ok()
    assert team.tip() == head(team.folders[0])


HOOK = '#!/bin/sh\necho "$1" > ../told; cat >> ../told\n'


def test_hooks_that_were_there_are_told_what_git_says(team: Team, shells: Shells) -> None:
    clone = team.folders[0]
    theirs = clone / ".git" / "hooks" / "pre-push"
    theirs.parent.mkdir(exist_ok=True)
    theirs.write_text(HOOK)
    theirs.chmod(0o755)
    ada, _ = team.people()
    ada.stick("take").ok()
    theirs.write_text(f"{theirs.read_text()}\ncat > ../below\n")  # as another tool would add a line
    told, below = clone.parent / "told", clone.parent / "below"
    for push in ("git push -q origin main", "stick push"):
        old = team.tip()
        ada.run(f"{COMMIT} more && {push}").ok()
        new = head(clone)
        assert new == team.tip()
        assert told.read_text() == f"origin\nrefs/heads/main {new} refs/heads/main {old}\n"
        assert below.read_text() == told.read_text().partition("\n")[2]
    kept = theirs.parent.with_name("hooks.stick-kept") / "pre-push"
    kept.write_text("#!/bin/sh\necho no >&2; exit 1\n")
    ada.run(f"{COMMIT} three").ok()
    ada.stick("push").fails(74, "no\n", "a pre-push hook of this repository", "nothing was pushed")
    kept.write_text(HOOK)
    ada.stick("uninit").ok()
    assert theirs.read_text() == f"{HOOK}\ncat > ../below\n"


def test_doctor_and_init_know_the_hook(team: Team) -> None:
    ada, _ = team.people()
    (team.folders[0] / ".git" / "hooks" / "pre-push").unlink()
    ada.stick("doctor").fails(78, "pre-push", "pushes are not refused", "stick init")
    ada.stick("doctor --fix").ok()
    ada.stick("doctor").ok()
    ada.stick("uninit").ok()
    assert not (team.folders[0] / ".git" / "hooks" / "pre-push").exists()


def test_a_room_on_this_machine_alone_asks_nothing_of_pushes(team: Team) -> None:
    clone = team.folders[0]
    ada = team.shells.member(clone, "ada")
    ada.stick("init --only git").ok()
    assert not (clone / ".git" / "hooks" / "pre-push").exists()
    ada.run("git push -q origin HEAD:fresh").ok()
    ada.stick("push").fails(78, "on this machine alone", "git push")
    ada.stick("uninit").ok()
    ada.stick(ENGINE).ok()
    assert (clone / ".git" / "hooks" / "pre-push").exists()


def test_a_branch_goes_where_git_sends_it_and_what_is_none_goes_nowhere(team: Team) -> None:
    ada, _ = team.people()
    ada.stick("take").ok()
    ada.run(f"{COMMIT} one && git tag v1").ok()
    ada.stick("push origin v1").fails(2, "refs/tags/v1 is no branch", "git push origin v1")
    ada.stick(f"push origin {head(team.folders[0])}").fails(2, ":BRANCH")
    assert ada.stick("push origin HEAD --json").ok().json["branch"] == "main"
    assert team.tip("refs/heads/v1") == team.tip("refs/heads/HEAD") == ""
    ada.run(f"git checkout -q -b here && {COMMIT} two && git push -q -u origin here:there").ok()
    ada.stick("push").fails(2, "stick push origin here:there", "stick push origin here:here")
    ada.run("git config push.default upstream").ok()
    assert ada.stick("push --json").ok().json["branch"] == "there"
    assert team.tip("refs/heads/here") == ""


def test_a_remote_with_two_addresses_is_not_fenced(team: Team) -> None:
    ada, _ = team.people()
    ada.stick("take").ok()
    for place in (team.origin, team.folders[1]):
        ada.run(f"git remote set-url --add --push origin '{place}'").ok()
    ada.stick("push").fails(78, "several addresses", "git push origin")
