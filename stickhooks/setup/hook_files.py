"""Our git hooks in a folder of hooks: ours first, then the one that was there.

The hook that was there is kept by its own name in a folder beside that of the hooks, as deep as
that, with links to whatever lies beside ours: many hooks look at their own name and place.
"""

from __future__ import annotations

import contextlib
import filecmp
import os
import shlex
import shutil
from pathlib import Path
from typing import Final

from stickhooks.setup.placing import (
    BEGIN,
    END,
    Manifest,
    Placed,
    block,
    is_ours,
    without_block,
)
from stickhooks.system import text_files

KEPT: Final = ".stick-kept"
#: What other tools rename a hook to that they find in their place; the first runs it, the rest do not.
LEGACY: Final = ".legacy"
DEMOTED: Final = (LEGACY, ".old", ".bak", ".backup", ".orig")
ADDED: Final = ".added-to-stick"
SH: Final = "#!/bin/sh\n"
SHELLS: Final = ("sh", "bash", "dash", "ksh", "zsh")


def kept_folder(path: Path) -> Path:
    return path.parent.with_name(path.parent.name + KEPT)


def kept_name(path: Path) -> Path:
    return kept_folder(path) / path.name


def _older_kept_name(path: Path) -> Path:
    """Return where earlier versions kept a hook: beside ours."""
    return path.with_name(path.name + KEPT)


def keeps(path: Path) -> bool:
    """Tell whether a hook of the user's is kept, or would be by placing ours."""
    current = text_files.read(path)
    there = any(os.path.lexists(name) for name in (kept_name(path), _older_kept_name(path)))
    return there or (current is not None and not is_ours(current))


def has_word(path: Path, word: str) -> bool:
    """Tell whether some words stand in the hook that is kept, or would be by placing ours."""
    current, kept = text_files.read(path), text_files.read(kept_name(path))
    return (not is_ours(current) and word in (current or "")) or word in (kept or "")


def is_in_place(path: Path, text: str) -> bool:
    """Tell whether our lines stand in a hook as they should; others may have added some."""
    current = text_files.read(path)
    same = current is not None and block(current) == block(text) and leads(current)
    return same and os.access(path, os.X_OK)


def leads(text: str) -> bool:
    """Tell whether a hook begins with our lines: what stands above them would run, or end it, first."""
    above, mark, _ = text.partition(BEGIN)
    first, *more = above.splitlines() or [""]
    return bool(mark) and has_our_shell(first) and not "".join(more).strip()


def assigned(text: str, variable: str) -> str:
    """Return what a hook of ours sets a variable to, ``""`` where it does not."""
    lines = (line.partition("=") for line in text.splitlines())
    value = next((value for name, _, value in lines if name == variable), "")
    return next(iter(shlex.split(value)), "")


def has_our_shell(first: str) -> bool:
    """Tell whether a hook's first line has it run by sh, as ours does: git takes that for no line at all."""
    return first == "#!/bin/sh" or not first.strip(" ")


def place(manifest: Manifest, path: Path, text: str) -> bool:
    """Put our hook first, and keep one that was there. Tell whether anything changed."""
    if is_in_place(path, text):
        return False
    current = text_files.read(path)
    before = manifest.find(path)
    folders = before.folders if before else text_files.make_folders(path.parent)
    text_files.make_folders(path.parent)
    _take_in_older(path)
    _clear_demoted(path, current)
    manifest.add(Placed("hook", str(path), text, None, folders))
    if os.path.lexists(path) and not is_ours(current):
        _keep(path)
    added = _added(current, before.wrote if before else "") if is_ours(current) else ""
    # One step: at no time is there a moment without any hook. Lines that were added stay.
    text_files.replace_file(path, text + added, 0o755)
    return True


