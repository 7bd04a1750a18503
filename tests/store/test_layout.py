"""Names on disk stand in one file: no other module spells one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import stickhooks
from stickhooks.store import layout

PACKAGE = Path(stickhooks.__file__).parent
MODULES = {
    path.relative_to(PACKAGE).as_posix(): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.name != "layout.py"
}
#: The first stands in hooks of every version, and the second below the store: neither can look a name up.
APART = {"setup/client_settings.py", "shell/interpreters.py"}


def every_name() -> set[str]:
    values = [value for key, value in vars(layout).items() if key.isupper() and key[0] != "_"]
    names = {name for value in values for name in ([value] if isinstance(value, str) else value)}
    return names | {layout.state_name("")}


def telling() -> set[str]:
    """Return the names that nobody would write for anything else. Clients have a ``hooks.json`` too."""
    shared = {layout.HOOKS_MANIFEST}
    return {name for name in every_name() - shared if set(name) & set(".-")} | {layout.STRAYS}


def literals(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the strings of a module with their lines, those that stand alone left out: docstrings."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in alone and isinstance(node.value, str):
            yield node.lineno, node.value


def spelled(source: str) -> list[str]:
    """Return the names on disk that a module spells: telling ones anywhere, others where they are
    joined to a place of ours or looked up in one of its folders."""
    tree = ast.parse(source)
    found = [
        f"{line}: {name}"
        for line, text in literals(tree)
        for name in telling()
        if name in text.split("/") or (name[-1] in ".-" and text.startswith(name))
    ]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for call in calls:
        mentions = "layout." in ast.unparse(call) or ast.unparse(call.func).endswith(".sub")
        constants = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
        if mentions and not isinstance(call.func, ast.Name | ast.Call):
            found += [f"{call.lineno}: {name}" for name in constants if name in every_name()]
    return found


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_name_on_disk_is_spelled_in_one_file(module: str) -> None:
    found = spelled(MODULES[module].read_text())
    assert not found or module in APART


@pytest.mark.parametrize(
    "line",
    [
        'os.path.join(root, ".talking-stick")',
        'open(f"{folder}/room.json")',
        'ours.sub("log", room_id)',
        'os.path.join(git_dir, layout.GIT_FOLDER, "head")',
        'name.startswith("reminded.")',
    ],
)
def test_a_name_that_is_spelled_elsewhere_is_seen(line: str) -> None:
    assert spelled(line)


@pytest.mark.parametrize("line", ['git("log", "-1")', 'verb("pass")', 'words.index("head")'])
def test_a_word_that_names_nothing_on_disk_may_be_written(line: str) -> None:
    assert not spelled(line)


def test_what_is_kept_in_one_folder_has_names_of_its_own() -> None:
    folders = [
        (layout.EVENTS, layout.ACTIVITY, layout.OLDER_ACTIVITY),
        (layout.LOCK, layout.LOGS, layout.WAIT_QUEUE, layout.STRAYS, layout.state_name("")),
        (layout.COPIED_STATE, layout.WITNESS, layout.EVENTS, layout.TURN_HEADS),
        (*layout.NOTES, layout.COPIES, layout.FILE_MODES, layout.FILE_MODES_LOCK, layout.HOOKS,
         layout.HOOKS_MANIFEST, layout.GIT_HOOKS, layout.HOOKS_PATH, layout.INSTALLED),
    ]  # fmt: skip
    for names in folders:
        assert len(set(names)) == len(names)
