"""The room's policy, shown and changed. It lives in the room's state and nowhere else: a
committed setting must not open the gate."""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import fields, replace
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.protocol.model import Policy
from stickhooks.system import durations
from stickhooks.text import plain, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

DURATIONS: Final = ("owner_lease_ttl", "claim_ttl", "presence_ttl", "gone_grace", "idle_after")
OFF: Final = "off"
#: The shortest time after which a holder may seem idle.
SHORTEST_IDLE: Final = 60_000
CHOICES: Final = {
    "reserve": ("waiters", "order"), "on_idle": ("refuse", "claim"), "mcp": ("judge", "allow", "refuse"),
    "wake": ("on", "off"),
}  # fmt: skip
NAMES: Final = [f.name for f in fields(Policy) if f.name != "extra"]
SHORTEST: Final = 1000
#: Below these a turn or a claim ends before anybody has read that it began. `5` means five seconds,
#: and who types it means minutes; the unit, typed out, says that seconds are meant.
SANE: Final = {"owner_lease_ttl": 60_000, "claim_ttl": 60_000, "presence_ttl": 60_000}
#: What people type for an empty list, and no file is called.
EMPTY: Final = ("none", "off", "no", "null", "nil", "empty", "''", '""', "(none)", "[]", "-")
GLOB_LIMIT: Final = 200
TURNS: Final = 10_000
_UNITS: Final = {"KB": 1000, "MB": 1000**2, "GB": 1000**3, "B": 1}


def show(desk: Desk, key: str | None) -> Reply:
    policy = desk.snapshot().room.policy
    if key is not None:
        _check_key(key)
        return Reply([_told(policy, key)], data={"policy": {key: _told(policy, key)}})
    names = NAMES
    values = {name: _told(policy, name) for name in names}
    return Reply([f"{name} {value}" for name, value in values.items()], data={"policy": values})


def change(desk: Desk, key: str, value: str) -> Reply:
    """Change one setting. Only the holder may, or anybody joined while the stick is free."""
    _check_key(key)
    parsed = parse(key, value)
    seat = desk.seat()
    policy = replace(seat.room.policy, **{key: parsed})
    if policy != seat.room.policy:  # asked again, it answers again, whoever holds by now
        desk.rooms.set_policy(seat.agent_id, seat.room_id, policy)
    return Reply([f"{key} {_told(policy, key)}"], data={"policy": {key: _told(policy, key)}})


def parse(key: str, value: str) -> Any:
    """Return the value of a setting, or refuse it with what it may be."""
    if key == "idle_after" and value == OFF:
        return 0
    if key in DURATIONS:
        try:
            parsed = durations.milliseconds(value)
        except Refusal as refusal:
            raise _wrong(key, refusal.message) from None
        if key == "idle_after" and parsed < SHORTEST_IDLE:
            raise _wrong(key, f"a duration of at least 1m, or {OFF}")
        if key != "gone_grace" and parsed < SHORTEST:
            raise _wrong(key, "at least 1s")
        if parsed < SANE.get(key, 0) and value.strip()[-1:].isdigit():
            number = value.strip()
            told = f"{key} {number} would be {number} seconds: name the unit"
            raise Refusal(
                "config",
                told,
                [Next("policy", key, f"{number}m"), Next("policy", key, f"{number}s")],
            )
        return parsed
    if key in CHOICES:
        if value not in CHOICES[key]:
            raise _wrong(key, " or ".join(CHOICES[key]))
        return value
    if key == "keep_turns":
        return _turns(value)
    if key == "keep_bytes":
        return _bytes(value)
    if key == "reads":
        return _commands(value)
    if value.strip().lower() in EMPTY:
        told = f"{quoted(value.strip())} would be a file's name; for none, give an empty value"
        raise Refusal("config", told, [Next("policy", key, "''"), Next("policy", key, "./NAME")])
    globs = tuple(glob.strip() for glob in value.split(",") if glob.strip())
    if any(len(glob) > GLOB_LIMIT or not glob.isprintable() for glob in globs):
        raise _wrong(key, f"globs of at most {GLOB_LIMIT} characters, with commas between them")
    return globs


def _turns(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 9 and int(value) <= TURNS):
        raise _wrong("keep_turns", f"a number up to {TURNS}; 0: no snapshots are made")
    return int(value)


def _bytes(value: str) -> int:
    """Return a size as it is typed: a number, with a unit or without."""
    size = value.strip().upper()
    unit = next((u for u in _UNITS if size.endswith(u)), "")
    number = size.removesuffix(unit).strip()
    if not (number.isascii() and number.isdigit() and len(number) < 14):
        raise _wrong("keep_bytes", "a size like 200MB or 1GB")
    return int(number) * _UNITS.get(unit, 1)


def size_as_typed(value: int) -> str:
    unit = next((u for u in ("GB", "MB", "KB") if value and value % _UNITS[u] == 0), "")
    return f"{value // _UNITS.get(unit, 1)}{unit}"


def _commands(value: str) -> tuple[str, ...]:
    """Return the commands of a list with commas, or refuse one that runs what it is told."""
    from stickhooks.shell import allowed

    if value.strip().lower() in EMPTY:
        raise _wrong("reads", "plain commands with commas between them, or '' for none")
    entries = tuple(" ".join(entry.split()) for entry in value.split(",") if entry.strip())
    for entry in entries:
        if not entry.isprintable() or len(entry) > GLOB_LIMIT:
            raise _wrong(
                "reads", f"commands of at most {GLOB_LIMIT} characters, with commas between them"
            )
        trouble = allowed.trouble(entry)
        if trouble:
            raise _wrong("reads", f"plain commands; `{plain(entry)}`: {trouble}")
    return entries


def _check_key(key: str) -> None:
    names = NAMES
    if key not in names:
        raise Refusal(
            "config", f"there is no setting {plain(key)}; there are {', '.join(names)}",
            [Next("policy")],
        )  # fmt: skip


def _wrong(key: str, allowed: str) -> Refusal:
    return Refusal("config", f"{key} takes: {allowed}", [Next("policy", key)])


def _told(policy: Policy, key: str) -> str:
    value: object = getattr(policy, key)
    if key == "idle_after" and not value:
        return OFF
    if key in DURATIONS and isinstance(value, int):
        return durations.as_typed(value)
    if key == "keep_bytes" and isinstance(value, int):
        return size_as_typed(value)
    if isinstance(value, list | tuple):
        return ",".join(map(str, value)) or "(none)"
    return str(value)
