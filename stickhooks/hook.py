"""What installed hooks call, by absolute path: ``python -I -S …/stickhooks/hook.py pre-commit``.

Everything that goes wrong in here ends in a refusal that the caller honours, and only
where there is a room: a fault of ours must neither open the gate nor close other people's
repositories.
"""

import os
import sys

if __name__ == "__main__":  # run as a file: put the package on the path, and not its folder
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from stickhooks import check, disk, identity, jsontext, paths
from stickhooks.clients import CLIENTS
from stickhooks.errors import Refusal

PAYLOAD_LIMIT = 8 << 20
GIT_HOOKS = ("pre-commit", "pre-merge-commit")
REFUSED = 3
WAY_OUT = "`stick doctor` says what is wrong; `stick uninit` takes the hooks away"


def main(arguments: "list[str]") -> int:
    """Answer one hook and return the exit code that its caller understands."""
    name, options = (arguments[0], arguments[1:]) if arguments else ("", [])
    if name == "pre-edit":
        return pre_edit(_option(options, "--client"))
    if name in GIT_HOOKS:
        return commit_hook(name)
    _say(f"stick: no such hook: {name}; there are pre-edit, {', '.join(GIT_HOOKS)}")
    return 2


def commit_hook(name: str) -> int:
    """Refuse a commit unless the caller holds every room it touches.

    A refusal is exit code 3: 1 is what Python ends with when the gate itself cannot run.
    """
    env = dict(os.environ)
    try:
        workspace = paths.workspace_of(os.path.realpath(os.getcwd()))
        if workspace is None or not has_room(workspace):
            return 0
        sighting = identity.look(env)
        verdict = _settled(_staged(workspace, env), check.COMMIT, sighting, env)
    except Exception as error:
        _say(f"stick: NOT COMMITTED  {_fault(error)}\n       {WAY_OUT}")
        return REFUSED
    for warning in verdict.warnings:
        _say(warning)
    if verdict.ok:
        return 0
    from stickhooks import refusing

    _say(refusing.text(verdict, check.COMMIT))
    return REFUSED


def _settled(
    targets: "list[check.Target]", kind: str, sighting: identity.Sighting, env: "dict[str, str]"
) -> check.Verdict:
    """Ask the gate, and write down what its answer made due: seldom, so loaded only then."""
    verdict = check.judge(targets, kind, sighting, env)
    if verdict.refusals or any(ruling.due for ruling in verdict.allowed):
        from stickhooks import settle

        settle.settle(verdict, kind)
    return verdict


def _staged(workspace: paths.Workspace, env: "dict[str, str]") -> "list[check.Target]":
    """Return what the commit touches. With one room and no exempt paths nobody has to ask git."""
    if _is_one_whole(workspace):
        return [check.Target(workspace, None)]
    from stickhooks import git

    found = git.staged(workspace.root, env)
    return [check.Target(workspace, path) for path in found] or [check.Target(workspace, None)]


def _is_one_whole(workspace: paths.Workspace) -> bool:
    """Tell whether one room governs all alike. What cannot be read is the gate's to refuse."""
    try:
        survey = disk.Survey(workspace.root, workspace.git_dir)
    except Refusal:
        return True
    try:
        found = survey.load("") if survey.rooms == [""] else None
    except Refusal:
        return True
    finally:
        survey.close()
    return found is not None and not found[0]["policy"]["exempt"]  # type: ignore[index]


def pre_edit(client_name: str) -> int:
    """Refuse a client's edit unless the caller holds the rooms of all its paths."""
    client = CLIENTS.get(client_name)
    if client is None:
        _say(f"stick: no such client: {client_name}; there are {', '.join(CLIENTS)}")
        return 2
    here, payload = _here(), None
    try:
        payload = _payload()
        request = client.read(payload)
        if request.paths is None:
            return 0
        env = dict(os.environ)
        targets = edit_targets(request.paths, request.cwd or here)
        if not any(target.ours or has_room(target.workspace) for target in targets):
            return 0
        sighting = identity.look(env, (client, request.session))
        verdict = _settled(targets, check.EDIT, sighting, env)
    except Exception as error:
        if not any(map(_has_room_at, [here, *client.places(payload)])):
            return 0  # no room here: an odd payload must not close it
        what = f"the hook's payload is not understood: {error}"
        told = what if isinstance(error, ValueError) else _fault(error)
        return _refuse_edit(client, f"stick: NOT EDITED  {told}\n       {WAY_OUT}")
    for warning in verdict.warnings:
        _say(warning)
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
        if git_dir and knows_rooms(git_dir):
            targets.append(check.Target(paths.Workspace(git_dir, git_dir), real, ours=True))
            continue
        workspace = paths.workspace_of(real)
        if workspace is not None:
            targets.append(check.Target(workspace, workspace.relative(real)))
    return targets


def has_room(workspace: paths.Workspace) -> bool:
    """Tell whether a workspace has a room, or ever had one. Two looks at the disk, nothing read."""
    anchor = workspace.git_dir and os.path.join(
        workspace.git_dir, disk.ANCHOR_FOLDER, disk.ANCHOR
    )  # fmt: skip
    return os.path.lexists(os.path.join(workspace.root, disk.FOLDER)) or bool(
        anchor and os.path.lexists(anchor)
    )


def knows_rooms(git_dir: str) -> bool:
    """Tell whether a git dir, or the one it shares with other worktrees, has anything of ours."""
    dirs = (git_dir, paths.common_dir_of(git_dir))
    return any(os.path.lexists(os.path.join(d, disk.ANCHOR_FOLDER)) for d in dirs)


def _has_room_at(place: str) -> bool:
    try:
        real = paths.real(place, os.path.sep)
    except (ValueError, OSError):
        return False
    workspace = paths.workspace_of(real)
    return workspace is not None and has_room(workspace)


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


def _fault(error: Exception) -> str:
    from stickhooks.telling import plain

    if isinstance(error, Refusal):
        return plain(error.message)
    return f"stickhooks failed: {plain(repr(error), 200)}"


def _option(options: "list[str]", name: str) -> str:
    return options[options.index(name) + 1] if name in options[:-1] else ""


def _say(text: str) -> None:
    os.write(2, (text + "\n").encode("utf-8", "backslashreplace"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
