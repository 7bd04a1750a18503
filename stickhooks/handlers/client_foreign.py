"""What the gate says to a tool of another server: commands first, then paths, then the tool's name."""

from stickhooks.clients.foreign import Foreign, without_glob
from stickhooks.fast.os import os
from stickhooks.gate import decision, reach
from stickhooks.handlers import client_command, common
from stickhooks.identity import resolver
from stickhooks.workspace import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from stickhooks.clients import Client

BY_ARGUMENTS = "its arguments name what it would write"
BY_CODE = "it brings code, and what that writes cannot be told"
BY_NAME = "its name says that it writes or runs something, and its arguments do not say where"


def verdict(
    called: "tuple[str, object]",
    folder: str,
    caller: "tuple[Client, str, str]",
    env: "dict[str, str]",
    own: "list[str]",
) -> decision.Verdict:
    """Return whether a caller may call a foreign tool; ``own`` are the folders of its session."""
    call = Foreign(*called)
    for line, where in call.commands:
        place = os.path.join(folder, os.path.expanduser(where)) if where else folder
        found = client_command.verdict(line, place, caller, env, own, decision.FOREIGN)
        if not found.ok:
            return found
    session = reach.of([folder, *own], [], env, below=False)
    targets, because = _written(call, [folder, *own], session)
    touched = [*session, *reach.of(call.bases, [], env, below=False)]
    targets += [
        paths.Target(one.workspace, one.path, strict=True)
        for workspace in {one.root: one for one in touched}.values()
        for one in client_command.whole(workspace)
    ]
    if not any(target.ours or target.workspace.has_room() for target in targets):
        return decision.Verdict(decision.FOREIGN)
    found = common.settled(targets, decision.FOREIGN, resolver.look(env, caller), env)
    found.because = f"the tool {call.tool[:80]}: {because or 'policy mcp of this room is refuse'}"
    return found


def _written(
    call: Foreign, folders: "list[str]", session: "list[paths.Workspace]"
) -> "tuple[list[paths.Target], str]":
    """Return what a call would write, and how that is known."""
    whole = [target for workspace in session for target in client_command.whole(workspace)]
    if call.code:
        return whole, BY_CODE
    named = call.outputs if call.reads else [*call.paths, *call.outputs]
    targets = list(_named(call, named, folders, session))
    if targets or not call.writes or not call.names_nothing:
        return targets, BY_ARGUMENTS if targets else ""
    return whole, BY_NAME


def _named(
    call: Foreign, named: "list[str]", folders: "list[str]", session: "list[paths.Workspace]"
) -> "Iterator[paths.Target]":
    """Yield the places that the arguments name: a relative path from wherever it may start."""
    bases = dict.fromkeys([*folders, *(w.root for w in session), *call.bases])
    for path in dict.fromkeys(named):
        for base in bases if not os.path.isabs(path) else (os.path.sep,):
            yield from client_command.at(without_glob(path), base, session)
    for path in () if call.reads else dict.fromkeys(call.maybe):
        for base in bases:
            if os.path.lexists(os.path.join(base, path)):
                yield from client_command.at(path, base, session)
