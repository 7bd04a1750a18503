"""Who has no stick may run what the room's people call harmless, and the holder is told what it changed."""

from __future__ import annotations

from pathlib import Path

from tests.support.shells import Shell, Shells


def test_a_reviewer_runs_the_tests_and_the_holder_is_told_what_they_changed(
    shells: Shells, room: Path, ada: Shell
) -> None:
    ada.stick("take").ok()
    ada.stick("policy reads 'pytest -q, ruff check'").ok()
    ada.stick("policy reads bash").fails(78, "bash runs what it is told")
    assert ada.stick("policy reads").ok().out.strip() == "pytest -q,ruff check"
    bot = shells.agent(room)
    bot.stick("join --as bot").ok()
    run = {
        **bot.payload(room / "app.py", "Bash"),
        "tool_input": {"command": "pytest -q 2>&1 | tail"},
    }
    assert bot.hook(run).code == 0
    fixing = {**run, "tool_input": {"command": "ruff check --fix"}}
    bot.hook(fixing).fails(2, "ada holds")
    assert "ran `pytest" not in ada.stick("status").ok().text  # it changed nothing
    (room / "report.xml").write_text("by the tests")
    told = ada.stick("renew").ok().err
    assert "meanwhile: bot at" in told
    assert "ran `pytest -q` (policy reads); changed since (report.xml)" in told
    assert "meanwhile" not in ada.stick("renew").ok().err
    assert "ran `pytest -q`" in ada.stick("log").ok().out
