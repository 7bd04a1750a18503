"""The gate before git: what commits are refused, what is left behind, and what mends it."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest

from stickhooks.store import activity
from tests.conftest import FILES, MakeRepository, build
from tests.support.shells import Shell, Shells, difference, held_lock, snapshot, without_stick
from tests.support.world import activity_file

pytestmark = pytest.mark.sampled(2)

HANDOFF = '--status "done" --next "go on"'
MANY = 300
REFUSED = 1


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository of a few hundred files."""
    pile = {f"pile/{n % 20}/file{n}.txt": f"{n}\n" for n in range(MANY)}
    return build(tmp_path_factory.mktemp("pile") / "repository", {**FILES, **pile})


@pytest.fixture
def room(repo: Path, shells: Shells) -> Path:
    """Return that repository with a room and git hooks."""
    shells.person(repo).stick("init --only git").ok()
    return repo


def edit(repo: Path, path: str = "app.py", text: str = "changed") -> None:
    with (repo / path).open("a") as file:
        file.write(f"# {text} {time.monotonic_ns()}\n")


def state_of(repo: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((repo / ".talking-stick/room.json").read_text())
    return found


def lease_ends(shell: Shell) -> int:
    lease = state_of(shell.cwd)["lease"]
    assert isinstance(lease, dict)
    return int(lease["expires_at"])


def later(repo: Path, *, minutes: int) -> None:
    """Make the lease as it will be when nobody has renewed it for so long."""
    place = repo / ".talking-stick/room.json"
    state = json.loads(place.read_text())
    state["lease"]["expires_at"] -= minutes * 60_000
    place.write_text(json.dumps(state))


def seen(repo: Path, what: str) -> list[dict[str, object]]:
    room_id = str(state_of(repo)["room_id"])
    return [line for line in activity.read(str(repo), room_id) if line["what"] == what]


# --- who may commit


COMMITS = (
    "git commit -m x", "git commit -a -m x", "git commit -m x app.py", "git commit --amend -m x",
    "git commit --allow-empty -m x",
)  # fmt: skip
MERGE = "git merge --no-ff -m x side"


@pytest.mark.parametrize("who", ["non-member", "non-holder", "agent"])
def test_a_commit_is_refused_to_who_does_not_hold_and_changes_nothing(
    ada: Shell, room: Path, shells: Shells, who: str
) -> None:
    ada.stick('take --why "refactor auth"').ok()
    other = shells.agent(room) if who == "agent" else shells.person(room)
    if who == "non-holder":
        other.stick("join --as bob").ok()
    edit(room)
    edit(room, "src/core.py")
    other.run("git add src/core.py").ok()
    staged = other.run("git ls-files -s && git status --porcelain && git diff --cached").ok().out
    left_out = (".talking-stick/log", ".git/objects", ".git/index", ".git/COMMIT_EDITMSG")
    before = snapshot(room, skip=left_out)
    for command in COMMITS:
        told = other.run(command).fails(REFUSED).err
        assert "NOT COMMITTED  ada holds" in told, command
        assert "refactor auth" in told
        assert not difference(before, snapshot(room, skip=left_out)), command
    after = other.run("git ls-files -s && git status --porcelain && git diff --cached").ok().out
    assert after == staged


def test_a_merge_is_refused_to_who_does_not_hold(ada: Shell, bob: Shell) -> None:
    ada.stick("take").ok()
    ada.run("git switch -qc side && git commit -q --allow-empty -m s && git switch -q main").ok()
    head = ada.run("git rev-parse HEAD").out
    refused = bob.run(MERGE)
    assert refused.code
    assert "NOT DONE  ada holds" in refused.err
    assert ada.run("git rev-parse HEAD && git status --porcelain").out == head
    ada.run(MERGE).ok()


def test_the_holder_commits_in_every_way(ada: Shell, room: Path) -> None:
    ada.stick("take").ok()
    for command in COMMITS:
        edit(room)
        edit(room, "src/core.py")
        ada.run(f"git add src/core.py && {command}").ok()
    assert ada.run("git rev-list --count HEAD").out.strip() == "5"


def test_a_commit_is_judged_from_any_folder(ada: Shell, bob: Shell, room: Path) -> None:
    ada.stick("take").ok()
    for folder in ("src", "pile/3"):
        edit(room)
        bob.run("git commit -am x", cwd=room / folder).fails(REFUSED, "ada holds")
        ada.run("git commit -qam x", cwd=room / folder).ok()


def test_a_free_stick_must_be_taken_before_a_commit(ada: Shell, room: Path) -> None:
    edit(room)
    ada.run("git commit -am x").fails(REFUSED, "nobody holds", "stick take")
    ada.run("stick take && git commit -qam x").ok()


def test_a_room_that_nobody_joined_yet_refuses(room: Path, shells: Shells) -> None:
    outsider = shells.person(room)
    outsider.run("git commit --allow-empty -m x").fails(REFUSED, "stick join", "stick take")
    outsider.run("stick join && stick take && git commit -q --allow-empty -m x").ok()


def test_a_reserved_stick_refuses_its_recipient_until_it_was_taken(
    ada: Shell, bob: Shell, room: Path
) -> None:
    ada.stick("take").ok()
    ada.stick(f"handoff bob {HANDOFF}").ok()
    ada.run("git commit --allow-empty -m x").fails(REFUSED, "reserved for bob")
    bob.run("git commit --allow-empty -m x").fails(REFUSED, "reserved for you", "stick take")
    bob.run("stick take && git commit -q --allow-empty -m x").ok()


def test_a_closed_room_refuses_everybody(ada: Shell, bob: Shell) -> None:
    ada.stick("take").ok()
    ada.stick(f"close {HANDOFF}").ok()
    for shell in (ada, bob):
        shell.run("git commit --allow-empty -m x").fails(REFUSED, "is closed", "stick reopen")


def test_a_refusal_names_holder_since_reason_life_and_the_next_step(
    ada: Shell, bob: Shell, room: Path, shells: Shells
) -> None:
    bot = shells.agent(room)
    ada.stick('take --why "refactor auth"').ok()
    told = bob.run("git commit --allow-empty -m x").fails(REFUSED).err
    assert f"ada holds {room} since " in told
    for words in ("refactor auth", "lease ends ", "process alive", "next:    stick wait"):
        assert words in told
    assert 'urgent:  STICK_BYPASS="why" git commit' in told
    assert "stick takeover" not in told
    told = bot.run("git commit --allow-empty -m x").fails(REFUSED).err
    assert "stick takeover" not in told
    assert "BYPASS" not in told


def test_a_takeover_is_offered_to_people_after_expiry_and_to_agents_only_when_the_holder_is_gone(
    ada: Shell, bob: Shell, room: Path, shells: Shells
) -> None:
    bot = shells.agent(room)
    bot.stick("join --as bot").ok()
    ada.stick("policy owner_lease_ttl 1s").ok()
    ada.stick("policy gone_grace 1s").ok()
    ada.stick("take").ok()
    time.sleep(1.1)
    commit = "git commit --allow-empty -m x"
    assert "stick takeover" in bob.run(commit).fails(REFUSED, "lease ran out").err
    assert "stick takeover" not in bot.run(commit).fails(REFUSED, "lease ran out").err
    ada.kill()
    assert "stick takeover" in bot.run(commit).fails(REFUSED, "is gone").err


# --- other trees, other gits


def test_a_linked_worktree_without_a_room_is_free(
    ada: Shell, room: Path, shells: Shells, tmp_path: Path
) -> None:
    ada.stick("take").ok()
    ada.run("git worktree add -q ../side").ok()
    other = shells.person(tmp_path / "side")
    other.run("git commit -q --allow-empty -m x").ok()
    assert not (tmp_path / "side/.talking-stick").exists()


def test_a_linked_worktree_has_a_room_of_its_own(
    ada: Shell, room: Path, shells: Shells, tmp_path: Path
) -> None:
    ada.run("git worktree add -q ../side").ok()
    side = tmp_path / "side"
    (side / "deep").mkdir()
    carl, outsider = shells.person(side), shells.person(side / "deep")
    carl.stick("join --as carl").ok()
    carl.stick("take").ok()
    commit = "git commit -q --allow-empty -m x"
    outsider.run(commit).fails(REFUSED, "carl holds")
    carl.run(commit).ok()
    carl.run(commit, cwd=room).fails(REFUSED, "nobody holds")
    assert "carl" not in ada.stick("status --all").out


def test_variables_of_an_outer_git_do_not_mislead_the_gate(
    ada: Shell, bob: Shell, room: Path, tmp_path: Path
) -> None:
    ada.stick("take").ok()
    edit(room)
    git = {"GIT_DIR": str(room / ".git"), "GIT_WORK_TREE": str(room)}
    index = {"GIT_INDEX_FILE": str(tmp_path / "index")}
    shutil.copy(room / ".git/index", tmp_path / "index")
    alias = "git -c alias.x='!git commit -am x' x"
    for command, more, cwd in (
        (alias, {}, room), (alias, {}, room / "src"), ("git commit -am x", git, tmp_path),
        ("git commit -am x", index, room), ("git commit -am x", {**git, **index}, tmp_path),
        ("git commit -am x", {"GIT_DIR": "../.git"}, room / "src"),
        (f"git -C '{room}' commit -am x", {}, tmp_path),
    ):  # fmt: skip
        bob.run(command, more, cwd=cwd).fails(REFUSED, "ada holds")
    ada.run("git commit -qam x", {**git, **index}, cwd=tmp_path).ok()
    edit(room)
    ada.run(alias, cwd=room / "src").ok()


def test_a_commit_from_within_a_hook_of_another_repository_is_judged(
    ada: Shell, bob: Shell, room: Path, make_repository: MakeRepository
) -> None:
    outer = make_repository("outer")
    hook = outer / ".git/hooks/post-commit"
    hook.write_text(
        "#!/bin/sh\nunset $(git rev-parse --local-env-vars)\n"
        f"cd '{room}' && git commit -q --allow-empty -m inner\n"
    )
    hook.chmod(0o755)
    ada.stick("take").ok()
    count = "git rev-list --count HEAD"
    before = ada.run(count).out
    told = bob.run("git commit -q --allow-empty -m outer", cwd=outer).err
    assert "NOT COMMITTED  ada holds" in told
    assert ada.run(count).out == before
    ada.run("git commit -q --allow-empty -m outer", cwd=outer).ok()
    assert ada.run(count).out != before


# --- the hook that was there


def own_hook(repo: Path, name: str = "pre-commit", code: int = 0) -> Path:
    hook = repo / ".git/hooks" / name
    hook.write_text(f'#!/bin/sh\necho "ran $# $1" >> "{repo}/.git/ran"\nexit {code}\n')
    hook.chmod(0o755)
    return hook


def test_a_hook_of_ones_own_runs_after_the_gate_with_its_arguments_and_its_verdict(
    repo: Path, shells: Shells
) -> None:
    own_hook(repo)
    ada, ran = shells.person(repo), repo / ".git/ran"
    assert "run after ours" in ada.stick("init --only git").ok().out
    ada.stick("join --as ada").ok()
    ada.run("git commit --allow-empty -m x").fails(REFUSED)
    assert not ran.exists()
    ada.stick("take").ok()
    ada.run("git commit -q --allow-empty -m x").ok()
    assert ran.read_text() == "ran 0 \n"
    ada.run(".git/hooks/pre-commit one two").ok()
    assert ran.read_text().endswith("ran 2 one\n")
    kept = repo / ".git/hooks.stick-kept/pre-commit"
    kept.write_text("#!/bin/sh\nexit 7\n")
    ada.run("git commit -q --allow-empty -m x").fails(REFUSED)
    assert ada.run(".git/hooks/pre-commit").code == 7


def test_demoted_to_legacy_our_hook_only_asks(repo: Path, shells: Shells) -> None:
    own_hook(repo)
    ada = shells.person(repo)
    bob = shells.person(repo)
    ada.run("stick init --only git && stick join && stick take").ok()
    hooks = repo / ".git/hooks"
    (hooks / "pre-commit").rename(hooks / "pre-commit.legacy")
    framework = '#!/bin/sh\n"$(dirname "$0")"/pre-commit.legacy "$@"\n'
    (hooks / "pre-commit").write_text(framework)
    (hooks / "pre-commit").chmod(0o755)
    bob.run("git commit --allow-empty -m x").fails(REFUSED, "holds")
    ada.run("git commit -q --allow-empty -m x").ok()
    assert not (repo / ".git/ran").exists()


# --- past the gate


def test_a_person_may_bypass_on_the_record(ada: Shell, bob: Shell, room: Path) -> None:
    ada.stick("take").ok()
    bob.run("git commit -q --allow-empty -m x", {"STICK_BYPASS": "production is down"}).ok()
    [noted] = seen(room, "bypass")
    assert (noted["agent_id"], noted["why"]) == ("bob", "production is down")
    bob.run("git commit -q --allow-empty -m x", {"STICK_BYPASS": "  "}).fails(REFUSED)
    assert ada.stick("renew").ok()
    ada.stick(f"release {HANDOFF}").ok()
    took, passed, released, *_ = ada.stick("log").ok().out.splitlines()  # in their order
    assert "ada took" in took
    assert "bob went past the gate (commit): production is down" in passed
    assert "ada released" in released


ONE = (
    "for n in $(seq 500); do c=$(git commit-tree -p HEAD -m $n 'HEAD^{tree}');"
    " case $c in 1*) git update-ref HEAD $c; break ;; esac; done; git rev-parse HEAD"
)


def test_a_bypass_is_noted_once_whatever_the_commit_before_is_called(
    ada: Shell, bob: Shell, room: Path
) -> None:
    """The lines of a transaction begin with that commit: its digits are no sign of anything."""
    ada.stick("take").ok()
    assert ada.run(ONE).ok().out.startswith("1")
    bob.run("git commit -q --allow-empty -m x", {"STICK_BYPASS": "production is down"}).ok()
    assert [noted["kind"] for noted in seen(room, "bypass")] == ["commit"]


def test_an_agent_may_not_bypass(ada: Shell, room: Path, shells: Shells) -> None:
    ada.stick("take").ok()
    bot = shells.agent(room)
    bot.run("git commit --allow-empty -m x", {"STICK_BYPASS": "why"}).fails(REFUSED, "ada holds")
    child = shells.agent(room, parent=ada)
    child.run("git commit --allow-empty -m x", {"STICK_BYPASS": "why"}).fails(REFUSED, "ada holds")
    assert not seen(room, "bypass")
    assert seen(room, "refused")


def test_a_bypass_that_cannot_be_recorded_is_told(ada: Shell, bob: Shell, room: Path) -> None:
    ada.stick("take").ok()
    room_id = str(state_of(room)["room_id"])
    activity_file(str(room), room_id).mkdir(parents=True)
    told = bob.run("git commit -q --allow-empty -m x", {"STICK_BYPASS": "down"}).ok().err
    assert "bypassed (down)" in told
    assert "recorded" in told


@pytest.mark.parametrize("damage", ["state", "lost"])
def test_a_person_may_bypass_a_room_that_cannot_be_read(
    ada: Shell, bob: Shell, room: Path, damage: str
) -> None:
    ada.stick("take").ok()
    state = room / ".talking-stick/room.json"
    ada.run("rm -r .git/stickhooks/copies").ok()
    state.write_text("") if damage == "state" else state.unlink()
    bob.run("git commit --allow-empty -m x").fails(REFUSED, "stick uninit")
    told = bob.run("git commit -q --allow-empty -m x", {"STICK_BYPASS": "down"}).ok().err
    assert "bypassed (down)" in told


def test_a_person_may_bypass_an_anchor_that_cannot_be_read(ada: Shell, room: Path) -> None:
    (room / ".git/stickhooks/anchor.json").write_text("{")
    ada.run("git commit -q --allow-empty -m x", {"STICK_BYPASS": "down"}).ok()


# --- a gate that cannot be run


def break_hooks(repo: Path) -> None:
    """Let the hooks name an interpreter that is not there, as after an upgrade of Python."""
    for name in ("pre-commit", "pre-merge-commit"):
        hook = repo / ".git/hooks" / name
        lines = hook.read_text().splitlines()
        broken = ["stick_python=/gone/python" if "stick_python=" in x else x for x in lines]
        hook.write_text("\n".join(broken) + "\n")


def test_with_the_interpreter_gone_the_hook_asks_the_stick_on_the_path(
    ada: Shell, bob: Shell, room: Path
) -> None:
    break_hooks(room)
    ada.stick("take").ok()
    ada.run("git commit -q --allow-empty -m x").ok()
    bob.run("git commit --allow-empty -m x").fails(REFUSED, "ada holds")


def test_with_no_stick_at_all_the_hook_refuses_with_the_way_out(ada: Shell, room: Path) -> None:
    break_hooks(room)
    ada.stick("take").ok()
    bare = {"PATH": without_stick(ada.env["PATH"])}
    told = ada.run("git commit --allow-empty -m x", bare).fails(REFUSED).err
    for words in ("/gone/python", "ends the room; it is kept there, and your own hooks go on"):
        assert words in told
    ada.stick("init --only git").ok()
    ada.run("git commit -q --allow-empty -m x", bare).ok()


def test_a_gate_that_cannot_be_run_stops_nobody_where_there_is_no_room(
    ada: Shell, room: Path
) -> None:
    break_hooks(room)
    shutil.rmtree(room / ".talking-stick")
    shutil.rmtree(room / ".git/stickhooks")
    bare = {"PATH": without_stick(ada.env["PATH"])}
    ada.run("git commit -q --allow-empty -m x", bare).ok()


def test_a_gate_that_cannot_be_run_stops_nobody_in_a_worktree_without_a_room(
    ada: Shell, room: Path, tmp_path: Path
) -> None:
    ada.run("git worktree add -q ../side").ok()
    break_hooks(room)
    bare = {"PATH": without_stick(ada.env["PATH"])}
    ada.run("git commit -q --allow-empty -m x", bare, cwd=tmp_path / "side").ok()


def test_a_package_that_is_gone_refuses_with_the_way_out(ada: Shell, room: Path) -> None:
    hook = room / ".git/hooks/pre-commit"
    lines = hook.read_text().splitlines()
    hook.write_text("\n".join("stick_gate=/gone.py" if "_gate=" in x else x for x in lines) + "\n")
    bare = {"PATH": without_stick(ada.env["PATH"])}
    ada.stick("take").ok()
    ada.run("git commit --allow-empty -m x", bare).fails(
        REFUSED, "pip install WHERE-STICKHOOKS-CAME-FROM"
    )


# --- a room that was lost


@pytest.mark.parametrize(
    "loss", ["git clean -fdxq", "rm -rf .talking-stick", "rm .talking-stick/room.json"]
)  # fmt: skip
def test_a_room_lost_after_a_grant_refuses_and_doctor_makes_it_anew(
    ada: Shell, bob: Shell, room: Path, loss: str
) -> None:
    ada.stick("take").ok()
    before = ada.stick("status --json").json["room"]
    edit(room)
    ada.run("rm -r .git/stickhooks/copies").ok()
    ada.run(loss)
    for shell in (ada, bob):
        shell.run("git commit --allow-empty -m x").fails(
            REFUSED, "is not there", "stick doctor --fix", "stick uninit"
        )
    assert ada.stick("status --json").fails(65).json["code"] == "state_lost"
    assert ada.stick("take --json").fails(65).json["next"][0] == "stick doctor --fix"
    assert ada.stick("doctor").fails(65, "stick doctor --fix")
    assert "mended" in ada.stick("doctor --fix").ok().out
    ada.run("git commit --allow-empty -m x").fails(REFUSED, "stick join")
    ada.stick("join --as ada").ok()
    ada.stick("take").ok()
    ada.run("git commit -q --allow-empty -m x").ok()
    after = ada.stick("status --json").json["room"]
    assert after["id"] != before["id"]
    assert after["turn"] > before["turn"]


def test_an_older_state_put_back_is_replaced_by_the_copy(ada: Shell, room: Path) -> None:
    ada.stick("take").ok()
    state = room / ".talking-stick/room.json"
    older = state.read_bytes()
    ada.stick(f"release {HANDOFF}").ok()
    ada.stick("take").ok()
    state.write_bytes(older)
    ada.run("git commit --allow-empty -m x").ok()
    assert state_of(room)["turn_id"] == 2


def test_an_older_state_put_back_without_a_copy_is_taken_for_a_loss(ada: Shell, room: Path) -> None:
    ada.stick("take").ok()
    state = room / ".talking-stick/room.json"
    older = state.read_bytes()
    ada.stick(f"release {HANDOFF}").ok()
    ada.stick("take").ok()
    state.write_bytes(older)
    shutil.rmtree(room / ".git/stickhooks/copies")
    ada.run("git commit --allow-empty -m x").fails(REFUSED, "turn 1", "turn 2", "doctor --fix")
    ada.stick("doctor --fix").ok()
    assert state_of(room)["turn_id"] == 2


DAMAGED_ANCHORS = {
    "list": "[]",
    "empty": "",
    "truncated": '{"schema":1,"ro',
}


@pytest.mark.parametrize("anchor", DAMAGED_ANCHORS)
def test_an_anchor_that_cannot_be_read_refuses_and_names_the_repair(
    ada: Shell, room: Path, anchor: str
) -> None:
    (room / ".git/stickhooks/anchor.json").write_text(DAMAGED_ANCHORS[anchor])
    told = ada.run("git commit --allow-empty -m x").fails(REFUSED, "stick doctor --fix").err
    assert "SystemError" not in told


@pytest.mark.parametrize("anchor", DAMAGED_ANCHORS)
def test_doctor_mends_an_anchor_that_cannot_be_read(ada: Shell, room: Path, anchor: str) -> None:
    ada.stick("take").ok()
    (room / ".git/stickhooks/anchor.json").write_text(DAMAGED_ANCHORS[anchor])
    ada.stick("doctor").fails(65, "stick doctor --fix")
    ada.stick("doctor --fix").ok()
    ada.run("stick join --as ada && stick take && git commit -q --allow-empty -m x").ok()
    assert (
        state_of(room)["turn_id"] == 1
    )  # made again from the state and its copy: the turn goes on


def test_uninit_goes_where_the_anchor_cannot_be_read(ada: Shell, room: Path) -> None:
    (room / ".git/stickhooks/anchor.json").write_text("{")
    ada.stick("uninit").ok()
    ada.run("git commit -q --allow-empty -m x").ok()


def test_a_room_that_came_with_a_clone_closes_nothing_and_is_told(
    ada: Shell, room: Path, shells: Shells, tmp_path: Path
) -> None:
    ada.stick("take").ok()
    ada.run("git add -f .talking-stick && git commit -qm shipped").ok()
    ada.run(f"git clone -q . '{tmp_path}/clone'").ok()
    cloner = shells.person(tmp_path / "clone")
    # hooks do not travel with a clone; this one has a template with ours
    shutil.copy(room / ".git/hooks/pre-commit", tmp_path / "clone/.git/hooks/pre-commit")
    told = cloner.run("git commit -q --allow-empty -m x").ok().err
    assert "was copied from another checkout" in told
    assert "stick init" in told
    assert "is ignored here" in cloner.stick("status").ok().out
    cloner.stick("init --only git").ok()
    cloner.stick("join --as ada").ok()
    cloner.run("git commit --allow-empty -m x").fails(REFUSED, "nobody holds")


# --- what an allowed commit makes due


def test_a_commit_past_a_quarter_of_the_lease_renews_it_and_an_earlier_one_does_not(
    ada: Shell, room: Path
) -> None:
    ada.stick("take").ok()
    ends = lease_ends(ada)
    ada.run("git commit -q --allow-empty -m x").ok()
    assert lease_ends(ada) == ends
    later(room, minutes=20)
    ends = lease_ends(ada)
    ada.run("git commit -q --allow-empty -m x").ok()
    assert lease_ends(ada) > ends


def test_an_expired_lease_that_nobody_took_is_renewed_and_the_commit_allowed(
    ada: Shell, bob: Shell
) -> None:
    ada.stick("policy owner_lease_ttl 1s").ok()
    ada.stick("take").ok()
    ends = lease_ends(ada)
    time.sleep(1.2)
    ada.run("git commit -q --allow-empty -m x").ok()
    assert lease_ends(ada) > ends
    time.sleep(1.2)
    bob.stick("takeover --reason gone").ok()
    ada.run("git commit --allow-empty -m x").fails(REFUSED, "bob holds")


def test_a_member_claims_by_its_first_commit_where_the_policy_says_so(
    ada: Shell, bob: Shell, room: Path
) -> None:
    ada.stick("policy on_idle claim").ok()
    ada.run("git commit -q --allow-empty -m x").ok()
    assert "ada (you) holds" in ada.stick("status").out
    bob.run("git commit --allow-empty -m x").fails(REFUSED, "ada holds")
    ada.stick(f"release {HANDOFF}").ok()
    bob.run("git commit --allow-empty -m x").fails(REFUSED, "handoff of ada", "stick take")
    ada.run("git commit -q --allow-empty -m x").ok()


def test_who_is_identified_joins_by_the_first_commit_where_the_policy_says_so(
    ada: Shell, room: Path, shells: Shells
) -> None:
    ada.stick("policy on_idle claim").ok()
    shells.agent(room).run("git commit -q --allow-empty -m x").ok()


def test_exempt_paths_pass_and_others_with_them_do_not(ada: Shell, bob: Shell, room: Path) -> None:
    ada.stick("policy exempt '*.md,pile/**'").ok()
    ada.stick("take").ok()
    edit(room, "docs/guide.md")
    edit(room, "pile/3/file3.txt")
    bob.run("git commit -qam docs").ok()
    edit(room, "docs/guide.md")
    edit(room)
    bob.run("git commit -am both").fails(REFUSED, "ada holds")
    bob.run("git commit -qm docs docs/guide.md").ok()
    bob.run("git commit --allow-empty -m x").fails(REFUSED, "ada holds")


def test_the_renewal_gives_way_to_a_lock_that_is_held(ada: Shell, room: Path) -> None:
    ada.stick("take").ok()
    later(room, minutes=20)
    ends = lease_ends(ada)
    with held_lock(room):
        ada.run("git commit -q --allow-empty -m x").ok()
        assert lease_ends(ada) == ends
    ada.run("git commit -q --allow-empty -m x").ok()
    assert lease_ends(ada) > ends
