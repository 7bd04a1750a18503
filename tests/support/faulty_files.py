"""Verbs and hooks on a room one of whose files is not what it was: run in forks of one warm process.

    python faulty_files.py TREE SEED COUNT

Draws ``COUNT`` places that are spoiled, and a few verbs for each; with 0 all places and all verbs.
Prints a line of JSON a case: the fault, the file, the verb, the exit code (None: it did not end),
the text, and who holds the stick afterwards by the state, where that can be read.
"""

from __future__ import annotations

import json
import os
import random
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

LIMIT_S = 60.0
LOOKS = (
    "gate",
    "pre-commit",
    "post-checkout",
    "status",
    "statusline",
    "board",
    "take",
    "log",
    "doctor",
)
ACTS = ("join", "doctor --fix", "release -m done", "uninit")
#: Below the tree. What is not there after a turn with a commit is made first.
FILES = (
    ".talking-stick", ".talking-stick/room.json", ".talking-stick/lock", ".talking-stick/log",
    ".talking-stick/log/ROOM", ".talking-stick/log/ROOM/events.jsonl",
    ".talking-stick/log/ROOM/sightings.jsonl", ".talking-stick/line", ".talking-stick/.gitignore",
    ".git/stickhooks", ".git/stickhooks/anchor.json", ".git/stickhooks/seal", ".git/stickhooks/pass",
    ".git/stickhooks/head", ".git/stickhooks/heads", ".git/stickhooks/reflog",
    ".git/stickhooks/guard.json", ".git/stickhooks/installed.json",
    ".git/stickhooks/copies", ".git/stickhooks/copies/ROOM/state.json",
    ".git/stickhooks/copies/ROOM/events.jsonl",
)  # fmt: skip
#: Without these nothing can be said of the room.
NEEDED = (
    ".talking-stick", ".talking-stick/room.json", ".git/stickhooks", ".git/stickhooks/anchor.json",
)  # fmt: skip
FAULTS = ("pipe", "folder", "loop", "device", "barred")
#: A doctor starts every hook of git, which takes as long as twenty other verbs.
SLOW = ("doctor", "doctor --fix")


def fork(
    words: list[str], cwd: Path, stdin: bytes = b"", prepare: Callable[[], None] | None = None
) -> tuple[int | None, str]:
    """Run one command line of ``stick``, or of ``hook.py``; return its exit code and its text."""
    (out, into), (source, feed) = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        for fd, number in ((source, 0), (into, 1), (into, 2)):
            os.dup2(fd, number)
        for fd in (out, into, source, feed):
            os.close(fd)
        _become(words, cwd, prepare)
    os.close(into)
    os.close(source)
    os.write(feed, stdin)
    os.close(feed)
    text, ended = _read(out)
    os.close(out)
    if not ended:
        os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    return os.waitstatus_to_exitcode(status) if ended else None, text


def _become(words: list[str], cwd: Path, prepare: Callable[[], None] | None) -> None:
    try:
        os.chdir(cwd)
        if prepare:
            prepare()
        sys.argv = words
        if words[0] == "hook.py":
            from stickhooks.handlers.common import start

            start()
        from stickhooks.__main__ import main

        main()
    except SystemExit as error:
        os._exit(error.code if isinstance(error.code, int) else 1)
    except BaseException:
        import traceback

        os.write(2, traceback.format_exc().encode())
        os._exit(99)
    os._exit(98)


def _read(fd: int) -> tuple[str, bool]:
    """Return what is written to a pipe, and whether it was closed in time."""
    pieces: list[bytes] = []
    until = time.monotonic() + LIMIT_S
    while select.select([fd], [], [], max(0.0, until - time.monotonic()))[0]:
        piece = os.read(fd, 1 << 16)
        if not piece:
            return b"".join(pieces).decode("utf-8", "replace"), True
        pieces.append(piece)
    return b"".join(pieces).decode("utf-8", "replace"), False


def words_of(verb: str, tree: Path) -> tuple[list[str], bytes]:
    if verb == "gate":
        edit = {"file_path": str(tree / "app.py"), "old_string": "a", "new_string": "b"}
        payload = {"session_id": "s", "cwd": str(tree), "tool_name": "Edit", "tool_input": edit}
        payload["hook_event_name"] = "PreToolUse"
        return ["hook.py", "pre-edit", "--client", "claude-code"], json.dumps(payload).encode()
    if verb == "pre-commit":
        return ["hook.py", "pre-commit", "--git", str(os.getpid())], b""
    if verb == "post-checkout":
        commit = "0" * 39 + "1"
        return ["hook.py", "post-checkout", "--git", str(os.getpid()), commit, commit, "1"], b""
    return ["stick", *verb.split(" ", 2)], b""


