"""Lines of PowerShell that agents type: they pass where every command in them is a listed cmdlet, or reads.

A line is cut where a command may begin: at ``|``, ``;``, parentheses and braces (about_Parsing). What
begins there is a listed cmdlet, a program that reads, a keyword, a text, a variable or a part of a value.
Calls of methods, of types and by ``&``, redirections into files and values given to parts are asked.
A name that is a program of other systems too may write by neither meaning.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: What reads by these names elsewhere is on Windows another program, that writes files.
OTHERS_ON_WINDOWS: Final = ("sort", "sort.exe", "expand", "expand.exe")
#: What may stand before the command.
_SWITCHES: Final = ("-noprofile", "-nop", "-noninteractive", "-nologo")
_CMDLETS: Final = """
    get-childitem gci ls dir get-content gc cat type get-item gi get-itemproperty get-location gl pwd
    get-process gps ps get-service gsv get-nettcpconnection get-netipaddress get-netadapter get-command gcm
    get-date get-host get-alias get-acl get-filehash get-hotfix get-ciminstance get-wmiobject get-winevent
    get-eventlog get-computerinfo get-psdrive get-volume get-disk get-member gm get-culture get-uptime
    select-object select select-string sls sort-object sort measure-object measure group-object group
    where-object where foreach-object foreach format-table ft format-list fl format-wide out-string out-host
    out-null test-path test-connection test-netconnection resolve-dnsname resolve-path split-path join-path
    compare-object diff write-output write-host echo convertto-json convertfrom-json convertto-csv
    convertfrom-csv stop-process spps kill start-sleep sleep set-location sl cd
    invoke-webrequest iwr invoke-restmethod irm
"""
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
_NAME: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


def only_reads(words: list[str]) -> bool:
    """Tell whether PowerShell's words give it a line that changes no file."""
    rest = list(words)
    while rest and rest[0].lower() in _SWITCHES:
        rest.pop(0)
    if not rest or rest[0].lower() not in ("-command", "-c"):
        return False
    stages = _stages(" ".join(rest[1:]))
    return stages is not None and any(stages) and all(map(_reads, stages))


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
                if quote == '"' and ("$(" in text or "`" in text):
                    return None
                quote = ""
            text += character
        elif character in "'\"":
            quote, text = character, ""
        elif character in _JOINTS:
            if character == "(" and place and line[place - 1] not in _BEFORE_VALUE:
                return None  # a method or a function is called
            stages.append("")
        elif character in "&<>@`[]#" or character in _DASHES:
            return None
        else:
            stages[-1] += character
    return None if quote else stages


def _reads(stage: str) -> bool:
    """Tell whether what begins here writes nothing."""
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
    if first.startswith(("$", "''", "-")) or first.isdigit():
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
    return first in _CMDLETS.split() or _program_reads(words)


def _is_block_option(word: str) -> bool:
    """Tell whether a word leads to a block, and not to the name of a member."""
    return word.startswith("-") and not word.startswith("-m")


def _program_reads(words: list[str]) -> bool:
    from stickhooks.shell import verdict

    plainly = not any("''" in word or "$" in word for word in words)
    return plainly and words[0].lower() not in OTHERS_ON_WINDOWS and verdict.only_read(words)
