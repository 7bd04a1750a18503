"""Which commands of git write the tree, the index, HEAD or a branch, and which only read.

``fetch`` and ``push`` pass: they move nothing that anybody works on here. ``gc`` and its kin
pass too, for they keep what is there.
"""

from __future__ import annotations

from stickhooks.fast.os import os
from stickhooks.shell import aliases, tables
from stickhooks.shell.options import ANY, Options, listed, options
from stickhooks.shell.state import Call
from stickhooks.shell.words import GLOB_MARKS, as_typed, has_glob, is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from stickhooks.shell.state import Nested

#: What the options of reading verbs may be, and of git itself before any verb.
OPTIONS: Final = tables.load("git")
#: Settings that change how an answer looks, and run nothing.
SAFE_SETTINGS: Final = (
    "color.", "advice.", "user.", "log.", "safe.directory", "core.quotepath", "commit.gpgsign",
    "core.abbrev", "column.", "diff.renames", "diff.context", "init.defaultbranch",
    "protocol.version", "gc.auto", "status.", "grep.", "blame.",
)  # fmt: skip
SAFE_EXACTLY: Final = (
    "core.pager=cat", "core.pager=less", "core.pager=", "pager.log=false", "pager.diff=false",
    "pager.branch=false", "core.fsmonitor=false",
)  # fmt: skip
#: What other verbs do, and what their words mean: see ``git_verbs.txt``.
VERBS: Final = tables.load("git_verbs")


def judge(call: Call) -> None:
    """Judge ``git …``: options before the verb first, for they may move it elsewhere."""
    before = listed(call.words, OPTIONS["git",], permute=False)
    for name, value in before.given:
        if name == "C":
            call = call.moved(value)
        elif name == "c" and plain(value).lower().startswith("submodule."):
            call.tree(f"git -c {plain(value)} may have it change submodules", nested="yes")
        elif name == "c" and not _is_safe(plain(value).lower()):
            call.nobody_knows(f"git -c {plain(value)} may run a program or change what git does")
        elif name == "exec-path" and value:
            call.nobody_knows("git --exec-path changes what git runs")
        elif name == "work-tree":
            call = call.moved(value)
    if call.variable("GIT_WORK_TREE") and not before.has("work-tree"):
        call = call.moved(call.variable("GIT_WORK_TREE"))
    if before.odd:
        call.nobody_knows(f"stick does not know what git does with {plain(before.odd)}")
    if not before.operands or before.has("version help h v"):
        return
    verb, words = before.operands[0], before.operands[1:]
    if not is_known(verb) or has_glob(verb):
        call.nobody_knows(f"an expansion in what git is to do: {plain(verb)}")
    elif not _asks_for_help(verb, words):
        for value in before.values("git-dir"):
            call = call.with_variables({"GIT_DIR": value})
        _verb(call.renamed(verb, words))


def _asks_for_help(verb: str, words: list[str]) -> bool:
    """Tell whether only help is asked for. What an alias of ``!program`` is given with -h, it gets."""
    own = ("git", verb) in OPTIONS or bool(_words(verb, "does")) or verb in SPECIAL
    tools = verb in ("difftool", "mergetool") and words == ["--tool-help"]
    return words == ["--help"] or (own and words == ["-h"]) or tools


def _is_safe(setting: str) -> bool:
    return setting in SAFE_EXACTLY or setting.startswith(SAFE_SETTINGS)


def _verb(call: Call) -> None:
    """Judge a verb: what it writes, and the index and refs of a git dir that is named for it."""
    verb, given = call.name, options(call.words, _words(call.name, "takes"))
    special = SPECIAL.get(verb)
    if _only_reads(verb, given):
        _reading(call)
        return
    call.paths([call.variable("GIT_DIR")] if call.variable("GIT_DIR") else [])
    if special:
        special(call, given)
    elif _words(verb, "does"):
        _tree(call)
    elif not _is_alias(call):
        call.nobody_knows(f"git {verb} is not known: an alias may do anything")


