"""The command line as people and programs meet it: answers, exit codes, streams, identity."""

from __future__ import annotations

import json
import os
import shlex
import signal
import time
from pathlib import Path

import pytest

from tests.conftest import MakeRepository, build
from tests.support.shells import Running, Shell, Shells, difference, eventually, snapshot

HANDOFF = '--status "the login works" --next "write its tests"'
KEYS = {"schema", "ok", "code", "exit", "room", "holder", "you", "next", "message"}


def members(shell: Shell) -> dict[str, dict[str, object]]:
    listed = shell.stick("status --all --json").ok().json["members"]
    return {member["agent_id"]: member for member in listed}


def position(shell: Shell) -> object:
    return shell.stick("status --json").json["you"]["position"]


@pytest.fixture
def room(repo: Path) -> Path:
    """Return a repository that gets its room by the first join, and no hooks."""
    return repo


@pytest.fixture
def hooked(repo: Path, shells: Shells) -> Path:
    shells.person(repo).stick("init --only git,claude").ok()
    return repo


# --- verbs and their answers


def test_every_verb_of_a_turn_answers_on_standard_output_with_0(
    hooked: Path, ada: Shell, bob: Shell
) -> None:
    told = {
        'take --why "the login"': "the stick is yours",
        "renew": "your lease runs until",
        "status": "ada (you) holds",
        "status --all": "bob",
        "rooms": "turn 1  owned  ada",
        "log": "ada took the stick",
        "whoami": "ada (a person)",
        "whoami --explain": "terminal session led by",
        "policy": "owner_lease_ttl 45m",
        "policy claim_ttl": "20m",
        "policy claim_ttl 10m": "10m",
        "check --path app.py": "you may write",
        "check --path app.py --for git": "you may write",
        "doctor": "nothing is wrong here",
        f"handoff bob {HANDOFF}": "reserved for bob",
        "init --dry-run": "already there",
        "uninit --dry-run": "would",
    }
    for arguments, words in told.items():
        result = ada.stick(arguments).ok()
        assert words in result.out, arguments
    assert "write its tests" in bob.stick("take").ok().out
    assert "free" in bob.stick(f"release {HANDOFF} --artifact app.py").ok().out
    assert "yours" in ada.stick("wait").ok().out
    assert "closed" in ada.stick(f"close {HANDOFF}").ok().out
    assert "open" in bob.stick("reopen").ok().out
    assert "bob has left" in bob.stick("leave").ok().out
    assert "removed" in ada.stick("uninit").ok().out


def test_without_a_verb_the_status_is_told(ada: Shell) -> None:
    assert "nobody holds" in ada.run("stick").ok().out
    assert ada.run("stick --version").ok().out.startswith("stick ")


def test_the_alias_stickhooks_is_the_same_program(ada: Shell) -> None:
    assert ada.run("stickhooks status").ok().out == ada.stick("status").ok().out


def test_joining_again_keeps_the_place_in_the_order(ada: Shell, bob: Shell) -> None:
    ada.stick("join").ok()
    assert [members(ada)[name]["ordinal"] for name in ("ada", "bob")] == [0, 1]


def test_the_log_is_told_from_a_number_on_and_up_to_a_limit(ada: Shell) -> None:
    for _ in range(2):
        ada.stick("take").ok()
        ada.stick(f"release {HANDOFF}").ok()

    def numbers(arguments: str) -> list[int]:
        events = ada.stick(f"log --json {arguments}").ok().json["events"]
        return [event["event_seq"] for event in events]

    assert numbers("") == [1, 2, 3, 4]
    assert numbers("--after 2") == [3, 4]
    assert numbers("--after 1 --limit 2") == [2, 3]
    assert numbers("--limit 1") == [4]
    ada.stick("log --limit 0").fails(2)
    ada.stick("log --after -1").fails(2)


def test_following_the_log_prints_one_object_a_line_as_events_come(
    ada: Shell, shells: Shells, room: Path
) -> None:
    follower = shells.person(room)
    running = follower.begin("stick log --follow --json")
    ada.stick("take").ok()
    ada.stick(f"release {HANDOFF}").ok()
    lines = eventually(lambda: (t := running.so_far().out).count("\n") >= 2 and t)
    events = [json.loads(line) for line in lines.splitlines()]
    assert [event["event_type"] for event in events] == ["claim", "release"]
    running.send(signal.SIGINT)
    running.result().fails(130)


