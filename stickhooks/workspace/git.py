"""What stickhooks asks git of refs, index, settings and history: one function a command."""

from __future__ import annotations

import contextlib
import os
import subprocess

from stickhooks.errors import Refusal
from stickhooks.protocol import phases
from stickhooks.workspace import git_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Final

clean = git_process.clean
_run = git_process.run

LOOK_SECONDS: Final = 5.0
EXCLUDED: Final = 200  # folders that git is told to leave out: it compares each with every file
SUBJECT: Final = "\x1f"


def staged(folder: str, env: Mapping[str, str]) -> list[str]:
    """Return the paths that a commit would change, as git names them; a rename gives both names.

    Asked from within a hook: ``env`` is the one git gave it, for ``commit -a`` and
    ``commit PATH`` stage into an index of their own.
    """
    arguments = (
        "diff", "--cached", "--name-only", "-z", "--no-renames", "--no-ext-diff",
        "--ignore-submodules=none",
    )  # fmt: skip
    return _names(_run(folder, arguments, env))


def changed(folder: str, old: str, new: str, env: Mapping[str, str]) -> list[str] | None:
    """Return the paths that differ between two commits, where ``new`` follows from ``old``.

    ``old`` may be zeros (a first commit). None where ``new`` neither has ``old`` behind it
    nor takes its place (an amended commit): then no path tells what is lost.
    """
    options = (
        "-r", "-z", "--name-only", "--no-renames", "--no-commit-id", "--ignore-submodules=none",
    )  # fmt: skip
    if not old.strip("0"):
        return _names(_run(folder, ("ls-tree", "-r", "-z", "--name-only", new), env))
    if not (
        _follows(folder, old, new, env) or _parents(folder, old, env) == _parents(folder, new, env)
    ):
        return None
    return _names(_run(folder, ("diff-tree", *options, old, new), env))


def between(folder: str, old: str, new: str, env: Mapping[str, str]) -> list[str]:
    """Return the paths that differ between two commits, ``[]`` where that cannot be told."""
    options = ("-r", "-z", "--name-only", "--no-renames", "--no-commit-id")
    return _names(_ask(folder, ("diff-tree", *options, old, new), env) or "")


def committed_since(folder: str, commit: str, head: str = "HEAD") -> list[str]:
    """Return the paths that commits since ``commit`` changed, ``[]`` where ``head`` does not follow it."""
    if commit == head or not (commit and head):
        return []
    env = clean(os.environ)
    return between(folder, commit, head, env) if _follows(folder, commit, head, env) else []


def commits_between(
    folder: str, old: str, new: str, below: Iterable[str], without: Sequence[str] = ()
) -> list[tuple[str, str]]:  # fmt: skip
    """Return names and subjects of the commits that ``new`` has and ``old`` has not, the newest first.

    Only those that touch one of the places ``below``, and not some in them alone. ``[]`` where git cannot
    tell; all of ``new`` where ``old`` is ``""``.
    """
    if not new:
        return []
    behind = (f"^{old}",) if old else ()
    places = dict.fromkeys(place for one in below for place in _below(one, without))
    told = _look(folder, ("log", "-z", f"--format=%H{SUBJECT}%s", new, *behind, "--", *places))
    found = (one.partition(SUBJECT) for one in _names(told or ""))
    return [(commit, subject) for commit, _, subject in found]


def _follows(folder: str, old: str, new: str, env: Mapping[str, str]) -> bool:
    return _ask(folder, ("merge-base", "--is-ancestor", old, new), env) is not None


def _parents(folder: str, commit: str, env: Mapping[str, str]) -> str:
    return _run(folder, ("rev-parse", f"{commit}^@"), env)


def value_of(folder: str, ref: str, env: Mapping[str, str]) -> str | None:
    """Return the object that a ref names now, or None where it is not there."""
    found = _ask(folder, ("rev-parse", "-q", "--verify", ref), env)
    return found and found.strip()


def files_of(folder: str, tree: str, env: Mapping[str, str]) -> list[str]:
    """Return all paths of a commit or tree, ``[]`` where it cannot be read."""
    options = ("-r", "-z", "--name-only", "--full-tree")
    return _names(_ask(folder, ("ls-tree", *options, tree), env) or "")


