"""One account a room: two real accounts and root, at one tree. Nobody is told that what cannot be
read is gone, no living turn is touched, the owner is never locked out, and root leaves nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.stress import sample
from tests.support.accounts import Account, skip_unless_tried
from tests.support.world import content

BOB, EVE, TEAM = 40_001, 40_002, 40_000
SENTENCE = "belongs to uid 40001"
VERBS = (
    "status", "join", "take", "wait --timeout 1", "release -m done", "renew", "log", "rooms", "policy",
    "leave", "leave --force", "takeover --reason mine", "doctor", "doctor --fix", "init --only git",
    "uninit", "uninit --force", "join --new src", "close --status a --next b", "check app.py",
    "guard --chmod", "run -- true", "board",
)  # fmt: skip
TREES = {
    "open": (0o022, "git init -q"),
    "closed": (0o077, "git init -q"),
    "shared": (0o002, "git init -q --shared=group"),
}
INSIDE = ("run", "check", "guard", "join --new")  # eve cannot enter a closed tree
TABLE = [
    (verb, kind, who)
    for verb in VERBS
    for kind in TREES
    for who in ("eve", "root")
    if not ((kind, who) == ("closed", "eve") and verb.startswith(INSIDE))
]
ASKED = sample.some(TABLE, "VERBS", 10)


@pytest.fixture(scope="module")
def base() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="stick-accounts-"))
    folder.chmod(0o755)
    try:
        skip_unless_tried(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Tree:
    """A repository of bob's, whose room he holds; his terminal lives on."""

    def __init__(self, base: Path, name: str, kind: str, bob: int = BOB) -> None:
        umask, init = TREES[kind]
        self.bob = Account(bob, base, (TEAM,), umask)
        self.eve = replace(self.bob, uid=EVE)
        self.root = Account(0, base, umask=umask)
        self.shop = base / name / "shop"
        self.shop.mkdir(parents=True)
        os.chown(self.shop, bob, TEAM)
        self.shop.chmod(0o2775 if kind == "shared" else 0o777 & ~umask)
        self.bob.run(
            f"{init} && echo one >app.py && git add . && git commit -qm first && mkdir src"
            " && stick init --only git && stick join --as bob && stick take --why half",
            self.shop,
        ).ok()
        sleeping = ["setpriv", f"--reuid={bob}", "--clear-groups", "sleep", "600"]
        self.living = subprocess.Popen(sleeping)

    def state(self) -> dict[str, bytes]:
        ours = (self.shop / ".talking-stick", self.shop / ".git/stickhooks")
        return {f"{folder.name}/{k}": v for folder in ours for k, v in content(folder).items()}

    def end(self) -> None:
        self.living.kill()
        self.living.wait()


@pytest.fixture(scope="module")
def trees(base: Path) -> Iterator[Callable[[str], Tree]]:
    made: dict[str, Tree] = {}

    def tree(kind: str) -> Tree:
        if kind not in made:
            made[kind] = Tree(base, kind, kind)
        return made[kind]

    yield tree
    for one in made.values():
        one.end()


@pytest.fixture
def tree(base: Path, request: pytest.FixtureRequest) -> Iterator[Tree]:
    nobodys = 200_000 + os.getpid()  # no other test works as that one
    own = Tree(base, re.sub(r"\W", "-", request.node.name), "open", nobodys)
    yield own
    own.end()


@pytest.mark.parametrize(("verb", "kind", "who"), ASKED)
def test_another_account_is_told_whose_room_it_is_and_changes_nothing(
    verb: str, kind: str, who: str, trees: Callable[[str], Tree]
) -> None:
    tree = trees(kind)
    before = tree.state()
    account = tree.eve if who == "eve" else tree.root
    if (kind, who) == ("closed", "eve"):
        answer = account.stick(f"{verb} --room {tree.shop} --json", tree.shop.parent)
    else:
        answer = account.stick(
            verb.replace(" ", " --json ", 1) if " " in verb else f"{verb} --json", tree.shop
        )
    answer.fails(74)
    assert SENTENCE in answer.text or "belongs to uid 40001 and you are root" in answer.text
    assert "is gone" not in answer.text
    assert "chown root" not in answer.text
    assert answer.json["code"] == "io"
    assert tree.state() == before


