"""Bugs to plant, one at a time, into a copy of the source: do the tests see them?

    python -m tests.stress.planted              # all of them
    python -m tests.stress.planted early gone   # those whose name holds one of these words

A plant is one change of one place. The tests named with it run in the copy and must fail.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parent.parent.parent
CAUGHT: Final = REPOSITORY / ".pytest_cache" / "planted.json"

LAW: Final = ("test_conformance", "test_protocol", "test_simulation", "test_state_machine")
STORE: Final = ("test_storage", "test_state_files", "test_simulated_disk", "test_race")
GATE: Final = ("test_planted_bugs", "test_hostile")
WHO: Final = ("test_identity", "test_planted_bugs")
RESUMED: Final = ("test_resumed",)
LIFE: Final = ("test_liveness",)
GIT: Final = ("test_git_table", "test_git_fencing")
OUTSIDE: Final = ("test_outside",)
AFTER: Final = ("test_after_write",)
KEPT: Final = (
    "test_making", "test_kept_store", "test_making_limits", "test_snapshots", "test_restore", "test_undo",
    "test_damage", "test_blind_git",
)  # fmt: skip
ENGINE: Final = ("test_engine",)
FENCE: Final = ("test_fence",)
REMOTE_FENCE: Final = ("test_remote_fence",)
LINE: Final = ("test_line_and_wait", "test_protocol")
NOTES: Final = ("test_notes", "test_simulation")
IDLE: Final = ("test_idle",)
PARTS: Final = ("test_parts",)
ETCD: Final = ("test_etcd",)  # needs one: see tests/support/etcd_servers.py


@dataclass(frozen=True)
class Plant:
    """One bug: in ``file`` below the package, ``old`` becomes ``new``; ``tests`` should see it."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def into(self, source: str) -> str:
        """Return the source with the bug in it. Raises ValueError where it does not fit any more."""
        if source.count(self.old) != 1:
            raise ValueError(f"{self.name}: {source.count(self.old)} places fit in {self.file}")
        return source.replace(self.old, self.new)


