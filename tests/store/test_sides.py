"""A room on a file system whose locks are not one belongs to one side of it; another writes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import stickhooks
from stickhooks.errors import Next
from stickhooks.fast.records import replace
from stickhooks.operations import move_side
from stickhooks.operations.context import Desk
from stickhooks.protocol.model import Policy, Process
from stickhooks.setup import doctor
from stickhooks.store import codec, schema, sides
from stickhooks.system import clock, filesystem, processes
from stickhooks.system.folder import Folder
from tests.support.mounts import Mounts
from tests.support.shells import Shells
from tests.support.world import HANDOFF, Workspace, content, git, git_repo, outcome, refused

HOOK = Path(stickhooks.__file__).with_name("hook.py")


@pytest.fixture
def mounts(tmp_path: Path) -> Iterator[Mounts]:
    made = Mounts(tmp_path)
    yield made
    made.close()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return git_repo(tmp_path / "shop")


def at(root: Path, policy: Policy | None = None) -> Workspace:
    return Workspace(root, git=True, policy=policy)


def state(ws: Workspace) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(ws.state.read_text())
    return raw


def change_side(ws: Workspace, **fields: object) -> None:
    """Write a room's side by hand: that of another boot, say."""
    raw = state(ws)
    raw["side"] = {**raw["side"], **fields}
    ws.state.write_text(json.dumps(raw))


# --- which types are known ---------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    ["fuse", "fuseblk", "fuse.bindfs", "fuse.sshfs", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse",
     "fuse.vmhgfs-fuse", "fuse.fuse-overlayfs", "fuse.mergerfs", "fuse.grpcfuse", "grpcfuse", "osxfs",
     "virtiofs", "9p", "drvfs", "fakeowner", "vboxsf", "prl_fs", "vmhgfs", "macfuse", "osxfuse",
     "VirtioFS", "shiftfs"],
)  # fmt: skip
def test_a_file_system_that_is_shared_without_its_locks_is_known_by_its_type(kind: str) -> None:
    assert filesystem.is_shared(kind)
    assert not filesystem.is_network(kind)


@pytest.mark.parametrize(
    "kind", ["ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "apfs", "NTFS", "f2fs"]
)
def test_an_ordinary_file_system_is_not_suspected(kind: str) -> None:
    assert not filesystem.is_shared(kind)
    assert not filesystem.is_network(kind)


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "ceph"])
def test_a_server_s_locks_are_still_refused(kind: str) -> None:
    assert filesystem.is_network(kind)


def test_of_two_mounts_at_one_place_an_open_folder_tells_its_own(
    mounts: Mounts, tmp_path: Path
) -> None:
    below = mounts.tmpfs()
    with Folder.open(str(below)) as folder:
        assert filesystem.kind_at(str(below), folder.fd) == "tmpfs"
        mounts.bindfs(tmp_path / "mount0", over=below)
        assert filesystem.kind_of(str(below)).startswith("fuse")
        assert filesystem.kind_at(str(below), folder.fd) == "tmpfs"


# --- when two sides differ ---------------------------------------------------------------


def side(boot: str = "b", device: int = 7, kind: str = "ext4") -> sides.Side:
    return sides.Side(boot, device, kind, "/ws")


def written(one: sides.Side) -> dict[str, object]:
    return dict(sides.written(one, None) or {})


@pytest.mark.parametrize(
    ("before", "now", "apart"),
    [
        (side(), side(), False),
        (side(), side(boot="next"), False),  # a machine that was started again
        (side(), side(device=8), False),  # a disk that got another number
        (side(kind="fuse"), side(kind="fuse"), False),  # everybody in one container
        (side(kind="fuse"), side(kind="fuse", device=8), True),  # two mounts of one folder
        (side(kind="fuse"), side(kind="fuse", boot="vm"), True),  # two VMs count alike
        (side(), side(kind="virtiofs", boot="vm"), True),  # made on the host, seen in a VM
        (side(kind="virtiofs", boot="vm"), side(), True),  # and the other way round
        (side(), side(kind="nfs4", boot="client"), True),
        (side(kind="fuse"), side(kind="", boot=""), False),  # a sandbox without /proc, same device
        (side(kind="ext4"), side(kind="", boot="", device=8), True),
    ],
)
def test_two_sides_differ_where_one_shares_files_without_locks(
    before: sides.Side, now: sides.Side, apart: bool
) -> None:
    assert sides.differ(written(before), now) == apart