def test_a_handoff_may_come_on_standard_input_as_labels_or_as_json(
    ada: Shell, tmp_path: Path
) -> None:
    labels, data = tmp_path / "labels", tmp_path / "data"
    labels.write_text("Status: the login\nworks\nNext: write tests\nArtifacts: app.py, src/core.py")
    data.write_text(json.dumps({"status": "tests", "next_action": "ship", "artifacts": ["a b"]}))
    for source in (labels, data):
        ada.stick("take").ok()
        ada.run("stick release --stdin", stdin=source).ok()
    events = ada.stick("log --json").ok().json["events"]
    handoffs = [event["handoff"] for event in events if event["handoff"]]
    assert handoffs == [
        {
            "status": "the login\nworks",
            "next_action": "write tests",
            "artifacts": ["app.py", "src/core.py"],
        },
        {"status": "tests", "next_action": "ship", "artifacts": ["a b"]},
    ]


def test_the_demo_comes_out_as_told_and_leaves_nothing_behind(
    shells: Shells, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    viewer = shells.person(tmp_path, {"TMPDIR": str(scratch)})
    assert "All as told" in viewer.stick("demo").ok().out
    assert not list(scratch.iterdir())


DOCUMENTED = {
    "init": "--user --only --auto-claim --dry-run --print",
    "join": "--as --new",
    "take": "--why",
    "release": "--status --next --artifact --stdin",
    "handoff": "--status --next --artifact --stdin",
    "renew": "",
    "takeover": "--reason --expect",
    "leave": "--force",
    "close": "--remove",
    "reopen": "",
    "run": "--timeout --why",
    "policy": "",
    "check": "--path --for",
    "status": "--all",
    "rooms": "",
    "whoami": "--explain",
    "doctor": "--fix",
    "uninit": "--user --dry-run",
    "demo": "",
    "skill": "",
    "agents-md": "",
    "wait": "--timeout --why --takeover --notify",
    "board": "",
    "statusline": "--format",
    "completion": "",
    "log": "--follow --after --limit",
}


def test_every_documented_verb_and_flag_is_known_to_help(shells: Shells, tmp_path: Path) -> None:
    reader = shells.person(tmp_path)
    for verb, flags in DOCUMENTED.items():
        told = reader.stick(f"{verb} --help").ok().out
        missing = [f for f in ["--room", "--json", *flags.split()] if f not in told]
        assert not missing, verb


# --- exit codes


def test_without_a_room_turns_end_with_66_and_say_to_join(repo: Path, shells: Shells) -> None:
    outsider = shells.person(repo)
    for verb in ("take", "wait", "renew", "leave", "reopen", "log", "policy", "run -- true"):
        outsider.stick(verb).fails(66, "stick join")
    outsider.stick(f"release {HANDOFF}").fails(66, "stick join")
    assert "everybody may write" in outsider.stick("status").ok().out
    assert "you may write" in outsider.stick("check --path app.py").ok().out


def test_who_has_not_joined_gets_66_and_the_way_in(ada: Shell, shells: Shells, room: Path) -> None:
    outsider = shells.agent(room)
    for verb in ("take", "wait", "renew", "leave", "takeover --reason why", "policy reserve order"):
        outsider.stick(verb).fails(66, "has", "not joined", "stick join")


def test_a_second_terminal_that_gives_no_name_is_told_that_it_is_the_same_member(
    shells: Shells, room: Path
) -> None:
    first, second = shells.person(room), shells.person(room)
    told = "one member there and here"
    assert told not in first.stick("join").ok().out
    assert told not in first.stick("join").ok().out
    assert told in second.stick("join").ok().out
    assert told not in second.stick("join").ok().out
    assert told not in shells.person(room).stick("join --as eve").ok().out


def test_a_stick_in_other_hands_is_75_with_holder_and_reason(ada: Shell, bob: Shell) -> None:
    ada.stick('take --why "refactor auth"').ok()
    for verb in ("take", "check --path app.py", "check", "policy reserve order"):
        bob.stick(verb).fails(75, "ada holds")
    bob.stick("take").fails(75, "refactor auth", "stick wait", "process alive")
    bob.stick("leave").ok()


def test_a_free_stick_is_75_for_who_checks_and_a_reserved_one_for_who_takes(
    ada: Shell, bob: Shell
) -> None:
    assert bob.stick("check --path app.py --json").fails(75).json["code"] == "free"
    ada.stick("take").ok()
    ada.stick(f"handoff bob {HANDOFF}").ok()
    assert ada.stick("take --json").fails(75).json["code"] == "reserved"
    answer = bob.stick("check --path app.py --json").fails(75).json
    assert answer["code"] == "reserved"
    assert answer["next"] == ["stick take"]


def test_who_lost_the_stick_or_never_had_it_gets_76_and_is_told_to_read_again(
    ada: Shell, bob: Shell
) -> None:
    for verb in (f"release {HANDOFF}", f"handoff ada {HANDOFF}", "renew", f"close {HANDOFF}"):
        assert bob.stick(f"{verb} --json").fails(76).json["code"] == "stale_lease"
    for verb in ("release", "handoff ada", "close", "release --status only"):
        bob.stick(verb).fails(76, "you do not hold the stick")  # and is not asked for a handoff
    assert (
        bob.stick("takeover --reason why --expect 7 --json").fails(76).json["code"]
        == "turn_mismatch"
    )


def test_a_takeover_of_an_owned_room_is_77(ada: Shell, bob: Shell) -> None:
    ada.stick("take").ok()
    code = bob.stick("takeover --reason why --json").fails(77).json["code"]
    assert code == "takeover_not_available"
    bob.stick("takeover --reason why").fails(77, "ada holds", "process alive", "stick wait")
    ada.kill()
    bob.stick("takeover --reason why").fails(77, "a takeover opens in", "stick wait")


def test_of_a_free_room_nothing_can_be_taken_over(ada: Shell) -> None:
    ada.stick("takeover --reason why").fails(77, "nobody holds", "stick take")


def test_a_holder_is_told_to_put_the_stick_down_where_only_that_helps(
    ada: Shell, room: Path
) -> None:
    (room / "lib").mkdir()
    for command in ("take", "join --new lib", "take --room lib"):
        ada.stick(command).ok()
    for refused in (ada.stick("takeover --reason why"), ada.stick("close --remove --room lib")):
        assert "stick release --help" in refused.text
        assert "stick wait" not in refused.text


def test_the_join_that_a_place_without_a_room_needs_names_it_from_elsewhere(
    ada: Shell, tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    ada.stick(f"take --room {bare}").fails(66, f"stick join --room {bare}")


def test_a_tree_whose_path_is_not_utf8_gets_no_room_and_is_told_why(
    shells: Shells, tmp_path: Path
) -> None:
    tree = build(tmp_path / os.fsdecode(b"caf\xe9"), {"app.py": ""})
    ann = shells.person(tree)
    for verb in ("init", "join"):
        ann.stick(verb).fails(2, "is not UTF-8", "rename the folder")
    assert not (tree / ".talking-stick").exists()


def test_a_takeover_of_ones_own_expired_turn_is_77(ada: Shell) -> None:
    ada.stick("policy owner_lease_ttl 1s").ok()
    ada.stick("take").ok()
    time.sleep(1.1)
    code = ada.stick("takeover --reason why --json").fails(77).json["code"]
    assert code == "takeover_ineligible"


def test_an_expired_lease_is_69_to_who_takes_and_goes_to_who_takes_over(
    ada: Shell, bob: Shell
) -> None:
    ada.stick("policy owner_lease_ttl 1s").ok()
    ada.stick("take").ok()
    time.sleep(1.1)
    for verb in ("take", "wait"):
        bob.stick(f"{verb}").fails(69, "lease ran out", "stick takeover")
    assert "taken over from ada" in bob.stick('takeover --reason "she left"').ok().out
    ada.stick("renew").fails(76)
    event = bob.stick("log --json --limit 1").json["events"][0]
    assert (event["event_type"], event["kind"], event["reason"]) == (
        "takeover", "owner_timeout", "she left",
    )  # fmt: skip


def test_waiting_with_a_takeover_reason_takes_from_a_lost_holder(ada: Shell, bob: Shell) -> None:
    ada.stick("policy owner_lease_ttl 1s").ok()
    ada.stick("take").ok()
    assert "taken over from ada" in bob.stick('wait --takeover "she left"').ok().out


def test_a_killed_holder_is_gone_after_the_grace_and_told_to_agents_too(
    ada: Shell, shells: Shells, room: Path
) -> None:
    bot = shells.agent(room)
    bot.stick("join --as bot").ok()
    ada.stick("policy gone_grace 1s").ok()
    ada.stick("take").ok()
    ada.kill()
    time.sleep(1.1)
    bot.stick("take").fails(69, "is gone", "stick takeover")
    bot.stick('takeover --reason "killed"').ok()


def test_an_abandoned_reservation_is_claimed_by_who_waits(
    ada: Shell, bob: Shell, shells: Shells, room: Path
) -> None:
    eve = shells.member(room, "eve")
    ada.stick("policy claim_ttl 1s").ok()
    ada.stick("take").ok()
    ada.stick(f"handoff bob {HANDOFF}").ok()
    assert "write its tests" in eve.stick("wait --timeout 240s").ok().out


def test_a_closed_room_is_77_for_turns_until_anybody_reopens_it(ada: Shell, bob: Shell) -> None:
    ada.stick("take").ok()
    ada.stick(f"close {HANDOFF}").ok()
    for verb in ("take", "wait", "check --path app.py"):
        assert bob.stick(f"{verb} --json").fails(77).json["code"] == "room_closed"
    bob.stick("take").fails(77, "stick reopen")
    bob.stick("reopen").ok()
    bob.stick("take").ok()


def test_a_holder_may_leave_only_with_a_handoff_or_by_force(ada: Shell, bob: Shell) -> None:
    ada.stick("take").ok()
    ada.stick("leave").fails(2, "--force")
    ada.stick("leave --force").ok()
    assert "ada" not in members(bob)
    bob.stick("take").ok()


def test_a_release_without_a_handoff_shows_the_template(ada: Shell) -> None:
    ada.stick("take").ok()
    ada.stick("release").fails(2, "stick release --status", "--next")
    ada.stick("status").ok()
    assert "ada (you) holds" in ada.stick("status").out


def test_a_release_goes_to_the_next_in_order_where_the_policy_says_so(
    ada: Shell, bob: Shell
) -> None:
    ada.stick("policy reserve order").ok()
    ada.stick("take").ok()
    assert "reserved for bob" in ada.stick(f"release {HANDOFF}").ok().out


# --- for programs


CALLS = {
    "status --all": 0, "rooms": 0, "log": 0, "whoami --explain": 0, "policy": 0, "policy nonsense": 78,
    "policy reserve nonsense": 78, "check --path app.py": 75, "check --path app.py --for editor": 75,
    "check --for nonsense": 2, "join --as a\tb": 2, "take": 0, "renew": 0, "release": 2,
    f"release {HANDOFF}": 0, f"handoff nobody {HANDOFF}": 76, "takeover": 2, "nonsense": 2,
    "log --after x": 2, "wait --timeout nonsense": 2, "doctor": 0, "init --dry-run": 0,
    "init --print": 0, "skill": 0, "agents-md": 0, "board": 0, "statusline": 0,
    "statusline --format nonsense": 2, "statusline nonsense": 2, "completion bash": 0,
    "completion nonsense": 2,
    "init --only nonsense": 2, "uninit --dry-run": 0, "reopen": 0, "close --remove": 2,
    "status --room /nonexistent/x": 2, "take --room /nonexistent/x": 2, "check --path ''": 2,
    "leave": 0, "take --why x": 66, "uninit": 0,
}  # fmt: skip


def test_json_is_exactly_one_object_with_the_envelope_whatever_happens(
    hooked: Path, ada: Shell
) -> None:
    for arguments, code in CALLS.items():
        words = shlex.join(shlex.split(arguments.replace("\t", "'\t'")))
        result = ada.stick(f"{words} --json")
        answer = result.json
        assert answer.keys() >= KEYS, arguments
        assert answer["schema"] == "stick/1"
        assert (result.code, answer["exit"], answer["ok"]) == (code, code, code == 0), arguments
        assert isinstance(answer["message"], str)
        assert isinstance(answer["next"], list)
        assert "Traceback" not in result.text


@pytest.mark.sampled(5)
@pytest.mark.parametrize(
    "arguments",
    ["policy", "whoami", "rooms", "log", "status", "doctor", "guard", "board", "check", "renew",
     "policy reserve order", "statusline"],
)  # fmt: skip
def test_every_answer_for_programs_has_the_room_its_holder_and_you(
    hooked: Path, ada: Shell, bob: Shell, arguments: str
) -> None:
    ada.stick("take").ok()
    answer = ada.stick(f"{arguments} --json").json
    assert answer["room"]["path"] == str(hooked)
    assert (answer["holder"]["id"], answer["you"]["id"]) == ("ada", "ada")
    answer = ada.stick(f"release {HANDOFF} --json").ok().json
    assert (answer["holder"], answer["you"]["id"]) == (None, "ada")


def test_the_envelope_of_a_refusal_is_that_of_the_documented_sample(
    ada: Shell, bob: Shell, room: Path
) -> None:
    ada.stick('take --why "refactor auth"').ok()
    answer = bob.stick("check --path src/a.py --json").fails(75).json
    assert answer["code"] == "held"
    assert answer["room"]["path"] == str(room)
    assert answer["room"]["turn"] == 1
    assert answer["holder"].keys() == {"id", "since", "lease_ends", "alive", "why"}
    assert answer["holder"]["id"] == "ada"
    assert answer["holder"]["alive"] is True
    assert answer["holder"]["why"] == "refactor auth"
    assert answer["holder"]["since"].endswith("Z")
    assert answer["you"] == {"id": "bob", "position": None}
    assert answer["next"] == ["stick wait"]
    assert "held by ada" in answer["message"] or "ada holds" in answer["message"]


def test_the_variable_asks_for_json_as_the_flag_does(ada: Shell) -> None:
    asked = {"STICK_JSON": "1"}
    for arguments, code in {"": 0, "status": 0, "nonsense": 2, "takeover": 2, "renew": 76}.items():
        assert ada.stick(arguments, asked).json["exit"] == code
    assert not ada.stick("status", {"STICK_JSON": "0"}).out.startswith("{")


def test_json_of_run_is_one_object_also_where_the_command_prints(ada: Shell) -> None:
    assert ada.stick("run --json -- echo hello").ok().json["ok"]


def test_answers_go_to_standard_output_and_errors_to_standard_error(ada: Shell, bob: Shell) -> None:
    ada.stick("take").ok()
    assert not ada.stick("renew").ok().err
    for arguments in ("take", "check", "nonsense", "takeover", "renew", "policy x"):
        refused = bob.stick(arguments)
        assert refused.code
        assert not refused.out
        assert refused.err.startswith("stick: ")


def test_no_colour_goes_where_no_terminal_is(ada: Shell) -> None:
    for arguments in ("--help", "take --help", "status", "whoami --explain", "nonsense"):
        assert "\x1b" not in ada.stick(arguments).text


def test_lease_ids_are_shown_to_their_holder_alone(ada: Shell, bob: Shell) -> None:
    lease = ada.stick("take --json").ok().json["lease_id"]
    assert ada.stick("renew --json").ok().json["lease_id"] == lease
    for arguments in ("status --all", "rooms", "log", "take", "whoami --explain", "doctor"):
        for form in ("", " --json"):
            assert lease not in bob.stick(arguments + form).text, arguments


# --- what only reads

READING = (
    "--help", "", "status --all", "rooms", "log", "whoami --explain", "check --path app.py",
    "check --path app.py --for editor", "check --for git", "policy", "policy reserve", "doctor",
    "init --dry-run --auto-claim", "init --user --dry-run", "uninit --dry-run",
    "uninit --user --dry-run", "take --help", "board", "board --json", "statusline",
    "statusline --help", "completion bash", "__names members",
)  # fmt: skip


@pytest.mark.parametrize("who", ["holder", "agent"])
def test_reading_verbs_leave_the_disk_byte_for_byte(
    hooked: Path, home: Path, shells: Shells, who: str
) -> None:
    ada = shells.holder(hooked, "ada")
    before = snapshot(hooked, home)
    reader = ada if who == "holder" else shells.agent(hooked)
    for arguments in READING:
        reader.stick(arguments)
        assert not difference(before, snapshot(hooked, home)), arguments


@pytest.mark.parametrize("place", ["git", "elsewhere"])
def test_reading_verbs_leave_the_disk_as_it_was_where_there_is_no_room(
    repo: Path, home: Path, tmp_path: Path, shells: Shells, place: str
) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    here = repo if place == "git" else plain
    before = snapshot(here, home)
    reader = shells.person(here)
    for arguments in READING:
        reader.stick(arguments)
        assert not difference(before, snapshot(here, home)), arguments


def test_refusals_change_nothing_in_the_state(ada: Shell, bob: Shell, room: Path) -> None:
    ada.stick("take").ok()
    state = room / ".talking-stick/room.json"
    before = state.read_bytes()
    for arguments in (
        f"release {HANDOFF}", "renew", "takeover --reason x", "policy reserve order",
        f"close {HANDOFF}", "join --as $(printf 'a\\033')", "check --path app.py",
    ):  # fmt: skip
        assert bob.stick(arguments).code, arguments
        assert state.read_bytes() == before, arguments


# --- waiting


def test_wait_blocks_and_gets_the_stick_with_its_handoff_when_it_is_released(
    ada: Shell, bob: Shell
) -> None:
    ada.stick("take").ok()
    running = bob.begin("stick wait")
    eventually(lambda: "ada holds" in running.so_far().err)
    assert members(ada)["bob"]["waiting"] is True
    assert goes_to("bob", ada.stick(f"release {HANDOFF}").ok().out)
    assert "write its tests" in running.result().ok().out


def test_the_first_to_wait_is_the_first_to_get_it(
    ada: Shell, bob: Shell, shells: Shells, room: Path
) -> None:
    eve = shells.member(room, "eve")
    ada.stick("take").ok()
    first = lines_up(bob, ada, ["bob"])
    second = lines_up(eve, ada, ["bob", "eve"])
    assert goes_to("bob", ada.stick(f"release {HANDOFF}").ok().out)
    first.result().ok()
    assert goes_to("eve", bob.stick(f"release {HANDOFF}").ok().out)
    second.result().ok()


def goes_to(name: str, told: str) -> bool:
    """Tell whether a release names who is next; whoever waits may have it before it is told."""
    return f"reserved for {name}" in told or f"{name} has it" in told


def lines_up(shell: Shell, other: Shell, line: list[str]) -> Running:
    """Have somebody wait, and go on when the line is as it shall be."""
    running = shell.begin("stick wait")
    eventually(lambda: waiting(other) == line)
    return running


def waiting(shell: Shell) -> list[str]:
    """Return who has a place in the line, in order, as it stands in the state."""
    state = json.loads((shell.cwd / ".talking-stick/room.json").read_text())
    return [place["agent_id"] for place in state["waiters"]]


def test_ctrl_c_leaves_the_line_with_130(ada: Shell, bob: Shell) -> None:
    ada.stick("take").ok()
    running = lines_up(bob, ada, ["bob"])
    running.send(signal.SIGINT)
    running.result().fails(130)
    assert waiting(ada) == []
    assert "reserved" not in ada.stick(f"release {HANDOFF}").ok().out


def test_a_timeout_ends_with_124_and_keeps_the_place_in_the_line(
    ada: Shell, bob: Shell, shells: Shells, room: Path
) -> None:
    eve = shells.member(room, "eve")
    ada.stick("take").ok()
    bob.stick("wait --timeout 300ms").fails(124, "place")
    assert position(bob) == 1
    second = lines_up(eve, ada, ["bob", "eve"])
    again = bob.begin("stick wait")
    eventually(lambda: "1st of 2" in again.so_far().err)
    assert goes_to("bob", ada.stick(f"release {HANDOFF}").ok().out)
    again.result().ok()
    bob.stick(f"release {HANDOFF}").ok()
    second.result().ok()


def test_a_terminated_waiter_keeps_its_place_in_the_line(ada: Shell, bob: Shell) -> None:
    ada.stick("take").ok()
    running = lines_up(bob, ada, ["bob"])
    running.send(signal.SIGTERM)
    assert running.result().code == 128 + signal.SIGTERM
    assert waiting(ada) == ["bob"]


def test_a_killed_waiter_does_not_hold_up_the_line(
    ada: Shell, bob: Shell, shells: Shells, room: Path
) -> None:
    eve = shells.member(room, "eve")
    ada.stick("take").ok()
    first = lines_up(bob, ada, ["bob"])
    second = lines_up(eve, ada, ["bob", "eve"])
    first.send(signal.SIGKILL)
    first.result()
    ada.stick(f"release {HANDOFF}").ok()
    second.result().ok()


def test_a_holder_that_lost_its_lease_id_waits_and_gets_its_turn_back(ada: Shell) -> None:
    first = ada.stick("take --json").ok().json
    again = ada.stick("wait --json").ok().json
    assert again["holder"]["id"] == first["holder"]["id"] == "ada"


# --- run


def test_run_passes_the_exit_code_on_and_releases_with_the_outcome_as_handoff(
    ada: Shell, bob: Shell
) -> None:
    result = ada.stick("run --why build -- sh -c 'stick status; exit 7'")
    assert result.code == 7
    assert "ada (you) holds" in result.out
    event = bob.stick("log --json --limit 1").json["events"][0]
    assert event["event_type"] == "release"
    assert "exit code 7" in event["handoff"]["status"]
    ada.stick("run -- true").ok()
    assert "nobody holds" in bob.stick("status").out


def test_run_keeps_a_stick_that_was_held_before(ada: Shell) -> None:
    ada.stick("take").ok()
    ada.stick("run -- true").ok()
    assert "ada (you) holds" in ada.stick("status").out


def test_run_of_what_cannot_be_run_is_127_and_puts_the_stick_down(ada: Shell) -> None:
    ada.stick("run -- /nonexistent/program").fails(127, "cannot be run")
    assert "nobody holds" in ada.stick("status").out


def test_run_waits_for_the_stick_and_gives_up_after_the_timeout(
    ada: Shell, bob: Shell, room: Path
) -> None:
    ada.stick("take").ok()
    bob.stick("run --timeout 300ms -- touch ran").fails(124)
    assert not (room / "ran").exists()
    running = bob.begin("stick run -- touch ran")
    eventually(lambda: waiting(ada) == ["bob"])
    ada.stick(f"release {HANDOFF}").ok()
    running.result().ok()
    assert (room / "ran").exists()


def test_run_renews_the_lease_while_the_command_runs(ada: Shell, bob: Shell, room: Path) -> None:
    def held_for() -> int:
        lease = json.loads((room / ".talking-stick/room.json").read_text())["lease"]
        return int(lease["renewed_at"] - lease["granted_at"]) if lease else 0

    ada.stick("policy owner_lease_ttl 5s").ok()
    running = ada.begin("stick run -- sh -c 'until [ -e done ]; do sleep 0.1; done'")
    eventually(lambda: held_for() > 5000)  # the lease that was granted would be over
    bob.stick("take").fails(75, "ada holds")
    bob.run("touch done").ok()
    running.result().ok()


def test_a_terminated_run_ends_its_command_and_puts_the_stick_down(
    ada: Shell, bob: Shell, room: Path
) -> None:
    running = ada.begin("stick run -- sleep 60")
    running.process("sleep")
    running.send(signal.SIGTERM)
    assert running.result().code == 128 + signal.SIGTERM
    assert "nobody holds" in bob.stick("status").out


def test_a_run_terminated_as_its_command_begins_puts_the_stick_down(
    ada: Shell, bob: Shell, room: Path
) -> None:
    for _ in range(3):
        assert ada.stick("run -- sh -c 'kill -TERM $PPID; exec sleep 60'").code == 143
        assert "nobody holds" in bob.stick("status").out


# --- who is asking


def test_two_terminals_under_two_names_are_two_members(ada: Shell, bob: Shell) -> None:
    assert "ada (a person)" in ada.stick("whoami").ok().out
    assert "bob (a person)" in bob.stick("whoami").ok().out
    assert members(ada).keys() == {"ada", "bob"}


def test_a_second_terminal_becomes_the_same_member_by_joining_under_its_name(
    ada: Shell, shells: Shells, room: Path
) -> None:
    second = shells.person(room)
    assert "not a member yet" in second.stick("whoami").out
    second.stick("join --as ada").ok()
    second.stick("take").ok()
    for terminal in (ada, second):
        assert terminal.stick("whoami --json").json["you"]["id"] == "ada"
        terminal.stick("check --path app.py").ok()
    second.close()
    assert "ada (a person)" in ada.stick("whoami").out


def test_a_name_in_the_environment_alone_is_not_an_act(
    ada: Shell, shells: Shells, room: Path
) -> None:
    second = shells.person(room)
    for verb in ("take", "wait", "join", "leave"):
        code = second.stick(f"{verb} --json", {"STICK_AGENT": "ada"}).fails(77).json["code"]
        assert code == "identity_taken"
    second.stick("join", {"STICK_AGENT": "carl"}).ok()
    assert "carl" in members(ada)


def test_an_agent_is_named_after_client_and_session(shells: Shells, room: Path) -> None:
    bot = shells.agent(room, session="00000000-0000-4000-8000-00001a2b3c4d")
    bot.stick("join").ok()
    assert "claude:1a2b3c4d (an agent)" in bot.stick("whoami").ok().out


def test_an_agent_that_a_human_started_is_not_that_human(ada: Shell, room: Path) -> None:
    shells = Shells(ada.folder / "inner", ada.env)
    bot = shells.agent(room, parent=ada)
    ada.stick("take").ok()
    told = bot.stick("whoami --explain").ok().out
    assert "ada" not in told.splitlines()[0]
    assert str(ada.pid) in told  # the human's shell is above it all the same
    bot.stick("check --path app.py").fails(75, "ada holds")
    bot.stick(f"release {HANDOFF}").fails(66)
    bot.stick("join").ok()
    assert len(members(ada)) == 2
    bot.stick(f"release {HANDOFF}").fails(76)
    assert "ada (a person)" in ada.stick("whoami").out
    shells.close()


def test_an_agent_naming_an_existing_member_without_proof_is_77(
    ada: Shell, shells: Shells, room: Path
) -> None:
    bot, other = shells.agent(room), shells.agent(room)
    other.stick("join --as bot").ok()
    for verb in ("join", "take", "wait", "leave"):
        code = bot.stick(f"{verb} --as ada --json").fails(77).json["code"]
        assert code == "identity_taken"
        code = bot.stick(f"{verb} --json", {"STICK_AGENT": "bot"}).fails(77).json["code"]
        assert code == "identity_taken"
    assert members(ada).keys() == {"ada", "bot"}


def test_a_new_session_in_the_same_client_process_stays_its_member(
    shells: Shells, hooked: Path
) -> None:
    bot = shells.agent(hooked)
    bot.stick("join --as bot").ok()
    bot.stick("take").ok()
    bot.clear("77777777-0000-4000-8000-000000000000")
    assert "bot (an agent)" in bot.stick("whoami").ok().out
    bot.edit("app.py").ok()
    bot.run("git commit -qam one").ok()
    bot.stick("renew").ok()
    bot.stick("join").ok()
    assert members(bot).keys() == {"bot"}


def test_two_sessions_of_two_clients_are_two_members(shells: Shells, hooked: Path) -> None:
    one, two = shells.agent(hooked), shells.agent(hooked)
    one.stick("join").ok()
    two.stick("join").ok()
    one.stick("take").ok()
    two.stick("take").fails(75)
    two.edit("app.py").fails(2)


def test_session_variables_of_a_stranger_do_not_count(
    hooked: Path, ada: Shell, shells: Shells
) -> None:
    bot = shells.agent(hooked)
    bot.stick("join --as bot").ok()
    bot.stick("take").ok()
    inherited = {"CLAUDE_CODE_SESSION_ID": bot.session, "CLAUDE_PID": str(bot.pid)}
    assert "ada (a person)" in ada.stick("whoami", inherited).ok().out
    ada.stick("check --path app.py", inherited).fails(75, "bot holds")
    stranger = shells.person(hooked, {**inherited, "CLAUDECODE": "1"})
    assert "not a member yet" in stranger.stick("whoami").out
    assert stranger.run("git commit -q --allow-empty -m x").code == 1


def test_session_variables_that_no_member_has_do_not_make_a_person_an_agent(ada: Shell) -> None:
    inherited = {"CLAUDE_CODE_SESSION_ID": "99999999-0000-4000-8000-000000000000"}
    assert "ada (a person)" in ada.stick("whoami", inherited).ok().out


def test_the_lease_id_proves_its_holder(hooked: Path, ada: Shell, shells: Shells) -> None:
    lease = ada.stick("take --json").ok().json["lease_id"]
    elsewhere, bot = shells.person(hooked), shells.agent(hooked)
    for other in (elsewhere, bot):
        other.stick("renew").fails(66)
        other.stick("renew", {"STICK_LEASE": "no-such-lease"}).fails(66)
        other.stick("renew", {"STICK_LEASE": lease}).ok()
        other.run("git commit -q --allow-empty -m x", {"STICK_LEASE": lease}).ok()
    elsewhere.stick(f"release {HANDOFF}", {"STICK_LEASE": lease}).ok()
    assert "nobody holds" in ada.stick("status").out


def test_whoami_explains_by_which_evidence(ada: Shell, shells: Shells, room: Path) -> None:
    told = ada.stick("whoami --explain").ok().out
    assert f"the process {ada.pid}" in told or f"the terminal's process {ada.pid}" in told
    bot = shells.agent(room)
    bot.stick("join --as bot").ok()
    assert f"client session claude:{bot.session} is bot's" in bot.stick("whoami --explain").ok().out
    data = bot.stick("whoami --explain --json").ok().json
    assert data["evidence"]
    assert data["person"] is False


def test_another_room_is_named_by_its_path(
    ada: Shell, shells: Shells, room: Path, tmp_path: Path
) -> None:
    far = shells.person(tmp_path)
    place = shlex.quote(str(room))
    far.stick(f"join --as far --room {place}").ok()
    far.stick(f"take --room {place}").ok()
    assert "far holds" in ada.stick("status").out
    assert far.stick(f"status --room {place}/src/not/there --json").json["holder"]["id"] == "far"


def test_a_folder_of_no_repository_can_have_a_room(shells: Shells, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    (folder / "sub").mkdir(parents=True)
    (folder / "AGENTS.md").write_text("x\n")
    one, two = shells.person(folder / "sub"), shells.person(folder)
    one.stick("join --as one").ok()
    two.stick("join --as two").ok()
    assert (folder / ".talking-stick").is_dir()
    one.stick("take").ok()
    two.stick("check --path AGENTS.md").fails(75, "one holds")
    assert (folder / ".talking-stick/.gitignore").read_text() == "*\n"


def test_a_repository_within_a_repository_is_a_workspace_of_its_own(
    ada: Shell, room: Path, shells: Shells, make_repository: MakeRepository
) -> None:
    inner = make_repository("shop/inner")
    ada.stick("take").ok()
    guest = shells.person(inner)
    guest.stick("check --path app.py").ok()
    guest.stick("take").fails(66)