def apply_stash(folder: str, stash: str, env: Mapping[str, str]) -> None:
    """Put a stash into index and tree, staged as it was. Raises Refusal ``io`` where git cannot."""
    _run(folder, ("stash", "apply", "--index", "--quiet", stash), env)


def index_tree(folder: str, git_dir: str, env: Mapping[str, str]) -> str:
    """Return the tree that the index holds, ``""`` where it holds conflicts.

    A copy of the index is asked, for git may have the index itself locked just now.
    """
    index = os.path.join(folder, env.get("GIT_INDEX_FILE") or os.path.join(git_dir, "index"))
    copy = os.path.join(git_dir, f"stickhooks-index.{os.getpid()}")
    import shutil  # slow: it brings the compressors along

    try:
        shutil.copyfile(index, copy)
        return (_ask(folder, ("write-tree",), {**env, "GIT_INDEX_FILE": copy}) or "").strip()
    finally:
        with contextlib.suppress(OSError):
            os.unlink(copy)


def has_conflicts(folder: str, env: Mapping[str, str]) -> bool:
    return bool(_ask(folder, ("ls-files", "-u", "-z"), env))


def subject_of(folder: str, commit: str, env: Mapping[str, str]) -> str:
    return (_ask(folder, ("log", "-1", "--format=%s", commit), env) or "").strip()


def patches_of_stash(
    folder: str, stash: str, env: Mapping[str, str], *, index: bool
) -> list[tuple[str, bytes]]:
    """Return what a stash that was just applied changed, as patches with the options of ``git apply``.

    The files in the tree first, those untracked before as well; then what it staged: new files,
    with ``index`` all of it.
    """
    quiet = {**env, "GIT_OPTIONAL_LOCKS": "0"}
    diff = ("diff", "--binary", "--no-ext-diff", "--no-textconv", "--no-renames")
    named = _names(_run(folder, ("diff", "--name-only", "-z", f"{stash}^", stash), quiet))
    paths = ("--", *(f":(top,literal){path}" for path in named))
    files = _run(folder, (*diff, *paths), quiet) if named else ""
    if value_of(folder, f"{stash}^3", quiet):
        nothing = _run(folder, ("hash-object", "-t", "tree", os.devnull), quiet).strip()
        files += _run(folder, (*diff, nothing, f"{stash}^3"), quiet)
    kinds = () if index else ("--diff-filter=A",)
    staged_ = _run(folder, (*diff, "--cached", *kinds, *paths), quiet) if named else ""
    return [(o, os.fsencode(p)) for o, p in (("", files), ("--index ", staged_)) if p]


def head_history(folder: str, limit: int) -> list[tuple[str, int, str, str]]:
    """Return HEAD's last moves, the newest first: commit, time in seconds, who, and what git says."""
    form = "--format=%H%x00%gd%x00%gn <%ge>%x00%gs"
    found = _ask(folder, ("log", "-g", f"-n{limit}", "--date=unix", form, "HEAD"))
    moves = [line.split("\0", 3) for line in (found or "").splitlines()]
    return [(m[0], _seconds(m[1]), m[2], m[3]) for m in moves if len(m) == 4]


def commits_made(
    folder: str, limit: int, below: str, without: Sequence[str]
) -> list[tuple[int, str]]:
    """Return the last commits that were made in this working tree, the oldest first: time, subject.

    git's log of HEAD tells these from commits that were fetched. Those that touch no path of a
    folder are left out; see ``commits_since``.
    """
    made = [
        (commit, seconds, what.partition(": ")[2])
        for commit, seconds, _, what in reversed(head_history(folder, limit))
        if what.startswith("commit")
    ]
    if made and (below or without):
        where = ("HEAD", f"-n{limit}", "--", *_below(below, without))
        ours = set((_look(folder, ("log", "--format=%H", *where)) or "").split())
        made = [it for it in made if it[0] in ours]
    return [(seconds, subject) for _, seconds, subject in made]


def _seconds(selector: str) -> int:
    """Return the time in ``HEAD@{1700000000}``."""
    digits = selector.partition("{")[2].rstrip("}")
    return int(digits) if digits.isdigit() else 0


