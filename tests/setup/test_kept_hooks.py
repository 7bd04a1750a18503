"""Hooks of others beside ours: they run by their own name and place, and nothing piles up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import MakeRepository
from tests.support.documents import page
from tests.support.shells import Shell, Shells, difference, snapshot

pytestmark = pytest.mark.sampled(2)

COMMIT = "git commit -q --allow-empty -m x"


@pytest.fixture
def ada(shells: Shells, repo: Path) -> Shell:
    return shells.person(repo)


def write(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def installed(ada: Shell) -> None:
    ada.run("stick init --only git && stick join --as ada && stick take").ok()


@pytest.mark.parametrize(
    ("beside", "text"),
    [
        ("lib.sh", '. "$(dirname "$0")/lib.sh"'),
        ("pre-commit.local", '[ ! -x "$0.local" ] || "$0.local"'),
        (".hidden", '. "${0%/*}/.hidden"'),
    ],
)
def test_a_kept_hook_finds_what_lies_beside_it(
    beside: str, text: str, ada: Shell, repo: Path
) -> None:
    hooks = repo / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    write(hooks / "pre-commit", text)
    write(hooks / beside, "exit 1")
    before = snapshot(hooks)
    installed(ada)
    assert ada.run(COMMIT).code
    ada.stick("uninit").ok()
    assert not difference(before, snapshot(hooks))
    assert not hooks.with_name("hooks.stick-kept").exists()


@pytest.mark.parametrize("ending", [".legacy", ".old", ".bak"])
def test_a_tool_that_renames_ours_again_and_again_leaves_no_copies(
    ending: str, ada: Shell, repo: Path
) -> None:
    hook = repo / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    write(hook, "# made by TOOL 1")
    installed(ada)
    for number in (2, 3, 4):
        hook.rename(hook.with_name(hook.name + ending))
        write(hook, f"# made by TOOL {number}")
        ada.stick("take").ok()
        assert not hook.with_name(hook.name + ending).exists()
    ada.stick("uninit").ok()
    assert hook.read_text() == "#!/bin/sh\n# made by TOOL 4\n"
    left = [one.name for one in hook.parent.iterdir() if one.name.startswith("pre-commit")]
    assert [name for name in left if not name.endswith(".sample")] == ["pre-commit"]
    assert not list(repo.glob(".git/hooks.stick-kept/**/*"))


@pytest.mark.parametrize("ending", ["", ".old"])
def test_a_hook_of_the_users_that_only_begins_like_the_new_one_is_never_deleted(
    ending: str, ada: Shell, repo: Path
) -> None:
    hook = repo / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    write(hook, "# checks before a commit\necho mine")
    installed(ada)
    if ending:
        hook.rename(hook.with_name(hook.name + ending))
    else:
        hook.unlink()
    write(hook, "# checks before a commit\necho the tool's")
    told = ada.stick("take").ok().text + ada.stick("uninit").ok().text
    kept = [one for one in repo.glob(".git/**/pre-commit*") if "echo mine" in one.read_text()]
    assert kept, told
    assert str(kept[0]) in told


def test_an_exported_shellopts_or_ifs_stops_no_commit(ada: Shell) -> None:
    installed(ada)
    ada.run(f"SHELLOPTS=errexit:nounset:noclobber IFS=x CDPATH=/ POSIXLY_CORRECT=1 {COMMIT}").ok()
    for name in ("pre-commit", "reference-transaction"):
        ada.run(f"bash -eu -C -f .git/hooks/{name} prepared </dev/null").ok()


@pytest.mark.parametrize("spoil", ["rm .git/hooks/*", "chmod -x .git/hooks/reference-transaction"])
def test_status_board_and_take_say_not_enforced(spoil: str, ada: Shell) -> None:
    installed(ada)
    assert "NOT ENFORCED" not in ada.run("stick status && stick board && stick take").ok().text
    ada.run(spoil).ok()
    for verb in ("status", "board", "take", "join"):
        assert "NOT ENFORCED" in ada.stick(verb).ok().text, verb
    assert ada.stick("status --json").ok().json["not_enforced"]["next"] == "stick init"
    ada.stick("init --only git").ok()
    assert "NOT ENFORCED" not in ada.run("stick status && stick board && stick take").ok().text


@pytest.mark.parametrize("how", ["ln -s ../elsewhere .git/hooks", "touch .git/hooks", "true"])
def test_hooks_that_are_a_link_a_file_or_missing_are_enforced_all_the_same(
    how: str, ada: Shell, repo: Path
) -> None:
    ada.run(f"mkdir elsewhere && rm -r .git/hooks; {how}").ok()
    config = (repo / ".git/config").read_bytes()
    ada.stick("init --only git").ok()
    ada.run(COMMIT).fails(1, "NOT COMMITTED")
    ada.stick("uninit").ok()
    assert (repo / ".git/config").read_bytes() == config


def lose_the_package(repo: Path) -> None:
    """Leave the hooks as they are without the package that they call."""
    for hook in (repo / ".git/hooks").iterdir():
        text = hook.read_text().replace("stick_gate=", "stick_gate=/gone")
        hook.write_text(text.replace("command -v stick", "command -v no-stick"))


@pytest.mark.parametrize(
    "name", ["shop", 'it\'s a "shop"', "two\nlines", "a\ttab", "back\\nslash", "$(x) `y`"]
)
@pytest.mark.parametrize("command", [COMMIT, f"{COMMIT} --no-verify"])
def test_with_the_package_gone_the_line_that_the_refusal_prints_ends_it(
    name: str, command: str, shells: Shells, make_repository: MakeRepository
) -> None:
    repo = make_repository(name)
    ada = shells.person(repo)
    hooks = repo / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    write(hooks / "pre-commit", "echo mine")
    installed(ada)
    lose_the_package(repo)
    refused = ada.run(f"cd src && {command}")
    assert refused.code, refused.text
    line = next(x for x in refused.err.splitlines() if x.strip().startswith("or:"))
    ada.run(f"cd src && {line.partition('or:')[2].partition('   (')[0]}").ok()
    assert "mine" in ada.run(COMMIT).ok().text
    assert (repo / ".talking-stick.ended/room.json").exists(), "members, handoff and log are kept"
    assert not ada.run("git status --porcelain").ok().out


def test_a_room_that_was_ended_so_before_is_not_put_into_the_older_one(
    ada: Shell, repo: Path
) -> None:
    installed(ada)
    (repo / ".talking-stick.ended").mkdir()
    lose_the_package(repo)
    line = next(x for x in ada.run(COMMIT).err.splitlines() if x.strip().startswith("or:"))
    ada.run(line.partition("or:")[2].partition("   (")[0]).ok()
    assert not list((repo / ".talking-stick.ended").iterdir())
    ada.run(COMMIT).ok()


@pytest.mark.parametrize("folder", [".", "linked"])
def test_the_line_of_the_how_to_ends_it_as_well(folder: str, ada: Shell, repo: Path) -> None:
    text = page("how-to/uninstall")
    line = next(x.strip() for x in text.splitlines() if x.startswith('    rm -f "$(git'))
    ada.run("git worktree add -q linked").ok()
    installed(ada)
    ada.run("cd linked && stick join --as ada && stick take").ok()
    lose_the_package(repo)
    ada.run(f"cd {folder} && {COMMIT}").fails(1, "could not be run")
    ada.run(f"cd {folder} && {line} && {COMMIT}").ok()


def test_after_commits_uninit_leaves_no_folder_of_ours_in_the_git_dir(
    ada: Shell, repo: Path
) -> None:
    installed(ada)
    ada.run(COMMIT).ok()
    ada.stick("uninit").ok()
    assert not (repo / ".git/stickhooks").exists()
