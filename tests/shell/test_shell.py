"""What a shell command would write: a table of commands that agents type, and hostile ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stickhooks
from stickhooks import shell
from stickhooks.shell import parser, programs
from stickhooks.shell.answer import Writes

TABLE = Path(__file__).parents[1] / "data" / "shell_commands.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in TABLE.read_text().splitlines()]
CWD = "/ws"
HOME = {"HOME": "/home/me"}


def verdict(found: Writes) -> str:
    if found.unclear:
        return "unclear"
    return "whole" if found.whole else "writes" if found.paths else "reads"


def judged(command: str, cwd: str = CWD) -> Writes:
    return shell.writes(command, cwd, HOME)


def absolute(paths: list[str]) -> set[str]:
    return {os.path.normpath(os.path.join(CWD, path)) for path in paths}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["command"][:60])
def test_a_command_gets_the_verdict_of_the_table(row: dict[str, Any]) -> None:
    found = judged(row["command"])
    assert verdict(found) == row["verdict"], found
    if row["verdict"] != "unclear":
        assert absolute(found.paths) == absolute(row.get("paths", []))
    if row["verdict"] == "reads":
        assert found.nothing
    if row["verdict"] in ("whole", "unclear"):
        assert found.trees
        assert found.trees == row.get("trees", found.trees)


def test_the_table_is_large_and_holds_every_verdict() -> None:
    commands = [row["command"] for row in ROWS]
    assert len(set(commands)) == len(commands) >= 700
    for kind in ("reads", "writes", "whole", "unclear"):
        assert sum(row["verdict"] == kind for row in ROWS) >= 50


def test_a_relative_path_is_told_from_each_folder_the_shell_may_be_in(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    assert judged("cd there; touch x", str(tmp_path)).paths == [f"{tmp_path}/there/x"]
    found = judged("cd nowhere; touch x", str(tmp_path)).paths
    assert sorted(found) == [f"{tmp_path}/nowhere/x", f"{tmp_path}/x"]


def test_where_the_folder_is_not_known_a_relative_path_may_be_anywhere() -> None:
    found = judged("cd $SOMEWHERE && touch x")
    assert (found.paths, found.trees) == ([], [CWD])
    assert found.whole == "it writes to a path that is not known: x"
    assert judged("cd - && touch /tmp/x").paths == ["/tmp/x"]


def test_the_tree_in_danger_is_the_one_the_shell_has_gone_to() -> None:
    assert judged("cd /elsewhere && make").trees == ["/elsewhere"]
    assert judged("cd /elsewhere && frobnicate").trees == ["/elsewhere"]
    assert judged("cd $SOMEWHERE && make").trees == [CWD]


def test_a_home_that_is_not_known_makes_a_path_unknown() -> None:
    assert shell.writes("echo > ~/x", CWD).whole == "it writes to a path that is not known: …/x"
    assert shell.writes("echo > ~root/x", CWD, HOME).whole


def test_a_path_behind_a_link_is_left_for_the_disk_to_resolve() -> None:
    assert judged("touch link/../x").paths == ["/ws/link/../x"]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("git reset --hard", "git reset moves HEAD, the index or the tree"),
        ("git stash pop", "git stash pop changes the tree and the index"),
        ("python x.py", "python runs a program that may write anywhere"),
        ("npm test", "npm test runs the project's own code or tools, and may write anywhere"),
        ("pytest -q", "pytest runs the project's own code or tools, and may write anywhere"),
        ("frobnicate", "stick does not know whether frobnicate writes"),
        ("./x.sh", "stick does not know what the program ./x.sh writes"),
        ("$X y", "an expansion in a command's name: …"),
        ("git co main", "git co is not known: an alias may do anything"),
        ('echo "', 'it is not bash: 1:6: reached EOF without closing quote `"`'),
        ("curl -s x | sh", "sh reads its commands from where they cannot be seen"),
    ],
)
def test_a_reason_says_in_words_what_it_is(command: str, says: str) -> None:
    found = judged(command)
    assert says in (found.whole, found.unclear)


# --- what cannot be understood ---------------------------------------------------------

HOSTILE = {
    "a null byte": ("ls\0rm x", "control characters"),
    "a lone surrogate": ("ls \ud800", "control characters"),
    "a megabyte": ("ls " + "x" * (1 << 20), "longer than 64 KiB"),
    "subshells": ("(" * 10_000 + "ls" + ")" * 10_000, "too deeply"),
    "substitutions": ("$(" * 10_000 + "ls" + ")" * 10_000, "too deeply"),
    "strings": ('"$(' * 10_000 + "ls" + ')"' * 10_000, "too deeply"),
    "a chain": ("ls&&" * 10_000 + "ls", "too deeply"),
    "scripts": ("eval " * 300 + "ls", "too deeply"),
    "many steps": ("ls;" * 3000, "too many steps"),
    "braces": ("echo " + "{a,b}" * 20, "too many words"),
    "open blocks": ("{ " * 10_000, "not bash"),
    "open backquotes": ("`" * 10_001, "not bash"),
    "an open bracket": ("case x in " * 3000, "not bash"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_command_is_refused_with_a_reason_within_bounds(name: str) -> None:
    command, says = HOSTILE[name]
    found = judged(command)
    assert found.unclear
    assert says in found.unclear
    assert len(found.unclear) <= 200


def test_the_bare_python_of_an_installed_hook_finds_the_grammar() -> None:
    code = f"""import sys; sys.path.insert(0, {os.path.dirname(stickhooks.__path__[0])!r})
