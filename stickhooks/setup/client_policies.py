"""Where a company puts settings of coding clients that nobody else can overrule.

Only files are looked at. What a server sends (Codex' cloud requirements, Copilot's and Gemini's), and
what a device management holds outside of files (macOS preferences, the Windows registry), is not known
here: doctor's call of the hook shows that it answers, not that the client makes the call.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def claude(mine: Path) -> list[Path]:
    """Return what may hold a policy of Claude Code: sent by its server, or put on the machine."""
    program_files = os.environ.get("PROGRAMFILES", r"C:\Program Files")
    base = _system(
        "/etc/claude-code",
        "/Library/Application Support/ClaudeCode",
        f"{program_files}\\ClaudeCode",
    )
    parts = sorted((base / "managed-settings.d").glob("*.json"))
    return [mine / "remote-settings.json", base / "managed-settings.json", *parts]


def codex_requirements() -> Path:
    """Return the file that alone may restrict Codex to managed hooks (openai/codex, docs/config.md)."""
    return _codex_base() / "requirements.toml"


def codex(mine: Path) -> list[Path]:
    """Return what may switch hooks off by ``[features]``, besides a user's own and a project's config.

    developers.openai.com/codex/enterprise/managed-configuration; on Windows the older
    ``managed_config.toml`` lies beside the user's own.
    """
    base = _codex_base()
    older = mine if os.name == "nt" else base
    return [older / "managed_config.toml", base / "config.toml", codex_requirements()]


def _codex_base() -> Path:
    return _system("/etc/codex", "/etc/codex", f"{_program_data()}\\OpenAI\\Codex")


def gemini() -> list[Path]:
    """Return Gemini's files above and below a user's own (geminicli.com/docs/reference/configuration)."""
    base = _system(
        "/etc/gemini-cli",
        "/Library/Application Support/GeminiCli",
        f"{_program_data()}\\gemini-cli",
    )
    names = {
        "GEMINI_CLI_SYSTEM_SETTINGS_PATH": "settings.json",
        "GEMINI_CLI_SYSTEM_DEFAULTS_PATH": "system-defaults.json",
    }
    return [Path(os.environ.get(key) or base / name) for key, name in names.items()]


def copilot() -> list[Path]:
    """Return Copilot's managed settings. Its ``policy.d`` adds hooks and takes none away
    (docs.github.com, hooks reference); no key is documented that drops hooks by this file."""
    program_files = os.environ.get("PROGRAMFILES", r"C:\Program Files")
    base = _system(
        "/etc/github-copilot",
        "/Library/Application Support/GitHubCopilot",
        f"{program_files}\\GitHubCopilot",
    )
    return [base / "managed-settings.json"]


def _program_data() -> str:
    return os.environ.get("PROGRAMDATA", r"C:\ProgramData")


def _system(linux: str, mac: str, windows: str) -> Path:
    if sys.platform == "darwin":
        return Path(mac)
    return Path(windows if os.name == "nt" else linux)
