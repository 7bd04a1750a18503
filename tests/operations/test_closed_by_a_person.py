"""What a person closed an agent opens only for a reason, is not offered, and the person is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.shells import Agent, Shell, Shells

CLOSE = "close --status 'the release is frozen' --next 'wait for monday'"


@pytest.fixture
def bot(shells: Shells, room: Path) -> Agent:
    agent = shells.agent(room)
    agent.stick("join --as bot").ok()
    return agent


def words(text: str) -> set[str]:
    """Return those of the words that these tests look for that stand in a text."""
    sought = ("ada", "the release is frozen", "wait for monday", "reopen", "--reason")
    return {one for one in sought if one in text}


def closed(by: Shell) -> None:
    by.stick("take").ok()
    by.stick(CLOSE).ok()


def test_a_person_is_not_sent_to_a_person(ada: Shell, bot: Agent) -> None:
    closed(ada)
    assert "a person opens it again" in bot.stick("take").fails(77).text
    assert "a person opens it again" not in ada.stick("take").fails(77, "stick reopen").text


def test_an_agent_is_given_the_closers_words_and_no_way_to_open(
    ada: Shell, bot: Agent, room: Path, shells: Shells
) -> None:
    closed(ada)
    stranger = shells.agent(room)
    for refused in (
        *(bot.stick(verb) for verb in ("take", "wait", "reopen", "run -- true", "check app.py")),
        bot.run("git commit --allow-empty -m x"),
        stranger.run("git commit --allow-empty -m x"),
        stranger.run("stick join && stick take"),
        bot.stick("status"),
    ):
        said = refused.text
        assert refused.code or "closed" in said, said
        assert not {"ada", "the release is frozen", "wait for monday"} - words(said), said
        assert not {"reopen", "--reason"} & words(said), said
    assert bot.stick("take --json").json["code"] == "room_closed"
    for verb in ("reopen", "take", "status"):  # not to `status` again
        lines = [
            line.split("next:")[1].strip()
            for line in bot.stick(verb).text.splitlines()
            if "next:" in line
        ]
        assert lines[-1] == "stick log"


def test_with_a_reason_it_opens_and_the_closer_is_told_once(ada: Shell, bot: Agent) -> None:
    closed(ada)
    bot.stick("reopen --reason ' '").fails(2)
    bot.stick("reopen --reason 'ada asked me to'").ok()
    [event] = [e for e in bot.stick("log --json").json["events"] if e["event_type"] == "reopen"]
    assert (event["from_agent_id"], event["reason"]) == ("bot", "ada asked me to")
    bot.stick("take").ok()
    told = "bot opened"
    assert told not in bot.stick("renew").ok().text
    for _ in range(2):  # to look tells, and settles nothing
        assert (
            f"{told} {ada.cwd}, which you had closed: ada asked me to" in ada.stick("status").text
        )
    assert told in ada.stick("join").ok().text
    assert told not in ada.stick("status").ok().text


def test_a_person_opens_without_a_reason(ada: Shell, bob: Shell, bot: Agent) -> None:
    closed(ada)
    bob.stick("take").fails(77, "stick reopen", "the release is frozen")
    bob.stick("reopen").ok()
    assert "opened" not in ada.stick("join").ok().text
    bot.stick("take").ok()


def test_what_an_agent_closed_any_member_opens(ada: Shell, bot: Agent, shells: Shells) -> None:
    closed(bot)
    other = shells.agent(bot.cwd)
    other.stick("join --as other").ok()
    other.stick("take").fails(77, "stick reopen", "the release is frozen")
    other.stick("reopen").ok()


@pytest.mark.parametrize("left", ["leave", "kill", "renamed"])
def test_a_closer_that_went_still_bars_agents(
    ada: Shell, bob: Shell, bot: Agent, left: str
) -> None:
    bob.stick("policy gone_grace 0s").ok()
    closed(ada)
    if left == "leave":
        ada.stick("leave").ok()
    else:
        ada.kill()
    if left == "renamed":
        bot.run("stick join --as ada").ok()
    bot.stick("reopen").fails(77)
    bob.stick("reopen").ok()


def test_there_is_no_other_way_for_an_agent(ada: Shell, bob: Shell, bot: Agent, room: Path) -> None:
    (room / "sub").mkdir()
    ada.stick("join --new sub").ok()
    bot.stick("join sub").ok()
    ada.stick("take --room sub").ok()
    ada.stick(f"{CLOSE} --room sub").ok()
    bot.stick("close --remove --room sub").fails(77)
    closed(ada)
    (room / "other").mkdir()
    for way in (
        "join --new other", "uninit", "uninit --force", "policy exempt '**'", "takeover --reason x",
        "leave --force && stick join && stick take",
    ):  # fmt: skip
        said = bot.run(f"stick {way}")
        assert said.code == 77, (way, said)
        bot.run("git commit -q --allow-empty -m x").fails(1)
    bob.stick("join sub").ok()
    bob.stick("close --remove --room sub").ok()