def is_tracked(folder: str, path: str) -> bool:
    """Tell whether git tracks a file or anything in a folder; links on the way are followed."""
    real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    return bool(_names(_run(folder, ("ls-files", "-z", "--", real))))


def tracked_files(folder: str) -> list[str]:
    """Return the regular files that git tracks, as git names them."""
    entries = _names(_run(folder, ("ls-files", "-z", "-s")))
    return [entry.partition("\t")[2] for entry in entries if entry.startswith("100")]


def is_ignored(folder: str, path: str) -> bool:
    return _ask(folder, ("check-ignore", "-q", "--", path)) is not None


def uncommitted(folder: str, below: str, without: Sequence[str]) -> list[str] | None:
    """Return what is not committed below a folder of a tree, ``without`` some folders in it.

    New files too, unless git's own settings leave them out. None where git cannot tell, or
    not in ``LOOK_SECONDS``. Nothing is written, not even the index that git would refresh.
    """
    options = ("--porcelain", "-z", "--no-renames")
    found = _look(folder, ("status", *options, "--", *_below(below, without)))
    return None if found is None else _left([entry[3:] for entry in _names(found)], without)


def commits_since(
    folder: str, seconds: int, below: str, without: Sequence[str], head: str = ""
) -> list[str] | None:
    """Return the subjects of HEAD's commits since a time that touch a folder, the newest first.

    Those that the commit ``head`` has behind it are left out. None as for ``uncommitted``; also
    before the first commit.
    """
    behind = (f"^{head}",) if head else ()
    names = ("--name-only", "--no-renames") if len(without) > EXCLUDED else ()
    options = ("-z", f"--format={SUBJECT}%s", *names, f"--since=@{seconds}", "HEAD", *behind)
    paths = ("--", *_below(below, without)) if below or without else ()  # else empty ones as well
    found = _look(folder, ("log", *options, *paths))
    if found is None:
        return None
    commits = [it.strip("\0\n").split("\0") for it in found.split(SUBJECT)[1:]]
    if not names:
        return [subject for subject, *_ in commits]
    return [one for one, *files in commits if _left([f.lstrip("\n") for f in files], without)]


def turn_of(
    folder: str, begin: str, below: str, without: Sequence[str]
) -> tuple[list[str], list[str]] | None:
    """Return the subjects of HEAD's commits since the commit ``begin``, the newest first, and the
    files that they changed, below a folder as above. All commits where ``begin`` is ``""``.

    None as for ``uncommitted``; also where ``begin`` is no commit here.
    """
    since = (f"^{begin}",) if begin else ()
    where = ("HEAD", *since, "--", *_below(below, without))
    subjects = _look(folder, ("log", "-z", "--format=%s", *where))
    files = _look(folder, ("log", "-z", "--format=", "--name-only", *where))
    if subjects is None or files is None:
        return None
    return subjects.split("\0")[:-1], list(dict.fromkeys(_names(files)))


def _below(below: str, without: Sequence[str]) -> list[str]:
    few = without if len(without) <= EXCLUDED else ()
    return [f":(literal){below}" if below else ".", *(f":(exclude,literal){w}" for w in few)]


def _left(paths: list[str], without: Sequence[str]) -> list[str]:
    """Return the paths that lie in none of some folders: git was not told of more than a few."""
    if len(without) <= EXCLUDED:
        return paths
    folders = frozenset(without)
    return [path for path in paths if phases.governing(folders, path) is None]


def _look(folder: str, arguments: Sequence[str]) -> str | None:
    """Ask git what it must neither write for nor take long over."""
    env = {**clean(os.environ), "GIT_OPTIONAL_LOCKS": "0"}
    try:
        return _run(folder, arguments, env, LOOK_SECONDS)
    except (Refusal, subprocess.TimeoutExpired):
        return None


def hooks_path(folder: str) -> tuple[str, str]:
    """Return the folder that git takes hooks from, and the scope of the setting that says so.

    The scope is ``""`` where nobody set ``core.hooksPath``.
    """
    found = _run(folder, ("rev-parse", "--git-path", "hooks")).rstrip("\n")
    setting = _ask(folder, ("config", "--show-scope", "--get", "core.hooksPath"))
    scope = setting.split("\t")[0] if setting else ""
    return os.path.realpath(os.path.join(folder, found)), scope


