"""Programs that write the files they are given: which of their words these are."""

from __future__ import annotations

from stickhooks.clients import patches
from stickhooks.fast.os import os
from stickhooks.shell import copies, tables
from stickhooks.shell.options import Options, listed, options
from stickhooks.shell.state import Call
from stickhooks.shell.words import UNKNOWN, as_typed, is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

#: What their options may be, by program.
LISTED: Final = tables.by_program("writers")
#: All operands are written; with the options that take a value.
ALL: Final = {
    "rm": "", "rmdir": "", "unlink": "", "tee": "output-error", "touch": "d t r date reference time",
    "mkdir": "m mode Z context", "mkfifo": "m mode", "truncate": "s size r reference",
    "shred": "n iterations s size", "sponge": "", "dos2unix": "", "unix2dos": "", "fallocate": "l o",
    "trash": "", "trash-put": "", "srm": "", "chattr": "", "strip": "o",
    "screencapture": "R D l t T V g",
}  # fmt: skip
#: Remove a link itself, not what it leads to.
REMOVERS: Final = ("rm", "rmdir", "unlink", "trash", "trash-put", "srm")
#: The first operand says how; all others are written.
AFTER_FIRST: Final = ("chmod", "chown", "chgrp", "setfacl", "mknod")
#: A mode like ``-w`` stands where an option does.
CHMOD_OPTIONS: Final = set("RvcfhHLP")
#: Replace a file by one with this ending, or the other way round.
PACKERS: Final = {
    "gzip": ".gz", "gunzip": ".gz", "bzip2": ".bz2", "bunzip2": ".bz2", "xz": ".xz", "unxz": ".xz",
    "zstd": ".zst", "unzstd": ".zst", "lz4": ".lz4", "lzma": ".lzma",
}  # fmt: skip


def all_operands(call: Call) -> None:
    given = options(call.words, ALL[call.name])
    call.paths(given.values("o") if call.name == "strip" else [])
    if call.name == "tee":
        call.outputs(given.operands)
    else:
        (call.removed if call.name in REMOVERS else call.paths)(given.operands)


def after_first(call: Call) -> None:
    given = options(call.words, "reference from" if call.name != "setfacl" else "m modify x remove")
    short = {name for name, _ in given.given if len(name) == 1}
    mode_first = given.has("reference m modify x remove") or (
        call.name == "chmod" and bool(short - CHMOD_OPTIONS)
    )
    call.paths(given.operands if mode_first else given.operands[1:])


def dd(call: Call) -> None:
    for word in call.words:
        if word.startswith("of="):
            call.path(word[3:])
        elif word.startswith(UNKNOWN):
            call.path(word)


def rsync(call: Call) -> None:
    given = options(
        call.words,
        "e rsh f filter exclude include exclude-from include-from files-from T temp-dir log-file "
        "backup-dir compare-dest link-dest max-size min-size bwlimit port rsync-path M B",
    )
    call.paths(given.values("log-file"))
    if given.has("e rsh rsync-path M remote-option write-batch only-write-batch daemon config"):
        call.nobody_knows("rsync is given a program to run, or writes a batch")
    if given.has("n dry-run"):
        return
    written = [*given.values("backup-dir"), *given.operands[-1:]]
    for source in given.values("link-dest") if given.operands else ():
        call.link(written[-1], source if source.startswith("/") else f"{written[-1]}/{source}")
    call.paths(path for path in written if ":" not in plain(path))
    if given.has("remove-source-files"):
        call.paths(given.operands[:-1])


def patch(call: Call) -> None:
    given = options(
        call.words,
        "p strip i input d directory o output r reject-file D F B prefix V Y "
        "basename-prefix z suffix",
    )
    outputs = given.values("o output")
    call.paths([*outputs, *given.values("r reject-file")])
    for prefix in given.values("B prefix Y basename-prefix"):
        call.path(os.path.dirname(prefix) or ".")
    if given.has("dry-run"):
        return
    if given.operands and not outputs:
        call.path(given.operands[0])
    elif not outputs:
        place = call
        for folder in given.values("d directory"):
            place = call.moved(folder)
        place.tree("patch changes the files that its patch names")


def split(call: Call) -> None:
    """Judge ``split`` and ``csplit``: pieces beside their prefix."""
    given = options(call.words, "b bytes C l lines n number a suffix-length f prefix t filter")
    if given.has("filter"):
        call.nobody_knows("split is given a program to run")
    prefixes = given.values("f prefix") if call.name == "csplit" else given.operands[1:2]
    for prefix in prefixes or ["."]:
        call.path(prefix.rpartition("/")[0] or ("/" if prefix.startswith("/") else "."))


def mktemp(call: Call) -> None:
    if not options(call.words, "p tmpdir suffix").has("u dry-run"):
        call.path(temporary(call.words, call.state.variables.get("TMPDIR") or "/tmp"))


