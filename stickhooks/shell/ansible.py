"""Ansible's programs: with some words they only tell something, where no file of the project is run for it.

What stands beside a playbook or in an ``ansible.cfg`` may name plugins, which are Python that is run by
each of these programs, and so may an inventory that is a program.
"""

from __future__ import annotations

from stickhooks.fast.os import os
from stickhooks.shell import tables
from stickhooks.shell.options import Options, listed
from stickhooks.shell.words import is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from stickhooks.shell.state import Call, Outcome

#: A playbook is only looked at with one of these. (`--check` runs tasks that say so.)
_LOOKING: Final = "syntax-check list-hosts list-tasks list-tags"
#: The first words of those that have verbs.
_VERBS: Final = {
    "ansible-config": ("dump", "list", "view", "validate"),
    "ansible-galaxy": ("list", "info", "search", "role list", "role info", "role search", "collection list"),
    "ansible-vault": ("view",),
}  # fmt: skip
_OPTIONS: Final = tables.by_program("ansible")
_ENTRIES: Final = 2000


def judge(call: Call) -> None:
    if call.words in (["--version"], ["--help"], ["-h"]):
        return
    given = listed(call.words, _OPTIONS[call.name])
    if given.odd or not _only_tells(call.name, given):
        call.tree(f"{call.name} runs tasks and plugins, and may write anywhere", "yes")
        return
    named = _named(call.state.cwds, [*given.values("i inventory"), *given.operands])
    if not all(map(_is_plain, named)):
        call.nobody_knows(f"{call.name} may run an inventory that is a program")
    elif not call.state.cwds or any(map(_has_plugins, _beside(call.state.cwds, named))):
        call.nobody_knows(f"{call.name} runs plugins that the folder names")


def _only_tells(name: str, given: Options) -> bool:
    if name == "ansible-playbook":
        return given.has(_LOOKING) and bool(given.operands)
    if name == "ansible":
        return given.has("list-hosts")
    verbs = _VERBS.get(name)
    words = " ".join(map(plain, given.operands))
    return verbs is None or any((words + " ").startswith(verb + " ") for verb in verbs)


def _named(folders: tuple[str, ...], words: list[str]) -> list[str]:
    """Return where inventories and playbooks are that are no list of hosts: absolute, as far as known."""
    return [os.path.join(one, plain(word) if is_known(word) else word)
            for word in words if "," not in word for one in folders]  # fmt: skip


def _is_plain(path: str) -> bool:
    """Tell whether an inventory or a playbook is a file that is read, and none that is run."""
    return is_known(path) and not os.access(path, os.X_OK)


def _beside(folders: tuple[str, ...], named: list[str]) -> list[str]:
    """Return the folders whose plugins are loaded: where the shell is, and what is named stands."""
    return list(dict.fromkeys([*folders, *map(os.path.dirname, named)]))


def _has_plugins(folder: str) -> bool:
    """Tell whether a folder has plugins or settings of its own."""
    seen = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                seen += 1
                named = entry.name in ("ansible.cfg", "library", "module_utils", "collections")
                if named or entry.name.endswith("_plugins") or seen > _ENTRIES:
                    return True
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return False


HANDLERS: Final[dict[str, Callable[[Call], Outcome | None]]] = dict.fromkeys(_OPTIONS, judge)
