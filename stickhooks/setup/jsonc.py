"""JSON with comments, edited as text: what goes in and comes out leaves every other byte alone."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

DEPTH: Final = 100
_BLANK: Final = re.compile(r"(?:[\s\ufeff]+|//[^\r\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING: Final = re.compile(r'"(?:[^"\\\r\n]|\\.)*"')
_WORD: Final = re.compile(r"[-+.\w]+")

Path = Sequence[str | int]


@dataclass
class Item:
    """One item of a container: where it starts (an object's with its key), its value, its comma."""

    key: str | None
    start: int
    node: Node
    comma: int | None


@dataclass
class Node:
    """A value and the span of text that it was read from; ``items`` of an object or array."""

    start: int
    end: int
    value: Any
    items: list[Item] = field(default_factory=list)

    def item(self, step: str | int) -> Item | None:
        """Return the item at a key or an index; of a key that is there twice, the last."""
        if isinstance(step, int):
            return self.items[step]
        return next((i for i in reversed(self.items) if i.key == step), None)

    def below(self, path: Path) -> Node:
        """Return the node at a path that is there."""
        node = self
        for step in path:
            item = node.item(step)
            assert item is not None
            node = item.node
        return node


def parse(text: str) -> Node:
    """Read a document, comments and trailing commas allowed. Raises ValueError, saying where not."""
    return _Scanner(text).document()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def document(self) -> Node:
        self._blank()
        top = self._value(0)
        self._blank()
        if self.at < len(self.text):
            raise self._wrong("something follows its end")
        return top

    def _wrong(self, what: str) -> ValueError:
        return ValueError(f"{what} in line {self.text.count(chr(10), 0, self.at) + 1}")

    def _blank(self) -> None:
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def _take(self, char: str) -> bool:
        there = self.text.startswith(char, self.at)
        self.at += there
        return there

    def _scalar(self) -> Any:
        token = _STRING.match(self.text, self.at) or _WORD.match(self.text, self.at)
        if token is None:
            raise self._wrong("a value is missing")
        try:
            scalar = json.loads(token.group())
        except ValueError:
            raise self._wrong(f"{token.group()[:40]} is no value") from None
        self.at = token.end()
        return scalar

    def _value(self, depth: int) -> Node:
        start = self.at
        if depth > DEPTH:
            raise self._wrong("too much is nested")
        if self._take("{"):
            items = self._items("}", depth)
            return Node(start, self.at, {str(i.key): i.node.value for i in items}, items)
        if self._take("["):
            items = self._items("]", depth)
            return Node(start, self.at, [i.node.value for i in items], items)
        value = self._scalar()
        return Node(start, self.at, value)

    def _items(self, closing: str, depth: int) -> list[Item]:
        items: list[Item] = []
        while True:
            self._blank()
            if self._take(closing):
                return items
            if items and items[-1].comma is None:
                raise self._wrong("a comma is missing")
            start = self.at
            key = self._key() if closing == "}" else None
            node = self._value(depth + 1)
            self._blank()
            comma = self.at if self.text.startswith(",", self.at) else None
            self._take(",")
            items.append(Item(key, start, node, comma))

    def _key(self) -> str:
        key = self._scalar()
        self._blank()
        if not isinstance(key, str) or not self._take(":"):
            raise self._wrong("a key is missing")
        self._blank()
        return key


# --- putting something in


def added(text: str, keys: Sequence[str], entry: object) -> str:
    """Return the text with ``entry`` last in the array at ``keys``; what is missing is made.

    Raises ValueError where something else than objects, and at the end an array, is there.
    """
    node, rest = _deepest(parse(text), keys)
    if not rest:
        if not isinstance(node.value, list):
            raise ValueError(f"its {'.'.join(keys)} is no list")
        return _with_item(text, node, "", entry)
    if not isinstance(node.value, dict):
        raise ValueError(f"its {'.'.join(keys[: len(keys) - len(rest)]) or 'top'} is no object")
    nested: object = [entry]
    for key in reversed(rest[1:]):
        nested = {key: nested}
    return _with_item(text, node, json.dumps(rest[0]) + ": ", nested)


def with_key(text: str, key: str, entry: object) -> str:
    """Return the text with a key of the top object set, where it is not there yet."""
    top = parse(text)
    return text if top.item(key) else _with_item(text, top, json.dumps(key) + ": ", entry)


def _deepest(node: Node, keys: Sequence[str]) -> tuple[Node, Sequence[str]]:
    """Return the last node on the way along ``keys`` that is there, and the keys that are not."""
    rest = list(keys)
    while rest and isinstance(node.value, dict) and (item := node.item(rest[0])):
        node, rest = item.node, rest[1:]
    return node, rest


def _with_item(text: str, node: Node, head: str, entry: object) -> str:
    """Put an item at the end of a container: on lines of its own if the closing bracket has one."""
    close, last = node.end - 1, node.items[-1] if node.items else None
    after = (
        node.start + 1 if last is None else last.node.end if last.comma is None else last.comma + 1
    )
    stop = after + len(text[after:close].rstrip())  # behind the last comment
    comma = "," if last and last.comma is None else ""
    trailing = "," if last and last.comma is not None else ""  # as it is done here
    bare = text[node.start + 1 : close].strip() == "" and "\n" in text.strip()
    if bare or "\n" in text[stop:close]:
        piece = _lines(text, node, head, entry) + trailing
        margin = "" if "\n" in text[stop:close] else _newline(text) + _margin(text, node.start)
    else:
        piece = (" " if last else "") + head + json.dumps(entry, ensure_ascii=False) + trailing
        margin = ""
    return text[:after] + comma + text[after:stop] + piece + margin + text[stop:]


def _lines(text: str, node: Node, head: str, entry: object) -> str:
    """Return an item on lines of its own, with the indentation and line ends of its neighbours."""
    margin = _margin(text, node.start) + indent(text)
    if node.items and _leads(text, node.items[-1].start):
        margin = _margin(text, node.items[-1].start)
    newline = _newline(text) + margin
    body = json.dumps(entry, indent=indent(text), ensure_ascii=False)
    return newline + head + body.replace("\n", newline)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _margin(text: str, at: int) -> str:
    """Return the white space that the line of a place begins with."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _leads(text: str, at: int) -> bool:
    """Tell whether nothing but white space stands before a place in its line."""
    return not text[text.rfind("\n", 0, at) + 1 : at].strip()


def indent(text: str) -> str:
    """Return one step of the indentation that a text uses."""
    for line in text.splitlines()[1:]:
        margin = line[: len(line) - len(line.lstrip(" \t"))]
        if margin and line.strip():
            return "\t" if "\t" in margin else margin
    return "  "


# --- taking something out


def without(text: str, path: Path, keep: Any = None) -> str:
    """Return the text without the item at ``path``, and without what only held that item.

    What ``keep``, an older value of the document, has as well stays, be it empty.
    """
    top, steps = parse(text), list(path)
    while (above := steps[:-1]) and len(top.below(above).items) == 1 and not _has(keep, above):
        steps = above
    parent = top.below(above)
    item = parent.item(steps[-1])
    assert item is not None
    return _cut(text, parent, parent.items.index(item))


def _has(document: Any, steps: Path) -> bool:
    for step in steps:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _cut(text: str, parent: Node, index: int) -> str:
    item = parent.items[index]
    end = item.node.end if item.comma is None else item.comma + 1
    start = len(text[: item.start].rstrip())
    head, tail = text[:start], text[end:]
    if index and item.comma is None:  # the last one: its neighbour's comma was for it
        comma = parent.items[index - 1].comma
        assert comma is not None
        head = text[:comma] + text[comma + 1 : start]
    if len(parent.items) == 1 and not text[parent.start + 1 : start].strip():
        close = parent.end - 1 - end
        if not tail[:close].strip():
            tail = tail[close:]
    return head + tail
