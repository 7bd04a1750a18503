"""What is said of a path below a folder that this account may not look into. Loaded for that alone.

Whether a room is there is not known, so there is no yes; and nothing is said to be gone.
"""

from stickhooks.gate import decision
from stickhooks.store import accounts
from stickhooks.workspace import paths


def verdict(kind: str, folder: str) -> decision.Verdict:
    """Return the refusal for whatever lies below such a folder."""
    place = paths.Workspace(folder, folder)  # no room of anybody, so no command names one
    ruling = decision.Ruling(place, "").refuse("io", "not settled", accounts.hidden(folder))
    refused = decision.Verdict(kind)
    refused.refusals.append(ruling)
    return refused
