"""What a packaged client's own hook after a tool leaves behind: rows of ``real_clients``.

The last bytes are in no snapshot, no index and no commit, so whoever gets them back has them from
that hook.
"""

from __future__ import annotations

import json
from pathlib import Path

from stickhooks.clients import CLIENTS as ADAPTED
from stickhooks.clients import payloads
from stickhooks.setup.client_places import Place
from stickhooks.setup.clients import PLACES

from .live_client import Live
from .live_tree import NOT_TRIED, Tree, WrongError, need

FILE = "kept.txt"
LAST = "changed once more\n"


def kept(tree: Tree, name: str) -> None:
    """An edit of the holder is kept at once, with its name and turn; `rm` in a terminal loses nothing."""
    live = tree.session(name)
    said = live.shell("stick join && stick take")
    need("you are" in said, said)
    live.write(FILE)
    live.shell(f"git add {FILE}")
    said = live.change(FILE, "new", LAST.strip())
    need((tree.repo / FILE).read_text() == LAST, f"it could not edit: {said}")
    (tree.repo / FILE).unlink()
    told = tree.stick(f"blame {FILE}")
    need(f"{name}:" in told and "turn 1" in told, f"blame: {told}")
    said = live.shell("stick restore --apply")
    need((tree.repo / FILE).exists(), f"it was not brought back: {said}")
    text = (tree.repo / FILE).read_text()
    need(text == LAST, f"it was not kept after the tool: {text!r} came back; {said}")


def past_the_gate(tree: Tree, name: str) -> None:
    """An edit that no hook was asked about before is kept after it, and told to who holds the stick."""
    (tree.repo / FILE).write_text("new\n")
    tree.git("add", FILE)
    tree.git("commit", "-qm", "kept")
    tree.stick("take")
    live = tree.session(name)
    live.kill()
    _unasked(live)
    live.start(live.client.command)
    live.shell(f"cat {FILE}")
    said = live.change(FILE, "new", LAST.strip())
    need((tree.repo / FILE).read_text() == LAST, f"it could not edit: {said}")
    told = tree.stick("status") + tree.stick("log --files")
    need(f"{name}:" in told and FILE in told, f"the holder is not told: {told}")
    tree.git("checkout", FILE)
    told = tree.stick(f"restore {FILE} --apply")
    text = (tree.repo / FILE).read_text()
    need(text == LAST, f"it was not kept after the tool: {text!r} came back; {told}")


def _unasked(live: Live) -> None:
    """Take our entry for the hook before a tool out of a client's settings, and no other."""
    place = next(place for place in PLACES if place.short == live.name)
    path = _settings(place, live)
    if path.suffix != ".json":
        raise WrongError(NOT_TRIED + "its plugin asks before each tool")
    told = json.loads(path.read_text())
    del told["hooks"][payloads.adapter_of(ADAPTED[place.name]).EVENTS["pre-edit"]]
    path.write_text(json.dumps(told))


def _settings(place: Place, live: Live) -> Path:
    if live.client.install == "--user":
        return live.home / place.home / place.user
    return live.repo / place.project
