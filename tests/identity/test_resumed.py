"""One session id in several processes, one after the other or at once. What lives is a value here."""

from __future__ import annotations

from typing import Any

import pytest

from stickhooks.clients import CLIENTS
from stickhooks.gate.standing import Standing
from stickhooks.identity import liveness, resolver, resumed
from stickhooks.identity.resolver import Binding, Caller, Key, resolve
from stickhooks.protocol import commands
from stickhooks.protocol.members import with_proofs
from stickhooks.store import codec
from stickhooks.system import users
from stickhooks.system.processes import Seen
from tests.support.callers import CLIENT, INIT, PLACE, STICK, in_client, seen
from tests.support.world import Table, process

HUB = CLIENTS["opencode"]  # its server hosts many sessions
FIRST = seen(900, "claude")


def key(found: Seen) -> Key:
    return (*PLACE, found.pid, found.start)


def known(name: str, *found: Seen, session: str = "claude:1", dead: bool = False) -> Binding:
    keys = [key(one) for one in found]
    return Binding(name, [session], keys, dead=tuple(keys if dead else ()))


def asks(bindings: list[Binding], life: str, parent: int = 0, **fields: Any) -> Caller:
    """Return who asks from the process CLIENT, all others being alive, gone or unknown."""
    return resolve(in_client(life=lambda _: (life, parent), **fields), bindings)


# --- one after the other


def test_a_session_goes_on_in_another_process_once_its_own_is_dead() -> None:
    caller = asks([known("ana", FIRST)], liveness.GONE)
    assert (caller.agent_id, caller.succeeds, bool(caller.proof)) == ("ana", True, True)
    assert resumed.others(caller.sighting, caller.session, [known("ana", FIRST)]) == ()


def test_a_proof_of_death_that_is_written_down_counts() -> None:
    caller = asks([known("ana", FIRST, dead=True)], liveness.ALIVE)
    assert (caller.agent_id, caller.succeeds) == ("ana", True)


def test_what_cannot_be_seen_decides_nothing_and_the_session_speaks() -> None:
    for life in (liveness.UNKNOWN, liveness.ALIVE, liveness.GONE):
        for bindings in ([known("ana")], [known("ana", FIRST)]):
            caller = asks(bindings, life, client_process=None)
            assert (caller.agent_id, caller.succeeds) == ("ana", False)
    caller = asks([known("ana", FIRST)], liveness.UNKNOWN)
    assert (caller.agent_id, caller.succeeds) == ("ana", False)
    assert asks([known("ana")], liveness.ALIVE).agent_id == "ana"


def test_where_a_process_cannot_be_written_down_it_succeeds_nobody() -> None:
    """In a pid namespace that is not known nothing exact is seen."""
    caller = asks([known("ana", FIRST)], liveness.GONE, place=("machine", "boot", ""))
    assert (caller.agent_id, caller.succeeds) == ("ana", False)


def test_the_process_that_is_written_down_takes_the_dead_ones_place() -> None:
    table = Table()
    table.join("ana", process(7), session="claude:1")
    table.dead.add(process(7))
    table.ask(commands.Bind("ana", "R", "claude:1", process(8)))
    [member] = table.room.members
    assert (member.process, member.beside, member.sessions) == (process(8), (), ("claude:1",))


# --- at once


def test_while_it_lives_another_process_of_its_session_is_somebody_beside() -> None:
    caller = asks([known("claude:1", FIRST)], liveness.ALIVE)
    assert (caller.agent_id, caller.proof, caller.succeeds) == (None, "", False)
    assert caller.name == "claude:1-2"
    assert "lives" in caller.evidence[0]


def test_each_of_two_processes_is_its_own_member() -> None:
    both = [known("ana", FIRST), known("bo", CLIENT)]
    assert asks(both, liveness.ALIVE).agent_id == "bo"
    assert asks(both[::-1], liveness.ALIVE).agent_id == "bo"
    third = seen(50, "claude")
    beside = asks(both, liveness.ALIVE, client_process=third, ancestors=[STICK, third, INIT])
    assert beside.agent_id is None
    assert resumed.others(beside.sighting, beside.session, both) == ("ana", "bo")


def test_of_two_the_dead_one_is_gone_on_with() -> None:
    both = [known("ana", FIRST), known("bo", seen(901), dead=True)]
    caller = asks(both, liveness.ALIVE)
    assert (caller.agent_id, caller.succeeds) == ("bo", True)
    assert resumed.others(caller.sighting, caller.session, both) == ("ana",)


@pytest.mark.parametrize("client", ["claude-code", "opencode", "codex", "cursor"])
def test_it_is_the_same_in_clients_with_one_session_a_process_and_with_many(client: str) -> None:
    fields: dict[str, Any] = {"client": CLIENTS[client], "session": f"{CLIENTS[client].short}:s1"}
    of = [known("ana", FIRST, session=fields["session"])]
    assert asks(of, liveness.ALIVE, **fields).agent_id is None
    assert asks(of, liveness.GONE, **fields).agent_id == "ana"


