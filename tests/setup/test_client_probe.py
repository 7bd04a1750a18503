"""Doctor proves every installed hook, and finds what was done to it; what is told of clients is so."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from stickhooks.clients import CLIENTS, payloads
from stickhooks.operations.rooms import Rooms
from stickhooks.setup import (
    client_checks,
    client_hooks,
    client_probe,
    client_settings,
    scopes,
    templates,
)
from stickhooks.setup.client_places import Answer, Place
from stickhooks.setup.clients import BY_SHORT, PLACES
from stickhooks.setup.report import Report
from stickhooks.setup.scopes import Scope
from stickhooks.store.files import FileStore
from stickhooks.workspace import paths
from tests.conftest import MakeRepository
from tests.support.shells import STICK

SAMPLES = Path(__file__).parents[1] / "data/clients"
HOOKED = [place for place in PLACES if place.kind != "line"]
NODE = shutil.which("node")
R = "stick: NOT EDITED  ada holds"


def short(place: Place) -> str:
    return place.short


@pytest.fixture
def room(make_repository: MakeRepository, new_user: None) -> Path:
    """Return a repository with a room that somebody else holds, and no client in it yet."""
    folder = make_repository("shop")
    rooms = Rooms(FileStore(str(folder), str(folder / ".git")))
    room_id = str(rooms.join("ada", "")["room_id"])
    assert rooms.wait("ada", room_id)["status"] == "your_turn"
    return folder


def workspace_of(room: Path) -> paths.Workspace:
    found = paths.workspace_of(str(room))
    assert found
    return found


def installed(room: Path, place: Place) -> Scope:
    scope = scopes.of_tree(workspace_of(room))
    report = Report(dry=False)
    client_hooks.install(scope, report, [place.short])
    assert not report.troubles
    return scope


def amiss(room: Path) -> list[str]:
    return [what for what, _ in client_checks.amiss(workspace_of(room), rooms=True)]


def outdated(room: Path) -> list[str]:
    return [what for what, _, _ in client_checks.outdated(workspace_of(room))]


def trust(room: Path, home: Path, place: Place) -> None:
    """Do what a user does in a client for our hooks to run."""
    if place.short == "codex":
        key = f"{room}/.codex/hooks.json:pre_tool_use:0:0"
        (home / ".codex").mkdir()
        (home / ".codex/config.toml").write_text(
            f'[projects."{room}"]\ntrust_level = "trusted"\n'
            f'[hooks.state."{key}"]\ntrusted_hash = "sha256:0"\n'
        )
    if place.short == "copilot":
        (home / ".copilot").mkdir()
        told = f'{{ // by copilot\n "trusted_folders": ["{room.parent}"],\n}}'
        (home / ".copilot/config.json").write_text(told)


# --- which answers stop a client: as seen in runs, where it could be run


OPEN: dict[str, list[tuple[Answer, bool]]] = {
    "claude-code": [(Answer(1, "", R), False), (Answer(2, "", ""), True), (Answer(0, "no", ""), False)],
    "codex": [
        (Answer(1, "", R), False), (Answer(3, "", R), False), (Answer(2, "", ""), False),
        (Answer(2, "", R), True), (Answer(0, "no", ""), False),
        (Answer(0, json.dumps({"decision": "block", "hookSpecificOutput": {
            "permissionDecision": "deny", "permissionDecisionReason": R}}), ""), False),
    ],
    "gemini": [
        (Answer(1, "", R), False), (Answer(3, "", R), True), (Answer(2, "", ""), False),
        (Answer(2, "", R), True), (Answer(0, '{"decision":"deny"}', ""), True),
        (Answer(2, '{"hookSpecificOutput":{"permissionDecision":"deny"}}', R), False),
    ],
    "copilot": [(Answer(1, "", ""), True), (Answer(2, "", ""), True), (Answer(0, "no", ""), False)],
    "opencode": [(Answer(2, "", R), True), (Answer(1, "", R), False)],
    "cursor": [
        (Answer(2, "", R), True), (Answer(0, '{"permission":"deny"}', ""), True),
        (Answer(1, "", R), False),
    ],
    "windsurf": [(Answer(2, "", R), True), (Answer(1, "", R), False)],
    "cline": [(Answer(0, '{"cancel":true}', ""), True), (Answer(0, "", ""), False)],
}  # fmt: skip


@pytest.mark.parametrize("name", OPEN)
def test_what_stops_a_client_is_told_from_what_it_passes_over(name: str) -> None:
    blocks = {place.name: place.blocks for place in PLACES}[name]
    for answer, stops in OPEN[name]:
        assert blocks(answer) is stops, answer
    assert not blocks(Answer(0, "", ""))
    assert not blocks(Answer(None, "", ""))


# --- the installed hook itself


def asked(scope: Scope, place: Place, sample: str) -> Answer:
    """Run what the client's own file names, with one of the payloads that it sends."""
    assert scope.workspace
    root = scope.workspace.root
    raw = (SAMPLES / f"{place.name}.json").read_text()
    payload = json.loads(
        raw.replace("@ROOT@", root)
        .replace("@OUTSIDE@", os.path.dirname(root))
        .replace("@SESSION@", "bot")
    )[sample]
    path = scope.path(place)
    [(command, _), *_] = client_probe.calls(place, path, path.read_text(), scope.folder, root)
    if place.kind == "plugin":
        command = [str(scope.folder / "pre-edit"), place.name]
    return client_probe.call(command, payload, root)


