"""Simple command lines, parsed without shfmt: words and quotes, joined by ``|``, ``&&``, ``||``, ``;``.

Most of what agents type is such a line, and to start shfmt takes as long as all the rest. The
tree is the one that shfmt would give (``tests/shell/test_shell_simple.py`` compares them). Whatever has
an expansion, a redirection into a file, a keyword or an assignment is no simple line.
"""

# bundle: command
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from stickhooks.shell.grammar import Node

#: Words that mean something else where a command begins.
_KEYWORDS: Final = """
    if then elif else fi for while until do done case esac in select function time coproc ! { }
    [[ ]] (( let declare typeset local export readonly nameref
"""
_LETTERS: Final = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:@%+=^~*?[]"
)
_BLANKS: Final = " \t"
_ENDS: Final = " \t\n;|&"
#: What means something in double quotes.
_EXPANDING: Final = frozenset("$`\\")
#: Redirections that write nothing, and are left out of the tree.
_HARMLESS: Final = ("2>/dev/null", "2>&1", ">/dev/null", "2> /dev/null", "> /dev/null")
_JOINTS: Final = ("&&", "||", "|", ";", "\n")
#: Readers none of whose options writes a file or runs a program, those that are asked for most.
READERS: Final = """
    ls cat tac head tail nl wc od hexdump hd stat du df cut paste join comm tr rev fold fmt pr cmp
    md5sum sha1sum sha256sum basename dirname realpath readlink grep egrep fgrep which echo true
    false pwd jq ps id whoami uname cd
"""


#: Others at a glance: what may begin with a dash there, and ``#`` for `-5`; a ``!`` first: no other word.
_WITH: Final = {
    "git status": "-s -sb -b --short --branch --porcelain -uno --untracked-files=no --ignored",
    "git log": "--oneline --stat --graph --all --decorate -p --patch --name-only --name-status -n "
    "--no-merges --follow # --",
    "git diff": "--stat --cached --staged --name-only --name-status --shortstat --numstat -w --",
    "git show": "--stat --name-only --name-status --oneline --no-patch -s --",
    "git rev-parse": "--show-toplevel --abbrev-ref --short --git-dir --is-inside-work-tree --verify",
    "git branch": "! -a -r -v -vv --show-current --list --all",
    "git remote": "! -v", "git ls-files": "-o -m -d --others --exclude-standard --",
    "sort": "-n -r -u -h -nr -rn -k2 -k1 -t", "uniq": "! -c -d -u",
    "rg": "-n -i -l -c -w -F -A -B -C -g -t -S -uu -o -v -e --files --hidden "
    "--no-heading --color=never --glob --type --",
    "date": "!", "tree": "-a -d -L -I",
    "file": "-b -i", "sed": "-n",
}  # fmt: skip


def only_reads(command: str) -> bool:
    """Tell at a glance that a line only reads; False means that it has to be looked at."""
    lines = _lines(command)
    return lines is not None and all(map(_plainly_reads, (words for words, _ in lines)))


def _plainly_reads(words: list[list[Node]]) -> bool:
    name, rest = _name(words), words[1:]
    if name in READERS.split():
        return True
    if name == "git" and rest:
        name, rest = f"git {_name(rest)}", rest[1:]
    allowed = _WITH.get(name, "").split()
    if name not in _WITH:
        return False
    dashed = [_said(word) for word in rest if _said(word).startswith(("-", "+"))]
    if any(word not in allowed and not ("#" in allowed and word[1:].isdigit()) for word in dashed):
        return False
    if "!" in allowed and len(dashed) != len(rest):
        return False
    return name != "sed" or (len(rest) > 1 and dashed == ["-n"] and _prints(_said(rest[1])))


def _said(word: list[Node]) -> str:
    """Return what a word says, all its parts together."""
    return "".join(
        str(part.get("Value", "")) or "".join(str(one["Value"]) for one in part.get("Parts", []))
        for part in word
    )


