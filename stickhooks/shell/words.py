"""Words of the shell: what each expands to, as far as it can be known without running anything.

An expanded word is a plain string in which a few control characters, that no command may hold
literally, stand for what is not known: ``UNKNOWN`` for a piece of any text, and one mark for each
unquoted character of a glob or a brace.
"""

from __future__ import annotations

from stickhooks.shell.grammar import Unclear

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Final, TypeAlias

    from stickhooks.shell.grammar import Node

    Substitute: TypeAlias = Callable[[list[Node]], str]

UNKNOWN: Final = "\0"
GLOB_MARKS: Final = {"*": "\1", "?": "\2", "[": "\3"}
BRACE_MARKS: Final = {"{": "\4", ",": "\5", "}": "\6"}
_OPEN, _COMMA, _CLOSE = BRACE_MARKS.values()
_MARKS: Final = GLOB_MARKS | BRACE_MARKS
_MARKING: Final = str.maketrans(_MARKS)
_PLAIN: Final = str.maketrans({mark: character for character, mark in _MARKS.items()})
_BRACES: Final = str.maketrans({mark: character for character, mark in BRACE_MARKS.items()})
WORDS_LIMIT: Final = 256
#: Numbers, so they stay within their folder: what stands in a path for one of them hardly matters.
NUMBERS: Final = {
    "$",
    "?",
    "#",
    "!",
    "RANDOM",
    "SECONDS",
    "LINENO",
    "UID",
    "EUID",
    "PPID",
    "BASHPID",
}


def is_known(word: str) -> bool:
    return UNKNOWN not in word


def has_glob(word: str) -> bool:
    return any(mark in word for mark in GLOB_MARKS.values())


def plain(word: str) -> str:
    """Return a word with its globs as written, and unknown pieces as ``…``."""
    return word.translate(_PLAIN).replace(UNKNOWN, "…")


def as_typed(word: str) -> str:
    """Return a word with its globs as written; unknown pieces stay unknown."""
    return word.translate(_PLAIN)


class Expansion:
    """Expands words with the variables of one place; ``substitute`` gives a command's output."""

    def __init__(
        self, variables: Mapping[str, str], home: str | None, substitute: Substitute
    ) -> None:
        self.variables = variables
        self.home = home
        self.substitute = substitute

    def words(self, node: Node) -> list[str]:
        """Return the words that one word of the source becomes."""
        parts = node.get("Parts", [])
        if len(parts) == 1 and parts[0]["Type"] == "ParamExp":  # unquoted: it is split
            return self._split(self._parameter(parts[0]).translate(_MARKING_GLOBS))
        if any(map(self._is_split, parts)):
            return [UNKNOWN]
        return [_settled(word) for word in _braces(self._text(parts, quoted=False))]

    def _is_split(self, part: Node) -> bool:
        """Tell whether a part is an expansion outside of quotes that becomes several words."""
        if part["Type"] not in ("ParamExp", "CmdSubst"):
            return False
        value = self._piece(part, quoted=False)
        return is_known(value) and self._split(value) not in ([], [value])

    def _split(self, value: str) -> list[str]:
        """Return the words that an expansion becomes, by the separators that are set."""
        between = self.variables.get("IFS", _BETWEEN)
        if not (is_known(value) and is_known(between)):
            return [UNKNOWN]
        for separator in between:
            value = value.replace(separator, UNKNOWN)
        return [piece for piece in value.split(UNKNOWN) if piece]

    def word(self, node: Node | None) -> str:
        """Return a word where the shell neither splits nor expands braces: values, redirections."""
        if node is None:
            return ""
        return _settled(self._text(node.get("Parts", []), quoted=False))

    def here_document(self, redirect: Node) -> str:
        delimiter = redirect.get("Word", {}).get("Parts", [])
        body = redirect.get("Hdoc", {}).get("Parts", [])
        if any(part["Type"] != "Lit" or "\\" in part["Value"] for part in delimiter):
            return "".join(part.get("Value", UNKNOWN) for part in body)
        return self._text(body, quoted=True)

    def _text(self, parts: list[Node], quoted: bool) -> str:
        pieces = [self._piece(part, quoted) for part in parts]
        if pieces and not quoted and parts[0]["Type"] == "Lit":
            pieces[0] = self._tilde(pieces[0], alone=len(pieces) == 1)
        return "".join(pieces)

    def _piece(self, part: Node, quoted: bool) -> str:
        kind = part["Type"]
        if kind == "Lit":
            return _literal(part.get("Value", ""), quoted)
        if kind == "SglQuoted":
            return _single(part)
        if kind == "DblQuoted":
            return self._text(part.get("Parts", []), quoted=True)
        if kind in ("ParamExp", "CmdSubst"):
            run = kind == "CmdSubst"
            value = self.substitute(part.get("Stmts", [])) if run else self._parameter(part)
            return value if quoted else value.translate(_MARKING_GLOBS)
        if kind == "ArithmExp":
            return "0"
        if kind == "ProcSubst":
            return "/dev/fd/63"
        if kind == "ExtGlob":
            pattern = part["Pattern"].get("Value", "/")
            if _runs_in_zsh(pattern):
                raise Unclear(f"zsh runs what stands in a pattern: {pattern}")
            return GLOB_MARKS["*"] if "/" not in pattern else UNKNOWN
        raise Unclear(f"a kind of word that is not known: {kind}")

    def _tilde(self, text: str, alone: bool) -> str:
        if not text.startswith("~"):
            return text
        if text.startswith("~/") or (text == "~" and alone):
            return (self.home or UNKNOWN) + text[1:]
        return UNKNOWN  # another's home, or a former folder

    def _parameter(self, part: Node) -> str:
        name = part.get("Param", {}).get("Value", "")
        if any(key in part for key in ("Excl", "Index", "Slice", "Repl", "Names")):
            return UNKNOWN
        if part.get("Length") or name in NUMBERS:
            return "0"
        known = self.variables.get(name)
        if "Exp" not in part:
            return UNKNOWN if known is None else known
        if part["Exp"].get("Op") in (":-", ":=") and known is not None:
            return known or self.word(part["Exp"].get("Word"))
        return UNKNOWN


