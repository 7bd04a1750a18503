"""Other people's tools and our folder: what they would rewrite or ship is kept out, or told."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from shells import Shell, Shells

PROJECTS = {
    "hatch": (
        "pyproject.toml",
        '[build-system]\nbuild-backend = "hatchling.build"\n',
        ".gitignore",
    ),
    "docker": ("Dockerfile", "FROM scratch\nCOPY . /\n", ".dockerignore"),
    "vsce": ("package.json", '{"engines": {"vscode": "^1.90.0"}}\n', ".vscodeignore"),
    "gcloud": ("app.yaml", "runtime: python\n", ".gcloudignore"),
}


@pytest.fixture
def ada(shells: Shells, repo: Path) -> Shell:
    return shells.person(repo)


@pytest.mark.parametrize("tool", PROJECTS)
def test_init_names_the_line_that_keeps_our_folder_out(ada: Shell, repo: Path, tool: str) -> None:
    name, text, ignore_file = PROJECTS[tool]
    (repo / name).write_text(text)
    told = f"add the line .talking-stick/ to {ignore_file}"
    assert told in ada.stick("init --only git").ok().out
    assert not (repo / ignore_file).exists()
    (repo / ignore_file).write_text("node_modules\n/.talking-stick/\n")
    assert "add the line" not in ada.stick("init --only git").ok().out


def test_where_no_such_tool_is_used_init_says_nothing_of_them(ada: Shell) -> None:
    assert "add the line" not in ada.stick("init --only git").ok().out


def test_a_project_file_that_cannot_be_read_as_text_does_not_stop_init(
    ada: Shell, repo: Path
) -> None:
    (repo / "pyproject.toml").write_bytes(b"\xff\xfe\x00hatchling")
    (repo / "package.json").mkdir()
    ada.stick("init --only git").ok()


def test_a_source_distribution_with_that_line_ships_nothing_of_ours(
    ada: Shell, repo: Path, tmp_path: Path
) -> None:
    pytest.importorskip("hatchling")
    (repo / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "shop"\nversion = "1"\n'
    )
    ada.stick("init --only git").ok()
    ada.stick("join --as ada").ok()
    (repo / ".gitignore").write_text(".talking-stick/\n")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    subprocess.run(build, cwd=repo, check=True, capture_output=True)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as made:
        assert not [name for name in made.getnames() if "talking-stick" in name]


def prettier(folder: Path) -> Path:
    """Install prettier from its registry; skip by name where that cannot be had."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder.mkdir()
    (folder / "package.json").write_text('{"private": true}')
    trial = ["npm", "install", "--no-audit", "--no-fund", "prettier@3"]
    try:
        done = subprocess.run(trial, cwd=folder, capture_output=True, check=False, timeout=120)
    except subprocess.TimeoutExpired:
        pytest.skip("prettier could not be had in time")
    program = folder / "node_modules/.bin/prettier"
    if done.returncode or not program.exists():
        pytest.skip("prettier cannot be installed here")
    return program


def test_prettier_leaves_the_state_alone(ada: Shell, repo: Path, tmp_path: Path) -> None:
    program = prettier(tmp_path / "node")
    ada.stick("init --only git").ok()
    ada.stick("join --as ada").ok()
    ada.stick('take --why "a day"').ok()
    before = {p.name: p.read_bytes() for p in (repo / ".talking-stick").iterdir() if p.is_file()}
    assert before[".gitignore"] == b"*\n"
    for mode in ("--check", "--write"):
        done = subprocess.run([program, mode, "."], cwd=repo, capture_output=True, check=False)
        assert b"Checking" in done.stdout or done.returncode == 0, done.stderr
        assert b"[warn] .talking-stick" not in done.stdout + done.stderr
    after = {p.name: p.read_bytes() for p in (repo / ".talking-stick").iterdir() if p.is_file()}
    assert after == before


def test_a_room_made_before_there_was_a_marker_gets_it(ada: Shell, repo: Path) -> None:
    ada.stick("init --only git").ok()
    marker = repo / ".talking-stick/.prettierrc"
    marker.unlink()
    ada.stick("join --as ada").ok()
    assert marker.read_text() == '{ "rangeEnd": 0 }\n'
