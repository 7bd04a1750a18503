"""The stand-in for ``os``: it answers as ``os`` does, with links, loops and odd names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

posix = pytest.importorskip("posix")
from stickhooks.fast import bare_os  # noqa: E402

PART = st.sampled_from(["a", "b", "c", "..", ".", "", "link", "far", "broken", "a b", "é"])
PATH = st.builds(
    "".join, st.tuples(st.sampled_from(["", "/"]), st.builds("/".join, st.lists(PART)))
)


@pytest.fixture(scope="module", autouse=True)
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with links in and out, up and down, broken and through each other; we stand in it."""
    root = tmp_path_factory.mktemp("tree")
    (root / "a/b/c").mkdir(parents=True)
    (root / "c").mkdir()
    (root / "link").symlink_to("a/b")
    (root / "a/link").symlink_to("../c")
    (root / "a/b/link").symlink_to(root / "link")
    (root / "far").symlink_to("link/c/../link/../../link")
    (root / "a/far").symlink_to("/")
    (root / "broken").symlink_to("nowhere/at/all")
    (root / "b").write_text("")
    os.chdir(root)
    return root


@given(PATH)
def test_a_path_is_followed_to_the_same_place(path: str) -> None:
    assert bare_os.realpath(path) == os.path.realpath(path)


@given(PATH, PATH, PATH)
def test_paths_are_joined_and_taken_apart_alike(one: str, two: str, three: str) -> None:
    assert bare_os.join(one, two, three) == os.path.join(one, two, three)
    assert bare_os.dirname(one) == os.path.dirname(one)
    assert bare_os.basename(one) == os.path.basename(one)
    assert bare_os.isabs(one) == os.path.isabs(one)
    assert bare_os.expanduser(one) == os.path.expanduser(one)


@given(PATH)
def test_what_lies_there_is_told_alike(path: str) -> None:
    for name in ("exists", "lexists", "isdir", "islink"):
        assert getattr(bare_os, name)(path) == getattr(os.path, name)(path)


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000])
def test_what_can_be_no_path_is_not_there(path: str) -> None:
    assert not any(
        getattr(bare_os, name)(path) for name in ("exists", "lexists", "isdir", "islink")
    )


def test_a_loop_of_links_ends(tree: Path) -> None:
    (tree / "one").symlink_to("two/x")
    (tree / "two").symlink_to("one")
    assert bare_os.realpath("one/more").startswith(str(tree))


def test_names_in_bytes_are_read_and_written_alike() -> None:
    for name in (b"plain", "é".encode(), b"\xff\xfe", b""):
        assert bare_os.fsdecode(name) == os.fsdecode(name)
        assert bare_os.fsencode(bare_os.fsdecode(name)) == name


def test_the_environment_is_the_process_s_own() -> None:
    code = (
        "import sys; sys.path.append(sys.argv[1]); from stickhooks.fast.os import os; import posix;"
        "assert 'os' not in sys.modules;"
        "sys.stdout.write(repr((os.environ['ODD'], os.environ.get('NONE'))))"
    )
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, Path(bare_os.__file__).parents[2]],
        env={b"ODD": b"\xffx=y"}, capture_output=True, check=True,
    )  # fmt: skip
    assert told.stdout == b"('\\udcffx=y', None)"


def test_what_it_does_not_have_it_takes_from_os() -> None:
    assert bare_os.cpu_count is os.cpu_count
    assert bare_os.normpath is os.path.normpath
    with pytest.raises(AttributeError):
        _ = bare_os.nothing_of_the_kind
