"""Where a company puts settings of coding clients that nobody else can overrule."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def claude(mine: Path) -> list[Path]:
    """Return what may hold a policy of Claude Code: sent by its server, or put on the machine."""
    base = _system("/etc/claude-code", "/Library/Application Support/ClaudeCode", "ClaudeCode")
    parts = sorted((base / "managed-settings.d").glob("*.json"))
    return [mine / "remote-settings.json", base / "managed-settings.json", *parts]


def codex(mine: Path) -> list[Path]:
    base = _system("/etc/codex", "/etc/codex", "OpenAI/Codex")
    names = ("config.toml", "managed_config.toml", "requirements.toml")
    return [mine / "managed_config.toml", *(base / name for name in names)]


def gemini() -> list[Path]:
    told = os.environ.get("GEMINI_CLI_SYSTEM_SETTINGS_PATH")
    base = _system("/etc/gemini-cli", "/Library/Application Support/GeminiCli", "gemini-cli")
    return [Path(told) if told else base / "settings.json"]


def copilot() -> list[Path]:
    base = _system(
        "/etc/github-copilot", "/Library/Application Support/GitHubCopilot", "GitHubCopilot"
    )
    return [base / name for name in ("policy.json", "managed-settings.json")]


def _system(linux: str, mac: str, windows: str) -> Path:
    if sys.platform == "darwin":
        return Path(mac)
    if os.name == "nt":
        return Path(os.environ.get("PROGRAMFILES", r"C:\Program Files"), windows)
    return Path(linux)