def test_a_side_that_is_not_known_leaves_what_was_written() -> None:
    before = written(side())
    assert sides.written(side(kind=""), before) == before
    assert sides.written(side(kind="nfs4"), before) is None


# --- what is written ---------------------------------------------------------------------


def test_a_room_says_which_side_it_belongs_to(shop: Path) -> None:
    ws = at(shop)
    ws.join("ana")
    found = state(ws)["side"]
    assert found["dev"] == ws.state.stat().st_dev
    assert found["root"] == str(shop)
    raw, record = codec.decode(state(ws))
    assert json.loads(codec.encode(raw, record))["side"] == found


def test_a_state_of_an_older_version_gains_its_side_at_the_next_write(shop: Path) -> None:
    ws = at(shop)
    room = ws.join("ana")
    before = state(ws)["side"]
    raw = state(ws)
    del raw["side"]
    ws.state.write_text(json.dumps(raw))
    ws.take("ana", room)
    assert state(ws)["side"] == before


@pytest.mark.parametrize(
    "wrong", [{}, [], "x", {"boot": "b", "dev": -1, "kind": "k", "root": "r"},
              {"boot": "b", "dev": True, "kind": "k", "root": "r"}],
)  # fmt: skip
def test_a_side_of_the_wrong_form_is_a_damaged_state(wrong: object, shop: Path) -> None:
    ws = at(shop)
    ws.join("ana")
    ws.state.write_text(json.dumps({**state(ws), "side": wrong}))
    refused(lambda: ws.join("bo"), "state_corrupt")
    assert schema.complaint(state(ws))


def test_after_a_reboot_a_room_on_a_local_disk_goes_on(shop: Path) -> None:
    ws = at(shop)
    room = ws.join("ana")
    change_side(ws, boot="an earlier one", dev=1, kind="ext4")
    ws.take("ana", room)
    assert state(ws)["side"]["dev"] == ws.state.stat().st_dev


# --- two sides, really mounted -----------------------------------------------------------

Act = Callable[[Workspace, tuple[str, str, str, int]], object]
WRITES: dict[str, Act] = {
    "join": lambda ws, held: ws.join("cy"),
    "join again": lambda ws, held: ws.join("ana"),
    "a room below": lambda ws, held: ws.join("ana", "src", new=True),
    "wait": lambda ws, held: ws.rooms.wait("bo", held[1]),
    "a place in the line": lambda ws, held: ws.rooms.enlist("bo", held[1]),
    "renew": lambda ws, held: ws.rooms.heartbeat(*held),
    "release": lambda ws, held: ws.rooms.release(*held, HANDOFF),
    "pass": lambda ws, held: ws.rooms.pass_on(*held, "bo", HANDOFF),
    "close": lambda ws, held: ws.rooms.close(*held, HANDOFF),
    "takeover": lambda ws, held: ws.rooms.takeover("bo", held[1], "now", held[3]),
    "leave": lambda ws, held: ws.rooms.leave("bo", held[1]),
    "leave by force": lambda ws, held: ws.rooms.leave("ana", held[1], force=True),
    "policy": lambda ws, held: ws.rooms.set_policy("ana", held[1], Policy()),
    "govern": lambda ws, held: ws.rooms.govern(held[1], Policy()),
    "a session": lambda ws, held: ws.rooms.bind("ana", held[1], "claude:1"),
}


def held_room(root: Path) -> tuple[Workspace, tuple[str, str, str, int]]:
    ws = at(root)
    ws.join("bo")
    return ws, ws.take("ana", ws.join("ana"))


@pytest.mark.parametrize("made", ["below", "in a view"])
def test_another_side_writes_nothing(made: str, mounts: Mounts, shop: Path) -> None:
    view = mounts.bindfs(shop)
    first, second = (shop, view) if made == "below" else (view, shop)
    ws, held = held_room(first)
    (shop / "src").mkdir()
    before = content(shop / ".talking-stick")
    for name, act in WRITES.items():
        refusal = refused(lambda act=act: act(at(second), held), "io")  # type: ignore[misc]
        assert str(first) in refusal.message, name
        assert "ana" in refusal.message, name
        assert content(shop / ".talking-stick") == before, name
    ws.rooms.release(*held, HANDOFF)  # and the side that it belongs to goes on


