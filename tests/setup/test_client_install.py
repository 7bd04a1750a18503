"""Every client's hooks go in and out again byte for byte, in one working tree and for the user."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from stickhooks.clients import CLIENTS, payloads
from stickhooks.setup import client_hooks, client_settings, git_hooks, jsonc, placing, scopes
from stickhooks.setup.client_places import Place
from stickhooks.setup.clients import BY_SHORT, PLACES
from stickhooks.setup.report import Report, undo_all
from stickhooks.setup.scopes import Scope
from stickhooks.system import text_files
from stickhooks.workspace import paths
from tests.conftest import MakeRepository
from tests.support.shells import Tree, difference, git_snapshot, snapshot

SETTINGS = [place for place in PLACES if place.kind == "settings"]
OWN_FILES = [place for place in PLACES if place.kind in ("plugin", "script")]
LEVELS = ("project", "user")


def short(place: Place) -> str:
    return place.short


@pytest.fixture
def repo(make_repository: MakeRepository, new_user: None) -> Path:
    """Return a repository; git and the clients' homes are those of a user with nothing."""
    return make_repository("shop")


def scope_of(repo: Path, level: str) -> Scope:
    workspace = paths.workspace_of(str(repo))
    assert workspace
    return scopes.of_tree(workspace) if level == "project" else scopes.of_user()


def install(scope: Scope, place: Place, *, dry: bool = False) -> Report:
    report = Report(dry)
    client_hooks.install(scope, report, [place.short])
    return report


def take_out(scope: Scope) -> list[str]:
    told = undo_all(scope.manifest, False)
    if scope.workspace and scope.workspace.git_dir:
        told += undo_all(git_hooks.hooks_manifest(scope.workspace.git_dir), False)
    for folder in (scope.folder, scopes.user_folder()):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return told


def everything(repo: Path, home: Path) -> Tree:
    return {**git_snapshot(repo), **snapshot(home)}


# --- what may be there before


def theirs(place: Place) -> dict[str, object]:
    """Return settings of somebody with hooks of their own, some at our events."""
    call: dict[str, object] = {place.command: "their-guard --strict", **place.fixed}
    entry = {"matcher": "Bash", "hooks": [call]} if place.nested else call
    events = {hook.event: [entry] for hook in place.hooks[:2]}
    return {"model": "ü", "hooks": {**events, "Others": [entry]}, "version": 1}


def plain_texts(place: Place) -> dict[str, str]:
    raw = theirs(place)
    four = json.dumps(raw, indent=4, ensure_ascii=False)
    return {
        "empty": "",
        "blank": "\n",
        "nothing in it": "{}",
        "hooks without any": '{\n  "hooks": {}\n}\n',
        "four spaces": four + "\n",
        "no newline at the end": four,
        "tabs": json.dumps(raw, indent="\t", ensure_ascii=False) + "\n",
        "carriage returns": (four + "\n").replace("\n", "\r\n"),
        "one line": json.dumps(raw),
        "no spaces": json.dumps(raw, separators=(",", ":")),
    }


def commented(place: Place) -> dict[str, str]:
    four = json.dumps(theirs(place), indent=4, ensure_ascii=False)
    told = four.replace("[\n", "[ // first\n").replace("\n    }", " // last\n    }")
    return {
        "comments": "/* mine */\n" + told + "\n// end",
        "trailing commas": four.replace("}\n        ]", "},\n        ]") + "\n",
        "comments and carriage returns": told.replace("\n", "\r\n"),
    }


def texts(place: Place) -> dict[str, str]:
    return {**plain_texts(place), **(commented(place) if place.comments else {})}


def fill(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


# --- in and out


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("place", PLACES, ids=short)
def test_where_there_was_nothing_there_is_nothing_afterwards(
    repo: Path, home: Path, place: Place, level: str
) -> None:
    scope = scope_of(repo, level)
    before = everything(repo, home)
    told = install(scope, place)
    assert not told.troubles
    assert any("installed" in line for line in told.lines)
    assert difference(before, everything(repo, home))
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=repo, capture_output=True, text=True, check=True
    )
    assert status.stdout == ""
    take_out(scope_of(repo, level))
    assert not difference(before, everything(repo, home))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("place", SETTINGS, ids=short)