@pytest.mark.parametrize("who", ["eve", "root"])
def test_the_gates_refuse_another_account_in_a_tree_shared_by_a_group(
    who: str, trees: Callable[[str], Tree]
) -> None:
    tree = trees("shared")
    account = tree.eve if who == "eve" else tree.root
    before = tree.state()
    payload = {
        "session_id": "s", "cwd": str(tree.shop), "hook_event_name": "PreToolUse",
        "tool_name": "Edit", "tool_input": {"file_path": str(tree.shop / "app.py")},
    }  # fmt: skip
    hook = account.run("stick hook pre-edit --client claude-code", tree.shop, json.dumps(payload))
    hook.fails(2, SENTENCE)
    for command in ("git commit -qam x", "git commit --no-verify -qam x", "git stash"):
        done = account.run(f"date +%N >>app.py; {command}", tree.shop)
        assert done.code, done.text
        assert SENTENCE in done.text
    assert tree.bob.run("git log --format=%s", tree.shop).out == "first\n"
    assert tree.state() == before


#: What clients send for a path below a folder that their account may not look into.
BELOW: dict[str, dict[str, object]] = {
    "claude-code": {"tool_name": "Write", "tool_input": {"file_path": "@/new/app.py"}},
    "codex": {
        "tool_name": "apply_patch",
        "tool_input": {"command": "*** Begin Patch\n*** Add File: @/x\n+x\n*** End Patch\n"},
    },
    "gemini": {"tool_name": "replace", "tool_input": {"file_path": "../shop/app.py"}},
}


def test_a_folder_that_cannot_be_looked_into_is_no_yes_and_not_gone(
    base: Path, trees: Callable[[str], Tree]
) -> None:
    tree = trees("closed")
    mine = base / "closed" / "eves"
    mine.mkdir()
    os.chown(mine, EVE, EVE)
    script = []
    for client, sent in BELOW.items():
        payload = json.dumps({"session_id": "s", "cwd": str(mine), **sent}).replace(
            "@", str(tree.shop)
        )
        script.append(
            f"printf %s '{payload}' | stick hook pre-edit --client {client}; echo code=$?"
        )
    for asked in (
        f"hook pre-save --path {tree.shop}/app.py",
        f"check mine.py {tree.shop}/app.py --json",
    ):
        script.append(f"stick {asked}; echo code=$?")
    told = tree.eve.run(f"exec 2>&1; {'; '.join(script)}; stick check mine.py", mine).text
    assert re.findall(r"code=(\d+)", told) == ["2", "2", "2", "75", "74"]
    assert (
        told.count(f"{tree.shop} belongs to uid {BOB}, and you (uid {EVE}) cannot look into it")
        >= 5
    )
    assert told.count("sudo -u '#40001' -s") >= 5
    assert "you may write" in told
    for never in ("Traceback", "is gone", "lost"):
        assert never not in told
    assert "look into" not in tree.root.stick(f"check {tree.shop}/app.py", mine).text


def test_what_root_did_by_a_bypass_is_its_owners_to_go_on_with(tree: Tree) -> None:
    root = replace(tree.root, more={"STICK_BYPASS": "urgent"})
    root.run("echo 2 >>app.py; git commit -qam x && echo 3 >>app.py && git stash", tree.shop).ok()
    ours = [tree.shop / ".talking-stick", tree.shop / ".git/stickhooks"]
    assert {path.stat().st_uid for one in ours for path in [one, *one.rglob("*")]} == {tree.bob.uid}
    tree.bob.stick("join --as bob && stick take && stick release -m x", tree.shop).ok()
    assert tree.bob.stick("doctor", tree.shop).code == 0


def test_root_joins_no_room_that_it_left_in_the_tree_of_another(tree: Tree) -> None:
    for place in (".talking-stick", ".git/stickhooks"):
        subprocess.run(["chown", "-R", "0:0", place], cwd=tree.shop, check=True)
    before = tree.state()
    told = tree.root.stick("join --json", tree.shop).fails(74, "you are root").json
    first, second = told["next"]
    assert first == "stick uninit"
    ways = (f"sudo -u '#{tree.bob.uid}' -s", f"setpriv --reuid {tree.bob.uid} --clear-groups sh")
    assert second in ways  # the second where there is no sudo
    assert tree.state() == before
    tree.bob.stick("uninit", tree.shop).fails(74, "belongs to root", "stick uninit --force")
    tree.root.stick("uninit --force", tree.shop).ok()
    tree.bob.stick("init --only git && stick join --as bob && stick take", tree.shop).ok()