def _is_alias(call: Call) -> bool:
    """Judge an alias by what it stands for. Tell whether it is one that is understood."""
    try:
        meant = aliases.stands_for(call)
    except LookupError:
        return False
    if meant is not None:
        judge(meant)
    return True


def _tree(call: Call) -> None:
    first = next((word for word in call.words if not word.startswith("-")), "")
    shown = f"git {call.name} {plain(first)}" if _words(call.name, "modes") else f"git {call.name}"
    call.tree(f"{shown.strip()} {_words(call.name, 'does')}", _reaches_nested(call))


def _reaches_nested(call: Call) -> Nested:
    """Tell whether a verb writes submodules or repositories in the tree too.

    A clean does so when it is forced twice (git-clean(1)), others when they are told to recurse.
    """
    given = options(call.words, _words(call.name, "takes"))
    names = [name for name, _ in given.given]
    if call.name == "clean":
        forced = sum(name == "f" or _begins(name, "force") for name in names)
        return "yes" if forced > 1 else "no"
    told = [value for name, value in given.given if _begins(name, "recurse-submodules")]
    if call.name == "submodule" or told:
        return "yes" if not told or told[-1] not in _NOT_RECURSING else "no"
    return "set" if call.name in _SET_BY else "no"


def _begins(typed: str, name: str) -> bool:
    return len(typed) > 2 and name.startswith(typed)


#: These go by that setting.
_SET_BY: Final = ("checkout", "switch", "reset", "pull", "read-tree", "restore")
#: Values of --recurse-submodules that leave them alone.
_NOT_RECURSING: Final = ("no", "false", "off", "0")


def _submodule(call: Call, given: Options) -> None:
    """Judge ``git submodule``: what it runs in each one may read only."""
    from stickhooks.shell import verdict

    rest = options(call.words, permute=False)
    words = rest.operands[1:] if rest.operands[:1] == ["foreach"] else []
    inner = options(words, permute=False).operands
    if not inner or not verdict.only_read(["sh", "-c", inner[0]] if len(inner) == 1 else inner):
        _tree(call)


def _words(verb: str, what: str) -> str:
    return VERBS.get((verb, what), "")


def _only_reads(verb: str, given: Options) -> bool:
    if not _words(verb, "does") and verb not in SPECIAL:
        return ("git", verb) in OPTIONS
    modes = _words(verb, "modes")
    if modes:
        return (given.operands[0] if given.operands else "-") in modes.split()
    if given.has(_words(verb, "writes")):
        return False
    if given.has(_words(verb, "reads")):
        return True
    count = len(given.operands)
    if verb == "reflog":
        return count == 0 or given.operands[0] not in ("expire", "delete", "drop", "write")
    if verb == "config":
        return given.operands[:1] in (["get"], ["list"]) or (
            count == 1 and given.operands != ["edit"]
        )
    if verb == "symbolic-ref":
        return count == 1 and not given.has("d delete")
    return verb in ("branch", "tag") and count == 0


def _reading(call: Call) -> None:
    """Judge the options of a verb that reads: what they write, and which are not listed."""
    spec = OPTIONS["git", call.name]
    given = listed(call.words, "- " if spec == ANY else spec)
    if given.odd and spec != ANY:
        call.nobody_knows(f"stick does not know what git {call.name} does with {plain(given.odd)}")
    call.paths(given.written)
    if call.name == "interpret-trailers" and given.has("in-place"):
        _paths(call, given.operands)
    if call.name == "fetch" and any(":" in plain(spec) for spec in given.operands[1:]):
        call.tree("git fetch into a branch moves it", "no")
    if call.name == "push" and given.operands and plain(given.operands[0]).startswith("."):
        call.tree("git push into a folder moves the branches there", "no")
    if call.name == "maintenance" and given.operands != ["run"]:
        call.nobody_knows("git maintenance changes git's settings")