@pytest.mark.parametrize("place", HOOKED, ids=short)
def test_what_is_told_to_be_stopped_is_stopped_by_the_installed_entry(
    room: Path, place: Place
) -> None:
    scope = installed(room, place)
    stops = place.blocks
    for sample in ("edit", "write"):
        answer = asked(scope, place, sample)
        assert stops(answer), answer
        assert "ada" in answer.out + answer.err
    for sample in ("read", "elsewhere"):
        assert asked(scope, place, sample) == Answer(0, "", ""), sample


@pytest.mark.parametrize("place", HOOKED, ids=short)
def test_doctor_proves_a_hook_and_finds_one_that_does_not_refuse(
    room: Path, home: Path, place: Place
) -> None:
    scope = installed(room, place)
    trust(room, home, place)
    assert amiss(room) == []
    launcher = scope.folder / "pre-edit"
    for body, told in {
        "exit 0": "pass (exit 0)",
        "echo broken >&2; exit 2": "refuses everything: broken",
    }.items():
        launcher.write_text(f"#!/bin/sh\ncat >/dev/null\n{body}\n")
        [what] = amiss(room)
        assert told in what, body
    launcher.unlink()
    lost = amiss(room)
    assert any("is gone" in what for what in lost)
    assert any("refuses everything: stick: NOT EDITED" in what for what in lost)


SHELLED = [
    pytest.param(place, shell, id=f"{place.short}-{shell}")
    for place in PLACES
    if place.kind == "settings"
    for shell in ("sh", "bash", "zsh", *(() if place.posix else ("fish",)))
]


@pytest.mark.parametrize(("place", "shell"), SHELLED)
def test_an_entry_is_understood_by_every_shell_that_may_run_it(
    room: Path, place: Place, shell: str
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell}")
    scope, root = installed(room, place), str(room)
    (_, told), *_ = client_probe.calls(
        place, scope.path(place), scope.path(place).read_text(), scope.folder, root
    )
    command, *_ = client_settings.commands(place, scope.path(place).read_text())

    def run() -> Answer:
        return client_probe.call([shell, "-c", command], told, root)

    stops, kept = place.blocks, (scope.folder / "pre-edit").read_text()
    assert stops(run())
    (scope.folder / "pre-edit").unlink()
    assert stops(run())
    assert "was moved or removed" in run().err
    (scope.folder / "pre-edit").write_text(kept)
    (scope.folder / "pre-edit").chmod(0o755)
    shutil.rmtree(room / ".talking-stick")
    (room / ".git/stickhooks/anchor.json").unlink()
    assert run() == Answer(0, "", "")


