"""In and out again byte for byte, and nothing that git tracks is touched."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.shells import STICK, Shell, Shells, Tree, difference, git_snapshot, snapshot

pytestmark = pytest.mark.sampled(2)

SETTINGS = ".claude/settings.local.json"
OTHERS = """{
    "permissions": {"allow": ["Bash(ls:*)"]},
    "hooks": {
        "PreToolUse": [
            {"matcher": "Bash", "hooks": [{"type": "command", "command": "their-guard"}]}
        ],
        "Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]
    }
}"""


@pytest.fixture
def ada(shells: Shells, repo: Path) -> Shell:
    return shells.person(repo)


def hook(repo: Path, name: str = "pre-commit", mode: int = 0o755) -> Path:
    path = repo / ".git/hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {name} >> .git/ran\n")
    path.chmod(mode)
    return path


def settings(repo: Path, text: str) -> None:
    (repo / SETTINGS).parent.mkdir(exist_ok=True)
    (repo / SETTINGS).write_text(text)


# --- what may be there before


def nothing(repo: Path) -> None:
    pass


def own_hooks(repo: Path) -> None:
    hook(repo)
    hook(repo, "pre-merge-commit", 0o700)
    hook(repo, "post-commit")


def hook_that_may_not_run(repo: Path) -> None:
    hook(repo, mode=0o644)


def linked_hook(repo: Path) -> None:
    (repo / "tools").mkdir()
    (repo / "tools/check").write_text("#!/bin/sh\n")
    (repo / "tools/check").chmod(0o755)
    (repo / ".git/hooks").mkdir(exist_ok=True)
    (repo / ".git/hooks/pre-commit").symlink_to("../../tools/check")


def dangling_hook(repo: Path) -> None:
    (repo / ".git/hooks").mkdir(exist_ok=True)
    (repo / ".git/hooks/pre-commit").symlink_to("nowhere")


def no_hooks_folder(repo: Path) -> None:
    shutil.rmtree(repo / ".git/hooks", ignore_errors=True)


def no_info_folder(repo: Path) -> None:
    shutil.rmtree(repo / ".git/info")


def exclude_without_newline(repo: Path) -> None:
    (repo / ".git/info").mkdir(exist_ok=True)
    (repo / ".git/info/exclude").write_text("*.swp")


def settings_of_others(repo: Path) -> None:
    settings(repo, OTHERS)
    (repo / SETTINGS).chmod(0o600)


def empty_settings(repo: Path) -> None:
    settings(repo, "")


def tabbed_settings(repo: Path) -> None:
    settings(repo, '{\n\t"model": "ü",\n\t"hooks": {}\n}')


def ignored_settings(repo: Path) -> None:
    (repo / ".gitignore").write_text(".claude/\n")


def binary_hook(repo: Path) -> None:
    hook(repo).write_bytes(b"#!/bin/sh\n# \xff\xfe\nexit 0")


BEFORE: dict[str, Callable[[Path], None]] = {
    function.__name__: function
    for function in (
        nothing, own_hooks, hook_that_may_not_run, linked_hook, dangling_hook, no_hooks_folder,
        no_info_folder, exclude_without_newline, settings_of_others, empty_settings,
        tabbed_settings, ignored_settings, binary_hook,
    )
}  # fmt: skip


@pytest.mark.parametrize("before", BEFORE)
def test_after_init_and_uninit_everything_is_as_it_was_byte_for_byte(
    ada: Shell, repo: Path, before: str
) -> None:
    BEFORE[before](repo)
    as_it_was = git_snapshot(repo)
    ada.stick("init --only git,claude").ok()
    assert difference(as_it_was, git_snapshot(repo))
    ada.stick("uninit").ok()
    assert not difference(as_it_was, git_snapshot(repo))


@pytest.mark.parametrize("before", ["nothing", "own_hooks", "settings_of_others"])
def test_again_or_dry_changes_nothing(ada: Shell, repo: Path, before: str) -> None:
    BEFORE[before](repo)
    as_it_was = git_snapshot(repo)
    assert not difference(as_it_was, dry(ada, repo, "init --only git,claude"))
    ada.stick("init --only git,claude").ok()
    installed = git_snapshot(repo)
    assert "already there" in ada.stick("init --only git,claude").ok().out
    assert not difference(installed, git_snapshot(repo))
    assert not difference(installed, dry(ada, repo, "uninit"))
    assert ".talking-stick" not in ada.run("git status --porcelain").ok().out
    ada.stick("uninit").ok()
    assert "nothing of stickhooks" in ada.stick("uninit").ok().out
    assert not difference(as_it_was, git_snapshot(repo))


def dry(shell: Shell, repo: Path, arguments: str) -> Tree:
    told = shell.stick(f"{arguments} --dry-run").ok()
    assert told.out
    assert f"next: stick {arguments}\n" in told.err or not arguments.startswith("init")
    return git_snapshot(repo)


def test_what_init_says_is_a_line_a_thing_and_all_of_it_where_asked(ada: Shell) -> None:
    ada.stick("uninit").ok()
    told = ada.stick("init --only git,claude").ok().out.splitlines()
    assert told[0] == f"room {ada.cwd}: installed"
    assert told[1].startswith(
        "git hooks: 10 installed, git's before-hook not installed (with `stick"
    )
    assert "clients: Claude Code installed" in told
    assert len(told) == 3
    ada.run("stick uninit && mkdir .husky && git config core.hooksPath .husky").ok()
    told = ada.stick("init --only git --before-hook").ok().out.splitlines()
    assert told[1:] == [
        "git hooks: 10 installed, core.hooksPath, git's before-hook installed;"
        " the hooks in .husky run after ours"
    ]
    assert not [line for line in ada.stick("uninit").ok().out.splitlines() if "git-hooks/" in line]
    ada.run("rmdir .husky && git config --unset core.hooksPath").ok()
    ada.run("printf 'exit 0\\n' > .git/hooks/pre-commit && chmod +x .git/hooks/pre-commit").ok()
    assert "; the hooks that were there run after ours" in ada.stick("init --only git").ok().out
    ada.run("stick uninit && rm .git/hooks/pre-commit && stick init --only git,claude").ok()
    whole = ada.stick("init --only git,claude --verbose").ok().out
    assert "git hook reference-transaction: already there" in whole
    assert ".claude/settings.local.json: already there" in whole
    ada.run("rm .git/hooks/pre-rebase").ok()
    assert "git hooks: 9 already there, 1 installed" in ada.stick("init --only git").ok().out
    assert (
        "Claude Code still lets through"
        in ada.stick("uninit && stick init --only claude --verbose").ok().out
    )


def test_init_says_where_a_client_passes_over_the_hook_that_was_installed(ada: Shell) -> None:
    told = ada.stick("init --only git,codex").ok().out.splitlines()
    assert "clients: Codex CLI installed" in told
    (why,) = [line for line in told if line.startswith("NOT ENFORCED  ")]
    assert "Codex CLI does not trust the hook in" in why
    assert why.endswith("to type /hooks in it")
    assert why in ada.stick("init --only git,codex").ok().out.splitlines()  # as long as it is so
    assert "NOT ENFORCED" not in ada.stick("init --only git,codex --dry-run").ok().out


def test_what_would_be_written_is_named_and_shown_whole_where_asked(ada: Shell) -> None:
    ada.stick("uninit").ok()
    told = ada.stick("init --only git,claude --print").ok().out
    assert f"{ada.cwd}/.claude/settings.local.json  (" in told
    assert "PreToolUse" not in told
    whole = ada.stick("init --only git,claude --print --verbose").ok().out
    assert f"--- {ada.cwd}/.claude/settings.local.json" in whole
    assert '"PreToolUse"' in whole


def test_what_uninit_says_is_a_line_a_thing(ada: Shell) -> None:
    ada.run("mkdir -p .claude && echo '{\"a\": 1}' > .claude/settings.local.json").ok()
    ada.stick("init --only git,claude,codex").ok()
    told = ada.stick("uninit").ok().out.splitlines()
    assert f"took our part out of {ada.cwd}/.claude/settings.local.json" in told
    assert f"removed {ada.cwd}/.codex/hooks.json" in told
    assert "git hooks: 10 taken out" in told
    assert not [line for line in told if ".git/stickhooks/" in line]


def test_who_is_a_member_already_is_not_told_to_join(ada: Shell) -> None:
    assert "next: stick join" in ada.stick("init --only git").ok().err
    ada.stick("join --as ada").ok()
    assert "next: stick status" in ada.stick("init --only git").ok().err


def test_a_clients_settings_that_went_are_told_at_the_next_look(ada: Shell) -> None:
    ada.stick("init --only git,claude").ok()
    ada.stick("join --as ada").ok()
    assert "NOT ENFORCED" not in ada.stick("status").ok().out
    ada.run("git clean -fdxq").ok()
    for verb in ("take", "status", "join"):
        told = ada.stick(verb).ok().text
        assert "NOT ENFORCED" in told
        assert "settings.local.json does not call our hook any more" in told
        assert "stick init --only claude" in told
    ada.stick("init --only claude").ok()
    assert "NOT ENFORCED" not in ada.stick("status").ok().out


def test_uninit_after_turns_and_commits_leaves_no_trace(ada: Shell, repo: Path) -> None:
    hook(repo)
    skip = (
        ".git/objects",
        ".git/index",
        ".git/logs",
        ".git/COMMIT_EDITMSG",
        ".git/refs",
        ".git/ran",
    )
    before = snapshot(repo, skip=skip)
    ada.run("stick init --only git,claude && stick join --new src && stick join && stick take").ok()
    ada.run("git commit -q --allow-empty -m x").ok()
    told = ada.stick("uninit").ok().out
    assert "holds" in told
    assert not difference(before, snapshot(repo, skip=skip))


def test_a_hook_that_may_not_run_is_not_run_by_ours_either(ada: Shell, repo: Path) -> None:
    hook_that_may_not_run(repo)
    ada.run("stick init --only git && stick join && stick take").ok()
    ada.run("git commit -q --allow-empty -m x").ok()
    assert not (repo / ".git/ran").exists()


def test_a_linked_hook_still_runs_and_the_file_it_leads_to_is_not_touched(
    ada: Shell, repo: Path
) -> None:
    linked_hook(repo)
    (repo / "tools/check").write_text("#!/bin/sh\necho ran >> .git/ran\n")
    before = snapshot(repo / "tools")
    ada.run("stick init --only git && stick join && stick take").ok()
    ada.run("git commit -q --allow-empty -m x").ok()
    assert (repo / ".git/ran").exists()
    assert not difference(before, snapshot(repo / "tools"))


# --- what somebody did meanwhile


def test_of_settings_edited_since_only_our_entry_is_removed(ada: Shell, repo: Path) -> None:
    settings(repo, OTHERS)
    ada.stick("init --only claude").ok()
    current = json.loads((repo / SETTINGS).read_text())
    assert current["hooks"]["PreToolUse"][0]["matcher"] == "Bash"
    assert len(current["hooks"]["PreToolUse"]) == 2
    current["model"] = "opus"
    (repo / SETTINGS).write_text(json.dumps(current, indent=4))
    told = ada.stick("uninit").ok().out
    assert "only our entry was removed" in told
    assert json.loads((repo / SETTINGS).read_text()) == {**json.loads(OTHERS), "model": "opus"}


def test_settings_that_became_unreadable_since_are_left_with_a_word(ada: Shell, repo: Path) -> None:
    ada.stick("init --only claude").ok()
    (repo / SETTINGS).write_text("{ mine")
    assert "by hand" in ada.stick("uninit").ok().out
    assert (repo / SETTINGS).read_text() == "{ mine"


def test_settings_removed_since_stay_removed(ada: Shell, repo: Path) -> None:
    ada.stick("init --only claude").ok()
    shutil.rmtree(repo / ".claude")
    ada.stick("uninit").ok()
    assert not (repo / ".claude").exists()


def test_of_a_hook_edited_since_only_our_lines_are_removed(ada: Shell, repo: Path) -> None:
    ada.stick("init --only git").ok()
    path = repo / ".git/hooks/pre-commit"
    path.write_text(path.read_text() + "echo mine >> .git/ran\n")
    ada.stick("uninit").ok()
    text = path.read_text()
    assert "stick" not in text
    assert "echo mine >> .git/ran" in text
    ada.run("git commit -q --allow-empty -m x").ok()
    assert (repo / ".git/ran").read_text() == "mine\n"


def test_lines_added_to_our_hook_run_and_go_to_the_end_of_the_one_that_was_there(
    ada: Shell, repo: Path
) -> None:
    kept = hook(repo).read_text()
    ada.stick("init --only git").ok()
    path = repo / ".git/hooks/pre-commit"
    path.write_text(path.read_text() + "echo mine too >> .git/ran\n")
    ada.stick("join --as ada").ok()
    ada.run("stick take && git commit -q --allow-empty -m x").ok()
    assert (repo / ".git/ran").read_text() == "pre-commit\nmine too\n"
    ada.stick("uninit").ok()
    assert path.read_text() == kept + "echo mine too >> .git/ran\n"


def test_lines_added_to_our_hook_are_put_beside_one_that_is_no_shell_script(
    ada: Shell, repo: Path
) -> None:
    path = hook(repo)
    path.write_text("#!/usr/bin/env python3\n")
    ada.stick("init --only git").ok()
    path.write_text(path.read_text() + "echo mine too\n")
    assert "pre-commit.added-to-stick" in ada.stick("uninit").ok().out
    assert path.read_text() == "#!/usr/bin/env python3\n"
    assert "echo mine too" in (path.with_name("pre-commit.added-to-stick")).read_text()


def test_a_hook_that_another_tool_put_in_our_place_stays(ada: Shell, repo: Path) -> None:
    ada.stick("init --only git").ok()
    path = repo / ".git/hooks/pre-commit"
    path.write_text("#!/bin/sh\n# the framework\n")
    ada.stick("uninit").ok()
    assert path.read_text() == "#!/bin/sh\n# the framework\n"


def test_a_demoted_hook_is_found_by_doctor_and_taken_out_by_uninit(ada: Shell, repo: Path) -> None:
    kept = hook(repo).read_text()
    ada.stick("init --only git").ok()
    hooks = repo / ".git/hooks"
    (hooks / "pre-commit").rename(hooks / "pre-commit.legacy")
    (hooks / "pre-commit").write_text("#!/bin/sh\n# the framework\n")
    ada.stick("doctor").fails(78, "stick init")
    ada.stick("uninit").ok()
    assert (hooks / "pre-commit").read_text() == "#!/bin/sh\n# the framework\n"
    assert (hooks / "pre-commit.legacy").read_text() == kept
    assert not (hooks / "pre-commit.stick-kept").exists()


def test_an_exclude_file_edited_since_loses_only_our_lines(ada: Shell, repo: Path) -> None:
    exclude = repo / ".git/info/exclude"
    exclude.parent.mkdir(exist_ok=True)
    exclude.write_text("one\n")
    ada.stick("init --only claude").ok()
    exclude.write_text(exclude.read_text() + "two\n")
    ada.stick("uninit").ok()
    assert exclude.read_text() == "one\ntwo\n"


# --- worktrees


def test_uninit_leaves_the_common_hooks_while_another_worktree_has_a_room(
    ada: Shell, repo: Path, shells: Shells, tmp_path: Path
) -> None:
    before = git_snapshot(repo)
    ada.run("git worktree add -q ../side").ok()
    side = shells.person(tmp_path / "side")
    ada.stick("init --only git").ok()
    side.stick("init --only git").ok()
    assert "left the git hooks" in ada.stick("uninit").ok().out
    assert (repo / ".git/hooks/pre-commit").exists()
    side.run("git commit --allow-empty -m x").fails(1, "stick join")
    ada.run("git commit -q --allow-empty -m x").ok()
    side.stick("uninit").ok()
    assert not (repo / ".git/hooks/pre-commit").exists()
    ada.run("git worktree remove ../side && git branch -qD side && git reset -q --hard HEAD~").ok()
    left_over = [
        line
        for line in difference(before, git_snapshot(repo))
        if not any(name in line for name in ("HEAD", "/worktrees", "refs"))
    ]
    assert not left_over


def test_uninit_in_one_worktree_leaves_the_settings_of_another_hidden_from_git(
    ada: Shell, repo: Path, shells: Shells, tmp_path: Path
) -> None:
    ada.run("git worktree add -q ../side").ok()
    side = shells.person(tmp_path / "side")
    ada.stick("init --only claude").ok()
    side.stick("init --only claude").ok()
    ada.stick("uninit").ok()
    assert side.run("git status --porcelain").ok().out == ""


# --- what is not ours to change


def test_hooks_that_git_tracks_run_behind_ours_by_their_own_path(ada: Shell, repo: Path) -> None:
    hooks = repo / "tools/hooks"
    hooks.mkdir(parents=True)
    for name in ("pre-commit", "commit-msg"):
        (hooks / name).write_text('#!/bin/sh\necho "$0" >> .git/ran\n')
        (hooks / name).chmod(0o755)
    ada.run("git add . && git commit -qm hooks && git config core.hooksPath tools/hooks").ok()
    before = git_snapshot(repo)
    ada.stick("init --only git").ok()
    assert "already there" in ada.stick("init --only git").ok().out
    assert ada.run("git status --porcelain").ok().out == ""
    ada.run("git commit --allow-empty -m x").fails(1, "NOT COMMITTED")
    assert not (repo / ".git/ran").exists()
    ada.run("git config core.hooksPath tools/hooks").ok()  # a set-up script, once more
    assert "ours come first again" in ada.run("stick join --as ada && stick take").ok().text
    ada.stick("doctor").ok()
    ada.run("git commit -q --allow-empty -m x").ok()
    assert (repo / ".git/ran").read_text() == "tools/hooks/pre-commit\ntools/hooks/commit-msg\n"
    ada.run("git reset -q --hard HEAD^ && rm .git/ran").ok()
    ada.stick("uninit").ok()
    changed = difference(before, git_snapshot(repo))
    assert not [line for line in changed if "/hooks" in line or "/.git/config" in line]


def test_a_global_hooks_path_is_left_alone_and_runs_behind_ours(
    ada: Shell, repo: Path, tmp_path: Path
) -> None:
    shared, config = tmp_path / "shared-hooks", tmp_path / "gitconfig"
    shared.mkdir()
    config.write_text(f"[core]\n\thooksPath = {shared}\n")
    before = snapshot(shared, repo / ".git/hooks", config, repo / ".git/config")
    at = {"GIT_CONFIG_GLOBAL": str(config)}
    ada.stick("init --only git", at).ok()
    ada.run("git commit --allow-empty -m x", at).fails(1, "NOT COMMITTED")
    ada.stick("uninit", at).ok()
    assert not difference(
        before, snapshot(shared, repo / ".git/hooks", config, repo / ".git/config")
    )


@pytest.mark.parametrize("text", [OTHERS, "{}\n"])
def test_tracked_settings_are_reported_and_left_alone(ada: Shell, repo: Path, text: str) -> None:
    settings(repo, text)
    ada.run("git add -f .claude && git commit -qm settings").ok()
    told = ada.stick("init --only claude").fails(78).err
    assert "git tracks" in told
    assert "stick init --user" in told
    assert ada.run("git status --porcelain").ok().out == ""
    assert (repo / SETTINGS).read_text() == text


@pytest.mark.parametrize("text", ["{ // a comment\n}", "[]", '{"hooks": []}', "nonsense"])
def test_settings_that_are_not_plain_json_are_reported_and_left_alone(
    ada: Shell, repo: Path, text: str
) -> None:
    settings(repo, text)
    as_it_was = git_snapshot(repo)
    told = ada.stick("init --only claude").fails(78).err
    assert "NOT installed" in told
    assert "PreToolUse" in told
    assert (repo / SETTINGS).read_text() == text
    ada.stick("uninit").ok()
    assert not difference(as_it_was, git_snapshot(repo))


def test_a_dry_run_foretells_what_will_not_be_installed(ada: Shell, repo: Path) -> None:
    settings(repo, "{ // a comment\n}")
    ada.stick("init --only claude --dry-run").fails(78, "NOT installed")


def test_init_tells_the_client_only_where_it_is_found_or_asked_for(
    ada: Shell, repo: Path, home: Path
) -> None:
    bare = {"PATH": os.pathsep.join([str(STICK.parent), "/usr/bin", "/bin"])}
    ada.stick("init", bare).ok()
    if not shutil.which("claude", path=bare["PATH"]):
        assert not (repo / ".claude").exists()
    (home / ".claude").mkdir()
    ada.stick("init", bare).ok()
    assert (repo / SETTINGS).exists()


# --- for the user


def test_for_the_user_the_home_is_as_it_was_after_uninit(
    ada: Shell, repo: Path, home: Path
) -> None:
    (home / ".claude").mkdir()
    (home / ".claude/settings.json").write_text(OTHERS)
    before, tree = snapshot(home), git_snapshot(repo)
    ada.stick("init --user --dry-run").ok()
    assert not difference(before, snapshot(home))
    ada.stick("init --user").ok()
    assert len(json.loads((home / ".claude/settings.json").read_text())["hooks"]["PreToolUse"]) == 2
    installed = snapshot(home)
    assert "already there" in ada.stick("init --user").ok().out
    assert not difference(installed, snapshot(home))
    assert not difference(tree, git_snapshot(repo))
    ada.stick("uninit --user").ok()
    assert not difference(before, snapshot(home))


def test_for_a_user_without_settings_nothing_is_left_after_uninit(ada: Shell, home: Path) -> None:
    before = snapshot(home)
    ada.run("stick init --user --only claude,aider && stick uninit --user").ok()
    assert not difference(before, snapshot(home))


def test_the_hook_of_the_user_guards_every_room_and_nothing_else(
    repo: Path, home: Path, shells: Shells, tmp_path: Path
) -> None:
    ada, bot = shells.person(repo), shells.agent(repo)
    ada.run("stick init --user --only claude && stick join --as ada && stick take").ok()
    (repo / ".claude").mkdir()
    shutil.copy(home / ".claude/settings.json", repo / SETTINGS)
    bot.edit("app.py").fails(2, "ada holds")
    free = tmp_path / "free"
    (free / ".claude").mkdir(parents=True)
    shutil.copy(home / ".claude/settings.json", free / SETTINGS)
    shells.agent(free).edit("x").ok()
    elsewhere = shells.agent(free)
    elsewhere.hook(elsewhere.payload(repo / "app.py")).fails(2, "ada holds")
    shutil.rmtree(home / ".local")
    bot.edit("app.py").fails(2, "stick init")
    elsewhere.edit("x").ok()


def test_auto_claim_is_set_where_hooks_are_put_in(ada: Shell) -> None:
    assert "policy on_idle claim: set" in ada.stick("init --only git --auto-claim").ok().out
    assert "on_idle claim" in ada.stick("policy").ok().out
    ada.run("echo more >> app.py && stick join --as ada && git commit -qam more").ok()


def test_an_agent_takes_the_room_away_only_from_itself(
    ada: Shell, shells: Shells, repo: Path
) -> None:
    ada.run("stick init --only git && stick join --as ada && stick take").ok()
    bot = shells.agent(repo)
    bot.stick("join").ok()
    bot.stick("uninit --dry-run").ok()
    bot.stick("uninit").fails(75, "ada holds", "only the holder, or a person")
    assert (repo / ".talking-stick").is_dir()
    ada.stick("release --status a --next b").ok()
    bot.stick("take").ok()
    bot.stick("uninit").ok()
    ada.run("stick init --only git && stick join --as ada && stick take").ok()
    shells.person(repo).stick("uninit --force").ok()
    assert not (repo / ".talking-stick").exists()


def test_a_bare_repository_gets_no_room(shells: Shells, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    person = shells.person(tmp_path / "bare")
    person.run("git init -q --bare").ok()
    for verb in ("init", "join"):
        person.stick(verb).fails(2, "bare repository")
    assert not (tmp_path / "bare/.talking-stick").exists()