def test_a_launcher_and_what_it_starts_are_one_client() -> None:
    """A hook may see the one where the shell sees the other."""
    child = known("ana", FIRST)
    assert asks([child], liveness.ALIVE, parent=CLIENT.pid).agent_id == "ana"
    above = Seen(CLIENT.parent, 1, 3, "node", "S", 1)
    assert asks([known("ana", above)], liveness.ALIVE).agent_id == "ana"


def test_a_process_of_somebody_else_goes_on_as_that_one() -> None:
    """``/resume`` to a session that runs elsewhere: one client process, one member."""
    others = [known("ana", FIRST), known("cy", CLIENT, session="claude:9")]
    caller = asks(others, liveness.ALIVE)
    assert (caller.agent_id, caller.succeeds) == ("cy", True)
    hub: dict[str, Any] = {"client": HUB, "session": "opencode:1"}
    others = [known("ana", FIRST, session="opencode:1"), known("cy", CLIENT, session="opencode:9")]
    assert asks(others, liveness.ALIVE, **hub).agent_id is None


def test_who_joins_beside_leaves_the_other_its_session() -> None:
    table = Table()
    table.join("ana", process(7), session="claude:1")
    table.join("bo", process(8), session="claude:1", sharing=("ana",))
    assert [m.sessions for m in table.room.members] == [("claude:1",)] * 2
    table.dead.add(process(7))
    table.ask(commands.Bind("ana", "R", "claude:1", process(9), ("bo",)))
    assert [m.process for m in table.room.members] == [process(9), process(8)]
    assert [m.sessions for m in table.room.members] == [("claude:1",)] * 2


def test_a_session_that_did_not_say_that_it_begins_is_not_the_newest() -> None:
    """An agent below the main one may have an id of its own, as Copilot's."""
    table = Table()
    table.join("ana", process(7), session="copilot:main")
    for number in range(12):
        table.ask(commands.Bind("ana", "R", f"copilot:{number}"))
    [member] = table.room.members
    assert member.sessions[-1] == "copilot:main"
    assert len(member.sessions) == 8
    table.join("ana", process(7), session="copilot:3")
    assert table.room.members[0].sessions[-1] == "copilot:3"


# --- names


ALIKE = (
    ("01a20323-978f-70c1-b855-bee82e14c251", "01a20323-9790-7e02-8a11-0c5d4e77f19a"),
    ("ses_dfcd6a710ffe1abcXYZ23", "ses_dfcd6a710ffe2abcQRS45"),
)


@pytest.mark.parametrize("ids", ALIKE)
def test_sessions_that_begin_at_once_have_names_of_their_own(ids: tuple[str, str]) -> None:
    first, second = (resolve(in_client(f"codex:{one}"), []).name for one in ids)
    assert first != second
    assert first == f"codex:{ids[0][-8:]}"


@pytest.mark.parametrize(
    ("session", "name"),
    [
        ("codex:a/b c-1", "codex:abc1"),
        ("codex:---", "codex:session"),
        ("codex:1", "codex:1"),
        ("codex:0000-AbCdEfGh", "codex:AbCdEfGh"),
    ],
)
def test_every_id_makes_a_name_that_may_join(session: str, name: str) -> None:
    found = resolve(in_client(session), []).name
    assert found == name
    commands.check_new_name(found)
    assert commands.is_name(found)


def test_where_a_name_is_taken_a_digit_is_added() -> None:
    """Ids with the same end, or the same in other case, are other sessions."""
    members = [known("codex:abcdefgh", FIRST, session="codex:1abcdefgh")]
    assert resolve(in_client("codex:2abcdefgh"), members).name == "codex:abcdefgh-2"
    assert resolve(in_client("codex:2ABCDEFGH"), members).name == "codex:ABCDEFGH-2"
    members.append(known("codex:abcdefgh-2", session="codex:3abcdefgh"))
    assert resolve(in_client("codex:2abcdefgh"), members).name == "codex:abcdefgh-3"
    assert resolve(in_client(""), [known("claude:30")]).name == "claude:30-2"


def test_a_person_is_believed_to_be_the_member_of_the_login_name() -> None:
    me = users.login_name()
    assert resolver.newcomer(in_client("", inside_client=False), "", [me]) == me


# --- what is told


def standing(table: Table) -> Standing:
    """Return the room as it stands with all processes of its members proven dead."""
    members = [codec.plain(m) for m in with_proofs(table.room, frozenset(DEAD)).members]
    raw = {**codec.plain(table.room), "members": members}
    return Standing(raw, "/shop", table.now, table.now)


DEAD = (process(7), process(8))


@pytest.mark.parametrize(("after", "words"), [(100_000, "pid 7"), (10_000_000, "ran out")])
def test_nobody_who_asks_is_told_to_be_gone(after: int, words: str) -> None:
    table = Table()
    table.join("ana", DEAD[0], session="claude:1")
    table.join("bo", DEAD[1])
    table.take("ana")
    table.now = after
    told = standing(table).seen_by("ana")
    text = " ".join([told.headline("ana"), *told.details("ana")])
    assert "gone" not in text
    assert words in text
    assert "is gone" in standing(table).seen_by("bo").headline("bo")
    assert told.holder_data()["alive"] is None  # type: ignore[index]