@pytest.mark.parametrize("place", HOOKED, ids=short)
def test_doctor_finds_an_entry_that_was_taken_out_or_changed(
    room: Path, home: Path, place: Place
) -> None:
    scope = installed(room, place)
    trust(room, home, place)
    path = scope.path(place)
    kept = path.read_text()
    opened = kept.replace("if [ -x", "exit 0; if [ -x").replace("if (HARMLESS", "if (!HARMLESS")
    path.write_text(opened)
    assert "is not the one that this version of stick writes" in outdated(room)[0]
    told = amiss(room)
    assert any("let an edit of .talking-stick pass" in what for what in told)
    if place.kind == "settings":
        path.write_text("{}")
        assert "does not call our hook any more" in amiss(room)[0]
    path.unlink()
    assert amiss(room)


@pytest.mark.parametrize("name", ["claude", "codex", "copilot", "gemini", "cursor", "windsurf"])
def test_doctor_finds_that_the_call_after_an_edit_was_taken_out(room: Path, name: str) -> None:
    """Without it nothing is refused less, but who wrote what is not seen."""
    place = BY_SHORT[name]
    path = installed(room, place).path(place)
    document = json.loads(path.read_text())
    del document["hooks"][payloads.adapter_of(CLIENTS[place.name]).EVENTS["after-tool"]]
    path.write_text(json.dumps(document))
    assert "is not the one that this version of stick writes" in outdated(room)[-1]


def test_doctor_finds_a_matcher_that_lets_tools_past(room: Path) -> None:
    for place in (BY_SHORT["claude"], BY_SHORT["gemini"], BY_SHORT["cursor"]):
        path = installed(room, place).path(place)
        path.write_text(path.read_text().replace(place.hooks[0].matcher, "Nothing"))
        assert "is not the one that this version of stick writes" in outdated(room)[-1]


def test_doctor_tells_what_a_client_passes_over_until_it_trusts_us(room: Path, home: Path) -> None:
    for place in (BY_SHORT["codex"], BY_SHORT["copilot"]):
        installed(room, place)
    told = "\n".join(amiss(room))
    assert "Codex CLI does not trust the hook" in told
    assert "Copilot CLI does not trust" in told
    steps = [str(step) for _, step in client_checks.amiss(workspace_of(room), rooms=True)]
    assert not [step for step in steps if step.startswith("codex")]  # it would start another agent
    for place in (BY_SHORT["codex"], BY_SHORT["copilot"]):
        trust(room, home, place)
    assert amiss(room) == []


def test_doctor_finds_the_switches_that_turn_hooks_off(room: Path, home: Path) -> None:
    switches = {
        "claude": (".claude/settings.json", '{"disableAllHooks": true}'),
        "gemini": (".gemini/settings.json", '{ // mine\n "hooksConfig": {"enabled": false}}'),
    }
    for short, (name, text) in switches.items():
        installed(room, BY_SHORT[short])
        (home / name).parent.mkdir()
        (home / name).write_text(text)
        assert [what for what in amiss(room) if f"{home / name} switches" in what], short


def test_doctor_looks_at_the_hooks_of_the_user_as_well(room: Path, home: Path) -> None:
    place = BY_SHORT["claude"]
    client_hooks.install(scopes.of_user(), Report(dry=False), [place.short])
    assert amiss(room) == []
    (home / ".local/share/stickhooks/pre-edit").write_text("#!/bin/sh\nexit 0\n")
    done = subprocess.run([STICK, "doctor"], cwd=room, capture_output=True, text=True, check=False)
    assert done.returncode == 78
    assert "let an edit of .talking-stick pass" in done.stderr
    assert "stick init --user --only claude" in done.stderr


@pytest.mark.parametrize("python", ["/nonexistent/python", "/bin/false"])
def test_a_broken_lifecycle_hook_never_stops_a_client(room: Path, python: str) -> None:
    scope = installed(room, BY_SHORT["claude"])
    launcher = scope.folder / "lifecycle"
    lines = launcher.read_text().splitlines(keepends=True)
    broken = [f"stick_python={python}\n" if "stick_python=" in line else line for line in lines]
    launcher.write_text("".join(broken))
    for event in ("session-start", "stop", "session-end", "nonsense"):
        answer = client_probe.call([str(launcher), event, "claude-code"], {}, str(room))
        assert answer.code == 0


