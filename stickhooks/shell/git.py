"""Which commands of git write the tree, the index, HEAD or a branch, and which only read.

``fetch`` and ``push`` pass: they move nothing that anybody works on here. ``gc`` and its kin
pass too, for they keep what is there.
"""

from __future__ import annotations

from stickhooks.fast.os import os
from stickhooks.shell import tables
from stickhooks.shell.options import ANY, Options, listed, options
from stickhooks.shell.state import Call
from stickhooks.shell.words import GLOB_MARKS, as_typed, has_glob, is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

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
#: What a verb does, for the refusal.
WRITING: Final = {
    "add": "changes the index", "rm": "changes the tree and the index",
    "mv": "changes the tree and the index", "restore": "changes the tree",
    "checkout": "changes the tree and HEAD", "switch": "changes the tree and HEAD",
    "reset": "moves HEAD, the index or the tree", "commit": "moves HEAD",
    "merge": "changes the tree and HEAD", "pull": "changes the tree and HEAD",
    "rebase": "changes the tree and HEAD", "cherry-pick": "changes the tree and HEAD",
    "revert": "changes the tree and HEAD", "am": "changes the tree and HEAD",
    "apply": "changes the tree", "stash": "changes the tree and the index",
    "clean": "deletes from the tree", "branch": "writes branches", "tag": "writes a ref",
    "notes": "writes a ref", "update-ref": "writes a ref", "symbolic-ref": "writes a ref",
    "replace": "writes a ref", "bisect": "changes the tree and HEAD", "reflog": "cuts the reflog",
    "remote": "changes git's settings and refs", "config": "changes git's settings",
    "update-index": "changes the index", "read-tree": "changes the index",
    "checkout-index": "changes the tree", "merge-file": "changes a file",
    "merge-index": "changes the tree", "mergetool": "changes the tree",
    "filter-branch": "rewrites history", "filter-repo": "rewrites history",
    "fast-import": "writes refs", "sparse-checkout": "changes the tree", "prune": "deletes objects",
    "submodule": "changes the tree", "subtree": "changes the tree and HEAD",
    "worktree": "changes worktrees", "rerere": "changes the tree", "bundle": "writes a file",
    "svn": "changes the tree and refs", "p4": "changes the tree and refs",
}  # fmt: skip
#: For verbs that read with these first words (``""``: alone), and write with any other.
READING_MODES: Final = {
    "stash": {"list", "show"},
    "remote": {"", "show", "get-url", "update", "prune"},
    "worktree": {"list"},
    "submodule": {"", "status", "summary"},
    "notes": {"", "list", "show"},
    "bisect": {"log", "terms", "help"},
    "bundle": {"verify", "list-heads"},
    "sparse-checkout": {"list", "check-rules"},
    "rerere": {"status", "diff", "remaining"},
}
#: For verbs that read when one of these options is there.
READING_OPTIONS: Final = {
    "branch": "l list contains no-contains merged no-merged points-at show-current a r all remotes",
    "tag": "l list contains no-contains merged no-merged points-at n v verify",
    "apply": "check stat numstat summary",
    "add": "n dry-run",
    "rm": "n dry-run",
    "mv": "n dry-run",
    "commit": "dry-run",
    "clean": "n dry-run",
    "am": "show-current-patch",
    "rebase": "show-current-patch",
    "config": "get get-all get-regexp get-urlmatch l list get-color get-colorbool",
    "update-index": "refresh really-refresh",
    "merge-file": "p stdout",
}
#: ... unless one of these is there too.
WRITING_OPTIONS: Final = {
    "branch": "d D delete m M move c C copy f force u set-upstream-to unset-upstream "
    "edit-description",
    "tag": "d delete f force a annotate s sign m message F file",
    "apply": "apply",
    "update-index": "add remove force-remove cacheinfo index-info chmod assume-unchanged "
    "skip-worktree stdin",
    "config": "unset unset-all replace-all add rename-section remove-section e edit",
}
#: The options with a value of the verbs whose operands matter.
TAKES: Final = {
    "commit": "m message F file C c reuse-message reedit-message author date t template fixup "
    "squash cleanup trailer pathspec-from-file",
    "restore": "s source pathspec-from-file conflict",
    "add": "chmod pathspec-from-file",
    "checkout": "b B orphan conflict pathspec-from-file",
    "clean": "e exclude",
    "tag": "m message F file u local-user sort format contains points-at",
    "branch": "u set-upstream-to sort format contains points-at",
    "config": "f file blob type default comment value",
    "clone": "b branch o origin u upload-pack depth reference c config template j jobs filter "
    "separate-git-dir shallow-since bundle-uri server-option recurse-submodules",
    "init": "template separate-git-dir object-format b initial-branch shared",
    "worktree": "b B reason",
    "archive": "o output format prefix remote exec add-file",
    "format-patch": "o output-directory subject-prefix v reroll-count in-reply-to to cc from base "
    "start-number suffix signature cover-from-description n",
    "fetch": "depth deepen shallow-since upload-pack j jobs refmap o server-option",
    "push": "o push-option receive-pack exec repo",
    "bugreport": "o output-directory s suffix",
    "diagnose": "o output-directory s suffix mode",
}