def test_two_views_of_one_folder_are_two_sides(mounts: Mounts, shop: Path) -> None:
    one, two = mounts.bindfs(shop), mounts.bindfs(shop)
    _, held = held_room(one)
    assert outcome(lambda: at(two).rooms.wait("bo", held[1])) == "io"
    assert outcome(lambda: at(one).rooms.heartbeat(*held)) == "ok"


def test_everybody_in_one_view_shares_its_locks_and_works(mounts: Mounts, shop: Path) -> None:
    view = mounts.bindfs(shop)
    _, held = held_room(view)
    again = mounts.bind(view)  # a second container with the same mount, say
    at(again).rooms.release(*held, HANDOFF)
    at(view).take("bo", held[1])


def test_a_view_that_was_mounted_again_is_moved_by_hand(mounts: Mounts, shop: Path) -> None:
    view = mounts.bindfs(shop)
    room = at(view).join("ana")
    change_side(at(view), boot="an earlier one")
    refusal = refused(lambda: at(view).rooms.wait("ana", room), "io")
    assert "mounted again" in refusal.message
    assert refusal.next == [Next("doctor", "--fix")]


def test_a_bind_mount_is_the_same_side(mounts: Mounts, shop: Path) -> None:
    ws, held = held_room(shop)
    before = state(ws)["side"]
    view = mounts.bind(shop)
    at(view).rooms.release(*held, HANDOFF)
    assert state(ws)["side"] == before
    at(shop).take("bo", held[1])


def test_memory_and_overlays_are_ordinary(mounts: Mounts, tmp_path: Path) -> None:
    layers, lower = mounts.tmpfs(), tmp_path / "lower"
    git_repo(lower)
    overlay = mounts.overlay(layers, lower)
    _, held = held_room(overlay)
    mounts.away(overlay)
    again = mounts.overlay(layers, lower)  # as a container that is started again
    at(again).rooms.release(*held, HANDOFF)
    root = git_repo(layers / "shop")
    held_room(root)


def test_a_linked_worktree_on_a_view_has_a_side_of_its_own(mounts: Mounts, shop: Path) -> None:
    git(shop, "commit", "-q", "--allow-empty", "-m", "first")
    elsewhere = mounts.tmpfs()
    (elsewhere / "trees").mkdir()
    view = mounts.bindfs(elsewhere / "trees")
    git(shop, "worktree", "add", "-q", str(view / "tree"))
    desk = Desk(str(view / "tree"))
    room = str(desk.rooms.join("ana", "")["room_id"])
    assert desk.rooms.wait("ana", room)["status"] == "your_turn"
    below = Desk(str(elsewhere / "trees" / "tree"))
    assert below.workspace.git_dir == desk.workspace.git_dir
    refused(lambda: below.rooms.wait("ana", room), "io")


# --- the gate ----------------------------------------------------------------------------