LOST = {
    "ls": 0, "ls -la src": 0, "stick doctor": 0, "stick": 0, "cat a/b.txt": 0, "git status --short": 0,
    "git status": 0, "pwd": 0, "grep -rn x .": 0,
    "ls; rm x": 2, "lsx": 2, "cat a > b": 2, "git commit": 2, "rm x": 2, "LS": 2, "ls é": 2, "": 2,
    "git status | sh": 2, "cat $(rm x)": 2, "PATH=. ls": 2, " ls": 2, "ls \\n rm": 2, "git statusx": 2,
    "tee x": 2, "pip install x": 2, "ls *": 2, "sed -i s/a/b/ x": 2,
}  # fmt: skip


@pytest.fixture
def lost(room: Path) -> Path:
    """Return the hook for edits of a room whose Python is gone."""
    launcher = installed(room, BY_SHORT["copilot"]).folder / "pre-edit"
    lines = launcher.read_text().splitlines(keepends=True)
    gone = "stick_python=/nonexistent/python\n"
    lines = [gone if line.startswith("stick_python=") else line for line in lines]
    launcher.write_text("".join(lines))
    return launcher


def asked_lost(launcher: Path, client: str, sent: object, **more: str) -> Answer:
    payload = sent if isinstance(sent, str) else json.dumps(sent)
    done = subprocess.run(
        [str(launcher), client], cwd=launcher.parent, input=payload, capture_output=True, text=True,
        env={"PATH": "/usr/bin:/bin", **more}, check=False,
    )  # fmt: skip
    return Answer(done.returncode, done.stdout, done.stderr)


def test_without_its_python_a_hook_lets_pass_what_plainly_only_reads(lost: Path) -> None:
    for command, code in LOST.items():
        for tool in ("Bash", "run_shell_command"):
            sent = {"tool_name": tool, "tool_input": {"command": command, "description": "d"}}
            for text in (
                json.dumps(sent, ensure_ascii=False),
                json.dumps(sent, separators=(",", ":")),
            ):
                answer = asked_lost(lost, "claude-code", text)
                assert answer.code == code, (command, answer)
                assert code == 0 or "NOT RUN" in answer.err
                assert code == 0 or "a person types: pip install" in answer.err


def test_without_its_python_all_that_is_no_plain_command_of_a_shell_is_refused(lost: Path) -> None:
    ls = {"command": "ls"}
    for sent in (
        {"tool_name": "Edit", "tool_input": {"file_path": "x"}},
        {"tool_name": "mcp__fs__write", "tool_input": {**ls, "target": "x"}},
        {"tool_name": "apply_patch", "tool_input": {"command": "*** Begin Patch"}},
        {"tool_name": "Bash", "tool_input": {"commands": ["rm x"]}},
        {"tool_name": "Bash", "tool_input": ls, "more": {"command": "rm x"}},
        {"tool_name": "command", "tool_input": ls},
        {"tool_name": "Bash", "tool_input": {"description": '"command":"ls"'}},
        {"tool_name": "Bash", "tool_input": {"command": ["ls"]}},
        "",
        "{}",
        "[]",
    ):
        answer = asked_lost(lost, "claude-code", sent)
        assert (answer.code, "could not be run" in answer.err) == (2, True), sent


def test_without_its_python_copilot_is_told_the_reason_in_json(lost: Path) -> None:
    """It shows its model of an exit code 2 nothing but the code."""
    by_copilot = {"COPILOT_PROJECT_DIR": "/x"}
    sent = {"toolName": "edit", "toolArgs": {"path": 'a"b'}}
    own = asked_lost(lost, "copilot", sent, **by_copilot)
    assert own.code == 0
    assert own.json["permissionDecision"] == "deny"
    assert "pip install" in own.json["permissionDecisionReason"]
    claude = asked_lost(lost, "claude-code", sent, **by_copilot)
    assert claude.code == 0
    told = claude.json["hookSpecificOutput"]
    assert told["permissionDecision"] == "deny"
    assert "pip install" in told["permissionDecisionReason"]
    assert asked_lost(lost, "claude-code", sent).out == ""


# --- the plugin of OpenCode, in the interpreter it is written for


