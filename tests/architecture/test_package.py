"""The source distribution and the wheel: complete, without state, and they install."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from stickhooks import __version__
from tests.support.documents import REPOSITORY
from tests.support.shells import environment

BUILD = """
import sys
from hatchling import build
build.build_sdist(sys.argv[1])
build.build_wheel(sys.argv[1])
"""


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The source distribution and the wheel, made anew."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-c", BUILD, str(folder)], cwd=REPOSITORY, check=True)
    [source], [wheel] = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return source, wheel


@pytest.fixture(scope="module")
def distributions(archives: tuple[Path, Path]) -> tuple[set[str], set[str]]:
    """The names of the files in both."""
    source, wheel = archives
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    return names, set(zipfile.ZipFile(wheel).namelist())


def files_below(*folders: str) -> set[str]:
    return {
        path.relative_to(REPOSITORY).as_posix()
        for folder in folders
        for path in (REPOSITORY / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc" and path.name != "gate.pack"
        if "__pycache__" not in path.parts and ".hypothesis" not in path.parts
    }


def test_the_source_distribution_has_what_its_tests_need(
    distributions: tuple[set[str], set[str]],
) -> None:
    names, _ = distributions
    wanted = files_below("stickhooks", "hooks", "tests", "docs", ".ci")
    assert not wanted - names
    tops = {
        "CONTRIBUTING.md", "README.md", "CHANGELOG.md", "LICENSE", "SECURITY.md", "CITATION.cff",
        "properdocs.yml", ".pre-commit-hooks.yaml",
    }  # fmt: skip
    assert tops <= names


#: What a run leaves behind in a checkout, and what a room keeps.
STATE = ("__pycache__", ".talking-stick", ".hypothesis", ".git/", ".venv", ".pytest_cache", "site/")


def test_neither_has_what_a_run_leaves_behind(distributions: tuple[set[str], set[str]]) -> None:
    for names in distributions:
        assert not [name for name in names if any(part in name for part in STATE)]
        assert not [name for name in names if name.endswith((".pack", ".pyc"))]


def test_the_wheel_says_what_an_index_shows(archives: tuple[Path, Path]) -> None:
    _, wheel = archives
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith("/METADATA")]
        said = archive.read(name).decode()
    for line in (
        f"Version: {__version__}", "License-Expression: MIT", "License-File: LICENSE",
        "Requires-Python: >=3.11", "Description-Content-Type: text/markdown",
    ):  # fmt: skip
        assert f"\n{line}\n" in said


def test_the_documents_of_a_release_name_this_version() -> None:
    changes = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    first, second = re.findall(r"^## \[(.+?)\]", changes, re.MULTILINE)[:2]
    assert (first, second) == ("Unreleased", __version__)
    citation = (REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {__version__}\n" in citation


def test_the_changelog_has_the_form_that_it_names() -> None:
    kinds = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
    text = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    unreleased, *released = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    for section in (unreleased, *released):
        found = re.findall(r"^### (.+)", section, re.MULTILINE)
        assert found == [kind for kind in kinds if kind in found]
        entries = re.findall(r"^- .+", section, re.MULTILINE)
        assert len(entries) == len(set(entries))
    for section in released:  # what is released is not written on: a merge that does so is seen
        lines = [line for line in section.splitlines()[1:] if line and not line.startswith("#")]
        assert not [line for line in lines if not line.startswith("- ")]


INSTALLERS = {
    "uv": "uv tool install -q --python {python} {wheel}",
    "pipx": "pipx install -q --python {python} {wheel}",
}


@pytest.mark.long
@pytest.mark.parametrize("program", INSTALLERS)
def test_the_wheel_installs_as_a_program_of_its_own(
    program: str, archives: tuple[Path, Path], tmp_path: Path
) -> None:
    if not shutil.which(program):
        pytest.skip(f"no {program} here")
    env = environment(tmp_path) | {
        "UV_TOOL_DIR": f"{tmp_path}/tools", "UV_TOOL_BIN_DIR": f"{tmp_path}/bin",
        "PIPX_HOME": f"{tmp_path}/tools", "PIPX_BIN_DIR": f"{tmp_path}/bin",
    }  # fmt: skip
    command = INSTALLERS[program].format(python=sys.executable, wheel=archives[1])
    subprocess.run(command.split(), env=env, cwd=tmp_path, check=True)
    stick = tmp_path / "bin/stick"
    assert __version__ in subprocess.check_output([stick, "--version"], env=env, text=True)
    subprocess.run([stick, "demo"], env=env, cwd=tmp_path, stdout=subprocess.DEVNULL, check=True)


def test_the_wheel_has_the_package_its_types_and_the_hooks(
    distributions: tuple[set[str], set[str]],
) -> None:
    _, names = distributions
    assert "stickhooks/py.typed" in names
    assert not files_below("stickhooks") - names
    assert not {f"stickhooks/{name}" for name in files_below("hooks")} - names
