"""Settings that cannot be written stop nobody else's hooks, and a policy that drops ours is found."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from shells import Shells

CAN_MOUNT = not subprocess.run(
    ["unshare", "-rm", "true"], check=False, capture_output=True
).returncode


@pytest.mark.skipif(not CAN_MOUNT, reason="needs a mount namespace")
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
