"""The engine on etcd: a real one, and clones of it."""

from __future__ import annotations

import base64
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import replace
from stickhooks.operations.rooms import Rooms
from stickhooks.protocol import commands
from stickhooks.protocol.model import Lease, Policy, Room
from stickhooks.store.engine import views
from stickhooks.store.engine.etcd import Etcd
from stickhooks.store.engine.etcd_place import EtcdPlace
from stickhooks.store.engine.interface import Moved, NoAnswer, Version
from stickhooks.store.engine.store import EngineStore
from tests.protocol.test_conformance import ROOT, Replay, traces
from tests.stress import sample
from tests.support.cutting_proxy import CuttingProxy
from tests.support.etcd_servers import Servers
from tests.support.numbered import each_once
from tests.support.world import refused

Engines = Callable[..., Etcd]
DONE = {"status": "half of it", "next_action": "the other half"}


def text(revision: int, room: str = "", what: str = "") -> bytes:
    told = b'{"revision":%d,"clock":0,"what":"%s","rooms":{%s}}'
    return told % (revision, what.encode(), room.encode())


def held(operation: str, milliseconds: int) -> str:
    """Return a room with a lease, as it stands in a document."""
    lease = f'"lease":{{"operation":"{operation}","expires_at":{milliseconds}}}'
    return f'"":{{"room_id":"r",{lease}}}'


def line(number: int, more: str = "") -> bytes:
    return b'{"event_seq":%d,"what":"%s"}\n' % (number, more.encode())


def test_what_one_clone_swaps_the_other_loads(engine: Engines) -> None:
    one, two = engine(), engine()
    assert one.load() is None
    first = one.swap(None, text(1), {"r": [line(1), line(2)]})
    assert two.load() == first
    second = two.swap(first, text(2), {"r": [line(3)]})
    assert one.load() == second
    assert one.events("r", 0, 10) == [line(1), line(2), line(3)]
    assert one.events("r", 1, 1) == [line(2)]


def test_stale_swaps_and_a_second_making_are_refused(engine: Engines) -> None:
    one, two = engine(), engine()
    version = one.swap(None, text(1), {})
    for revision in range(sample.count("STALE_SWAPS", 100)):
        stale, version = version, two.swap(version, text(revision), {})
        with pytest.raises(Moved):
            one.swap(stale, text(revision, what="stale"), {"r": [line(1, "stale")]})
    with pytest.raises(Moved):
        one.swap(None, text(1), {})
    assert two.load() == version
    assert one.events("r", 0, 10) == []


RACE = """
import sys
from stickhooks.store.engine.etcd import Etcd
from stickhooks.store.engine.etcd_place import EtcdPlace
from stickhooks.store.engine.interface import Moved
for number in range(int(sys.argv[2])):
    engine = Etcd(f"{sys.argv[1]}/{number}", "/", "/", 60)
    try:
        engine.swap(None, b'{"revision":1,"clock":0,"rooms":{}}', {})
        print(number)
    except Moved:
        pass
"""


def test_of_processes_that_make_it_at_once_one_wins(name: str) -> None:
    rounds = sample.count("CREATE_RACES", 20)
    racers = [
        subprocess.Popen([sys.executable, "-c", RACE, name, str(rounds)], stdout=subprocess.PIPE)
        for _ in range(sample.count("CREATE_RACERS", 3))
    ]
    won = [number for racer in racers for number in racer.communicate()[0].split()]
    assert sorted(map(int, won)) == list(range(rounds))


def test_more_events_than_a_request_holds_are_kept_whole(engine: Engines) -> None:
    """etcd takes 128 operations and 1.5 MiB."""
    one = engine()
    version = one.swap(None, text(1), {})
    many = [line(number) for number in range(1, 301)]
    version = one.swap(version, text(2), {"r": many})
    large = [line(number, "x" * 700_000) for number in range(301, 304)]
    one.swap(version, text(3, what="y" * 1_000_000), {"r": large})
    assert engine().events("r", 0, 1000) == [*many, *large]


def test_events_of_who_was_slower_do_not_count(engine: Engines) -> None:
    one, two = engine(), engine()
    version = one.swap(None, text(1), {})
    two.swap(version, text(2), {"r": [line(1, "mine")]})
    with pytest.raises(Moved):
        one.swap(version, text(2), {"r": [line(number) for number in range(1, 200)]})
    assert one.events("r", 0, 1000) == [line(1, "mine")]


