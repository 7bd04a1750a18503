"""The pre-edit hook: what a coding client asks before it changes a file."""

import os

from stickhooks import check, door, identity, jsontext, paths
from stickhooks.clients import CLIENTS

PAYLOAD_LIMIT = 8 << 20


def answer(client_name: str) -> int:
    """Refuse a client's edit unless the caller holds the rooms of all its paths."""
    client = CLIENTS.get(client_name)
    if client is None:
        door.say(f"stick: no such client: {client_name}; there are {', '.join(CLIENTS)}")
        return 2
    here, payload = _here(), None
    try:
        payload = _payload()
        request = client.read(payload)
        if request.paths is None:
            return 0
        env = dict(os.environ)
        targets = edit_targets(request.paths, request.cwd or here)
        if not any(target.ours or door.has_room(target.workspace) for target in targets):
            return 0
        sighting = identity.look(env, (client, request.session))
        verdict = door.settled(targets, check.EDIT, sighting, env)
    except Exception as error:
        if not any(map(_has_room_at, [here, *client.places(payload)])):
            return 0  # no room here: an odd payload must not close it
        what = f"the hook's payload is not understood: {error}"
        told = what if isinstance(error, ValueError) else door.fault(error)
        return _refuse_edit(client, f"stick: NOT EDITED  {told}\n       {door.WAY_OUT}")
    for warning in verdict.warnings:
        door.say(warning)
    if verdict.ok:
        return 0
    from stickhooks import refusing

    return _refuse_edit(client, refusing.text(verdict, check.EDIT))


def edit_targets(given: "list[str]", base: str) -> "list[check.Target]":
    """Return the real places that an edit of ``given`` would change.

    A path in a git dir counts as ours where that repository has a room in any of its worktrees.
    """
    targets = []
    for path in given:
        real = paths.real(os.path.expanduser(path), base)
        git_dir = paths.git_dir_above(real)
        if git_dir and door.knows_rooms(git_dir):
            targets.append(check.Target(paths.Workspace(git_dir, git_dir), real, ours=True))
            continue
        workspace = paths.workspace_of(real)
        if workspace is not None:
            targets.append(check.Target(workspace, workspace.relative(real)))
    return targets


def _has_room_at(place: str) -> bool:
    try:
        real = paths.real(place, os.path.sep)
    except (ValueError, OSError):
        return False
    workspace = paths.workspace_of(real)
    return workspace is not None and door.has_room(workspace)


def _payload() -> object:
    """Read the hook's payload from standard input. Raises ValueError where it is none."""
    pieces: list[bytes] = []
    size = 0
    while size <= PAYLOAD_LIMIT:
        piece = os.read(0, 1 << 16)
        if not piece:
            return jsontext.read(b"".join(pieces).decode(), floats=True)
        pieces.append(piece)
        size += len(piece)
    raise ValueError(f"it is larger than {PAYLOAD_LIMIT >> 20} MiB")


def _refuse_edit(client, reason: str) -> int:  # type: ignore[no-untyped-def]
    code, out, err = client.refusal(reason)
    os.write(1, out.encode("utf-8", "backslashreplace"))
    os.write(2, err.encode("utf-8", "backslashreplace"))
    return int(code)


def _here() -> str:
    try:
        return os.path.realpath(os.getcwd())
    except OSError:  # the folder we were started in is gone
        return os.path.sep