PLANTS: Final = (
    # --- rooms on an engine
    Plant(
        "a holder of another clone that seems idle loses its turn",
        "store/engine/views.py",
        "    if (lease.expires_at <= now and not vouched) or (keeper and _proof(keeper)):\n",
        "    if lease or keeper or now:\n",
        ENGINE,
    ),
    Plant(
        "a holder of another clone that seems idle is offered",
        "gate/asked.py",
        "    if lease and is_elsewhere(raw):\n",
        "    if not lease:\n",
        ENGINE,
    ),
    Plant(
        "a place in the line is vouched for once",
        "store/engine/vouching.py",
        "    return any(now - at >= EVERY for at in seen if isinstance(at, int))",
        "    return any(now - at < 0 for at in seen if isinstance(at, int))",
        ENGINE,
    ),
    Plant(
        "who holds in another clone may be who asks here",
        "gate/standing.py",
        'return bool(clone and member and member.get("clone") != clone)',
        "return False",
        ("test_engine_verb",),
    ),
    Plant(
        "a newcomer is called after who is free elsewhere, and not as in this clone",
        "store/engine/names.py",
        "    return [*own, *free][0]\n",
        "    return free[0]\n",
        ("test_engine_verb",),
    ),
    # --- the fence
    Plant(
        "a branch lands where the room's ref does not move",
        "store/engine/git_remote.py",
        '["--atomic", "--porcelain", *arguments], self.repository.objects',
        '["--porcelain", *arguments], self.repository.objects',
        FENCE,
    ),
    Plant(
        "a push that landed opens over what another process published",
        "store/engine/store.py",
        "if seen is None or seen.revision < now.revision:",
        "if seen is None or seen.revision <= now.revision:",
        FENCE,
    ),
    Plant(
        "the fence is read once the lease was renewed",
        "store/engine/remote_fence.py",
        '        if not all(mark["turns"]',
        '        before = _read(fence, doubt=False)\n        if False and not all(mark["turns"]',
        REMOTE_FENCE,
    ),
    Plant(
        "a turn does not move the fence",
        "store/engine/store.py",
        "        if not sending.leases or document.FENCE not in now.extra:\n",
        "        if True:\n",
        REMOTE_FENCE,
    ),
    Plant(
        "a late claim puts the fence back",
        "store/engine/remote_fence.py",
        '            if mark["revision"] >= now.revision:\n',
        '            if mark["revision"] == now.revision:\n',
        REMOTE_FENCE,
    ),
    Plant(
        "a claim makes a fence that is not there",
        "store/engine/remote_fence.py",
        "                return trouble(fence, now)\n",
        '                mark = {**mark, "revision": 0}\n',
        REMOTE_FENCE,
    ),
    Plant(
        "a push that landed before a takeover is called undone",
        "store/engine/remote_fence.py",
        '            "operations": [*_operations(said(before)), operation][-OPERATIONS:],\n',
        '            "operations": [operation],\n',
        REMOTE_FENCE,
    ),
    Plant(
        "a fence that says who holds is deleted as it is",
        "store/engine/remote_fence.py",
        "                    self._push(there, ended)\n",
        "                    ended = there.token\n",
        REMOTE_FENCE,
    ),
    Plant(
        "a fence that nobody may delete goes on to fence",
        "store/engine/remote_fence.py",
        "json.write({**mark, ENDED: {}})",
        'json.write({**mark, ENDED: {"": {"turn_id": 1, "policy": {}}}})',
        REMOTE_FENCE,
    ),
    Plant(
        "a return from an engine that is gone keeps nothing of what it brings",
        "setup/engine_gone.py",
        "        _begin(desk, git_dir, known, taken)\n",
        "",
        ("test_moving",),
    ),
    Plant(
        "rooms come back while another clone holds",
        "setup/engine_gone.py",
        "    if left > 0:\n",
        "    if left > 10**12:\n",
        ("test_engine_verb",),
    ),
    Plant(
        "an engine that answers is gone",
        "setup/engine_gone.py",
        '    raise Refusal("config", told, PLAINLY)\n',
        "    return told\n",
        ("test_engine_verb",),
    ),
    Plant(
        "another address is a loss",
        "store/engine/reading.py",
        "        if not at or at == self.engine.address_mark:\n",
        "        if at or not at:\n",
        ("test_engine_verb",),
    ),
    Plant(
        "a push needs the renewed room alone, not every one",
        "operations/fenced_push.py",
        "        needed = pushed_paths.rooms_of(desk.store, names) or needed\n",
        "        pushed_paths.rooms_of(desk.store, names)\n",
        ("test_pushes",),
    ),
    Plant(
        "a push goes by the mirror alone",
        "handlers/git_push.py",
        "            ruling.must = True\n            if decision.RENEW not in ruling.due:\n",
        "            if False:\n",
        ("test_pushes",),
    ),
    # --- what is kept, and brought back
    Plant(
        "a listing that failed makes an empty snapshot",
        "workspace/git_pipes.py",
        "        if code:\n",
        "        if code > 10**6:\n",
        KEPT,
    ),
    Plant(
        "a file that may have changed is not read again",
        "recovery/making.py",
        "        return max(seen.stat[2:]) + TICK_NS < at * 1_000_000",
        "        return True",
        KEPT,
    ),
    Plant(
        "what is only staged is not kept",
        "recovery/making.py",
        "            unreached = self._keep_staged(writer, found)\n",
        '            unreached = ""\n',
        KEPT,
    ),
    Plant(
        "a link is kept as what it leads to",
        "recovery/files.py",
        "        if before.kind == entries.LINK:\n",
        "        if not before.kind:\n",
        KEPT,
    ),
    Plant(
        "a file that changed while it was read is kept",
        "recovery/files.py",
        "        return (before, data) if after == before and len(data) == before.size else None",
        "        return before, data",
        KEPT,
    ),
    Plant(
        "files that git takes for unchanged are not kept",
        "recovery/making.py",
        'flags=self.why in ("take", "before", "undo")',
        "flags=False",
        KEPT,
    ),
    Plant(
        "a torn blob is given out",
        "recovery/blobs.py",
        "        if data is not None and name_of(data, make) == name:",
        "        if data is not None:",
        KEPT,
    ),
    Plant(
        "a list leads out of the tree",
        "recovery/entries.py",
        '    if not path or path[0] == "/" or "\\0" in path or {"", ".", ".."} & set(path.split("/")):',
        "    if not path:",
        KEPT,
    ),
    Plant(
        "restore replaces what was edited since",
        "recovery/restoring.py",
        "    if loss.state in losses.TAKEN:",
        '    if loss.state != "blocked":',
        KEPT,
    ),
    Plant(
        "what is replaced is kept nowhere",
        "operations/bringing_back.py",
        '    if not is_kept and (state == "changed" or not now.is_gits(item.path)):',
        '    if state == "nowhere":',
        KEPT,
    ),
    Plant(
        "the tree is not kept before anything is brought back",
        "operations/bringing_back.py",
        "    before = _kept(desk, place, verb, unproven)\n",
        "    before = None\n",
        KEPT,
    ),
    Plant(
        "the line that takes a restore back is for the top folder alone",
        "operations/bringing_back.py",
        "[_from_here(place.root, path) for path in",
        "[path for path in",
        ("test_by_shell",),
    ),
    Plant(
        "a line to type shows what no terminal shows escaped as no shell reads it",
        "text.py",
        "*map(_typed, step.args)",
        "*step.args",
        ("test_by_shell",),
    ),
    Plant(
        "git-checkout in git's own folder takes work unkept",
        "../hooks/before-hook",
        ' | *"git-$stick_verb$stick_line"*)',
        ")",
        ("test_git_before",),
    ),
    Plant(
        "git's word that it has what is replaced is believed",
        "operations/bringing_back.py",
        "if not there.is_gits(p) or there.has_own_mode(p)]",
        "if there.has_own_mode(p)]",
        KEPT,
    ),
    Plant(
        "a mode that git does not know is lost with the file that is replaced",
        "operations/bringing_back.py",
        "if not there.is_gits(p) or there.has_own_mode(p)]",
        "if not there.is_gits(p)]",
        KEPT,
    ),
    Plant(
        "a diff by git that has no other heads changes nothing",
        "clients/diffs.py",
        "if not line.startswith(_GIT):",
        "if True:",
        ("test_foreign_tools",),
    ),
    Plant(
        "a file that git need not have there is replaced unkept",
        "recovery/present.py",
        " or path in self.skipped:",
        ":",
        KEPT,
    ),
    Plant(
        "who does not hold brings work back",
        "operations/bringing_back.py",
        "    targets = [paths.Target(desk.workspace, path) for path in written]",
        "    targets: list[paths.Target] = []",
        KEPT,
    ),
    Plant(
        "another repository in the tree is written to",
        "recovery/writing.py",
        '        if folder.path != self._top.path and _lies(folder, ".git"):',
        '        if folder.path == "":',
        KEPT,
    ),
    Plant(
        "line ends that git changed are a loss",
        "recovery/losses.py",
        "        names[path] |= {added} if added else set()\n",
        "",
        KEPT,
    ),
    Plant(
        "what a commit has is a loss",
        "recovery/losses.py",
        "        elif not own & (committed or set()):",
        "        elif own is not None:",
        KEPT,
    ),
    Plant(
        "undo takes what another did in the turn",
        "recovery/undoing.py",
        "        if other:\n",
        "        if other and named is None:\n",
        OUTSIDE,
    ),
    Plant(
        "undo takes what nobody was seen to change for the turn's",
        "recovery/undoing.py",
        '        return item if named else replace(item, act="name", why=UNSEEN)',
        "        return item",
        OUTSIDE,
    ),
    Plant(
        "another's later edit is taken for the holder's",
        "recovery/undoing.py",
        "own and (own.entry is None or self._left(item.path, own.entry))",
        "own",
        OUTSIDE,
    ),
    Plant(
        "who holds above and is no member inside gets an internal error",
        "gate/messages.py",
        '    if me is not None and caller.proof and "unread"',
        '    if caller.proof and "unread"',
        KEPT,
    ),
    Plant(
        "an undo in part hides the rest of the turn from the next one",
        "recovery/witnesses.py",
        "        self.by_hooks = bool(self.own)  # what is brought back is noted by the verb itself\n",
        "        self.by_hooks = True\n",
        OUTSIDE,
    ),
    Plant(
        "what was seen in another turn counts",
        "recovery/witnesses.py",
        "    return (written.turn.room_id, written.turn.turn) == (turn.room_id, turn.turn)",
        "    return written.turn.room_id != turn.room_id",
        OUTSIDE,
    ),
    Plant(
        "what changed while nobody held is told of nobody",
        "recovery/deeds.py",
        "        found += [free] if free else []\n",
        "",
        OUTSIDE,
    ),
    Plant(
        "what git may ignore is kept after an edit",
        "recovery/edits.py",
        "            if not state:\n",
        "            if state is None:\n",
        AFTER,
    ),
    Plant(
        "an edit that failed is noted as made",
        "clients/after.py",
        "    if not isinstance(payload, dict) or _failed(payload):",
        "    if not isinstance(payload, dict):",
        AFTER,
    ),
    Plant(
        "who wrote without the stick wrote as the holder",
        "handlers/written.py",
        "    holds = ruling.agent_id is not None and ruling.agent_id == holder",
        "    holds = True",
        AFTER,
    ),
    Plant(
        "an old file is taken for what the tool wrote",
        "recovery/edits.py",
        "            if at - max(seen.stat[2:]) // 10**6 > FRESH_MS:",
        "            if at < 0:",
        AFTER,
    ),
    Plant(
        "an edit by two hooks stands there twice",
        "recovery/edits.py",
        "        if any(old.startswith(told) for old in there.splitlines()[-3:]):",
        "        if not told:",
        AFTER,
    ),
    Plant(
        "a blob that was cut short counts as kept",
        "recovery/blobs.py",
        "        if not self._touch(name) or not (name in self._sure or self._is_whole(name)):",
        "        if not self._touch(name):",
        KEPT,
    ),
    Plant(
        "a damaged pack keeps what was to be forgotten",
        "recovery/pruning.py",
        "            if not promised:\n",
        "            if name:\n",
        KEPT,
    ),
    Plant(
        "a pack without an index keeps what was to be forgotten",
        "recovery/pruning.py",
        "packs.without_index(place.objects) if gone else ()",
        "()",
        KEPT,
    ),
    Plant(
        "a damaged blob hides the whole one before it",
        "recovery/losses.py",
        "whole = next((it for it in (newest, *older) if reader.is_whole(it.entry.blob)), None)",
        "whole = newest",
        KEPT,
    ),
    Plant(
        "what is damaged is said to be brought back",
        "recovery/plan.py",
        "        if item.source and item.source.entry.blob and not reader.is_whole(item.source.entry.blob)",
        "        if item.source and not item.source.entry",
        KEPT,
    ),
    Plant(
        "the damaged bytes of a named path hide the whole ones before them",
        "recovery/restoring.py",
        "            if reader.is_whole(entry.blob):\n",
        "            if entry.blob:\n",
        KEPT,
    ),
    Plant(
        "what was staged is damaged, and the index names it",
        "recovery/restoring.py",
        "    staged = {path: it for path, it in due.items() if it[1] not in gone}",
        "    staged = due",
        KEPT,
    ),
    Plant(
        "the index of paths that were not named is changed",
        "recovery/restoring.py",
        "any(covers(it, path) for it in paths) if paths else whole or path in own",
        "path in own or not own",
        KEPT,
    ),
    Plant(
        "who does not hold stages what was staged",
        "operations/bringing_back.py",
        "    written = dict.fromkeys((*(item.path for item in plan.writes), *plan.staged))",
        "    written = dict.fromkeys(item.path for item in plan.writes)",
        KEPT,
    ),
    Plant(
        "a pack is not on the disk when it counts",
        "workspace/git_kept.py",
        '(*_DURABLE, "index-pack", "--stdin")',
        '("index-pack", "--stdin")',
        KEPT,
    ),
    Plant(
        "undo takes back what was edited since",
        "recovery/undoing.py",
        "        if left and not self._is_there(left, path):",
        "        if left and not path:",
        KEPT,
    ),
    Plant(
        "undo takes back what was committed",
        "recovery/undoing.py",
        "        if path in self.committed:",
        "        if not path:",
        KEPT,
    ),
    Plant(
        "undo reaches into a room inside",
        "recovery/undoing.py",
        "        return phases.governing(self.rooms, path) in self.begin.places()",
        "        return any(phases.covers(place, path) for place in self.begin.places())",
        KEPT,
    ),
    Plant(
        "bytes that are about to be listed are removed",
        "recovery/pruning.py",
        "        _sweep(place, rest, YOUNG_S, whole=whole)\n",
        "        _sweep(place, rest, -1.0, whole=whole)\n",
        KEPT,
    ),
    Plant(
        "the running turn is not spared",
        "recovery/pruning.py",
        "        old |= {listed.id for listed in _above(place, rest, most)} - stay",
        "        old |= {listed.id for listed in _above(place, rest, most)}",
        KEPT,
    ),
    Plant(
        "what is forgotten stays in its pack",
        "recovery/pruning.py",
        "        if len(rest) == len(there) or (",
        "        if True or len(rest) == len(there) or (",
        KEPT,
    ),
    # --- notes and asks
    Plant(
        "a note delivered twice",
        "operations/notes.py",
        "tuple(note.number for note in shown))",
        "())",
        NOTES,
    ),
    Plant(
        "a note lost at a kill",
        "store/publishing.py",
        "        publish.publish(ours, name, data, look)\n",
        "        publish.publish(ours, name, data, held.look)\n        look()\n",
        NOTES,
    ),
    Plant(
        "the newest note first",
        "protocol/notes.py",
        "        return replace(member, unread=(*member.unread, number)[-UNREAD_LIMIT:])\n",
        "        return replace(member, unread=(number, *member.unread)[:UNREAD_LIMIT])\n",
        ("test_state_machine",),
    ),
    Plant(
        "a folder in a part of another's is free",
        "protocol/parts.py",
        "    return covers(here, there) or covers(there, here)\n",
        "    return covers(here, there)\n",
        ("test_parted_state_machine",),
    ),
    Plant(
        "a file of a living writer taken for a dead one's",
        "system/publish.py",
        "        if kept or last:  # some file systems count no links\n",
        "        if kept is not None:\n",
        ("test_publish",),
    ),
    Plant(
        "a note taken for read by whom it was not shown",
        "protocol/notes.py",
        "        if member.agent_id != command.agent_id:\n",
        "        if member.agent_id == command.agent_id:\n",
        NOTES,
    ),
    Plant(
        "a note as an instruction",
        "operations/notes.py",
        'head = f"stick: {HEAD if len(notes) == 1 else HEADS}:"',
        'head = "stick:"',
        NOTES,
    ),
    Plant(
        "a note leaves its quotes",
        "operations/notes.py",
        """short.replace("\\\\", "\\\\\\\\").replace('"', '\\\\"')""",
        "short",
        NOTES,
    ),
    Plant(
        "a note with a decision",
        "clients/claude_code.py",
        "return payloads.said(payloads.context(EVENTS[event], text))",
        'return payloads.said({**payloads.context(EVENTS[event], text), "permissionDecision": "allow"})',
        NOTES,
    ),
    Plant(
        "wakes a gone reservation",
        "waking/__init__.py",
        "return snapshot if _stands(snapshot.room, news) else None",
        "return snapshot",
        ("test_waking",),
    ),
    Plant(
        "tells where a session is reached",
        "waking/sockets.py",
        'return "its socket is gone"',
        'return f"its socket {path} is gone"',
        ("test_waking",),
    ),
    Plant(
        "a busy holder idle",
        "protocol/phases.py",
        "expires_at - ttl + renewal_period(ttl, idle_after)",
        "expires_at - ttl + renewal_period(ttl, 0)",
        IDLE,
    ),
    Plant(
        "anybody takes over from an idle holder",
        "protocol/rules.py",
        "OWNER_IDLE:     {**_ANYWHERE, Ask: ask, Wait: not_yet, Takeover: ineligible},",
        "OWNER_IDLE:     {**_ANYWHERE, Ask: ask, Wait: offer, Takeover: seize},",
        IDLE,
    ),
    Plant(
        "an ask outlives its turn",
        "protocol/transitions.py",
        "asks=room.asks if room.lease and room.lease.holder == agent else (),",
        "asks=room.asks,",
        IDLE,
    ),
    # --- uncommitted work is kept, and its loss told
    Plant(
        "nothing is kept before a command of the holder's shell that destroys",
        "handlers/client_command.py",
        "    if found.ok and takes(command):\n",
        "    if not found.ok and takes(command):\n",
        ("test_work_kept",),
    ),
    Plant(
        "work is never due to be kept again",
        "handlers/common.py",
        "    return due * 1000 <= now\n",
        "    return due * 1000 < 0\n",
        ("test_work_kept",),
    ),
    Plant(
        "before a git command only clean trees are kept",
        "handlers/git_before.py",
        "if workspace is not None and workspace.has_room():",
        "if workspace is None or not workspace.has_room():",
        ("test_git_before",),
    ),
    Plant(
        "another's core.fsmonitor is replaced",
        "setup/before_hook.py",
        "    if there and not is_ours(there[-1][1]):\n        if wanted:",
        "    if not there and not is_ours(str(there)):\n        if wanted:",
        ("test_before_hook",),
    ),
    Plant(
        "uninit leaves git asking a file that is gone",
        "setup/before_hook.py",
        'if scope == "local" and is_ours(said)',
        'if scope == "global" and is_ours(said)',
        ("test_before_hook",),
    ),
    Plant(
        "what was committed later is told as lost",
        "recovery/losses.py",
        "        if loss.path not in self._paths[head]:\n            return False\n",
        "        if loss.path:\n            return False\n",
        ("test_loss_told",),
    ),
    Plant(
        "a loss is told at every command",
        "operations/losses_told.py",
        '"\\n".join(map(_key, found))',
        '"\\n".join(())',
        ("test_loss_told",),
    ),
    # --- a closed room
    Plant(
        "an agent opens what a person closed",
        "protocol/rules.py",
        "    if isinstance(command, Reopen) and bars(room, person=command.person):\n",
        "    if isinstance(command, Reopen) and False:\n",
        ("test_protocol", "test_closed_by_a_person"),
    ),
    Plant(
        "an agent makes a room of its own inside what a person closed",
        "operations/rooms.py",
        "                rules.check_open_to(above.room, person=person)\n",
        "",
        ("test_closed_by_a_person",),
    ),
    # --- the store
    Plant(
        "another side of a mount counts as ours",
        "store/sides.py",
        '    return _apart(side["kind"]) or _apart(ours.kind)\n',
        "    return False\n",
        ("test_sides",),
    ),
    Plant(
        "a mount is told by its boot alone",
        "store/sides.py",
        'return bool(side["dev"] == device and side["boot"] == boot)',
        'return bool(side["boot"] == boot)',
        ("test_sides",),
    ),
    Plant(
        "a held room is moved to another side",
        "operations/move_side.py",
        "        if standing.phase in KEPT and not mine:\n",
        "        if standing.phase in () and not mine:\n",
        ("test_sides",),
    ),
    Plant(
        "an account whose programs cannot be seen counts as gone",
        "system/processes.py",
        "    if see(1) is None:\n        return False\n",
        "",
        ("test_other_accounts",),
    ),
    Plant(
        "the gate does not ask for the side",
        "gate/decision.py",
        "            if trouble:\n                return ruling.refuse(trouble",
        "            if not trouble and trouble:\n                return ruling.refuse(trouble",
        ("test_sides",),
    ),
    Plant(
        "no lock",
        "store/exclusion.py",
        "                self._acquire(self.ours, until)\n"
        "                self._acquire_git_dir(until)\n",
        "",
        ("test_planted_bugs", "test_storage", "test_race"),
    ),
    Plant(
        "no lock of the file",
        "store/files.py",
        "if not lock.within(lock_fd, self.lock_timeout):",
        "if False:",
        ("test_exclusion",),
    ),
    Plant(
        "no lock of the folder",
        "store/exclusion.py",
        "locked = lock.within(ours.fd, _left(until))",
        "locked = True",
        ("test_exclusion",),
    ),
    Plant(
        "the folder locked before the file",
        "store/exclusion.py",
        "        self.store._wait_for_lock(self.fd)\n",
        "        lock.within(ours.fd, self.store.lock_timeout)\n"
        "        self.store._wait_for_lock(self.fd)\n",
        ("test_exclusion",),
    ),
    Plant(
        "a time limit for each lock",
        "store/exclusion.py",
        "return max(0.0, until - time.monotonic())",
        "return 10.0",
        ("test_exclusion",),
    ),
    Plant(
        "no last look",
        "store/publishing.py",
        "        held.look()\n        if first",
        "        if first",
        ("test_exclusion", "test_storage"),
    ),
    Plant(
        "no last look before a room is removed",
        "store/files.py",
        "                self._lock.look()\n                self._open.unlink",
        "                self._open.unlink",
        ("test_exclusion",),
    ),
    Plant(
        "a turn given in a folder that is gone",
        "store/publishing.py",
        "    held.confirm()\n",
        "",
        ("test_exclusion",),
    ),
    Plant(
        "a room taken away without its lock",
        "setup/init.py",
        "if not dry_run and os.path.isdir(desk.store.folder)",
        "if False",
        ("test_exclusion",),
    ),
    Plant(
        "the anchor's other rooms forgotten",
        "store/anchor.py",
        "dict(rooms or self.seen)",
        "dict(rooms or {})",
        ("test_exclusion",),
    ),
    Plant(
        "a temporary file of a living writer removed",
        "system/publish.py",
        "return lock.alone(fd) and unlink(folder, name)",
        "return unlink(folder, name)",
        ("test_exclusion",),
    ),
    Plant(
        "one temporary name for all",
        "system/publish.py",
        'return f"{os.getpid()}-{os.urandom(6).hex()}"',
        'return "one"',
        ("test_exclusion",),
    ),
    Plant(
        "a late lock that nobody gives back",
        "system/lock.py",
        """        finally:
            os.close(own)
            self.done.release()""",
        """        finally:
            self.done.release()""",
        ("test_lock",),
    ),
    Plant(
        "a wait that spins when time is over",
        "operations/waiting.py",
        "not telling and calm.told and calm.lasts():",
        "not telling and calm.told:",
        ("test_line_and_wait",),
    ),
    Plant(
        "a promise kept for who gave up",
        "protocol/rules.py",
        "Leave: go_back, Delist: turn_down,",
        "Leave: go_back,",
        ("test_protocol", "test_line_and_wait"),
    ),
    Plant(
        "who cannot be looked at waits not",
        "store/wait_queue.py",
        "        return frozenset(agents)\n",
        "        return frozenset()\n",
        ("test_line_and_wait",),
    ),
    Plant(
        "mended twice",
        "operations/remaking.py",
        "        if _is_well(store, path):\n",
        "        if False:\n",
        ("test_storage",),
    ),
    Plant(
        "the old log forgotten",
        "store/files.py",
        '{**mark, "before": anew} if anew else mark',
        "mark",
        ("test_storage",),
    ),
    Plant(
        "any way back of any operation",
        "workspace/refs.py",
        "for begun in self.under_way() for name",
        "for begun in UNDER_WAY for name",
        ("test_git_fencing",),
    ),
    Plant(
        "a git dir named from outside",
        "handlers/git_hook.py",
        "        root = reader.tree_of(git_dir) or git_dir\n",
        "        root = None\n",
        ("test_git_fencing",),
    ),
    Plant(
        "a waiter that does not see a lease end",
        "operations/holder_watch.py",
        "if self.over or self.left() <= 0:",
        "if self.over:",
        ("test_line_and_wait",),
    ),
    Plant(
        "a waiter that does not hear a holder's end",
        "operations/holder_watch.py",
        "return self.told or not",
        "return True or not",
        ("test_line_and_wait",),
    ),
    Plant(
        "a wait for paths that looks at the keeper of the rest alone",
        "operations/holder_watch.py",
        "[room, *room.parts] if parted else [room]",
        "[room]",
        ("test_line_and_wait",),
    ),
    Plant(
        "a wait for paths that is calm while others wait",
        "operations/holder_watch.py",
        "room.closed or crowded or not kept",
        "room.closed or not kept",
        ("test_line_and_wait",),
    ),
    Plant(
        "no fsync of files",
        "system/publish.py",
        "            os.fsync(fd)\n",
        "            pass\n",
        ("test_simulated_disk",),
    ),
    Plant(
        "no fsync of the log",
        "store/event_log.py",
        "        os.fsync(fd)\n",
        "",
        ("test_simulated_disk",),
    ),
    Plant(
        "no fsync of the folder",
        "store/publishing.py",
        "    try:\n        ours.sync()\n",
        "    try:\n        pass\n",
        ("test_simulated_disk",),
    ),
    Plant(
        "state before log",
        "store/files.py",
        "            if lines:\n                length = self._append",
        "            self._publish(before, room, record, data, lines)\n"
        "            if lines:\n"
        "                length = self._append",
        ("test_simulated_disk",),
    ),
    Plant(
        "state written in place",
        "store/publishing.py",
        "        publish.publish(ours, name",
        "        fd = ours.file(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)\n"
        "        os.write(fd, data)\n"
        "        os.close(fd)\n"
        "        publish.publish(ours, name",
        ("test_simulated_disk",),
    ),
    Plant(
        "no conflict check",
        "store/files.py",
        "before.data:\n                raise Conflict\n            record = ",
        "before.data:\n                pass\n            record = ",
        ("test_storage",),
    ),
    Plant(
        "unacknowledged tail shown",
        "store/event_log.py",
        "end = min(length, os.fstat(fd).st_size)",
        "end = os.fstat(fd).st_size",
        STORE,
    ),
    Plant(
        "unacknowledged tail kept",
        "store/event_log.py",
        "            os.ftruncate(fd, length)\n        start = min(size, length)",
        "            pass\n        start = size",
        STORE,
    ),
    Plant(
        "anchor after the state of a new room",
        "store/files.py",
        "            self._anchor.write(after, GROWTH if anew is None else 0)\n",
        "            with reported(self.folder):\n"
        "                self._replace(layout.state_name(room.path), data)\n"
        "            self._anchor.write(after, GROWTH if anew is None else 0)\n",
        ("test_storage", "test_simulated_disk"),
    ),
    Plant(
        "anchor not raised",
        "store/anchor.py",
        "            if old != mark or tree != self.tree:\n",
        "            if not old:\n",
        ("test_storage",),
    ),
    Plant(
        "a copy that is older than what was given",
        "store/room_copy.py",
        "    sure = vouched and same and ",
        "    sure = vouched and ",
        ("test_brought_back",),
    ),
    Plant(
        "a copy that a backup put back",
        "store/room_copy.py",
        "    sure = vouched and same and ",
        "    sure = same and ",
        ("test_brought_back",),
    ),
    Plant(
        "a copy of another tree",
        "store/room_copy.py",
        "return git_dir is not None and reader.tree_of(git_dir) == tree",
        "return git_dir is not None",
        ("test_brought_back",),
    ),
    Plant(
        "a copy with members that a sandbox may have left behind",
        "store/room_copy.py",
        ' and all(map(_seen, raw["members"]))\n',
        "\n",
        ("test_brought_back",),
    ),
    Plant(
        "the copy follows the state",
        "store/files.py",
        "        room_copy.keep(\n"
        "            self.git_dir, self._open, room.room_id, data, record.log_bytes, lines\n"
        "        )  # first",
        "        self._replace(layout.state_name(room.path), data)\n"
        "        self._anchor.raise_to(room)\n"
        "        room_copy.keep(\n"
        "            self.git_dir, self._open, room.room_id, data, record.log_bytes, lines\n"
        "        )  # first",
        ("test_brought_back",),
    ),
    Plant(
        "one git am is like another",
        "workspace/begun_operations.py",
        'for name in (MARKS[mark][0], f"{mark}/keep"):',
        "for name in ():",
        ("test_git_told",),
    ),
    Plant(
        "what was refused is in the copy",
        "store/files.py",
        "            room_copy.disown(self.git_dir, room.room_id)\n"
        "            if isinstance(error, (OSError, Refusal)):",
        "            if False:",
        ("test_brought_back",),
    ),
    Plant(
        "a write that met a deleted folder takes the copy along",
        "store/files.py",
        "            if isinstance(error, (OSError, Refusal)):",
        "            if False:",
        ("test_brought_back",),
    ),
    Plant(
        "an older event of the same turn wins",
        "store/reader.py",
        ' or raw["event_seq"] < mark.get("event", 0)',
        "",
        ("test_brought_back",),
    ),
    Plant(
        "a state of another room is taken for an older one",
        "store/reader.py",
        'return lower and raw["room_id"] == mark["id"]',
        "return lower",
        ("test_brought_back",),
    ),
    Plant(
        "a log that is not mended",
        "store/files.py",
        "            if event_log.size(log) < length:\n",
        "            if False:\n",
        ("test_brought_back",),
    ),
    Plant(
        "a copy of a log with a hole in it",
        "store/room_copy.py",
        "event_log.sound(copy, end)[0] if",
        "os.stat(copy).st_size if",
        ("test_brought_back",),
    ),
    Plant(
        "a backup's log written to",
        "store/room_copy.py",
        "    if os.fstat(fd).st_nlink > 1:\n",
        "    if False:\n",
        ("test_brought_back",),
    ),
    Plant(
        "a clone's room taken for ours",
        "store/young_git.py",
        "if 0 < when < oldest]",
        "if 0 < when]",
        ("test_younger_git",),
    ),
    Plant(
        "a copied tree's room taken for ours",
        "store/young_git.py",
        'if room is not None and raw and raw.get("place") == here:',
        "if room is not None and raw:",
        ("test_younger_git",),
    ),
    Plant(
        "a room made before git init opens the gate",
        "store/reader.py",
        "            self._take_own(root, git_dir)\n",
        "            pass\n",
        ("test_younger_git",),
    ),
    Plant(
        "a room made before git init is written before the git dir is told",
        "store/exclusion.py",
        "                self.store.settle_in(self.ours)\n",
        "",
        ("test_younger_git",),
    ),
    Plant(
        "a write while git init runs is not told",
        "store/files.py",
        "        self._look_for_git()\n        if not self._anchor.raise_to(room):",
        "        if not self._anchor.raise_to(room):",
        ("test_younger_git",),
    ),
    Plant(
        "a stranger's state gives its policy to a room made anew",
        "store/repair.py",
        'if raw and raw["room_id"] == room_id]',
        "if raw]",
        ("test_brought_back",),
    ),
    Plant(
        "a room made anew without its history",
        "operations/remaking.py",
        "        log = known.history[:2]\n",
        '        log = ("", 0)\n',
        ("test_brought_back",),
    ),
    Plant(
        "a copy dropped that is nowhere else",
        "store/room_copy.py",
        "if carried or event_log.size_of(os.path.join(ours.path, layout.LOGS, room_id)) >= size:",
        "if True:",
        ("test_brought_back",),
    ),
    Plant(
        "a room brought back under a write in flight",
        "store/exclusion.py",
        "                self._acquire_git_dir(until)\n",
        "",
        ("test_brought_back",),
    ),
    Plant(
        "repair under the old turn",
        "store/repair.py",
        "    turn = max((turn for turn in turns if isinstance(turn, int)), default=0)\n",
        "    turn = 0\n",
        STORE,
    ),
    Plant(
        "link followed",
        "system/folder.py",
        '_SAFE = getattr(os, "O_NOFOLLOW", 0) | ',
        "_SAFE = 0 | ",
        STORE,
    ),
    Plant(
        "file of any size",
        "system/folder.py",
        "        if size > limit:",
        "        if False:",
        STORE,
    ),
    Plant(
        "file of another user",
        "system/folder.py",
        "status.st_uid != os.geteuid()",
        "False",
        STORE,
    ),
    Plant(
        "lone surrogate accepted",
        "store/schema.py",
        "        value.encode()\n    except UnicodeEncodeError:\n        return False",
        "        value.encode()\n    except UnicodeEncodeError:\n        return True",
        (
            "test_state_files",
            "test_hostile",
        ),
    ),
    Plant(
        "NaN accepted",
        "fast/json.py",
        '        raise ValueError(f"{text} is not a number")',
        "        return 0.0",
        (
            "test_state_files",
            "test_hostile",
            "test_planted_bugs",
        ),
    ),
    Plant(
        "older state put back",
        "store/reader.py",
        "if mark and is_older(raw, mark):",
        "if False:",
        STORE,
    ),
    Plant(
        "state of another room",
        "store/reader.py",
        'if mark and raw["room_id"] != mark["id"]:',
        "if False:",
        STORE,
    ),
    Plant(
        "lost state is a new room",
        "store/reader.py",
        '            if mark and mark["turn"]:\n',
        "            if False:\n",
        STORE,
    ),
    Plant(
        "broken anchor is none",
        "store/reader.py",
        '        raise Refusal("state_lost", what=f"{layout.anchor_of(git_dir)}: {error}") from None',
        "        return None",
        STORE,
    ),
    # --- the law
    Plant(
        "no turn check",
        "protocol/rules.py",
        "if command.expected_turn_id != room.turn_id:",
        "if False:",
        LAW,
    ),
    Plant(
        "no lease check",
        "protocol/rules.py",
        "        or room.lease.lease_id != command.lease_id\n",
        "",
        LAW,
    ),
    Plant(
        "early takeover",
        "protocol/phases.py",
        "OWNER_GONE if gone else STALE_OWNER if over else OWNER_IDLE if idle else OWNED",
        "OWNER_GONE if gone else STALE_OWNER",
        LAW,
    ),
    Plant(
        "takeover to the holder",
        "protocol/rules.py",
        "STALE_OWNER:    {**_HOLDING, Takeover: ineligible}",
        "STALE_OWNER:    {**_HOLDING, Takeover: seize}",
        LAW,
    ),
    Plant(
        "takeover to the recipient",
        "protocol/rules.py",
        "STALE_CLAIM:    {**_PROMISED, Wait: grant, Takeover: ineligible}",
        "STALE_CLAIM:    {**_PROMISED, Wait: grant, Takeover: seize}",
        LAW,
    ),
    Plant(
        "snatching back",
        "protocol/rules.py",
        "STALE_CLAIM:    {**_ANYWHERE, Wait: not_yet, Takeover: ineligible}",
        "STALE_CLAIM:    {**_ANYWHERE, Wait: offer, Takeover: seize}",
        LAW,
    ),
    Plant(
        "lost handoff",
        "protocol/transitions.py",
        "    letter = room.letter if room.pending else None\n",
        "    letter = None\n",
        LAW,
    ),
    Plant(
        "handoff not pending after force",
        "protocol/transitions.py",
        "replace(room, lease=None, pending=room.letter is not None, asks=())",
        "replace(room, lease=None, asks=())",
        LAW,
    ),
    Plant(
        "a turn number given twice beside a part",
        "protocol/transitions.py",
        "agent, turn = command.agent_id, room.latest_turn + 1",
        "agent, turn = command.agent_id, room.turn_id + 1",
        PARTS,
    ),
    Plant(
        "half a set of paths taken",
        "protocol/part_grants.py",
        "    if others:\n        return _blocked(room, others, plain, at, law)\n    promised = [",
        "    free = [p for p in paths if not any(parts.has(o, p, folds) for o in others)]\n"
        "    if others and not free:\n        return _blocked(room, others, plain, at, law)\n"
        "    paths = tuple(free)\n    promised = [",
        PARTS,
    ),
    Plant(
        "paths meet by their letters",
        "protocol/parts.py",
        "return covers(here, there) or covers(there, here)",
        "return here.startswith(there) or there.startswith(here)",
        PARTS,
    ),
    Plant(
        "a folder above a part is free",
        "protocol/parts.py",
        "return covers(here, there) or covers(there, here)",
        "return covers(here, there)",
        PARTS,
    ),
    Plant(
        "the end of a part frees the rest",
        "protocol/part_views.py",
        "pending=room.lease is None)",
        "lease=None, pending=True)",
        PARTS,
    ),
    Plant(
        "a part's handoff hides another",
        "protocol/part_views.py",
        "        numbers.append(room.letter.event_seq)\n",
        "        numbers.append(None)\n",
        PARTS,
    ),
    Plant(
        "a part beside one who waits for all",
        "protocol/part_grants.py",
        "whole and me not in whole:",
        "whole and me in whole:",
        PARTS,
    ),
    Plant(
        "one of several paths waited for is enough",
        "protocol/parts.py",
        "    if any(touches(part, waiter.paths, waiter.folds) for part in others):\n"
        "        return False\n    own",
        "    if all(touches(part, waiter.paths, waiter.folds) for part in others) and others:\n"
        "        return False\n    own",
        PARTS,
    ),
    Plant(
        "paths go round behind who waits for all",
        "protocol/part_views.py",
        "    return line[:whole]",
        "    return line",
        PARTS,
    ),
    Plant(
        "who is promised the rest waits for who waits behind",
        "protocol/part_grants.py",
        "    if new and keeper != me and whole and me not in whole:",
        "    if new and whole and me not in whole:",
        PARTS,
    ),
    Plant(
        "a folder above a part asks nobody below",
        "gate/parts.py",
        "return list(dict.fromkeys([*self._lying_below(key), first]))",
        "return [first]",
        ("test_gate_parts",),
    ),
    Plant(
        "what names no path asks for the rest alone",
        "gate/parts.py",
        "return [*range(len(self.parts)), REST]",
        "return [REST]",
        ("test_gate_parts", "test_paths_side_by_side"),
    ),
    Plant(
        "a part is renewed as late as ever while somebody asks for it",
        "gate/parts.py",
        'return view | {"asks": part["asks"]} if part.get("asks") else view',
        "return view",
        ("test_gate_parts",),
    ),
    Plant(
        "who works in one of its turns is idle in the others",
        "gate/parts.py",
        "            asked += [self._ruling(gate, sighting, number, path) for number in more]\n",
        "            del more\n",
        ("test_gate_parts",),
    ),
    Plant(
        "a command runs with the stick beside paths of others",
        "cli/turn_commands.py",
        "    return Wish(whole=True) if any(keeper_of(part) != me for part in room.parts) else ROOM\n",
        "    return ROOM\n",
        ("test_paths_side_by_side",),
    ),
    Plant(
        "an ask for paths wakes nobody",
        "operations/promises.py",
        "    return [(before, room), *parts]",
        "    return [(before, room), *(pair for pair in parts if not pair[1].asks)]",
        ("test_afternoon_with_paths",),
    ),
    Plant(
        "a set is published without its last path",
        "protocol/part_grants.py",
        "    blank = Part(paths, 0,",
        "    blank = Part(paths[:2], 0,",
        ("test_simulation",),
    ),
    Plant(
        "the end of a part gives its turn again",
        "protocol/part_views.py",
        "        last_turn=max(room.latest_turn, view.turn_id),",
        "        last_turn=max(room.turn_id, view.turn_id),",
        ("test_simulation", "test_part_traces"),
    ),
    Plant(
        "who is promised paths gets them without their handoff",
        "protocol/part_views.py",
        "        lease=part.lease, reservation=part.reservation, letter=part.letter, pending=part.pending,\n",
        "        lease=part.lease, reservation=part.reservation, letter=room.letter, pending=room.pending,\n",
        ("test_simulation", "test_part_traces"),
    ),
    Plant(
        "take of paths is the room to the shell gate",
        "shell/stick.py",
        "if given.odd or len(given.operands) > 1:",
        "if given.odd:",
        ("test_paths_side_by_side",),
    ),
    Plant(
        "the anchor forgets the turns of parts",
        "store/anchor.py",
        '"turn": room.latest_turn,',
        '"turn": room.turn_id,',
        ("test_gate_parts",),
    ),
    Plant(
        "turn stays at a takeover",
        "protocol/transitions.py",
        "        turn_id=turn,\n",
        '        turn_id=turn - (event_type != "claim"),\n',
        LAW,
    ),
    Plant(
        "closed room open",
        "protocol/rules.py",
        "    **_ANYWHERE, Wait: say_closed, Enlist",
        "    **_ANYWHERE, Wait: grant, Enlist",
        LAW,
    ),
    Plant(
        "gone without grace",
        "protocol/phases.py",
        "return dead and not 0 <= now - last_seen_at < gone_grace",
        "return dead",
        LAW,
    ),
    Plant(
        "gone by one of two processes",
        "protocol/moment.py",
        "dead = all(p.dead or p in at.dead",
        "dead = any(p.dead or p in at.dead",
        LAW,
    ),
    Plant(
        "expiry a millisecond late",
        "protocol/phases.py",
        "return expires_at <= now",
        "return expires_at < now",
        LAW,
    ),
    Plant(
        "killed waiter keeps the line",
        "protocol/moment.py",
        "line = [w for w in room.waiters if w.agent_id in at.waiting]",
        "line = list(room.waiters)",
        LINE,
    ),
    Plant(
        "last come first served",
        "protocol/moment.py",
        "line = [w for w in room.waiters if w.agent_id in at.waiting]",
        "line = [w for w in room.waiters[::-1] if w.agent_id in at.waiting]",
        LINE,
    ),
    Plant(
        "holder pruned",
        "protocol/members.py",
        "kept = {joining, *keepers(room), ",
        "kept = {joining, ",
        LAW,
    ),
    Plant(
        "a holder's last binding goes to another name",
        "protocol/members.py",
        "    _check_keeps(room, command)\n",
        "",
        LAW,
    ),
    Plant(
        "session of two members",
        "protocol/members.py",
        "sessions = tuple(s for s in member.sessions if s != session)",
        "sessions = member.sessions",
        LAW,
    ),
    Plant(
        "a stepped wall clock lengthens a lease",
        "store/files.py",
        "return replace(record, clock_shift=shift if abs(shift) >= SLACK_MS else 0)",
        "return record",
        ("test_storage",),
    ),
    Plant(
        "wall clock for leases",
        "protocol/phases.py",
        "return monotonic + clock_offset if boot and boot == clock_boot else wall - clock_shift",
        "return wall",
        (
            "test_storage",
            "test_simulation",
            "test_never_locked_out",
        ),
    ),
    Plant(
        "carved out of a held room",
        "protocol/rules.py",
        "above is None or above.lease is None or above.lease.holder == agent_id",
        "True",
        (
            "test_nested_rooms",
            "test_protocol",
        ),
    ),
    Plant(
        "refused, but done",
        "operations/unconfirmed.py",
        '                told={"done": True, "answer": dict(self.answer)},\n',
        "",
        (
            "test_simulation",
            "test_storage",
        ),
    ),
    Plant(
        "conflict is an answer",
        "operations/rooms.py",
        "                except Conflict:\n                    continue",
        "                except Conflict:\n                    pass",
        (
            "test_simulation",
            "test_storage",
        ),
    ),
    # --- liveness
    Plant(
        "dead on another machine",
        "identity/liveness.py",
        "if process.machine != machine:",
        "if False:",
        LIFE,
    ),
    Plant(
        "dead in another boot",
        "identity/liveness.py",
        "if process.boot and boot and process.pidns == pidns == processes.INITIAL_PIDNS:",
        "if True:",
        LIFE,
    ),
    Plant(
        "dead in another namespace",
        "identity/liveness.py",
        "if process.pidns != pidns or",
        "if",
        LIFE,
    ),
    Plant(
        "alive by its pid",
        "identity/liveness.py",
        "    if not _same_start(process, seen):",
        "    if False:",
        LIFE,
    ),
    Plant(
        "zombie alive",
        "identity/liveness.py",
        "if seen.state in processes.ZOMBIE:",
        "if False:",
        LIFE,
    ),
    # --- who asks
    Plant(
        "name as proof",
        "identity/resolver.py",
        "if said and is_person(sighting, session):",
        "if any(wanted == binding.agent_id for binding in bindings):",
        WHO,
    ),
    Plant(
        "human taken for agent",
        "identity/resolver.py",
        "    return not (sighting.inside_client or session)",
        "    return False",
        WHO,
    ),
    Plant(
        "agent taken for its human",
        "identity/resolver.py",
        "    if not is_person(sighting, session):\n        return _shown_in_client",
        "    if session:\n        return _shown_in_client",
        WHO,
    ),
    Plant(
        "session variable of a stranger",
        "identity/resolver.py",
        '    return sighting.session if elsewhere else ""',
        "    return sighting.session",
        WHO,
    ),
    Plant(
        "inexact process as proof",
        "identity/resolver.py",
        " if key[4] is not None}",
        "}",
        WHO,
    ),
    Plant(
        "two processes of a session taken for one",
        "identity/resumed.py",
        "        if life != liveness.ALIVE:\n",
        "        if life:\n",
        RESUMED,
    ),
    Plant(
        "a resumed session keeps its dead process",
        "identity/resumed.py",
        '{process.pid}", True',
        '{process.pid}", False',
        RESUMED,
    ),
    Plant(
        "a session that did not begin becomes the newest",
        "protocol/members.py",
        "(*older, session, newest)",
        "(*older, newest, session)",
        RESUMED,
    ),
    # --- the gate
    Plant(
        "gate without anchor",
        "store/reader.py",
        "else list(self.anchor or {})\n",
        "else [r for r in self._listed() if r in (self.anchor or {})]\n",
        GATE,
    ),
    Plant(
        "unreadable state allowed",
        "gate/decision.py",
        "            return self._unreadable(ruling, unreadable)\n",
        "            return ruling\n",
        GATE,
    ),
    Plant(
        "unreadable anchor allowed",
        "gate/decision.py",
        "                self._refused(self._unreadable(ruling, refusal), path)\n",
        "                self.verdict.allowed.append(ruling)\n",
        GATE,
    ),
    Plant(
        "edits of the git dir",
        "workspace/paths.py",
        'ours = (layout.FOLDER, ".git")',
        "ours = (layout.FOLDER,)",
        GATE,
    ),
    Plant(
        "nested room by its parent's rules",
        "gate/decision.py",
        "        room = layout.governing(spelled)\n",
        '        room = ""\n',
        GATE,
    ),
    Plant(
        "the rooms laid out anew for every path",
        "gate/decision.py",
        "layout = self.layouts[workspace.root]",
        "layout = paths.Layout(workspace.root, survey.rooms)",
        ("test_many_rooms",),
    ),
    Plant(
        "the list of rooms read anew for every room",
        "store/reading.py",
        "                result = self._tried(path, survey)\n",
        "                result = self._tried(path, self._survey())\n",
        ("test_many_rooms",),
    ),
    Plant(
        "shallowest room governs",
        "protocol/phases.py",
        "    return path",
        '    return "" if "" in rooms else path',
        ("test_paths",),
    ),
    Plant(
        "everything exempt",
        "workspace/paths.py",
        "any(matches(glob, path) for glob in globs)",
        "bool(globs)",
        GATE,
    ),
    Plant(
        "room made anew without its handoff",
        "operations/remaking.py",
        "letter=known.letter, pending=known.letter is not None,",
        "",
        ("test_storage",),
    ),
    Plant(
        "takeover asked again is another",
        "operations/replay.py",
        '!= ("takeover", agent_id):',
        '== ("takeover", agent_id):',
        ("test_asked_again",),
    ),
    Plant(
        "star crosses folders",
        "workspace/paths.py",
        'if i == len(text) or text[i] == "/":',
        "if i == len(text):",
        ("test_paths",),
    ),
    Plant(
        "bypass for agents",
        "gate/decision.py",
        "        if not why or not self._is_person(ruling.caller):",
        "        if not why:",
        GATE,
    ),
    Plant(
        "closed room writable",
        "gate/decision.py",
        ' and not raw["closed"]:\n',
        ":\n",
        GATE,
    ),
    Plant(
        "renewal missing",
        "protocol/phases.py",
        "return now >= renewal_at(expires_at, ttl, idle_after)",
        "return False",
        GATE,
    ),
    Plant(
        "expired lease not renewed",
        "gate/decision.py",
        '            if phases.is_over(now, lease["expires_at"]):',
        "            if False:",
        GATE,
    ),
    Plant(
        "expired lease may fail to renew",
        "gate/decision.py",
        "                ruling.due.append(RENEW)\n                ruling.must = True\n",
        "                ruling.due.append(RENEW)\n",
        GATE,
    ),
    Plant(
        "promised stick writes",
        "gate/decision.py",
        'free = not (raw["closed"] or lease or raw["reservation"])',
        'free = not (raw["closed"] or lease)',
        GATE,
    ),
    Plant(
        "claim over a handoff",
        "gate/decision.py",
        ' and policy["on_idle"] == "claim" and not foreign_letter:',
        ' and policy["on_idle"] == "claim":',
        GATE,
    ),
    Plant(
        "claim though refused by policy",
        "gate/decision.py",
        'known and free and policy["on_idle"] == "claim"',
        "known and free",
        GATE,
    ),
    Plant(
        "one allowed path allows all",
        "gate/decision.py",
        "        return not self.refusals\n",
        "        return not self.refusals or bool(self.allowed)\n",
        GATE,
    ),
    # --- git's refs
    Plant(
        "a value that HEAD once had counts as seen",
        "operations/head_log.py",
        "    return _by_longest_match(moves, seen)\n",
        "    return [move for move in moves if move[0] not in set(seen)]\n",
        ("test_git_told",),
    ),
    Plant(
        "a transaction's old value is not compared",
        "../hooks/reference-transaction",
        '[ ! "$stick_last" ] || stick_record',
        '[ "$stick_last" ] || stick_record',
        ("test_git_told",),
    ),
    Plant(
        "a switch of branches is not noted",
        "../hooks/git-hook",
        '  [ "$stick_hook$3" != post-checkout1 ] || stick_switched "$2"\n',
        "",
        ("test_git_told",),
    ),
    Plant(
        "packing taken for writing",
        "workspace/refs.py",
        "return before != update.new",
        "return True",
        ("test_git_packing",),
    ),
    Plant(
        "deleting taken for packing",
        "../hooks/reference-transaction",
        '[ ! -e "$stick_common/packed-refs.lock" ] || return 1',
        ":",
        ("test_git_packing",),
    ),
    Plant(
        "the line of HEAD alone is looked at",
        "../hooks/reference-transaction",
        "refs/heads/* | refs/stash | refs/replace/*)",
        "refs/nothing)",
        GIT,
    ),
    Plant(
        "no early word at ORIG_HEAD",
        "workspace/refs.py",
        "return not update.deletes",
        "return False",
        GIT,
    ),
    Plant(
        "a switch of branches is refused",
        "workspace/refs.py",
        "or self.verb in TRAVELLERS",
        "",
        GIT,
    ),
    Plant(
        "an abort is refused",
        "workspace/refs.py",
        "if self.ends and self.under_way() and all(map(self._goes_back, found)):",
        "if False:",
        GIT,
    ),
    Plant(
        "the note outlives a turn",
        "../hooks/allowed",
        '[ "$stick_now" = "$stick_seen" ]',
        ":",
        GIT,
    ),
    Plant(
        "the note is anybody's with that pid",
        "../hooks/allowed",
        '[ "${20-$stick_start}" = "$stick_start" ] || return 1',
        ":",
        GIT,
    ),
    Plant(
        "the digits of a commit decide whether the note counts",
        "../hooks/reference-transaction",
        'case $stick_lines in *" refs/stash"*)',
        'case $stick_elsewhere$stick_lines in 1* | *" refs/stash"*)',
        ("test_gate_git",),
    ),
    Plant(
        "the kept hook is not run",
        "../hooks/kept",
        '[ ! -x "$stick_keep/$stick_hook" ] || stick_run "$stick_keep/$stick_hook" "$@" || exit',
        ":",
        ("test_gate_git", "test_kept_hooks"),
    ),
    Plant(
        "a commit of the turn's first second is denied",
        "operations/changes.py",
        "    if head is not None:\n",
        "    if False:\n",
        ("test_changes", "test_status"),
    ),
    Plant(
        "moves past the hooks are not seen",
        "operations/audit.py",
        "recorded == now or ",
        "True or ",
        GIT,
    ),
    Plant(
        "a way back that overwrites what was done since",
        "handlers/ways_back.py",
        'f"git read-tree -m -u {tree} HEAD" if tree',
        '"git read-tree --reset -u HEAD" if tree',
        ("test_git_way_back",),
    ),
    Plant(
        "a stash's own reset is refused halfway",
        "handlers/undo_hints.py",
        '!= "stash"',
        '!= "nothing"',
        ("test_git_way_back",),
    ),
    Plant(
        "replaced objects are anybody's",
        "workspace/refs.py",
        " or update.ref.startswith(REPLACED)",
        "",
        ("test_git_shared",),
    ),
    Plant(
        "what was stashed in another worktree is anybody's",
        "handlers/shared_refs.py",
        "if lost & mine or (replaced and",
        "if (replaced and",
        ("test_git_shared",),
    ),
    Plant(
        "a pick that another began is forgotten",
        "handlers/unfinished_operations.py",
        """    if begun_operations.is_of(workspace.git_dir or "", hook.caller()):
        return 0
    return hook""",
        """    if hook:
        return 0
    return hook""",
        ("test_git_told",),
    ),
    Plant(
        "a pick that stops at conflicts is not told",
        "handlers/git_transaction.py",
        'if refs.verb in ("cherry-pick", "revert"):',
        "if False:",
        ("test_git_told",),
    ),
    Plant(
        "what goes on with another's work is told to take it back",
        "handlers/ways_back.py",
        "if not undo_hints.GOING_ON.isdisjoint(command) or verb",
        "if verb",
        ("test_git_aftermath",),
    ),
    Plant(
        "the holder's own abort is told to the holder",
        "operations/audit.py",
        "if ABORTED not in m[3] and ",
        "if ",
        ("test_git_aftermath",),
    ),
    Plant(
        "HEAD may leave its branch without the tree",
        "workspace/refs.py",
        "(self.detached or alone) and not away",
        "self.detached and not away",
        ("test_git_table",),
    ),
    # --- who asks again, told in sh
    Plant(
        "an agent is known by its client alone",
        "../hooks/allowed",
        '[ "$stick_told" = "@TOLD@" ] || return 1',
        ":",
        ("test_cached_answer",),
    ),
    Plant(
        "a variable that names somebody is not looked at",
        "../hooks/allowed",
        'if [ -z "@MARKS@" ]; then',
        "if :; then",
        ("test_cached_answer",),
    ),
    Plant(
        "a shell is known whatever program it became",
        "../hooks/allowed",
        '[ "$stick_from" = "$stick_whom:${20}:${stick_name#*\\(}" ]',
        '[ "${stick_from%:*}" = "$stick_whom:${20}" ]',
        ("test_cached_answer",),
    ),
    Plant(
        "a client is known by its pid alone",
        "../hooks/allowed",
        '[ "client:$stick_above:${20}:$stick_name" != "$stick_from" ] || return 0',
        'case $stick_from in "client:$stick_above:"*) return 0 ;; esac',
        ("test_cached_answer",),
    ),
    Plant(
        "whatever runs below a client is the client",
        "../hooks/allowed",
        "*) return 1 ;;\n    esac\n    stick_above",
        "*) ;;\n    esac\n    stick_above",
        ("test_cached_answer",),
    ),
    Plant(
        "a git that began before the note, and may have joined then",
        "../hooks/allowed",
        '[ "$3" -ge "$stick_since" ] || return 1',
        ":",
        ("test_cached_answer",),
    ),
    Plant(
        "a member that became git speaks for its terminal",
        "gate/cache.py",
        "if any(sighting.key(one) in bound for one in [*own, *below]) or not",
        "if not",
        ("test_cached_answer",),
    ),
    Plant(
        "two environments that are told by the same words",
        "gate/cache.py",
        "return told.isprintable() and told.count(SEPARATOR) == len(marks()) - 1",
        "return told.isprintable()",
        ("test_cached_answer",),
    ),
    Plant(
        "a client whose session no member has",
        "gate/cache.py",
        "if client is None or not any(caller.sighting.key(client) in b.processes for b in known):",
        "if client is None or not caller.session:",
        ("test_cached_answer",),
    ),
    # --- turns that begin and end by themselves
    Plant(
        "a turn taken by hand that ends by itself",
        "handlers/client_session.py",
        "if lease is None or lease.auto_from is None or not _is_alone(desk, snapshot.room):",
        "if lease is None or not _is_alone(desk, snapshot.room):",
        ("test_letting_go",),
    ),
    Plant(
        "a turn asked for after its first edit that ends by itself",
        "protocol/transitions.py",
        "room = _renewed(_taken_by_hand(room, command), at)",
        "room = _renewed(room, at)",
        ("test_letting_go",),
    ),
    Plant(
        "uncommitted work whose turn ends by itself",
        "operations/auto_release.py",
        "_inner(desk, room)) == []",
        "_inner(desk, room)) is not None",
        ("test_letting_go",),
    ),
    Plant(
        "a stick that was taken opens every room",
        "handlers/client_command.py",
        "return target.workspace.root != workspace.root or _room_of(layout, target) != room",
        "return False",
        ("test_shell_reach",),
    ),
    Plant(
        "a stick that was put down in a subshell still counts",
        "shell/stick.py",
        "call.found.turns += 1",
        "call.found.turns += 0",
        ("test_shell",),
    ),
    Plant(
        "a link that the command made leads nowhere",
        "shell/state.py",
        "made = self.links.through(path, follows",
        "made = Links().through(path, follows",
        ("test_shell_links",),
    ),
    Plant(
        "of more links than are looked at the others lead nowhere",
        "shell/links.py",
        'return () if (place + "/").startswith(TEMPORARY) else (UNKNOWN,)',
        "return ()",
        ("test_shell_links",),
    ),
    Plant(
        "a link on the disk is not followed where a glob means it",
        "shell/links.py",
        "if entry.is_symlink() and (follows",
        "if False and (follows",
        ("test_shell_leads",),
    ),
    Plant(
        "a program's folder is told by its letters",
        "shell/state.py",
        "folders_at(folder, self.state, physical=True)",
        "folders_at(folder, self.state)",
        ("test_shell_leads",),
    ),
    Plant(
        "a command that is not understood is asked for where the shell stands alone",
        "shell/verdict.py",
        "found.nobody_knows(trouble, state, [UNKNOWN])",
        "found.nobody_knows(trouble, state)",
        ("test_shell_leads",),
    ),
    Plant(
        "every sh is bash",
        "shell/runners.py",
        '_PLAIN_SHELLS: Final = ("sh", "dash", "ash", "busybox-sh")',
        "_PLAIN_SHELLS: Final = ()",
        ("test_shell_leads",),
    ),
    Plant(
        "rooms deep below what a command names are not near",
        "gate/reach.py",
        "deep = _NESTED if far else 1",
        "deep = 1",
        ("test_shell_leads",),
    ),
    Plant(
        "a project's own bin is a folder of programs",
        "shell/folders.py",
        "return installed or above.startswith(INSTALLED)",
        "return True",
        ("test_shell",),
    ),
    Plant(
        "at a glance every program reads",
        "shell/simple.py",
        "all(map(_plainly_reads",
        "any(map(_plainly_reads",
        ("test_shell_simple",),
    ),
    Plant(
        "an option of docker that is not listed passes",
        "shell/telling.py",
        "odd = given.odd\n",
        "odd = None\n",
        ("test_shell_options",),
    ),
    Plant(
        "a method of PowerShell's is called",
        "shell/powershell.py",
        "and line[place - 1] not in _BEFORE_VALUE\n",
        "and False\n",
        ("test_shell_corpus",),
    ),
    Plant(
        "a method that ForEach-Object names is called",
        "shell/powershell.py",
        "if first in _EACH and not all(_is_block_option(word.lower()) for word in words[1:]):",
        "if False:",
        ("test_shell_corpus",),
    ),
    Plant(
        "a remark in JavaScript is taken for a pattern",
        "shell/javascript_code.py",
        'elif code.startswith(("//", "/*"), start):',
        "elif False:",
        ("test_shell_corpus",),
    ),
    Plant(
        "a word behind tmux's semicolon is not looked at",
        "shell/services.py",
        '"#(" in one or one.endswith(";") or not is_known(one)',
        "not is_known(one)",
        ("test_shell_corpus",),
    ),
    Plant(
        "what stands behind an ampersand in cmd's line is not looked at",
        "shell/windows.py",
        'line = line.replace("&", "|")',
        'line = line.partition("&")[0]',
        ("test_shell_corpus",),
    ),
    Plant(
        "what rtk runs as one line is its first word",
        "shell/condensers.py",
        'call.script(" ".join(rest), call.name)',
        "call.script(rest[0].partition(';')[0], call.name)",
        ("test_shell_corpus",),
    ),
    Plant(
        "any statement that begins with use or set is of the session",
        "shell/databases.py",
        'if " ".join(tokens) in _OF_SESSION or _is_named(tokens):',
        'if first in ("use", "set") or _is_named(tokens):',
        ("test_shell_corpus",),
    ),
    Plant(
        "getattr in Python asks for any name",
        "shell/python_calls.py",
        "and name.value in python_names.VERSIONS",
        "and bool(name.value)",
        ("test_shell_corpus",),
    ),
    Plant(
        "whatever lies below a person's folder on Windows is an installed program",
        "shell/folders.py",
        "any(one in folder for one in _OF_ONE_PERSON)",
        "any(True for one in _OF_ONE_PERSON)",
        ("test_shell_corpus",),
    ),
    Plant(
        "what ffmpeg writes is not noted",
        "shell/media.py",
        "            _written(call, word)",
        "            pass",
        ("test_shell_corpus",),
    ),
    Plant(
        "a database is changed by a tool that queries",
        "clients/statements.py",
        "if first in _CHANGES or",
        "if False or",
        ("test_foreign_tools",),
    ),
    Plant(
        "a server's tool by a bare name, as a client's own one",
        "clients/payloads.py",
        'payload.get("hook_event_name") == _OF_SERVERS and isinstance(tool, str)',
        "False",
        ("test_foreign_tools",),
    ),
    Plant(
        "a tool of Cline that nobody knows is a yes",
        "clients/cline.py",
        "return tool not in HARMLESS",
        "return payloads.is_foreign(tool)",
        ("test_clients",),
    ),
    Plant(
        "what is typed into Copilot's shell is a yes",
        "clients/copilot.py",
        '    "write_bash": SHELL,',
        '    "write_powershell": SHELL,',
        ("test_clients",),
    ),
    Plant(
        "what cannot be looked into is a yes",
        "workspace/paths.py",
        "        return _shut(parent) or parent\n",
        '        return ""\n',
        ("test_paths",),
    ),
    Plant(
        "a turn that ends for a waiter who has died",
        "operations/auto_release.py",
        "moment.line_of(room, desk.rooms.moment(snapshot))",
        "(w.agent_id for w in room.waiters)",
        ("test_letting_go",),
    ),
    Plant(
        "etcd: room time runs on while the holder's key is there",
        "store/engine/holders.py",
        "return min(now, lease.expires_at - STANDS) if lease else now",
        "return now",
        ETCD,
    ),
    Plant(
        "etcd: a lease that is in time by its clock is over by ours",
        "store/engine/views.py",
        "vouched = operation_of(before) in (held or ())",
        "vouched = False",
        ETCD,
    ),
    Plant(
        "etcd: a key that is gone ends nothing",
        "store/engine/holders.py",
        "return replace(seen, offset=seen.offset + behind) if behind > 0 else seen",
        "return seen",
        ETCD,
    ),
    Plant(
        "etcd: a takeover does not compare that the key is gone",
        "store/engine/etcd.py",
        "gone = {} if held is None else holders.over(ended, held)",
        "gone: Json = {}",
        ETCD,
    ),
    Plant(
        "etcd: a renewal is under the lease of before",
        "store/engine/etcd.py",
        "if operation != holding.operation:",
        "if not operation:",
        ETCD,
    ),
    Plant(
        "etcd: a change without an answer is sent to the next member",
        "store/engine/etcd_wire.py",
        "if trouble.sent and not again:",
        "if not trouble.sent and not again:",
        ETCD,
    ),
    Plant(
        "an engine's later events are in the log twice",
        "store/engine/mirrors.py",
        "lines = fetch(room.room_id, first, room.event_seq - first)",
        "lines = fetch(room.room_id, first, NEWEST)",
        ("test_engine",),
    ),
)


