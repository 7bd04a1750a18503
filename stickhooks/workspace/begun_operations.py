"""Whose an operation of git is that was begun and not ended: a merge, a rebase, a pick.

Only the holder can begin most of them. What a command of somebody else has left there, because git
asked too late, is written down as theirs: they may end it, and nobody is alarmed.
"""

from stickhooks.fast.os import os
from stickhooks.store import layout
from stickhooks.system import clock
from stickhooks.system.folder import read_file, write_file

LIMIT = 1 << 12
AGAIN_S = 5  # seconds: git asks several times for one --abort
#: What lies in the git dir then: the file in it that says what is done, and the command for that.
MARKS = {
    "MERGE_HEAD": ("MERGE_HEAD", "git merge"),
    "CHERRY_PICK_HEAD": ("CHERRY_PICK_HEAD", "git cherry-pick"),
    "REVERT_HEAD": ("REVERT_HEAD", "git revert"),
    "sequencer": ("sequencer/head", ""),
    "rebase-merge": ("rebase-merge/onto", "git rebase"),
    "rebase-apply": ("rebase-apply/onto", "git rebase"),
}


def note(git_dir: str, agent: str, marks: "dict[str, str]") -> None:
    """Write down that some marks are an agent's, each with the commit that it names."""
    if not marks:
        return
    text = "".join(f"{line}\n" for line in [agent, *_lines(git_dir, marks)])
    _write(_path(git_dir), text)


def forget(git_dir: str) -> None:
    """Forget whose an operation was: another is begun, that may have the same marks."""
    try:
        os.unlink(_path(git_dir))
    except OSError:
        pass


def _lines(git_dir: str, marks: "dict[str, str]") -> "list[str]":
    """Return a line for each mark: two operations may name the same commit, and ``git am`` names
    none, so the time is in it when a file was written that git writes once an operation."""
    return [f"{mark} {commit} {_written(git_dir, mark)}" for mark, commit in marks.items()]


def _written(git_dir: str, mark: str) -> str:
    for name in (MARKS[mark][0], f"{mark}/keep"):
        try:
            return str(os.stat(os.path.join(git_dir, name)).st_mtime_ns)
        except OSError:
            pass
    return ""


def is_of(git_dir: str, agent: str) -> bool:
    """Tell whether all that is under way was written down as that agent's."""
    try:
        data = read_file(_path(git_dir), LIMIT) or b""
    except ValueError:
        return False
    name, *lines = data.decode("utf-8", "replace").splitlines() or [""]
    there = _lines(git_dir, lying(git_dir))
    known = all(x in lines or f"{x.rpartition(' ')[0]} " in lines for x in there)
    return bool(agent) and name == agent and bool(there) and known


def lying(git_dir: str) -> "dict[str, str]":
    """Return the marks that are there, each with the commit that it names."""
    there = {mark: file for mark, (file, _) in MARKS.items() if _lies(git_dir, mark)}
    return {mark: _first_word(os.path.join(git_dir, file)) for mark, file in there.items()}


def told_already(git_dir: str) -> bool:
    """Tell whether the end of what is under way was told just now, and write down that it is."""
    path, marks = _path(git_dir, layout.BEGUN_ENDED), repr(lying(git_dir))
    now = clock.read()[0] // 1000
    try:
        at, _, before = (read_file(path, LIMIT) or b"").decode().partition("\n")
    except ValueError:
        at, before = "", ""
    if at.isdigit() and 0 <= now - int(at) < AGAIN_S and before == marks:
        return True
    _write(path, f"{now}\n{marks}")
    return False


def again(git_dir: str) -> str:
    """Return the command that begins anew what is under way, ``""`` where that is not known."""
    for mark, commit in lying(git_dir).items():
        if commit and MARKS[mark][1]:
            return f"{MARKS[mark][1]} {commit}"
    return ""


def _write(path: str, text: str) -> None:
    """Write a note. Where that cannot be, it is nobody's, and told again."""
    try:
        write_file(path, text.encode("utf-8", "backslashreplace"))
    except OSError:
        pass


def _path(git_dir: str, name: str = layout.BEGUN) -> str:
    return os.path.join(git_dir, layout.GIT_FOLDER, name)


def _lies(git_dir: str, mark: str) -> bool:
    return os.path.lexists(os.path.join(git_dir, mark))


def _first_word(path: str) -> str:
    """Return the first word of a file, ``""`` where it has none that is a commit's name."""
    try:
        data = read_file(path, LIMIT) or b""
    except ValueError:
        data = b""
    words = data.decode("ascii", "replace").split()
    return words[0] if words and words[0].isalnum() else ""
