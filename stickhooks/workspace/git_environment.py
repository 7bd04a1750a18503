"""What the environment tells git of its configuration, before all files: see git-config(1), ENVIRONMENT."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

HOOKS_PATH = "core.hookspath"  # git takes a setting's name in any case


def hooks_path_variable(env: Mapping[str, str]) -> str:
    """Return the variable that says where git takes its hooks from in this shell, ``""`` for none."""
    names = (name for name in env if name.startswith("GIT_CONFIG_KEY_"))
    if env.get("GIT_CONFIG_COUNT") and any(env[name].lower() == HOOKS_PATH for name in names):
        return "GIT_CONFIG_COUNT"
    given = env.get("GIT_CONFIG_PARAMETERS", "")
    return "GIT_CONFIG_PARAMETERS" if HOOKS_PATH in given.lower() else ""
