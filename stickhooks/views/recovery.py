"""What `stick snapshots`, `restore` and `undo` say. Contents are shown by ``--diff`` alone, to people."""

from __future__ import annotations

from stickhooks.errors import Next
from stickhooks.operations import bringing_back
from stickhooks.operations.reply import Reply
from stickhooks.text import age, clock_time, path_word, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stickhooks.operations.bringing_back import Outcome
    from stickhooks.recovery.entries import Listed
    from stickhooks.recovery.plan import Item, Plan

SHOWN = 40  # paths, of each kind
NAMED = 5  # paths in a command that is printed


def snapshots(
    found: Sequence[Listed], paths: Sequence[str], now: int, differences: Iterable[str] = ()
) -> Reply:
    """Return the list of snapshots, the newest first, and what differs from the first of them."""
    if not found:
        return Reply(["no snapshot"], data={"snapshots": []})
    lines = [_line(listed, now) for listed in found]
    for listed in found if paths else ():
        lines += [f"{listed.mark}  {plain(path)}: {_state(listed, path)}" for path in paths]
    lines += differences
    return Reply(lines, data={"snapshots": [_data(listed) for listed in found]})


def _line(listed: Listed, now: int) -> str:
    kept = sum(1 for entry in listed.paths.values() if entry.blob)
    parts = [listed.mark, clock_time(listed.at), f"{age(now - listed.at)} ago", _why(listed)]
    parts.append(f"{kept} kept")
    if listed.left or listed.unnamed:
        parts.append(f"{len(listed.left) + listed.unnamed} not kept")
    if listed.partial:
        parts.append(f"incomplete: {plain(listed.partial)}")
    return "  ".join(parts)


def _why(listed: Listed) -> str:
    """Say of a snapshot when it was made, in a few words."""
    of = listed.of
    if of and listed.why in ("take", "takeover"):
        return f"turn {of.turn} of {plain(of.holder)} began"
    if of and listed.why == "release":
        return f"turn {of.turn} of {plain(of.holder)} ended"
    what = {"work": "at work", "undo": "before"}.get(listed.why, "before")
    return f"{what} {plain(listed.command)}".rstrip()


def _state(listed: Listed, path: str) -> str:
    entry = listed.paths.get(path)
    if entry is None:
        return listed.left.get(path, "as HEAD had it, or not there")
    return f"kept, {entry.size} bytes" if entry.blob else "deleted"


def _data(listed: Listed) -> dict[str, object]:
    of = listed.of
    return {
        "snapshot": listed.mark,
        "id": listed.id,
        "made_at": listed.at,
        "why": listed.why,
        "command": listed.command,
        "head": listed.head,
        "turn": of.turn if of else None,
        "holder": of.holder if of else None,
        "partial": listed.partial,
        "paths": {
            path: {"kind": entry.kind, "size": entry.size, "kept": bool(entry.blob)}
            for path, entry in listed.paths.items()
        },
        "not_kept": dict(listed.left),
    }


def preview(plan: Plan, again: Next, now: int = 0, kept: Sequence[str] = ()) -> Reply:
    """Say what would be done, and the command that does it; by ``now`` how old it is what comes back.

    Where nothing comes back, ``kept`` says as of when work is kept.
    """
    lines = [_age(plan.listed, now)] if now and plan.listed and plan.writes else []
    lines += map(plain, plan.lines)
    lines += _listed("would write", plan.writes)
    lines += _listed("would put below .talking-stick/restored", plan.asides)
    lines += _listed("not touched", plan.named, reasons=True)
    lines += _paths("would stage", list(plan.staged))
    acts = bool(plan.writes or plan.asides or plan.staged)
    if not acts:
        lines = ["there is nothing to bring back", *lines, *(f"kept: {line}" for line in kept)]
    data = bringing_back.previewed(plan)
    steps = [again] if acts else [Next("snapshots")]
    return Reply(lines, next=steps, data={**data, "applied": False})


def _age(listed: Listed, now: int) -> str:
    """Say when a snapshot was made, and what is not in it."""
    later = "" if listed.why in ("before", "undo") else "; what was saved later is gone"
    return f"kept {clock_time(listed.at)}, {age(now - listed.at)} ago: {_why(listed)}{later}"


def _listed(what: str, items: Sequence[Item], *, reasons: bool = False) -> list[str]:
    lines = []
    for item in items[:SHOWN]:
        why = f"  ({plain(item.why)})" if item.why else ""
        kept = f"  kept {clock_time(item.at)}" if item.at and not reasons else ""
        lines.append(f"{what}  {plain(item.path)}{kept}{why}")
    if len(items) > SHOWN:
        lines.append(f"{what}  {len(items) - SHOWN} more")
    return lines


def applied(outcome: Outcome, where: str = "") -> Reply:
    """Say what was done, where it lies, and how that is taken back."""
    done, plan = outcome.done, outcome.plan
    lines = list(map(plain, plan.lines))
    lines += _paths(f"wrote{where}", done.written)
    lines += [
        f"{plain(path)} may not be replaced: {plain(put)}" for path, put in done.beside.items()
    ]
    lines += _listed("not touched", plan.named, reasons=True) if not where else []
    lines += [f"not written  {plain(path)}  ({plain(why)})" for path, why in done.failed.items()]
    if outcome.staged:
        lines += _paths("staged", outcome.staged)
    if not lines:
        lines = ["there is nothing to bring back"]
    steps = []
    if outcome.before and 0 < len(outcome.replaced) <= NAMED:
        words = map(path_word, outcome.replaced)
        steps.append(
            Next("restore", "--from", outcome.before, *words, "--apply", note="takes this back")
        )
    data = {
        **bringing_back.previewed(plan),
        "applied": True,
        "written": list(done.written),
        "staged": list(outcome.staged),
        "beside": dict(done.beside),
        "failed": dict(done.failed),
        "before": outcome.before,
    }
    if done.failed:
        return Reply(lines, "io", [Next("doctor")], data)
    return Reply(lines, next=steps, data=data)


def _paths(what: str, paths: Sequence[str]) -> list[str]:
    lines = [f"{what}  {plain(path)}" for path in paths[:SHOWN]]
    return lines + ([f"{what}  {len(paths) - SHOWN} more"] if len(paths) > SHOWN else [])
