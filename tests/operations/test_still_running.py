"""Who puts the stick down is told what its session started in its turn and still runs in the tree."""

from __future__ import annotations

from pathlib import Path

from tests.support.shells import Agent, Shell, Shells

HANDOFF = '--status "half" --next "the rest"'
SLEEP = "sleep 321"


def test_a_command_in_the_background_is_told_to_person_and_agent(
    ada: Shell, room: Path, shells: Shells
) -> None:
    bot: Agent = shells.agent(room)
    bot.stick("join --as bot").ok()
    for shell in (ada, bot):
        shell.stick("take").ok()
        shell.run(f"{SLEEP} >/dev/null 2>&1 &").ok()
        said = shell.stick(f"release {HANDOFF}").ok().out
        assert "still running here, begun in your turn: " in said
        assert f"({SLEEP})" in said


def test_who_holds_paths_alone_is_told_as_well(ada: Shell) -> None:
    ada.stick("take app.py").ok()
    ada.run(f"{SLEEP} >/dev/null 2>&1 &").ok()
    assert f"({SLEEP})" in ada.stick(f"release {HANDOFF}").ok().out


def test_a_daemon_is_known_by_its_sessions_id(room: Path, shells: Shells) -> None:
    bot = shells.agent(room)
    bot.stick("join --as bot && stick take").ok()
    bot.run(f"setsid -f {SLEEP} >/dev/null 2>&1 </dev/null").ok()
    answer = bot.stick(f"release {HANDOFF} --json").ok().json["still_running"]
    for one in answer:
        bot.run(f"kill {one['pid']}")
    assert SLEEP in [one["command"] for one in answer]


def test_another_member_that_was_started_from_the_holders_terminal_is_not_told(
    ada: Shell, room: Path
) -> None:
    ada.stick("take").ok()
    line = "exec 3<>fifo; echo up > up; read line <&3"
    ada.run(
        f"mkfifo fifo up; (STICK_AGENT=kid sh -c 'stick join; {line}' >/dev/null 2>&1 &); cat up"
    )
    assert "kid" in ada.stick("status").ok().out
    said = ada.stick(f"release {HANDOFF}").ok().out
    ada.run("echo x > fifo").ok()
    assert "still running" not in said


def test_what_began_before_the_turn_runs_elsewhere_or_is_anothers_is_not_told(
    ada: Shell, bob: Shell, room: Path
) -> None:
    ada.run("sleep 322 >/dev/null 2>&1 &").ok()
    ada.run("sleep 2.2").ok()
    ada.stick("take").ok()
    ada.run("cd / && sleep 323 >/dev/null 2>&1 &").ok()
    bob.run("sleep 324 >/dev/null 2>&1 &").ok()
    assert ada.stick(f"handoff bob {HANDOFF} --json").ok().json["still_running"] == []