def _paths(call: Call, pathspecs: list[str]) -> None:
    """Note pathspecs: one with magic may mean any path, one with a glob its folder."""
    for spec in pathspecs:
        typed = as_typed(spec)
        if typed.startswith(":"):
            nested: Nested = "yes" if call.name in ("rm", "mv") else _reaches_nested(call)
            does = _words(call.name, "does") or "writes"
            call.tree(f"git {call.name} {does}: {plain(spec)}", nested)
        else:
            call.path(typed.translate(_GLOBS))


_GLOBS: Final = str.maketrans(GLOB_MARKS)


def _pathspecs(call: Call, given: Options) -> None:
    """Judge a verb whose operands are all paths."""
    if given.operands and not given.has("pathspec-from-file"):
        _paths(call, given.operands)
    else:
        _tree(call)


def _after_dashes(call: Call, given: Options) -> None:
    """Judge a verb whose operands are paths only after ``--``."""
    if "--" in call.words and call.words[-1] != "--" and not given.has("hard soft mixed keep"):
        _paths(call, call.words[call.words.index("--") + 1 :])
    else:
        _tree(call)


def _commit(call: Call, given: Options) -> None:
    """Judge a commit: of the paths it names alone, or of what is staged by anybody."""
    if given.operands and not given.has("i include amend a all"):
        _paths(call, given.operands)
    else:
        _tree(call)


def _worktree(call: Call, given: Options) -> None:
    if given.operands[:1] == ["add"] and len(given.operands) > 1:
        call.path(given.operands[1])
    else:
        _tree(call)


def _init(call: Call, given: Options) -> None:
    call.paths(given.values("separate-git-dir"))
    call.path(given.operands[0] if given.operands else ".")


def _clone(call: Call, given: Options) -> None:
    if given.has("upload-pack u c config"):
        call.nobody_knows("git clone is given a program or settings")
    call.paths(given.values("separate-git-dir"))
    if len(given.operands) > 1:
        call.path(given.operands[1])
    elif given.operands:
        name = os.path.basename(given.operands[0].rstrip("/").rpartition(":")[2])
        call.path(name.removesuffix(".git") or ".")


def _archive(call: Call, given: Options) -> None:
    _reading(call)


def _report(call: Call, given: Options) -> None:
    """Judge ``bugreport`` and ``diagnose``: a file in a folder, by default this one."""
    call.paths(given.values("o output-directory") or ["."])


def _format_patch(call: Call, given: Options) -> None:
    _reading(call)
    if not given.has("stdout"):
        _report(call, given)


#: Settings of a person, which name no program and no file that git runs.
_PERSONAL: Final = (
    "user.name", "user.email", "user.signingkey", "init.defaultbranch", "color.ui", "pull.rebase",
    "push.default", "push.autosetupremote", "core.autocrlf", "core.longpaths", "core.quotepath",
    "http.postbuffer", "safe.directory", "advice.detachedhead", "commit.gpgsign",
)  # fmt: skip


def _config(call: Call, given: Options) -> None:
    options = {name for name, _ in given.given}
    own = "".join(map(plain, given.operands[:1])).lower() in _PERSONAL
    if own and "global" in options <= {"global", "add"} and len(given.operands) == 2:
        call.path(call.state.variables.get("HOME", "") + "/.gitconfig")
        return
    call.paths(given.values("f file"))
    if not given.has("f file"):
        _tree(call)


def _bundle(call: Call, given: Options) -> None:
    if given.operands[:1] == ["create"] and len(given.operands) > 1:
        call.outputs(given.operands[1:2])
    else:
        _tree(call)


SPECIAL: Final[dict[str, Callable[[Call, Options], None]]] = {
    **dict.fromkeys(("add", "rm", "mv", "restore", "clean"), _pathspecs),
    **dict.fromkeys(("checkout", "reset"), _after_dashes),
    "commit": _commit,
    "submodule": _submodule,
    "worktree": _worktree,
    "init": _init,
    "clone": _clone,
    "archive": _archive,
    "bugreport": _report,
    "diagnose": _report,
    "format-patch": _format_patch,
    "config": _config,
    "bundle": _bundle,
}
