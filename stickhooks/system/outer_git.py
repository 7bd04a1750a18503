"""What an outer git leaves in the environment of its hooks and aliases: another git is misled by it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

#: What an outer git sets for its hooks and aliases, and what would make ``git -C`` lie.
VARIABLES: Final = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_PREFIX", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY",
    "GIT_QUARANTINE_PATH", "GIT_COMMON_DIR", "GIT_NAMESPACE",
)  # fmt: skip


def clean(env: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without what an outer git left in it."""
    return {key: value for key, value in env.items() if key not in VARIABLES}