def judge(call: Call) -> None:
    """Judge ``git …``: options before the verb first, for they may move it elsewhere."""
    before = listed(call.words, OPTIONS["git",], permute=False)
    for name, value in before.given:
        if name == "C":
            call = call.moved(value)
        elif name == "c" and not _is_safe(plain(value).lower()):
            call.nobody_knows(f"git -c {plain(value)} may run a program or change what git does")
        elif name == "exec-path" and value:
            call.nobody_knows("git --exec-path changes what git runs")
        elif name == "work-tree":
            call = call.moved(value)
    if before.odd:
        call.nobody_knows(f"nobody knows what git does with {plain(before.odd)}")
    if not before.operands or before.has("version help h v"):
        return
    verb, words = before.operands[0], before.operands[1:]
    if not is_known(verb) or has_glob(verb):
        call.nobody_knows(f"an expansion in what git is to do: {plain(verb)}")
    elif words not in (["--help"], ["-h"]):
        _verb(call.renamed(verb, words))


def _is_safe(setting: str) -> bool:
    return setting in SAFE_EXACTLY or setting.startswith(SAFE_SETTINGS)


def _verb(call: Call) -> None:
    verb, given = call.name, options(call.words, TAKES.get(call.name, ""))
    special = SPECIAL.get(verb)
    if _only_reads(verb, given):
        _reading(call)
    elif special:
        special(call, given)
    elif verb in WRITING:
        _tree(call)
    else:
        call.nobody_knows(f"git {verb} is not known: an alias may do anything")


def _tree(call: Call) -> None:
    first = next((word for word in call.words if not word.startswith("-")), "")
    shown = f"git {call.name} {plain(first)}" if call.name in READING_MODES else f"git {call.name}"
    call.tree(f"{shown.strip()} {WRITING[call.name]}")


def _only_reads(verb: str, given: Options) -> bool:
    if verb not in WRITING and verb not in SPECIAL:
        return ("git", verb) in OPTIONS
    if verb in READING_MODES:
        mode = given.operands[0] if given.operands else ""
        return mode in READING_MODES[verb]
    if given.has(WRITING_OPTIONS.get(verb, "")):
        return False
    if given.has(READING_OPTIONS.get(verb, "")):
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
        call.nobody_knows(f"nobody knows what git {call.name} does with {plain(given.odd)}")
    for path in given.written:
        call.path(path)
    if call.name == "interpret-trailers" and given.has("in-place"):
        _paths(call, given.operands)
    if call.name == "fetch" and any(":" in plain(spec) for spec in given.operands[1:]):
        call.tree("git fetch into a branch moves it")
    if call.name == "push" and given.operands and plain(given.operands[0]).startswith("."):
        call.tree("git push into a folder moves the branches there")
    if call.name == "maintenance" and given.operands != ["run"]:
        call.nobody_knows("git maintenance changes git's settings")


def _paths(call: Call, pathspecs: list[str]) -> None:
    """Note pathspecs: one with magic may mean any path, one with a glob its folder."""
    for spec in pathspecs:
        typed = as_typed(spec)
        if typed.startswith(":"):
            call.tree(f"git {call.name} {WRITING.get(call.name, 'writes')}: {plain(spec)}")
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
    call.path(given.operands[0] if given.operands else ".")


def _clone(call: Call, given: Options) -> None:
    if given.has("upload-pack u c config"):
        call.nobody_knows("git clone is given a program or settings")
    elif len(given.operands) > 1:
        call.path(given.operands[1])
    elif given.operands:
        name = os.path.basename(given.operands[0].rstrip("/").rpartition(":")[2])
        call.path(name.removesuffix(".git") or ".")


def _archive(call: Call, given: Options) -> None:
    _reading(call)


def _report(call: Call, given: Options) -> None:
    """Judge ``bugreport`` and ``diagnose``: a file in a folder, by default this one."""
    for folder in given.values("o output-directory") or ["."]:
        call.path(folder)


def _format_patch(call: Call, given: Options) -> None:
    _reading(call)
    if not given.has("stdout"):
        for folder in given.values("o output-directory") or ["."]:
            call.path(folder)


def _config(call: Call, given: Options) -> None:
    for path in given.values("f file"):
        call.path(path)
    if not given.has("f file"):
        _tree(call)


def _bundle(call: Call, given: Options) -> None:
    if given.operands[:1] == ["create"] and len(given.operands) > 1:
        if plain(given.operands[1]) != "-":
            call.path(given.operands[1])
    else:
        _tree(call)


SPECIAL: Final[dict[str, Callable[[Call, Options], None]]] = {
    **dict.fromkeys(("add", "rm", "mv", "restore", "clean"), _pathspecs),
    **dict.fromkeys(("checkout", "reset"), _after_dashes),
    "commit": _commit,
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