def test_settings_of_others_keep_every_byte(
    repo: Path, home: Path, place: Place, level: str
) -> None:
    for name, text in texts(place).items():
        scope = scope_of(repo, level)
        path = scope.path(place)
        fill(path, text)
        path.chmod(0o600)
        before = everything(repo, home)
        assert not install(scope, place).troubles, name
        wrote = path.read_bytes().decode()
        theirs_before = jsonc.parse(text).value if text.strip() else {}
        keep = text if text.strip() else "{}"
        assert jsonc.parse(client_settings.stripped(wrote, keep)).value == {
            **place.top, **theirs_before
        }, name  # fmt: skip
        for event, entry in client_settings.entries(place, scope.folder):
            assert entry in jsonc.parse(wrote).value["hooks"][event], name
        assert wrote.count("\r\n") == (wrote.count("\n") if "\r\n" in text else 0), name
        take_out(scope_of(repo, level))
        assert not difference(before, everything(repo, home)), name


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("place", PLACES, ids=short)
def test_again_changes_nothing_and_a_dry_run_foretells_every_byte(
    repo: Path, home: Path, place: Place, level: str
) -> None:
    scope = scope_of(repo, level)
    if place.kind == "settings":
        fill(scope.path(place), texts(place)["tabs"])
    before = everything(repo, home)
    foretold = install(scope, place, dry=True)
    assert not difference(before, everything(repo, home))
    install(scope, place)
    installed = everything(repo, home)
    changed = {line.partition(" ")[2].split(": ")[0] for line in difference(before, installed)}
    written = {path for path in changed if os.path.isfile(path) and not path.endswith("d.json")}
    assert set(foretold.files) == written - {f"{repo}/.git/stickhooks/hooks.json"}
    for name, text in foretold.files.items():
        assert Path(name).read_bytes().decode() == text
    again = install(scope_of(repo, level), place)
    assert any("already there" in line for line in again.lines)
    assert not difference(installed, everything(repo, home))


@pytest.mark.parametrize("place", SETTINGS, ids=short)
def test_of_settings_edited_since_only_our_entries_are_removed(repo: Path, place: Place) -> None:
    def edited(text: str) -> str:
        return text.replace("{", '{"edited": "since",', 1).replace("their-guard", "other-guard")

    for name, text in texts(place).items():
        if name in ("empty", "blank", "nothing in it"):
            continue
        text = (
            text if "version" in text or not place.top else text.replace("{", '{"version": 1,', 1)
        )
        scope = scope_of(repo, "project")
        path = scope.path(place)
        fill(path, text)
        install(scope, place)
        fill(path, edited(path.read_bytes().decode()))
        told = take_out(scope_of(repo, "project"))
        assert any("only our entry was removed" in line for line in told), name
        assert path.read_bytes().decode() == edited(text), name


@pytest.mark.parametrize("place", SETTINGS, ids=short)
def test_an_older_entry_of_ours_is_replaced_and_what_was_before_it_still_comes_back(
    repo: Path, home: Path, place: Place
) -> None:
    scope = scope_of(repo, "project")
    path = scope.path(place)
    fill(path, texts(place)["four spaces"])
    before = everything(repo, home)
    install(scope, place)
    installed = path.read_text()
    path.write_text(installed.replace(f" {place.name}", " --older"))
    assert any(": installed" in line for line in install(scope, place).lines)
    assert jsonc.parse(path.read_text()).value == jsonc.parse(installed).value
    take_out(scope)
    assert not difference(before, everything(repo, home))


def test_our_call_is_taken_out_of_a_group_that_somebody_made_of_it(repo: Path) -> None:
    place, scope = BY_SHORT["claude"], scope_of(repo, "project")
    install(scope, place)
    path = scope.path(place)
    raw = json.loads(path.read_text())
    raw["hooks"]["PreToolUse"][0]["hooks"].insert(0, {"type": "command", "command": "theirs"})
    path.write_text(json.dumps(raw, indent=2))
    take_out(scope)
    left = json.loads(path.read_text())["hooks"]["PreToolUse"]
    assert [call["command"] for entry in left for call in entry["hooks"]] == ["theirs"]


def test_all_clients_together_leave_nothing_behind(repo: Path, home: Path) -> None:
    before = everything(repo, home)
    for level in LEVELS:
        for place in PLACES:
            assert not install(scope_of(repo, level), place).troubles
    exclude = (repo / ".git/info/exclude").read_text()
    assert exclude.count(placing.BEGIN) == 1
    for level in LEVELS:
        take_out(scope_of(repo, level))
    assert not difference(before, everything(repo, home))


# --- what is not ours to change


@pytest.mark.parametrize("place", PLACES, ids=short)
def test_a_tracked_file_is_never_changed(repo: Path, home: Path, place: Place) -> None:
    scope = scope_of(repo, "project")
    path = scope.path(place)
    fill(path, "{}\n")
    subprocess.run(["git", "add", "-f", str(path)], cwd=repo, check=True)
    before = everything(repo, home)
    [trouble] = install(scope, place).troubles
    assert "NOT installed" in trouble
    assert "git tracks it" in trouble
    assert "stick init --user" in trouble
    assert not difference(before, everything(repo, home))


def test_a_link_to_a_tracked_file_is_not_written_through(repo: Path, home: Path) -> None:
    (repo / "tools").mkdir()
    (repo / "tools/claude.json").write_text("{}\n")
    subprocess.run(["git", "add", "tools"], cwd=repo, check=True)
    for level, link in (("project", repo / ".claude"), ("user", home / ".claude")):
        scope, place = scope_of(repo, level), BY_SHORT["claude"]
        link.mkdir()
        scope.path(place).symlink_to(repo / "tools/claude.json")
        assert "git tracks it" in install(scope, place).troubles[0]
    assert (repo / "tools/claude.json").read_text() == "{}\n"


