"""Commands drawn from public material, with verdicts that were written down before the gate was asked."""

from __future__ import annotations

from pathlib import Path

from stickhooks import shell

DATA = Path(__file__).parents[1] / "data/shell_corpus.txt"
FALSE_REFUSALS = 0.03


def corpus() -> list[tuple[str, str]]:
    lines = [line for line in DATA.read_text().splitlines() if not line.startswith("#")]
    rows = [line.split("\t", 1) for line in lines]
    return [(verdict, command.replace("¶", "\n")) for verdict, command in rows]


def passes(command: str) -> bool:
    """Tell whether a command may run in a room at /ws that another holds."""
    found = shell.writes(command, "/ws", {"HOME": "/home/me"})
    inside = [path for path in found.paths if path.startswith("/ws")]
    return not (found.whole or found.unclear or inside)


def test_it_is_large_and_holds_every_verdict() -> None:
    rows = corpus()
    assert len({command for _, command in rows}) == len(rows) >= 375
    for verdict, least in (("harmless", 250), ("writes", 50), ("unclear", 40)):
        assert sum(one == verdict for one, _ in rows) >= least


def test_nothing_passes_that_writes_or_may_write() -> None:
    assert not [
        command for verdict, command in corpus() if verdict != "harmless" and passes(command)
    ]


def test_hardly_any_harmless_command_is_refused() -> None:
    harmless = [command for verdict, command in corpus() if verdict == "harmless"]
    refused = [command for command in harmless if not passes(command)]
    assert len(refused) <= FALSE_REFUSALS * len(harmless), refused
