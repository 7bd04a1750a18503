"""What the documents name is there: files, folders, layers, commands."""

from __future__ import annotations

import ast
import io
import re
import shutil
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from stickhooks.store import layout
from tests.support.documents import DOCS, REPOSITORY, page

PACKAGE = REPOSITORY / "stickhooks"
DOCUMENTS = (
    "CONTRIBUTING.md", "README.md", *sorted(f"docs/{p.relative_to(DOCS)}" for p in DOCS.rglob("*.md"))
)  # fmt: skip
FOR_CHANGERS = ("docs/explanation/architecture.md", "CONTRIBUTING.md")
ARCHITECTURE = page("explanation/architecture")
CONTRIBUTING = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
CI = REPOSITORY / ".ci/run"
TOPS = ("stickhooks", "tests", "hooks", "docs", ".ci")
OF_GIT = {"hooks/pre-receive", "hooks/pre-receive.next"}  # in a repository of the user's
MODULES = {path.name for path in PACKAGE.rglob("*.py")}
OURS = {path.name for path in PACKAGE.iterdir() if path.is_dir()}


def named(text: str) -> Iterator[str]:
    """Yield the paths that a text names: below a folder of ours, or a module at the top."""
    roots = "|".join(map(re.escape, sorted({*TOPS, *OURS})))
    yield from re.findall(rf"(?<![\w./@-])(?:{roots})/(?:[\w./-]*\w)?", text)
    yield from re.findall(r"`(\w+\.py)`", text)


def is_there(path: str) -> bool:
    return any((root / path).exists() for root in (REPOSITORY, PACKAGE))


def missing(text: str) -> list[str]:
    return [
        path
        for path in named(text)
        if "NAME" not in path and path not in OF_GIT and not is_there(path)
    ]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_names_is_there(document: str) -> None:
    text = (REPOSITORY / document).read_text(encoding="utf-8")
    assert document not in FOR_CHANGERS or len(list(named(text))) > 5
    assert not re.findall(r"^(?:<{7}|={7}|>{7})", text, re.MULTILINE)  # of a merge
    assert not missing(text)


def test_every_module_that_the_page_on_tests_runs_is_there() -> None:
    text = page("explanation/how-it-is-tested")
    modules = set(re.findall(r"tests(?:\.\w+)+", text))
    assert len(modules) > 6
    paths = [module.replace(".", "/") for module in modules]
    assert not [p for p in paths if not is_there(f"{p}.py") and not is_there(f"{p}/__main__.py")]


def test_a_file_that_is_gone_is_seen() -> None:
    assert missing("see `gate/door.py`, tests/gone/ and `hooks/pre-edit`; `utils.py`") == [
        "gate/door.py", "tests/gone", "utils.py",
    ]  # fmt: skip


#: Paths in other people's repositories.
OF_OTHERS = {"docs/config.md"}  # openai/codex


def said(path: Path) -> str:
    """Return the comments and docstrings of a module, or the comments of a script."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return "\n".join(line for line in text.splitlines() if line.lstrip().startswith("#"))
    words = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = [word.string for word in words if word.type == tokenize.COMMENT]
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)]
    return "\n".join([*comments, *(ast.get_docstring(node) or "" for node in nodes)])


def gone(text: str) -> list[str]:
    """Return the files of ours that a comment names and that are not there."""
    alone = re.findall(r"(?<![\w./-])\w+\.py\b", text)
    absent = [path for path in missing(text) if path not in {*OF_OTHERS, *alone}]
    return [*absent, *(name for name in alone if name not in MODULES)]


def test_every_file_that_a_comment_names_is_there() -> None:
    files = [*PACKAGE.rglob("*.py"), *(p for p in (REPOSITORY / "hooks").iterdir() if p.is_file())]
    assert not {path.name: found for path in files if (found := gone(said(path)))}


def test_a_comment_that_names_a_file_that_is_gone_is_seen() -> None:
    assert gone("see witness.py; `tests/test_door.py`, store/gone.py") == [
        "tests/test_door.py", "store/gone.py", "witness.py",
    ]  # fmt: skip
    assert not gone("see operations/head_log.py, hook_probe.py")


def layers() -> list[set[str]]:
    """Return the layers of the documented picture, the highest first."""
    table = ARCHITECTURE.split("<!-- layers -->")[1].split("<!-- /layers -->")[0]
    rows = [line.split("|")[1] for line in table.strip().splitlines()[2:]]
    return [set(re.findall(r"`([\w.]+)/?`", row)) for row in rows]


def test_the_picture_of_the_layers_is_the_contract() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    [contract] = settings["tool"]["importlinter"]["contracts"]
    wanted = [set(re.findall(r"\w+", layer)) for layer in contract["layers"]]
    assert [{name.removesuffix(".py") for name in layer} for layer in layers()] == wanted


def test_every_folder_of_the_package_has_its_line() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert folders <= set().union(*layers())


def test_the_names_on_disk_are_those_of_the_layout() -> None:
    section = ARCHITECTURE.split("## State on disk")[1].split("\n## ")[0]
    cells = " ".join(line.split("|")[1] for line in section.splitlines() if line.startswith("| `"))
    parts = {part for path in re.findall(r"`([^`]+)`", cells) for part in path.split("/") if part}
    said = {value for value in vars(layout).values() if isinstance(value, str)}
    assert parts - {".git", "ID", "room.PATH.json"} <= {*said, layout.state_name("")}


def commands() -> list[str]:
    return [
        line.strip().removeprefix(".venv/bin/")
        for block in re.findall(r"^    .*$", CONTRIBUTING, re.MULTILINE)
        for line in block.split(" && ")
        if "pip install" not in line and "-m venv" not in line
    ]


@pytest.mark.parametrize("command", commands())
def test_each_command_for_contributors_is_one_that_runs(command: str) -> None:
    program, *words = command.split()
    asked = [*words[:2], "--help"] if program == "python" else ["--help"]
    here = Path(sys.executable).with_name(program)
    found = sys.executable if program == "python" else str(here) if here.exists() else ""
    found = found or shutil.which(program) or ""
    if not found:
        pytest.skip(f"no {program} here")
    done = subprocess.run(
        [found, *asked], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert not missing(command)


def test_the_commands_are_those_that_the_change_gate_runs() -> None:
    text = CI.read_text(encoding="utf-8")
    for tool in ("ruff format", "ruff check", "mypy", "lint-imports"):
        assert tool in text
        assert tool in CONTRIBUTING