def test_a_probe_leaves_nothing(engine: Engines) -> None:
    one = engine()
    assert one.probe() == []
    assert one.load() is None
    below = {"key": "dGVzdC8=", "range_end": "dGVzdDA=", "keys_only": True}  # test/ to test0
    keys = [pair["key"] for pair in one.wire.ask("kv/range", below).get("kvs", ())]
    assert not [key for key in keys if b"/probe/" in base64.b64decode(key)]


def test_two_names_are_two_documents_and_one_is_deleted_whole(engine: Engines, name: str) -> None:
    one, two = engine(), engine(f"{name}#docs")
    version = one.swap(None, text(1, held("op-1", 60_000)), {"r": [line(1)]})
    kept = two.swap(None, text(1, held("op-2", 60_000)), {"r": [line(1)]})
    with pytest.raises(Moved):
        one.delete(kept, b"farewell")
    assert one.farewell() is None
    one.delete(version, b"farewell")
    assert one.farewell() == b"farewell"
    assert one.load() is None
    assert one.events("r", 0, 10) == []
    assert two.load() == kept


# --- the key of who holds


def test_the_key_of_a_holder_goes_when_its_time_is_over_and_not_before(engine: Engines) -> None:
    one = engine()
    begun = time.monotonic()
    version = one.swap(None, text(1, held("op-1", 1500)), {})
    assert version.held == frozenset({"op-1"})
    while (found := one.load()) and found.held:
        time.sleep(0.02)
    assert time.monotonic() - begun >= 1.5
    assert found == replace(version, held=frozenset())


def test_a_renewal_puts_the_key_under_a_new_lease_and_a_release_removes_it(
    engine: Engines,
) -> None:
    one = engine()
    version = one.swap(None, text(1, held("op-1", 1000)), {})
    version = one.swap(version, text(2, held("op-2", 60_000)), {})
    assert version.held == frozenset({"op-2"})
    time.sleep(2.2)
    assert one.load() == version
    one.swap(version, text(3), {})
    found = one.load()
    assert found is not None
    assert found.held == frozenset()


def test_who_takes_over_by_time_compares_that_the_key_is_gone(engine: Engines) -> None:
    """The law would not ask for it with the key there: this is the last door."""
    one = engine()
    version = one.swap(None, text(1, held("op-1", 60_000)), {})
    blind = Version(version.token, version.data, frozenset())
    with pytest.raises(Moved):
        one.swap(blind, text(2, held("op-2", 60_000)), {})
    one.swap(version, text(2, held("op-2", 60_000)), {})


class Clone:
    """A clone with one member, whose clock runs as fast as it is told."""

    def __init__(self, engine: Etcd, folder: Path, name: str, rate: float) -> None:
        self.name, self.rate, self.wire = name, rate, engine.wire
        self.store = EngineStore(ROOT, None, engine, name, folder=str(folder), clock=self.clock)
        policy = Policy(owner_lease_ttl=2000)
        self.rooms = Rooms(self.store, clock=self.clock, dead=lambda _: frozenset(), policy=policy)
        self.rooms.join(name, "")

    def clock(self) -> tuple[int, int, str]:
        now = int(time.monotonic() * 1000 * self.rate)
        return now, now, "this boot"

    def room(self) -> Room:
        snapshot = self.store.load("")
        assert snapshot is not None
        return snapshot.room

    def names(self) -> list[str]:
        return [member.agent_id for member in self.room().members]

    def held(self) -> bool:
        """Tell whether the holder is in time."""
        snapshot = self.store.load("")
        assert snapshot is not None
        lease = snapshot.room.lease
        return lease is not None and snapshot.now(self.clock()) < lease.expires_at

    def ask(self) -> str:
        """Ask for the stick, and take over what may be taken over. Return what came of it."""
        room = self.room()
        answer = self.rooms.wait(self.name, room.room_id)
        if answer["status"] != "takeover_available":
            return str(answer["status"])
        self.rooms.takeover(self.name, room.room_id, "it is over", room.turn_id)
        return "your_turn"


