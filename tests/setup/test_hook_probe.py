"""doctor has git start our hooks, and nothing else: what does not answer is NOT ENFORCED."""

from __future__ import annotations

from pathlib import Path

import pytest

from stickhooks.setup import git_hooks, hook_probe
from stickhooks.setup.hook_files import leads
from stickhooks.workspace import paths
from stickhooks.workspace.hook_names import GIT_HOOKS
from tests.support.mounts import own_mounts
from tests.support.shells import Shell, Shells, difference, snapshot

pytestmark = pytest.mark.sampled(3)


@pytest.fixture
def ada(shells: Shells, repo: Path) -> Shell:
    return shells.person(repo)


def workspace(repo: Path) -> paths.Workspace:
    found = paths.workspace_of(str(repo))
    assert found
    return found


@pytest.mark.parametrize(
    "setting",
    [
        "true",
        "git config core.hooksPath .own && echo /.own/ >> .git/info/exclude",
        "mkdir .tracked && echo 'exit 7' > .tracked/pre-push && git add . && git commit -qm t"
        " && git config core.hooksPath .tracked",
        "git config core.hooksPath /dev/null",
        "git config extensions.worktreeConfig true && git config --worktree core.hooksPath .w"
        " && echo /.w/ >> .git/info/exclude",
        "mkdir -p ../shared && git config core.hooksPath ../shared",
    ],
)
def test_git_starts_ours_wherever_it_takes_its_hooks_from_and_nothing_of_others_runs(
    setting: str, ada: Shell, repo: Path
) -> None:
    ada.run(setting).ok()
    folder = Path(repo, ada.run("git rev-parse --git-path hooks").ok().out.strip())
    theirs = "#!/bin/sh\necho ran >> ../ran\n"
    if folder != Path("/dev/null"):
        folder.mkdir(exist_ok=True)
        for name in GIT_HOOKS:
            (folder / name).write_text(theirs)
            (folder / name).chmod(0o755)
    ada.stick("init --only git").ok()
    (repo.parent / "ran").unlink(missing_ok=True)
    before = snapshot(repo)
    assert not git_hooks.wrongs(workspace(repo), GIT_HOOKS)
    assert not difference(before, snapshot(repo))
    assert not (repo.parent / "ran").exists()


SPOILT = {
    "a line above ours ends it": ("2i exit 0", "lines of another tool stand above"),
    "a line above ours does something": ("2i touch ../ran", "lines of another tool stand above"),
    "line ends of another system": ("s/$/\\r/", "line ends of another system"),
    "another interpreter": ("1s/.*/#!\\/usr\\/bin\\/env no-such-shell/", "stand above ours"),
    "a python that cannot run": (
        "s/^stick_python=.*/stick_python=\\/bin\\/false/",
        "does not answer",
    ),
    "a gate that is another program": (
        "s/^stick_gate=.*/stick_gate=\\/dev\\/null/",
        "does not answer",
    ),
    "another tool's, which never calls ours": ("d;$a #", "is not ours"),
}


@pytest.mark.parametrize("name", git_hooks.NEEDED)
@pytest.mark.parametrize("how", SPOILT)
def test_what_does_not_ask_is_told_and_init_mends_it(
    how: str, name: str, ada: Shell, repo: Path
) -> None:
    ada.run("stick init --only git && stick join --as ada && stick take").ok()
    script, words = SPOILT[how]
    ada.run(f"sed -i '{script}' .git/hooks/{name}").ok()
    if how.startswith("another tool's"):
        (repo / ".git/hooks" / name).write_text("#!/bin/sh\ntouch ../ran\n")
    told = ada.stick("doctor").fails(78, words).text
    assert "next: stick init" in told.replace("next:    ", "next: ")
    for verb in ("status", "board"):
        ran = ada.stick(verb).ok().text
        assert "NOT ENFORCED" in ran, verb
        assert words in ran, verb
    assert not (repo.parent / "ran").exists(), "nothing of another tool's was started"
    ada.stick("init --only git").ok()
    ada.stick("doctor").ok()
    assert "NOT ENFORCED" not in ada.stick("status").ok().text


def test_a_hook_of_an_earlier_version_is_told_and_not_started(ada: Shell, repo: Path) -> None:
    ada.stick("init --only git").ok()
    hook = repo / ".git/hooks/pre-commit"
    hook.write_text(hook.read_text().replace("STICK_PROBE", "STICK_OLDER"))
    ada.stick("doctor").fails(78, "another version", "stick init")
    ada.run("stick init --only git && stick doctor").ok()


