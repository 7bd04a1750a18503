"""Odd states, anchors, logs, payloads, environments and command lines.

A sample (``sample.py``); ``python -m tests.stress.hostile --mutations 1 --first SEED`` replays one.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.stress import disk, hostile, sample
from tests.support.world import refused

MUTATIONS = sample.seeds("MUTATIONS", 600)
PROCESSES = range(MUTATIONS[0], MUTATIONS[0] + 30)


@pytest.fixture(autouse=True)
def nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("STICK", "CLAUDE", "GIT_"))]:
        monkeypatch.delenv(name)


def test_odd_input_brings_a_refusal_and_never_an_allow_a_fault_or_a_loss_of_memory(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with TemporaryDirectory(dir=disk.place()) as folder:
        tally = hostile.run(MUTATIONS, folder)
    said = capfd.readouterr()
    print(tally)
    assert not tally.failures, "\n".join([str(tally), *tally.failures[:10]])
    assert "Traceback" not in said.out + said.err
    assert tally.total == len(MUTATIONS)
    assert tally.grown_kib < hostile.GROWTH_LIMIT_KIB


def test_odd_payloads_bring_the_installed_gate_to_no_allow_and_no_traceback(tmp_path: Path) -> None:
    tally = hostile.run_hooks(PROCESSES, str(tmp_path))
    assert not tally.failures, "\n".join(tally.failures[:10])
    assert tally.total == len(PROCESSES)


def test_an_anchor_that_names_a_room_no_file_can_be_of_is_a_loss(tmp_path: Path) -> None:
    target = hostile.Target(str(tmp_path))
    rooms = {**target.anchor["rooms"], "\ud800": {"id": "x", "turn": 1}}
    target.anchor_file.write_text(json.dumps({"schema": 1, "rooms": rooms}))
    refused(lambda: [target.store.load(path) for path in target.store.paths()], "state_lost")