@pytest.mark.parametrize("rate", [0.0, 1000.0])
def test_a_takeover_by_time_waits_for_etcds_clock_whatever_ones_own_says(
    rate: float, engine: Engines, tmp_path: Path
) -> None:
    ada = Clone(engine(), tmp_path / "ada", "ada", 1.0)
    bob = Clone(engine(), tmp_path / "bob", "bob", rate)
    begun = time.monotonic()
    assert ada.ask() == "your_turn"
    asked = 0
    while bob.ask() != "your_turn":
        assert time.monotonic() - begun < 60
        asked += 1
        time.sleep(0.05)
    assert time.monotonic() - begun >= 2.0
    assert asked > 5
    assert ada.ask() == "not_yet"


def test_a_lease_that_is_in_time_by_etcd_is_not_ended_by_a_clock_of_ours() -> None:
    """The law would not ask for it, for room time stands still: this is the door behind that."""
    marks = {"operation": "op-1", "clone": "ada"}
    lease = Lease("ada", "an id", 0, 0, 100, extra=marks)
    before = Room("r", "", 0, lease=lease, turn_id=1)
    after = replace(before, lease=None, turn_id=2)
    views.check_may_end(before, after, "bob", 200, frozenset())
    refused(lambda: views.check_may_end(before, after, "bob", 200, frozenset({"op-1"})), "held")


def test_a_shorter_lease_than_etcd_gives_is_refused(engine: Engines, tmp_path: Path) -> None:
    ada = Clone(engine(), tmp_path / "ada", "ada", 1.0)
    changed = commands.SetPolicy("ada", ada.room().room_id, Policy(owner_lease_ttl=1999))
    refusal = refused(lambda: ada.rooms.do(changed), "invalid_input")
    assert "a lease lasts 2 s at least" in refusal.message
    assert refusal.next == [Next("policy", "owner_lease_ttl", "2s")]


# --- answers that are lost


def test_answers_that_are_lost_are_found_out(servers: Servers, name: str, engine: Engines) -> None:
    """Of every third change the answer is cut off: each is made once, and is known to be."""
    proxy = CuttingProxy(servers.ports[0], b"/v3/kv/txn", sample.seed())
    one = engine(name.replace(str(servers.ports[0]), str(proxy.port)))
    proxy.share = 0.3
    lines = each_once(one, sample.count("LOST_ANSWERS", 60))
    proxy.close()
    assert proxy.cut > 0
    assert one.events("r", 0, 1000) == lines


def test_a_change_that_was_sent_and_not_answered_is_not_called_undone(
    servers: Servers, name: str, engine: Engines
) -> None:
    proxy = CuttingProxy(servers.ports[0], b"/v3/kv/txn", 1)
    proxy.share = 1.0
    with pytest.raises(NoAnswer):
        engine(name.replace(str(servers.ports[0]), str(proxy.port)), 10).swap(None, text(1), {})
    proxy.close()
    assert engine().load() is not None


def test_who_is_not_reached_or_silent_changed_nothing(name: str, engine: Engines) -> None:
    host = name.partition("//")[2].partition("/")[0]
    gone = engine(name.replace(host, "127.0.0.1:1"), 1)
    refusal = refused(lambda: gone.swap(None, text(1), {}), "engine")
    assert "no member of it can be reached; nothing was changed" in refusal.message
    assert refusal.more == ["127.0.0.1:1: connection refused"]
    with Silent() as port:
        silent = engine(name.replace(host, f"127.0.0.1:{port}"), 0.3)
        assert "did not answer within 0.3 s" in refused(silent.load, "engine").message
        one = engine(name.replace(host, f"127.0.0.1:{port},{host}"), 1)
        assert one.load() is None  # the next member answers