def hooks_setting(folder: str, scope: str = "") -> str:
    """Return ``core.hooksPath`` as it is set, ``""`` where it is not; in one scope or in all."""
    where = (f"--{scope}",) if scope else ()
    told = _ask(folder, ("config", *where, "--type=path", "--get", "core.hooksPath"))
    return (told or "").rstrip("\n")


def hooks_in_configuration(folder: str) -> list[str]:
    """Return the names of hooks that git's configuration has (2.54 and newer run them)."""
    told = _ask(folder, ("config", "--name-only", "-z", "--get-regexp", r"^hook\..*\.command$"))
    return [name[len("hook.") : -len(".command")] for name in _names(told or "")]


def recurses(folder: str) -> bool:
    """Tell whether git is set to change submodules with the tree that they lie in."""
    told = _ask(folder, ("config", "--type=bool", "--get", "submodule.recurse"))
    return (told or "").strip() == "true"


def alias(folder: str, name: str) -> tuple[str, str] | None:
    """Return what an alias stands for, and the top of the working tree that a ``!`` one is run in.

    None where there is none, or where git would run a program of that name before it looks for one.
    """
    if not os.path.isdir(folder) or not name.replace("-", "").isalnum():
        return None
    value = (_ask(folder, ("config", "--get", f"alias.{name}")) or "").strip()
    places = [*os.environ.get("PATH", "").split(os.pathsep), (_ask(folder, ("--exec-path",)) or "")]
    if not value or any(os.path.exists(os.path.join(p.strip(), f"git-{name}")) for p in places):
        return None
    return value, (_ask(folder, ("rev-parse", "--show-toplevel")) or "").strip()


def hook_command(name: str, arguments: Sequence[str]) -> list[str]:
    """Return the command line that has git start one hook as it would by itself (2.36 and newer)."""
    return git_process.unpinned(("hook", "run", name, "--", *arguments))


def settings(folder: str, name: str) -> list[tuple[str, str]]:
    """Return scope and value of every place that sets ``name`` but a command line; the last one counts."""
    told = (_ask(folder, ("config", "--show-scope", "-z", "--get-all", name)) or "").split("\0")
    return [one for one in zip(told[:-1:2], told[1::2], strict=True) if one[0] != "command"]


def asking_monitor() -> list[str]:
    """Return a command line by which git asks ``core.fsmonitor``, and writes nothing."""
    return git_process.unpinned(
        ("--no-optional-locks", "status", "--porcelain", "--untracked-files=no")
    )


def configure(folder: str, scope: str, name: str, value: str) -> None:
    """Set ``name`` in one scope, ``local`` or ``file=PATH`` say, or unset it with ``""``."""
    how = ("--replace-all", name, value) if value else ("--unset-all", name)
    _run(folder, ("config", f"--{scope}", *how))


def configuration(folder: str) -> list[str] | None:
    """Return the files that git reads its configuration from; None where that can change by itself.

    What is included only under a condition (a branch, say) is not there to be looked at otherwise.
    """
    told = _ask(folder, ("config", "--list", "--show-origin", "-z"))
    if told is None:
        return None
    files: dict[str, None] = {}
    for origin, setting in zip(told.split("\0")[:-1:2], told.split("\0")[1::2], strict=True):
        if not origin.startswith("file:"):
            continue
        file = os.path.join(folder, origin[len("file:") :])
        files[file] = None
        if setting.startswith("includeif."):
            return None
        if setting.startswith("include.path\n"):
            named = os.path.expanduser(setting.partition("\n")[2])
            files[os.path.join(os.path.dirname(file), named)] = None
    return list(files)


def version() -> tuple[int, ...]:
    """Return git's version as numbers, as far as it consists of such."""
    said = _run(os.path.sep, ("version",)).split()
    parts = said[2].split(".") if len(said) > 2 else []
    return tuple(int(part) for part in parts[:2] if part.isdigit())


def _names(output: str) -> list[str]:
    return [name for name in output.split("\0") if name]


def _ask(folder: str, arguments: Sequence[str], env: Mapping[str, str] | None = None) -> str | None:
    try:
        return _run(folder, arguments, env)
    except Refusal:
        return None
