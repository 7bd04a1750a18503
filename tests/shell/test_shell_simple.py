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
#: What else passes at a glance, and what stands beside it there.
GLANCES = [
    "git status", "git log", "git diff", "git show", "git branch", "git remote", "git rev-parse", "git stash",
    "git ls-files", "sort", "uniq", "rg", "date", "tree", "file", "sed -n", "git", "-o", "-n", "--stat", "-5",
    "--output=x", "--oneline", "HEAD", "'--outp'", "x", "--pre", "-a", "-D", "1,5p", "'$p'", "'w x'",
    "1wx", "-v",
    "+1", "-c", "a", "-s", "-i", "--", "-k2", "-t", "-T",
]  # fmt: skip
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


@pytest.mark.parametrize("command", [
    "git log --oneline | head -5", "for f in *.py; do cat $f > /dev/null; done",
    "python3 -c 'import json; print(1)'",
    "npm ls", "find . -name x", "docker ps", "sqlite3 :memory: 'select 1'",
])  # fmt: skip
def test_a_command_is_judged_without_what_is_slow_to_load(command: str) -> None:
    code = f"""import sys; sys.path.insert(0, {str(Path(shell.__file__).parents[2])!r})
from stickhooks import shell
assert shell.writes({command!r}, "/ws").nothing
print(*sorted(sys.modules))"""
    bare = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(bare, env={}, capture_output=True, text=True, check=True)
    slow = {
        "typing",
        "re",
        "subprocess",
        "contextlib",
        "enum",
        "json",
        "threading",
        "sysconfig",
        "ast",
        "os",
    }
    assert not slow & set(done.stdout.split())


def test_what_a_glance_takes_for_a_reader_has_no_option_that_writes() -> None:
    for name in set(simple.READERS.split()) - {"cd"}:
        assert readers.LISTED[name] == options.ANY, name
        assert programs.is_program(name)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6))
def test_what_passes_at_a_glance_passes_when_looked_at(words: list[str]) -> None:
    command = " ".join(["ls", *words])
    if simple.only_reads(command):
        assert shell.writes(command, "/ws", {"HOME": "/home/me"}).nothing, command


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(GLANCES), min_size=1, max_size=5))
def test_what_passes_at_a_glance_by_its_options_passes_when_looked_at(words: list[str]) -> None:
    command = " ".join(words)
    if simple.only_reads(command):
        assert shell.writes(command, "/ws", {"HOME": "/home/me"}).nothing, command


@pytest.mark.parametrize("command", [
    "git status", "git status -sb", "git log --oneline -5", "git diff --stat HEAD~1", "git show HEAD",
    "git branch -a",
    "sed -n 1,5p a.py | sort -u", "rg -n foo src | head -20", "git log --oneline | head",
    "date; git remote -v",
])  # fmt: skip
def test_words_that_agents_type_most_pass_at_a_glance(command: str) -> None:
    assert simple.only_reads(command)


@pytest.mark.parametrize("command", [
    "git branch x", "git remote add a b", "git diff --output=x", "git log --output x", "git stash",
    "sed -n 1wx a",
    "sort -o x a", "uniq a b", "rg --pre x a", "date 1", "tree -o x", "file -C", "sed -i 1p a",
    "sed -n -i 1p a",
    "git -c a=b status", "git checkout .", "sed -n 1p", "'git' status", "git status -x", "date -s 1",
])  # fmt: skip
def test_what_may_be_more_does_not(command: str) -> None:
    assert not simple.only_reads(command) or shell.writes(command, "/ws").nothing


def test_a_glance_lets_no_option_pass_that_writes() -> None:
    for line in (DATA / "options_that_write.txt").read_text().splitlines():
        assert not simple.only_reads(line), line
