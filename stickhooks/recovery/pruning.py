"""What is kept has bounds: the oldest snapshots go, and with them the bytes that no other one has.

Who removes takes a lock; who makes a snapshot does not, and may count on a blob that no list names yet:
so young blobs are spared. What somebody wants forgotten goes at once. A list that cannot be read may be
another version's: while there is one, what only it may name stays.
"""

from __future__ import annotations

import os
import time

from stickhooks.errors import Refusal
from stickhooks.fast.records import Frozen, dataclass, replace
from stickhooks.recovery import blobs, entries, lists, loose, packs
from stickhooks.recovery.loose import SUFFIX
from stickhooks.store import layout
from stickhooks.system import lock
from stickhooks.system.filesystem import reported
from stickhooks.system.folder import Folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Set
    from typing import Final

    from stickhooks.recovery.entries import Listed
    from stickhooks.recovery.lists import Place

YOUNG_S: Final = 3600.0
MAKING_S: Final = 180.0  # more than any snapshot takes
LOCK_S: Final = 10.0
WASTE: Final = 0.5  # of a pack's blobs: it is written anew where so many are in no list


@dataclass(frozen=True)
class Size(Frozen):
    """How much a store takes: snapshots and bytes on disk."""

    snapshots: int
    bytes: int


def size(place: Place) -> Size:
    return Size(len(lists.names(place)), sum(size for _, size in _files(place.folder)))


def _files(folder: str) -> Iterator[tuple[str, int]]:
    """Yield all files below a folder with their sizes; what goes meanwhile is passed over."""
    for top, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(top, name)
            try:
                yield path, os.lstat(path).st_size
            except OSError:
                continue


def prune(place: Place, turns: int, most: int) -> int:
    """Remove the oldest snapshots above so many turns or bytes, and return how many went.

    Those of a turn that runs stay, whatever they take. Nothing is done where somebody else prunes.
    """
    if not lists.names(place):
        return 0
    with _alone(place, 0.0) as ours:
        if not ours:
            return 0
        found, whole = _every(place)
        stay = _running(found)
        old = {listed.id for listed in _beyond(found, turns)} - stay
        rest = [listed for listed in found if listed.id not in old]
        old |= {listed.id for listed in _above(place, rest, most)} - stay
        rest = [listed for listed in found if listed.id not in old]
        if old and not whole:
            old |= {id for id in lists.names(place, edits=True) if id < rest[-1].id}
        for id in old:
            lists.remove(place, id)
        _sweep(place, rest, YOUNG_S, whole=whole)
        return len(old)


def _every(place: Place) -> tuple[list[Listed], bool]:
    """Return the snapshots that can be read, the newest first, and whether those are all."""
    names = lists.names(place, edits=True)
    found = [listed for name in names if (listed := lists.read(place, name))]
    return found, len(found) == len(names)


def _above(place: Place, found: list[Listed], most: int) -> list[Listed]:
    """Return the snapshots, newest first, that are older than those that take so many bytes.

    Counted is what each has that no newer one has: what is young is not removed at once, and would
    else have more and more snapshots go in vain.
    """
    on_disk, seen, total = _sizes(place), set[str](), 0
    for i, listed in enumerate(found):
        new = _names(listed) - seen
        seen |= new
        total += sum(on_disk.get(name, 0) for name in new) + on_disk.get(listed.id, 0)
        if total > most:
            return found[i:]
    return []


def _sizes(place: Place) -> dict[str, int]:
    """Return what each blob and list takes on disk; of a pack each blob an equal share."""
    found = {}
    for path, size in _files(place.folder):
        folder, name = os.path.split(path)
        if name.endswith((lists.ENDING, lists.EDITS)):
            found[name.rpartition(".")[0]] = size
        else:
            found[os.path.basename(folder) + name] = size
    for path, names in packs.Packs(place.objects).names():
        share = os.stat(path).st_size // max(1, len(names))
        found.update(dict.fromkeys(names, share))
    return found


def _running(found: list[Listed]) -> set[str]:
    """Return the snapshots, newest first, that belong to turns that run now, as the newest says."""
    newest = next((listed for listed in found if not listed.written), None)
    stay = {listed.id for listed in found[: found.index(newest) + 1]} if newest else set()
    for turn in newest.rooms.values() if newest else ():
        if not turn.holder:
            continue
        for listed in found:
            now = listed.rooms.get(turn.room)
            if listed.written and now is None:
                continue  # edits of another room's turn
            if now is None or (now.room_id, now.turn) != (turn.room_id, turn.turn):
                break
            stay.add(listed.id)
    return stay


def _beyond(found: list[Listed], turns: int) -> list[Listed]:
    """Return the snapshots, newest first, that are older than the begin of the last so many turns."""
    begins = 0
    for i, listed in enumerate(found):
        begins += listed.why in entries.BEGINS
        if begins >= turns:
            return found[i + 1 :]
    return []


def forget_all(place: Place) -> None:
    """Remove everything that is kept for a working tree. Raises Refusal ``io``."""
    import shutil  # slow: it brings the compressors along

    if not os.path.isdir(place.folder):
        return
    with reported(place.folder), _alone(place, LOCK_S) as ours:
        _check(ours)
        for name in (layout.SNAPSHOT_LISTS, layout.SNAPSHOT_OBJECTS):
            inner = os.path.join(place.folder, name)
            if os.path.isdir(inner):  # one is gone where it ended half-way
                shutil.rmtree(inner)


