"""Other people's tools and our folder: what they would rewrite or ship is kept out, or told."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.support.shells import Shell, Shells

pytestmark = pytest.mark.sampled(4)

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


def state_files(repo: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in (repo / ".talking-stick").iterdir() if p.is_file()}


def from_npm(folder: Path, package: str, version: str, program: str) -> Path:
    """Install a program from npm's registry; skip by name where that cannot be had."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder.mkdir()
    (folder / "package.json").write_text('{"private": true}')
    trial = ["npm", "install", "--no-audit", "--no-fund", f"{package}@{version}"]
    try:
        done = subprocess.run(trial, cwd=folder, capture_output=True, check=False, timeout=120)
    except subprocess.TimeoutExpired:
        pytest.skip(f"{program} could not be had in time")
    found = folder / "node_modules/.bin" / program
    if done.returncode or not found.exists():
        pytest.skip(f"{program} cannot be installed here")
    return found


@pytest.mark.long  # npm
def test_prettier_leaves_the_state_alone(ada: Shell, repo: Path, tmp_path: Path) -> None:
    program = from_npm(tmp_path / "node", "prettier", "3", "prettier")
    ada.stick("init --only git").ok()
    ada.stick("join --as ada").ok()
    ada.stick('take --why "a day"').ok()
    before = state_files(repo)
    assert before[".gitignore"] == b"*\n"
    for mode in ("--check", "--write"):
        done = subprocess.run([program, mode, "."], cwd=repo, capture_output=True, check=False)
        assert b"Checking" in done.stdout or done.returncode == 0, done.stderr
        assert b"[warn] .talking-stick" not in done.stdout + done.stderr
    assert state_files(repo) == before


BIOMES = {
    "two, installed": ("node_modules/@biomejs/biome/package.json", '{"version": "2.6.8"}', True),
    "two, wanted": ("package.json", '{"devDependencies": {"@biomejs/biome": "^2.0.0"}}', True),
    "two, by its schema": (
        "biome.json",
        '{"$schema": "https://biomejs.dev/schemas/2.3.1/schema.json"}',
        True,
    ),
    "one, installed": ("node_modules/@biomejs/biome/package.json", '{"version": "1.9.4"}', False),
    "one, wanted": ("package.json", '{"devDependencies": {"@biomejs/biome": "1.9.4"}}', False),
    "one, by its settings": ("biome.jsonc", '{"organizeImports": {}}', False),
}


@pytest.mark.parametrize("how", BIOMES)
def test_biome_is_kept_from_the_state_as_its_version_allows(
    ada: Shell, repo: Path, how: str
) -> None:
    name, text, marked = BIOMES[how]
    (repo / "biome.json").write_text("{}\n")
    (repo / name).parent.mkdir(parents=True, exist_ok=True)
    (repo / name).write_text(text)
    told = ada.stick("init --only git").ok().out
    marker = repo / ".talking-stick/biome.json"
    assert marker.exists() == marked
    assert ('add "files": { "ignore": [".talking-stick"] } to biome.json' in told) != marked
    assert "git hooks: 10 already there" in ada.stick("init --only git").ok().out


def test_biomes_marker_goes_where_its_version_went_back(ada: Shell, repo: Path) -> None:
    (repo / "package.json").write_text('{"devDependencies": {"@biomejs/biome": "2.1.0"}}')
    assert not (repo / ".talking-stick").exists()
    ada.stick("init --only git --dry-run").ok()
    assert not (repo / ".talking-stick").exists()
    ada.stick("init --only git").ok()
    (repo / "package.json").write_text('{"devDependencies": {"@biomejs/biome": "1.9.4"}}')
    ada.stick("init --only git").ok()
    assert not (repo / ".talking-stick/biome.json").exists()


@pytest.mark.long  # npm
def test_biome_leaves_the_state_alone(ada: Shell, repo: Path, tmp_path: Path) -> None:
    program = from_npm(tmp_path / "node", "@biomejs/biome", "2", "biome")
    (repo / "package.json").write_text('{"devDependencies": {"@biomejs/biome": "^2.0.0"}}')
    ada.stick("init --only git").ok()
    ada.stick("join --as ada").ok()
    before = state_files(repo)
    for mode in ("format", "check", "lint"):
        done = subprocess.run(
            [program, mode, "--write", "."], cwd=repo, capture_output=True, check=False
        )
        assert b".talking-stick" not in done.stdout + done.stderr
    assert state_files(repo) == before


def test_a_room_made_before_there_was_a_marker_gets_it(ada: Shell, repo: Path) -> None:
    ada.stick("init --only git").ok()
    marker = repo / ".talking-stick/.prettierrc"
    marker.unlink()
    ada.stick("join --as ada").ok()
    assert marker.read_text() == '{ "rangeEnd": 0 }\n'