HOST = """
const [source, root, calls] = JSON.parse(require("fs").readFileSync(0, "utf8"))
const parents = { "ses_child": "ses_middle", "ses_middle": "ses_top" }
const prompts = []
const client = { session: {
  get: async ({ path }) => ({ data: { parentID: parents[path.id] } }),
  promptAsync: async (prompt) => { prompts.push(prompt) },
} }
let ticks = 0
setInterval(() => { ticks += 1 }, 20).unref()
const own = {
  prompts: () => prompts,
  ticks: () => ticks,
  room: () => require("fs").readFileSync(root + "/.talking-stick/room.json", "utf8"),
}
import("data:text/javascript;base64," + Buffer.from(source).toString("base64")).then(async (m) => {
  const hooks = { ...own, ...(await Object.values(m)[0]({ directory: root, worktree: root, client })) }
  const told = []
  for (const [name, input, output] of calls) {
    try { told.push([(await hooks[name](input, output)) ?? null, output]) }
    catch (error) { told.push([error.message, output]) }
  }
  console.log(JSON.stringify([Object.keys(m), told]))
})
"""


def plugged(scope: Scope, root: Path, *calls: list[object]) -> list[list[object]]:
    """Load the plugin as it was installed, and call it as OpenCode does."""
    if NODE is None:
        pytest.skip("THERE IS NO node: the plugin of OpenCode was not tested")
    source = scope.path(BY_SHORT["opencode"]).read_text()
    done = subprocess.run(
        [NODE, "-e", HOST],
        input=json.dumps([source, str(root), calls]),
        capture_output=True,
        text=True,
        check=True,
    )
    names, told = json.loads(done.stdout)
    assert len(names) == 1  # OpenCode takes every export for a plugin
    assert isinstance(told, list)
    return told


def edit(path: Path | str, tool: str = "edit", **given: str) -> list[object]:
    call = {"tool": tool, "sessionID": "ses_top", "callID": "call_0"}
    return ["tool.execute.before", call, {"args": {"filePath": str(path), **given}}]


def test_the_plugin_throws_the_reason_and_nothing_where_it_may_pass(room: Path) -> None:
    scope = installed(room, BY_SHORT["opencode"])
    refused, relative, reads, elsewhere = plugged(
        scope, room, edit(room / "app.py"), edit("src/../app.py", "write"),
        edit(room / "app.py", "read"), edit(room.parent / "elsewhere.txt"),
    )  # fmt: skip
    for told in (refused, relative):
        assert str(told[0]).startswith("stick: NOT EDITED  ada")
    assert [reads[0], elsewhere[0]] == [None, None]


def test_a_task_of_opencode_acts_for_the_session_it_was_started_from(room: Path) -> None:
    scope = installed(room, BY_SHORT["opencode"])
    child: dict[str, object] = {"env": {"KEPT": "1"}}
    [(_, told), (_, nobody)] = plugged(
        scope,
        room,
        ["shell.env", {"sessionID": "ses_child"}, child],
        ["shell.env", {}, {"env": {}}],
    )
    assert told == {"env": {"KEPT": "1", "STICK_SESSION_ID": "ses_top"}}
    assert nobody == {"env": {}}


def test_the_plugin_joins_at_the_first_tool_says_so_once_and_leaves_at_the_end(room: Path) -> None:
    """OpenCode tells of no session that is resumed, and of no end."""
    scope = installed(room, BY_SHORT["opencode"])
    call = {"tool": "read", "sessionID": "ses_child", "callID": "call_0"}
    first, told, again, seen = plugged(
        scope, room,
        ["tool.execute.before", call, {"args": {}}],
        ["tool.execute.after", call, {"output": "text"}],
        ["tool.execute.after", call, {"output": "text"}],
        ["room", 0, 0],
    )  # fmt: skip
    assert first[0] is None
    text = str(told[1]["output"])  # type: ignore[index]
    assert text.startswith("text\n\nstick: this tree is shared, and you are opencode:sestop")
    assert "ada holds" in text
    assert again[1] == {"output": "text"}
    assert "opencode:sestop" in str(seen[0])
    state = json.loads((room / ".talking-stick/room.json").read_text())
    assert [m["agent_id"] for m in state["members"]] == ["ada"]  # the process has ended