def temporary(words: list[str], folder: str) -> str:
    """Return where mktemp makes what it makes, by its template's name."""
    given = options(words, "p suffix")
    template = given.operands[0] if given.operands else "tmp.XXXXXXXXXX"
    within = [value or folder for value in given.values("p tmpdir")]
    if within or given.has("t") or not given.operands:
        return f"{(within or [folder])[0]}/{template}"
    return template


def tar(call: Call) -> None:
    """Judge ``tar`` by what it is to do: x extracts into a folder, t only reads, others write."""
    given = call.renamed(call.name, _separate(call.words)).listed(LISTED["tar"])
    call.paths(given.written)
    if given.has("x extract get"):
        if not given.has("O to-stdout"):
            _extracted(call, given)
    elif given.has("c create r append u update A catenate concatenate delete"):
        call.outputs(given.values("f file"))
    elif not given.has("t list d diff compare version help"):
        call.nobody_knows("tar is not told what to do")


def _extracted(call: Call, given: Options) -> None:
    """Note where tar extracts to: each ``-C`` counts from the one before, for the names behind it."""
    places = given.values("C directory") or ["."]
    for count in range(1, len(places) + 1):
        folder = os.path.join(*places[:count])
        call.found.below(folder, call.state)
        call.paths(os.path.join(folder, one) for one in given.values("one-top-level") if one)
    if given.has("P absolute-names"):
        call.path(UNKNOWN)  # as the archive says


def _separate(words: list[str]) -> list[str]:
    """Return tar's old bundle of letters (`tar cfv a.tar`) as options, each with its own value."""
    if not words or words[0].startswith("-"):
        return words
    found, rest = list[str](), words[1:]
    for letter in as_typed(words[0]):
        found += ["-" + letter, *([rest.pop(0)] if letter in "fCTXIbKNgF" and rest else [])]
    return found + rest


def unzip(call: Call) -> None:
    words = call.words
    if "-x" in words:  # what follows it are names in the archive
        words = words[: words.index("-x")]
    given = listed(words, LISTED["unzip"])
    if given.odd or not given.has("l t p v Z z c"):
        call.found.below((options(words, "d x P").values("d") or ["."])[0], call.state)


def _packs_nothing(name: str, given: Options) -> bool:
    """Tell whether a packer only shows or tests: for most of them the last of several modes counts."""
    if given.has("o") or given.odd:
        return False
    if given.has("c stdout to-stdout"):
        return True
    packs = "z compress" if name in ("gzip", "gunzip") else "z d compress decompress uncompress"
    return given.has("l list t test") and not given.has(packs)


def pack(call: Call) -> None:
    given = listed(call.words, LISTED["gzip"])
    call.paths(given.written)
    if not given.odd and _packs_nothing(call.name, given):
        return
    if given.has("filelist files files0"):
        call.path(UNKNOWN)  # what stands in there
    ending = PACKERS[call.name]
    for path in given.operands:
        call.path(path)
        call.path(path.removesuffix(ending) if path.endswith(ending) else path + ending)


def zip_(call: Call) -> None:
    given = listed(call.words, LISTED["zip"])
    if given.odd:
        call.nobody_knows(f"zip deletes what it packs, or runs a program: {plain(given.odd)}")
    call.outputs([*given.operands[:1], *given.written])


def apply_patch(call: Call) -> None:
    """Judge Codex's patch, as an argument or from a here-document."""
    text = call.words[0] if call.words else call.stdin
    if text is None or not is_known(text):
        call.nobody_knows("apply_patch is given a patch that is not known")
        return
    try:
        call.paths(patches.paths_of(as_typed(text)))
    except ValueError as reason:
        call.nobody_knows(f"apply_patch: {reason}")


def editor(call: Call) -> None:
    if call.words in (["--version"], ["--help"], ["--list-extensions"]):
        return
    call.nobody_knows(f"{call.name} is an editor")


HANDLERS: Final[dict[str, Callable[[Call], None]]] = {
    **dict.fromkeys(ALL, all_operands),
    **dict.fromkeys(("cp", "mv", "ln", "install", "gcp", "gmv", "gln"), copies.judge),
    **dict.fromkeys(AFTER_FIRST, after_first),
    **dict.fromkeys(PACKERS, pack),
    **dict.fromkeys(("split", "csplit"), split),
    **dict.fromkeys(("vi", "vim", "nvim", "nano", "emacs", "ed", "ex", "code", "pico"), editor),
    **dict.fromkeys(("tar", "gtar", "bsdtar"), tar),
    **dict.fromkeys(("apply_patch", "applypatch"), apply_patch),
    "dd": dd,
    "rsync": rsync,
    "patch": patch,
    "mktemp": mktemp,
    "unzip": unzip,
    "zip": zip_,
}