def test_the_log_that_root_keeps_of_a_room_is_its_owners(tree: Tree) -> None:
    tree.end()  # nothing of that account runs any more
    tree.root.stick("uninit --force", tree.shop).ok()
    left = [path for path in (tree.shop / ".git").rglob("*") if "stickhooks-log" in str(path)]
    assert {path.stat().st_uid for path in left} == {tree.bob.uid}
    tree.bob.run("rm -r .git/stickhooks-log-*", tree.shop).ok()


def test_an_account_whose_programs_cannot_be_seen_is_not_gone(
    trees: Callable[[str], Tree],
) -> None:
    tree = trees("shared")
    alone = replace(tree.eve, alone=True)
    if alone.run("test ! -e /proc/1 && test -e /proc/self", tree.shop).code:
        pytest.skip("/PROC CANNOT BE MOUNTED WITH HIDEPID HERE")
    before = tree.state()
    alone.stick("uninit --force", tree.shop).fails(74, SENTENCE)
    assert tree.state() == before


PLACES = (
    ".talking-stick", ".talking-stick/.gitignore", ".talking-stick/lock", ".talking-stick/log",
    ".talking-stick/log/*/events.jsonl", ".talking-stick/room.json", ".git/stickhooks",
    ".git/stickhooks/anchor.json", ".git/stickhooks/copies", ".git/stickhooks/copies/*/state.json",
    ".git/stickhooks/head", ".git/stickhooks/hooks.json", ".git/stickhooks/seal",
)  # fmt: skip
BARRED = sample.some([(p, how) for p in PLACES for how in ("theirs", "mode")], "PLACES", 3)


def mend(tree: Tree, path: Path, how: str, mode: int) -> None:
    """Do what doctor says; where it says to work as another, give the place back."""
    step = tree.bob.stick("doctor --json", tree.shop).fails(74).json["next"][0]
    if how == "mode":
        assert step.startswith("chmod ")
        tree.bob.run(step, tree.shop).ok()
    elif "chown" in step:
        assert step.startswith(f"sudo chown -R {tree.bob.uid} ")
        tree.root.run(step.removeprefix("sudo "), tree.shop).ok()
    else:
        assert step == "sudo -u '#40002' -s"
        os.chown(path, tree.bob.uid, TEAM)
        path.chmod(mode)


@pytest.mark.parametrize(("place", "how"), BARRED)
def test_what_cannot_be_read_is_found_and_mended_and_no_turn_is_touched(
    place: str, how: str, tree: Tree
) -> None:
    [path] = tree.shop.glob(place)
    mode = path.stat().st_mode & 0o777
    if how == "theirs":
        os.chown(path, EVE, EVE)
    path.chmod(0o700 if path.is_dir() and how == "theirs" else 0o600 if how == "theirs" else 0)
    before = (tree.shop / ".talking-stick/room.json").read_bytes()
    for verb in ("status", "doctor --fix"):
        answer = tree.bob.stick(verb, tree.shop)
        assert answer.code in (0, 74), answer.text
        assert "Traceback" not in answer.text
        assert "is gone:" not in answer.text.replace("process is gone:", "")
    assert (tree.shop / ".talking-stick/room.json").read_bytes() == before
    if "lists" in answer.text:  # an anchor is made again from exact copies
        assert (place, how) == (".git/stickhooks/anchor.json", "mode")
    else:
        mend(tree, path, how, mode)
    tree.bob.stick("doctor", tree.shop).ok()
    tree.bob.stick("join --as bob && stick take && stick release -m x", tree.shop).ok()


@pytest.mark.parametrize("how", ["theirs", "mode"])
def test_a_log_that_cannot_be_copied_keeps_no_room_from_being_ended(how: str, tree: Tree) -> None:
    log = tree.shop / ".talking-stick/log"
    if how == "theirs":
        os.chown(log, EVE, EVE)
    log.chmod(0o700 if how == "theirs" else 0)
    done = tree.bob.stick("uninit --force --json", tree.shop).ok().json
    [kept] = tree.shop.glob(".talking-stick.removed-*")
    assert str(kept) in done["message"]
    assert not any("rm -r" in step for step in done["next"])
    assert list(kept.glob("log/*/events.jsonl"))
    tree.bob.stick("init --only git", tree.shop).ok()
