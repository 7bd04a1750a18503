"""What the tests have done before a shell starts is written down as if it had been typed there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.shells import Shell, Shells

OWN = {"agent_id", "ordinal", "joined_at", "last_seen_at", "pid", "start"}


def test_who_joins_and_takes_before_the_shell_starts_is_known_as_who_types_it(
    shells: Shells, room: Path
) -> None:
    typed = shells.person(room)
    typed.stick("join --as ada").ok()
    typed.stick("take").ok()
    by_hand = _member(room, typed)
    typed.stick("release --status a --next b").ok()
    before = shells.holder(room, "bob")
    assert _member(room, before) == by_hand
    assert "bob" in before.stick("whoami").ok().out
    before.run("git commit -q --allow-empty -m x").ok()


def test_a_shell_ignores_no_signal(shells: Shells, tmp_path: Path) -> None:
    """An interpreter does; a hook's pipe that breaks would be no end in it, as it is in a terminal."""
    asked = "kill -PIPE $$; echo still there"
    assert "still there" not in shells.person(tmp_path).run(f"sh -c '{asked}'").text


def test_what_cannot_be_done_before_the_shell_starts_fails_the_test(
    shells: Shells, room: Path
) -> None:
    shells.holder(room, "ada")
    with pytest.raises(AssertionError, match=r"failed with 75: .* ada holds"):
        shells.holder(room, "bob")


def _member(room: Path, shell: Shell) -> dict[str, Any]:
    """Return what is written down of who was known by a shell last, without what is its own."""
    state = json.loads((room / ".talking-stick/room.json").read_text())
    [member] = [one for one in state["members"] if one["process"]["pid"] == shell.pid]
    return {
        key: {k: v for k, v in value.items() if k not in OWN} if key == "process" else value
        for key, value in member.items() if key not in OWN
    } | {"lease": sorted(state["lease"] or ())}  # fmt: skip
