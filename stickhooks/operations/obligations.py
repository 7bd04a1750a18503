"""Write down what an answer of the gate made due: a renewal, a claim, a bypass, a binding.

The gate runs without site-packages; only here, once in a long while, the full library is
loaded. What the gate read may have changed since: the protocol has the last word.
"""

# bundle: write
import sys
import time

from stickhooks.errors import Next, Refusal
from stickhooks.fast import bundle
from stickhooks.fast.os import os
from stickhooks.gate import decision
from stickhooks.identity import resolver
from stickhooks.protocol import phases
from stickhooks.store import activity
from stickhooks.workspace import paths

LOCK_TIMEOUT = 3.0


def settle(verdict: decision.Verdict) -> None:
    """Do what is due, and refuse in the verdict what does not stand any more.

    A renewal that cannot be written is left to the next call, unless the lease had run out.
    """
    for ruling in verdict.allowed:
        for due in ruling.due:
            try:
                _DUTIES[due](ruling, verdict.kind)
                ruling.wrote = ruling.wrote or due not in (decision.BYPASS, decision.PROGRAM)
            except Refusal as refusal:
                if ruling.must or refusal.code not in ("io", "engine"):
                    refusal = _unconfirmed(refusal)
                    ruling.refuse(refusal.code, "not settled", refusal)
                    verdict.refusals.append(ruling)
                    break
        if verdict.refusals:
            break  # what is refused takes no further stick along


def _unconfirmed(refusal: Refusal) -> Refusal:
    """Return what the gate says where an engine had to be asked and could not be."""
    if refusal.code != "engine":
        return refusal
    return Refusal("unconfirmed", what=refusal.sentence)


def record(ruling: decision.Ruling) -> None:
    """Write down by what a member that was refused is known from now on. Raises nothing."""
    try:
        _bind(ruling, "")
    except (Refusal, OSError):
        pass  # the next call does


def brought_back(verdict: decision.Verdict) -> bool:
    """Tell whether a room that was lost could be brought back exactly from its copy in the git dir."""
    ruling = verdict.refusals[0]
    try:
        return rooms_of(ruling, LOCK_TIMEOUT).store.load(ruling.room) is not None
    except Refusal:
        return False


def adopt(workspace: paths.Workspace) -> None:
    """Enter rooms in a git dir that is younger than they are; where that cannot be, the next call does."""
    if sys.platform == "win32":
        load_library()
    from stickhooks.store.opening import open_store

    store = open_store(workspace.root, workspace.git_dir, LOCK_TIMEOUT)
    try:
        with store.exclusive():
            pass
    except Refusal:
        pass


def _renew(ruling: decision.Ruling, kind: str) -> None:
    lease = _state(ruling)["lease"]
    rooms = rooms_of(ruling, LOCK_TIMEOUT)
    token = ruling.agent_id, _state(ruling)["room_id"], lease["lease_id"], _state(ruling)["turn_id"]
    answer = rooms.heartbeat(*token)
    if ruling.must and answer["lease_expires_at"] == lease["expires_at"]:
        time.sleep(0.002)  # of the same millisecond as the last one, so nothing was written
        rooms.heartbeat(*token)


def _claim(ruling: decision.Ruling, kind: str) -> None:
    if ruling.agent_id is None:
        ruling.agent_id = _joined(ruling)
    from stickhooks.operations.boundaries import Boundaries

    boundaries = Boundaries(ruling.workspace)
    rooms, agent = rooms_of(ruling, LOCK_TIMEOUT, boundaries), ruling.agent_id
    lease = rooms.look(ruling.room)[0].lease
    if lease and lease.holder == agent:
        return  # the same hook, fired twice, was faster
    what = "save" if kind == decision.EDITOR else kind
    head = _head(ruling.workspace)
    answer = rooms.wait(
        agent, _state(ruling)["room_id"], None, f"first {what}", auto_from=head
    )  # fmt: skip
    if answer["status"] != "your_turn":
        raise Refusal("held", "somebody took the stick just now", [Next("wait")])
    if "paths" in answer:  # they were promised, and are not what is written here
        told = f"you hold {phases.named(answer['paths'])} now, which were handed to you; take the rest too"
        raise Refusal("turn_mismatch", told, [Next("take")])
    load_library()
    from stickhooks.operations import file_modes

    file_modes.follow(ruling.workspace)
    boundaries.keep()  # before the write that claimed it
    letter = answer["handoff"]
    if letter and answer["from_agent_id"] != agent:
        raise Refusal(
            "turn_mismatch",
            f"you hold the stick now, with a handoff of {answer['from_agent_id']} to read before"
            f" you write: status: {letter['status']}; next: {letter['next_action']}",
            [Next("log", "--limit", "5")],
        )


