"""Notes to the caller beside what a client is answered: a tool that may run, a prompt, a session's start.

None of it is a gate: where a note cannot be shown it stays unread, and the client goes on.
"""

# bundle: notes
from stickhooks.clients import CLIENTS, Client, payloads
from stickhooks.fast.os import os
from stickhooks.gate import decision
from stickhooks.handlers import client_command, client_edit
from stickhooks.identity import resolver
from stickhooks.system import deadline
from stickhooks.workspace import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stickhooks.operations.context import Desk
    from stickhooks.operations.notes import Note
    from stickhooks.operations.rooms import Rooms

LIMIT_S = 3.0
#: Variables of clients that run the entries of others: they take a note in a form of their own, if any.
BORROWERS = {"COPILOT_PROJECT_DIR": "copilot", "CURSOR_PROJECT_DIR": "cursor"}

Form = tuple[int, str, str]


def answer(name: str, client_name: str) -> int:
    """Show what is unread at a prompt; always 0."""
    client = CLIENTS.get(client_name)
    try:
        deadline.begin(LIMIT_S, lambda: os._exit(0))
        if client:
            tell(name, client, client_edit.payload())
    except BaseException:  # the client must not be held up by us
        pass
    deadline.end()
    return 0


def tell(name: str, client: Client, payload: object) -> None:
    """Show what is unread to the session of a payload; a prompt may come from us. Raises what goes wrong."""
    verdict = _verdict(client, payload)
    if verdict and name == "prompt" and isinstance(payload, dict):
        _remember(verdict, payload)
    if verdict and verdict.addressed:
        beside_a_yes(client, name, verdict.addressed, payload)


def _verdict(client: Client, payload: object) -> "decision.Verdict | None":
    """Return what the gate knows of the session in the rooms of its folder; None: there are none."""
    if not isinstance(payload, dict) or payloads.below_of(payload):
        return None
    folder = os.path.realpath(payloads.folder_of(payload) or os.getcwd())
    workspace = paths.workspace_of(folder)
    if workspace is None or not workspace.has_room():
        return None
    env = dict(os.environ)
    sighting = resolver.look(env, (client, payloads.session_of(payload)))
    targets = client_command.whole(workspace)
    return decision.judge(targets, decision.FOREIGN, sighting, env)


def _remember(verdict: decision.Verdict, payload: "dict[str, object]") -> None:
    """Keep what reaches the session, as it is now, and note the words of ours that came as a prompt."""
    from stickhooks.operations import obligations
    from stickhooks.waking import reach

    for ruling in [*verdict.allowed, *verdict.refusals]:
        if ruling.agent_id is None or ruling.caller is None or ruling.raw is None:
            continue
        store = obligations.rooms_of(ruling, _lock_timeout()).store
        sighting = ruling.caller.sighting
        reach.remember(store, ruling.agent_id, sighting, dict(os.environ), payload)
        reach.received(store, ruling.raw, ruling.agent_id, payload.get("prompt"))


def beside_a_yes(client: Client, event: str, ruling: decision.Ruling, payload: object) -> None:
    """Write the notes of a room to the client, in its form for an event of ours. Raises nothing."""
    form = _form(client, event, payload)
    if form is None or ruling.agent_id is None:
        return
    try:
        from stickhooks.operations import obligations

        rooms = obligations.rooms_of(ruling, _lock_timeout())
        _deliver(rooms, ruling.room, ruling.agent_id, form, "")
    except Exception:  # it stays unread
        return


def with_welcome(client: Client, desk: "Desk", welcome: str) -> bool:
    """Write what a session is told at its start together with its notes. Tell whether that was done."""
    try:
        room = desk.snapshot().room
        me = desk.caller(room)
        form = _form(client, "session-start", None)
        if form is None or not me.agent_id or not me.proof:
            return False
        return _deliver(desk.rooms, room.path, me.agent_id, form, f"{welcome}\n")
    except Exception:  # then without them
        return False


def _form(client: Client, event: str, payload: object) -> "Callable[[str], Form] | None":
    """Return what makes the client's answer of a text, None where it would not reach the model."""
    names = [name for variable, name in BORROWERS.items() if os.environ.get(variable)]
    if isinstance(payload, dict) and "cursor_version" in payload:
        names.append("cursor")
    if names and client.name not in names:
        return None  # the entry of another client: its own one, or the next command, shows them
    make = getattr(payloads.adapter_of(client), "note", None)
    if make is None or make(event, "") is None:
        return None
    return lambda text: make(event, text)


def _lock_timeout() -> float:
    from stickhooks.operations import notes

    return notes.LOCK_TIMEOUT


def _deliver(
    rooms: "Rooms",
    path: str,
    me: str,
    form: "Callable[[str], Form]",
    before: str,
) -> bool:
    from stickhooks.operations import notes

    def written(told: "Sequence[Note]", cut: int) -> bytes:
        text = before + "\n".join(notes.lines(told, cut))
        return form(text)[1].encode("utf-8", "backslashreplace")

    return bool(notes.deliver(rooms, path, me, 1, written))
