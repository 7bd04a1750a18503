"""Settings that cannot be written stop nobody else's hooks, and a policy that drops ours is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.mounts import own_mounts
from tests.support.shells import Shells

pytestmark = pytest.mark.sampled(3)


@own_mounts
def test_a_mounted_settings_file_stops_no_other_client(
    shells: Shells, repo: Path, home: Path
) -> None:
    (home / ".gemini").mkdir()
    (home / ".cursor").mkdir()
    (home / ".gemini/settings.json").write_text("{}")
    (home / "outside.json").write_text("{}")
    mounted = f"mount --bind {home}/outside.json {home}/.gemini/settings.json"
    done = shells.person(repo).run(
        f"unshare -rm sh -c '{mounted} && stick init --user --only gemini,cursor'"
    )
    assert done.code == 78
    assert "Gemini CLI: NOT installed" in done.out + done.err
    assert "add this to it" in done.out + done.err
    assert "stickhooks" in (home / ".cursor/hooks.json").read_text()
    assert [path.name for path in (home / ".gemini").iterdir()] == ["settings.json"]


@pytest.mark.parametrize(
    ("client", "file", "told", "words"),
    [
        (
            "claude",
            ".claude/remote-settings.json",
            {"allowManagedHooksOnly": True},
            "managed hooks only",
        ),
        ("claude", ".claude/remote-settings.json", {"disableAllHooks": True}, "disableAllHooks"),
        ("gemini", ".gemini/settings.json", {"tools": {"enableHooks": False}}, "tools.enableHooks"),
    ],
)
def test_doctor_names_the_policy_that_drops_our_hook(
    client: str,
    file: str,
    told: dict[str, object],
    words: str,
    shells: Shells,
    repo: Path,
    home: Path,
) -> None:
    ada = shells.person(repo)
    ada.run(f"stick init --only git,{client}").ok()
    assert words not in ada.run("stick doctor").out
    (home / file).parent.mkdir(exist_ok=True)
    (home / file).write_text(json.dumps(told))
    found = ada.run("stick doctor --json")
    assert found.code == 78
    assert words in found.out
    assert str(home / file) in found.out


@pytest.mark.parametrize(
    ("told", "own", "words"),
    [
        ({"system": {"hooksConfig": {"enabled": False}}}, {}, "switches our hook off: hooksConfig"),
        ({"system": {"tools": {"enableHooks": False}}}, {}, "tools.enableHooks"),
        (
            {"defaults": {"hooksConfig": {"enabled": False}}},
            {},
            "switches our hook off: hooksConfig",
        ),
        ({"defaults": {"hooksConfig": {"enabled": False}}}, {"hooksConfig": {"enabled": True}}, ""),
        ({"system": {"ui": {}}, "defaults": {"ui": {}}}, {}, ""),
    ],
)
def test_doctor_reads_geminis_system_files_as_gemini_does(
    told: dict[str, dict[str, object]],
    own: dict[str, object],
    words: str,
    shells: Shells,
    repo: Path,
    tmp_path: Path,
) -> None:
    """geminicli.com/docs/reference/configuration: defaults < user < project < system."""
    env = {
        "GEMINI_CLI_SYSTEM_SETTINGS_PATH": str(tmp_path / "system"),
        "GEMINI_CLI_SYSTEM_DEFAULTS_PATH": str(tmp_path / "defaults"),
    }
    ada = shells.person(repo, env)
    (repo / ".gemini").mkdir()
    (repo / ".gemini/settings.json").write_text(json.dumps(own))
    ada.run("stick init --only git,gemini").ok()
    for name, value in told.items():
        (tmp_path / name).write_text(json.dumps(value))
    found = ada.stick("doctor").text
    assert (words in found) if words else ("switches" not in found)


def test_a_key_of_codex_that_means_nothing_in_its_own_config_is_no_policy(
    shells: Shells, repo: Path, home: Path
) -> None:
    """openai/codex, docs/config.md: allow_managed_hooks_only counts in requirements.toml alone."""
    ada = shells.person(repo)
    (home / ".codex").mkdir()
    ada.run("stick init --only git,codex").ok()
    (home / ".codex/config.toml").write_text("allow_managed_hooks_only = true\n")
    assert "managed hooks only" not in ada.stick("doctor").text
    (home / ".codex/config.toml").write_text("[features]\nhooks = false\n")
    told = ada.stick("doctor").text
    assert "switches hooks off" in told
    assert f"${{EDITOR:-vi}} {home}/.codex/config.toml" in told
    (home / ".codex/config.toml").write_text("[profiles.fast.features]\nhooks = false\n")
    assert "switches hooks off in the profile fast" in ada.stick("doctor").text


def test_the_entry_of_another_version_is_renewed_by_fix(shells: Shells, repo: Path) -> None:
    ada = shells.person(repo)
    ada.run("stick init --only git,claude").ok()
    settings = repo / ".claude/settings.local.json"
    settings.write_text(settings.read_text().replace("NotebookEdit|", ""))
    ours = "our entry in it is not the one that this version of stick writes"
    assert ours in ada.stick("doctor").text
    assert "our entry is the present one" in ada.stick("doctor --fix").text
    assert "NotebookEdit|" in settings.read_text()
    assert ours not in ada.stick("doctor").text