def forget_list(place: Place, id: str) -> None:
    """Remove one snapshot, and the bytes that no other one has. Raises Refusal ``io``."""
    with reported(place.folder), _alone(place, LOCK_S) as ours:
        _check(ours)
        listed = lists.read(place, id)
        lists.remove(place, id)
        _sweep_forgotten(place, _names(listed) if listed else set())


def forget_path(place: Place, path: str) -> int:
    """Take a path, or all below a folder, out of all snapshots; return in how many it was.

    Raises Refusal ``io``: done again, it goes on where it ended.
    """
    from stickhooks.recovery.plan import covers

    count, forgotten = 0, set[str]()
    with reported(place.folder), _alone(place, LOCK_S) as ours:
        _check(ours)
        for listed in list(lists.every(place, edits=True)):
            paths = {p: entry for p, entry in listed.paths.items() if not covers(path, p)}
            left = {p: why for p, why in listed.left.items() if not covers(path, p)}
            left |= {p: "forgotten" for p in listed.paths if p not in paths}
            if len(paths) < len(listed.paths):
                lists.write(place, replace(listed, paths=paths, left=left))
                forgotten |= _names(listed)
                count += 1
        _sweep_forgotten(place, forgotten)
    return count


def _check(ours: bool) -> None:
    if not ours:
        raise Refusal("io", "another process removes snapshots just now; nothing was forgotten")


def _sweep_forgotten(place: Place, blobs_of_it: Set[str]) -> None:
    found, whole = _every(place)
    _sweep(place, found, MAKING_S, whole=whole, forgotten=blobs_of_it)


def _sweep(
    place: Place,
    found: list[Listed],
    spared: float,
    *,
    whole: bool,
    forgotten: Set[str] | None = None,
) -> None:
    """Remove the blobs that no list names: what is ``forgotten`` at once, else what is older than so
    many seconds, where the lists ``found`` are the ``whole``."""
    named = {name for listed in found for name in _names(listed)}
    gone = (forgotten or frozenset()) - named
    until = time.time() - spared
    for path, _ in list(_files(place.objects)):
        name = os.path.basename(os.path.dirname(path)) + os.path.basename(path)
        torn = path.endswith(SUFFIX) or os.path.basename(path).startswith("tmp_")
        loose = len(name) in (40, 64) and not name.strip("0123456789abcdef")
        if name in gone:
            os.unlink(path)
        elif torn or (loose and whole and name not in named):
            _unlink(path, until)
    for path, there in packs.Packs(place.objects).names():
        spares = not whole or _is_young(path, until)
        rest = [name for name in there if (name not in gone if spares else name in named)]
        if len(rest) == len(there) or (forgotten is None and len(rest) > WASTE * len(there)):
            continue
        _repack(place, path, rest, promised=not gone.isdisjoint(there))
    for path in packs.without_index(place.objects) if gone else ():
        if not _is_young(path, until):  # one that is made just now has none yet
            _rescue(place, path, gone)


def _names(listed: Listed) -> set[str]:
    """Return the blobs that a snapshot names: of files and of what was staged."""
    found = {entry.blob for entry in listed.paths.values()}
    return found | {entry.index[1] for entry in listed.paths.values() if entry.index}


def _repack(place: Place, path: str, used: list[str], *, promised: bool) -> None:
    """Write the blobs of a pack that are still named one by one, or as another pack; remove the pack.

    A damaged one stays as it is, for what may yet be read of it; but it goes where it has what was
    ``promised`` to be forgotten, with what nobody can read of it.
    """
    kept = {}
    for name in used:
        try:
            kept[name] = blobs.read(place, name)
        except KeyError:
            if not promised:
                return
    _write(place, kept)
    _remove_pack(path)


def _remove_pack(path: str) -> None:
    for ending in (".idx", ".pack", ".rev"):  # the index first: a pack without one is passed over
        try:
            os.unlink(os.path.splitext(path)[0] + ending)
        except FileNotFoundError:
            pass


def _rescue(place: Place, path: str, gone: Set[str]) -> None:
    """Remove a pack of which no index tells what is in it, after what is not ``gone`` was written anew."""
    make = loose.hasher_of(next(iter(gone)))
    for data in packs.walked(path):
        name = loose.name_of(data, make)
        if name not in gone:  # one by one: a pack of them could be this very one again
            loose.write(place.objects, name, data)
    _remove_pack(path)


def _write(place: Place, kept: dict[str, bytes]) -> None:
    if len(kept) >= blobs.PACK_FROM:
        maker = packs.Maker(place.objects, loose.hasher_of(next(iter(kept))))
        for data in kept.values():
            maker.add(data)
        maker.finish(place.root)
    else:
        for name, data in kept.items():
            loose.write(place.objects, name, data)


def _is_young(path: str, until: float) -> bool:
    try:
        return os.lstat(path).st_mtime > until
    except OSError:
        return True


def _unlink(path: str, until: float) -> None:
    """Remove a file that was last touched before a time. It is looked at right before."""
    try:
        if not _is_young(path, until):
            os.unlink(path)
    except OSError:
        pass


class _alone:  # noqa: N801 - used like a function
    """Have the only right to remove; gives False where another process has it for so long."""

    def __init__(self, place: Place, seconds: float) -> None:
        self.place = place
        self.seconds = seconds
        self.fd = -1

    def __enter__(self) -> bool:
        try:
            with Folder.open(self.place.folder) as folder:
                self.fd = folder.file(layout.SNAPSHOT_LOCK, os.O_RDWR | os.O_CREAT)
            return lock.within(self.fd, self.seconds) if self.seconds else lock.alone(self.fd)
        except OSError as error:
            self.__exit__()
            raise Refusal("io", f"{self.place.folder}: {error.strerror}") from None

    def __exit__(self, *_: object) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