def test_a_probe_never_lets_anything_pass(ada: Shell, repo: Path) -> None:
    ada.run("stick init --only git && stick join --as ada && stick take").ok()
    probe = {"STICK_PROBE": "x"}
    ada.run("git commit -q --allow-empty -m x", probe).fails(1, "unset STICK_PROBE")
    ada.run("git commit -q --allow-empty --no-verify -m x", probe).fails(1, "unset STICK_PROBE")
    ada.run("git commit -q --allow-empty -m x").ok()


@pytest.mark.parametrize(
    ("head", "answers"),
    [
        ("#!/bin/sh\nstick_hook=a\n", True),
        ("\n# words\nset +euCf # why\nstick_python='/a b/'\"'\"'s'\n", True),
        ("#!/bin/sh\nstick_python=$(touch x)\n", False),
        ("#!/bin/sh\nstick_python='a'; touch x\n", False),
        ("#!/bin/sh\nstick_gate='a'`touch x`\n", False),
        ("#!/bin/sh\nset +euCf; touch x\n", False),
        ("#!/usr/bin/env python\n", False),
        ("#!/bin/sh\r\n", False),
        ("touch x\n", False),
    ],
)
def test_only_what_begins_with_our_lines_is_started(head: str, answers: bool) -> None:
    probe = git_hooks.hook_text("pre-commit").partition("stick_git=")[0].partition("if [")[2]
    text = f"{head}if [{probe}rest\n"
    assert hook_probe.answers_first(text) is answers


def test_our_own_hooks_begin_with_our_lines() -> None:
    for name in GIT_HOOKS:
        assert hook_probe.answers_first(git_hooks.hook_text(name)), name
        assert leads(git_hooks.hook_text(name)), name


@pytest.mark.parametrize(
    ("text", "stops"),
    [
        ("#!/bin/sh\nstick hook pre-commit || exit 1\nmake\n", True),
        ("#!/bin/sh\n\n# ours first\nstick hook pre-commit || exit\n", True),
        ('#!/bin/bash\nexec stick hook pre-commit "$@"\n', True),
        ("#!/bin/sh\nset -eu\nstick hook pre-commit\nmake\n", True),
        ("#!/bin/sh -e\nstick hook pre-commit\nmake\n", True),
        ("#!/bin/sh\nstick hook pre-commit || exit $?\n", True),
        ("#!/bin/sh\nstick hook pre-commit\nmake\n", False),
        ("#!/bin/sh\nstick hook pre-commit || true\n", False),
        ("#!/bin/sh\nstick hook pre-commit || exit 0\n", False),
        ("#!/bin/sh\nstick hook pre-commit &\n", False),
        ("#!/bin/sh\nstick hook pre-commit | tee log\n", False),
        ("#!/bin/sh\n! stick hook pre-commit || exit 1\n", False),
        ("#!/bin/sh\nexit 0\nstick hook pre-commit || exit 1\n", False),
        ("#!/bin/sh\nif false; then\nstick hook pre-commit || exit 1\nfi\n", False),
        ("#!/bin/sh\n# stick hook pre-commit || exit 1\n", False),
        ("#!/usr/bin/env python3\nstick hook pre-commit || exit 1\n", False),
        ("#!/bin/sh\necho 'stick hook pre-commit'\n", False),
    ],
)
def test_a_line_put_in_by_hand_counts_only_where_it_stops_git(text: str, stops: bool) -> None:
    assert hook_probe.stops_git(text) is stops


@own_mounts
def test_where_nothing_may_be_executed_the_step_that_is_printed_helps(
    shells: Shells, tmp_path: Path
) -> None:
    folder = tmp_path / "no exec"
    folder.mkdir()
    script = f"""
mount -t tmpfs -o noexec none '{folder}' && cd '{folder}' && git init -q . || exit 77
stick init --only git; echo "init $?"
stick doctor 2>&1 | sed -n 's/^ *next: *sudo //p' | head -1 > ../step
cat ../step; sh ../step || exit 76
stick doctor; echo "doctor $?"
"""
    (tmp_path / "script").write_text(script)
    done = shells.person(tmp_path).run(f"unshare -rm sh '{tmp_path}/script'")
    if done.code == 77:
        pytest.skip("no tmpfs can be mounted noexec here")
    assert "init 78" in done.out, done.text
    assert "mount -o remount,exec" in done.out
    assert "doctor 0" in done.out, done.text