_MARKING_GLOBS: Final = str.maketrans(GLOB_MARKS)
#: Where the shell splits what it expands, and in ``$'…'`` what stands for such a character.
_BETWEEN: Final = " \t\n"
_ESCAPES: Final = {"\\n": "\n", "\\t": "\t"}


def _literal(value: str, quoted: bool) -> str:
    """Return literal text without its backslashes, and with the shell's own characters marked."""
    pieces = []
    characters = iter(value)
    for character in characters:
        if character != "\\":
            pieces.append(character if quoted else character.translate(_MARKING))
            continue
        following = next(characters, "")
        if following == "\n":
            continue
        kept = quoted and following not in ("$", "`", '"', "\\")
        pieces.append("\\" + following if kept else following)
    return "".join(pieces)


def _single(part: Node) -> str:
    value = str(part.get("Value", ""))
    if part.get("Dollar"):
        for typed, meant in _ESCAPES.items():
            value = value.replace(typed, meant)
    return UNKNOWN if part.get("Dollar") and "\\" in value else value


def _runs_in_zsh(pattern: str) -> bool:
    """Tell whether zsh takes a pattern's brackets for conditions with code in them: zshexpn(1), qualifiers.

    `*(e:'…':)` runs a text, `*(+name)` a function, for every file.
    """
    coded = any(piece and not piece[0].isalnum() for piece in pattern.split("e")[1:])
    return "|" not in pattern and (coded or "+" in pattern)


def _settled(word: str) -> str:
    """Return a word in which what is no brace expansion and no glob is literal again."""
    opening = GLOB_MARKS["["]
    start = word.rfind(opening)
    if start >= 0 and "]" not in word[start:]:
        word = word.replace(opening, "[")
    return word.translate(_BRACES)


def _braces(text: str) -> list[str]:
    """Return the words of a brace expansion, at most ``WORDS_LIMIT``."""
    done: list[str] = []
    todo = [text]
    while todo:
        word = todo.pop()
        span = next(_spans(word), None)
        if span is None:
            done.append(word)
            continue
        start, end = span
        todo += [
            word[:start] + choice + word[end + 1 :] for choice in _choices(word[start + 1 : end])
        ]
        if len(todo) + len(done) > WORDS_LIMIT:
            raise Unclear("a brace expansion that makes too many words")
    return done


def _spans(word: str) -> Iterator[tuple[int, int]]:
    """Yield where innermost braces with a choice in them begin and end."""
    start = -1
    for place, character in enumerate(word):
        if character == _OPEN:
            start = place
        elif character == _CLOSE and start >= 0:
            inside = word[start + 1 : place]
            if _COMMA in inside or ".." in inside:
                yield start, place
            start = -1


def _choices(inside: str) -> list[str]:
    if _COMMA in inside:
        return inside.split(_COMMA)[::-1]
    ends = inside.split("..")
    if 2 <= len(ends) <= 3 and all(_is_end(end) for end in ends):
        return ["0"]  # one of a row of numbers or letters: all in one folder
    return [BRACE_MARKS["{"].translate(_BRACES) + inside + "}"]


def _is_end(text: str) -> bool:
    return text.lstrip("-").isdigit() or (len(text) == 1 and text.isalpha())
