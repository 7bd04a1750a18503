"""How much a new verb, client or editor touches: each is added to a copy of the package, and works."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.shells import environment

TOP = Path(__file__).parents[2]

TOY_VERB = '''

@verb("toy", reads=True, keeps=True)
def toy(desk: Desk, loud: bool = flag("--loud", "Louder.")) -> Reply:
    """Play with the stick. Example: stick toy --loud"""
    return Reply(["squeak!" if loud else "squeak"])
'''
HOT_CLIENT = '''"""Toy, a client."""

from stickhooks.clients import payloads
from stickhooks.clients.payloads import EDIT

NAME = "toy"
TOOLS = {"scribble": EDIT}
EVENTS = {"pre-edit": "beforeScribble"}


def refusal(reason: str) -> "tuple[int, str, str]":
    return payloads.refused(reason)


def welcome(text: str) -> "tuple[int, str, str]":
    return 0, "", ""


def reminder(reason: str) -> "tuple[int, str, str] | None":
    return None
'''
COLD_CLIENT = '''"""Toy: where its hooks lie."""

from __future__ import annotations

from stickhooks.setup.client_places import Place

PLACE = Place(
    10, "toy", "toy", "Toy", ("toy",), (".toy",),
    project=".toy/hooks.json", user="hooks.json", home=".toy", command="run",
    lets=("everything else",),
    edit=lambda path: ("scribble", {"path": path}),
)
'''


class Copy:
    """A copy of the package, with what is added to it."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.home = home
        for name in ("stickhooks", "hooks"):
            unneeded = shutil.ignore_patterns("__pycache__", "node_modules")
            shutil.copytree(TOP / name, folder / name, ignore=unneeded)
        self.before = self._files()

    def _files(self) -> dict[str, bytes]:
        found = [path for path in self.folder.rglob("*") if path.is_file()]
        return {
            str(p.relative_to(self.folder)): p.read_bytes() for p in found if p.suffix != ".pyc"
        }

    def touched(self) -> set[str]:
        now = self._files()
        return {name for name in now.keys() | self.before if now.get(name) != self.before.get(name)}

    def add(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text((path.read_text() if path.exists() else "") + text)

    def change(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text()
        assert text.count(old) == 1, (name, old)
        (self.folder / name).write_text(text.replace(old, new))

    def stick(self, *words: str, cwd: Path, told: str = "") -> "tuple[int, str]":
        env = {
            **environment(self.home),
            "PYTHONPATH": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        done = subprocess.run(
            [sys.executable, "-P", "-m", "stickhooks", *words],
            cwd=cwd, env=env, input=told, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path, home: Path) -> Copy:
    return Copy(tmp_path / "copy", home)


def test_a_verb_touches_two_files(copy: Copy, repo: Path) -> None:
    copy.add("stickhooks/cli/view_commands.py", TOY_VERB)
    copy.change(
        "stickhooks/shell/stick.py", "KEEPING: Final = (\n", 'KEEPING: Final = (\n    "toy",\n'
    )
    assert len(copy.touched()) == 2
    code, said = copy.stick("help", "toy", cwd=repo)
    assert (code, "Play with the stick" in said, "--loud" in said) == (0, True, True)
    assert copy.stick("toy", "--loud", cwd=repo) == (0, "squeak!\n")
    assert "toy\tPlay with the stick" in copy.stick("__offers", "to", cwd=repo)[1]
    assert "--loud\tLouder" in copy.stick("__offers", "toy", "-", cwd=repo)[1]


def test_a_client_touches_three_files(copy: Copy, repo: Path) -> None:
    copy.add("stickhooks/clients/toy.py", HOT_CLIENT)
    copy.add("stickhooks/setup/clients/toy.py", COLD_CLIENT)
    copy.change(
        "stickhooks/clients/__init__.py",
        "_ALL = (\n",
        '_ALL = (\n    Client("toy", "toy", marks=("TOY",)),\n',
    )
    assert len(copy.touched()) == 3
    code, said = copy.stick("init", "--only", "toy", "--dry-run", cwd=repo)
    assert code == 0, said
    assert "clients: Toy would be installed" in said
    code, said = copy.stick("init", "--only", "git,toy", cwd=repo)
    assert code == 0, said
    assert "stickhooks/pre-edit" in (repo / ".toy/hooks.json").read_text()
    code, said = copy.stick("doctor", cwd=repo)
    assert "Toy: the hook" not in said  # it was called as Toy would, and refused
    copy.change("stickhooks/setup/clients/toy.py", "edit=", "blocks=lambda answer: False, edit=")
    code, said = copy.stick("doctor", cwd=repo)
    assert "Toy: the hook" in said
    assert "let an edit" in said
    code, said = copy.stick("uninit", cwd=repo)
    assert (code, (repo / ".toy").exists()) == (0, False), said


def test_an_editor_touches_two_files(copy: Copy, repo: Path) -> None:
    copy.add("hooks/editors/stick.toy", "ask @PYTHON@ @GATE@\n")
    copy.change(
        "stickhooks/setup/editors.py", "EDITORS: Final = {\n",
        'EDITORS: Final = {\n    "toy": Editor({"stick.toy": "stick.toy"}, _ours, _literal),\n',
    )  # fmt: skip
    assert len(copy.touched()) == 2
    code, said = copy.stick("editor", "toy", "--print", cwd=repo)
    assert code == 0, said
    assert f'"{copy.folder}/stickhooks/hook.py"' in said
    for show in (("help", "editor"), ("editor", "none")):
        assert "toy" in copy.stick(*show, cwd=repo)[1]
