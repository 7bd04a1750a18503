"""What is said beside a yes or a no of rooms that came with a clone or a copy: loaded only where one lies."""

from stickhooks.gate import decision
from stickhooks.text import plain


def warnings(verdict: decision.Verdict) -> "list[str]":
    """Return what is said beside a yes or a no."""
    return [foreign(folder) for folder in verdict.foreign]


def foreign(folder: str) -> str:
    return (
        f"stick: {plain(folder)} was copied from another checkout and is ignored here;"
        " `stick init` starts a room of your own"
    )
