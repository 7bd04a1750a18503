"""The reader of ``*** Begin Patch`` texts: which files such a patch would touch."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stickhooks.clients import patches

ALL = """*** Begin Patch
*** Add File: new/a.txt
+*** Delete File: only content
+hello
*** Update File: src/b.py
*** Move to: src/c.py
@@ def f():
-old
+new
*** End of File
*** Delete File: d e.txt
*** End Patch
"""


def patch(*lines: str) -> str:
    return "\n".join(["*** Begin Patch", *lines, "*** End Patch"])


def test_every_file_of_a_patch_is_named_once_and_in_its_order() -> None:
    assert patches.paths_of(ALL) == ["new/a.txt", "src/b.py", "src/c.py", "d e.txt"]
    assert patches.paths_of(ALL + ALL) == patches.paths_of(ALL)


def test_windows_line_ends_are_no_part_of_a_name() -> None:
    assert patches.paths_of(ALL.replace("\n", "\r\n")) == patches.paths_of(ALL)


@pytest.mark.parametrize(
    "around",
    ["<<'EOF'\n{}\nEOF\n", "\n\n  {}", "apply_patch <<EOF\n{}\nEOF", "words\n{}\nmore words"],
)
def test_what_stands_around_a_patch_hides_no_file(around: str) -> None:
    text = around.replace("{}", ALL)
    assert patches.paths_of(text) == patches.paths_of(ALL)


@pytest.mark.parametrize("header", ["*** Add File:x", "  *** Delete File: x", "\t*** Move to:  x "])
def test_a_header_that_some_client_forgives_counts(header: str) -> None:
    assert patches.paths_of(patch("*** Update File: a", header)) == ["a", "x"]


def test_a_line_that_is_added_or_taken_away_is_no_header() -> None:
    text = patch("*** Update File: a", "@@", "+*** Add File: b", "-*** Delete File: c")
    assert patches.paths_of(text) == ["a"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no patch"),
        ("--- a/x\n+++ b/x\n", "no patch"),
        ("*** Add File: a", "no patch"),
        (patch(), "names no file"),
        (patch("+hello"), "names no file"),
        (patch("*** Add File: "), "line 2 of the patch names no file"),
        (
            patch("*** Update File: a", "*** Rename File: b"),
            "line 3 of the patch is not understood",
        ),
    ],
)
def test_a_text_that_is_no_patch_is_refused_with_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        patches.paths_of(text)


@given(st.text(), st.text())
@example("*** Update File: x\n", "\0")
def test_no_text_around_a_header_hides_it_or_brings_another_error(before: str, after: str) -> None:
    try:
        found = patches.paths_of(f"{before}\n{patch('*** Delete File: gone.txt')}\n{after}")
    except ValueError:
        return
    assert "gone.txt" in found
