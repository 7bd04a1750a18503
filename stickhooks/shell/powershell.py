"""Lines of PowerShell that agents type: they pass where every command in them is a listed cmdlet, or reads.

A line is cut where a command may begin: at ``|``, ``;``, parentheses and braces (about_Parsing). What
begins there is a listed cmdlet, a program that reads, a keyword, a text, a variable or a part of a value.
Calls of methods, of types and by ``&``, redirections into files and values given to parts are asked.
A name that is a program of other systems too may write by neither meaning.
"""

from __future__ import annotations

from stickhooks.shell import tables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_TABLE: Final = tables.by_program("powershell")
#: What reads by these names elsewhere is on Windows another program, that writes files.
OTHERS_ON_WINDOWS: Final = ("sort", "sort.exe", "expand", "expand.exe")
#: What may stand before the command.
_SWITCHES: Final = ("-noprofile", "-nop", "-noninteractive", "-nologo", "-sta", "-mta")
#: Switches with a word behind them.
_SWITCHES_TAKING: Final = (
    "-executionpolicy",
    "-ep",
    "-ex",
    "-windowstyle",
    "-w",
    "-outputformat",
    "-inputformat",
)
#: These write what they get where they are told to, by any beginning of ``-OutFile``.
_FETCHING: Final = ("invoke-webrequest", "iwr", "invoke-restmethod", "irm")
#: These call the method that a word of theirs names: only options before their braces.
_EACH: Final = ("foreach-object", "foreach")
#: Where sort is a program, one with an o writes.
_SORTS: Final = ("-property", "-descending", "-unique", "-casesensitive")
#: Dashes and quotes that PowerShell takes for the plain ones.
_DASHES: Final = "\u2013\u2014\u2015"
_QUOTES: Final = frozenset("\u2018\u2019\u201a\u201b\u201c\u201d\u201e")
#: What stands before a parenthesis that calls nothing.
_BEFORE_VALUE: Final = frozenset(" \t\n({|;,!$")
_KEYWORDS: Final = ("if", "else", "elseif", "try", "catch", "finally", "return", "in", "-not", "!")
_JOINTS: Final = "|;(){}\n"
#: What writes nothing, with a blank before it.
_HARMLESS: Final = (" 2>&1", " 2>$null", " >$null", " > $null", " 2> $null")
#: What tells a column that is computed: `@{N='KB'; E={…}}`.
_COLUMN: Final = (
    "n",
    "name",
    "l",
    "label",
    "e",
    "expression",
    "format",
    "formatstring",
    "width",
    "align",
    "alignment",
)
_NAME: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


def only_reads(words: list[str], positional: bool = False) -> bool:
    """Tell whether PowerShell's words give it a line that changes no file; ``positional`` where the
    first word that is no switch begins that line."""
    rest = list(words)
    while rest and rest[0].lower() in (*_SWITCHES, *_SWITCHES_TAKING):
        rest = rest[2 if rest[0].lower() in _SWITCHES_TAKING else 1 :]
    if rest and rest[0].lower() in ("-command", "-c"):
        rest = rest[1:]
        if rest[:1] == ["-"]:
            return False  # the line comes on standard input
    elif not positional or not rest or rest[0].startswith("-"):
        return False
    return line_reads(" ".join(rest))


def line_reads(line: str) -> bool:
    """Tell whether a line of PowerShell changes no file."""
    stages = _stages(_without_types(line))
    return stages is not None and any(stages) and all(map(_reads, stages))


def _without_types(line: str) -> str:
    """Return a line without the types that only compute, and without numbers in square brackets."""
    found, place = "", 0
    while place < len(line):
        end = line.find("]", place) + 1
        inside = line[place + 1 : end - 1]
        if line[place] != "[" or not end:
            found, place = found + line[place], place + 1
        elif inside and set(inside) <= set("0123456789-.,") and found[-1:] in _NAME | set(")]"):
            place = end
        elif line[end : end + 2] == "::":
            after = end + 2
            while line[after : after + 1] in _NAME and after < len(line):
                after += 1
            if f"{inside}::{line[end + 2 : after]}".lower() not in _TABLE["types"].split():
                return line
            found, place = found + "0" * (line[after : after + 1] != "("), after
        elif inside.lower() in _TABLE["types"].split() and found[-1:] not in _NAME:
            place = end
        else:
            return line
    return found