def _head(workspace: paths.Workspace) -> str:
    """Return the commit that a turn begins at, ``""`` where git's files name none."""
    from stickhooks.workspace import head

    return (head.of(workspace.git_dir) or "") if workspace.git_dir else ""


def _joined(ruling: decision.Ruling) -> str:
    """Join somebody who was identified, as `stick join` would, and return the name."""
    load_library()
    from stickhooks.operations import joining
    from stickhooks.operations.context import Desk

    assert ruling.caller is not None
    desk = Desk(ruling.shown, lock_timeout=LOCK_TIMEOUT)
    desk.see(ruling.caller.sighting)
    return str(joining.join(desk)["agent_id"])


def _bind(ruling: decision.Ruling, kind: str) -> None:
    if ruling.caller is not None:
        rooms, raw = rooms_of(ruling, LOCK_TIMEOUT), _state(ruling)
        from stickhooks.operations import recording

        bindings = resolver.bindings_of(raw["members"])
        recording.record(rooms, raw["room_id"], ruling.caller, bindings)


def _bypass(ruling: decision.Ruling, kind: str) -> None:
    if not _note(ruling, activity.BYPASS, kind, why=ruling.why):
        message = f"stick: bypassed ({ruling.why}); this could not be recorded\n"
        os.write(2, message.encode("utf-8", "backslashreplace"))


def _program(ruling: decision.Ruling, kind: str) -> None:
    """Note that a program did it that nobody is seen behind: it was believed by ``--programs``."""
    _note(ruling, activity.PROGRAM, kind, owner=ruling.agent_id)


_DUTIES = {
    decision.RENEW: _renew,
    decision.CLAIM: _claim,
    decision.BIND: _bind,
    decision.BYPASS: _bypass,
    decision.PROGRAM: _program,
}


def _note(ruling: decision.Ruling, what: str, kind: str, **details: "str | None") -> bool:
    if ruling.raw is None:
        return False
    return activity.note(
        ruling.workspace.root, str(ruling.raw["room_id"]), what, sparing=False,
        agent_id=ruling.caller.name if ruling.caller else "",
        kind=kind, path=None, code=ruling.code, **details,
    )  # fmt: skip


def _state(ruling: decision.Ruling):  # type: ignore[no-untyped-def]
    return ruling.raw


def rooms_of(ruling: decision.Ruling, lock_timeout: float, boundaries=None):  # type: ignore[no-untyped-def]
    """Return the operations on the ruling's workspace; the library is loaded where they need it."""
    if sys.platform == "win32":  # elsewhere the system's own lock needs no library
        load_library()
    bundle.more("write")
    from stickhooks.operations.rooms import Rooms
    from stickhooks.store.opening import open_store

    workspace = ruling.workspace
    store = open_store(workspace.root, workspace.git_dir, lock_timeout)
    return Rooms(store, keep_proofs=True, published=boundaries.note if boundaries else None)


def load_library() -> None:
    """Make site-packages importable: the gate is started without them.

    The path is looked at, and nothing is imported to see whether it can be: filelock alone
    takes several times as long to import as Python to start.
    """
    if sys.flags.no_site and not any(
        os.path.isdir(os.path.join(folder, "filelock")) for folder in sys.path
    ):
        import site

        site.main()
