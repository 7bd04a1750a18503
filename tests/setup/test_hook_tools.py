"""Real tools that install hooks: before ours, after ours, again, and out: nothing of theirs is lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.shells import Shell, Shells, difference, snapshot

COMMIT = "echo x >> new.txt && git add new.txt && git commit -qm x"
SKIP = (
    ".git/objects",
    ".git/index",
    ".git/logs",
    ".git/COMMIT_EDITMSG",
    ".git/refs",
    "new.txt",
    ".dvc/tmp",
)
PRE_COMMIT = """
repos:
- repo: local
  hooks:
  - {id: mark, name: mark, entry: sh -c 'echo ran >> ../ran', language: system, always_run: true}
"""


class Tool:
    """How a tool is put into a repository, whether its hook ran, and the files it wants."""

    def __init__(self, folder: str = "", install: str = "", *, marks: bool = True) -> None:
        self.folder = folder  # of its programs
        self.install = f"export PATH='{folder}':\"$PATH\"; {install}" if folder else install
        self.marks = marks

    def run(self, shell: Shell, command: str):  # type: ignore[no-untyped-def]
        return shell.run(
            f"export PATH='{self.folder}':\"$PATH\"; {command}" if self.folder else command
        )


@pytest.fixture(scope="session")
def dvc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of dvc's program, from an environment of its own."""
    folder = tmp_path_factory.mktemp("dvc")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    done = subprocess.run(
        [folder / "bin/pip", "install", "-q", "dvc"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"dvc could not be installed: {done.stderr[-300:]}")
    return folder / "bin"


@pytest.fixture(scope="session")
def npm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("npm") is None:
        pytest.skip("npm is missing")
    folder = tmp_path_factory.mktemp("npm")
    (folder / "package.json").write_text("{}")
    tools = ["husky@9", "lefthook@2", "simple-git-hooks@2"]
    done = subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", *tools],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"they could not be installed: {done.stderr[-300:]}")
    return folder / "node_modules/.bin"


def _dvc(request: pytest.FixtureRequest, repo: Path) -> Tool:
    folder = request.getfixturevalue("dvc")
    environment = f"export HOME='{repo.parent}/home' DVC_NO_ANALYTICS=1"
    subprocess.run(["sh", "-c", f"{environment}; '{folder}/dvc' init -q"], cwd=repo, check=True)
    return Tool(str(folder), "dvc install", marks=False)


def _lfs(_request: pytest.FixtureRequest | None, _repo: Path) -> Tool:
    if shutil.which("git-lfs") is None:
        pytest.skip("git-lfs is missing")
    return Tool("", "git lfs install --local", marks=False)


def _simple(request: pytest.FixtureRequest, repo: Path) -> Tool:
    folder = request.getfixturevalue("npm")
    (repo / "package.json").write_text('{"simple-git-hooks": {"pre-commit": "echo ran >> ../ran"}}')
    return Tool(str(folder), "simple-git-hooks")


def _lefthook(request: pytest.FixtureRequest, repo: Path) -> Tool:
    folder = request.getfixturevalue("npm")
    (repo / "lefthook.yml").write_text(
        "pre-commit:\n  commands:\n    mark:\n      run: echo ran >> ../ran\n"
    )
    return Tool(str(folder), "lefthook install")


def _husky(request: pytest.FixtureRequest, repo: Path) -> Tool:
    folder = request.getfixturevalue("npm")
    (repo / ".husky").mkdir()
    (repo / ".husky/pre-commit").write_text("echo ran >> ../ran\n")
    return Tool(str(folder), "husky")


def _framework(request: pytest.FixtureRequest, repo: Path) -> Tool:
    if (
        shutil.which("pre-commit") is None
        and not Path(sys.executable).with_name("pre-commit").exists()
    ):
        pytest.skip("pre-commit is missing")
    (repo / ".pre-commit-config.yaml").write_text(PRE_COMMIT)
    return Tool("", "pre-commit install")


TOOLS = {
    "dvc": _dvc, "git-lfs": _lfs, "simple-git-hooks": _simple, "lefthook": _lefthook,
    "husky": _husky, "pre-commit": _framework,
}  # fmt: skip


#: Where the tool comes from the network, or only where it is installed anyway.
FETCHED = ("dvc", "simple-git-hooks", "lefthook", "husky")


@pytest.fixture(
    params=[
        pytest.param(name, marks=[pytest.mark.long] if name in FETCHED else []) for name in TOOLS
    ]
)
def tool(request: pytest.FixtureRequest, repo: Path, ada: Shell) -> Tool:
    made = TOOLS[request.param](request, repo)
    ada.run("git add . && git commit -q --allow-empty -m tools").ok()
    return made


@pytest.fixture
def ada(shells: Shells, repo: Path) -> Shell:
    return shells.person(repo)


def asked_and_run(tool: Tool, ada: Shell, bob: Shell, repo: Path) -> None:
    """See that the gate asks, before the tool's own hook; and that this one runs for the holder."""
    ran = repo.parent / "ran"
    ran.unlink(missing_ok=True)
    ada.stick("doctor").ok()
    assert "NOT ENFORCED" not in ada.stick("status").ok().text
    bob.run(COMMIT).fails(1, "ada holds")
    tool.run(bob, f"{COMMIT} --no-verify").fails(1, "ada holds")
    assert not ran.exists()
    tool.run(ada, COMMIT).ok()
    assert ran.exists() is tool.marks


def test_a_tool_that_was_there_comes_back_byte_for_byte_after_two_installations_of_each(
    tool: Tool, ada: Shell, shells: Shells, repo: Path
) -> None:
    bob = shells.person(repo)
    tool.run(ada, tool.install).ok()
    before = snapshot(repo, skip=SKIP)
    ada.run("stick init --only git && stick join --as ada && stick take").ok()
    bob.stick("join --as bob").ok()
    asked_and_run(tool, ada, bob, repo)
    ada.stick("uninit").ok()
    assert not difference(before, snapshot(repo, skip=SKIP))


def test_a_tool_that_comes_later_installs_itself_and_stays_when_we_go(
    tool: Tool, ada: Shell, shells: Shells, repo: Path
) -> None:
    bob = shells.person(repo)
    without = repo.parent / "without"
    shutil.copytree(repo, without, symlinks=True)
    ada.run(f"cd '{without}'; {tool.install}").ok()
    ada.run("stick init --only git && stick join --as ada && stick take").ok()
    bob.stick("join --as bob").ok()
    for alone in (True, False):
        done = ada.run(tool.install)
        if alone:  # dvc stops the second time because of its own hook
            assert "already exists" not in done.ok().text, done.text
        told = ada.stick("take").ok().err
        assert not tool.marks or "ours come first again" in told
        asked_and_run(tool, ada, bob, repo)
        ada.stick("init --only git").ok()
    ada.stick("uninit").ok()
    theirs = {f"{one.name}: {one.read_bytes()!r}" for one in hooks(without)}
    kept = {f"{one.name}: {one.read_bytes()!r}" for one in hooks(repo)}
    assert {one.replace(str(without), str(repo)) for one in theirs} == kept


def test_hooks_stay_where_the_filter_of_lfs_puts_in_its_own_at_each_status(
    ada: Shell, repo: Path
) -> None:
    tool = _lfs(None, repo)
    ada.run(f"{tool.install} && git lfs track '*.bin' && echo 1 > a.bin && git add .").ok()
    ada.run("git commit -qm one && stick init --only git && stick join --as ada").ok()
    ada.stick("take").ok()
    for _ in range(2):
        ada.run("echo 2 >> a.bin && git status && git add a.bin && git commit -qm two").ok()
        assert "NOT ENFORCED" not in ada.stick("status").ok().text
        assert "stick" in (repo / ".git/hooks/post-checkout").read_text()
    assert "git lfs" in (repo / ".git/hooks.stick-kept/post-checkout").read_text()


def hooks(repo: Path) -> list[Path]:
    folders = [repo / ".git/hooks", repo / ".husky/_"]
    files = [one for folder in folders if folder.is_dir() for one in sorted(folder.iterdir())]
    return [one for one in files if one.is_file() and one.suffix != ".sample"]
