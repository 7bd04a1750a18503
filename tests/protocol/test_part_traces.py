"""Leases of paths as data: walks with their exact answers, in the form of the reference ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.protocol.test_conformance import STORES, Replay

DATA = Path(__file__).parents[1] / "data" / "part_traces.jsonl"
TRACES = [json.loads(line) for line in DATA.read_text().splitlines()]


@pytest.mark.parametrize("store", ["files", "memory"])
@pytest.mark.parametrize("trace", TRACES, ids=[trace["trace"] for trace in TRACES])
def test_every_answer_of_a_trace_is_given_exactly(
    trace: dict[str, Any], store: str, tmp_path: Path
) -> None:
    replay = Replay(trace, STORES[store](tmp_path))
    for step in trace["steps"]:
        replay.step(step)


def test_the_traces_have_every_kind_of_answer_about_paths() -> None:
    answers = [step["expect"] for trace in TRACES for step in trace["steps"]]
    known = {one["ok"].get("status") for one in answers if isinstance(one.get("ok"), dict)}
    refused = {one["error"]["code"] for one in answers if "error" in one}
    assert known >= {
        "your_turn", "already_owner", "not_yet", "takeover_available", "released", "passed", "asked", "left",
        "closed",
    }  # fmt: skip
    assert refused >= {"turn_mismatch", "takeover_not_available", "takeover_ineligible"}
