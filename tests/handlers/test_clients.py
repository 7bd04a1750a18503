"""The hook of every coding client: its documented payloads, through the gate as it is installed.

``data/clients/NAME.json`` holds what each client sends, by what is asked. An entry that begins
with ``edit`` or ``write`` is for the holder alone, ``read`` and ``elsewhere`` for everybody.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stickhooks import hook
from stickhooks.clients import CLIENTS
from stickhooks.system import clock
from tests.support.client_tree import HOLDER, SAMPLES, STRANGER, Tree
from tests.support.shells import Result, held_lock
from tests.support.world import python

EVERY = [(client, what) for client, samples in SAMPLES.items() for what in samples]
GUARDED = [(client, what) for client, what in EVERY if what.startswith(("edit", "write"))]


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Tree]:
    """Return a function from a client to a tree whose room is held by a session of that client."""
    made: dict[str, Tree] = {}

    def tree_of(client: str) -> Tree:
        if client not in made:
            made[client] = Tree(tmp_path_factory.mktemp(client))
            made[client].held_by(f"{CLIENTS[client].short}:{HOLDER}")
        return made[client]

    return tree_of


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """Return a tree without a room."""
    return Tree(tmp_path_factory.mktemp("bare"))


ALLOWED = Result(0, "", "")


def denied(result: Result, client: str) -> str:
    """Hold a refusal to the form that its client blocks on, and return the reason that it shows."""
    result.fails(2)
    reason = result.err.rstrip("\n")
    assert reason.strip()
    forms: dict[str, Callable[[], dict[str, Any]]] = {
        "gemini": lambda: {"decision": "deny", "reason": reason},
        "copilot": lambda: {
            "permissionDecision": "deny",
            "permissionDecisionReason": reason,
        },
        "opencode": lambda: {"decision": "block", "reason": reason},
        "cursor": lambda: {
            "permission": "deny",
            "user_message": reason,
            "agent_message": reason,
        },
        "cline": lambda: {"cancel": True, "errorMessage": reason},
    }
    if client in ("codex", "windsurf"):
        assert result.out == ""
    elif client == "claude-code":
        assert of_all_words(result.json, reason)
    else:
        assert result.json == forms[client]()
    return reason


def of_all_words(body: dict[str, Any], reason: str) -> bool:
    """Tell whether a refusal says no in the words of every client that runs the entry."""
    own = body.pop("hookSpecificOutput")
    assert own == {
        "hookEventName": "PreToolUse",
        "permissionDecision": "deny",
        "permissionDecisionReason": reason,
    }
    words = {"permission": "deny", "permissionDecision": "deny", "decision": "block"}
    reasons = ("reason", "user_message", "agent_message", "permissionDecisionReason")
    return body == {**words, **dict.fromkeys(reasons, reason)}


# --- who may


@pytest.mark.parametrize(("client", "what"), EVERY)
def test_the_holder_goes_through_without_a_word(
    trees: Callable[[str], Tree], client: str, what: str
) -> None:
    tree = trees(client)
    assert tree.ask(client, tree.payload(client, what, HOLDER)) == ALLOWED


@pytest.mark.parametrize(("client", "what"), GUARDED)
def test_another_is_refused_in_the_words_of_the_client(
    trees: Callable[[str], Tree], client: str, what: str
) -> None:
    tree = trees(client)
    reason = denied(tree.ask(client, tree.payload(client, what, STRANGER)), client)
    assert ("NOT RUN" if what.startswith("write") else "NOT EDITED") in reason
    assert "ana holds" in reason
    assert "stick wait" in reason


@pytest.mark.parametrize(("client", "what"), sorted(set(EVERY) - set(GUARDED)))
def test_what_only_reads_or_lies_elsewhere_is_open_to_everybody(
    trees: Callable[[str], Tree], client: str, what: str
) -> None:
    tree = trees(client)
    assert tree.ask(client, tree.payload(client, what, STRANGER)) == ALLOWED


@pytest.mark.parametrize(("client", "what"), GUARDED)
def test_where_there_is_no_room_every_client_goes_through(
    bare: Tree, client: str, what: str
) -> None:
    assert bare.ask(client, bare.payload(client, what, STRANGER)) == ALLOWED


@pytest.mark.parametrize("client", CLIENTS)
def test_from_a_folder_elsewhere_a_path_in_the_room_is_still_guarded(
    trees: Callable[[str], Tree], client: str, tmp_path: Path
) -> None:
    tree = trees(client)
    sent = tree.payload(client, "edit", STRANGER)
    denied(tree.ask(client, sent, cwd=tree.root / "src"), client)
    away = json.loads(sent)
    if client not in ("windsurf", "cline"):  # these tell no folder, or only their own
        away["cwd"] = str(tmp_path)
        text = json.dumps(away).replace("File: app.py", f"File: {tree.root}/app.py")
        denied(tree.ask(client, text.encode(), cwd=tmp_path), client)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_on_our_own_files_is_refused_even_as_the_holder(
    trees: Callable[[str], Tree], client: str
) -> None:
    tree = trees(client)
    for path in (".talking-stick/room.json", ".git/config"):
        sent = tree.payload(client, "edit", HOLDER).replace(b"app.py", path.encode())
        assert "no edit tool may change it" in denied(tree.ask(client, sent), client)


# --- payloads that are none


def broken(tree: Tree, client: str) -> Iterator[tuple[str, bytes]]:
    whole = tree.payload(client, "edit", HOLDER)
    told = json.loads(whole)
    yield "empty", b""
    yield "cut", whole[:-20]
    yield "a list", b"[" + whole + b"]"
    yield "no session", whole.replace(HOLDER.encode(), b"")
    yield "only a session", json.dumps({k: v for k, v in told.items() if v == HOLDER}).encode()
    yield "no path", whole.replace(b"app.py", b"\\u0000").replace(b"*** Update", b"***")
    yield "too large", whole[:-1] + b',"x":"' + b"y" * (9 << 20) + b'"}'


@pytest.mark.parametrize("client", CLIENTS)
def test_a_broken_payload_is_refused_in_a_room_and_nowhere_else(
    trees: Callable[[str], Tree], bare: Tree, client: str
) -> None:
    tree = trees(client)
    for name, sent in broken(tree, client):
        reason = denied(tree.ask(client, sent), client)
        assert "stick uninit" in reason, name
    for name, sent in broken(bare, client):
        assert bare.ask(client, sent) == ALLOWED, name


def test_an_unknown_client_is_refused_with_the_names_there_are(bare: Tree) -> None:
    bare.ask("emacs", b"{}").fails(2, "no such client", "claude-code", "codex")


# --- time


HURRIED = f"import sys; sys.path.insert(0, {str(Path(hook.__file__).parents[1])!r}); "
HURRIED += "from stickhooks.handlers import common as answering; "
HURRIED += "from stickhooks.handlers import client_edit as edit_hook; "
HURRIED += "edit_hook.LIMIT_S = 0.3; "
HURRIED += "sys.exit(answering.main(sys.argv[1:]))"


def hurried(tree: Tree, client: str, **options: Any) -> subprocess.Popen[str]:
    """Start the hook with a time limit that a test can wait for."""
    arguments = ("-c", HURRIED, "pre-edit", "--client", client)
    return python(*arguments, cwd=tree.root, env=tree.env, **options)


@pytest.mark.parametrize("client", ["claude-code", "codex", "gemini", "copilot"])
def test_a_payload_that_never_ends_is_refused_before_the_client_gives_up(
    trees: Callable[[str], Tree], bare: Tree, client: str
) -> None:
    for tree in (trees(client), bare):
        with hurried(tree, client) as process:
            assert process.stdin
            assert process.stdout
            assert process.stderr
            process.stdin.write('{"session_id":')
            process.stdin.flush()  # and it stays open
            answer = Result(process.wait(60), process.stdout.read(), process.stderr.read())
        if tree is bare:
            assert answer == ALLOWED
        else:
            assert "gave up after" in denied(answer, client)


@pytest.mark.parametrize("client", ["claude-code", "gemini"])
def test_a_lock_that_hangs_ends_in_a_refusal(tmp_path: Path, client: str) -> None:
    tree = Tree(tmp_path)
    tree.held_by(f"{CLIENTS[client].short}:{HOLDER}")
    state = tree.root / ".talking-stick/room.json"
    raw = json.loads(state.read_text())
    raw["lease"]["expires_at"] = clock.read()[0] - 1  # so that it has to be renewed
    raw["clock"] = {"boot": "", "offset": 0}
    state.write_text(json.dumps(raw))
    with held_lock(tree.root), hurried(tree, client) as process:
        out, err = process.communicate(tree.payload(client, "edit", HOLDER).decode(), 60)
        assert "gave up after" in denied(Result(process.returncode, out, err), client)


# --- shell commands


def test_a_nested_room_below_what_is_removed_counts(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    (tree.root / "services/web").mkdir(parents=True)
    tree.rooms.join("bo", "services/web", force_new=True, session="codex:" + STRANGER)
    tree.rooms.open("")
    tree.held_by("codex:" + HOLDER)
    sent = json.loads(tree.payload("codex", "write", HOLDER))
    for command, code in {
        "rm -rf services": 2, "rm -rf .": 2, "git commit -am x": 2, "rm app.py": 0, "rm -rf src": 0,
    }.items():  # fmt: skip
        sent["tool_input"]["command"] = command
        assert tree.ask("codex", json.dumps(sent).encode()).code == code, command


def test_a_command_that_only_reads_claims_nothing_and_one_that_writes_does(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    room = str(tree.rooms.join("bo", "")["room_id"])
    look = tree.rooms.look("")[0]
    tree.rooms.set_policy("bo", room, type(look.policy)(on_idle="claim"))
    for what in ("read", "elsewhere"):
        assert tree.ask("gemini", tree.payload("gemini", what, HOLDER)) == ALLOWED
        assert tree.rooms.look("")[0].lease is None
    assert tree.ask("gemini", tree.payload("gemini", "write", HOLDER)) == ALLOWED
    lease = tree.rooms.look("")[0].lease
    assert lease
    assert lease.holder == f"gemini:{HOLDER[-8:]}"


def test_a_command_that_cannot_be_understood_is_refused_with_the_reason(
    trees: Callable[[str], Tree],
) -> None:
    tree = trees("gemini")
    sent = json.loads(tree.payload("gemini", "write", STRANGER))
    sent["tool_input"]["command"] = 'eval "$(cat /tmp/plan)"'
    reason = denied(tree.ask("gemini", json.dumps(sent).encode()), "gemini")
    assert "NOT RUN" in reason
    assert "ana holds" in reason
    assert "cannot be told" in reason


def test_from_outside_a_command_that_names_the_room_is_judged(
    trees: Callable[[str], Tree], tmp_path: Path
) -> None:
    tree = trees("codex")
    sent = json.loads(tree.payload("codex", "write", STRANGER))
    sent["cwd"] = str(tmp_path)
    for command, code in {
        f"cd {tree.root} && git stash": 2, f"rm {tree.root}/app.py": 2, "rm app.py": 0,
        f"cat {tree.root}/app.py": 0,
    }.items():  # fmt: skip
        sent["tool_input"]["command"] = command
        assert tree.ask("codex", json.dumps(sent).encode(), cwd=tmp_path).code == code, command


def test_the_commands_of_the_stick_itself_are_open_to_who_does_not_hold(
    trees: Callable[[str], Tree],
) -> None:
    tree = trees("codex")
    sent = json.loads(tree.payload("codex", "write", STRANGER))
    for command in ("stick join && stick wait --why x", "stick status", "stickhooks take"):
        sent["tool_input"]["command"] = command
        assert tree.ask("codex", json.dumps(sent).encode()) == ALLOWED, command
