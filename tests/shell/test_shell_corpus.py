"""Commands drawn from public material, with verdicts that were written down before the gate was asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from stickhooks import shell

DATA = Path(__file__).parents[1] / "data"
CORPORA = ("shell_corpus", "shell_corpus_second", "shell_corpus_fifth")
#: What part of the harmless ones may be refused; the small ones have Ansible's and PowerShell's in them.
FALSE_REFUSALS = {
    "shell_corpus": 0.03,
    "shell_corpus_second": 0.03,
    "shell_corpus_third": 0.09,
    "shell_corpus_fourth": 0.09,
    "shell_corpus_fifth": 0.03,
    "shell_corpus_sixth": 0.03,
    "shell_corpus_seventh": 0.03,
    "shell_corpus_eighth": 0.03,
    "shell_corpus_ninth": 0.03,
    "shell_corpus_tenth": 0.03,
    "shell_corpus_eleventh": 0.03,
    "shell_corpus_twelfth": 0.03,
    "shell_corpus_thirteenth": 0.03,
    "shell_corpus_fourteenth": 0.03,
    "shell_corpus_fifteenth": 0.03,
}
#: What these call so writes nothing in the tree, but changes a service, a process or a folder elsewhere.
HARMLESS = ("harmless", "outside")


def corpus(name: str) -> list[tuple[str, str]]:
    text = (DATA / f"{name}.txt").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rows = [line.split("\t", 1) for line in lines]
    return [(verdict, command.replace("¶", "\n")) for verdict, command in rows]


def passes(command: str) -> bool:
    """Tell whether a command may run in a room at /ws that another holds."""
    found = shell.writes(command, "/ws", {"HOME": "/home/me"})
    inside = [path for path in found.paths if f"{path}/".startswith("/ws/") or path == "/"]
    return not (found.whole or found.unclear or inside)


@pytest.mark.parametrize("name", CORPORA)
def test_it_is_large_and_holds_every_verdict(name: str) -> None:
    rows = corpus(name)
    assert len({command for _, command in rows}) == len(rows) >= 340
    for verdict, least in (("harmless", 240), ("writes", 20), ("unclear", 40)):
        assert sum(one == verdict for one, _ in rows) >= least


@pytest.mark.parametrize("name", FALSE_REFUSALS)
def test_nothing_passes_that_writes_or_may_write(name: str) -> None:
    assert not [
        command for verdict, command in corpus(name) if verdict not in HARMLESS and passes(command)
    ]


@pytest.mark.parametrize("name", FALSE_REFUSALS)
def test_hardly_any_harmless_command_is_refused(name: str) -> None:
    harmless = [command for verdict, command in corpus(name) if verdict in HARMLESS]
    refused = [command for command in harmless if not passes(command)]
    assert len(refused) <= FALSE_REFUSALS[name] * len(harmless), refused


def test_programs_that_are_asked_for_something_pass_and_no_others() -> None:
    for verdict, command in corpus("programs_asked"):
        assert passes(command) == (verdict == "harmless"), command
