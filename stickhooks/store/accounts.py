"""One account a room: what is said to another account, and to one whose files cannot be read.

A state of another account is neither lost nor damaged. To make it anew would void a living turn
and leave files that its owner cannot remove, so nobody but its owner is shown a repair.
"""

from stickhooks.errors import Next, Refusal
from stickhooks.fast.os import os
from stickhooks.system.folder import Unreadable, foreign_owner
from stickhooks.text import plain, word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def refusal(where: str, error: Unreadable) -> Refusal:
    """Return ``io`` for a file or folder that is there and cannot be read by this account."""
    owner = owner_of(where) if error.owner is None else error.owner
    if owner is not None:
        return anothers(where, owner)
    return Refusal(
        "io",
        f"{where} is there, but cannot be read: {error}; nothing is lost and nothing was changed",
        [f"ls -ld {word(where)}", Next("doctor")],
    )


def anothers(where: str, owner: int) -> Refusal:
    """Return ``io`` for what belongs to another account, with the ways that are open to this one."""
    theirs, ours = _name_of(owner), _name_of(os.geteuid())
    gone = "" if theirs else ", an account that is not known here"
    return Refusal(
        "io",
        f"this room belongs to {label(owner)}{gone}; you are {ours or 'uid'} "
        + (f"(uid {os.geteuid()})" if ours else f"{os.geteuid()}")
        + f": work as {theirs or f'uid {owner}'}, or in a clone of your own"
        f" (one account a room; {where})",
        [_becoming(owner)],
        owner=theirs or owner,
        owner_uid=owner,
    )


def hidden(folder: str) -> Refusal:
    """Return ``io`` for what lies below a folder that this account may not look into."""
    owner = owner_of(folder)
    unknown = "whether a room is below it cannot be told, so it is not known who may write there"
    if owner is None:
        told = f"{folder} cannot be looked into: {unknown}"
        return Refusal("io", told, [f"ls -ld {word(folder)}"])
    name, ours = _name_of(owner), _name_of(os.geteuid())
    me = f"{ours} (uid {os.geteuid()})" if ours else f"uid {os.geteuid()}"
    told = f"{folder} belongs to {label(owner)}, and you ({me}) cannot look into it: {unknown}"
    return Refusal("io", told, [_becoming(owner)], owner=name or owner, owner_uid=owner)


def _becoming(uid: int) -> str:
    """Return the command that works as another account, known by a name here or not.

    Root of a container has no sudo, as a rule, and needs none.
    """
    from shutil import which

    if os.geteuid() == 0 and not which("sudo") and which("setpriv"):
        return f"setpriv --reuid {uid} --clear-groups sh"
    return f"sudo -u {word(_name_of(uid) or f'#{uid}')} -s"


def label(uid: int) -> str:
    name = _name_of(uid)
    return f"{plain(name)} (uid {uid})" if name else f"uid {uid}"


def _name_of(uid: int) -> str:
    from stickhooks.system import users

    return users.name_of(uid)


def may_end(owner: int, tree: str) -> bool:
    """Tell whether a room of another account has nobody who could still end it but whoever asks: its
    account is gone, or it is what root left in a tree of the caller's own.

    An account that this machine cannot name is not gone while it may run programs here.
    """
    if owner == 0:
        return owner_of(tree) is None
    if _name_of(owner):
        return False
    from stickhooks.system import processes

    return processes.none_of(owner)


def check_ours(places: "Iterable[str]") -> None:
    """Refuse ``io`` where one of these files or folders is there and belongs to another account."""
    for place in places:
        owner = owner_of(place)
        if owner is not None:
            raise anothers(place, owner)


def check_may_make_in(folder: str) -> None:
    """Refuse ``io`` to root in a folder of another account: it could not remove what root makes."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    owner = owner_of(folder)
    if owner is not None:
        name = _name_of(owner)
        raise Refusal(
            "io",
            f"{folder} belongs to {label(owner)} and you are root: what root makes here, its owner"
            " cannot remove; nothing was changed",
            [_becoming(owner)],
            owner=name or owner,
            owner_uid=owner,
        )


def owner_of(place: str) -> "int | None":
    """Return the uid of another account that a place, or the folder that hides it, belongs to."""
    try:
        return foreign_owner(os.stat(place, follow_symlinks=False).st_uid)
    except PermissionError:
        return owner_of(os.path.dirname(place))
    except OSError:
        return None
