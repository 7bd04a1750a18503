"""Where a handoff comes from: options, or standard input as JSON or as labelled text. Notes likewise."""

# bundle: release
from __future__ import annotations

import sys

from stickhooks.errors import Next, Refusal
from stickhooks.fast import json
from stickhooks.fast.os import standard_input
from stickhooks.protocol import commands
from stickhooks.text import word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Final

INPUT_LIMIT: Final = 256 * 1024
CONTINUE: Final = "continue"
TEMPLATE: Final = ("what was done", "what comes next", "…")
_OPTIONS: Final = {"status": "status (--status)", "next_action": "next step (--next)"}
#: Also by the names that the options have.
_LABELS: Final = {
    "status": "status", "next": "next_action", "next_action": "next_action",
    "artifact": "artifacts", "artifacts": "artifacts",
}  # fmt: skip


def gather(
    command: str,
    status: str | None,
    next_action: str | None,
    artifacts: Sequence[str] | None,
    from_stdin: bool,
    message: str | None = None,
) -> Mapping[str, object]:
    """Return the handoff that was given, checked. Raises ``invalid_handoff`` with a template.

    ``message`` is a whole handoff in one line.
    """
    if message is not None and (from_stdin or status is not None):
        raise _bad(command, "-m is the status: give one of -m, --status and --stdin")
    raw: dict[str, object] = _from_stdin(command) if from_stdin else {}
    if message is not None:
        raw |= {"status": message, "next_action": CONTINUE}
    if status is not None:
        raw["status"] = status
    if next_action is not None:
        raw["next_action"] = next_action
    if artifacts:
        raw["artifacts"] = list(artifacts)
    if raw.get("status") in TEMPLATE or raw.get("next_action") in TEMPLATE:
        raise _bad(command, "that is the template's own text: say it in your words")
    try:
        commands.handoff_of(raw or None)
    except Refusal as refusal:
        raise _explained(command, str(refusal.details["field"]), raw) from None
    return raw


def template(command: str) -> str:
    return f'{command} --status "what was done" --next "what comes next" --artifact FILE'


def _explained(command: str, field: str, raw: Mapping[str, object]) -> Refusal:
    value = raw.get(field)
    if isinstance(value, str) and value.strip():
        limit = f"{commands.TEXT_LIMIT // 1024} KiB"
        why = f"the handoff's {field} is longer than {limit}: name files as artifacts instead"
    elif field == "artifacts":
        why = (
            f"the handoff's artifacts must be at most {commands.ARTIFACTS_LIMIT} names of at most"
            f" {commands.ARTIFACT_LIMIT} characters"
        )
    elif field == "handoff":
        why = "the stick travels with a handoff: say what was done and what comes next"
    else:
        why = f"the handoff has no {_OPTIONS.get(field, field)}"
    return Refusal("invalid_handoff", why, [template(command)], field=field)


def _from_stdin(command: str) -> dict[str, object]:
    text = _input(lambda why: _bad(command, why))
    return _from_json(command, text) if text.lstrip().startswith("{") else _from_labels(text)


def _input(bad: Callable[[str], Refusal]) -> str:
    """Return the text on standard input. Raises what ``bad`` makes of the reason why there is none."""
    if sys.stdin is None:
        raise bad("standard input is closed")
    data = standard_input(INPUT_LIMIT)
    if len(data) > INPUT_LIMIT:
        raise bad(f"standard input is longer than {INPUT_LIMIT // 1024} KiB")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise bad("standard input is not UTF-8 text") from None
    if "\0" in text:
        raise bad("standard input is not text")
    return text


def note(to: str, text: str | None, *, from_stdin: bool) -> str:
    """Return the text of a note: the argument, or standard input. Raises ``invalid_input``."""

    def bad(why: str) -> Refusal:
        return Refusal("invalid_input", why, [Next("tell", word(to), '"…"')], field="text")

    if (text is None) == (not from_stdin):
        told = "a note is one text in quotes" if text is None else "it is given twice"
        raise bad(f"{told}, or comes by --stdin")
    return text if text is not None else _input(bad).rstrip("\n")


def _from_json(command: str, text: str) -> dict[str, object]:
    try:
        value = json.read(text)
    except ValueError as error:
        raise _bad(command, f"standard input cannot be used: {error}") from None
    assert isinstance(value, dict)
    named: dict[str, object] = {_LABELS.get(str(k), str(k)): said for k, said in value.items()}
    if isinstance(value.get("artifact"), str):  # one, as the option takes it
        named["artifacts"] = [value["artifact"]]
    return named


def _from_labels(text: str) -> dict[str, object]:
    """Read ``Status:``, ``Next:`` and ``Artifacts:``, each up to the next label."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        label, colon, rest = line.partition(":")
        key = label.strip().lower()
        if colon and key in _LABELS:
            current = found.setdefault(_LABELS[key], [])
            line = rest
        current.append(line.strip())
    raw: dict[str, object] = {
        key: "\n".join(lines).strip() for key, lines in found.items() if key != "artifacts"
    }
    names = [name.strip(" -,") for line in found.get("artifacts", ()) for name in line.split(",")]
    if any(names):
        raw["artifacts"] = [name for name in names if name]
    return raw


def _bad(command: str, why: str) -> Refusal:
    return Refusal("invalid_handoff", why, [template(command)], field="handoff")
