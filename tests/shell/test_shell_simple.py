"""Simple lines are parsed here as shfmt parses them, and a glance at one lets no writer pass."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stickhooks import shell
from stickhooks.shell import options, parser, programs, readers, simple
from stickhooks.shell.grammar import Unclear

DATA = Path(__file__).parents[1] / "data"
ROWS = [json.loads(line) for line in (DATA / "shell_commands.jsonl").read_text().splitlines()]
PIECES = [
    "ls", "grep", "-n", "a.py", "'a b'", '"a b"', "''", '""', "*.py", "[a", "a]", "?", "~/x", "=", "a=b",
    "x=", "|", "||", "&&", ";", "\n", "&", "|&", ">", ">>", "<", "2>&1", "2>/dev/null", "> /dev/null", "2>",
    "1>x",
    "$x", "`ls`", "\\", "\\;", "#", "!", "{", "}", "{a,b}", "(", ")", "$(ls)", "if", "then", "fi", "for",
    "do", "done", "time", "[[", "]]", "[", "]", "let", "declare", "export", "case", "in", "esac", "function",
    "f()",
    "'", '"', "\t", "\r", "\x0b", "é", "%", "@", "+", "^", ",", ":", "a'b'\"c\"d", "coproc", "+(a)", "?(a)",
    ";;",
]  # fmt: skip


def bare(node: Any) -> Any:
    """Return a syntax tree without places in the text, and without what writes nothing."""
    if isinstance(node, list):
        return [bare(one) for one in node]
    if not isinstance(node, dict):
        return node
    places = {"Pos", "End", "ValuePos", "ValueEnd", "OpPos", "Left", "Right", "Position", "Semicolon", "N",
              "Redirs", "Comments", "Last"}  # fmt: skip
    return {key: bare(value) for key, value in node.items() if key not in places}


def harmless(node: Any) -> bool:
    """Tell whether all redirections of a tree write nothing: these are what ``simple`` leaves out."""
    if isinstance(node, list):
        return all(map(harmless, node))
    if not isinstance(node, dict):
        return True
    for one in node.get("Redirs", []):
        said = one["Op"], bare(one["Word"])["Parts"][0]["Value"], one.get("N", {}).get("Value", "")
        if said not in ((">", "/dev/null", ""), (">", "/dev/null", "2"), (">&", "1", "2")):
            return False
    return all(map(harmless, node.values()))


def compared(command: str) -> bool:
    """Hold one line against shfmt's reading of it; False where it is not simple."""
    mine = simple.statements(command)
    if mine is None:
        return False
    try:
        theirs = parser.statements(command)
    except Unclear as error:
        raise AssertionError(f"shfmt turns it away: {command!r}: {error}") from None
    assert bare(mine) == bare(theirs), command
    assert harmless(theirs), command
    return True


def test_every_line_of_the_table_that_is_simple_is_read_alike() -> None:
    assert sum(compared(row["command"]) for row in ROWS) > 250


@settings(derandomize=True, deadline=None, max_examples=400)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=7), st.sampled_from([" ", " ", ""]))
def test_any_text_is_read_as_shfmt_reads_it_or_not_at_all(words: list[str], between: str) -> None:
    compared(between.join(words))


@pytest.mark.parametrize("command", [
    "ls; ls | wc -l && echo a b || cat x\nls", "grep -n 'a b' \"c d\" x 2>/dev/null | head -3 2>&1;",
    "ls > /dev/null && cat a", "\n\nls\n",
])  # fmt: skip
def test_a_simple_line_needs_no_shfmt(command: str) -> None:
    assert compared(command)
    assert simple.only_reads(command)


@pytest.mark.parametrize("command", [
    "ls > x", "cat a >b", "ls;rm x", "ls | tee x", "ls & rm x", "ls\nrm x", "cat $(rm x)", "'ls' x", "x=1 ls",
    "ls 2>x", "ls 2>/dev/nullx", "ls >/dev/null/../x", "sort -o x", "sed -i s/a/b/ x", "ls () { rm x; }; ls",
    "echo \"$(rm x)\"", "echo `rm x`", "./ls", "bin/cat x", "ls <>x", "ls |& tee x", "echo a\\\nb > x",
    "cat <<< x > y", "cd x && make", "", "git diff --output=x", "printf -v x", "wait -p x",
])  # fmt: skip
def test_a_glance_lets_nothing_pass_that_is_more(command: str) -> None:
    assert not simple.only_reads(command)


def test_a_simple_line_is_judged_without_what_is_slow_to_load() -> None:
    code = f"""import sys; sys.path.insert(0, {str(Path(shell.__file__).parents[2])!r})
from stickhooks import shell
assert shell.writes("git log --oneline | head -5", "/ws").nothing
print(*sorted(sys.modules))"""
    bare = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(bare, env={}, capture_output=True, text=True, check=True)
    assert not {"typing", "re", "subprocess", "contextlib", "enum", "json"} & set(
        done.stdout.split()
    )


def test_what_a_glance_takes_for_a_reader_has_no_option_that_writes() -> None:
    for name in set(simple.READERS.split()) - {"cd"}:
        assert readers.LISTED[name] == options.ANY, name
        assert name in programs.HANDLERS


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6))
def test_what_passes_at_a_glance_passes_when_looked_at(words: list[str]) -> None:
    command = " ".join(["ls", *words])
    if simple.only_reads(command):
        assert shell.writes(command, "/ws", {"HOME": "/home/me"}).nothing, command
