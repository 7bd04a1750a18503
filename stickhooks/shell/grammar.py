"""The grammar of the shell: what statements a command consists of, as a syntax tree.

The tree is that of mvdan/sh's parser, which ``parser`` asks; a simple line is parsed by ``simple``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final, TypeAlias

    #: One node of the tree, a JSON object with the names that mvdan/sh gives to its parts.
    Node: TypeAlias = dict[str, Any]

COMMAND_LIMIT: Final = 64 << 10
#: Redirections that write the file they name; the others name none, or read it.
_TO_A_FILE: Final = (">", ">>", ">|", "&>", "&>>", "<>")
_NOT_WRITING: Final = ("<", "<<", "<<-", "<<<", "<&")


class Unclear(Exception):  # noqa: N818 - an answer, not a fault
    """A command that cannot be understood; its text is the reason in words."""


def statements(command: str, language: str = "bash") -> list[Node]:
    """Return the statements of a command, in a language that shfmt knows. Raises Unclear."""
    if len(command.encode("utf-8", "surrogatepass")) > COMMAND_LIMIT:
        raise Unclear(f"the command is longer than {COMMAND_LIMIT >> 10} KiB")
    if any(character < "\t" or "\ud800" <= character <= "\udfff" for character in command):
        raise Unclear("the command holds control characters")
    from stickhooks.shell import simple

    found = simple.statements(command)
    if found is None:
        from stickhooks.shell import parser

        found = parser.statements(command, language)
    return found


def is_descriptor(word: str) -> bool:
    """Tell whether the word of a redirection names a file descriptor, or closes one (``2>&1``, ``2>&-``)."""
    return word.rstrip("-").isdigit() or word == "-"


def is_written(operator: str, word: str) -> bool:
    """Tell whether a redirection writes the file that it names. Raises Unclear where nobody knows which."""
    if operator in (*_TO_A_FILE, ">&") and word.startswith("!"):
        raise Unclear("zsh writes what stands behind >!")
    if operator not in (*_TO_A_FILE, *_NOT_WRITING, ">&"):
        raise Unclear(f"a redirection that is not known: {operator}")
    return operator in _TO_A_FILE or (operator == ">&" and not is_descriptor(word))


def assigned(node: Node, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a simple command's own assignments give to it."""
    names = [one.get("Name", {}).get("Value", "") for one in node.get("Assigns", [])]
    return {name: variables[name] for name in names if name in variables}


def is_of_file(redirect: Node) -> bool:
    """Tell whether a redirection has to do with a file that is one: `2>&1` has not."""
    parts = redirect.get("Word", {}).get("Parts", [])
    name = parts[0].get("Value", "") if len(parts) == 1 and parts[0]["Type"] == "Lit" else ""
    return not ((redirect.get("Op") == ">&" and is_descriptor(name)) or name == "/dev/null")
