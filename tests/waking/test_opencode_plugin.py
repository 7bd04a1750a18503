"""Our plugin for OpenCode: words come over a socket of its own, notes go where a model reads them."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stickhooks.setup.templates import template
from stickhooks.waking import opencode
from stickhooks.waking.outcome import SUBMITTED

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")

#: Loads the plugin as OpenCode does, and does what it is told on standard input, a line of JSON each.
HOST = """
import { createInterface } from "node:readline"
const { TalkingStick } = await import(process.argv[2])
const say = (what) => process.stdout.write(JSON.stringify(what) + "\\n")
const client = { session: { get: async () => ({ data: {} }), promptAsync: async (asked) => say({ asked }) } }
const hooks = await TalkingStick({ client, directory: process.argv[3], worktree: process.argv[3] })
for await (const line of createInterface({ input: process.stdin })) {
  const { hook, input, output } = JSON.parse(line)
  await hooks[hook](input, output)
  say({ hook, output })
}
process.exit(0)
"""
LAUNCHER = """#!/bin/sh
to="{folder}/payload-${{1:-edit}}"
cat > "$to.new" && mv "$to.new" "$to"
case $1 in session-start) ;; *) printf '{{"additionalContext":"a note"}}' ;; esac
"""


class Plugin:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "repo/.talking-stick").mkdir(parents=True)
        launcher, source = folder / "launcher", folder / "stick.mjs"
        launcher.write_text(LAUNCHER.format(folder=folder))
        launcher.chmod(stat.S_IRWXU)
        text = template("clients/opencode.js")
        for name in ("@PRE_EDIT@", "@LIFECYCLE@"):
            text = text.replace(name, json.dumps(str(launcher)))
        source.write_text(text)
        (folder / "host.mjs").write_text(HOST)
        self.process = subprocess.Popen(
            ["node", folder / "host.mjs", source, folder / "repo"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "TMPDIR": "/tmp"},  # a socket's path is short
        )  # fmt: skip

    def do(self, hook: str, given: Any, output: Any = None) -> Any:
        assert self.process.stdin
        self.process.stdin.write(
            json.dumps({"hook": hook, "input": given, "output": output}) + "\n"
        )
        self.process.stdin.flush()
        return self.heard()

    def heard(self) -> Any:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def payload(self, name: str) -> Any:
        return json.loads((self.folder / f"payload-{name}").read_text())


@pytest.fixture
def plugin(tmp_path: Path) -> Iterator[Plugin]:
    made = Plugin(tmp_path)
    created = {"type": "session.created", "properties": {"info": {"id": "ses_1"}}}
    made.do("event", {"event": created})
    yield made
    assert made.process.stdin
    made.process.stdin.close()
    made.process.wait()
    assert made.process.stdout
    made.process.stdout.close()


def eventually(fits: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not fits() and time.monotonic() < until:
        time.sleep(0.02)
    assert fits()


def test_what_comes_over_its_socket_prompts_the_session(plugin: Plugin) -> None:
    reach = opencode.reach_of({}, plugin.payload("session-start"), 0)
    assert reach["session"] == "ses_1"
    inbox = Path(str(reach["socket"]))
    eventually(inbox.exists)
    assert stat.S_IMODE(inbox.parent.stat().st_mode) == 0o700
    assert opencode.send(reach, "The stick is yours", 30).wake == SUBMITTED
    asked = plugin.heard()["asked"]
    assert asked["path"] == {"id": "ses_1"}
    assert asked["body"]["parts"] == [{"type": "text", "text": "The stick is yours"}]
    assert opencode.send({**reach, "session": "ses_other"}, "not for it", 30).wake == SUBMITTED
    after = plugin.do("tool.execute.after", {"sessionID": "ses_1", "callID": "c0"}, {"output": "x"})
    assert after["output"] == {"output": "x"}  # and nobody was asked anything in between


def test_its_socket_goes_with_it(tmp_path: Path) -> None:
    made = Plugin(tmp_path)
    made.do(
        "event", {"event": {"type": "session.created", "properties": {"info": {"id": "ses_1"}}}}
    )
    inbox = Path(str(made.payload("session-start")["wake_socket"]))
    assert made.process.stdin
    made.process.stdin.close()
    made.process.wait()
    assert made.process.stdout
    made.process.stdout.close()
    assert not inbox.parent.exists()


def test_a_note_ends_what_a_tool_gives_back(plugin: Plugin) -> None:
    call = {"tool": "edit", "sessionID": "ses_1", "callID": "c1"}
    plugin.do("tool.execute.before", call, {"args": {"filePath": "a"}})
    other = plugin.do("tool.execute.after", {**call, "callID": "c2"}, {"output": "done"})
    assert other["output"]["output"] == "done"
    after = plugin.do("tool.execute.after", call, {"output": "done"})
    assert after["output"]["output"] == "done\n\na note"
    again = plugin.do("tool.execute.after", call, {"output": "done"})
    assert again["output"]["output"] == "done"


def test_a_prompt_has_it_as_a_part_of_its_own(plugin: Plugin) -> None:
    parts = [{"id": "prt_1", "type": "text", "text": "go"}]
    told = plugin.do(
        "chat.message", {"sessionID": "ses_1"}, {"message": {"id": "msg_1"}, "parts": parts}
    )
    assert plugin.payload("prompt")["prompt"] == "go"
    added = told["output"]["parts"][1]
    assert (added["text"], added["synthetic"], added["messageID"]) == ("a note", True, "msg_1")
    assert added["id"] > "prt_1"
