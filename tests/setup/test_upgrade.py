"""Hooks put in by earlier versions: they keep on asking, `stick init` replaces them, `uninit` takes all.

``data/earlier_hooks.json`` has what `stick init --only git,claude` of two earlier days wrote into a
repository with a pre-commit hook of its own, as it lay there; ``@FILE@`` in a manifest is that file's text.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from stickhooks.setup import git_hooks, templates
from tests.support.shells import Shell, Shells, difference, snapshot

EARLIER = json.loads((Path(__file__).parents[1] / "data/earlier_hooks.json").read_text())
MINE = "#!/bin/sh\necho mine >> ../ran\n"
COMMIT = "git commit -q --allow-empty -m x"
SKIP = (".git/objects", ".git/index", ".git/logs", ".git/COMMIT_EDITMSG", ".git/refs", ".claude")


def put(repo: Path, files: dict[str, dict[str, str]]) -> None:
    """Put an earlier version's files into a repository, pointing at the package of today."""
    values = {"@PYTHON@": _value("stick_python"), "@GATE@": templates.gate(), "@ROOT@": str(repo)}
    texts = {}
    for name, file in files.items():
        text = file["text"]
        for key, value in values.items():
            text = text.replace(key, value)
        texts[name] = text
    for name, text in texts.items():
        if name.endswith((".git/stickhooks/hooks.json", ".git/stickhooks/installed.json")):
            raw = json.loads(text)
            for placed in raw["placed"]:
                base, _, rest = placed["path"].partition(":")
                there = texts.get(f".git/{rest}" if base == "git" else rest)
                if placed["wrote"] == "@FILE@" and there is not None:
                    placed["wrote"] = there
            text = json.dumps(raw)
        path = repo / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(int(files[name]["mode"], 8))


def _value(name: str) -> str:
    lines = git_hooks.hook_text("pre-commit").splitlines()
    return next(line.partition("=")[2] for line in lines if line.startswith(f"{name}="))


class Earlier:
    """A repository that was set up by an earlier version, with two members of today's."""

    def __init__(self, files: dict[str, dict[str, str]], shells: Shells, repo: Path) -> None:
        self.repo = repo
        hooks = repo / ".git/hooks"
        shutil.rmtree(hooks, ignore_errors=True)
        hooks.mkdir()
        (hooks / "pre-commit").write_text(MINE)
        (hooks / "pre-commit").chmod(0o755)
        (repo / ".git/info").mkdir(exist_ok=True)
        exclude = repo / ".git/info/exclude"
        exclude.unlink(missing_ok=True)
        own = files[".git/info/exclude"]["text"].partition("# >>> stickhooks >>>")[0]
        if own:
            exclude.write_text(own)
        self.before = snapshot(repo, skip=SKIP)
        (hooks / "pre-commit").unlink()
        put(repo, files)
        self.ada: Shell = shells.person(repo)
        self.bob: Shell = shells.person(repo)
        self.ada.run("stick join --as ada; stick take").ok()
        self.bob.stick("join --as bob").ok()


@pytest.fixture(params=sorted(EARLIER))
def earlier(request: pytest.FixtureRequest, shells: Shells, repo: Path) -> Earlier:
    return Earlier(EARLIER[request.param], shells, repo)


def asked(earlier: Earlier) -> None:
    """See that whoever does not hold is refused in every way, and that the user's hook runs once."""
    ran = earlier.repo.parent / "ran"
    ran.unlink(missing_ok=True)
    earlier.bob.run(COMMIT).fails(1, "ada holds")
    earlier.bob.run(f"{COMMIT} --no-verify").fails(1, "ada holds")
    earlier.bob.run("git update-ref HEAD HEAD~0 && git branch -f main HEAD~0; git stash").ok()
    assert not ran.exists()
    earlier.ada.run(COMMIT).ok()
    assert ran.read_text() == "mine\n"


def test_they_go_on_asking_are_replaced_by_init_and_all_of_it_goes(earlier: Earlier) -> None:
    asked(earlier)
    assert "NOT ENFORCED" not in earlier.ada.stick("status").ok().text
    earlier.ada.stick("doctor").fails(78, "another version", "stick init")
    earlier.ada.stick("init --only git,claude").ok()
    told = earlier.ada.stick("doctor").ok().out
    assert "nothing is wrong" in told
    hooks = earlier.repo / ".git/hooks"
    assert [p.name for p in hooks.iterdir() if "stick-kept" in p.name] == []
    asked(earlier)
    earlier.ada.stick("uninit").ok()
    assert not difference(earlier.before, snapshot(earlier.repo, skip=SKIP))
    assert not (earlier.repo / ".claude/settings.local.json").exists()


def test_uninit_of_today_takes_them_out_without_an_init_between(earlier: Earlier) -> None:
    earlier.ada.stick("uninit").ok()
    assert not difference(earlier.before, snapshot(earlier.repo, skip=SKIP))
    assert not (earlier.repo / ".claude/settings.local.json").exists()


def test_an_earlier_hook_of_a_client_refuses_an_edit_of_who_does_not_hold(
    earlier: Earlier, shells: Shells
) -> None:
    bot = shells.agent(earlier.repo)
    assert bot.edit("app.py").code == 2
    payload = bot.payload(earlier.repo / "app.py")
    done = bot.hook(payload)
    assert (done.code, "ada holds" in done.err) == (2, True)
    assert subprocess.run(["git", "diff", "--quiet"], cwd=earlier.repo, check=False).returncode == 0
