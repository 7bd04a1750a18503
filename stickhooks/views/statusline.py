"""``stick statusline``: one short line for a prompt, a status bar, a client. Never writes.

It is asked every few seconds, so it imports what the gate does and no more. Where there is no
room it says nothing; what cannot be read is shown as a mark, for a prompt is no place for
explanations; and its exit code is 0, for a bar must not break.
"""

import time

from stickhooks.clients import CLIENTS
from stickhooks.errors import Refusal
from stickhooks.fast.os import os, standard_input
from stickhooks.gate import asked
from stickhooks.gate.standing import Standing
from stickhooks.identity import resolver
from stickhooks.protocol import phases
from stickhooks.text import age, clock_time, ordinal, plain
from stickhooks.views import nearby

FORMATS = ("plain", "zsh", "tmux", "starship", "claude")
NAME = 20
PAYLOAD_LIMIT = 1 << 20
PAYLOAD_S = 0.5
CLAUDE = "claude-code"
TROUBLE = {"state_lost": "lost!", "state_corrupt": "damaged!", "state_too_new": "too new!"}
OPTIONS = {"--format": "format", "--room": "room", "--as": "said"}


def main(arguments: "list[str]", env: "dict[str, str]") -> "int | None":
    """Print the line and return 0; None for what is not understood here, or asks for more."""
    options = _given(arguments)
    if options is None or env.get("STICK_JSON") == "1":
        return None
    text = line(env=env, **options)
    if text:
        try:
            os.write(1, (text + "\n").encode("utf-8", "backslashreplace"))
        except OSError:
            pass  # nobody reads this bar
    return 0


def _given(arguments: "list[str]") -> "dict[str, str] | None":
    """Return the options by name, or None where there is anything else."""
    options = {"format": "plain"}
    for option, value in zip(arguments[::2], [*arguments[1::2], ""], strict=False):
        name, _, attached = option.partition("=")
        if name not in OPTIONS or attached or not value:
            return None
        options[OPTIONS[name]] = value
    return options if options["format"] in FORMATS and len(arguments) % 2 == 0 else None


def line(env: "dict[str, str]", format: str = "plain", room: str = "", said: str = "") -> str:
    """Return the line for a room, ``""`` where there is none. Raises nothing."""
    try:
        place, session = _told_by_claude() if format == "claude" else ("", "")
        payload = (CLIENTS[CLAUDE], session) if session else None
        text = _line(nearby.folder_of(room or place), resolver.look(env, payload), said)
    except Refusal as refusal:
        text = TROUBLE.get(refusal.code, "unreadable!")
    except Exception:  # whatever it is: a prompt shows a mark, never a traceback
        text = "?"
    return _for(format, f"stick: {text}") if text else ""


def _line(folder: str, sighting: resolver.Sighting, said: str) -> str:
    near = nearby.Near(folder)
    try:
        raw = near.state()
    finally:
        near.close()
    if raw is None:
        return "" if near.here is None else "nobody joined"
    me = nearby.me(raw, sighting, said)
    return words(near.standing(raw).seen_by(me), me)


def words(s: Standing, me: "str | None") -> str:
    """Say in a few words who may write, who waits, and how many notes are unread."""
    unread = asked.unread(s.raw, me)
    return _places(s, me) + _parts(s, me) + (f" \u2709 {unread}" if unread else "")


def _parts(s: Standing, me: "str | None") -> str:
    """Say which paths are yours, and how many leases of paths others have."""
    parts = s.raw.get("parts", ())
    mine = [
        p for part in parts if (part.get("lease") or {}).get("holder") == me for p in part["paths"]
    ]
    others = sum((part.get("lease") or {}).get("holder") != me for part in parts)
    told = f", {plain(phases.named(mine), NAME)} yours" if me and mine else ""
    return told + (f", {others} of paths" if others else "")


def _places(s: Standing, me: "str | None") -> str:
    waiting = [w["agent_id"] for w in s.raw["waiters"] if w["agent_id"] != s.keeper]
    keeper = _keeper(s, "you" if me and me == s.keeper else plain(s.keeper, NAME))
    if me in waiting:
        return f"{keeper}, you {ordinal(waiting.index(me) + 1)} of {len(waiting)}"
    return f"{keeper}, {len(waiting)} waiting" if waiting else keeper


def _keeper(s: Standing, who: str) -> str:
    if s.phase == phases.CLOSED:
        return "closed"
    if s.lease:
        held = age(s.now - s.lease["granted_at"]).replace(" min", "m").replace(" ", "")
        if s.phase == phases.OWNER_GONE:
            return f"{who} gone"
        if s.phase == phases.OWNER_IDLE and who != "you":
            return f"{who} {held}, idle"
        if s.phase == phases.STALE_OWNER:
            return "yours, lease over" if who == "you" else f"{who} {held}, lease over"
        until = clock_time(s.lease["expires_at"], s.shift)
        return f"yours until {until}" if who == "you" else f"{who} {held}"
    if s.reservation:
        missing = s.phase in (phases.STALE_CLAIM, phases.RECIPIENT_GONE)
        return "yours to take" if who == "you" else f"for {who}" + (", overdue" if missing else "")
    return "free"


def _for(format: str, text: str) -> str:
    """Return text as its reader takes it, for names are not ours."""
    if format == "zsh":  # in a prompt it reads % of what a command printed (PROMPT_SUBST)
        return text.replace("%", "%%")
    if format == "tmux":
        return text.replace("#", "##")
    if format == "starship":  # before 1.20 it lets bash expand what a command printed
        return text.translate(dict.fromkeys(map(ord, "$`\\"), "?"))
    return text


def _told_by_claude() -> "tuple[str, str]":
    """Return the folder and session that Claude Code sent, each ``""`` where it sent none."""
    from stickhooks.fast import json

    try:
        payload = json.read(_payload().decode("utf-8", "replace"), floats=True)
    except ValueError:
        return "", ""
    if not isinstance(payload, dict):
        return "", ""
    inner = payload.get("workspace")
    inner = inner if isinstance(inner, dict) else {}
    places = (inner.get("current_dir"), payload.get("cwd"), inner.get("project_dir"))
    folder = next((p for p in places if isinstance(p, str) and p), "")
    session = payload.get("session_id")
    return folder, session if isinstance(session, str) else ""


def _payload() -> bytes:
    """Return what is on standard input; of a terminal, or a pipe that stays silent, nothing."""
    from select import select

    until = time.monotonic() + PAYLOAD_S

    def ready() -> bool:
        return bool(select([0], [], [], max(0.0, until - time.monotonic()))[0])

    try:
        return b"" if os.isatty(0) else standard_input(PAYLOAD_LIMIT, ready)
    except OSError:  # it is closed
        return b""
