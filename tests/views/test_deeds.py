"""Who changed what: each turn's files and commits, a path's turns, and what changed while nobody held."""

from __future__ import annotations

import pytest

from tests.support.shells import Shell

HANDOFF = "--status done --next more --artifact app.py"


@pytest.fixture
def lived(ada: Shell, bob: Shell) -> Shell:
    """A room in which ada had a turn, somebody wrote without one, and bob has his."""
    (ada.cwd / "kept.txt").write_text("before the turn\n")
    ada.stick("take").ok()
    (ada.cwd / "app.py").write_text("ada\n")
    (ada.cwd / "new.txt").write_text("ada\n")
    (ada.cwd / "README").unlink()
    ada.run("echo ada >> src/core.py; git commit -qm 'a better core' src/core.py").ok()
    ada.stick(f"release {HANDOFF}").ok()
    (ada.cwd / "between.txt").write_text("nobody's\n")
    bob.stick("take").ok()
    return bob


def test_a_turns_files_and_commits_are_told(lived: Shell) -> None:
    found = lived.stick("log --files --json").ok().json["turns"]
    first, second = found
    assert (first["turn_id"], first["holder"], first["ended"]) == (1, "ada", True)
    assert first["files"] == {
        "app.py": "changed",
        "new.txt": "new",
        "README": "deleted",
        "src/core.py": "committed",
    }
    assert [one["subject"] for one in first["commits"]] == ["a better core"]
    assert (second["holder"], second["ended"], second["files"]) == ("bob", False, {})
    told = lived.stick("log --files").ok().out
    assert "turn 1  ada" in told
    assert "  committed  src/core.py" in told
    assert "a better core" in told
    assert "turn 2" not in lived.stick("log --files --limit 1").ok().out.replace("turn 2  bob", "")
    lived.stick("log --files --follow").fails(2, "--files")


def test_a_path_tells_the_turns_that_touched_it(lived: Shell) -> None:
    (lived.cwd / "app.py").write_text("bob\n")
    lived.stick("release --status done --next more --artifact app.py").ok()
    turns = lived.stick("blame app.py --json").ok().json["turns"]
    assert [(t["turn_id"], t["holder"], t["files"]) for t in turns] == [
        (2, "bob", {"app.py": "changed"}),
        (1, "ada", {"app.py": "changed"}),
    ]
    told = lived.run("cd src && stick blame core.py").ok().out
    assert "turn 1  ada" in told
    assert "a better core" in told
    assert "bob" not in told
    assert "no turn that is known touched docs" in lived.stick("blame docs").ok().text
    lived.stick("blame ../elsewhere").fails(2)


def test_what_changed_while_nobody_held_is_told_once_and_stands_in_the_log(lived: Shell) -> None:
    told = lived.stick("take").ok().text  # holds it already: the first verb after the turn began
    assert "changed while nobody held, since" in told
    assert "between.txt" in told
    assert "changed while nobody held" not in lived.stick("take").ok().text
    assert "changed while nobody held" in lived.stick("log").ok().out