class Silent:
    """A port at which somebody takes connections and says nothing."""

    def __enter__(self) -> int:
        self.listener = socket.create_server(("127.0.0.1", 0))
        return int(self.listener.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self.listener.close()


# --- who waits


def test_who_waits_is_told_at_once_by_etcd(engine: Engines, tmp_path: Path) -> None:
    ada = Clone(engine(), tmp_path / "ada", "ada", 1.0)
    bob = Clone(engine(), tmp_path / "bob", "bob", 1.0)
    ada.ask()
    bob.store.engine.poll = 100.0
    begun = time.monotonic()
    with bob.store.watch("") as watch:
        threading.Timer(0.1, lambda: ada.rooms.join("carol", "")).start()
        while "carol" not in bob.names():
            assert watch.wait(60)
        while bob.held():  # until the holder's key goes
            assert watch.wait(60)
        assert time.monotonic() - begun < 50


def test_who_waits_is_seen_in_other_clones_while_the_process_refreshes_it(
    engine: Engines, tmp_path: Path
) -> None:
    ada = Clone(engine(), tmp_path / "ada", "ada", 1.0)
    bob = Clone(engine(), tmp_path / "bob", "bob", 1.0)

    def seen() -> frozenset[str]:
        bob.store.stale()
        bob.store.load("")
        return bob.store.waiting(["ada", "bob"])

    with ada.store.wait_place("ada") as hold:
        assert hold()
        assert seen() == {"ada"}
    assert seen() == frozenset()
    place = ada.store.engine.place("ada")
    assert isinstance(place, EtcdPlace)
    place.refresh()
    ada.wire.ask("lease/revoke", {"ID": place._lease})
    assert seen() == frozenset()
    place._next = 0.0
    place.refresh()
    assert seen() == {"ada"}
    lease = place._lease
    place._next = 0.0
    place.refresh()
    assert place._lease == lease
    place.end()


def test_a_stream_that_ends_is_begun_again_later_and_not_at_once(
    servers: Servers, name: str, engine: Engines, tmp_path: Path
) -> None:
    proxy = CuttingProxy(servers.ports[0], b"/v3/watch", 1)
    one = engine(name.replace(str(servers.ports[0]), str(proxy.port)))
    ada = Clone(one, tmp_path / "ada", "ada", 1.0)
    begun, listen = [], one.listen
    one.listen = lambda: begun.append(listen()) or begun[-1]  # type: ignore[method-assign, func-returns-value]
    one.poll = 0.2
    with ada.store.watch("") as watch:
        proxy.end()
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            watch.wait(0.5)
            ada.store.load("")
    proxy.close()
    assert 2 <= len(begun) <= 4


def test_nothing_of_etcd_is_loaded_for_other_rooms() -> None:
    program = (
        "import sys, stickhooks.store.engine.setting, stickhooks.store.engine.git_remote;"
        "print({'http.client', 'ssl', 'stickhooks.store.engine.etcd'} & set(sys.modules))"
    )
    assert subprocess.check_output([sys.executable, "-c", program]) == b"set()\n"


@pytest.mark.parametrize("trace", sample.some(traces(), "ETCD_TRACES", 2))
def test_a_trace_is_answered_exactly(
    trace: dict[str, list[dict[str, object]]], engine: Engines, tmp_path: Path
) -> None:
    """By the trace's clock: etcd's own is left out."""

    class Timeless(Etcd):
        def load(self) -> Version | None:
            found = super().load()
            return found and Version(found.token, found.data, None, None)

        def swap(self, *values: object) -> Version:
            made = super().swap(*values)  # type: ignore[arg-type]
            return Version(made.token, made.data)

    timeless = engine(kind=Timeless)
    timeless.least_ttl = 0
    replay = Replay(trace, EngineStore(ROOT, None, timeless, "here", folder=str(tmp_path / "room")))
    for step in trace["steps"]:
        replay.step(step)


# --- names


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("etcd://db.example.org/app", "plain text, for this machine alone"),
        ("etcds://ada:secret@db.example.org/app", "a password is no part of it"),
        ("etcds://db.example.org", "comes /PREFIX"),
        ("etcds://db.example.org/../x y", "comes /PREFIX"),
        ("etcds:///app", "it names no host"),
        ("etcds://db.example.org:99999/app", "it names no host"),
        ("etcds://db.example.org/app#../x", "after # comes a name"),
    ],
)
def test_a_name_that_says_too_little_or_too_much_is_refused(name: str, told: str) -> None:
    refusal = refused(lambda: Etcd(name, "/", "/"), "config")
    assert told in refusal.message
    assert "secret" not in f"{refusal.message} {refusal.next}"


def test_what_a_name_says() -> None:
    from stickhooks.store.engine import etcd_address

    address = etcd_address.read("etcds://ada@h1,[::1]:99/team/app#docs")
    assert address.endpoints == (("h1", 2379), ("::1", 99))
    assert (address.user, address.prefix, address.room) == ("ada", "team/app", "docs")
    assert etcd_address.read("etcd://localhost/x").room == "main"
    with pytest.raises(Refusal):
        etcd_address.read("etcd://")