@dataclass(frozen=True)
class Result:
    plant: Plant
    caught: bool
    seconds: float
    by: str


@contextmanager
def copied() -> Iterator[Path]:
    """Give a copy of what the tests need, to plant a bug into."""
    with tempfile.TemporaryDirectory(prefix="stick-planted-") as folder:
        copy = Path(folder, "copy")
        skipped = shutil.ignore_patterns(".git", ".venv*", ".*_cache", "__pycache__", ".hypothesis")
        shutil.copytree(REPOSITORY, copy, ignore=skipped)
        yield copy


def file_of(copy: Path, test: str) -> str:
    return str(next((copy / "tests").rglob(f"{test}.py")).relative_to(copy))


def failure(copy: Path, tests: str, python: str) -> str:
    """Run a file of tests, or one test, in the copy; return the first that fails, or ""."""
    env = {
        **os.environ, "PYTHONPATH": str(copy), "STICK_PLANTED": str(copy),
        "STICK_SEED": "1", "STICK_SEEDS": "150", "STICK_SCHEDULES": "300",
        "STICK_MUTATIONS": "2500", "STICK_EXAMPLES": "100", "PYTHONDONTWRITEBYTECODE": "1",
        "CI": "1",  # hypothesis counts no milliseconds then
    }  # fmt: skip
    line = [
        python, "-m", "pytest", "-x", "-q", "-n", "0", "-m", "", "-p", "no:cacheprovider",
        f"--basetemp={copy.parent / 'tests'}", "--deselect",
        "tests/stress/test_planted_bugs.py::test_every_plant_still_fits", tests,
    ]  # fmt: skip
    with tempfile.TemporaryFile("w+") as output:  # no pipe: what a test left behind would hold it
        subprocess.run(line, cwd=copy, env=env, stdout=output, stderr=output, check=False)
        output.seek(0)
        lines = output.readlines()
    for said in lines:
        if said.startswith(("FAILED ", "ERROR ")):
            return said.split(" ", 1)[1].split(" - ")[0].strip()
    return ""


