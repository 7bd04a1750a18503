"""JSON with comments is edited as text: every other byte stays, and out is in backwards."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from stickhooks.setup import jsonc

ENTRY = {"matcher": "Edit", "hooks": [{"command": "ours ü"}]}
WAY = ("hooks", "Event")
DOCUMENTS = {
    "empty object": "{}",
    "empty over lines": "{\n}\n",
    "one line": '{"a": 1, "hooks": {"Event": [{"b": 2}]}}',
    "two spaces": '{\n  "a": 1\n}\n',
    "four spaces": '{\n    "hooks": {\n        "Event": [\n            {"b": 2}\n        ]\n    }\n}\n',
    "tabs": '{\n\t"hooks": {\n\t\t"Other": []\n\t}\n}\n',
    "carriage returns": '{\r\n  "a": [1, 2],\r\n  "hooks": {}\r\n}\r\n',
    "no newline at the end": '{\n  "a": "}"\n}',
    "comments": '// top\n{\n  /* a */ "a": 1, // one\n  // last\n}\n// end',
    "comment behind the last": '{\n  "hooks": {\n    "Event": [\n      {"b": 2} // theirs\n    ]\n  }\n}\n',
    "trailing commas": '{\n  "hooks": {\n    "Event": [\n      {"b": 2},\n    ],\n  },\n}\n',
    "commas and comments": '{"hooks": {"Event": [1, /* x */ ], }, }',
    "comment that looks like text": '{\n  "u": "http://x", // "hooks": {"Event": [\n}\n',
    "escapes": '{\n  "a\\"//": "\\\\", "b": "/* no */"\n}\n',
    "byte order mark": '\ufeff{\n  "a": 1\n}\n',
    "a key twice": '{"hooks": 1, "hooks": {"Event": [1]}}',
    "nested": json.dumps({"x": [[[{}]]], "hooks": {"Event": [ENTRY], "Z": [1]}}, indent=3),
}


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS)
def test_what_is_put_in_is_there_and_taken_out_leaves_the_very_bytes(text: str) -> None:
    before = jsonc.parse(text).value
    changed = jsonc.added(text, WAY, ENTRY)
    after = jsonc.parse(changed).value
    assert after["hooks"]["Event"][-1] == ENTRY
    count = len(after["hooks"]["Event"])
    hooks = before.get("hooks", {})
    assert after["hooks"]["Event"][:-1] == (hooks.get("Event", []) if hooks != 1 else [])
    restored = jsonc.without(changed, (*WAY, count - 1), before)
    assert restored == text or (before == {} and restored.split() == ["{}"])


@pytest.mark.parametrize(
    "text",
    ["", "[", "{]", '{"a" 1}', '{"a": 1 "b": 2}', "{1: 2}", '{"a": }', "{} {}", "nonsense",
     '{"a": "\n"}', "[1,,2]", "[,]", "{,}", "/* open", '"', "[" * 5000, '{"a":' * 5000],
)  # fmt: skip
def test_what_is_no_json_is_told_as_such(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        jsonc.parse(text)


@pytest.mark.parametrize(
    "text", ['{"hooks": []}', '{"hooks": {"Event": {}}}', "[]", '{"hooks": 1}']
)
def test_where_there_is_no_room_for_it_nothing_is_put_in(text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        jsonc.added(text, WAY, ENTRY)


def test_of_several_only_the_named_one_is_taken_out() -> None:
    text = '{"hooks": {"Event": [\n  1, // one\n  2, // two\n  3 // three\n]}}'
    assert jsonc.parse(jsonc.without(text, (*WAY, 0))).value["hooks"]["Event"] == [2, 3]
    assert jsonc.parse(jsonc.without(text, (*WAY, 1))).value["hooks"]["Event"] == [1, 3]
    assert jsonc.parse(jsonc.without(text, (*WAY, 2))).value["hooks"]["Event"] == [1, 2]
    for index in range(3):
        assert jsonc.without(text, (*WAY, index)).count("//") == 3


# --- any document at all

BLANKS = (
    "",
    " ",
    "\n",
    "\n  ",
    "\r\n\t",
    ' // c "{[,\n',
    "/* c ]} */",
    " /*\n*/ ",
    "\n    // x\n  ",
)
SCALARS = (0, -1.5, True, None, "", "//", "/*", '"\\"', "}", "é\u2028", 10**20)


def some_value(draw: random.Random, depth: int = 0) -> Any:
    kind = draw.choice("soa") if depth < 3 else "s"
    if kind == "s":
        return draw.choice(SCALARS)
    values = [some_value(draw, depth + 1) for _ in range(draw.randrange(4))]
    return values if kind == "a" else dict(zip("xyz", values, strict=False))


def some_spelling(draw: random.Random, value: Any) -> str:
    """Return a spelling of a value: blanks, comments and trailing commas wherever they may be."""
    if not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=draw.random() < 0.5)
    pairs = value.items() if isinstance(value, dict) else [(None, item) for item in value]
    pieces = []
    for key, item in pairs:
        head = "" if key is None else json.dumps(key) + draw.choice(BLANKS) + ":"
        blanks = [draw.choice(BLANKS) for _ in range(3)]
        pieces.append(blanks[0] + head + blanks[1] + some_spelling(draw, item) + blanks[2])
    tail = "," + draw.choice(BLANKS) if pieces and draw.random() < 0.5 else ""
    inner = ",".join(pieces) + tail or draw.choice(BLANKS)
    return f"{{{inner}}}" if isinstance(value, dict) else f"[{inner}]"


def some_settings(draw: random.Random) -> dict[str, Any]:
    value = {key: some_value(draw) for key in "ab" if draw.random() < 0.5}
    if draw.random() < 0.7:
        value["hooks"] = {key: some_value(draw) for key in "cd" if draw.random() < 0.5}
        if draw.random() < 0.6:
            value["hooks"]["Event"] = [some_value(draw) for _ in range(draw.randrange(3))]
    return value


@pytest.mark.parametrize("seed", range(4))
def test_any_spelling_is_read_as_meant_and_comes_back_byte_for_byte(seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(250):
        value = some_settings(draw)
        text = draw.choice(BLANKS) + some_spelling(draw, value) + draw.choice(BLANKS)
        assert jsonc.parse(text).value == value, text
        changed = jsonc.added(text, WAY, ENTRY)
        listed = value.get("hooks", {}).get("Event", [])
        hooks = {**value.get("hooks", {}), "Event": [*listed, ENTRY]}
        assert jsonc.parse(changed).value == {**value, "hooks": hooks}, text
        restored = jsonc.without(changed, (*WAY, len(listed)), value)
        assert "".join(restored.split()) == "".join(text.split())
        if listed:  # a container that was empty may lose its blanks, nothing else may
            assert restored == text