@pytest.mark.parametrize("place", OWN_FILES, ids=short)
def test_a_file_of_others_in_our_place_is_left_alone(repo: Path, place: Place) -> None:
    scope = scope_of(repo, "project")
    fill(scope.path(place), "theirs\n")
    [trouble] = install(scope, place).troubles
    assert f"stick hook pre-edit --client {place.name}" in trouble
    assert scope.path(place).read_text() == "theirs\n"
    assert not scope.manifest.placed


@pytest.mark.parametrize("place", SETTINGS, ids=short)
def test_settings_that_the_client_could_not_read_are_told_with_what_to_put_in(
    repo: Path, home: Path, place: Place
) -> None:
    no_list = json.dumps({"hooks": {place.hooks[0].event: {}}})
    deep = '{"a": ' + "[" * 5000 + "]" * 5000 + "}"
    broken = ["[]", '{"hooks": []}', "nonsense", no_list, deep]
    for text in broken if place.comments else [*broken, "{ // a comment\n}", '{"a": 1,}']:
        scope = scope_of(repo, "project")
        fill(scope.path(place), text)
        before = everything(repo, home)
        [trouble] = install(scope, place).troubles
        assert "NOT installed" in trouble
        assert place.hooks[0].event in trouble
        assert not difference(before, everything(repo, home)), text


def test_an_aider_configuration_that_is_there_is_left_to_its_owner(repo: Path) -> None:
    scope, place = scope_of(repo, "user"), BY_SHORT["aider"]
    fill(scope.path(place), "model: x\n")
    [trouble] = install(scope, place).troubles
    assert "git-commit-verify: true" in trouble
    assert scope.path(place).read_text() == "model: x\n"


# --- where they are looked for


@pytest.mark.parametrize("place", PLACES, ids=short)
def test_a_client_is_found_by_its_program_or_its_folders(
    repo: Path, home: Path, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    scope = scope_of(repo, "user")
    assert not client_hooks.is_here(scope, place)
    for folder in place.folders:
        (home / folder).mkdir(parents=True)
        assert client_hooks.is_here(scope, place)
        (home / folder).rmdir()
    for program in place.programs:
        fill(tmp_path / "bin" / program, "#!/bin/sh\n")
        (tmp_path / "bin" / program).chmod(0o755)
        assert client_hooks.is_here(scope, place)
        (tmp_path / "bin" / program).unlink()


@pytest.mark.parametrize("place", [p for p in PLACES if p.moved_by], ids=short)
def test_a_home_that_was_moved_by_a_variable_is_where_it_goes(
    repo: Path, home: Path, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    before = everything(repo, home)
    monkeypatch.setenv(place.moved_by, str(moved))
    install(scope_of(repo, "user"), place)
    assert text_files.read(moved / place.user)
    take_out(scope_of(repo, "user"))
    assert not any(moved.iterdir())
    assert not difference(before, everything(repo, home))


# --- what the entries say


@pytest.fixture
def entries(tmp_path: Path) -> dict[str, list[dict[str, object]]]:
    return {
        place.short: [entry for _, entry in client_settings.entries(place, tmp_path / "stickhooks")]
        for place in SETTINGS
    }


def test_time_limits_are_whole_numbers_in_the_clients_own_unit(
    entries: dict[str, list[dict[str, object]]],
) -> None:
    limits = {}
    for short, listed in entries.items():
        call = listed[0].get("hooks", [listed[0]])
        assert isinstance(call, list)
        limits[short] = call[0].get("timeout", call[0].get("timeoutSec"))
    assert limits == {
        "claude": 10, "codex": 10, "gemini": 10_000, "copilot": 10, "cursor": 10, "windsurf": None,
    }  # fmt: skip
    assert all(type(limit) is int for limit in limits.values() if limit is not None)


@pytest.mark.parametrize("place", SETTINGS, ids=short)
def test_one_entry_is_called_after_a_tool_and_for_edits_alone(repo: Path, place: Place) -> None:
    """Gemini's shows notes as well, so it is called after every tool; a file's event knows none."""
    scope = scope_of(repo, "project")
    install(scope, place)
    document = json.loads(scope.path(place).read_text())
    event = payloads.adapter_of(CLIENTS[place.name]).EVENTS["after-tool"]
    [entry] = document["hooks"][event]
    assert "lifecycle" in json.dumps(entry)
    assert f"after-tool {place.name}" in json.dumps(entry)
    if place.short in ("gemini", "cursor", "windsurf"):
        assert "matcher" not in entry
    else:
        for tool, kind in payloads.adapter_of(CLIENTS[place.name]).TOOLS.items():
            assert bool(re.fullmatch(entry["matcher"], tool)) is (kind != payloads.SHELL)


def test_a_client_that_can_fail_closed_is_told_to_for_edits_and_for_nothing_else(
    entries: dict[str, list[dict[str, object]]],
) -> None:
    first, *others = [json.dumps(entry) for entry in entries["claude"]]
    assert '"onFailure": "block"' in first
    assert "onFailure" not in "".join(others)
    edits, servers, *others = [json.dumps(entry) for entry in entries["cursor"]]
    assert '"failClosed": true' in edits
    assert '"failClosed": true' in servers
    assert "failClosed" not in "".join(others)