def gate(root: Path, lease_id: str) -> subprocess.CompletedProcess[str]:
    """Ask the gate as a commit's hook does, with the holder's own lease."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("STICK_", "CLAUDE", "GIT_"))}
    return subprocess.run(
        [sys.executable, "-I", "-S", HOOK, "pre-commit", "--git", str(os.getpid())],
        cwd=root, env={**env, "STICK_LEASE": lease_id}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("made", ["below", "in a view"])
def test_the_gate_refuses_its_holder_on_another_side(made: str, mounts: Mounts, shop: Path) -> None:
    view = mounts.bindfs(shop)
    first, second = (shop, view) if made == "below" else (view, shop)
    ws = at(first)
    ws.rooms.clock = clock.read
    held = ws.take("ana", ws.join("ana"))
    assert gate(first, held[2]).returncode == 0
    done = gate(second, held[2])
    assert done.returncode == 3
    assert "ana's side" in done.stderr
    assert "ana (you) holds" in done.stderr


# --- moved by doctor ---------------------------------------------------------------------


def desk(root: Path, said: str | None = None) -> Desk:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("STICK_", "CLAUDE"))}
    return Desk(str(root), said, env=env)


def test_a_free_room_is_moved_with_all_it_has(mounts: Mounts, shop: Path) -> None:
    view = mounts.bindfs(shop)
    ws, held = held_room(shop)
    (shop / "src").mkdir()
    ws.join("ana", "src", new=True)
    ws.rooms.release(*held, HANDOFF)
    before = state(ws)
    assert str(view) in move_side.move(desk(view), 0)
    after = state(ws)
    changed = {key for key in after if after[key] != before[key]}
    assert changed == {
        "revision",
        "side",
        "clock",
        "place",
    }  # nobody holds: the clock is set to this boot
    below = json.loads((ws.folder / "room.src.json").read_text())
    assert below["side"] == after["side"]
    at(view).take("bo", held[1])
    refused(lambda: at(shop).rooms.wait("ana", held[1]), "io")


def joined(root: Path, *agents: str, process: Process | None = None) -> tuple[Desk, str]:
    """Return a room by the real clock, and its id."""
    here = desk(root)
    for agent in agents:
        here.rooms.join(agent, "", process=process)
    return here, here.snapshot().room.room_id


def test_a_held_room_is_not_moved(mounts: Mounts, shop: Path) -> None:
    view = mounts.bindfs(shop)
    here, room = joined(shop, "ana")
    here.rooms.wait("ana", room)
    before = content(shop / ".talking-stick")
    refusal = refused(lambda: move_side.move(desk(view), 0), "held")
    assert "ana holds" in refusal.message
    assert content(shop / ".talking-stick") == before


def test_a_room_that_is_kept_for_somebody_is_not_moved(mounts: Mounts, shop: Path) -> None:
    view = mounts.bindfs(shop)
    here, room = joined(shop, "ana", "bo")
    answer = here.rooms.wait("ana", room)
    here.rooms.pass_on("ana", room, str(answer["lease_id"]), 1, "bo", HANDOFF)
    refusal = refused(lambda: move_side.move(desk(view), 0), "reserved")
    assert "bo" in refusal.message


def test_all_rooms_are_one_finding_and_moved_at_once(mounts: Mounts, shop: Path) -> None:
    view = mounts.bindfs(shop)
    here, _ = joined(shop, "ana")
    for name in ("one", "two"):
        (shop / name).mkdir()
        here.rooms.join("ana", name, force_new=True)
    findings = [f for f in doctor._rooms(desk(view)) if f.code == "io"]
    assert len(findings) == 1
    assert findings[0].mend is not None
    there = desk(view)
    move_side.move(there, 0)
    assert not [f for f in doctor._rooms(there) if f.code == "io"]


def test_a_servers_drive_on_windows_is_known() -> None:
    assert filesystem._kind_of_drive("NTFS", "rw,remote") == "smbfs"
    assert filesystem._kind_of_drive("NTFS", "rw,fixed") == "NTFS"


def test_one_held_room_keeps_all_of_the_workspace(mounts: Mounts, shop: Path) -> None:
    view = mounts.bindfs(shop)
    here, _ = joined(shop, "ana")
    (shop / "src").mkdir()
    below = here.rooms.join("bo", "src", force_new=True)
    here.rooms.wait("bo", str(below["room_id"]))
    refused(lambda: move_side.move(desk(view), 0), "held")
    assert state(at(shop))["side"]["root"] == str(shop)


def test_a_room_whose_holder_is_gone_is_moved_with_its_turn(mounts: Mounts, shop: Path) -> None:
    view = mounts.bindfs(shop)
    machine, boot, pidns = processes.where()
    ended = subprocess.Popen(["true"])
    ended.wait()
    here, room = joined(shop, "ana", process=Process(ended.pid, 1, machine, boot, pidns, "sh"))
    here.rooms.set_policy("ana", room, replace(Policy(), gone_grace=0))
    here.rooms.wait("ana", room)
    move_side.move(desk(view), 0)
    there = desk(view)
    there.rooms.join("bo", "")
    answer = there.rooms.wait("bo", room)
    assert answer["reason"] == "owner_gone"
    assert there.rooms.takeover("bo", room, "ana is gone", 1)["turn_id"] == 2


def test_a_holder_moves_a_room_with_it(mounts: Mounts, shop: Path) -> None:
    view = mounts.bindfs(shop)
    here, room = joined(shop, "ana")
    lease = str(here.rooms.wait("ana", room)["lease_id"])
    there = desk(view, "ana")
    there.env["STICK_LEASE"] = lease
    move_side.move(there, 0)
    there.rooms.release("ana", room, lease, 1, HANDOFF)
    refused(lambda: here.rooms.wait("ana", room), "io")


def test_a_write_of_the_other_side_is_never_taken_for_a_move(mounts: Mounts, shop: Path) -> None:
    view = mounts.bindfs(shop)
    here, room = joined(shop, "ana")
    there = desk(view)
    seen = there.rooms.clock

    def clock_of_a_slow_mover() -> tuple[int, int, str]:
        if state(at(shop))["turn_id"] == 0:
            here.rooms.wait("ana", room)
        return seen()

    there.rooms.clock = clock_of_a_slow_mover
    assert outcome(lambda: move_side.move(there, 0)) != "ok"
    assert state(at(shop))["lease"]["holder"] == "ana"


# --- a room whose state is gone ----------------------------------------------------------


def test_a_lost_room_that_is_held_on_another_side_is_not_made_anew(
    mounts: Mounts, shop: Path
) -> None:
    view = mounts.bindfs(shop)
    machine, boot, pidns = processes.where()
    ours = Process(os.getpid(), 1, machine, boot, pidns, "python")
    here, room = joined(shop, "ana", process=ours)
    lease = str(here.rooms.wait("ana", room)["lease_id"])
    (shop / ".talking-stick" / "room.json").unlink()
    there = desk(view)
    refused(lambda: there.rooms.wait("bo", room), "state_lost")
    refused(lambda: there.rooms.remake(""), "io")
    assert not (shop / ".talking-stick" / "room.json").exists()
    here.rooms.heartbeat("ana", room, lease, 1)  # it comes back where it is held


def test_a_lost_room_that_nobody_holds_is_made_anew_on_any_side(mounts: Mounts, shop: Path) -> None:
    view = mounts.bindfs(shop)
    here, room = joined(shop, "ana")
    here.rooms.release("ana", room, str(here.rooms.wait("ana", room)["lease_id"]), 1, HANDOFF)
    (shop / ".talking-stick" / "room.json").unlink()
    made = desk(view).rooms.remake("")
    assert made is not None
    assert made.room_id != room
    assert state(at(shop))["side"]["root"] == str(view)


# --- the verbs on the wrong side ---------------------------------------------------------


def test_reading_verbs_read_on_and_say_it(mounts: Mounts, shop: Path, shells: Shells) -> None:
    view = mounts.bindfs(shop)
    ana, there = shells.person(shop), shells.person(view)
    ana.stick("join --as ana").ok()
    before = content(shop / ".talking-stick")
    for verb in ("status", "log", "rooms", "board", "whoami"):
        told = there.stick(verb).ok().text
        assert "OTHER SIDE" in told, verb
        assert "stick doctor --fix" in told, verb
    there.stick("doctor").fails(74, "ana's side", "doctor --fix")
    for verb in ("init", "uninit", "join --as bo"):
        there.stick(verb).fails(74, "ana's side")
    for verb in ("take", "wait --timeout 1s", "leave", "run -- true", "policy on_idle claim"):
        ana.run(f"cd {view} && stick {verb}").fails(74, "ana's side")
    assert content(shop / ".talking-stick") == before
    there.stick("doctor --fix").ok()
    there.stick("join --as bo").ok()
    there.stick("take").ok()
    shells.person(shop).stick("status").ok()
    there.stick("uninit").ok()
    assert not (shop / ".talking-stick").exists()


def test_a_person_ends_a_room_of_another_side_by_force(
    mounts: Mounts, shop: Path, shells: Shells
) -> None:
    view = mounts.bindfs(shop)
    shells.holder(shop, "ana")
    there = shells.person(view)
    there.stick("uninit").fails(74, "uninit --force")
    there.stick("doctor --fix").fails(74, "ana holds")
    there.stick("uninit --force").ok()
    assert not (shop / ".talking-stick").exists()
