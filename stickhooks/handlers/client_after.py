"""After a tool of a client has changed files: what it left is kept, with who wrote it.

None of it is a gate, and nothing depends on it: the client goes on whatever becomes of us. Where a client
takes notes after a tool and not before one, they are shown here as well.
"""

from stickhooks.clients import CLIENTS, Client, after, payloads
from stickhooks.fast.os import os
from stickhooks.gate import decision
from stickhooks.handlers import client_edit, common, written
from stickhooks.identity import resolver
from stickhooks.system import deadline
from stickhooks.workspace import paths

LIMIT_S = 3.0
MOST = 50  # paths of one patch


def answer(client_name: str) -> int:
    """Keep what a tool wrote, and show what is unread; always 0."""
    client = CLIENTS.get(client_name)
    try:
        deadline.begin(LIMIT_S, lambda: os._exit(0))
        payload = client_edit.payload() if client else None
        if client:
            _keep(client, payload)
            note = getattr(payloads.adapter_of(client), "note", None)
            if note and note(common.AFTER, ""):
                from stickhooks.handlers import client_notes

                client_notes.tell(common.AFTER, client, payload)
    except BaseException:  # the client must not be held up by us
        pass
    deadline.end()
    return 0


def _keep(client: Client, payload: object) -> None:
    try:
        request = after.written(payload, payloads.adapter_of(client))
    except ValueError:
        return  # of a tool that is not known: notes are shown all the same
    if request is None:
        return
    base = request.cwd or os.path.realpath(os.getcwd())
    found = [one for path in (request.paths or [])[:MOST] for one in paths.targets(path, base)]
    if found:
        env = dict(os.environ)
        sighting = resolver.look(env, (client, request.session, request.below))
        written.note(found, sighting, env, decision.EDIT, client.name)
