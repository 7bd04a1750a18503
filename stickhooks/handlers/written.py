"""What was written through a client or an editor: kept path by path, with who wrote it, in which turn.

Who did so without the stick is told to who holds it, as all that goes past the gate.
"""

import time

from stickhooks.gate import decision
from stickhooks.handlers import common
from stickhooks.identity import resolver
from stickhooks.store import activity
from stickhooks.workspace import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from stickhooks.recovery.entries import Written


def note(
    targets: "list[paths.Target]",
    sighting: resolver.Sighting,
    env: "dict[str, str]",
    kind: str,
    program: str,
) -> None:
    """Keep what lies at some paths now as what the caller wrote there. Raises OSError."""
    for target in targets:
        if target.ours or not target.path or target.workspace.git_dir is None:
            continue
        verdict = decision.judge([target], kind, sighting, env)
        for ruling in [*verdict.allowed, *verdict.refusals]:
            if ruling.raw is not None and ruling.caller is not None:
                _note(ruling, target.path, program)


def _note(ruling: decision.Ruling, path: str, program: str) -> None:
    policy: Any = ruling.raw["policy"]  # type: ignore[index]
    spared = policy.get("keep_not", ())
    if not policy.get("keep_turns", 1) or any(paths.matches(glob, path) for glob in spared):
        return
    from stickhooks.recovery import edits, lists

    written = _written(ruling)
    place = lists.Place(ruling.workspace.root, str(ruling.workspace.git_dir))
    if edits.note(place, path, written) and not written.holds:
        did = f"wrote by {program}, past the gate"
        common.note(ruling, activity.OUTSIDE, sparing=True, kind=ruling.code, did=did, paths=[path])


def _written(ruling: decision.Ruling) -> "Written":
    from stickhooks.recovery.entries import Turn, Written

    raw, caller = ruling.raw, ruling.caller
    assert raw is not None
    assert caller is not None
    lease = raw["lease"]
    holder = str(lease["holder"]) if lease else ""  # type: ignore[index]
    place = raw["of_paths"][0] if "of_paths" in raw else ruling.room  # type: ignore[index]
    turn = Turn(place, str(raw["room_id"]), int(raw["turn_id"]), holder)  # type: ignore[call-overload]
    holds = ruling.agent_id is not None and ruling.agent_id == holder
    return Written(ruling.agent_id or caller.name, turn, holds, time.time_ns() // 1_000_000)
