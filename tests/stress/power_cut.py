"""What may be on a disk after some recorded steps and a crash."""

from __future__ import annotations

import os
import random
from typing import Literal, TypeAlias

from .recorder import Step

#: How a file system keeps names. ``journal``: a sync of anything makes all earlier changes of
#: names durable, the rest is lost in order (ext4, XFS). ``folders``: names are durable when
#: their folder was synced, or when the new file itself was; the rest is lost in any order
#: (the letter of fsync(2), and btrfs).
Model: TypeAlias = Literal["journal", "folders"]


Tree: TypeAlias = dict[str, bytes | None]  # None: a folder


def after_crash(steps: list[Step], model: Model, rng: random.Random) -> Tree:
    """Return what may be on the disk after these steps and a crash."""
    kept = _names_kept(steps, model, rng)
    contents = _contents(steps, rng)
    tree: Tree = {}
    names: dict[str, int] = {}
    top = os.path.dirname(steps[0].path)
    for step in kept:
        if step.kind == "mkdir":
            if step.folder in tree or step.folder == top:
                tree[step.path] = None
        elif step.kind == "create":
            names[step.path] = step.file
        elif step.kind == "unlink":
            names.pop(step.path, None)
        elif step.path in names:
            names[step.to] = names.pop(step.path)
    for path, file in names.items():
        if os.path.dirname(path) in tree:
            tree[path] = contents.get(file, b"")
    return tree


def _names_kept(steps: list[Step], model: Model, rng: random.Random) -> list[Step]:
    """Return the changes of names that survive, in their order."""
    changes = [
        (i, s) for i, s in enumerate(steps) if s.kind in ("mkdir", "create", "rename", "unlink")
    ]
    if model == "journal":
        last = max((i for i, s in enumerate(steps) if s.kind in ("sync", "syncdir")), default=-1)
        sure = [s for i, s in changes if i < last]
        loose = [s for i, s in changes if i > last]
        return sure + loose[: rng.randint(0, len(loose))]
    lost: set[int] = set()
    loose_by_folder: dict[str, list[int]] = {}
    for i, step in changes:
        if not _is_durable(step, steps[i + 1 :]):
            loose_by_folder.setdefault(step.folder, []).append(i)
    for loose_here in loose_by_folder.values():
        if rng.random() < 0.5:
            lost.update(loose_here[rng.randint(0, len(loose_here)) :])
        else:
            lost.update(i for i in loose_here if rng.random() < 0.5)
    return [s for i, s in changes if i not in lost]


def _is_durable(step: Step, later: list[Step]) -> bool:
    """Tell whether a change of a name was made durable: a new name also by a sync of what is under it."""
    for one in later:
        if one.kind == "syncdir" and one.path == step.folder:
            return True
        if step.kind == "create" and one.kind == "sync" and one.file == step.file:
            return True
        inside = one.path == step.path or one.path.startswith(step.path + os.sep)
        if step.kind == "mkdir" and one.kind in ("sync", "syncdir") and inside:
            return True
    return False


def _contents(steps: list[Step], rng: random.Random) -> dict[int, bytes]:
    """Return what is in each file: what was synced, and of the rest a beginning, torn or zeroed."""
    writes: dict[int, list[Step]] = {}
    synced: dict[int, int] = {}
    for step in steps:
        if step.kind in ("write", "cut"):
            writes.setdefault(step.file, []).append(step)
        elif step.kind == "sync":
            synced[step.file] = len(writes.get(step.file, []))
    found: dict[int, bytes] = {}
    for file, all_of_it in writes.items():
        sure = synced.get(file, 0)
        kept = rng.randint(sure, len(all_of_it))
        data = bytearray()
        for number, step in enumerate(all_of_it[:kept]):
            if step.kind == "cut":
                del data[step.at :]
                continue
            piece = step.data
            if number == kept - 1 and number >= sure:
                piece = _torn(piece, rng)
            data[step.at : step.at + len(piece)] = piece
        found[file] = bytes(data)
    return found


def _torn(piece: bytes, rng: random.Random) -> bytes:
    choice = rng.random()
    if choice < 0.4:
        return piece
    if choice < 0.8:
        return piece[: rng.randint(0, len(piece))]
    return bytes(len(piece))  # the length was written down, the content was not


def materialise(tree: Tree, old: str, new: str) -> None:
    """Make a tree, recorded below ``old``, below ``new``."""
    for path in sorted(tree):
        data = tree[path]
        target = new + path.removeprefix(old)
        if data is None:
            os.mkdir(target, 0o700)
        else:
            fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(fd, data)
            os.close(fd)
