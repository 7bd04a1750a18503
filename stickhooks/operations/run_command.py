"""``stick run``: hold the stick for the length of a command, renewing the lease meanwhile."""

from __future__ import annotations

import contextlib
import shlex
import signal
import subprocess
import threading
import time

from stickhooks.errors import Refusal
from stickhooks.operations.rooms import Rooms
from stickhooks.text import age

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType
    from typing import TypeAlias

    from stickhooks.protocol.answers import Answer

LEFT = "look at what it left behind"
_Child: TypeAlias = "subprocess.Popen[bytes]"


def run(
    rooms: Rooms,
    agent_id: str,
    grant: Answer,
    period: int,
    command: Sequence[str],
    warn: Callable[[str], None],
    stdout: int | None = None,
) -> int:
    """Run a command under a granted turn, and release the stick with its outcome as the handoff.

    Returns the command's exit code: 128 + n where signal n ended it, 127 where it could not
    be started. The lease is renewed every ``period`` milliseconds. ``stdout`` is where its output goes,
    None: where ours does. A stick that the caller held before (``already_owner``) is kept. Raises
    Refusal ``stale_lease`` or ``turn_mismatch`` when the turn was taken over meanwhile: the
    command is asked to end first.
    """
    room_id, lease_id = str(grant["room_id"]), str(grant["lease_id"])
    turn = grant["turn_id"]
    assert isinstance(turn, int)
    began = time.monotonic()
    lost: list[Refusal] = []
    done = threading.Event()

    def renew(child: subprocess.Popen[bytes]) -> None:
        while not done.wait(period / 1000):
            try:
                rooms.heartbeat(agent_id, room_id, lease_id, turn)
            except Refusal as refusal:
                if refusal.code == "io":
                    warn(f"stick: the lease could not be renewed: {refusal.message}")
                    continue
                lost.append(refusal)
                child.terminate()
                return

    with _signals_sent_on() as begun:
        try:
            child = begun(subprocess.Popen(command, stdout=stdout))
        except OSError as error:
            warn(f"stick: {command[0]} cannot be run: {error.strerror}")
            code = 127
        else:
            keeper = threading.Thread(target=renew, args=(child,), daemon=True)
            keeper.start()
            code = child.wait()
            code = 128 - code if code < 0 else code
            done.set()
            keeper.join()
        if lost:
            raise lost[0]
        if grant["status"] != "already_owner":
            spent = age(int((time.monotonic() - began) * 1000))
            handoff = _handoff(command, code, spent, grant.get("handoff"))
            rooms.release(agent_id, room_id, lease_id, turn, handoff)
        return code


@contextlib.contextmanager
def _signals_sent_on() -> Iterator[Callable[[_Child], _Child]]:
    """Send on to the child what would end us, for the stick must be put down.

    What comes before there is a child is kept for it: ``stick run`` never dies in between.
    """
    children: list[_Child] = []
    early: list[int] = []

    def send_on(number: int, frame: FrameType | None) -> None:
        for child in children:
            child.send_signal(number)
        if not children:
            early.append(number)

    def begun(child: _Child) -> _Child:
        children.append(child)
        for number in early:
            child.send_signal(number)
        return child

    before = {
        signal.SIGTERM: signal.signal(signal.SIGTERM, send_on),
        # The terminal sends Ctrl-C to the child as well.
        signal.SIGINT: signal.signal(signal.SIGINT, lambda *_: None),
    }
    try:
        yield begun
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _handoff(command: Sequence[str], code: int, spent: str, before: object) -> dict[str, object]:
    """Tell the outcome, and hand on what the handoff before asked for."""
    told = shlex.join(command)
    outcome = "succeeded in" if code == 0 else f"failed with exit code {code} after"
    follow = "go on" if code == 0 else LEFT
    if isinstance(before, dict):
        asked = str(before["next_action"])[:8000].removeprefix(f"{LEFT}; then: ")
        follow = asked if code == 0 or asked == LEFT else f"{LEFT}; then: {asked}"
    return {"status": f"`{told[:4000]}` {outcome} {spent}", "next_action": follow}
