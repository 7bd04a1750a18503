"""Who is asking: a name selects, sessions and ancestors prove. Sightings are values here."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from stickhooks.clients import CLIENTS, Client
from stickhooks.identity import resolver
from stickhooks.identity.resolver import Binding, Caller, Sighting, resolve
from stickhooks.operations.recording import process_to_record
from stickhooks.system import processes, users
from stickhooks.system.processes import Seen
from tests.support.callers import (
    CLAUDE,
    CLIENT,
    INIT,
    PLACE,
    SHELL,
    STICK,
    in_client,
    seen,
    sighting,
)

CONTAINER = ("machine", "boot", "4026532999")


#: A client whose one server process hosts many sessions.
HUB = Client("hub", "hub", one_session=False)


def key(process: Seen, place: tuple[str, str, str] = PLACE) -> resolver.Key:
    return (*place, process.pid, process.start)


def binding(name: str, *found: Seen, sessions: tuple[str, ...] = ()) -> Binding:
    return Binding(name, list(sessions), [key(process) for process in found])


def who(caller: Caller) -> str | None:
    """Return the member that the caller is proven to be."""
    return caller.agent_id if caller.proof else None


# --- sessions --------------------------------------------------------------------------


def test_a_session_shows_its_member() -> None:
    caller = resolve(in_client("claude:1"), [binding("ana", sessions=("claude:0", "claude:1"))])
    assert who(caller) == "ana"
    assert not caller.person


def test_a_session_counts_for_more_than_a_shared_process() -> None:
    members = [
        binding("ana", CLIENT, sessions=("hub:1",)),
        binding("bo", CLIENT, sessions=("hub:2",)),
    ]
    assert who(resolve(in_client("hub:2", HUB), members)) == "bo"
    assert who(resolve(in_client("hub:1", HUB), members)) == "ana"


def test_where_both_sides_have_a_session_the_process_proves_nothing() -> None:
    members = [binding("ana", CLIENT, sessions=("hub:1",))]
    caller = resolve(in_client("hub:3", HUB), members)
    assert who(caller) is None
    assert not caller.succeeds


def test_a_cleared_session_is_succeeded_in_the_same_process() -> None:
    members = [binding("ana", CLIENT, sessions=("claude:1",))]
    caller = resolve(in_client("claude:2"), members)
    assert who(caller) == "ana"
    assert caller.succeeds


def test_a_known_session_succeeds_nobody() -> None:
    members = [binding("ana", CLIENT, sessions=("claude:1",))]
    assert not resolve(in_client("claude:1"), members).succeeds


def test_a_session_of_another_process_is_somebody_else() -> None:
    members = [binding("ana", seen(31, "claude"), sessions=("claude:1",))]
    caller = resolve(in_client("claude:2"), members)
    assert who(caller) is None
    assert caller.name == "claude:2"


def test_a_reused_pid_is_somebody_else() -> None:
    earlier = Binding("ana", ["claude:1"], [(*PLACE, CLIENT.pid, 7)])
    assert who(resolve(in_client("claude:2"), [earlier])) is None


def test_an_inexact_process_proves_nothing() -> None:
    unsure = Seen(CLIENT.pid, 1, None, "claude", "S", 1)
    members = [Binding("ana", [], [(*PLACE, CLIENT.pid, None)])]
    found = in_client("claude:2", ancestors=[STICK, unsure, SHELL], client_process=unsure)
    assert who(resolve(found, members)) is None


# --- ancestors -------------------------------------------------------------------------


def test_an_ancestor_shows_its_member() -> None:
    assert who(resolve(sighting(), [binding("ada", SHELL)])) == "ada"


def test_the_nearest_ancestor_counts() -> None:
    members = [binding("ada", INIT), binding("bo", STICK)]
    assert who(resolve(sighting(), members)) == "bo"


def test_the_leader_of_the_terminal_counts_where_it_is_no_ancestor() -> None:
    away = sighting(ancestors=[STICK, INIT], leader=SHELL)
    assert who(resolve(away, [binding("ada", SHELL)])) == "ada"


def test_the_same_pid_in_another_place_is_another_process() -> None:
    elsewhere = Binding("ada", [], [key(SHELL, CONTAINER)])
    assert who(resolve(sighting(), [elsewhere])) is None


def test_inside_a_client_nobody_is_the_person_who_started_it() -> None:
    members = [binding("ada", SHELL)]
    for session in ("claude:1", ""):
        caller = resolve(in_client(session), members)
        assert who(caller) is None
        assert not caller.person


def test_a_program_below_a_client_is_known_by_its_own_binding() -> None:
    members = [binding("ada", SHELL), binding("script", STICK)]
    assert who(resolve(in_client("claude:1"), members)) == "script"


def test_a_program_without_a_session_counts_as_whoever_started_it() -> None:
    aider = sighting(ancestors=[STICK, seen(25, "aider"), SHELL, INIT])
    assert who(resolve(aider, [binding("ada", SHELL)])) == "ada"


# --- names -----------------------------------------------------------------------------


def test_a_name_in_the_environment_selects_and_does_not_prove() -> None:
    caller = resolve(sighting(name="ada"), [binding("ada", CLIENT)])
    assert caller.agent_id == "ada"
    assert caller.proof == ""


def test_a_name_in_the_environment_does_not_make_one_somebody_else() -> None:
    members = [binding("ada", SHELL), binding("bo", CLIENT)]
    caller = resolve(sighting(name="bo"), members)
    assert (caller.agent_id, caller.proof) == ("bo", "")


def test_a_name_that_the_evidence_shows_is_proven() -> None:
    caller = resolve(sighting(name="ada"), [binding("ada", SHELL)])
    assert who(caller) == "ada"


def test_a_person_who_says_a_name_is_believed() -> None:
    caller = resolve(sighting(), [binding("ada", CLIENT)], said="ada")
    assert who(caller) == "ada"
    assert caller.person


def test_what_is_said_counts_for_more_than_the_environment() -> None:
    members = [binding("ada"), binding("bo")]
    assert who(resolve(sighting(name="bo"), members, said="ada")) == "ada"


def test_inside_a_client_a_name_is_not_believed() -> None:
    caller = resolve(in_client("claude:1"), [binding("ada", SHELL)], said="ada")
    assert caller.agent_id == "ada"
    assert caller.proof == ""


def test_inside_a_client_the_name_of_its_own_member_is_proven() -> None:
    members = [binding("ana", sessions=("claude:1",))]
    assert who(resolve(in_client("claude:1"), members, said="ana")) == "ana"


def test_a_session_that_says_another_name_succeeds_nobody() -> None:
    members = [binding("ana", CLIENT, sessions=("claude:1",)), binding("bo")]
    caller = resolve(in_client("claude:2"), members, said="bo")
    assert who(caller) is None
    assert not caller.succeeds


def test_a_name_that_is_no_member_is_what_one_would_be_called() -> None:
    caller = resolve(sighting(), [binding("ada", CLIENT)], said="zed")
    assert (caller.agent_id, caller.name) == (None, "zed")


# --- the lease id ----------------------------------------------------------------------


def test_the_lease_id_proves_the_holder() -> None:
    for found in (sighting(lease="L1"), in_client("claude:9", lease="L1")):
        assert who(resolve(found, [binding("ana"), binding("bo", SHELL)], ("ana", "L1"))) == "ana"


def test_another_lease_id_proves_nothing() -> None:
    assert who(resolve(sighting(lease="L2"), [binding("ana")], ("ana", "L1"))) is None
    assert who(resolve(sighting(lease="L2"), [binding("ana")], None)) is None


def test_no_lease_id_is_not_the_lease_id_of_anybody() -> None:
    assert who(resolve(sighting(lease=""), [binding("ana")], ("ana", ""))) is None


def test_the_lease_id_proves_no_other_name() -> None:
    members = [binding("ana"), binding("bo")]
    assert who(resolve(in_client("claude:9", lease="L1"), members, ("ana", "L1"), "bo")) is None


# --- a variable without its client -------------------------------------------------------


def claimed(place: tuple[str, str, str] = PLACE, **fields: Any) -> Sighting:
    """Return a caller with a session variable, but without the client among its ancestors."""
    return sighting(place=place, session="claude:1", client=CLAUDE, **fields)


def test_a_variable_without_its_client_does_not_count_in_the_same_namespace() -> None:
    members = [binding("ana", CLIENT, sessions=("claude:1",)), binding("ada", SHELL)]
    caller = resolve(claimed(), members)
    assert who(caller) == "ada"
    assert caller.person


def test_a_variable_without_its_client_counts_in_another_namespace() -> None:
    members = [binding("ana", CLIENT, sessions=("claude:1",))]
    caller = resolve(claimed(CONTAINER, ancestors=[STICK], leader=None), members)
    assert who(caller) == "ana"
    assert not caller.person


def test_a_variable_in_a_container_makes_an_agent_of_a_newcomer() -> None:
    caller = resolve(claimed(CONTAINER, ancestors=[STICK], leader=None), [])
    assert not caller.person
    assert caller.name == "claude:1"


def test_in_a_container_a_name_that_is_said_beside_a_session_is_not_believed() -> None:
    members = [binding("ana", CLIENT, sessions=("claude:1",)), binding("ada")]
    assert who(resolve(claimed(CONTAINER), members, said="ada")) is None


def test_one_rooms_members_do_not_change_who_asks_in_the_next() -> None:
    abroad = [Binding("ana", ["claude:1"], [key(CLIENT, CONTAINER)])]
    home = [binding("bo", CLIENT, sessions=("claude:1",))]
    caller = claimed()
    assert who(resolve(caller, abroad)) == "ana"
    assert who(resolve(caller, home)) is None
    assert who(resolve(caller, abroad)) == "ana"


# --- what is recorded --------------------------------------------------------------------


def test_a_client_is_recorded_by_its_process_and_a_person_by_the_terminal() -> None:
    assert process_to_record(resolve(in_client(), []), []) is CLIENT
    assert process_to_record(resolve(sighting(), []), []) is SHELL


def test_the_command_itself_is_never_recorded() -> None:
    itself = seen(os.getpid(), "stick")
    assert process_to_record(resolve(sighting(leader=itself), []), []) is STICK
    assert process_to_record(resolve(in_client(client_process=None), []), []) is None


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (in_client("claude:1a2b3c4d-5e6f-7080"), "claude:5e6f7080"),
        (in_client(""), "claude:30"),
        (sighting(), users.login_name()),
    ],
)
def test_a_name_that_nobody_gave(found: Sighting, name: str) -> None:
    assert resolve(found, []).name == name


def test_every_answer_says_by_which_evidence() -> None:
    members = [binding("ana", CLIENT, sessions=("claude:1",))]
    for found in (sighting(), in_client(), in_client("claude:2"), claimed(), sighting(name="x")):
        assert resolve(found, members).evidence


# --- looking for real --------------------------------------------------------------------

linux = pytest.mark.skipif(not processes.LINUX, reason="reads /proc")


@linux
def test_a_client_is_known_among_our_real_ancestors() -> None:
    """In a child of ours: above the tests themselves there may be nobody but the first process."""
    code = (
        "import os; from stickhooks.identity import resolver;"
        " env = {'CLAUDE_PID': str(os.getppid()), 'CLAUDE_CODE_SESSION_ID': 'abc'};"
        " found = resolver.look(env);"
        " print(found.inside_client, found.session, found.client_process.pid)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["True", "claude:abc", str(os.getpid())], done.stderr


@linux
def test_a_client_that_is_no_ancestor_is_no_client_of_ours() -> None:
    env = {"CLAUDE_PID": str(os.getpid()), "CLAUDE_CODE_SESSION_ID": "abc"}
    ours = [a.name for a in processes.ancestors()]
    if "claude" in ours:
        pytest.skip("these tests run inside a client")
    found = resolver.look(env)
    assert not found.inside_client
    assert not found.inside_client


@linux
def test_a_variable_that_names_the_process_above_everybody_shows_no_client() -> None:
    if all(seen.pid != 1 for seen in processes.ancestors()):
        pytest.skip("pid 1 is not seen from here")
    found = resolver.look({"CLAUDE_PID": "1", "CLAUDE_CODE_SESSION_ID": "abc"})
    assert found.client_process is None or found.client_process.pid != 1
    assert found.inside_client == (found.client_process is not None)


def test_a_hooks_payload_counts_for_more_than_the_environment() -> None:
    env = {"CLAUDE_CODE_SESSION_ID": "outer", "STICK_AGENT": " ada ", "STICK_LEASE": "L1"}
    found = resolver.look(env, (CLAUDE, "inner"))
    assert (found.session, found.inside_client) == ("claude:inner", True)
    assert (found.name, found.lease) == ("ada", "L1")


def test_every_client_says_how_its_process_is_known() -> None:
    for name, client in CLIENTS.items():
        assert name == client.name
        assert client.sessions or client.marks
        assert client.pid or client.processes