from stickhooks import shell
print(shell.writes("ls | tee $(echo f) > f", "/ws").paths)"""
    bare = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(bare, env={}, capture_output=True, text=True, check=True)
    assert done.stdout == "['/ws/f']\n"


def test_without_shfmt_every_command_but_a_simple_line_is_refused_with_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(sysconfig, "get_path", lambda *_: str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert judged("ls $X").unclear == parser.MISSING
    assert judged("ls | tee x").paths == ["/ws/x"]
    assert judged("git log | head -3").nothing
    assert "pip install" in parser.MISSING


def test_another_program_in_the_grammars_place_opens_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    false = tmp_path / "shfmt"
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    for answer in ("", "echo '[]'", "echo 'null'", 'echo \'{"Stmts":[{"Cmd":{}}]}\'', "exit 1"):
        false.write_text(f"#!/bin/sh\ncat >/dev/null\n{answer}\n")
        false.chmod(0o755)
        assert judged("rm $X").unclear, answer


def test_a_grammar_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    false = tmp_path / "shfmt"
    false.write_text("#!/bin/sh\nexec sleep 600\n")
    false.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(parser, "PATIENCE_S", 0.2)
    assert judged("ls $X").unclear


# --- whatever is typed -----------------------------------------------------------------

#: Ways to run a command inside another, each of which really runs it.
AROUND = [
    "{}", "ls && {}", "{} ; ls", "false || {}", "( {} )", "{{ {}\n}}", "! {}", "echo \"$( {} )\"",
    "if {}; then ls; fi", "if true; then {}\nfi", "for f in 1 2; do {}\ndone", "cat <( {} )",
    "case a in a) {}\n;; esac", "f() {{ {}\n}}; f", "X=$( {} )", "ls | ( {} )", "time {}",
    "cat <<E\n$( {} )\nE\n", "[[ -n $( {} ) ]]", "echo ${{x:-$( {} )}}", "echo $(( 1 + $( {} ) ))",
    "stick status; {}", "stick wait; {}", "cd . && {}", "{} # rm", "export A=$( {} )",
    "while {}\ndo break; done", "ls > /dev/null < <( {} )", "a=(1 $( {} ))",
]  # fmt: skip
WRITERS = [
    "rm x", "touch x", "echo > x", "sed -i s/a/b/ x", "git commit -m x", "ls | tee x", "cp a x",
    "find . -delete", "xargs rm < a", "bash -c 'rm x'", "eval rm x", "git -C . add x", "\\rm x",
]  # fmt: skip
WORDS = st.sampled_from(
    [
        *sorted({word for row in ROWS for word in row["command"].split()}),
        *("\n", ";", "&&", "|", "(", ")", "$(", "`", "'", '"', "<<E", "#", "{", "}", "$x", "*"),
    ]
)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.sampled_from(WRITERS), st.lists(st.sampled_from(AROUND), max_size=4))
def test_a_writer_is_found_however_it_is_wrapped(writer: str, around: list[str]) -> None:
    command = writer
    for frame in around:
        command = frame.format(command)
    assert not judged(command).nothing, command


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.lists(WORDS, max_size=30), st.sampled_from([" ", ""]), st.text(max_size=8))
def test_no_text_raises(words: list[str], between: str, noise: str) -> None:
    found = judged(between.join([*words, noise]))
    assert all(path.startswith("/") for path in found.paths)
    assert bool(found.trees) == bool(found.whole or found.unclear)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.sampled_from(ROWS), st.data())
def test_a_command_with_a_piece_cut_out_never_raises(row: dict[str, Any], data: Any) -> None:
    command = row["command"]
    start = data.draw(st.integers(0, len(command)))
    end = data.draw(st.integers(start, min(len(command), start + 6)))
    judged(command[:start] + command[end:])


def test_no_program_is_known_under_two_heads() -> None:
    names = [name for table in programs.tables() for name in table]
    assert len(names) == len(set(names)) > 400
    assert all(map(programs.is_program, names))