def _prints(program: str) -> bool:
    """Tell whether a sed program prints lines by their numbers: `1,5p`."""
    return program[-1:] == "p" and set(program[:-1]) <= set("0123456789,$")


def statements(command: str) -> list[Node] | None:
    """Return the statements of a simple line as shfmt would, None where it is no such line."""
    lines = _lines(command)
    if lines is None:
        return None
    parts = [(_call(words), joint) for words, joint in lines]
    for operators in (("|",), ("&&", "||")):  # each binds closer than the next, and to the left
        parts = _folded(parts, operators)
    return [tree for tree, _ in parts]


def _folded(parts: list[tuple[Node, str]], operators: tuple[str, ...]) -> list[tuple[Node, str]]:
    done: list[tuple[Node, str]] = []
    for tree, joint in parts:
        if done and done[-1][1] in operators:
            first, operator = done.pop()
            tree = _joined(first, operator, tree)
        done.append((tree, joint))
    return done


def _joined(first: Node, operator: str, second: Node) -> Node:
    return {"Cmd": {"Type": "BinaryCmd", "Op": operator, "X": first, "Y": second}}


def _call(words: list[list[Node]]) -> Node:
    return {"Cmd": {"Type": "CallExpr", "Args": [{"Parts": parts} for parts in words]}}


def _name(words: list[list[Node]]) -> str:
    """Return the command's name where it is written plainly."""
    first = words[0]
    return str(first[0].get("Value", "")) if len(first) == 1 and first[0]["Type"] == "Lit" else ""


def _lines(text: str) -> list[tuple[list[list[Node]], str]] | None:
    """Return simple commands as words of parts, each with what joins it to the next one."""
    found: list[tuple[list[list[Node]], str]] = []
    words: list[list[Node]] = []
    place = 0
    while place < len(text):
        if text[place] in _BLANKS:
            place += 1
            continue
        joint = next((one for one in _JOINTS if text.startswith(one, place)), "")
        if joint and not words and joint != "\n":
            return None
        if joint:
            found += [(words, joint)] if words else []
            words, place = [], place + len(joint)
            continue
        after = _harmless(text, place) if words else 0
        parts, place = ([], after) if after else _word(text, place)
        if not (after or parts) or (parts and not words and not _is_name(parts)):
            return None
        words += [parts] if parts else []
    found += [(words, "")] if words else []
    ends_well = found and found[-1][1] in ("", ";", "\n")
    return found if ends_well else None


def _harmless(text: str, place: int) -> int:
    """Return where a redirection ends that writes nothing, 0 where there is none."""
    for one in _HARMLESS:
        end = place + len(one)
        if text.startswith(one, place) and (end == len(text) or text[end] in _ENDS):
            return end
    return 0


def _is_name(parts: list[Node]) -> bool:
    if parts[0]["Type"] != "Lit":
        return True
    value = str(parts[0]["Value"])
    return "=" not in value and not (len(parts) == 1 and value in _KEYWORDS.split())


def _word(text: str, place: int) -> tuple[list[Node], int]:
    """Return the parts of the word that begins here, none where it is not simple, and its end."""
    parts: list[Node] = []
    while place < len(text) and text[place] not in _ENDS:
        start, quote = place, text[place]
        if quote in "'\"":
            end = text.find(quote, start + 1)
            inside = text[start + 1 : end]
            if end < 0 or (quote == '"' and not _EXPANDING.isdisjoint(inside)):
                return [], place
            parts.append(_quoted(quote, inside))
            place = end + 1
            continue
        while place < len(text) and text[place] in _LETTERS:
            place += 1
        if start == place:
            return [], place
        parts.append(_part("Lit", text[start:place]))
    return parts, place


def _quoted(quote: str, inside: str) -> Node:
    if quote == "'":
        return _part("SglQuoted", inside)
    return {"Type": "DblQuoted", **({"Parts": [_part("Lit", inside)]} if inside else {})}


def _part(kind: str, value: str) -> Node:
    return {"Type": kind, "Value": value} if value else {"Type": kind}