def run(plant: Plant, python: str = sys.executable, first: str = "") -> Result:
    """Plant one bug into a copy of the repository and run its tests there, ``first`` the one first."""
    began = time.monotonic()
    with copied() as copy:
        file = copy / "stickhooks" / plant.file
        file.write_text(plant.into(file.read_text()))
        files = [file_of(copy, test) for test in plant.tests]
        here = [first] if first.split("::", maxsplit=1)[0] in files else []
        by = next(filter(None, (failure(copy, tests, python) for tests in here + files)), "")
    return Result(plant, bool(by), time.monotonic() - began, by)


def sound(test: str, python: str = sys.executable) -> str:
    """Return what fails in a file of tests with nothing planted: it would catch everything."""
    with copied() as copy:
        return failure(copy, file_of(copy, test), python)


def known() -> dict[str, str]:
    """Return which test caught which plant the last time: it is asked first."""
    try:
        return dict(json.loads(CAUGHT.read_text()))
    except (OSError, ValueError):
        return {}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("words", nargs="*", help="only plants whose name holds one of these")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args(arguments)
    chosen = [p for p in PLANTS if not given.words or any(w in p.name for w in given.words)]
    before = known()
    missed = 0
    with ThreadPoolExecutor(given.jobs) as pool:
        for future in as_completed(
            [pool.submit(run, plant, first=before.get(plant.name, "")) for plant in chosen]
        ):
            result = future.result()
            missed += not result.caught
            before[result.plant.name] = result.by
            word = "caught" if result.caught else "MISSED"
            print(f"{word}  {result.seconds:5.1f} s  {result.plant.name}: {result.by}", flush=True)
            CAUGHT.parent.mkdir(exist_ok=True)
            CAUGHT.write_text(json.dumps(before, indent=1))
        files = dict.fromkeys(name for plant in chosen for name in plant.tests)
        for name, broken in zip(files, pool.map(sound, files), strict=True):
            print(f"{name}: {f'FAILS with nothing planted: {broken}' if broken else 'sound'}")
            missed += bool(broken)
    print(f"caught {len(chosen) - missed} of {len(chosen)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
