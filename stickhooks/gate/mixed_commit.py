"""A commit that touches more rooms than its author holds: what to commit of it."""

from stickhooks.fast.os import os
from stickhooks.gate import decision, whereabouts
from stickhooks.text import word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.errors import Step

PATHS = 20  # so many are named one by one


def _of(ruling: decision.Ruling) -> "list[str]":
    """Return the paths that a ruling is of: those of a part, or its room's."""
    found: list[str] = (ruling.raw or {}).get("of_paths", [ruling.room])  # type: ignore[assignment]
    return found


def part(verdict: decision.Verdict) -> "tuple[str, list[Step]]":
    """Where a commit mixes rooms, return what is said of it, and the commit of the part that would pass.

    It names what is staged, path by path: a folder would sweep in what nobody staged. In a
    merge git commits no part at all.
    """
    told = "the commit touches more than the rooms you hold"
    git_dir = verdict.refusals[0].workspace.git_dir
    if git_dir is None or os.path.exists(os.path.join(git_dir, "MERGE_HEAD")):
        return told, []
    if len(verdict.passed) <= PATHS:
        top = ":/" if verdict.prefix else ""
        part = "git commit -- " + " ".join(word(f"{top}{path}") for path in verdict.passed)
    else:
        others = " ".join(word(f":(top,exclude){p}") for r in verdict.refusals for p in _of(r) if p)
        mine = " ".join(word(f":/{p}") for r in verdict.allowed for p in _of(r)) or ":/"
        part = (
            f"git diff --cached --name-only --no-renames -z -- {mine} {others} |"
            " git commit --pathspec-from-file=- --pathspec-file-nul -m …"
        )
    root = verdict.refusals[0].workspace.root
    return f"{told}; your part alone passes", [whereabouts.leading(verdict.kind, root, root) + part]