def test_the_plugin_has_kept_what_a_tool_wrote_and_nothing_where_it_only_read(room: Path) -> None:
    scope = installed(room, BY_SHORT["opencode"])
    heard = room.parent / "heard"
    (scope.folder / "lifecycle").write_text(f"#!/bin/sh\n[ $1 != after-tool ] || cat >> {heard}\n")
    (scope.folder / "pre-edit").write_text("#!/bin/sh\nexit 0\n")
    wrote, read = edit(room / "app.py"), edit(room / "app.py", "read")
    plugged(
        scope, room,
        wrote, ["tool.execute.after", wrote[1], {"output": "done"}],
        read, ["tool.execute.after", read[1], {"output": "done"}],
    )  # fmt: skip
    told = json.loads(heard.read_text())  # once
    assert (told["tool_name"], told["session_id"]) == ("edit", "ses_top")
    assert told["tool_input"] == {"filePath": str(room / "app.py")}


def test_who_is_idle_with_the_stick_is_reminded_by_a_prompt(room: Path) -> None:
    scope = installed(room, BY_SHORT["opencode"])
    body = 'case $1 in stop) echo \'{"reason":"put it down"}\';; esac'
    (scope.folder / "lifecycle").write_text(f"#!/bin/sh\n{body}\n")
    begun = {"event": {"type": "session.created", "properties": {"info": {"id": "ses_top"}}}}
    idle = {"event": {"type": "session.idle", "properties": {"sessionID": "ses_top"}}}
    task = {"event": {"type": "session.idle", "properties": {"sessionID": "ses_child"}}}
    told = plugged(
        scope,
        room,
        ["event", begun, {}],
        ["event", task, {}],
        ["event", idle, {}],
        ["prompts", 0, 0],
    )
    sent = {"path": {"id": "ses_top"}, "body": {"parts": [{"type": "text", "text": "put it down"}]}}
    assert told[-1][0] == [sent]


def test_while_the_hook_is_asked_the_client_goes_on(room: Path) -> None:
    """Its screen and the other sessions of a server run in the same process."""
    scope = installed(room, BY_SHORT["opencode"])
    for name in ("pre-edit", "lifecycle"):
        (scope.folder / name).write_text("#!/bin/sh\nsleep 0.3\nexit 0\n")
    [_, (ticks, _)] = plugged(scope, room, edit("app.py"), ["ticks", 0, 0])
    assert isinstance(ticks, int)
    assert ticks > 0


def test_a_plugin_whose_gate_is_broken_or_gone_refuses_where_there_is_a_room_and_only_there(
    room: Path, tmp_path: Path
) -> None:
    scope = installed(room, BY_SHORT["opencode"])
    launcher = scope.folder / "pre-edit"
    free = tmp_path / "free"
    free.mkdir()
    for body in ("exit 3", "exit 2", "kill -9 $$", None):
        launcher.unlink(missing_ok=True)
        if body is not None:
            launcher.write_text(f"#!/bin/sh\n{body}\n")
            launcher.chmod(0o755)
        [(told, _)] = plugged(scope, room, edit("app.py"))
        assert "NOT EDITED" in str(told), body
        assert "stick init" in str(told), body
        [(told, _)] = plugged(scope, free, edit("app.py"))
        assert told is None, body


# --- for agents to read


@pytest.mark.parametrize(("verb", "name", "lines"), [
    ("skill", "SKILL.md", 40), ("agents-md", "AGENTS.md", 25),
])  # fmt: skip
def test_what_agents_are_told_is_short_and_names_every_step(
    tmp_path: Path, verb: str, name: str, lines: int
) -> None:
    done = subprocess.run([STICK, verb], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == templates.template(f"clients/{name}")
    assert len(done.stdout.splitlines()) < lines
    assert max(map(len, done.stdout.splitlines())) < 300
    for step in ("stick join", "stick wait --timeout", "stick release --status", "handoff"):
        assert step in done.stdout
    waits = [int(minutes) for minutes in re.findall(r"--timeout (\d+)m", done.stdout)]
    assert waits
    assert max(waits) < 10  # the clients stop a command that ran for ten minutes
    assert "takeover" not in done.stdout
    assert not any(tmp_path.iterdir())
