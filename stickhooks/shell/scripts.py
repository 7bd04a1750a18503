"""The little languages that agents type as arguments: what a sed or awk program would write.

Each reader returns the files that are written by their names, and raises Unclear where a
program is run, or where the text is more than it can follow.
"""

from __future__ import annotations

from stickhooks.shell.grammar import Unclear

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_SPECIAL_FILES: Final = ("/dev/stdout", "/dev/stderr")


class _Text:
    """A text that is read from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0

    @property
    def next(self) -> str:
        return self.text[self.place : self.place + 1]

    def take(self) -> str:
        character = self.next
        self.place += 1
        return character

    def skip(self, characters: str) -> None:
        while self.next and self.next in characters:
            self.place += 1

    def line(self) -> str:
        """Return the rest of the line and go to the next."""
        start = self.place
        end = self.text.find("\n", start)
        self.place = len(self.text) if end < 0 else end + 1
        return self.text[start : len(self.text) if end < 0 else end]

    def until(self, delimiter: str) -> None:
        """Go behind the next delimiter; one with a backslash is none."""
        while self.next:
            character = self.take()
            if character == "\\":
                self.take()
            elif character == delimiter:
                return
        raise Unclear("a part of a program without an end")

    def string(self) -> str:
        """Return a string in double quotes and go behind it."""
        start = self.place
        self.until('"')
        return self.text[start : self.place - 1]


# --- sed -------------------------------------------------------------------------------

_SED_ADDRESS: Final = "0123456789$,~+! \tIM"
_SED_PLAIN: Final = "=dDgGhHlLnNpPxz{}qQF"


def sed_writes(program: str) -> list[str]:
    """Return the files that a sed program writes. Raises Unclear for ``e``, and what is odd."""
    text, files = _Text(program), list[str]()
    while True:
        text.skip(" \t\n;")
        if not text.next:
            return files
        _sed_address(text)
        command = text.take()
        if command == "#":
            text.line()
        elif command in ("a", "i", "c"):
            _sed_lines(text)
        elif command in (":", "b", "t", "T", "r", "R", "v"):
            _sed_label(text, command)
        elif command in ("w", "W"):
            files.append(text.line().strip())
        elif command in ("s", "y"):
            _sed_substitution(text, command, files)
        elif command in _SED_PLAIN and command:
            text.skip("0123456789")
        else:
            raise Unclear(f"a sed command that runs a program, or is not known: {command}")


def _sed_address(text: _Text) -> None:
    while text.next and text.next in _SED_ADDRESS + "/\\":
        character = text.take()
        if character in "/\\":
            text.until(text.take() if character == "\\" else "/")


def _sed_lines(text: _Text) -> None:
    """Go behind the text of ``a``, ``i``, ``c``: to the first line without a backslash."""
    while text.line().endswith("\\"):
        pass


def _sed_label(text: _Text, command: str) -> None:
    if command in ("r", "R"):
        text.line()
        return
    text.skip(" \t")
    while text.next and text.next not in " \t;\n}":  # GNU goes on behind a blank: `:a w file`
        text.take()


def _sed_substitution(text: _Text, command: str, files: list[str]) -> None:
    delimiter = text.take()
    text.until(delimiter)
    text.until(delimiter)
    if command == "y":
        return
    while text.next and text.next not in " \t\n;}#":
        flag = text.take()
        if flag == "w":
            files.append(text.line().strip())
            return
        if flag not in "gpiImM0123456789":
            raise Unclear(f"a flag of sed's s command that is not known: {flag}")


# --- awk -------------------------------------------------------------------------------

#: Behind one of these a slash begins a pattern; behind anything else it divides.
_BEFORE_PATTERN: Final = "(,{;!~&|\n}"
#: Words, where the same is so.
_WORDS_BEFORE_PATTERN: Final = ("print", "printf", "return", "in", "else", "do", "case")
#: A line goes on behind these.
_GOING_ON: Final = (",", "{", "&&", "||", "else", "do")


def awk_writes(program: str) -> list[str]:
    """Return the files that an awk program prints into. Raises Unclear where it runs a program.

    A slash behind ``)`` divides, or begins a pattern: `if (x) /y/`. Both readings count.
    """
    files = dict.fromkeys(_awk_files(*_awk_bare(program, _BEFORE_PATTERN)))
    try:
        bare = _awk_bare(program, _BEFORE_PATTERN + ")")
    except Unclear:  # without an end: that reading is none
        return list(files)
    return list(files | dict.fromkeys(_awk_files(*bare)))


def _awk_files(code: str, strings: list[str]) -> list[str]:
    files: list[str] = []
    for word in ("system", "@"):
        if word in code:
            raise Unclear(f"an awk program with {word}")
    for statement in _awk_lines(code).replace("}", ";").replace("\n", ";").split(";"):
        one = statement.replace("||", "  ").replace("|&", "|")
        if "|" in one and not _awk_pipe(one, strings):
            raise Unclear("an awk program that runs another")
        printing = one.find("print")
        if printing >= 0 and ">" in _outside_parentheses(one[printing:]):
            files.append(_awk_target(one[printing:], strings))
    return [name for name in files if name not in _SPECIAL_FILES]


def _awk_pipe(statement: str, strings: list[str]) -> bool:
    """Tell whether awk prints into a program that only reads, or reads from one: `| "sort -n"`."""
    from stickhooks.shell import simple

    before, _, after = statement.partition("|")
    piped = (
        after.strip()
        if "getline" not in after
        else '"' + before.strip().rpartition('"')[0].rpartition('"')[2] + '"'
    )
    if "|" in after or not (piped[:1] == piped[-1:] == '"' and piped[1:-1].isdigit()):
        return False
    if "getline" in after and not before.strip().endswith(piped):
        return False
    text = strings[int(piped[1:-1])]
    return "\\" not in text and simple.only_reads(text)


def _awk_lines(code: str) -> str:
    """Return a program with the lines joined that go on in the next."""
    joined = ""
    for line in code.split("\n"):
        joined = joined.rstrip("\\") + line.rstrip()
        joined += " " if joined.endswith(("\\", *_GOING_ON)) else "\n"
        joined = joined.replace("\\ ", " ")
    return joined


def _awk_target(statement: str, strings: list[str]) -> str:
    target = statement.rpartition(">")[2].strip()
    if not (target.startswith('"') and target.endswith('"') and target[1:-1].isdigit()):
        raise Unclear("an awk program that prints into a file whose name is not known")
    return strings[int(target[1:-1])]


def _outside_parentheses(code: str) -> str:
    depth, kept = 0, ""
    for character in code:
        depth += (character == "(") - (character == ")")
        kept += character if depth <= 0 else ""
    return kept


def _awk_bare(program: str, before_pattern: str) -> tuple[str, list[str]]:
    """Return a program with patterns and comments taken out, its strings by their numbers."""
    text, code, strings = _Text(program), "", list[str]()
    while text.next:
        character = text.take()
        before = code.rstrip(" \t")[-1:]
        if character == '"':
            code += f'"{len(strings)}"'
            strings.append(text.string())
        elif character == "#":
            text.line()
            code += "\n"
        elif character == "/" and (
            not before or before in before_pattern or _last_word(code) in _WORDS_BEFORE_PATTERN
        ):
            text.until("/")
            code += "0"
        else:
            code += character
    return code, strings


def _last_word(code: str) -> str:
    bare = code.rstrip(" \t")
    return bare[len(bare.rstrip("abcdefghijklmnopqrstuvwxyz")) :]
