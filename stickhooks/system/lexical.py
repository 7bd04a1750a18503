"""Paths as their letters say, whatever links there are on the disk."""

from stickhooks.fast.os import os


def by_letters(path: str) -> str:
    """Return an absolute path without ``.`` and ``..``, as its letters say and not as links lead."""
    parts: list[str] = []
    for part in path.replace(os.sep, "/").split("/"):
        if part == "..":
            parts = parts[: max(len(parts) - 1, 1)]
        elif part != "." and (part or not parts):
            parts.append(part)
    return "/".join(parts) or "/"
