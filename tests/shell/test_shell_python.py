"""Python programs given as text: those that only read pass, and every way to write is asked.

What passes is really run in a throwaway tree, by the Python of these tests.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stickhooks import shell
from stickhooks.shell import python_code, python_names
from stickhooks.shell.grammar import Unclear

DATA = Path(__file__).parents[1] / "data"


def programs(name: str) -> list[str]:
    return [line.replace("¶", "\n") for line in (DATA / f"{name}.txt").read_text().splitlines()]


#: What agents type to look at something.
READS = programs("python_that_reads")
#: Ways to write, by whoever knows the language well.
WRITES = programs("python_that_writes")


def asks(
    code: str, folder: Path | str = "/ws", *, options: str = "", env: dict[str, str] | None = None
) -> bool:
    quoted = "'" + code.replace("'", "'\\''") + "'"
    found = shell.writes(
        f"python3 {options}-c {quoted}", str(folder), {"HOME": "/home/me", **(env or {})}
    )
    assert not found.paths
    return not found.nothing


def test_what_only_reads_passes_and_really_writes_nothing(tmp_path: Path) -> None:
    for name, text in {
        "a.json": '{"a": [1]}',
        "a.py": "a = 1\n",
        "a.csv": "a,b\n1,2\n",
        "a.yml": "a: 1\n",
    }.items():
        (tmp_path / name).write_text(text)
    before = sorted((path.name, path.read_bytes()) for path in tmp_path.iterdir())
    for code in READS:
        assert not asks(code, tmp_path), code
    tried = "try:\n    exec({!r}, {{}})\nexcept (Exception, SystemExit):\n    pass"
    alike = "\n".join(map(tried.format, READS)).replace("http://x", "http://127.0.0.1:9")
    subprocess.run(
        [sys.executable, "-B", "-c", alike], cwd=tmp_path, stdin=subprocess.DEVNULL,
        capture_output=True, check=True,
    )  # fmt: skip
    assert sorted((path.name, path.read_bytes()) for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize("code", WRITES)
def test_what_may_write_is_asked(code: str) -> None:
    assert asks(code)


@pytest.mark.parametrize(
    "options", ["-i ", "-m ", "-X pycache_prefix=. ", "-X presite=a ", "-Z ", "-ic "]
)
def test_an_option_that_is_not_listed_is_asked(options: str) -> None:
    assert asks("print(1)", options=options)


@pytest.mark.parametrize("way", [
    "python3 - <<'E'\n{}\nE", "python3 <<'E'\nimport json\n{}\nE", "python3 -uB -c '{}' a b",
    "python3 -Ic '{}'", "python3.12 -c '{}'", "python -W ignore -X dev -c '{}'",
    "x=1; python -c \"{}; $x\"",
    "cat a | python3 -c '{}' | head",
    ".venv/bin/python -c '{}'", "timeout 5 python3 -c '{}'", "python3 -c '{}' < a",
])  # fmt: skip
def test_a_program_is_found_wherever_it_stands(way: str) -> None:
    assert shell.writes(way.format("print(1)"), "/ws").nothing
    assert not shell.writes(way.format("exec(1)"), "/ws").nothing


@pytest.mark.parametrize("command", [
    "python3 -c \"print($X)\"", "python3 - <<E\n$X\nE", "python3 a.py", "python3",
    "cat a | python3", "python3 -",
    "python3 a.py <<'E'\nprint(1)\nE", "python2 -c 'print(1)'", "python2.7 -c 'print(1)'",
    "PYTHONPATH=. python3 -c 'print(1)'", "PYTHONSTARTUP=a python3 -c 'print(1)'",
    "cd $X && python3 -c 'print(1)'", "./python3 -c 'print(1)'", "python3 -c", "python3 -c \"$(cat a)\"",
    "echo 'print(1)' | python3",
])  # fmt: skip
def test_a_program_that_is_not_seen_is_asked(command: str) -> None:
    assert not shell.writes(command, "/ws").nothing


def test_a_file_of_the_tree_that_an_import_would_run_is_asked(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    inner, elsewhere = tmp_path / "sub", tmp_path / "lib/python"
    for folder in (inner, elsewhere):
        folder.mkdir(parents=True)
    mine = "import shop; print(shop.__version__)"
    assert not asks(mine, tmp_path)
    for name in (
        "lib/python/shop.py",
        "src/shop/__init__.py",
        "sub/shop.cpython-311-x86_64-linux-gnu.so",
        "shop/x",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        assert asks(mine, tmp_path), name
        assert asks(mine, inner), name
        path.unlink()
        if path.parent not in (inner, elsewhere):
            path.parent.rmdir()
    assert not asks(mine, inner)


@pytest.mark.parametrize(
    "name", ["json.py", "re.py", "enum.pyc", "types.cpython-311-darwin.so", "email/__init__.py"]
)
def test_a_module_named_like_one_of_pythons_own_is_asked(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    assert asks("import json", tmp_path)
    assert asks("print(1)", tmp_path)
    assert not shell.writes("python3 -m json.tool a", str(tmp_path)).nothing
    assert not asks("import json", tmp_path, options="-I ")
    assert not asks("import json", tmp_path / "..")
    assert asks("import json", tmp_path / "..", env={"PYTHONPATH": f"/x:{tmp_path}"})


def test_a_folder_or_a_test_of_such_a_name_is_none(tmp_path: Path) -> None:
    for name in ("email", "test", "json.d"):
        (tmp_path / name).mkdir()
    (tmp_path / "test/__init__.py").write_text("")
    (tmp_path / "json.json").write_text("")
    assert not asks("import json", tmp_path)


def test_no_name_is_handed_on_that_opens_or_runs() -> None:
    foreign = {"open", "exec", "eval", "compile", "getattr", "setattr", "type", "vars", "globals"}
    assert not foreign & python_names.HANDED
    writing = {
        "write",
        "write_text",
        "unlink",
        "rename",
        "touch",
        "mkdir",
        "load",
        "extract",
        "run",
    }
    assert not writing & python_names.METHODS
    assert not python_names.METHODS & set(python_names.COUNTED)
    known = python_names.METHODS | python_names.ATTRIBUTES
    assert not any(name.startswith("_") for name in known)


ALL = (*READS, *WRITES)
WORDS = st.sampled_from(sorted({word for code in ALL for word in code.replace("(", " ( ").split()}))


def judged(code: str) -> None:
    with contextlib.suppress(Unclear):
        python_code.uses(code)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(WORDS, max_size=12))
def test_no_text_raises_anything_else(words: list[str]) -> None:
    judged(" ".join(words))


@pytest.mark.parametrize("name", ["brackets", "signs", "lists", "dots", "names", "sums"])
def test_a_hostile_program_ends_with_an_answer(name: str) -> None:
    judged({
        "brackets": "(" * 5000, "signs": "-" * 60000 + "1", "lists": "[" * 90 + "]" * 90,
        "dots": "a." * 9000 + "a", "names": "x=" * 9000 + "1", "sums": "1+" * 30000 + "1",
    }[name])  # fmt: skip