def spoil(fault: str, place: Path) -> None:
    """Put something else in the place of a file or folder, or bar it."""
    if fault == "barred":
        place.chmod(0)
        return
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    if fault == "pipe":
        os.mkfifo(place)
    elif fault == "folder":
        place.mkdir()
        (place / "x").write_text("")
    elif fault == "file":
        place.write_text("x")
    elif fault == "loop":
        place.symlink_to(place.name)
    elif fault == "device":
        os.mknod(place, 0o600 | 0o020000, os.makedev(1, 8))  # /dev/random: reading never ends


def drawn(seed: int, count: int) -> Iterator[tuple[str, str, list[str]]]:
    """Yield a fault, a file, and the verbs to try on it: those that change something come last."""
    faults = [fault for fault in FAULTS if fault != "device" or os.geteuid() == 0]
    places = [(fault, name) for name in FILES for fault in faults]
    if not count:
        yield from ((*place, [*LOOKS, act]) for place in places for act in ACTS)
        return
    rng = random.Random(seed)
    needed = rng.sample([place for place in places if place[1] in NEEDED], count // 3)
    others = rng.sample([place for place in places if place[1] not in NEEDED], count - len(needed))
    for i, place in enumerate(needed + others):
        quick = [verb for verb in LOOKS if verb not in SLOW]
        act = rng.choice([act for act in ACTS if act not in SLOW])
        yield (*place, [*rng.sample(quick, 2), rng.choice(SLOW) if i % 8 == 0 else act])


def cases(
    tree: Path, kept: Path, room: str, turns: Iterator[tuple[str, str, list[str]]]
) -> Iterator[dict[str, object]]:
    for fault, name, verbs in turns:
        place = tree / name.replace("ROOM", room)
        again(tree, kept)
        if not place.exists():
            place.touch()
        spoil(fault, place)
        for verb in verbs:
            words, stdin = words_of(verb, tree)
            code, text = fork(words, tree, stdin)
            barred = fault == "barred" and place.exists()
            if barred:
                place.chmod(0o700)
            case = {"fault": fault, "file": name, "verb": verb, "code": code, "text": text}
            yield {**case, **holder(tree)}
            if barred:
                place.chmod(0)


def again(tree: Path, kept: Path) -> None:
    """Bring everything back as it was. The tree itself stays: an anchor names it."""
    for one in tree.iterdir():
        if one.is_dir() and not one.is_symlink():
            for folder in (one, *(p for p in one.rglob("*") if p.is_dir() and not p.is_symlink())):
                folder.chmod(0o700)
            shutil.rmtree(one)
        else:
            one.unlink()
    shutil.copytree(kept, tree, symlinks=True, dirs_exist_ok=True)


def holder(tree: Path) -> dict[str, object]:
    state = tree / ".talking-stick/room.json"
    try:
        if not state.is_file():  # nothing to wait at
            return {"holder": "?", "room": "?"}
        raw: Any = json.loads(state.read_bytes())
        return {"holder": (raw["lease"] or {}).get("holder"), "room": raw["room_id"]}
    except (OSError, ValueError):
        return {"holder": "?", "room": "?"}


def begin(tree: Path) -> str:
    """Make a room with a history in it, held by ada, with the guard on; return its id."""
    for verb in (
        "init --only git", "join --as ada", "take", "release -m half", "take", "guard --chmod",
    ):  # fmt: skip
        code, text = fork(["stick", *verb.split()], tree)
        assert code == 0, (verb, text)
    room = str(holder(tree)["room"])
    ours = tree / ".git/stickhooks"
    for name in ("seal", "pass", "head", "heads", "reflog"):
        (ours / name).touch()
    (tree / f".talking-stick/log/{room}/sightings.jsonl").touch()
    (tree / ".talking-stick/line").mkdir(exist_ok=True)
    return room


def run(tree: Path, seed: int, count: int) -> None:
    os.setsid()
    import stickhooks.cli.app  # noqa: F401 - warm: what is loaded here is not loaded in each fork

    room = begin(tree)
    kept = tree.with_name("kept")
    shutil.copytree(tree, kept, symlinks=True)
    for case in cases(tree, kept, room, drawn(seed, count)):
        print(json.dumps(case), flush=True)


if __name__ == "__main__":
    run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
