"""Clients of databases: a statement that reads passes, and SQLite's files stay as they are."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from stickhooks import shell
from stickhooks.shell import databases
from stickhooks.shell.grammar import Unclear
from tests.support.shell_tree import snapshot

READS = [
    "sqlite3 {} .tables", "sqlite3 {} .schema 'select * from t'",
    "sqlite3 -readonly {} 'select count(*) from t'",
    "sqlite3 -json {} \"pragma table_info('t')\"", "sqlite3 {} <<'E'\n.mode column\nselect 1;\nE",
    "sqlite3 {} .dump", "sqlite3 -header -csv {} 'with x as (select 1) select * from x'",
]  # fmt: skip


def paths(command: str, folder: Path) -> list[str]:
    found = shell.writes(command, str(folder))
    assert (found.whole, found.unclear) == (None, None), command
    return found.paths


@pytest.fixture
def base(tmp_path: Path) -> Path:
    path = tmp_path / "t.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table t(a)")
    connection.close()
    return path


def test_a_statement_that_reads_passes_and_leaves_the_file(base: Path) -> None:
    before = snapshot(base.parent)
    for command in READS:
        assert paths(command.format("t.db"), base.parent) == []
        if shutil.which("sqlite3"):
            line = ["bash", "-c", command.format("t.db")]
            subprocess.run(line, cwd=base.parent, check=True, capture_output=True)
            assert snapshot(base.parent) == before, command


def test_a_file_that_sqlite_would_make_is_written(base: Path) -> None:
    for command in READS:
        assert paths(command.format("new.db"), base.parent) == [str(base.parent / "new.db")]


def test_a_log_that_is_written_back_is_a_write(base: Path) -> None:
    connection = sqlite3.connect(base)
    connection.execute("pragma journal_mode=wal")
    connection.close()
    assert paths("sqlite3 t.db .tables", base.parent) == []
    assert paths("sqlite3 -readonly t.db .tables", base.parent) == [str(base)]  # makes its log
    (base.parent / "t.db-wal").write_bytes(b"x")
    assert paths("sqlite3 t.db .tables", base.parent) == [str(base)]


def test_a_journal_that_is_rolled_back_is_a_write(base: Path) -> None:
    (base.parent / "t.db-journal").write_bytes(b"x")
    assert paths("sqlite3 t.db .tables", base.parent) == [str(base)]
    assert paths("sqlite3 -readonly t.db .tables", base.parent) == []


@pytest.mark.parametrize(
    "command", ["cd $X && sqlite3 a.db .tables", "sqlite3 $X .tables", "sqlite3 *.db .tables"]
)
def test_a_file_that_is_not_known_is_asked(command: str) -> None:
    assert shell.writes(command, "/ws").whole


@pytest.mark.parametrize("command", [
    "psql app <<'E'\n\\dt\nselect now();\nE", "psql -c 'select 1' <<'E'\n\\! x\nE",
    "mysql app <<< 'show tables'",
])  # fmt: skip
def test_a_here_document_is_read(command: str) -> None:
    assert shell.writes(command, "/ws").nothing


@pytest.mark.parametrize("command", [
    "psql app <<'E'\nselect 1;\n\\o x\nselect 2;\nE", "psql app <<E\nselect $X\nE",
    "mysql app <<< 'drop table t'",
    "sqlite3 x.db <<'E'\n.output x\nselect 1;\nE", "psql < a.sql", "cat a.sql | sqlite3 x.db",
    "psql -c 'select 1' -c 'drop table t'", "mysql -G -e 'select 1\ntee x'", "PSQLRC=x psql -c 'select 1'",
])  # fmt: skip
def test_a_here_document_that_writes_is_asked(command: str) -> None:
    assert not shell.writes(command, "/ws").nothing


@pytest.mark.parametrize("text", [
    "select 'a", "select /* a", "select 'a\\' || lo_export(1, 2)--'", "select e'\\''", "select \u00a7",
    "select 1 \\x",
    "select $$a$$", "; ; drop table t", "(delete from t)", "table t; call x()", "select x.lo_export(1)",
    "select `lo_export`(1)", "select [writefile](1)", "select lo_export --\n (1)", "select lo_export/**/(1)",
    "select 1; select 2 into t",
])  # fmt: skip
def test_an_odd_statement_is_asked(text: str) -> None:
    with pytest.raises(Unclear):
        databases.only_reads(text)
