"""What the tests that start processes share: a home, a repository, shells in it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.stress import sample
from tests.support import in_memory
from tests.support.shells import STICK, Shell, Shells, environment

MakeRepository = Callable[[str], Path]

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # we were started in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine is no fault: nothing is held to hypothesis's 200 ms an example.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

#: The files that take longest: first, so that no process is left alone with one at the end.
LONGEST = (
    "test_crash_points", "test_git_table", "test_cli", "test_race", "test_install", "test_gate_git",
    "test_pictures", "test_shell_reach", "test_never_locked_out", "test_bad_input", "test_edges",
    "test_pushes", "test_two_clones", "test_exclusion", "test_editor_vim", "test_claude_hook",
    "test_engine_verb", "test_git_way_back", "test_git_told", "test_simulated_disk",
    "test_nested_rooms", "test_hook_seal", "test_kept_hooks", "test_bundle", "test_soak",
    "test_paths_side_by_side", "test_upgrade", "test_shell_runs", "test_editor_emacs",
    "test_other_accounts", "test_git_fencing", "test_clients_lifecycle", "test_conformance",
    "test_hook_tools", "test_simulation", "test_hostile", "test_running_clients",
    "test_next_steps", "test_etcd", "test_editor_kakoune", "test_editor_micro",
)  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    sample.configure(config)
    in_memory.choose(config)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    seed = f"{sample.VARIABLE}={sample.seed()}"
    terminalreporter.write_line(f"stress tests sampled by {seed}: set it to draw the same again")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    sample.draw(items)
    place = {name: i for i, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def env(home: Path) -> dict[str, str]:
    return environment(home)


@pytest.fixture
def shells(tmp_path: Path, env: dict[str, str]) -> Iterator[Shells]:
    made = Shells(tmp_path / "shells", env)
    yield made
    made.close()


FILES = {
    "README": "A shop.\n",
    "app.py": "print('shop')\n",
    "src/core.py": "core = 1\n",
    "services/web/index.html": "<p>\n",
    "services/web/site.css": "p {}\n",
    "services/api/main.py": "api = 1\n",
    "docs/guide.md": "# Guide\n",
}


def build(folder: Path, files: Mapping[str, str]) -> Path:
    """Make a repository with some files, committed a minute ago: git's times are whole seconds, and
    what a test does in the first one is later."""
    env = environment(folder.parent) | {"GIT_COMMITTER_DATE": f"{int(time.time()) - 60} +0000"}
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    for command in ("init -q -b main", "add .", "commit -q -m shop"):
        subprocess.run(["git", *command.split()], cwd=folder, env=env, check=True)
    return folder


INIT = ("init", "--only", "git,claude")
#: What names the tree's path, of that which ``init`` writes.
NAMING_THE_TREE = (
    ".talking-stick/room.json", ".git/stickhooks/anchor.json", ".git/stickhooks/copies/*/state.json",
    ".git/stickhooks/installed.json", ".git/stickhooks/pre-edit", ".git/stickhooks/lifecycle",
    ".claude/settings.local.json",
)  # fmt: skip
#: And where git has hooks in its configuration, from 2.54 on.
NAMING_IT_IN_NEWER_GITS = (".git/config", ".git/stickhooks/hooks.json")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository to be copied, and never used itself."""
    return build(tmp_path_factory.mktemp("template") / "repository", FILES)


@pytest.fixture
def make_repository(tmp_path: Path, template: Path, env: dict[str, str]) -> MakeRepository:
    """Return a function that makes a real repository below the test's folder."""

    def make(name: str) -> Path:
        folder = tmp_path / name
        shutil.copytree(template, folder)
        subprocess.run(["git", "update-index", "-q", "--refresh"], cwd=folder, env=env, check=True)
        return folder

    return make


@pytest.fixture
def repo(make_repository: MakeRepository) -> Path:
    return make_repository("shop")


@pytest.fixture(scope="session")
def template_room(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Path:
    """Return what ``stick init`` makes of that repository, to be copied and never used itself."""
    folder = tmp_path_factory.mktemp("template-room") / "shop"
    shutil.copytree(template, folder)
    return initialized(folder)


#: A branch ``side`` that conflicts with main; ``../p`` is its commit as a patch; ``other`` is like main.
CONFLICT = (
    "git switch -qc side && echo s > app.py && git commit -qam side && git switch -q main"
    " && echo m > app.py && git commit -qam main && git branch other"
    " && git format-patch -q -1 --stdout side > ../p"
)


@pytest.fixture(scope="session")
def template_conflict(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Path:
    """Return the same where that repository has branches that conflict."""
    folder = tmp_path_factory.mktemp("template-conflict") / "shop"
    shutil.copytree(template, folder)
    subprocess.run(CONFLICT, shell=True, cwd=folder, env=environment(folder.parent), check=True)
    return initialized(folder)


def initialized(folder: Path) -> Path:
    for command in (["git", "update-index", "-q", "--refresh"], [str(STICK), *INIT]):
        subprocess.run(
            command,
            cwd=folder,
            env=environment(folder.parent),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )
    named = {
        file for file in folder.rglob("*") if file.is_file() and bytes(folder) in file.read_bytes()
    }
    named -= {folder / name for name in NAMING_IT_IN_NEWER_GITS}
    assert named == {file for name in NAMING_THE_TREE for file in folder.glob(name)}
    return folder


@pytest.fixture
def room(request: pytest.FixtureRequest, tmp_path: Path, repo: Path, env: dict[str, str]) -> Path:
    """Return a repository with a room, git hooks and the hook of Claude Code."""
    shutil.rmtree(repo)
    if "conflict" not in request.fixturenames:
        return copied_room(request.getfixturevalue("template_room"), repo, env)
    template = request.getfixturevalue("template_conflict")
    shutil.copyfile(template.parent / "p", tmp_path / "p")
    return copied_room(template, repo, env)


def copied_room(template_room: Path, to: Path, env: Mapping[str, str]) -> Path:
    """Copy that repository to a place that is not there yet.

    It is as if ``stick init`` had run there, which takes longer than most tests: the path is
    another in each file that names it.
    """
    shutil.copytree(template_room, to, symlinks=True)
    for name in (*NAMING_THE_TREE, *NAMING_IT_IN_NEWER_GITS):
        for file in to.glob(name):
            file.write_bytes(file.read_bytes().replace(bytes(template_room), bytes(to)))
    subprocess.run(["git", "update-index", "-q", "--refresh"], cwd=to, env=env, check=True)
    return to


@pytest.fixture
def ada(shells: Shells, room: Path) -> Shell:
    """Return a member of the room."""
    return shells.member(room, "ada")


@pytest.fixture
def bob(shells: Shells, room: Path) -> Shell:
    """Return another member of the room."""
    return shells.member(room, "bob")


@pytest.fixture
def conflict(ada: Shell) -> None:
    """Have ada hold the stick, in a repository that ``CONFLICT`` was done in."""
    ada.stick("take").ok()