def _take_in_older(path: Path) -> None:
    """Bring a hook that an earlier version kept to where it is kept now. Copies of it go."""
    older = _older_kept_name(path)
    if os.path.lexists(older):
        kept = _made(kept_name(path))
        if os.path.lexists(kept):
            older.unlink()
        else:
            os.rename(older, kept)
    copies = set(path.parent.glob(f"{path.name}{KEPT}.old*"))
    for copy in sorted(copies):
        if any(_same(copy, other) for other in {kept_name(path), path, *copies} - {copy}):
            copy.unlink()


def _made(kept: Path) -> Path:
    kept.parent.mkdir(exist_ok=True)
    return kept


def _keep(path: Path) -> None:
    """Keep the hook that is there now. One kept before, of other content, is set aside once."""
    kept = _made(kept_name(path))
    _clear(kept, path)
    _second_name(path, kept)
    legacy = path.with_name(path.name + LEGACY)
    if os.path.lexists(legacy) and not is_ours(text_files.read(legacy)):
        _copy_legacy(path)


def _clear(kept: Path, path: Path) -> None:
    """Clear the place of a kept hook. One that another tool replaced is set aside: without us it would
    be gone, with us it is not."""
    if os.path.lexists(kept) and not _is_older(kept, path):
        _set_aside(kept)
    kept.unlink(missing_ok=True)


def _set_aside(kept: Path) -> None:
    folder = kept.parent / "replaced"
    folder.mkdir(exist_ok=True)
    there = sorted(folder.glob(f"{kept.name}.*"))
    if not any(_same(kept, one) for one in there):
        os.rename(kept, folder / f"{kept.name}.{len(there) + 1}")


def _same(one: Path, other: Path) -> bool:
    if one.is_symlink() or other.is_symlink():
        links = one.is_symlink() and other.is_symlink()
        return links and os.readlink(one) == os.readlink(other)
    return one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False)


def _is_older(kept: Path, path: Path) -> bool:
    """Tell whether a kept hook says nothing that the new one does not: only then it may be deleted.

    The same first comment is not enough: two hooks of the user's may begin alike.
    """
    texts = [_without_numbers(text_files.read(one) or "") for one in (kept, path)]
    return _same(kept, path) or (bool(texts[0]) and texts[0] == texts[1])


def _of_one_tool(old: str | None, new: str | None) -> bool:
    """Tell whether two hooks are one tool's: such a tool names itself in the first comment.

    Numbers may differ: they are its version.
    """
    first = [_first_comment(text or "") for text in (old, new)]
    return bool(first[0]) and first[0] == first[1]


def _first_comment(text: str) -> str:
    lines = text.splitlines()[1:3]
    first = next((line for line in lines if line.startswith("#")), "")
    return _without_numbers(first.strip("# "))


def _without_numbers(text: str) -> str:
    return "".join(letter for letter in text if not (letter.isdigit() or letter == "."))


def _second_name(path: Path, kept: Path) -> None:
    """Give the user's hook its second name, the very same file where the system allows."""
    try:
        os.link(path, kept, follow_symlinks=False)
    except (OSError, NotImplementedError):
        shutil.copy2(path, kept, follow_symlinks=False)


def demoted(path: Path) -> list[Path]:
    """Return the hooks of ours that other tools renamed, to put theirs there."""
    names = [path.with_name(path.name + ending) for ending in DEMOTED]
    return [name for name in names if is_ours(text_files.read(name))]


def _copy_legacy(path: Path) -> None:
    """Keep what the pre-commit framework runs first: its next installation puts ours over that."""
    copy = _made(kept_name(path)).with_name(path.name + LEGACY)
    copy.unlink(missing_ok=True)
    shutil.copy2(path.with_name(path.name + LEGACY), copy, follow_symlinks=False)