def _is_plain_value(text: str) -> bool:
    """Tell whether all that a text computes is a part of a value: `$($r.StatusCode)`."""
    pieces = text.split("$(")[1:]
    values = [piece.partition(")") for piece in pieces]
    return all(
        end and value[:1] == "$" and set(value[1:]) <= _NAME | {"."} for value, end, _ in values
    )


def _stages(line: str) -> list[str] | None:
    """Return what stands between joints, texts as ``''``; None for what may do more."""
    for one in _HARMLESS:
        first, *others = line.split(one)
        if any(after[:1] in _NAME or after[:1] in tuple(".:[") for after in others):
            return None  # another variable
        line = "".join((first, *others))
    if not _QUOTES.isdisjoint(line):
        return None
    stages, quote, text = [""], "", ""
    for place, character in enumerate(line):
        if quote:
            if character == quote:
                stages[-1] += "''"
                if quote == '"' and ("`" in text or not _is_plain_value(text)):
                    return None
                quote = ""
            text += character
        elif character in "'\"":
            quote, text = character, ""
        elif character in _JOINTS:
            if (
                character == "("
                and place
                and line[place - 1] not in _BEFORE_VALUE
                and not _is_method(stages[-1])
            ):
                return None  # a method or a function is called
            stages.append("")
        elif character == "@" and line[place + 1 : place + 2] in ("{", "("):
            continue
        elif character in "&<>@`[]#" or character in _DASHES:
            return None
        else:
            stages[-1] += character
    return None if quote else stages


def _is_method(stage: str) -> bool:
    """Tell whether what stands before a bracket is a value, and a method of its that computes."""
    word = "".join(stage.split()[-1:]) or stage
    value, dot, method = word.rpartition(".")
    return (
        bool(dot)
        and method.lower() in _TABLE["methods"].split()
        and (not value or value[:1] in "$'_.")
    )


def _is_column(stage: str) -> bool:
    name, equals, value = stage.strip().partition("=")
    value = value.strip()
    plainly = value in ("", "''") or value.isdigit() or value[:1] == "$"
    return bool(equals) and name.strip().lower() in _COLUMN and plainly


def _reads(stage: str) -> bool:
    """Tell whether what begins here writes nothing."""
    if _is_column(stage):
        return True
    words = stage.split()
    while words and words[0].lower() in _KEYWORDS:
        words.pop(0)
    if len(words) > 1 and words[1] == "=":
        if not words[0].startswith("$") or not set(words[0][1:]) <= _NAME:
            return False
        words = words[2:]
    if not words:
        return True
    if any("=" in word for word in words if not word.startswith("''")):
        return False
    first = words[0].lower()
    if first.startswith(("$", "''", "-")) or (
        first[:1].isdigit() and set(first) <= set("0123456789.,")
    ):
        return True
    if first.startswith(".") and set(first[1:]) <= _NAME and len(words) == 1:
        return True
    if first in _FETCHING and any(word.lower().startswith("-o") for word in words[1:]):
        return False
    if first in _EACH and not all(_is_block_option(word.lower()) for word in words[1:]):
        return False
    if first == "sort" and any(
        word.startswith("-") and word.lower() not in _SORTS for word in words[1:]
    ):
        return False
    return first in _TABLE["cmdlets"].split() or _program_reads(words)


def _is_block_option(word: str) -> bool:
    """Tell whether a word leads to a block, and not to the name of a member."""
    return word.startswith("-") and not word.startswith("-m")


def _program_reads(words: list[str]) -> bool:
    from stickhooks.shell import verdict

    plainly = not any("''" in word or "$" in word for word in words)
    return plainly and words[0].lower() not in OTHERS_ON_WINDOWS and verdict.only_read(words)