def _clear_demoted(path: Path, current: str | None) -> bool:
    """Undo what another tool did to ours: it renames hooks that it finds.

    What was there before us takes that place in the pre-commit framework, as it would have
    without us: the hook that was kept, unless it is an older one of the same tool.
    """
    renamed = demoted(path)
    for name in renamed:
        name.unlink()
    legacy, kept = path.with_name(path.name + LEGACY), kept_name(path)
    if legacy in renamed:
        copy = kept.with_name(legacy.name)
        if os.path.lexists(copy):
            shutil.copy2(copy, legacy, follow_symlinks=False)
        elif os.path.lexists(kept) and not (
            _same(kept, path) or _of_one_tool(text_files.read(kept), current)
        ):
            os.rename(kept, legacy)
            _copy_legacy(path)
    return bool(renamed)


# --- out again


def undo(placed: Placed) -> list[str]:
    """Take our hook out, and put the one that was kept back."""
    path = Path(placed.path)
    _take_in_older(path)
    kept, current, messages = kept_name(path), text_files.read(path), []
    was_demoted = _clear_demoted(path, current)
    if is_ours(current):
        added = _added(current, placed.wrote)
        if os.path.lexists(kept):
            os.replace(kept, path)
            messages = _give_back(path, added)
        elif added.strip():
            text_files.replace_file(path, SH + added, 0o755)
            messages.append(f"{path}: only our lines were removed")
        else:
            path.unlink()
    elif os.path.lexists(kept) and not was_demoted and not os.path.lexists(path):
        os.rename(kept, path)
    else:
        _clear(kept, path)
    return [*messages, *_tidy(path)]


def _tidy(path: Path) -> list[str]:
    """Remove the folder of kept hooks where no hook of the user's is in it any more."""
    folder = kept_folder(path)
    folder.joinpath(path.name + LEGACY).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        rest = list(folder.iterdir())
        ours = [one for one in rest if _leads_back(one, path.parent.name)]
        if len(ours) == len(rest):
            for one in ours:
                one.unlink()
            folder.rmdir()
    replaced = sorted((folder / "replaced").glob(f"{path.name}.*"))
    return [f"a hook that another tool replaced is still kept: {one}" for one in replaced]


def _leads_back(one: Path, hooks: str) -> bool:
    """Tell whether this is a link that our hook made, and not a hook of the user's that is one."""
    return one.is_symlink() and os.readlink(one) == os.path.join("..", hooks, one.name)


def _give_back(path: Path, added: str) -> list[str]:
    """Add the lines that another tool put below ours to the user's own hook, as it would have."""
    if not added.strip():
        return []
    text = text_files.read(path) or ""
    first = text.partition("\n")[0]
    in_sh = first.startswith("#!") and os.path.basename(first.split()[-1]) in SHELLS
    if in_sh and not path.is_symlink():
        gap = "" if text.endswith("\n") else "\n"
        text_files.replace_file(path, f"{text}{gap}{added}", path.stat().st_mode & 0o7777)
        return [f"{path}: lines that were added to our hook stand at its end now"]
    aside = path.with_name(path.name + ADDED)
    text_files.write(aside, SH + added, 0o755)
    return [f"{path}: lines that were added to our hook are in {aside}"]


def _added(current: str | None, wrote: str) -> str:
    """Return what somebody put around our lines: all of it but the line that names the shell.

    ``wrote`` is the hook as we put it there: earlier versions had lines after their mark.
    """
    text = (current or "").replace("\r\n", "\n")  # sh would take the rest of a line for a command
    begin, end = text.find(BEGIN), text.find(END)
    if not 0 <= begin < end:
        return without_block(text)
    rest = text[end + len(END) :].removeprefix("\n")
    tail = wrote[wrote.find(END) + len(END) :].removeprefix("\n") if END in wrote else ""
    if tail and rest.startswith(tail.rstrip("\n")):
        rest = rest[len(tail.rstrip("\n")) :].removeprefix("\n")
    above = [line for line in text[:begin].splitlines(keepends=True) if line.strip()]
    if above and above[0].startswith("#!"):
        above = above[1:]
    return "".join(above) + rest
